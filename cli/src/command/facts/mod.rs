//! Facts going in, and entries as they are in the log.

pub mod history;
pub mod log;
pub mod record;
pub mod recorded;
pub mod rejects;
pub mod show;
