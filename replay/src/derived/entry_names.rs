//! The ids and names under which entries are found, and the search for all entries about one of them.

use std::collections::BTreeSet;

use ledger::entry::Entry;
use ledger::fact::{Body, Payload, Posting, Record};
use ledger::field::{Attribute, FieldChange};
use ledger::id::{Name, PayeeId};
use ledger::key::natural_key;
use ledger::usage::UsageEntry;
use projections::lines::{LineName, name_of};
use projections::posted_state::draw_name::DrawName;
use uuid::Uuid;

/// A search for the entries about an id, a natural key, a line or a name, and the positions found so far.
#[derive(Clone)]
pub struct NameQuery {
    text: String,
    id: Option<Uuid>,
    positions: BTreeSet<u64>,
}

/// The name under which approvals and rejections are found that name no payee.
pub const EVERYBODY: &str = "*";

/// The beginning of the natural keys of usage.
const USAGE_KEY: &str = "usage-snapshot:";

impl NameQuery {
    /// Starts a search for a text.
    pub fn new(text: &str) -> NameQuery {
        NameQuery { text: text.to_owned(), id: Uuid::parse_str(text).ok(), positions: BTreeSet::new() }
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text as an id; `None` if it is none.
    pub fn id(&self) -> Option<Uuid> {
        self.id
    }

    /// Whether an entry is about the text. Call it in the order of the log, for each entry that may be: an entry that replaces one
    /// that was found is found too.
    pub fn is_meant_by(&mut self, entry: &Entry) -> bool {
        let takes_place = entry.replaces.iter().any(|position| self.positions.contains(position));
        let is_meant = self.id == Some(entry.id) || takes_place || self.is_named_in(entry);
        // A name is in many facts that have nothing else in common, and each names it itself.
        if is_meant {
            self.positions.insert(entry.position);
        }
        is_meant
    }

    /// Whether usage that replaces nothing may be about the text. Needs only a part of the entry decoded.
    pub fn may_mean(&self, usage: &UsageEntry<'_>) -> bool {
        let is_named = usage.account == self.text || usage.contract == Some(self.text.as_str());
        is_named || self.id == Some(usage.id) || self.text.starts_with(USAGE_KEY)
    }

    fn is_named_in(&self, entry: &Entry) -> bool {
        let mut is_named = false;
        each_name(entry, |name| is_named |= name == self.text);
        is_named
    }
}

/// Calls `name` with each name under which an entry is found, besides its id; some more than once. The search and the index
/// both use this one definition.
pub fn each_name(entry: &Entry, mut name: impl FnMut(&str)) {
    if let Some(key) = key(entry) {
        name(&key);
    }
    match &entry.payload {
        Payload::Fact(fact) => each_of_fact(&fact.body, &mut name),
        Payload::Record(record) => each_of_record(record, &mut name),
    }
}

fn each_of_fact(body: &Body, name: &mut impl FnMut(&str)) {
    match body {
        Body::Payee(fact) => {
            name(fact.payee.as_str());
            if let FieldChange::Set(manager) = &fact.manager {
                name(manager.as_str());
            }
            each_attribute(fact.attributes.iter().filter_map(|(key, value)| Some((key, set(value)?))), name);
        }
        Body::Account(fact) => {
            name(fact.account.as_str());
            each_attribute(fact.attributes.iter().filter_map(|(key, value)| Some((key, set(value)?))), name);
        }
        Body::Assignment(fact) => [fact.payee.as_str(), fact.plan.as_str()].into_iter().for_each(name),
        Body::AssignmentEnd(fact) => [fact.payee.as_str(), fact.plan.as_str()].into_iter().for_each(name),
        Body::Quota(fact) => [fact.payee.as_str(), fact.plan.as_str()].into_iter().for_each(name),
        Body::Booking(fact) => {
            [fact.booking.as_str(), fact.account.as_str()].into_iter().for_each(&mut *name);
            fact.contract.iter().for_each(|contract| name(contract.as_str()));
            fact.credit.iter().flatten().for_each(|share| name(share.payee.as_str()));
            each_attribute(fact.attributes.iter(), name);
        }
        Body::Cancellation(fact) => name(fact.booking.as_str()),
        Body::CreditNote(fact) => [fact.credit_note.as_str(), fact.booking.as_str()].into_iter().for_each(name),
        Body::UsageSnapshot(fact) => {
            name(fact.account.as_str());
            fact.contract.iter().for_each(|contract| name(contract.as_str()));
        }
        Body::CreditSplit(fact) => {
            name(fact.on.id());
            fact.shares.iter().for_each(|share| name(share.payee.as_str()));
        }
        Body::Signal(fact) => {
            fact.account.iter().for_each(|account| name(account.as_str()));
            fact.contract.iter().for_each(|contract| name(contract.as_str()));
            fact.booking.iter().for_each(|booking| name(booking.as_str()));
            fact.payee.iter().for_each(|payee| name(payee.as_str()));
        }
        Body::ExchangeRate(_) => {}
        Body::UsageComplete(fact) => fact.account.iter().for_each(|account| name(account.as_str())),
        Body::OpeningBalance(fact) => name(fact.payee.as_str()),
        Body::Adjustment(fact) => {
            name(fact.payee.as_str());
            fact.adjustment.iter().for_each(|id| name(id.as_str()));
        }
        Body::Retraction(fact) => name(&fact.retracts.to_string()),
    }
}

fn set(change: &FieldChange<Attribute>) -> Option<&Attribute> {
    match change {
        FieldChange::Set(attribute) => Some(attribute),
        FieldChange::Keep | FieldChange::Clear => None,
    }
}

/// Attributes whose name says that their value is a name.
const NAMING: [&str; 8] = ["payee", "account", "contract", "booking", "plan", "item", "retracts", "manager"];

fn each_attribute<'f>(attributes: impl Iterator<Item = (&'f Name, &'f Attribute)>, name: &mut impl FnMut(&str)) {
    attributes.filter(|(key, _)| NAMING.contains(&key.as_str())).for_each(|(_, value)| name(value.as_str()));
}

