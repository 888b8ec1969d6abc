//! How what holds changes with a restatement or a retraction.

/// How what holds changes with a restatement.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum RestatementChange {
    /// A fact takes the place of others.
    Replaced,
    /// A correction is retracted, and what it replaced holds again.
    Reverted,
    /// A fact is retracted, and nothing takes its place.
    Withdrawn,
    /// A retraction is retracted, and what it withdrew holds again.
    Restored,
}
