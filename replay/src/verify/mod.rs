//! Whether the bytes of a book are what was written: every byte of its log is read, hashed and checked.
//!
//! Written from docs/format.md, and sharing nothing with the writer but hash functions: a mistake in one is found by
//! the other. It does not open the book, and so can say what is wrong with one that no longer opens.

mod entry;
mod head;
mod layout;
mod tape;
mod tree;
mod walk;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

use thiserror::Error;

pub use head::Head;
pub use tree::Hash;
use walk::{Claim, Walk};

/// What came of reading everything.
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
    /// What was acknowledged last, if the head can be read.
    pub head: Option<Head>,
    /// The size up to which nothing is wrong: the end of an append.
    pub sound: u64,
    /// The roots at the sizes that were asked for, where the log has them.
    pub roots: BTreeMap<u64, Hash>,
    /// Bytes behind the last committed frame that were never acknowledged: no alteration, and no part of the book.
    pub unfinished: Option<Unfinished>,
    /// In the order of the log, at most [`PROBLEMS_MAX`].
    pub problems: Vec<VerifyProblem>,
    /// There were more problems, and what lies behind the last one was not looked at.
    pub stopped_early: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Verdict {
    /// The log is what its head remembers.
    Consistent,
    /// The log is what its head remembers, and behind that lies what a crash leaves.
    TornTail,
    /// What is there is what was written, and something is missing, or whether something is missing cannot be known.
    Incomplete,
    /// Something is not what was written.
    Altered,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerifyProblem {
    /// What the problem alone would make of the book.
    pub verdict: Verdict,
    pub position: Option<u64>,
    /// In the book's folder.
    pub file: String,
    /// Where in the file.
    pub byte: Option<u64>,
    /// A sentence without its end.
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

/// The world failed: nothing is said about the book.
#[derive(Debug, Error)]
pub enum VerifyError {
    #[error("{doing} `{place}` failed: {source}")]
    Io { doing: &'static str, place: String, source: io::Error },
}

impl VerifyError {
    fn io(doing: &'static str, place: &str, source: io::Error) -> VerifyError {
        VerifyError::Io { doing, place: place.to_owned(), source }
    }
}

/// Problems that are reported at most.
pub const PROBLEMS_MAX: usize = 100;

/// Reads the whole book and says whether it is what was written.
pub fn verify(folder: &Path) -> Result<Verification, VerifyError> {
    verify_at(folder, &BTreeSet::new())
}

/// The same, and tells the tree's roots at these sizes, to be compared with checkpoints that somebody else remembers.
pub fn verify_at(folder: &Path, sizes: &BTreeSet<u64>) -> Result<Verification, VerifyError> {
    let mut walk = Walk::new(sizes);
    walk.book(folder)?;
    let (mut verification, open_claims) = walk.finish();
    if !open_claims.is_empty() {
        compare_earlier_roots(folder, &open_claims, &mut verification)?;
    }
    verification.problems.sort_by(|a, b| (&a.file, a.byte).cmp(&(&b.file, b.byte)));
    let torn = verification.unfinished.as_ref().map(|_| Verdict::TornTail);
    let worst = verification.problems.iter().map(|problem| problem.verdict).chain(torn).max();
    verification.verdict = worst.unwrap_or(Verdict::Consistent);
    Ok(verification)
}

/// A close mostly follows the size that it looked at, whose root is then known. For others the log is read once more:
/// that costs time, where keeping all leaves would cost 32 bytes of memory for each entry of every book.
fn compare_earlier_roots(folder: &Path, claims: &[Claim], into: &mut Verification) -> Result<(), VerifyError> {
    let mut walk = Walk::new(&claims.iter().map(|claim| claim.known).collect());
    walk.book(folder)?;
    let (again, _) = walk.finish();
    for claim in claims {
        match again.roots.get(&claim.known) {
            Some(root) if *root == claim.root => into.closes += 1,
            Some(_) if into.problems.len() < PROBLEMS_MAX => into.problems.push(claim.wrong_root()),
            Some(_) => into.stopped_early = true,
            // The tree could not be followed there, and the reason is among the problems.
            None => {}
        }
    }
    Ok(())
}
