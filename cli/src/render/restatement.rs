//! What a recording restates: a line for each fact whose place another one takes or that is retracted, with the values that
//! differ, and the sums.

use std::collections::BTreeMap;

use ledger::date::Day;
use ledger::fact::{Body, FieldDifference, UsageSnapshot};
use ledger::key::natural_key;
use ledger::money::Currency;
use replay::record::{Restatement, RestatementChange, Restatements};
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::render::json::AsText;
use crate::render::layout::shorten::name;

/// Positions that are named before the others are counted.
const ENTRIES_NAMED: usize = 3;

// Text -----------------------------------------------------------------------------------------------------------------

/// The first restatements, at most so many, how many more there are, and the sums.
pub fn lines(restatements: &Restatements, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = restatements.kept.iter().take(most).map(line).collect();
    let more = restatements.count() - lines.len() as u64;
    if more > 0 {
        lines.push(format!("and {more} more"));
    }
    lines.extend(restatements.sums.iter().map(|((kind, currency), sum)| {
        format!("{} in all: {} -> {} {currency}", word(kind), sum.old.text(), sum.new.text())
    }));
    lines
}

/// `usage acme 2027-02-01..01: 160 -> 40 USD, replaces entry 31`.
fn line(restatement: &Restatement) -> String {
    let Restatement { body, replaces, differences, change, .. } = restatement;
    let (subject, entries) = (subject(body), entries(replaces));
    let changes = || if differences.is_empty() { "no value differs".to_owned() } else { changes(body, differences) };
    match change {
        RestatementChange::Replaced => format!("{subject}: {}, replaces {entries}", changes()),
        RestatementChange::Reverted => format!("{subject}: {}, retracts {entries}", changes()),
        RestatementChange::Withdrawn => {
            format!("{subject}: {}withdrawn, retracts {entries}", arrow_after(values(body, differences)))
        }
        RestatementChange::Restored => {
            format!("{subject}: withdrawn{}, retracts {entries}", arrow_before(values(body, differences)))
        }
    }
}

fn arrow_after(values: String) -> String {
    if values.is_empty() { values } else { values + " -> " }
}

fn arrow_before(values: String) -> String {
    if values.is_empty() { " -> in force".to_owned() } else { format!(" -> {values}") }
}

/// What a fact is about, shorter than its natural key.
fn subject(body: &Body) -> String {
    match (body, natural_key(body)) {
        (Body::UsageSnapshot(usage), _) => usage_subject(usage),
        (Body::Signal(signal), None) => format!("signal {}@{}", signal.signal, signal.at),
        (Body::Adjustment(fact), None) => format!("adjustment {}@{}", fact.payee, fact.at),
        (_, Some(key)) => key.replacen(':', " ", 1),
        (_, None) => body.word().to_owned(),
    }
}

/// Fields that say what a fact is about, and not which value it has.
const ABOUT: [&str; 16] = [
    "at",
    "payee",
    "account",
    "booking",
    "contract",
    "plan",
    "component",
    "on",
    "from",
    "to",
    "meter",
    "signal",
    "currency",
    "credit_note",
    "adjustment",
    "replaces",
];

/// The values of a fact that holds before or after a retraction, and not on its other side: `arr 10 USD, product a`.
fn values(body: &Body, differences: &[FieldDifference]) -> String {
    let stated = differences.iter().filter(|one| !ABOUT.contains(&one.field));
    let values = stated.map(|FieldDifference { field, old, new }| {
        format!("{}{}{}", label(field), value(old.as_deref().or(new.as_deref())), unit(body, field))
    });
    values.collect::<Vec<_>>().join(", ")
}

fn usage_subject(usage: &UsageSnapshot) -> String {
    let contract = usage.contract.as_ref().filter(|contract| contract.as_str() != usage.account.as_str());
    let contract = contract.map(|contract| format!("/{contract}")).unwrap_or_default();
    let meter = usage.meter.as_ref().map(|meter| format!(" ({meter})")).unwrap_or_default();
    format!("usage {}{contract}{meter} {}", usage.account, days(usage.from, usage.to))
}

