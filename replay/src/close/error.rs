//! Why a month was not closed.

use ledger::problem::Problem;

use crate::error::BookError;

#[derive(Debug, thiserror::Error)]
pub enum CloseError {
    #[error("refused")]
    Refused(Vec<Problem>),
    #[error(transparent)]
    Book(#[from] BookError),
    #[error(
        "BUG: working out everything comes to something else than working out what is new: {0}. Nothing was posted"
    )]
    Differs(String),
}

pub(crate) fn refused(code: &'static str, message: String, help: impl Into<String>) -> CloseError {
    CloseError::Refused(vec![Problem::new(code, message, help)])
}
