//! What `--item` names, and which entries are about it.

use std::collections::BTreeSet;

use ledger::entry::Entry;
use ledger::fact::{Payload, Record};
use ledger::json::{self, Node, Value};
use ledger::key::natural_key;
use ledger::usage::UsageEntry;
use projections::lines::name_of;
use uuid::Uuid;

/// An id, a natural key, a line, or a name; and what was found of it so far.
#[derive(Clone)]
pub struct Item {
    text: String,
    id: Option<Uuid>,
    positions: BTreeSet<u64>,
}

/// Members of facts and records whose value names something that people ask about.
const NAMES: [&str; 8] = ["payee", "account", "contract", "booking", "plan", "item", "retracts", "manager"];

/// How the natural keys of usage begin.
const USAGE_KEY: &str = "usage-snapshot:";

impl Item {
    pub fn new(text: &str) -> Item {
        Item { text: text.to_owned(), id: Uuid::parse_str(text).ok(), positions: BTreeSet::new() }
    }

    /// Asked of each entry in order: what takes the place of something found is about the same.
    pub fn is_meant_by(&mut self, entry: &Entry) -> bool {
        let takes_place = entry.replaces.iter().any(|position| self.positions.contains(position));
        let is_meant = self.id == Some(entry.id) || takes_place || self.has_key(entry) || self.is_named_in(entry);
        // A name stands in many facts that have nothing else in common, and each names it itself.
        if is_meant {
            self.positions.insert(entry.position);
        }
        is_meant
    }

    /// Whether usage that replaces nothing may be meant, without decoding all of it.
    pub fn may_mean(&self, usage: &UsageEntry<'_>) -> bool {
        let is_named = usage.account == self.text || usage.contract == Some(self.text.as_str());
        is_named || self.id == Some(usage.id) || self.text.starts_with(USAGE_KEY)
    }

    fn has_key(&self, entry: &Entry) -> bool {
        match &entry.payload {
            Payload::Fact(fact) => natural_key(&fact.body).is_some_and(|key| key == self.text),
            Payload::Record(Record::Earning(earning)) => name_of(&earning.line).to_string() == self.text,
            Payload::Record(Record::Reversal(reversal)) => name_of(&reversal.line).to_string() == self.text,
            Payload::Record(Record::OpeningLine(opening)) => name_of(&opening.line).to_string() == self.text,
            Payload::Record(Record::Withheld(withheld)) => name_of(&withheld.line).to_string() == self.text,
            Payload::Record(
                Record::Book(_)
                | Record::Freeze(_)
                | Record::Plan(_)
                | Record::Mapping(_)
                | Record::Draw(_)
                | Record::Settlement(_)
                | Record::PeriodClose(_),
            ) => false,
        }
    }

    fn is_named_in(&self, entry: &Entry) -> bool {
        let mut out = json::Writer::new();
        out.object(|out| match &entry.payload {
            Payload::Fact(fact) => fact.show(out),
            Payload::Record(record) => record.show(out),
        });
        let text = out.finish();
        // Cheaper than reading it, and most entries end here.
        text.contains(&self.quoted()) && json::read(&text).is_ok_and(|node| self.is_named(&node))
    }

    fn quoted(&self) -> String {
        let mut quoted = String::new();
        json::quote(&self.text, &mut quoted);
        quoted
    }

    fn is_named(&self, node: &Node<'_>) -> bool {
        match &node.value {
            Value::Object(members) => members.iter().any(|member| {
                let is_it = matches!(&member.node.value, Value::Text(text) if *text == self.text);
                is_it && NAMES.contains(&member.name.as_ref()) || self.is_named(&member.node)
            }),
            Value::List(items) => items.iter().any(|item| self.is_named(item)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) => false,
        }
    }
}
