//! What a fact names: what a credit split is on, and another fact of the log.

use uuid::Uuid;

use crate::field::{FromJson, Stored, take};
use crate::id::{AccountId, BookingId, ContractId};
use crate::json::{self, JsonNode, JsonValue};
use crate::line::{LineReader, Members};
use crate::refusal::{Expected, ObjectKind};
use crate::wire::{CborReader, CborWriter, Result};

/// What a credit split is on.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum SplitTarget {
    /// One booking.
    Booking(BookingId),
    /// All that is on a contract.
    Contract(ContractId),
    /// All that is on an account.
    Account(AccountId),
}

impl SplitTarget {
    fn parts(&self) -> (u64, &'static str, &str) {
        match self {
            SplitTarget::Booking(id) => (1, "booking", id.as_str()),
            SplitTarget::Contract(id) => (2, "contract", id.as_str()),
            SplitTarget::Account(id) => (3, "account", id.as_str()),
        }
    }

    /// `booking`, `contract` or `account`.
    pub fn word(&self) -> &'static str {
        self.parts().1
    }

    /// The id of the booking, contract or account.
    pub fn id(&self) -> &str {
        self.parts().2
    }
}

impl Stored for SplitTarget {
    fn put(&self, writer: &mut CborWriter<'_>) {
        let (code, _, id) = self.parts();
        writer.array(2);
        writer.uint(code);
        writer.text(id);
    }
    fn get(reader: &mut CborReader<'_>) -> Result<Self> {
        if reader.array()? != 2 {
            return reader.wrong("a target of two parts expected");
        }
        match reader.uint()? {
            1 => Stored::get(reader).map(SplitTarget::Booking),
            2 => Stored::get(reader).map(SplitTarget::Contract),
            3 => Stored::get(reader).map(SplitTarget::Account),
            _ => reader.wrong("an unknown target"),
        }
    }
    fn show(&self, out: &mut json::JsonWriter) {
        let (_, word, id) = self.parts();
        out.object(|out| out.name(word).text(id));
    }
}

impl FromJson for SplitTarget {
    fn read(node: &JsonNode<'_>, line: &mut LineReader<'_>) -> Option<Self> {
        let mut members = Members::of(node, Expected::SplitTarget, line)?;
        let booking: Option<BookingId> = take(&mut members, "booking", line)?;
        let contract: Option<ContractId> = take(&mut members, "contract", line)?;
        let account: Option<AccountId> = take(&mut members, "account", line)?;
        members.finish(ObjectKind::SplitTarget, line)?;
        match (booking, contract, account) {
            (Some(id), None, None) => Some(SplitTarget::Booking(id)),
            (None, Some(id), None) => Some(SplitTarget::Contract(id)),
            (None, None, Some(id)) => Some(SplitTarget::Account(id)),
            _ => line.refuse_value(node, Expected::SplitTarget),
        }
    }
}

/// What a fact names of the log: an id, or a natural key as `log` prints it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Reference {
    /// The id of a fact.
    Id(Uuid),
    /// A natural key (facts.md).
    Key(String),
}

impl std::fmt::Display for Reference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Reference::Id(id) => id.fmt(f),
            Reference::Key(key) => f.write_str(key),
        }
    }
}

/// Admission has turned keys into ids before anything is stored.
impl Stored for Reference {
    fn put(&self, writer: &mut CborWriter<'_>) {
        match self {
            Reference::Id(id) => writer.uuid(*id),
            Reference::Key(key) => unreachable!("BUG: `{key}` was not resolved before it was stored"),
        }
    }
    fn get(reader: &mut CborReader<'_>) -> Result<Self> {
        reader.uuid().map(Reference::Id)
    }
    fn show(&self, out: &mut json::JsonWriter) {
        out.text(self);
    }
}

impl FromJson for Reference {
    fn read(node: &JsonNode<'_>, line: &mut LineReader<'_>) -> Option<Self> {
        match &node.value {
            JsonValue::Text(text) => match Uuid::try_parse(text).ok().filter(|_| text.len() == 36) {
                Some(id) => Some(Reference::Id(id)),
                None if text.contains(':') => Some(Reference::Key(text.clone().into_owned())),
                None => line.refuse_value(node, Expected::Reference),
            },
            _ => line.refuse_value(node, Expected::Reference),
        }
    }
}