/// Days of one month repeat only the day: `2027-02-01..28`.
fn days(from: Day, to: Day) -> String {
    let to = to.to_string();
    let month = from.to_string();
    let month = &month[..month.len() - 2];
    format!("{from}..{}", to.strip_prefix(month).unwrap_or(&to))
}

fn word(kind: &str) -> &str {
    if kind == "usage-snapshot" { "usage" } else { kind }
}

/// `amount 160 -> 40 USD, quantity 3 -> 4`; the name of an amount says nothing where it is the only one.
fn changes(body: &Body, differences: &[FieldDifference]) -> String {
    let changes = differences.iter().map(|FieldDifference { field, old, new }| {
        let (old, new) = (value(old.as_deref()), value(new.as_deref()));
        format!("{}{old} -> {new}{}", label(field), unit(body, field))
    });
    changes.collect::<Vec<_>>().join(", ")
}

fn label(field: &str) -> String {
    if matches!(field, "amount" | "rate") { String::new() } else { format!("{field} ") }
}

fn unit(body: &Body, field: &str) -> String {
    let currency = currency(body).filter(|_| is_money(field));
    currency.map(|currency| format!(" {currency}")).unwrap_or_default()
}

/// Whether a field is an amount in the currency of its fact.
fn is_money(field: &str) -> bool {
    matches!(field, "amount" | "arr" | "tcv" | "value" | "owed" | "draw")
}

fn currency(body: &Body) -> Option<Currency> {
    match body {
        Body::Booking(fact) => Some(fact.currency),
        Body::UsageSnapshot(fact) => Some(fact.currency),
        Body::Signal(fact) => fact.currency,
        Body::OpeningBalance(fact) => Some(fact.currency),
        Body::Adjustment(fact) => Some(fact.currency),
        Body::Payee(_) | Body::Account(_) | Body::Assignment(_) | Body::AssignmentEnd(_) | Body::Quota(_) => None,
        Body::Cancellation(_) | Body::CreditSplit(_) | Body::ExchangeRate(_) | Body::Retraction(_) => None,
        Body::CreditNote(_) | Body::UsageComplete(_) => None,
    }
}

/// A value as people write it, cut where it is long.
pub fn value(json: Option<&str>) -> String {
    let value = json.map(|json| serde_json::from_str(json).expect("BUG: a fact shows its fields as JSON"));
    name(&value.map_or("none".to_owned(), |value| plain(&value)))
}

/// A list of shares is `p 60%, q 40%`.
fn plain(value: &Value) -> String {
    let all = |parts: Vec<String>| if parts.is_empty() { "none".to_owned() } else { parts.join(", ") };
    match value {
        Value::Null => "none".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::Array(items) => all(items.iter().map(item).collect()),
        Value::Object(members) => all(members.iter().map(|(name, value)| format!("{name} {}", plain(value))).collect()),
    }
}

/// An object in a list has its values only: their names are the same in each. The usual role of a share is left out.
fn item(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let unusual = members.iter().filter(|(name, value)| *name != "role" || *value != "primary");
            unusual.map(|(_, value)| plain(value)).collect::<Vec<_>>().join(" ")
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => plain(value),
    }
}

fn entries(positions: &[u32]) -> String {
    let named = |positions: &[u32]| positions.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
    match positions {
        [position] => format!("entry {position}"),
        _ if positions.len() <= ENTRIES_NAMED => format!("entries {}", named(positions)),
        _ => format!("entries {} and {} more", named(&positions[..ENTRIES_NAMED]), positions.len() - ENTRIES_NAMED),
    }
}

// JSON -----------------------------------------------------------------------------------------------------------------

/// A restatement as it is published. `old` and `new` have the fields that differ.
#[derive(Serialize)]
pub struct RestatementJson<'r> {
    kind: &'static str,
    change: &'static str,
    key: Option<String>,
    position: u64,
    replaces: &'r [u32],
    old: BTreeMap<&'static str, &'r RawValue>,
    new: BTreeMap<&'static str, &'r RawValue>,
}