fn each_of_record(record: &Record, name: &mut impl FnMut(&str)) {
    match record {
        Record::Plan(plan) => name(plan.plan.as_str()),
        Record::Earning(earning) => each_of_line(&earning.line, name),
        Record::Reversal(reversal) => each_of_line(&reversal.line, name),
        Record::OpeningLine(opening) => each_of_line(&opening.line, name),
        Record::Withheld(withheld) => each_of_line(&withheld.line, name),
        Record::Draw(draw) => {
            name(draw.payee.as_str());
            draw.plan.iter().for_each(|plan| name(plan.as_str()));
        }
        Record::Settlement(settlement) => name(settlement.payee.as_str()),
        Record::PeriodClose(close) => close.plans.iter().for_each(|edition| name(edition.plan.as_str())),
        Record::Author(author) => name(author.author.as_str()),
        Record::Policy(policy) => policy.roles.iter().for_each(|grant| name(grant.author.as_str())),
        Record::Approval(approval) => name(approval.payee.as_ref().map_or(EVERYBODY, PayeeId::as_str)),
        Record::Rejection(rejection) => name(rejection.payee.as_ref().map_or(EVERYBODY, PayeeId::as_str)),
        Record::Hold(hold) => name(hold.payee.as_str()),
        Record::Release(release) => name(release.payee.as_str()),
        Record::Payout(payout) => name(payout.payee.as_str()),
        Record::PayoutResult(result) => name(result.payee.as_str()),
        Record::Repayment(repayment) => name(repayment.payee.as_str()),
        Record::WriteOff(write_off) => name(write_off.payee.as_str()),
        Record::Dispute(dispute) => {
            name(dispute.payee.as_str());
            if let Some(line) = &dispute.line {
                line.plan.iter().for_each(|plan| name(plan.as_str()));
                name(&line.item.to_string());
            }
        }
        Record::DisputeAnswer(answer) => name(answer.payee.as_str()),
        Record::Resolution(resolution) => name(resolution.payee.as_str()),
        Record::Book(_) | Record::Mapping(_) | Record::Freeze(_) | Record::Checkpoint(_) | Record::LogKey(_) => {}
    }
}

fn each_of_line(line: &Posting, name: &mut impl FnMut(&str)) {
    name(line.payee.as_str());
    line.plan.iter().for_each(|plan| name(plan.as_str()));
    name(&line.item.to_string());
    line.account.iter().for_each(|account| name(account.as_str()));
}

