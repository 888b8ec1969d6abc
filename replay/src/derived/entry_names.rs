//! The ids and names under which entries are found, and the search for all entries about one of them.

use std::collections::BTreeSet;

use ledger::entry::Entry;
use ledger::fact::{Payload, Record};
use ledger::json::{self, JsonNode, JsonValue};
use ledger::key::natural_key;
use ledger::usage::UsageEntry;
use projections::lines::name_of;
use uuid::Uuid;

/// A search for the entries about an id, a natural key, a line or a name, and the positions found so far.
#[derive(Clone)]
pub struct NameQuery {
    text: String,
    id: Option<Uuid>,
    positions: BTreeSet<u64>,
}

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
        let names = Names::of(entry);
        // Comparing text is cheaper than parsing it, and most entries are not about the text.
        let may_be = names.key.as_ref() == Some(&self.text) || names.shown.contains(&self.quoted());
        let mut is_named = false;
        if may_be {
            names.each(|name| is_named |= name == self.text);
        }
        is_named
    }

    fn quoted(&self) -> String {
        let mut quoted = String::new();
        json::quote(&self.text, &mut quoted);
        quoted
    }
}

/// The members of facts and records whose values are names to be found.
const NAMES: [&str; 8] = ["payee", "account", "contract", "booking", "plan", "item", "retracts", "manager"];

/// The names under which an entry is found, besides its id. The search and the index both use this one definition.
pub struct Names {
    /// Its natural key, or the name of its line.
    key: Option<String>,
    shown: String,
}

impl Names {
    /// The names of an entry.
    pub fn of(entry: &Entry) -> Names {
        let mut out = json::JsonWriter::new();
        out.object(|out| match &entry.payload {
            Payload::Fact(fact) => fact.show(out),
            Payload::Record(record) => record.show(out),
        });
        Names { key: key(entry), shown: out.finish() }
    }

    /// Calls `name` with each name; some more than once.
    pub fn each(&self, mut name: impl FnMut(&str)) {
        self.key.iter().for_each(|key| name(key));
        if let Ok(node) = json::read(&self.shown) {
            each_in(&node, &mut name);
        }
    }
}

fn each_in(node: &JsonNode<'_>, name: &mut impl FnMut(&str)) {
    match &node.value {
        JsonValue::Object(members) => members.iter().for_each(|member| match &member.node.value {
            JsonValue::Text(text) if NAMES.contains(&member.name.as_ref()) => name(text),
            _ => each_in(&member.node, name),
        }),
        JsonValue::List(items) => items.iter().for_each(|item| each_in(item, name)),
        JsonValue::Null | JsonValue::Bool(_) | JsonValue::Number(_) | JsonValue::Text(_) => {}
    }
}

fn key(entry: &Entry) -> Option<String> {
    match &entry.payload {
        Payload::Fact(fact) => natural_key(&fact.body),
        Payload::Record(Record::Earning(earning)) => Some(name_of(&earning.line).to_string()),
        Payload::Record(Record::Reversal(reversal)) => Some(name_of(&reversal.line).to_string()),
        Payload::Record(Record::OpeningLine(opening)) => Some(name_of(&opening.line).to_string()),
        Payload::Record(Record::Withheld(withheld)) => Some(name_of(&withheld.line).to_string()),
        Payload::Record(
            Record::Book(_)
            | Record::Freeze(_)
            | Record::Plan(_)
            | Record::Mapping(_)
            | Record::Draw(_)
            | Record::Settlement(_)
            | Record::PeriodClose(_),
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
            (r#"{"fact":"retraction","retracts":"booking:B-1","reason":"x"}"#, &["booking:B-1"]),
            (
                r#"{"fact":"exchange-rate","at":"2027-01-01","from":"EUR","to":"USD","rate":"1.08"}"#,
                &["exchange-rate:EUR/USD@2027-01-01"],
            ),
        ];
        for (text, expected) in cases {
            let (entry, mut names) = (entry(text), Vec::new());
            Names::of(&entry).each(|name| names.push(name.to_owned()));
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