impl RestatementJson<'_> {
    pub fn of(restatement: &Restatement) -> RestatementJson<'_> {
        let Restatement { body, position, replaces, differences, change } = restatement;
        RestatementJson {
            kind: body.word(),
            change: match change {
                RestatementChange::Replaced => "replaced",
                RestatementChange::Reverted => "reverted",
                RestatementChange::Withdrawn => "withdrawn",
                RestatementChange::Restored => "restored",
            },
            key: natural_key(body),
            position: *position,
            replaces,
            old: members(differences, |one| one.old.as_deref()),
            new: members(differences, |one| one.new.as_deref()),
        }
    }
}

fn members(
    differences: &[FieldDifference],
    of: impl Fn(&FieldDifference) -> Option<&str>,
) -> BTreeMap<&'static str, &RawValue> {
    let raw = |json| serde_json::from_str(json).expect("BUG: a fact shows its fields as JSON");
    differences.iter().filter_map(|one| Some((one.field, raw(of(one)?)))).collect()
}

/// The sums of restated amounts of one kind and currency, as they are published.
#[derive(Serialize)]
pub struct RestatedSumJson {
    kind: &'static str,
    currency: AsText<Currency>,
    old: String,
    new: String,
}

pub fn sums_json(restatements: &Restatements) -> Vec<RestatedSumJson> {
    let sums = restatements.sums.iter().map(|((kind, currency), sum)| RestatedSumJson {
        kind,
        currency: AsText(*currency),
        old: sum.old.text(),
        new: sum.new.text(),
    });
    sums.collect()
}

#[cfg(test)]
mod tests {
    use ledger::fact::Incoming;
    use ledger::line::FactLine;

    use super::*;

    fn body(json: &str) -> Body {
        Incoming::read(FactLine { file: "", number: 1, text: json }).expect("a fact").fact.body
    }

    fn restated(old: &str, new: &str, replaces: &[u32]) -> String {
        let (old, body) = (body(old), body(new));
        let differences = old.differences(&body);
        let change = RestatementChange::Replaced;
        line(&Restatement { change, body, position: 99, replaces: replaces.into(), differences })
    }

    #[test]
    fn a_restatement_is_one_line() {
        let usage = |meter: &str, to: &str, amount: &str| {
            format!(
                r#"{{"fact":"usage-snapshot","account":"acme"{meter},"from":"2027-02-01","to":"{to}","amount":"{amount}","currency":"USD"}}"#
            )
        };
        assert_eq!(
            restated(&usage("", "2027-02-01", "160"), &usage("", "2027-02-01", "40"), &[31]),
            "usage acme 2027-02-01..01: 160 -> 40 USD, replaces entry 31"
        );
        let meter = r#","contract":"c","meter":"api""#;
        assert_eq!(
            restated(&usage(meter, "2027-03-01", "1"), &usage(meter, "2027-03-01", "1"), &[1, 2, 3, 4, 5]),
            "usage acme/c (api) 2027-02-01..2027-03-01: no value differs, replaces entries 1, 2, 3 and 2 more"
        );
    }

    #[test]
    fn lists_and_missing_values_are_words() {
        let split = |shares: &str| {
            format!(r#"{{"fact":"credit-split","at":"2027-01-01","on":{{"account":"a"}},"shares":[{shares}]}}"#)
        };
        let share = |payee: &str, percent: &str| format!(r#"{{"payee":"{payee}","percent":"{percent}"}}"#);
        assert_eq!(
            restated(&split(&share("p", "100%")), &split(&[share("p", "60%"), share("q", "40%")].join(",")), &[7, 8]),
            "credit-split account/a@2027-01-01: shares p 100% -> p 60%, q 40%, replaces entries 7, 8"
        );
        let payee = |role: &str| format!(r#"{{"fact":"payee","at":"2027-01-01","payee":"p","role":{role}}}"#);
        assert_eq!(
            restated(&payee("\"ae\""), &payee("null"), &[3]),
            "payee p@2027-01-01: role ae -> none, replaces entry 3"
        );
    }
}
