//! A bridge from what was due by one point of a book's history to what is due by another: for each line the amounts at both ends, and
//! between them the causes in the order of the log (docs/bridges.md). What no cause explains is computed, not written.
//!
//! `diff` builds it between two points of a book, `preview` from the last close to the next one, `whatif` between a book and the same book with other facts or rules. The causes of
//! retroactive adjustments on statements are the same steps.

pub mod diff;
mod effect;
pub(crate) mod entry_groups;
pub mod preview;
pub mod rows;
pub(crate) mod steps;
pub mod whatif;
