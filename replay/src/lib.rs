//! The only place that has both the log and what follows from it: record, publish, preview, close, tell, verify.
//!
//! This crate does not know the terminal or the network.

pub mod admit;
pub mod book;
pub mod causes;
pub mod close;
pub mod derived;
pub mod evaluate;
mod feed;
pub mod find;
pub mod fits;
mod fold;
pub mod foresee;
pub mod freeze;
pub mod hangs;
pub mod history;
pub mod index;
pub mod item;
mod lines;
mod moves;
pub mod opening;
pub mod parallel;
pub mod partial;
pub mod pending;
mod persons;
pub mod posting;
pub mod publish;
pub mod reach;
pub mod reason;
pub mod record;
pub mod recover;
pub mod schedule;
pub mod sealing;
pub mod snapshot;
pub mod stamp;
pub mod statement;
pub mod tell;
pub mod touched;
pub mod verify;
