//! Natural keys: what says that two facts are about the same thing (facts.md). Printed by `log`, taken by `corrects`.

use crate::fact::Body;
use crate::id::percent_encoded as encoded;

/// Takes the place of the account in the key of a fact about everybody's usage. In an id it would be percent-encoded.
const EVERYBODY: &str = "*";

/// `booking:B-1`, `assignment:ana/land@2027-01-01`, parts percent-encoded; `None` for kinds that have no such key, and
/// for an adjustment that names none.
pub fn natural_key(body: &Body) -> Option<String> {
    let word = body.word();
    Some(match body {
        Body::Payee(fact) => format!("{word}:{}@{}", encoded(fact.payee.as_str()), fact.at),
        Body::Account(fact) => format!("{word}:{}@{}", encoded(fact.account.as_str()), fact.at),
        Body::Assignment(fact) => {
            format!("{word}:{}/{}@{}", encoded(fact.payee.as_str()), encoded(fact.plan.as_str()), fact.at)
        }
        Body::AssignmentEnd(fact) => {
            format!("{word}:{}/{}@{}", encoded(fact.payee.as_str()), encoded(fact.plan.as_str()), fact.at)
        }
        Body::Quota(fact) => {
            let (payee, plan, component) = (fact.payee.as_str(), fact.plan.as_str(), fact.component.as_str());
            format!("{word}:{}/{}/{}@{}", encoded(payee), encoded(plan), encoded(component), fact.at)
        }
        Body::Booking(fact) => format!("{word}:{}", encoded(fact.booking.as_str())),
        Body::Cancellation(fact) => format!("{word}:{}", encoded(fact.booking.as_str())),
        Body::CreditNote(fact) => format!("{word}:{}", encoded(fact.credit_note.as_str())),
        Body::UsageSnapshot(fact) => {
            let meter = fact.meter.as_ref().map(|meter| format!("/{}", encoded(meter.as_str()))).unwrap_or_default();
            format!(
                "{word}:{}/{}{meter}@{}..{}",
                encoded(fact.account.as_str()),
                encoded(fact.contract()),
                fact.from,
                fact.to
            )
        }
        Body::CreditSplit(fact) => format!("{word}:{}/{}@{}", fact.on.word(), encoded(fact.on.id()), fact.at),
        Body::ExchangeRate(fact) => format!("{word}:{}/{}@{}", fact.from, fact.to, fact.at),
        Body::OpeningBalance(fact) => format!("{word}:{}/{}@{}", encoded(fact.payee.as_str()), fact.currency, fact.at),
        Body::UsageComplete(fact) => {
            let account = fact.account.as_ref().map_or(EVERYBODY.to_owned(), |account| encoded(account.as_str()));
            format!("{word}:{account}@{}", fact.at)
        }
        Body::Adjustment(fact) => format!("{word}:{}", encoded(fact.adjustment.as_ref()?.as_str())),
        Body::Signal(_) | Body::Retraction(_) => return None,
    })
}

/// A usage key taken apart: account, contract, meter, from, to.
pub fn usage_key(key: &str) -> Option<(String, String, Option<String>, crate::date::Day, crate::date::Day)> {
    let (names, interval) = key.strip_prefix("usage-snapshot:")?.split_once('@')?;
    let (from, to) = interval.split_once("..")?;
    let parts: Option<Vec<String>> = names.split('/').map(crate::id::percent_decoded).collect();
    let mut parts = parts?.into_iter();
    let (account, contract, meter) = (parts.next()?, parts.next()?, parts.next());
    let day = crate::date::Day::parse;
    parts.next().is_none().then_some((account, contract, meter, day(from)?, day(to)?))
}
