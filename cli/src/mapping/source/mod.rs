//! The files that a mapping reads: decompression, CSV, rows.

pub mod csv;
mod csv_rows;
pub mod decompress;
mod header;
mod json_rows;
pub mod kept_row;
pub mod row;
pub mod rows;
pub mod spreadsheet;
pub mod unseen;
pub mod utf16;
