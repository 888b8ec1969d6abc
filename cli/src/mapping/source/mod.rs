//! The files that a mapping reads: decompression, CSV, rows.

pub mod csv;
pub mod decompress;
pub mod kept_row;
pub mod rows;
pub mod spreadsheet;
pub mod utf16;
