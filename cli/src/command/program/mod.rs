//! The program itself: completions and the manual page.

pub mod completions;
pub mod man;
