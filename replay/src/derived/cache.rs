//! The derived files of an open book: which of them it was opened with, which were rejected, and when they are written again.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ledger::keyring::BookSecret;
use ledger::log::Log;
use projections::position::Position;

use crate::derived::index::{self, Answer, Indexes, Key};
use crate::derived::rejected::{CacheRejected, RejectedReason};
use crate::derived::schedule_file::{self, CloseMark};
use crate::derived::sealing::{self, Seals};
use crate::derived::snapshot::{Candidate, Snapshots};
use crate::error::BookError;
use crate::fold::{Hashes, fold, fold_all};
use crate::state::State;

/// From this many entries on, a close evaluates only what has changed, and leaves a schedule for the next one. Smaller books are
/// evaluated in full in no time.
pub const INCREMENTAL_FROM: u64 = 100_000;

/// Entries behind the last snapshot that are folded at each opening before another snapshot is written: a tenth of a second.
pub const SNAPSHOT_AFTER: u64 = 100_000;

/// When a derived file is written.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum When {
    /// When reading it will save more time than writing it costs.
    WhenItPays,
    Now,
}

/// The derived files of one book.
pub(crate) struct Caches {
    folder: PathBuf,
    /// Without the book's secret, which they are sealed with, none is read and none is written.
    snapshots: Option<Snapshots>,
    /// The size of the snapshot that the book was opened with, or that was written since; 0 without one.
    snapshot_size: u64,
    /// The indexes that were there before the log was opened: what a writer adds meanwhile is behind them.
    indexes: Vec<PathBuf>,
    /// The close whose schedule is in the schedule file; it is written once for each close.
    scheduled: Option<Position>,
    rejected: Vec<CacheRejected>,
}

/// The snapshots and indexes that were found before the log was opened.
pub(crate) struct FoundFiles {
    newest: Option<Candidate>,
    others: std::vec::IntoIter<(u64, PathBuf)>,
    indexes: Vec<PathBuf>,
}

impl Caches {
    /// Those in a folder, of the book with this secret.
    pub(crate) fn at(folder: PathBuf, secret: Option<&BookSecret>) -> Caches {
        let snapshots = secret.map(|secret| Snapshots::at(folder.clone(), Seals::of(secret)));
        Caches { folder, snapshots, snapshot_size: 0, indexes: Vec::new(), scheduled: None, rejected: Vec::new() }
    }

    /// Reads the newest snapshot while `open` opens the log: neither needs the other.
    pub(crate) fn read_beside<T: Send>(&self, open: impl FnOnce() -> T + Send) -> (T, Option<FoundFiles>) {
        let Some(snapshots) = &self.snapshots else { return (open(), None) };
        // Listed before the log is opened: what a writer adds to the log meanwhile is behind the snapshot.
        let mut others = snapshots.list(u64::MAX).into_iter();
        let newest = others.next();
        let indexes = index::list(&self.folder);
        std::thread::scope(|scope| {
            let log = scope.spawn(open);
            let newest = newest.and_then(|newest| snapshots.read(newest));
            // A broken invariant of the log is passed on.
            let log = log.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            (log, Some(FoundFiles { newest, others, indexes }))
        })
    }

    /// The state of the whole log: from the first good snapshot on, or from the first entry.
    pub(crate) fn state_of(&mut self, log: &Log, found: Option<FoundFiles>) -> Result<State, BookError> {
        let (Some(snapshots), Some(found)) = (&self.snapshots, found) else {
            return fold_all(log, log.size(), Hashes::Trusted);
        };
        self.indexes = found.indexes;
        let others = found.others.filter_map(|other| snapshots.read(other));
        let (state, size, rejected) = newest_of(log, log.size(), found.newest.into_iter().chain(others))?;
        (self.snapshot_size, self.rejected) = (size, rejected);
        Ok(state)
    }

    /// The state at an earlier size.
    pub(crate) fn state_at(&self, log: &Log, size: u64) -> Result<State, BookError> {
        let snapshots = self.snapshots.iter();
        let all =
            snapshots.flat_map(|snapshots| snapshots.list(size).into_iter().filter_map(|one| snapshots.read(one)));
        Ok(newest_of(log, size, all)?.0)
    }

    /// Takes up what the last close left for the next one, if the file is there and belongs to this log.
    pub(crate) fn read_schedule(&mut self, state: &mut State, log: &Log) -> Result<(), BookError> {
        let Some(last) = state.posted.last_close().map(|last| last.position) else { return Ok(()) };
        let root = log.written_root(u64::from(last) + 1)?;
        let Some(snapshots) = &self.snapshots else { return Ok(()) };
        let book = state.book_id();
        let mark = |after| root.filter(|_| after == last).map(|root| (book, root));
        match schedule_file::read(&self.folder, snapshots.seals().schedule, mark) {
            None => {}
            Some(Ok(schedule)) => {
                self.scheduled = schedule.after;
                state.schedule = Arc::new(schedule);
            }
            // It belongs to an older close: the last one did not write it, and it is not missed.
            Some(Err(RejectedReason::OtherHistory)) => {}
            Some(Err(reason)) => {
                let path = schedule_file::path_in(&self.folder);
                self.rejected.push(CacheRejected { path, reason });
            }
        }
        Ok(())
    }

