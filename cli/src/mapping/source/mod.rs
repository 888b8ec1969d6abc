//! The files that a mapping reads: decompression, CSV, rows.

pub mod csv;
pub mod decompress;
pub mod rows;
