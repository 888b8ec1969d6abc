//! Options of recording: what happens to facts that were replaced since, and to facts that are refused.

/// How an input is recorded.
#[derive(Copy, Clone, Debug)]
pub struct RecordOptions {
    /// What to do with a fact that equals one which was replaced since.
    pub superseded: OnSuperseded,
    /// What to do with the good lines of an input that has bad ones.
    pub rejects: Rejects,
    /// What several lines of one natural key and other content mean.
    pub versions: Versions,
    /// How many facts the input may restate; any other number is refused. `None`: any number.
    pub expect_restated: Option<u64>,
    /// Which restatements are returned.
    pub restatements: KeepRestatements,
    /// Whether anything is recorded.
    pub commit: Commit,
}

impl Default for RecordOptions {
    /// Refuses whatever is doubtful, and returns the first restatements.
    fn default() -> RecordOptions {
        RecordOptions {
            superseded: OnSuperseded::Refuse,
            rejects: Rejects::Refuse,
            versions: Versions::Contradict,
            expect_restated: None,
            restatements: KeepRestatements::First,
            commit: Commit::Append,
        }
    }
}

/// What lines of one input mean that have one natural key and different content.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Versions {
    /// They contradict each other, and the input is refused.
    Contradict,
    /// They are successive versions, and the later one takes the place of the earlier one, also where its kind has to say
    /// that it corrects what is recorded.
    Successive,
}

/// Which restatements a recording returns. All are counted and summed.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum KeepRestatements {
    /// The first [`RESTATEMENTS_FIRST`](crate::record::RESTATEMENTS_FIRST).
    First,
    /// All, as far as they take no more than [`RESTATEMENT_BYTES_MAX`](crate::record::RESTATEMENT_BYTES_MAX).
    All,
}

/// Whether an input is recorded or only tried.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Commit {
    /// The append is committed.
    Append,
    /// The append is dropped, and the book stays as it is.
    DryRun,
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