    /// Derived files that were not used.
    pub(crate) fn rejected(&self) -> &[CacheRejected] {
        &self.rejected
    }

    /// The folder, where the files in it are neither used nor written because the book's secret is missing.
    pub(crate) fn unsealed(&self) -> Option<&Path> {
        self.snapshots.is_none().then_some(&*self.folder)
    }

    /// From now on sealed with this secret.
    pub(crate) fn seal_with(&mut self, secret: &BookSecret) {
        self.snapshots = Some(Snapshots::at(self.folder.clone(), Seals::of(secret)));
    }

    /// Writes a snapshot when reading it will be so much faster than folding that it pays. Gives the size of what was written.
    pub(crate) fn keep(&mut self, state: &State, log: &Log) -> Result<Option<u64>, CacheRejected> {
        self.remove_unfinished();
        let size = log.size();
        let beyond = size - self.snapshot_size.min(size);
        if size > INCREMENTAL_FROM {
            self.keep_schedule(state, log)?;
        }
        if beyond > SNAPSHOT_AFTER.max(size / 8) || !self.rejected.is_empty() {
            self.keep_now(state, log)
        } else {
            Ok(None)
        }
    }

    /// Writes a snapshot of the book as it is.
    pub(crate) fn keep_now(&mut self, state: &State, log: &Log) -> Result<Option<u64>, CacheRejected> {
        self.remove_unfinished();
        let Some(snapshots) = self.snapshots.as_ref().filter(|_| state.size() == log.size()) else { return Ok(None) };
        self.snapshot_size = snapshots.write(state, log.root())?;
        self.keep_schedule(state, log)?;
        self.rejected.clear();
        Ok(Some(self.snapshot_size))
    }

    fn remove_unfinished(&self) {
        if self.snapshots.is_some() {
            sealing::remove_unfinished(&self.folder);
        }
    }

    /// Writes what the last close left for the next one.
    fn keep_schedule(&mut self, state: &State, log: &Log) -> Result<(), CacheRejected> {
        let Some(snapshots) = &self.snapshots else { return Ok(()) };
        let (schedule, path) = (&state.schedule, schedule_file::path_in(&self.folder));
        let Some(after) = schedule.after else {
            // A file that was not used would be rejected at every start.
            return match std::fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    Err(CacheRejected { path, reason: RejectedReason::Unwritten(error.to_string()) })
                }
                Ok(()) | Err(_) => Ok(()),
            };
        };
        if self.scheduled == Some(after) {
            return Ok(());
        }
        let Ok(Some(root)) = log.written_root(u64::from(after) + 1) else { return Ok(()) };
        let mark: CloseMark = (state.book_id(), root);
        let written = schedule_file::write(schedule, &self.folder, mark, snapshots.seals().schedule);
        written.map_err(|error| CacheRejected { path, reason: RejectedReason::Unwritten(error.to_string()) })?;
        self.scheduled = Some(after);
        Ok(())
    }

    /// The indexes; none without the book's secret.
    fn indexes<'b>(&'b self, book: [u8; 16], log: &'b Log) -> Option<Indexes<'b>> {
        let key = self.snapshots.as_ref()?.seals().index;
        Some(Indexes { folder: &self.folder, log, book, key })
    }

    /// Where the index knows these keys to be.
    pub(crate) fn ask_index<S: AsRef<Path>>(
        &self,
        (book, log): ([u8; 16], &Log),
        keys: &[Key],
        scratch: impl Fn() -> io::Result<S>,
    ) -> Answer {
        self.indexes(book, log).map(|indexes| indexes.ask(&self.indexes, keys, scratch)).unwrap_or_default()
    }

    /// Brings the index up to date. Gives those that were rejected and made again.
    pub(crate) fn keep_index(
        &self,
        (book, log): ([u8; 16], &Log),
        when: When,
    ) -> Result<Vec<CacheRejected>, CacheRejected> {
        let Some(indexes) = self.indexes(book, log) else { return Ok(Vec::new()) };
        indexes.tidy()?;
        let (newest, rejected) = indexes.newest();
        let (size, below) = (log.size(), newest.unwrap_or(0));
        let is_due = match when {
            When::Now => below < size,
            When::WhenItPays => size - below > SNAPSHOT_AFTER.max(size / 8),
        };
        if is_due || !rejected.is_empty() {
            indexes.write(newest)?;
        }
        Ok(rejected)
    }
}

/// A state, the size of the snapshot that it came from, and the snapshots that were rejected before it.
type Newest = (State, u64, Vec<CacheRejected>);

/// The state of the first good snapshot and the entries behind it; of all entries, where none is good.
fn newest_of(log: &Log, size: u64, snapshots: impl Iterator<Item = Candidate>) -> Result<Newest, BookError> {
    let mut rejected = Vec::new();
    for snapshot in snapshots {
        match snapshot.state(log)? {
            Ok(mut state) => {
                let from = state.size();
                fold(&mut state, log, size, Hashes::Trusted)?;
                return Ok((state, from, rejected));
            }
            Err(one) => rejected.push(one),
        }
    }
    Ok((fold_all(log, size, Hashes::Trusted)?, 0, rejected))
}
