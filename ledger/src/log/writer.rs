//! What the one writer of a log remembers between appends, and what it reports of them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::location::TornTail;
use crate::frame::FrameDraft;
use crate::head::Head;
use crate::tree::RightEdge;

/// What opening for writing found.
#[derive(Clone, Debug)]
pub struct Opened {
    /// Bytes of an append that was never acknowledged. Nothing is changed before the next append.
    pub torn: Option<TornTail>,
    /// What this writer's appends will have done.
    pub report: WriterReport,
}

/// What the appends of a writer did: shared, so that a command can tell of it however it ends.
#[derive(Clone, Debug, Default)]
pub struct WriterReport(Arc<Mutex<AppendsMade>>);

#[derive(Clone, Debug, Default)]
pub(super) struct AppendsMade {
    pub(super) kept: Option<KeptTail>,
    pub(super) committed: Option<u64>,
}

/// A torn tail that was cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptTail {
    /// The position that its first entry had.
    pub position: u64,
    /// Where it was, and how long.
    pub tail: TornTail,
    /// Its name among the torn tails, and where it is.
    pub(super) name: String,
    /// The file that it was copied to, as messages name it.
    pub place: String,
}

impl WriterReport {
    /// The torn tail that was kept aside and cut.
    pub fn kept(&self) -> Option<KeptTail> {
        self.reported().kept.clone()
    }

    /// The size of the log after the last append that was acknowledged.
    pub fn committed(&self) -> Option<u64> {
        self.reported().committed
    }

    /// A panic while the lock was held left nothing half done: the mutex only guards single assignments.
    pub(super) fn reported(&self) -> MutexGuard<'_, AppendsMade> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What only the one writer has.
pub(super) struct LogWriter {
    pub(super) edge: RightEdge,
    /// What the head's file says: what was acknowledged last.
    pub(super) head: Head,
    /// Bytes behind the last committed frame. The next append keeps them aside before it writes there.
    pub(super) torn: Option<TornTail>,
    pub(super) report: WriterReport,
    /// Memory of the last frame, to be filled again.
    pub(super) draft: FrameDraft,
    pub(super) state: WriterState,
}

/// Whether the writer may go on. Following a failed write or sync nobody knows what is on disk, and a second sync that
/// succeeds proves nothing about the first.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum WriterState {
    Sound,
    Broken,
    /// Something else has written to the segment. What lies there is not this writer's, and may be acknowledged: nothing is cut.
    Overtaken,
}

impl LogWriter {
    pub(super) fn new(edge: RightEdge, head: Head, torn: Option<TornTail>) -> LogWriter {
        LogWriter {
            edge,
            head,
            torn,
            report: WriterReport::default(),
            draft: FrameDraft::default(),
            state: WriterState::Sound,
        }
    }
}
