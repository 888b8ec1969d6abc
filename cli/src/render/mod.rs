//! How things look: amounts, tables, problems, colour. Meaning never depends on colour.

pub mod amount;
pub mod csv;
pub mod entry;
pub mod paint;
pub mod problem;
pub mod statement;
pub mod table;
pub mod tree;
