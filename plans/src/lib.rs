//! Plan text, its check, and every rule of pay, one idea a file.
//!
//! This crate does not know storage, the log or the time of day.

#![warn(missing_docs)]

pub mod calendar;
pub mod check;
pub mod context;
pub mod credit;
mod earning;
pub mod entitlement;
pub mod evaluation_fault;
pub mod filter;
pub mod incremental;
pub mod item;
mod measure;
pub mod payment;
pub mod plan;
pub mod read;
pub mod refusal;
pub mod rulebook;
pub mod term;
pub mod why;
pub mod worked;
