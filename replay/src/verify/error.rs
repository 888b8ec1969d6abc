//! The error of verification: a file that cannot be read.

use std::io;

use thiserror::Error;

/// A file could not be read. This says nothing about the book.
#[derive(Debug, Error)]
pub enum VerifyError {
    /// The operating system reported an error.
    #[error("{doing} `{place}` failed: {source}")]
    Io {
        /// The operation that failed, as a participle.
        doing: &'static str,
        /// The path of the file.
        place: String,
        /// The error.
        source: io::Error,
    },
}

impl VerifyError {
    pub(super) fn io(doing: &'static str, place: &str, source: io::Error) -> VerifyError {
        VerifyError::Io { doing, place: place.to_owned(), source }
    }
}
