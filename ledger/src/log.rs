//! The log over a store: open it, append to it, read it. An entry is opaque bytes here, whole blocks of them.
//!
//! An append is the unit of truth. Its frames are written as they fill, its last frame commits it, and it is acknowledged
//! when that is on disk, and then the head. Whatever a later part relies on is synced before that part is written (see
//! `log/survey.rs`).

mod append;
mod copy;
mod error;
mod location;
mod opening;
mod read;
mod rehash;
mod survey;
mod writer;

use location::{LogEnd, remember};
use survey::{Depth, Survey, SurveyResult};
use writer::{LogWriter, WriterState};

use crate::head::{Head, HeadFault, LoadedHead, parse_head};
use crate::segment::{format_header, header_bytes, parse_header};
use crate::store::{Store, StoreError};
use crate::tree::{EMPTY_ROOT, RightEdge, TreeHash};

pub use append::{Append, Committed};
pub use error::LogError;
pub use location::{FrameStart, TornTail};
pub use opening::Damage;
pub use read::Frames;
pub use rehash::Rehash;
pub use writer::{KeptTail, Opened, WriterReport};

/// A book's log. Everything that is shown or built on ends at the last committed entry.
pub struct Log {
    store: Box<dyn Store>,
    end: LogEnd,
    /// The earlier size as of which the log is read, and its root; `None` where it is read to its end.
    as_of: Option<(u64, TreeHash)>,
    segments: Vec<u64>,
    frame_starts: Vec<FrameStart>,
    damaged_slot: Option<u64>,
    writer: Option<LogWriter>,
}

impl Log {
    /// A new, empty log in a store that holds none, or the one that is there if it has no entry yet.
    pub fn create(mut store: Box<dyn Store>) -> Result<Log, LogError> {
        if !is_vacant(&*store)? {
            let book = store.book();
            return match Log::open(store) {
                Ok((log, _)) if log.size() == 0 => Ok(log),
                Err(LogError::Store(error)) => Err(error.into()),
                Ok(_) | Err(_) => Err(LogError::Exists { book }),
            };
        }
        store.lock()?;
        if !store.segments()?.is_empty() {
            store.cut(0, 0)?;
        }
        let end = LogEnd { segment: 0, at: 0, size: 0, root: EMPTY_ROOT };
        let writer = LogWriter::new(RightEdge::default(), Head::of_nothing(), None);
        let mut log = Log {
            store,
            end,
            as_of: None,
            segments: Vec::new(),
            frame_starts: Vec::new(),
            damaged_slot: None,
            writer: Some(writer),
        };
        log.begin_segment()?;
        // Last: a log with a head was created completely.
        log.guard(|store| store.create_head(&Head::of_nothing().format_file()))?;
        Ok(log)
    }

    /// The log for writing, by its only writer. Changes nothing: what a crash left behind the last acknowledged append is
    /// kept aside and cut by the next append.
    pub fn open(store: Box<dyn Store>) -> Result<(Log, Opened), LogError> {
        Log::open_remembering(store, 0)
    }

    /// The log for writing. Refuses a log shorter than somebody remembers it, from a checkpoint for instance.
    pub fn open_remembering(mut store: Box<dyn Store>, size: u64) -> Result<(Log, Opened), LogError> {
        must_be_there(&*store)?;
        store.lock()?;
        let head = read_head(&*store)?;
        let found = Survey::new(&*store, head, Depth::Roots, size).run()?;
        // A process that died between write and sync left frames that are only in memory: sync before building on them.
        store.sync(found.end.segment)?;
        let writer = LogWriter::new(found.edge.clone(), found.head.head.clone(), found.torn_tail);
        let torn = found.torn_tail.filter(|torn_tail| torn_tail.bytes > 0);
        let opened = Opened { torn, report: writer.report.clone() };
        Ok((Log::of(store, found, Some(writer)), opened))
    }

    /// The log for reading, beside its writer or without one. Takes no lock and writes nothing.
    pub fn open_read(store: Box<dyn Store>) -> Result<Log, LogError> {
        must_be_there(&*store)?;
        let found = steady(|| Survey::new(&*store, read_head(&*store)?, Depth::Checksums, 0).run())?;
        Ok(Log::of(store, found, None))
    }

    /// The log for reading up to the end of the append that reaches `size`. Neither the head nor what lies behind is
    /// looked at: for logs that are damaged there. Every root up to there is compared.
    pub fn open_until(store: Box<dyn Store>, size: u64) -> Result<Log, LogError> {
        must_be_there(&*store)?;
        let found = Survey::until(&*store, size, Depth::Roots).run()?;
        Ok(Log::of(store, found, None))
    }

    fn of(store: Box<dyn Store>, found: SurveyResult, writer: Option<LogWriter>) -> Log {
        let damaged_slot = found.head.damaged_slot;
        let (end, segments, frame_starts) = (found.end, found.segments, found.frame_starts);
        Log { store, end, as_of: None, segments, frame_starts, damaged_slot, writer }
    }

    /// The log as of an earlier size, for reading: its size and root are those of that size, and no entry from there on can be asked
    /// for. A frame that reaches beyond that size is still read whole.
    ///
    /// Fails if the log is shorter, or cannot be read.
    pub fn as_of(self, size: u64) -> Result<Log, LogError> {
        assert!(self.writer.is_none(), "BUG: a writer's log was to be read as of {size}");
        let root = match self.written_root(size)?.filter(|_| size <= self.size()) {
            Some(root) => root,
            None => self.root_at(size)?,
        };
        Ok(Log { as_of: Some((size, root)), ..self })
    }

