//! Commands about people: their keys, the authors of a book, and the policy.

pub mod author;
pub mod key;
pub mod policy;
