//! Plan text, its check, and every rule of pay, one idea a file.
//!
//! This crate does not know storage, the log or the time of day.

pub mod plan;
