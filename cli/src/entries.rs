//! Entries of a book in order, one at a time, with personal fields opened where the key is there.

use std::ops::ControlFlow;

use ledger::entry::Entry;
use ledger::fact::Payload;
use ledger::keyring::Keys;
use ledger::seal::Personal;
use ledger::usage::UsageEntry;
use replay::book::{Book, BookError};

use crate::failure::Failure;

/// Entries from one position up to another, with their stored bytes. `Break` ends it early. Usage that is not wanted is
/// left out and not even decoded: nine in ten entries of a book are usage.
pub fn each_wanted(
    book: &Book,
    from: u64,
    to: u64,
    wants: impl Fn(&UsageEntry<'_>) -> bool,
    mut look: impl FnMut(Entry, &[u8]) -> Result<ControlFlow<()>, Failure>,
) -> Result<(), Failure> {
    let mut frames = book.log().frames(from);
    while let Some(frame) = frames.next()? {
        for (position, bytes) in frame.entries() {
            if position >= to {
                return Ok(());
            }
            if position < from {
                continue;
            }
            // What cannot be read is told below.
            if UsageEntry::get(bytes).is_ok_and(|usage| usage.is_some_and(|usage| !wants(&usage))) {
                continue;
            }
            let entry = Entry::get(bytes).map_err(|source| BookError::Unreadable { position, source })?;
            if look(opened(entry, book.keys()), bytes)?.is_break() {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// The entry with the personal fields in clear whose keys are there. The others show themselves as `(sealed)`.
pub fn opened(mut entry: Entry, keys: &Keys) -> Entry {
    if let Payload::Fact(fact) = &mut entry.payload {
        for field in fact.personal_fields() {
            let Personal::Sealed { key, .. } = field else { continue };
            if let Some(text) = keys.by_id(key).and_then(|key| field.open(key)) {
                *field = Personal::Clear(text);
            }
        }
    }
    entry
}
