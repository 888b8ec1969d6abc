//! The only place that has both the log and what follows from it: record, publish, preview, close, tell, verify.
//!
//! This crate does not know the terminal or the network.

pub mod admit;
pub mod book;
pub mod fits;
pub mod hangs;
pub mod record;
pub mod stamp;
