//! The one error of verification: a file that cannot be read.

use std::io;

use thiserror::Error;

/// A file could not be read. This says nothing about the book.
#[derive(Debug, Error)]
pub enum VerifyError {
    #[error("{doing} `{place}` failed: {source}")]
    Io { doing: &'static str, place: String, source: io::Error },
}

impl VerifyError {
    pub(super) fn io(doing: &'static str, place: &str, source: io::Error) -> VerifyError {
        VerifyError::Io { doing, place: place.to_owned(), source }
    }
}
