//! Why a log cannot be opened, read or appended to.

use thiserror::Error;

use super::opening::Damage;
use crate::frame::FrameFault;
use crate::head::HeadFault;
use crate::segment::SegmentFault;
use crate::store::StoreError;

#[derive(Debug, Error)]
pub enum LogError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("`{book}` has a log already")]
    Exists { book: String },
    #[error("`{book}` has no log")]
    NothingThere { book: String },
    #[error("`{place}` {damage} (byte {at}, position {position})")]
    Damaged { damage: Damage, place: String, at: u64, position: u64 },
    #[error("`{place}` {fault}: whether the log ends where it was acknowledged cannot be known")]
    Head { fault: HeadFault, place: String },
    #[error("`{place}` was written by a later `trueup` (format {version})")]
    LaterVersion { place: String, version: u32 },
    #[error("What was to be recorded is in the log, and could not be acknowledged: {source}")]
    Unacknowledged { source: Box<LogError> },
    #[error("The log has {found} entries, and {expected} were expected: somebody else recorded")]
    SizeDiffers { expected: u64, found: u64 },
    #[error("Position {position} is not in the log, which has {size} entries")]
    OutOfRange { position: u64, size: u64 },
    #[error("`{book}` takes no more entries after a failed write")]
    Broken { book: String },
}

impl LogError {
    /// What is wrong at a place. A format that we do not know is no damage, and needs no backup.
    pub fn damaged(damage: Damage, place: String, at: u64, position: u64) -> LogError {
        match damage {
            Damage::Frame(FrameFault::Version(version)) | Damage::Segment(SegmentFault::Version(version)) => {
                LogError::LaterVersion { place, version }
            }
            other => LogError::Damaged { damage: other, place, at, position },
        }
    }

    pub(super) fn head(fault: HeadFault, place: String) -> LogError {
        match fault {
            HeadFault::Version(version) => LogError::LaterVersion { place, version },
            other => LogError::Head { fault: other, place },
        }
    }
}
