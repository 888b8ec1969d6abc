//! Whether the bytes of a book are what was written: every byte of its log is read, hashed and checked.
//!
//! Written from docs/format.md, and sharing nothing with the writer but hash functions: a mistake in one is found by
//! the other. It does not open the book, and so can say what is wrong with one that no longer opens.

mod entry;
mod error;
mod head;
mod layout;
mod tape;
mod tree;
mod verification;
mod walk;

use std::collections::BTreeSet;
use std::path::Path;

pub use error::VerifyError;
pub use head::Head;
pub use tree::Hash;
pub use verification::{PROBLEMS_MAX, Unfinished, Verdict, Verification, VerifyProblem};
use walk::{RootClaim, Walk};

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
fn compare_earlier_roots(folder: &Path, claims: &[RootClaim], into: &mut Verification) -> Result<(), VerifyError> {
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
