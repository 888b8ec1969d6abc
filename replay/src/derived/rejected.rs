//! Derived files that are not used, and why. Every answer is the same without them.

use std::fmt;
use std::path::PathBuf;

/// A derived file that was not used, or could not be written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CacheRejected {
    pub path: PathBuf,
    pub reason: RejectedReason,
}

/// Why a derived file was not used, or not written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RejectedReason {
    /// It cannot be read. The text is that of the operating system.
    Unreadable(String),
    /// It cannot be written. The text is that of the operating system.
    Unwritten(String),
    /// Its digest is not that of its bytes under the book's seal: it was cut or changed, or somebody else wrote it.
    Damaged,
    /// Another version of trueup wrote it.
    OtherVersion,
    OtherBook,
    /// It belongs to another history of the book, or to more of it than the log has.
    OtherHistory,
}

impl RejectedReason {
    /// The reason where the file was being written.
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
