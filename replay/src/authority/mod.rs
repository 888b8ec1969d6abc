//! Who may do what: authors with keys, the policy, and whether the signatures under an act are enough (docs/approvals.md); and what the
//! log itself signs (docs/checkpoints.md).

pub mod authors;
mod check;
pub mod checkpoint;
pub mod log_key;
pub mod makers;
pub mod policy;
pub mod recorded;
pub mod refusal;

pub(crate) use check::must_be_signed;
pub use check::{Act, must_be_allowed};
