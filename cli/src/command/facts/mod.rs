//! Facts going in, and entries as they are in the log.

pub mod history;
pub mod log;
mod log_filter;
pub mod record;
pub mod recorded;
pub mod rejects;
pub mod show;
