//! The crate from outside, in one program.

#[path = "suite/verify.rs"]
mod verify;
