//! Finds the entries with an id, or about an item: first in the index and the state, then in the rest of the log.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use projections::position::Position;
use projections::validity::Validity;
use uuid::Uuid;

use crate::book::Book;
use crate::derived::entry_names::NameQuery;
use crate::derived::index::{Answer, Key, id_key, name_key};
use crate::derived::rejected::CacheRejected;
use crate::error::BookError;
use crate::state::State;

/// The positions of entries that may be about the items.
#[derive(Debug)]
pub struct Places {
    /// Below this size, no other entry is about them. From this position on every entry has to be checked.
    pub below: u64,
    /// Entries that may be about them. Each has to be checked.
    pub positions: BTreeSet<u64>,
    /// Indexes that were not used. The user is told.
    pub rejected: Vec<CacheRejected>,
}

/// The positions of entries that may be about one of the items. `scratch` makes an empty temporary folder, which is
/// removed when its value is dropped; it is called only if there is an index. Fails if the log cannot be read.
pub fn places<S: AsRef<Path>>(
    book: &Book,
    items: &[NameQuery],
    scratch: impl Fn() -> io::Result<S>,
) -> Result<Places, BookError> {
    let texts = items.iter().map(|item| name_key(item.text()));
    let ids: Vec<Uuid> = items.iter().filter_map(NameQuery::id).collect();
    let keys: Vec<Key> = texts.chain(ids.iter().copied().map(id_key)).collect();
    let Answer { below, positions, rejected } = book.ask_index(&keys, scratch);
    let nowhere = |rejected| Places { below: 0, positions: BTreeSet::new(), rejected };
    if below == 0 {
        return Ok(nowhere(rejected));
    }
    for (id, found) in ids.iter().zip(&positions[items.len()..]) {
        // It may be the id of usage, which is in no index.
        if book.state.knowledge.position_of(*id).is_none() && with_id(book, *id, found)?.is_none() {
            return Ok(nowhere(rejected));
        }
    }
    let mut found: BTreeSet<Position> = positions.into_iter().flatten().collect();
    found.extend(ids.iter().filter_map(|id| book.state.knowledge.position_of(*id)));
    found.extend(items.iter().flat_map(|item| book.state.knowledge.usage_named(item.text())));
    add_what_took_their_place(&book.state, &mut found);
    let positions = found.into_iter().map(u64::from).filter(|position| *position < below).collect();
    Ok(Places { below, positions, rejected })
}

/// The position of the entry with an id, if the state or the index knows it. `None` does not mean that there is no such entry.
/// Also returns the indexes that were not used. Fails if the log cannot be read.
pub fn place_of_id<S: AsRef<Path>>(
    book: &Book,
    id: Uuid,
    scratch: impl Fn() -> io::Result<S>,
) -> Result<(Option<u64>, Vec<CacheRejected>), BookError> {
    if let Some(position) = book.state.knowledge.position_of(id) {
        return Ok((Some(u64::from(position)), Vec::new()));
    }
    let Answer { positions, rejected, .. } = book.ask_index(&[id_key(id)], scratch);
    let found = positions.first().map(|found| with_id(book, id, found)).transpose()?.flatten();
    Ok((found, rejected))
}

/// The first of these positions whose entry has the id. Entries with other ids can have the same index key.
fn with_id(book: &Book, id: Uuid, positions: &[Position]) -> Result<Option<u64>, BookError> {
    for position in positions.iter().copied().map(u64::from) {
        if book.entry(position)?.id == id {
            return Ok(Some(position));
        }
    }
    Ok(None)
}

/// Adds entries that replace or retract one that was found: they are about the same item.
fn add_what_took_their_place(state: &State, found: &mut BTreeSet<Position>) {
    let mut next: Vec<Position> = found.iter().copied().collect();
    while let Some(position) = next.pop() {
        let Some(Validity { replaced_by, retracted_by }) = state.knowledge.validity(position) else { continue };
        next.extend(replaced_by.iter().chain(retracted_by).copied().filter(|by| found.insert(*by)));
    }
}
