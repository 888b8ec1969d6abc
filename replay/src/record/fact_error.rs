//! Why a fact is not recorded, and why an input is not read to its end.

use ledger::finding::Finding;
use ledger::log::LogError;

use crate::error::BookError;
use crate::refusal::{Refusal, Refused};

/// Why one fact is not recorded.
pub(super) enum FactError {
    /// The fact is refused, for all of these reasons.
    Refused(Vec<Finding<Refusal>>),
    /// Nothing can be recorded.
    Stopped(PassError),
}

/// Why a pass over the input ends early, with nothing recorded.
pub(super) enum PassError {
    /// A fact names an id that no index has. The pass is repeated with the ids of all usage, read from the log.
    UnknownId,
    Failed(BookError),
}

impl From<Refused> for FactError {
    fn from(refused: Refused) -> FactError {
        FactError::Refused(vec![*refused])
    }
}

impl From<Vec<Finding<Refusal>>> for FactError {
    fn from(refusals: Vec<Finding<Refusal>>) -> FactError {
        FactError::Refused(refusals)
    }
}

impl From<PassError> for FactError {
    fn from(error: PassError) -> FactError {
        FactError::Stopped(error)
    }
}

impl From<BookError> for FactError {
    fn from(error: BookError) -> FactError {
        FactError::Stopped(error.into())
    }
}

impl From<LogError> for FactError {
    fn from(error: LogError) -> FactError {
        BookError::from(error).into()
    }
}

impl From<BookError> for PassError {
    fn from(error: BookError) -> PassError {
        PassError::Failed(error)
    }
}
