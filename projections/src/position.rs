//! Numbers that locate things: entries in the log, and facts in the knowledge.

use smallvec::SmallVec;

/// The position of an entry in the log, from 0. Four bytes, because every usage snapshot in memory carries one.
pub type Position = u32;

/// The most entries that one book may have.
pub const ENTRIES_MAX: u64 = u32::MAX as u64;

/// The index of a fact in `Knowledge::facts`, in the order of the log. Usage snapshots have none.
pub type FactIndex = u32;

/// Positions or fact indexes that share a key: nearly always one. Up to four take no memory of their own.
pub type ShortList = SmallVec<[u32; 4]>;
const _: () = assert!(size_of::<ShortList>() == 24, "a book holds two of these for each fact");
