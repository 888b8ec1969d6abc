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
    /// The path of the file, relative to the book's folder.
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

/// The most problems that are reported.
pub const PROBLEMS_MAX: usize = 100;
