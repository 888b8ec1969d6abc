//! The result of verification: the verdict, the counts, and each problem with its place.

use std::collections::BTreeMap;

use super::head::Head;
use super::tree::Hash;

/// The result of reading the whole book.
#[derive(Debug)]
pub struct Verification {
    /// The verdict: the worst of all problems.
    pub verdict: Verdict,
    /// Committed entries that were checked.
    pub entries: u64,
    /// Bytes that were read.
    pub bytes: u64,
    /// Segments that were read.
    pub segments: u64,
    /// The number of closes whose root was compared with that of the tree.
    pub closes: u64,
    /// The number of signatures that were checked and are right.
    pub signatures: u64,
    /// The number of checkpoints of the log whose note is signed with its key and whose root is that of the tree.
    pub checkpoints: u64,
    /// How the log agrees with checkpoints that somebody remembered, in their order.
    pub against: Vec<CheckpointComparison>,
    /// The position after the last committed entry.
    pub size: u64,
    /// The root of the tree at that size; `None` if damage before it makes the tree unknown.
    pub root: Option<Hash>,
    /// The last acknowledged size and root; `None` if the head cannot be read.
    pub head: Option<Head>,
    /// The largest size, at the end of an append, below which there is no problem.
    pub sound: u64,
    /// The roots at the sizes that were asked for, where the log has them.
    pub roots: BTreeMap<u64, Hash>,
    /// An append that was never acknowledged, after the last committed frame. It is not part of the book, and no alteration of it.
    pub unfinished: Option<Unfinished>,
    /// The problems in the order of the log, at most [`PROBLEMS_MAX`].
    pub problems: Vec<VerifyProblem>,
    /// Whether there were more problems. The log after the last reported one was not read.
    pub stopped_early: bool,
}

/// The verdict on a book, the best first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Verdict {
    /// The log agrees with its head.
    Consistent,
    /// The log agrees with its head, and is followed by an append that a crash interrupted.
    TornTail,
    /// All entries that were found are as they were written, but some are missing, or it cannot be known whether some are.
    Incomplete,
    /// Some bytes differ from what was written.
    Altered,
}

/// A problem that verification found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerifyProblem {
    /// The verdict on the book if this were its only problem.
    pub verdict: Verdict,
    /// The position of the entry; `None` if the problem is not in one entry.
    pub position: Option<u64>,
    /// The path of the file, relative to the book's folder; of a remembered checkpoint the name that was given.
    pub file: String,
    /// The offset in the file, in bytes; `None` if the problem is not at one place.
    pub byte: Option<u64>,
    /// A sentence without its full stop.
    pub what: String,
}

/// An append that was never acknowledged. The next append copies its bytes to `log/torn` and cuts them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unfinished {
    /// The path of its file, relative to the book's folder.
    pub file: String,
    /// Its offset in the file, in bytes.
    pub byte: u64,
    /// Its length, in bytes.
    pub bytes: u64,
    /// The position of its first entry.
    pub position: u64,
    /// The number of entries in its complete frames.
    pub entries: u64,
}

/// How a checkpoint and the log agree.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CheckpointComparison {
    /// The size that the checkpoint is of.
    pub size: u64,
    /// The root that it names.
    pub root: Hash,
    /// The key whose signature was looked for, as text; `None` if no key is known.
    pub key: Option<String>,
    /// Whose word for the key was taken.
    pub key_from: KeyOrigin,
    /// What was found.
    pub outcome: ComparisonOutcome,
}

/// Where the key is from with which a checkpoint is checked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeyOrigin {
    /// It was given.
    Given,
    /// It is the one that the log itself names.
    Log,
}

/// What the comparison of a checkpoint with the log found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ComparisonOutcome {
    /// The signature is right, and the log has that root at that size.
    Extends,
    /// It is of another book.
    OtherBook,
    /// No key is known to check the signature with.
    NoKey,
    /// It is not signed with the key.
    NotSigned,
    /// It has a signature of the key, which is not of this checkpoint.
    SignatureWrong,
    /// The log is shorter: it was cut, or restored from an older copy.
    Shorter,
    /// The log has another root at that size: it was written anew.
    OtherRoot,
    /// Damage hides the root at that size.
    Hidden,
}

/// The most problems that are reported.
pub const PROBLEMS_MAX: usize = 100;
