//! Values of a row: conditions, numbers, dates.

pub mod date;
pub mod date_pattern;
pub mod evaluator;
pub mod moment;
pub mod number;
