//! How things look: amounts, tables, problems, colour. Meaning never depends on colour.

pub mod amount;
pub mod beside;
pub mod brief;
pub mod csv;
pub mod dates;
pub mod entry;
pub mod explain;
pub mod paint;
pub mod problem;
pub mod rests;
pub mod settlement;
pub mod statement;
pub mod table;
pub mod tree;
pub mod worth;