fn key(entry: &Entry) -> Option<String> {
    match &entry.payload {
        Payload::Fact(fact) => natural_key(&fact.body),
        Payload::Record(Record::Earning(earning)) => Some(name_of(&earning.line).to_string()),
        Payload::Record(Record::Reversal(reversal)) => Some(name_of(&reversal.line).to_string()),
        Payload::Record(Record::OpeningLine(opening)) => Some(name_of(&opening.line).to_string()),
        Payload::Record(Record::Withheld(withheld)) => Some(name_of(&withheld.line).to_string()),
        Payload::Record(Record::Draw(draw)) => Some(DrawName::from(draw).to_string()),
        Payload::Record(Record::Dispute(dispute)) => dispute.line.as_ref().map(|line| LineName::from(line).to_string()),
        Payload::Record(
            Record::Book(_)
            | Record::Freeze(_)
            | Record::Plan(_)
            | Record::Mapping(_)
            | Record::Settlement(_)
            | Record::PeriodClose(_)
            | Record::Author(_)
            | Record::Policy(_)
            | Record::Checkpoint(_)
            | Record::LogKey(_)
            | Record::Approval(_)
            | Record::Rejection(_)
            | Record::Hold(_)
            | Record::Release(_)
            | Record::Payout(_)
            | Record::PayoutResult(_)
            | Record::Repayment(_)
            | Record::WriteOff(_)
            | Record::DisputeAnswer(_)
            | Record::Resolution(_),
        ) => None,
    }
}

#[cfg(test)]
mod tests {
    use ledger::fact::Incoming;
    use ledger::line::FactLine;

    use super::*;

    fn entry(text: &str) -> Entry {
        let incoming = Incoming::read(FactLine { file: "test", number: 1, text });
        Entry {
            position: 7,
            recorded: 1_800_000_000_000_000,
            behind: false,
            author: "ana".to_owned(),
            user: "root".to_owned(),
            id: Uuid::from_u128(9),
            payload: Payload::Fact(incoming.expect("a fact").fact),
            replaces: Vec::new(),
            request: None,
            signatures: Vec::new(),
        }
    }

    /// If this test has to change, raise `FORMAT` in `index/seal.rs`: older indexes have other names.
    #[test]
    fn an_entry_has_these_names() {
        let cases = [
            (
                r#"{"fact":"booking","at":"2027-01-01","booking":"B-1","account":"acme","contract":"c","motion":"new","arr":"4","currency":"EUR","credit":[{"payee":"ana","role":"overlay","percent":"100%"}],"attributes":{"plan":"gold","a":"b"},"note":"payee"}"#,
                ["booking:B-1", "B-1", "acme", "c", "ana", "gold"].as_slice(),
            ),
            (
                r#"{"fact":"payee","at":"2027-01-01","payee":"ana","name":"Ana B","manager":"eve"}"#,
                &["payee:ana@2027-01-01", "ana", "eve"],
            ),
            (
                r#"{"fact":"credit-split","at":"2027-01-01","on":{"account":"acme"},"shares":[{"payee":"a b","percent":"1%"}]}"#,
                &["credit-split:account/acme@2027-01-01", "acme", "a b"],
            ),
            (
                r#"{"fact":"credit-note","at":"2027-01-01","credit_note":"CN-1","booking":"B-1","arr":"5"}"#,
                &["credit-note:CN-1", "CN-1", "B-1"],
            ),
            (r#"{"fact":"retraction","retracts":"booking:B-1","reason":"x"}"#, &["booking:B-1"]),
            (
                r#"{"fact":"exchange-rate","at":"2027-01-01","from":"EUR","to":"USD","rate":"1.08"}"#,
                &["exchange-rate:EUR/USD@2027-01-01"],
            ),
        ];
        for (text, expected) in cases {
            let (entry, mut names) = (entry(text), Vec::new());
            each_name(&entry, |name| names.push(name.to_owned()));
            assert_eq!(names, expected, "{text}");
            assert!(expected.iter().all(|name| NameQuery::new(name).is_meant_by(&entry)), "{text}");
            assert!(
                !["Ana B", "EUR", "new", "b", "booking", "x"]
                    .iter()
                    .any(|name| NameQuery::new(name).is_meant_by(&entry))
            );
        }
    }
}
