//! The only crate with both the log and what is folded from it: recording, publishing, evaluation, close, statements,
//! verification, and the files that can be derived again.
//!
//! This crate does not know the terminal or the network.

pub mod book;
pub mod close;
pub mod derived;
pub mod engine;
pub mod error;
pub mod evaluation;
mod fold;
pub mod location;
pub mod record;
pub mod recover;
pub mod refusal;
pub mod stamp;
pub mod state;
pub mod statements;
pub mod verify;
