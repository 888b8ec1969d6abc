//! The error of verification: a file that cannot be read, or a log of another format.

use std::io;

use thiserror::Error;

/// The log was not verified. This says nothing about the book.
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
    /// The log is of another version of the format.
    #[error("`{place}` is of format {found}, and this version of trueup reads format {reads}")]
    OtherFormat {
        /// The path of the segment.
        place: String,
        /// The format of the log.
        found: u64,
        /// The format that this version reads.
        reads: u64,
    },
}

impl VerifyError {
    pub(super) fn io(doing: &'static str, place: &str, source: io::Error) -> VerifyError {
        VerifyError::Io { doing, place: place.to_owned(), source }
    }
}
