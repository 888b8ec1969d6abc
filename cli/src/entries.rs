//! Entries of a book in order, one at a time, with personal fields opened where the key is there.

use std::ops::ControlFlow;

use ledger::entry::Entry;
use ledger::fact::Payload;
use ledger::keyring::Keys;
use ledger::seal::Personal;
use ledger::usage::UsageEntry;
use replay::book::{Book, BookError};
use replay::derived::entry_names::NameQuery;
use replay::derived::lookup::Places;

use crate::failure::Failure;
use crate::payee_name;

/// Entries from one position up to another, with their stored bytes. `Break` ends it early. What is not wanted is left
/// out and not even decoded: nine in ten entries of a book are usage.
pub fn each_wanted(
    book: &Book,
    from: u64,
    to: u64,
    wants: impl Fn(&[u8]) -> bool,
    mut look: impl FnMut(Entry, &[u8]) -> Result<ControlFlow<()>, Failure>,
) -> Result<(), Failure> {
    let mut frames = book.log().frames(from);
    while let Some(frame) = frames.next()? {
        for (position, bytes) in frame.entries() {
            if position >= to {
                return Ok(());
            }
            if position >= from && wants(bytes) && look(decoded(position, bytes, book)?, bytes)?.is_break() {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Entries that are about one of the items, in order, with their stored bytes.
pub fn each_about(
    book: &Book,
    mut items: Vec<NameQuery>,
    places: &Places,
    mut look: impl FnMut(Entry, &[u8]) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let asked = items.clone();
    let mut ask = |entry: Entry, bytes: &[u8]| {
        if items.iter_mut().any(|item| item.is_meant_by(&entry)) { look(entry, bytes) } else { Ok(()) }
    };
    let mut left = places.positions.iter().copied().peekable();
    while let Some(next) = left.peek() {
        let mut frames = book.log().frames(*next);
        let frame = frames.next()?.expect("BUG: a place that is not in the log");
        for (position, bytes) in frame.entries() {
            if left.next_if_eq(&position).is_some() {
                ask(decoded(position, bytes, book)?, bytes)?;
            }
        }
    }
    // What cannot be read is told when it is decoded.
    let wants = |bytes: &[u8]| match UsageEntry::get(bytes) {
        Ok(Some(usage)) => asked.iter().any(|item| item.may_mean(&usage)),
        Ok(None) | Err(_) => true,
    };
    each_wanted(book, places.below, book.size(), wants, |entry, bytes| ask(entry, bytes).map(ControlFlow::Continue))
}

fn decoded(position: u64, bytes: &[u8], book: &Book) -> Result<Entry, BookError> {
    let entry = Entry::get(bytes).map_err(|source| BookError::Unreadable { position, source })?;
    Ok(opened(entry, book.keys()))
}

/// The entry with the personal fields in clear whose keys are there. The others show themselves as `(sealed)`.
pub fn opened(mut entry: Entry, keys: &Keys) -> Entry {
    if let Payload::Fact(fact) = &mut entry.payload {
        for field in fact.personal_fields() {
            if let Some(text) = payee_name::opened(field, keys) {
                *field = Personal::Clear(text);
            }
        }
    }
    entry
}
