//! Verifies a book: reads, hashes and checks every byte of its log.
//!
//! This code follows docs/format.md and shares nothing with the writer but hash functions, so that a mistake in one is found by the
//! other. It does not open the book, so it can tell what is wrong with a book that no longer opens.

mod against;
mod entry;
mod error;
mod head;
mod layout;
mod note;
mod signatures;
mod tape;
mod tree;
mod verification;
mod walk;

use std::collections::BTreeSet;
use std::path::Path;

pub use against::{Remembered, RememberedFault};
pub use error::VerifyError;
pub use head::Head;
pub use note::{Note, NoteFault};
pub use tree::Hash;
pub use verification::{
    CheckpointComparison, ComparisonOutcome, KeyOrigin, PROBLEMS_MAX, Unfinished, Verdict, Verification, VerifyProblem,
};
use walk::{RootClaim, Walk};

/// Verifies the book in a folder. Fails if a file cannot be read; problems of the book are in the result.
pub fn verify(folder: &Path) -> Result<Verification, VerifyError> {
    verify_at(folder, &BTreeSet::new(), None)
}

/// Verifies a book as [`verify`] does, and returns the roots of its tree at these sizes too. If checkpoints are given that somebody
/// remembered, the log is compared with them: it extends them, or that is among the problems.
pub fn verify_at(
    folder: &Path,
    sizes: &BTreeSet<u64>,
    remembered: Option<&Remembered>,
) -> Result<Verification, VerifyError> {
    let wanted = sizes.iter().copied().chain(remembered.into_iter().flat_map(Remembered::sizes)).collect();
    let mut walk = Walk::new(&wanted);
    walk.book(folder)?;
    let (mut verification, open_claims, keys) = walk.finish();
    if !open_claims.is_empty() {
        compare_earlier_roots(folder, &open_claims, &mut verification)?;
    }
    if let Some(remembered) = remembered {
        remembered.compare(&keys, &mut verification);
    }
    verification.problems.sort_by(|a, b| (&a.file, a.byte).cmp(&(&b.file, b.byte)));
    let torn = verification.unfinished.as_ref().map(|_| Verdict::TornTail);
    let worst = verification.problems.iter().map(|problem| problem.verdict).chain(torn).max();
    verification.verdict = worst.unwrap_or(Verdict::Consistent);
    Ok(verification)
}

/// Compares the roots that closes and checkpoints name for earlier sizes. Reads the log a second time. Most books have none, and keeping all
/// leaves would take 32 bytes of memory for each entry.
fn compare_earlier_roots(folder: &Path, claims: &[RootClaim], into: &mut Verification) -> Result<(), VerifyError> {
    let mut walk = Walk::new(&claims.iter().map(|claim| claim.known).collect());
    walk.book(folder)?;
    let (again, _, _) = walk.finish();
    for claim in claims {
        match again.roots.get(&claim.known) {
            Some(root) if *root == claim.root => claim.count(into),
            Some(_) if into.problems.len() < PROBLEMS_MAX => into.problems.push(claim.wrong_root()),
            Some(_) => into.stopped_early = true,
            // The tree could not be followed there, and the reason is among the problems.
            None => {}
        }
    }
    Ok(())
}
