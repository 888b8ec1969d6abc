//! Records which entries a computation reads, for the test of the impact table. Only builds with debug assertions record;
//! in a release, [`is_recording`] is the constant `false`, and the compiler drops whatever depends on it.
//!
//! A fact counts as read where its content decides something: it is in force, and matches what is asked for in kind, payee,
//! thing and date. Of a fact that matches, what corrected or retracted it counts too, because that decides whether it is in
//! force. A fact that a list only brings along, and that its date or its payees drop again, decides nothing. Nor do lists of
//! who *ever* had credit or was above whom: they only say where to look.

use std::cell::RefCell;
use std::collections::BTreeSet;

use crate::position::Position;

thread_local! {
    /// What was read on this thread, if it records.
    static READ: RefCell<Option<BTreeSet<Position>>> = const { RefCell::new(None) };
}

/// Whether reads on this thread are recorded.
#[inline]
pub fn is_recording() -> bool {
    cfg!(debug_assertions) && READ.with_borrow(Option::is_some)
}

/// Adds an entry to what was read.
#[inline]
pub fn record(position: Position) {
    if cfg!(debug_assertions) {
        READ.with_borrow_mut(|read| read.as_mut().map(|read| read.insert(position)));
    }
}

/// Runs a computation on this thread; gives its result and the entries that it read, which are none in a release.
pub fn recorded<T>(compute: impl FnOnce() -> T) -> (T, BTreeSet<Position>) {
    let outer = READ.replace(Some(BTreeSet::new()));
    let result = compute();
    (result, READ.replace(outer).unwrap_or_default())
}

/// Runs a search. What it reads counts only if it finds something: a candidate that turns out to be somebody else's decides
/// nothing.
#[inline]
pub fn recorded_if_found<T>(search: impl FnOnce() -> Option<T>) -> Option<T> {
    if !is_recording() {
        return search();
    }
    let (found, read) = recorded(search);
    if found.is_some() {
        read.into_iter().for_each(record);
    }
    found
}
