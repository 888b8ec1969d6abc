//! Derived files that are not used, and why. All results are the same without them.

use std::fmt;
use std::path::PathBuf;

/// A derived file that was not used, or could not be written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CacheRejected {
    /// The path of the file.
    pub path: PathBuf,
    /// Why it was not used, or not written.
    pub reason: RejectedReason,
}

/// Why a derived file was not used, or not written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RejectedReason {
    /// It cannot be read. The text is that of the operating system.
    Unreadable(String),
    /// It cannot be written. The text is that of the operating system.
    Unwritten(String),
    /// It does not carry the book's seal: it was cut or changed, or another program wrote it.
    Damaged,
    /// Another version of trueup wrote it.
    OtherVersion,
    /// It belongs to another book.
    OtherBook,
    /// It was made from another log of the book, or from a longer one.
    OtherHistory,
}

impl RejectedReason {
    /// Turns an error of reading into one of writing.
    pub(crate) fn of_writing(self) -> RejectedReason {
        match self {
            RejectedReason::Unreadable(error) => RejectedReason::Unwritten(error),
            reason => reason,
        }
    }
}

impl fmt::Display for CacheRejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match &self.reason {
            RejectedReason::Unreadable(error) => write!(f, "`{path}` could not be read: {error}"),
            RejectedReason::Unwritten(error) => write!(f, "`{path}` could not be written: {error}"),
            RejectedReason::Damaged => write!(f, "`{path}` does not carry this book's seal"),
            RejectedReason::OtherVersion => write!(f, "`{path}` was written by another version of trueup"),
            RejectedReason::OtherBook => write!(f, "`{path}` belongs to another book"),
            RejectedReason::OtherHistory => write!(f, "`{path}` is of a history that is not this book's"),
        }
    }
}
