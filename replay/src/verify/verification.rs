//! What verification reports: the verdict, what was read, and each problem with its place.

use std::collections::BTreeMap;

use super::head::Head;
use super::tree::Hash;

/// The result of reading the whole book.
#[derive(Debug)]
pub struct Verification {
    pub verdict: Verdict,
    /// Committed entries that were checked.
    pub entries: u64,
    /// Bytes that were read.
    pub bytes: u64,
    pub segments: u64,
    /// Closes whose root was compared with the tree's.
    pub closes: u64,
    /// Position after the last committed entry, and the tree's root there if the tree could be followed so far.
    pub size: u64,
    pub root: Option<Hash>,
    /// The last acknowledged size and root, if the head can be read.
    pub head: Option<Head>,
    /// The size up to which nothing is wrong: the end of an append.
    pub sound: u64,
    /// The roots at the sizes that were asked for, where the log has them.
    pub roots: BTreeMap<u64, Hash>,
    /// Bytes after the last committed frame that were never acknowledged. They are no alteration and no part of the book.
    pub unfinished: Option<Unfinished>,
    /// In the order of the log, at most [`PROBLEMS_MAX`].
    pub problems: Vec<VerifyProblem>,
    /// There were more problems; the log after the last one was not read.
    pub stopped_early: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Verdict {
    /// The log is what its head remembers.
    Consistent,
    /// The log is what its head remembers, followed by an append that a crash interrupted.
    TornTail,
    /// All entries found are as written, but some are missing, or it cannot be known whether some are missing.
    Incomplete,
    /// Some bytes are not what was written.
    Altered,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerifyProblem {
    /// The verdict on the book if this were its only problem.
    pub verdict: Verdict,
    pub position: Option<u64>,
    /// The path of the file, relative to the book's folder.
    pub file: String,
    /// The offset in the file.
    pub byte: Option<u64>,
    /// A sentence without its full stop.
    pub what: String,
}

/// An append that was never acknowledged. The next append copies its bytes to `log/torn` and cuts them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unfinished {
    pub file: String,
    pub byte: u64,
    pub bytes: u64,
    /// The position of its first entry.
    pub position: u64,
    /// Entries of its whole frames.
    pub entries: u64,
}

/// The most problems that are reported.
pub const PROBLEMS_MAX: usize = 100;
