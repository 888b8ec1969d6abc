//! The book itself: making, verifying, recovering.

pub mod audit;
pub mod checkpoint;
pub mod demo;
pub mod init;
pub mod recover;
pub mod snapshot;
pub mod verify;
