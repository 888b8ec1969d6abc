//! Who recorded an entry, when, and with which words: what is shown of approvals, holds, payouts and disputes.

use std::collections::BTreeSet;

use ledger::entry::recorded_text;
use ledger::fact::{Payload, Record};
use ledger::id::Name;
use ledger::json::JsonWriter;

use crate::authority::makers::recorded_by;
use crate::book::Book;
use crate::error::BookError;

/// An entry that decided or said something: where it is, when it was recorded, and by whom.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RecordedEntry {
    /// Its position.
    pub position: u64,
    /// Microseconds since 1970 in UTC.
    pub recorded: u64,
    /// Who signed it, or its author if nobody did.
    pub by: BTreeSet<Name>,
    /// Whether somebody signed it.
    pub signed: Signed,
    /// Its comment or reason.
    pub text: Option<String>,
}

/// Whether an entry is signed.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Signed {
    /// With the keys of those who recorded it.
    Yes,
    /// By nobody: its author is a declaration.
    No,
}

/// When and by whom an entry was recorded. Fails if it cannot be read.
pub(crate) fn recorded(book: &Book, position: u64) -> Result<RecordedEntry, BookError> {
    let entry = book.entry(position)?;
    let text = match &entry.payload {
        Payload::Record(Record::Approval(approval)) => approval.comment.as_ref().map(|comment| comment.0.clone()),
        Payload::Record(Record::Rejection(rejection)) => Some(rejection.reason.0.clone()),
        Payload::Record(Record::Hold(hold)) => Some(hold.reason.0.clone()),
        Payload::Record(Record::Dispute(dispute)) => Some(dispute.reason.0.clone()),
        Payload::Record(Record::DisputeAnswer(answer)) => Some(answer.text.0.clone()),
        Payload::Record(Record::Resolution(resolution)) => Some(resolution.text.0.clone()),
        Payload::Record(_) | Payload::Fact(_) => None,
    };
    let signed = if entry.signatures.is_empty() { Signed::No } else { Signed::Yes };
    Ok(RecordedEntry { position, recorded: entry.recorded, by: recorded_by(&entry), signed, text })
}

impl RecordedEntry {
    /// Writes it as an object.
    pub(crate) fn json(&self, out: &mut JsonWriter) {
        out.object(|out| self.members(out));
    }

    /// Writes its members into an object that is open.
    pub fn members(&self, out: &mut JsonWriter) {
        out.name("position").number(self.position);
        out.name("recorded").text(recorded_text(self.recorded));
        out.name("by").list(|out| self.by.iter().for_each(|name| out.text(name)));
        out.name("signed").bool(self.signed == Signed::Yes);
        if let Some(text) = &self.text {
            out.name("text").text(text);
        }
    }
}
