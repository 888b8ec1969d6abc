//! Why a fact is not recorded, and why an input is not read to its end.

use ledger::log::LogError;
use ledger::problem::Problem;

use crate::error::BookError;

/// Why one fact is not recorded.
pub(super) enum FactError {
    /// The fact is refused, for all of these reasons.
    Refused(Vec<Problem>),
    /// Nothing can be recorded.
    Stopped(PassError),
}

/// Why a pass over the input ends early, with nothing recorded.
pub(super) enum PassError {
    /// A fact names an id that is in no index. The pass is made again with the ids of all usage, read from the log.
    UnknownId,
    Failed(BookError),
}

impl From<Problem> for FactError {
    fn from(problem: Problem) -> FactError {
        FactError::Refused(vec![problem])
    }
}

impl From<Vec<Problem>> for FactError {
    fn from(problems: Vec<Problem>) -> FactError {
        FactError::Refused(problems)
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
