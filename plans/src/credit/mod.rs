//! Who is credited with what (calculation.md 2, 4).

pub mod coverage;
pub mod hierarchy;
pub mod index;
pub mod sources;
