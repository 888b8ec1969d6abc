//! Pure folds of the log's entries: what is known, what was posted, what is owed.
//!
//! `apply` cannot fail and decides nothing. This crate does not know rules of pay, storage, the terminal or the network.

#![warn(missing_docs)]

pub mod authority;
pub mod chunked_vec;
pub mod credit_graph;
pub mod day_index;
pub mod encoding;
pub mod knowledge;
pub mod lines;
pub mod position;
pub mod posted_state;
pub mod shared_map;
pub mod usage;
pub mod validity;
pub mod view;
