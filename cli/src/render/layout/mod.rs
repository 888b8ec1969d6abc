//! Layout for any text: tables, trees, CSV, colour, shortened names.

pub mod column;
pub mod csv;
pub mod paint;
pub mod shorten;
pub mod table;
pub mod tree;
