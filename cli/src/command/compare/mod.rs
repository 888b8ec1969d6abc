//! Two points of a book compared, or a book with the same book under other facts or rules.

mod deal;
pub mod diff;
pub mod whatif;