    /// Brings a reader to what is committed by now, and says the size.
    pub fn refresh(&mut self) -> Result<u64, LogError> {
        if self.writer.is_some() {
            return Ok(self.end.size);
        }
        let found = steady(|| Survey::after(&*self.store, read_head(&*self.store)?, self.end.clone()).run())?;
        assert!(found.end.size >= self.end.size, "BUG: a log of {} became {}", self.end.size, found.end.size);
        self.end = found.end;
        found.frame_starts.into_iter().for_each(|new| remember(&mut self.frame_starts, new));
        let known = self.segments.last().copied();
        self.segments.extend(found.segments.into_iter().filter(|segment| Some(*segment) > known));
        Ok(self.end.size)
    }

    /// The book, as messages name it.
    pub fn book(&self) -> String {
        self.store.book()
    }

    /// The number of the head's slot that cannot be read although the log reaches one append further than the other slot says. A
    /// crash leaves this, and damage to the slot does; the next append writes the slot again.
    pub fn damaged_slot(&self) -> Option<u64> {
        self.damaged_slot
    }

    /// The head's file, as messages name it.
    pub fn head_place(&self) -> String {
        self.store.head_place()
    }

    /// Committed entries, or the earlier size as of which the log is read.
    pub fn size(&self) -> u64 {
        self.as_of.map_or(self.end.size, |(size, _)| size)
    }

    /// The tree's root over all of these entries.
    pub fn root(&self) -> TreeHash {
        self.as_of.map_or(self.end.root, |(_, root)| root)
    }

    fn damaged(&self, damage: Damage, segment: u64, at: u64, position: u64) -> LogError {
        LogError::damaged(damage, self.store.place(segment), at, position)
    }

    /// Begins a segment where the log ends, on disk before the first frame is written into it.
    fn begin_segment(&mut self) -> Result<(), LogError> {
        let writer = self.writer.as_ref().expect("BUG: a reader began a segment");
        let header = format_header(&writer.edge);
        let segment = self.end.size;
        self.guard(|store| store.create(segment, &header))?;
        self.guard(|store| store.sync(segment))?;
        self.segments.push(segment);
        self.end.segment = segment;
        self.end.at = header.len() as u64;
        Ok(())
    }

    /// Changes the store. The first failure ends the writer for good.
    fn guard<T>(&mut self, change: impl FnOnce(&mut dyn Store) -> Result<T, StoreError>) -> Result<T, LogError> {
        let writer = self.writer.as_mut().expect("BUG: a reader changed the store");
        if writer.state != WriterState::Sound {
            return Err(LogError::Broken { book: self.store.book() });
        }
        change(&mut *self.store).map_err(|error| {
            let is_overtaken = matches!(error, StoreError::Moved { .. });
            writer.state = if is_overtaken { WriterState::Overtaken } else { WriterState::Broken };
            error.into()
        })
    }
}

/// Nothing but what a crash while creating left: no entry was ever in it. The head is created last.
fn is_vacant(store: &dyn Store) -> Result<bool, StoreError> {
    let head = parse_head(store.head()?.as_deref());
    match store.segments()?.as_slice() {
        [] => Ok(head == Err(HeadFault::Missing)),
        [0] => {
            let (length, whole) = (store.length(0)?, header_bytes(0) as u64);
            let mut header = vec![0; header_bytes(0)];
            let read = store.read(0, 0, &mut header)?;
            let has_header = parse_header(0, &header[..read]).is_ok();
            let never_acknowledged = match head {
                Ok(found) => found.head.size == 0 && !has_header,
                Err(HeadFault::Missing | HeadFault::Length(_) | HeadFault::Damaged) => true,
                Err(HeadFault::SlotDamaged | HeadFault::Unrelated | HeadFault::Version(_)) => false,
            };
            Ok(length <= whole && never_acknowledged)
        }
        _ => Ok(false),
    }
}

fn must_be_there(store: &dyn Store) -> Result<(), LogError> {
    if is_vacant(store)? { Err(LogError::NothingThere { book: store.book() }) } else { Ok(()) }
}

/// The head. Beside a writer a slot may be seen half written; a slot that is damaged stays so.
fn read_head(store: &dyn Store) -> Result<LoadedHead, LogError> {
    const TRIES: usize = 5;
    let mut found = parse_head(store.head()?.as_deref());
    for _ in 1..TRIES {
        match found {
            Ok(LoadedHead { damaged_slot: None, .. }) => break,
            Ok(_) | Err(_) => found = parse_head(store.head()?.as_deref()),
        }
    }
    found.map_err(|fault| LogError::head(fault, store.head_place()))
}

/// A writer that cuts and writes again beside a reader can show it a mixture. Damage that is real is there every time.
fn steady(survey: impl Fn() -> Result<SurveyResult, LogError>) -> Result<SurveyResult, LogError> {
    const TRIES: usize = 3;
    let mut answer = survey();
    for _ in 1..TRIES {
        match answer {
            Err(LogError::Damaged { .. } | LogError::Head { .. }) => answer = survey(),
            Ok(_) | Err(_) => break,
        }
    }
    answer
}
