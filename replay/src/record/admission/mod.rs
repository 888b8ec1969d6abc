//! Whether a fact is new, known already, restates another one, or must be refused (facts.md, "Recording twice"). Nothing
//! is guessed: a fact that could mean two things is refused.
//!
//! `decide` is the column of checks. `by_key`, `usage`, `correction` and `retraction` decide about one group of kinds each;
//! `equality` tells when two facts say the same. Whether a fact makes sense is decided in `validation`, and whether other
//! facts depend on the one that it ends in `references`.

mod by_key;
mod context;
mod correction;
mod decide;
mod equality;
mod retraction;
mod usage;

pub use context::{AdmissionContext, Decision, OpenTexts};
pub use equality::opened;
