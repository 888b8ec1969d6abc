//! Signatures, policies and payments in words.

pub mod authority;
pub mod checkpoint;
pub mod payments;
