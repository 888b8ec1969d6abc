//! What a command has while it runs: options, output, and the way to the book.

pub mod config;
pub mod permissions;
pub mod signing;
pub mod stamp;
pub mod state;
