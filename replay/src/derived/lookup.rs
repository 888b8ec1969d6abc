//! Where to look for an id, or for what an item names: in the index, in what is known, and behind both in the log.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use projections::position::Position;
use projections::validity::Validity;
use uuid::Uuid;

use crate::book::Book;
use crate::derived::entry_names::Item;
use crate::derived::index::{Answer, Key, id_key, name_key};
use crate::derived::rejected::CacheRejected;
use crate::error::BookError;
use crate::state::State;

/// Where entries about items are.
#[derive(Debug)]
pub struct Places {
    /// None is anywhere else below this size; from here on, any entry may be one.
    pub below: u64,
    /// Those that may be about them: each is to be asked.
    pub positions: BTreeSet<u64>,
    /// Indexes that were not used, to be said.
    pub rejected: Vec<CacheRejected>,
}

/// Where entries below a size are that may be about one of the items. `scratch` makes an empty folder that is gone
/// with what it gives; it is called only if there is an index.
pub fn places<S: AsRef<Path>>(
    book: &Book,
    items: &[Item],
    size: u64,
    scratch: impl Fn() -> io::Result<S>,
) -> Result<Places, BookError> {
    let texts = items.iter().map(|item| name_key(item.text()));
    let ids: Vec<Uuid> = items.iter().filter_map(Item::id).collect();
    let keys: Vec<Key> = texts.chain(ids.iter().copied().map(id_key)).collect();
    let Answer { below, positions, rejected } = book.ask_index(&keys, scratch);
    let nowhere = |rejected| Places { below: 0, positions: BTreeSet::new(), rejected };
    if below == 0 {
        return Ok(nowhere(rejected));
    }
    for (id, found) in ids.iter().zip(&positions[items.len()..]) {
        // It may be one of usage, which is in no index.
        if book.state.knowledge.position_of(*id).is_none() && with_id(book, *id, found)?.is_none() {
            return Ok(nowhere(rejected));
        }
    }
    let mut found: BTreeSet<Position> = positions.into_iter().flatten().collect();
    found.extend(ids.iter().filter_map(|id| book.state.knowledge.position_of(*id)));
    found.extend(items.iter().flat_map(|item| book.state.knowledge.usage_named(item.text())));
    add_what_took_their_place(&book.state, &mut found);
    let below = below.min(size);
    let positions = found.into_iter().map(u64::from).filter(|position| *position < below).collect();
    Ok(Places { below, positions, rejected })
}

/// Where an entry with this id is, if that can be told without reading the log.
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

/// The first of these positions at which the id really is: another may have the same key.
fn with_id(book: &Book, id: Uuid, positions: &[Position]) -> Result<Option<u64>, BookError> {
    for position in positions.iter().copied().map(u64::from) {
        if book.entry(position)?.id == id {
            return Ok(Some(position));
        }
    }
    Ok(None)
}

/// What replaces or retracts something found is about the same.
fn add_what_took_their_place(state: &State, found: &mut BTreeSet<Position>) {
    let mut next: Vec<Position> = found.iter().copied().collect();
    while let Some(position) = next.pop() {
        let Some(Validity { replaced_by, retracted_by }) = state.knowledge.validity(position) else { continue };
        next.extend(replaced_by.iter().chain(retracted_by).copied().filter(|by| found.insert(*by)));
    }
}
