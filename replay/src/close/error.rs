//! Why a month was not previewed, closed or frozen.

use ledger::finding::Finding;

use crate::authority::refusal::AuthorityRefusal;
use crate::close::refusal::{CloseFault, CloseRefusal};
use crate::error::BookError;

/// Why a month was not previewed, closed or frozen.
#[derive(Debug, thiserror::Error)]
pub enum CloseError {
    /// The command is refused.
    #[error("refused: {0:?}")]
    Refused(CloseRefusal),
    /// The evaluation found faults. They have to be corrected first.
    #[error("{} faults", .0.len())]
    Faults(Vec<Finding<CloseFault>>),
    /// The policy does not allow it to those who sign it.
    #[error("not allowed: {0:?}")]
    NotAllowed(#[from] AuthorityRefusal),
    /// A file cannot be read or written, or the book is damaged.
    #[error(transparent)]
    Book(#[from] BookError),
    /// The full and the incremental evaluation differ: a bug.
    #[error("BUG: the full evaluation differs from the incremental one: {0}. Nothing was posted")]
    Differs(String),
}

impl From<CloseRefusal> for CloseError {
    fn from(refusal: CloseRefusal) -> CloseError {
        CloseError::Refused(refusal)
    }
}
