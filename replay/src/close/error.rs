//! Why a month was not closed.

use ledger::finding::Finding;

use crate::close::refusal::{CloseFault, CloseRefusal};
use crate::error::BookError;

/// Why a month was not previewed, closed or frozen.
#[derive(Debug, thiserror::Error)]
pub enum CloseError {
    /// The command is refused.
    #[error("refused: {0:?}")]
    Refused(CloseRefusal),
    /// The evaluation found what has to be mended first.
    #[error("{} faults", .0.len())]
    Faults(Vec<Finding<CloseFault>>),
    /// The world failed, or the book is damaged.
    #[error(transparent)]
    Book(#[from] BookError),
    /// The two ways to evaluate a month differ.
    #[error(
        "BUG: working out everything comes to something else than working out what is new: {0}. Nothing was posted"
    )]
    Differs(String),
}

impl From<CloseRefusal> for CloseError {
    fn from(refusal: CloseRefusal) -> CloseError {
        CloseError::Refused(refusal)
    }
}
