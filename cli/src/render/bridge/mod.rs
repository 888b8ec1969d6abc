//! A bridge for people and programs: text, JSON, CSV, and a waterfall as SVG. `diff` and `whatif` show their results with it.

pub mod json;
pub mod svg;
pub mod table;
pub mod text;
pub mod words;
