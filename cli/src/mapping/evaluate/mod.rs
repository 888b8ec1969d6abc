//! Values of a row: conditions, numbers, dates.

pub mod date;
pub mod evaluator;
pub mod number;
