//! Facts and entries as types and as bytes, and the log that keeps them.
//!
//! This crate knows one fact at a time. It does not know any rule of pay, the time of day, the network or async.

#![warn(missing_docs)]

pub mod date;
pub mod entry;
pub mod exact;
pub mod fact;
pub mod field;
pub mod finding;
pub mod frame;
pub mod hash;
pub mod head;
pub mod id;
pub mod json;
pub mod key;
pub mod keyring;
pub mod line;
pub mod log;
pub mod money;
pub mod nearest;
pub mod refusal;
pub mod row;
pub mod seal;
pub mod segment;
pub mod signing;
pub mod store;
pub mod text;
pub mod tree;
pub mod usage;
pub mod wire;
