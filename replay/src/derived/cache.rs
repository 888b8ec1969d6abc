//! The derived files of an open book: which were used to open it, which were rejected, and when they are written again.

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

/// A close of a book with more entries than this evaluates only what changed since the last close, and leaves a schedule for the
/// next one. Smaller books are evaluated in full, which takes less than a second.
pub const INCREMENTAL_FROM: u64 = 100_000;

/// The most entries after the last snapshot that are folded at each opening before another snapshot is written. Folding them
/// takes a tenth of a second.
pub const SNAPSHOT_AFTER: u64 = 100_000;

/// When a derived file is written.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum When {
    /// If reading it will save more time than writing it costs.
    WhenItPays,
    /// In any case.
    Now,
}

/// The derived files of one book.
pub(crate) struct Caches {
    folder: PathBuf,
    /// `None` without the book's secret, which seals them: then no derived file is read or written.
    snapshots: Option<Snapshots>,
    /// The size of the last snapshot that was read or written; 0 without one.
    snapshot_size: u64,
    /// The indexes, listed before the log was opened. Entries that a writer adds meanwhile come after them.
    indexes: Vec<PathBuf>,
    /// The close whose schedule is in the schedule file; it is written once for each close.
    scheduled: Option<Position>,
    rejected: Vec<CacheRejected>,
}

/// The snapshots and indexes, listed before the log was opened.
pub(crate) struct FoundFiles {
    newest: Option<Candidate>,
    others: std::vec::IntoIter<(u64, PathBuf)>,
    indexes: Vec<PathBuf>,
}

impl Caches {
    /// The derived files in a folder, of the book with this secret.
    pub(crate) fn at(folder: PathBuf, secret: Option<&BookSecret>) -> Caches {
        let snapshots = secret.map(|secret| Snapshots::at(folder.clone(), Seals::of(secret)));
        Caches { folder, snapshots, snapshot_size: 0, indexes: Vec::new(), scheduled: None, rejected: Vec::new() }
    }

    /// Reads the newest snapshot while `open` opens the log in another thread.
    pub(crate) fn read_beside<T: Send>(&self, open: impl FnOnce() -> T + Send) -> (T, Option<FoundFiles>) {
        let Some(snapshots) = &self.snapshots else { return (open(), None) };
        // Listed before the log is opened, so no snapshot is larger than the log that is opened.
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

    /// The state of the whole log, folded from the newest good snapshot on, or from the first entry.
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

    /// Reads the schedule of the last close into the state, if the file exists and belongs to this log.
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
            // It belongs to an older close: the last close, of a small book, wrote none. That is no fault.
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

    /// The folder, if the files in it are neither read nor written because the book's secret is missing.
    pub(crate) fn unsealed(&self) -> Option<&Path> {
        self.snapshots.is_none().then_some(&*self.folder)
    }

    /// Seals derived files with this secret from now on.
    pub(crate) fn seal_with(&mut self, secret: &BookSecret) {
        self.snapshots = Some(Snapshots::at(self.folder.clone(), Seals::of(secret)));
    }

    /// Writes a snapshot if reading it will save more time than writing it costs. Returns its size; `None` if none was written.
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

    /// Writes a snapshot now. Returns its size; `None` without the book's secret.
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

    /// Writes the schedule of the last close, once for each close.
    fn keep_schedule(&mut self, state: &State, log: &Log) -> Result<(), CacheRejected> {
        let Some(snapshots) = &self.snapshots else { return Ok(()) };
        let (schedule, path) = (&state.schedule, schedule_file::path_in(&self.folder));
        let Some(after) = schedule.after else {
            // An old file would be rejected each time the book is opened.
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

    /// The indexes; `None` without the book's secret.
    fn indexes<'b>(&'b self, book: [u8; 16], log: &'b Log) -> Option<Indexes<'b>> {
        let key = self.snapshots.as_ref()?.seals().index;
        Some(Indexes { folder: &self.folder, log, book, key })
    }

    /// The positions of keys, from the index. `scratch` makes an empty temporary folder.
    pub(crate) fn ask_index<S: AsRef<Path>>(
        &self,
        (book, log): ([u8; 16], &Log),
        keys: &[Key],
        scratch: impl Fn() -> io::Result<S>,
    ) -> Answer {
        self.indexes(book, log).map(|indexes| indexes.ask(&self.indexes, keys, scratch)).unwrap_or_default()
    }

    /// Brings the index up to date. Returns the indexes that were rejected and made again.
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

/// The state at a size, folded from the first good snapshot on, or from the first entry if no snapshot is good.
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
