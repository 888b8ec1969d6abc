//! Who may do what: authors with keys, the policy, and whether the signatures under an act are enough (docs/approvals.md).

pub mod authors;
mod check;
pub mod makers;
pub mod policy;
pub mod refusal;

pub use check::{Act, must_be_allowed};
