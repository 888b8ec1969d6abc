//! Signatures, policies, payments, disputes and exports in words.

pub mod authority;
pub mod checkpoint;
pub mod disputes;
pub mod export;
pub mod payments;
