//! How things look: amounts, tables, problems, colour. Meaning never depends on colour.

pub mod amount;
pub mod csv;
pub mod paint;
pub mod problem;
pub mod table;
