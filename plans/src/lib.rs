//! Plan text, its check, and every rule of pay, one idea a file.
//!
//! This crate does not know storage, the log or the time of day.

pub mod burn;
pub mod calendar;
pub mod cap;
pub mod check;
pub mod clawback;
pub mod condition;
pub mod context;
pub mod credit;
pub mod credit_hierarchy;
pub mod credit_sources;
pub mod curve;
pub mod draw;
pub mod entitlement;
pub mod filter;
pub mod incremental;
pub mod installment;
pub mod item;
pub mod measure;
pub mod plan;
pub mod quota;
pub mod rate;
pub mod read;
pub mod refusal;
pub mod rulebook;
pub mod settle;
pub mod target;
pub mod term;
pub mod trigger;
pub mod why;
