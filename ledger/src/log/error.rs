//! Why a log cannot be opened, read or appended to.

use thiserror::Error;

use super::opening::Damage;
use crate::frame::FrameFault;
use crate::head::HeadFault;
use crate::segment::SegmentFault;
use crate::store::StoreError;

/// Why a log cannot be opened, read or appended to.
#[derive(Debug, Error)]
pub enum LogError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is a log already where a new one should be made.
    #[error("`{book}` has a log already")]
    Exists {
        /// The book, as messages name it.
        book: String,
    },
    /// There is no log.
    #[error("`{book}` has no log")]
    NothingThere {
        /// The book, as messages name it.
        book: String,
    },
    /// Bytes of the log are not what was written.
    #[error("`{place}` {damage} (byte {at}, position {position})")]
    Damaged {
        /// What is damaged.
        damage: Damage,
        /// The file, as messages name it.
        place: String,
        /// The byte of the segment.
        at: u64,
        /// The position of the entry.
        position: u64,
    },
    /// The head does not say what was acknowledged.
    #[error("`{place}` {fault}: whether the log ends where it was acknowledged cannot be known")]
    Head {
        /// What is wrong with it.
        fault: HeadFault,
        /// The file, as messages name it.
        place: String,
    },
    /// A program of an earlier or later version wrote it.
    #[error("`{place}` is of format {version}, and this version of trueup reads format {reads}")]
    OtherVersion {
        /// The version that this program reads.
        reads: u32,
        /// The file, as messages name it.
        place: String,
        /// The version of the format.
        version: u32,
    },
    /// The entries are on disk, and the head could not be written. Opening tells whether they count.
    #[error("What was to be recorded is in the log, and could not be acknowledged: {source}")]
    Unacknowledged {
        /// Why it failed.
        source: Box<LogError>,
    },
    /// The log is not of the size that the caller decided on.
    #[error("The log has {found} entries, and {expected} were expected: somebody else recorded")]
    SizeDiffers {
        /// What it should be.
        expected: u64,
        /// What it is.
        found: u64,
    },
    /// There is no entry at the position.
    #[error("Position {position} is not in the log, which has {size} entries")]
    OutOfRange {
        /// The position of the entry.
        position: u64,
        /// The entries that there are.
        size: u64,
    },
    /// A write failed before: what is on disk is not known.
    #[error("`{book}` takes no more entries after a failed write")]
    Broken {
        /// The book, as messages name it.
        book: String,
    },
}

impl LogError {
    /// What is wrong at a place. A format that we do not know is no damage, and needs no backup.
    pub fn damaged(damage: Damage, place: String, at: u64, position: u64) -> LogError {
        match damage {
            Damage::Frame(FrameFault::Version(version)) => {
                LogError::OtherVersion { place, version, reads: crate::frame::VERSION }
            }
            Damage::Segment(SegmentFault::Version(version)) => {
                LogError::OtherVersion { place, version, reads: crate::segment::VERSION }
            }
            other => LogError::Damaged { damage: other, place, at, position },
        }
    }

    pub(super) fn head(fault: HeadFault, place: String) -> LogError {
        match fault {
            HeadFault::Version(version) => LogError::OtherVersion { place, version, reads: crate::head::VERSION },
            other => LogError::Head { fault: other, place },
        }
    }
}
