//! Options of recording: what happens to facts that were replaced since, and to facts that are refused.

/// How an input is recorded.
#[derive(Copy, Clone, Debug)]
pub struct RecordOptions {
    /// What to do with a fact that equals one which was replaced since.
    pub superseded: OnSuperseded,
    /// What to do with the good lines of an input that has bad ones.
    pub rejects: Rejects,
}

/// What to do with a fact that equals one which was itself replaced, corrected or retracted since.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum OnSuperseded {
    /// The fact is refused.
    Refuse,
    /// The fact is recorded, and is in force again.
    Restate,
    /// The fact is left out.
    Skip,
}

/// What happens to the good lines of an input that has bad ones.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Rejects {
    /// Nothing is recorded.
    Refuse,
    /// The good lines are recorded, and the bad ones are returned to the caller.
    SetAside,
}

/// What to do with a mapped fact if a fact with the same natural key and other content is in force. Without this rule the
/// usual rule for its kind applies.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum WhenKnown {
    /// The fact corrects the one that is known.
    Correct,
    /// The fact is left out.
    Skip,
    /// The fact is refused.
    Refuse,
}
