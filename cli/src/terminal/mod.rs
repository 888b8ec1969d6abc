//! The terminal: harmless text, printing, progress.

pub mod inert;
pub mod progress;
pub mod screen;
pub mod wrap;
