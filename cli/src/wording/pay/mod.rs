//! Signatures, policies, payments and disputes in words.

pub mod authority;
pub mod checkpoint;
pub mod disputes;
pub mod payments;
