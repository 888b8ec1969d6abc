//! The log over a store: open it, append to it, read it. An entry is opaque bytes here, whole blocks of them.
//!
//! An append is the unit of truth. Its frames are written as they fill, its last frame commits it, and it is acknowledged
//! when that is on disk, and then the head. Whatever a later part relies on is synced before that part is written (see
//! `opening.rs`).

use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use thiserror::Error;

use crate::entry::recorded_text;
use crate::frame::{BLOCK_BYTES, Draft, ENTRY_BYTES_MAX, Frame, FrameFault, HEADER_BYTES, Header, Part};
use crate::hash::{EntryHash, hash_entries, hash_entry};
use crate::head::{FoundHead, Head, HeadFault, parse_head};
pub use crate::opening::Mark;
pub use crate::opening::Unfinished;
use crate::opening::{Damage, Depth, End, Found, Survey, mark};
use crate::rehash::Rehash;
use crate::segment::{SegmentFault, Window, format_header, header_bytes, parse_header};
use crate::store::{Store, StoreError};
use crate::tree::{EMPTY_ROOT, RightEdge, TreeHash, leaf};

/// A book's log. Everything that is shown or built on ends at the last committed entry.
pub struct Log {
    store: Box<dyn Store>,
    end: End,
    segments: Vec<u64>,
    marks: Vec<Mark>,
    damaged_slot: Option<u64>,
    writer: Option<Writer>,
}

/// What only the one writer has.
struct Writer {
    edge: RightEdge,
    /// What the head's file says: what was acknowledged last.
    head: Head,
    /// Bytes behind the last committed frame. The next append keeps them aside before it writes there.
    torn: Option<Unfinished>,
    report: WriterReport,
    /// Memory of the last frame, to be filled again.
    draft: Draft,
    state: State,
}

/// Whether the writer may go on. After a failed write or sync nobody knows what is on disk, and a second sync that
/// succeeds proves nothing about the first.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Sound,
    Broken,
    /// Something else has written to the segment. What lies there is not this writer's, and may be acknowledged: nothing is cut.
    Overtaken,
}

#[derive(Debug, Error)]
pub enum LogError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("`{book}` has a log already. Choose another place, or open the one that is there.")]
    Exists { book: String },
    #[error("`{book}` has no log. Create it first, or name another place.")]
    NothingThere { book: String },
    #[error(
        "`{place}` {damage} (byte {at}, position {position}). Nothing was changed. Put the book back from a backup, or write \
         what is sound into a new book with `trueup recover`; `trueup verify` says what is affected, and `--at SIZE` reads \
         what lies before the damage."
    )]
    Damaged { damage: Damage, place: String, at: u64, position: u64 },
    #[error(
        "`{place}` {fault}: whether the log ends where it was acknowledged cannot be known. Nothing was changed. Put the file \
         back from a copy of the whole book, or write what is sound into a new book with `trueup recover`; `trueup verify` \
         says what is sound."
    )]
    Head { fault: HeadFault, place: String },
    #[error("`{place}` was written by a later `trueup` (format {version}). Install that one to go on with this book.")]
    LaterVersion { place: String, version: u32 },
    #[error(
        "What was to be recorded is in the log, and could not be acknowledged: {source} Whether it is recorded is known at the \
         next start: record it again then, recording twice is harmless."
    )]
    Unacknowledged { source: Box<LogError> },
    #[error(
        "The log has {found} entries, and {expected} were expected: somebody else recorded. Read again, then decide."
    )]
    SizeDiffers { expected: u64, found: u64 },
    #[error("Position {position} is not in the log, which has {size} entries.")]
    OutOfRange { position: u64, size: u64 },
    #[error("`{book}` takes no more entries after a failed write. Find the cause (disk full?), then start again.")]
    Broken { book: String },
}

/// What opening for writing found.
#[derive(Clone, Debug)]
pub struct Opened {
    /// Bytes of an append that was never acknowledged. Nothing is changed before the next append.
    pub torn: Option<Unfinished>,
    /// What this writer's appends will have done.
    pub report: WriterReport,
}

/// What the appends of a writer did: shared, so that a command can tell of it however it ends.
#[derive(Clone, Debug, Default)]
pub struct WriterReport(Arc<Mutex<Reported>>);

#[derive(Clone, Debug, Default)]
struct Reported {
    kept: Option<Kept>,
    committed: Option<u64>,
}

/// A torn tail that was cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The position that its first entry had.
    pub position: u64,
    pub tail: Unfinished,
    /// Its name among the torn tails, and where it is.
    name: String,
    pub place: String,
}

impl WriterReport {
    /// The torn tail that was kept aside and cut.
    pub fn kept(&self) -> Option<Kept> {
        self.reported().kept.clone()
    }

    /// The size of the log after the last append that was acknowledged.
    pub fn committed(&self) -> Option<u64> {
        self.reported().committed
    }

    /// A panic while the lock was held left nothing half done: the mutex only guards single assignments.
    fn reported(&self) -> MutexGuard<'_, Reported> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An append that is on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Committed {
    /// Position of its first entry.
    pub first: u64,
    /// Size of the log after it.
    pub size: u64,
    pub root: TreeHash,
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

    fn head(fault: HeadFault, place: String) -> LogError {
        match fault {
            HeadFault::Version(version) => LogError::LaterVersion { place, version },
            other => LogError::Head { fault: other, place },
        }
    }
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
        let end = End { segment: 0, at: 0, size: 0, root: EMPTY_ROOT };
        let writer = Writer::new(RightEdge::default(), Head::of_nothing(), None);
        let mut log =
            Log { store, end, segments: Vec::new(), marks: Vec::new(), damaged_slot: None, writer: Some(writer) };
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
        let writer = Writer::new(found.edge.clone(), found.head.head.clone(), found.unfinished);
        let torn = found.unfinished.filter(|unfinished| unfinished.bytes > 0);
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

    fn of(store: Box<dyn Store>, found: Found, writer: Option<Writer>) -> Log {
        let damaged_slot = found.head.damaged_slot;
        Log { store, end: found.end, segments: found.segments, marks: found.marks, damaged_slot, writer }
    }

    /// Brings a reader to what is committed by now, and says the size.
    pub fn refresh(&mut self) -> Result<u64, LogError> {
        if self.writer.is_some() {
            return Ok(self.end.size);
        }
        let found = steady(|| Survey::after(&*self.store, read_head(&*self.store)?, self.end.clone()).run())?;
        assert!(found.end.size >= self.end.size, "BUG: a log of {} became {}", self.end.size, found.end.size);
        self.end = found.end;
        found.marks.into_iter().for_each(|new| mark(&mut self.marks, new));
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

    /// Committed entries.
    pub fn size(&self) -> u64 {
        self.end.size
    }

    /// The tree's root over all committed entries.
    pub fn root(&self) -> TreeHash {
        self.end.root
    }

    /// The root at a size, an earlier one computed again from the entries of one segment.
    pub fn root_at(&self, size: u64) -> Result<TreeHash, LogError> {
        if size > self.end.size {
            return Err(LogError::OutOfRange { position: size, size: self.end.size });
        }
        if size == self.end.size {
            return Ok(self.end.root);
        }
        let segment = self.segment_of(size);
        let mut edge = self.edge_of(segment)?;
        let mut hashes = Vec::new();
        let mut frames = self.frames(segment);
        while edge.size() < size {
            let frame = frames.next()?.expect("BUG: a committed entry without a frame");
            let wanted = usize::try_from(size - edge.size()).unwrap_or(usize::MAX);
            hashes.clear();
            hash_entries(frame.entries().take(wanted).map(|(_, entry)| entry), &mut hashes);
            hashes.iter().for_each(|hash| edge.append(leaf(hash)));
        }
        Ok(edge.root())
    }

    /// The root at an earlier size as it was written there; `None` where no frame ends at that size.
    pub fn written_root(&self, size: u64) -> Result<Option<TreeHash>, LogError> {
        match size {
            0 => return Ok(Some(EMPTY_ROOT)),
            _ if size == self.end.size => return Ok(Some(self.end.root)),
            _ if size > self.end.size => return Ok(None),
            _ => {}
        }
        let mut frames = self.frames(size - 1);
        let frame = frames.next()?.expect("BUG: a committed entry without a frame");
        Ok((frame.header.end() == size).then(|| frame.root()))
    }

    /// Begins an append, if the log has the size that the caller decided on, or none was named.
    pub fn begin(&mut self, expected: Option<u64>) -> Result<Append<'_>, LogError> {
        let found = self.end.size;
        let writer = self.writer.as_ref().expect("BUG: a reader began an append");
        if writer.state != State::Sound {
            return Err(LogError::Broken { book: self.store.book() });
        }
        if let Some(expected) = expected.filter(|expected| *expected != found) {
            return Err(LogError::SizeDiffers { expected, found });
        }
        let edge = writer.edge.clone();
        Ok(Append {
            log: self,
            first: found,
            next: found,
            edge,
            at: 0,
            marks: Vec::new(),
            now: 0,
            kept: None,
            progress: Progress::Unwritten,
        })
    }

    /// The committed frames from the one that holds position `from`, in order.
    pub fn frames(&self, from: u64) -> Frames<'_> {
        let at = match self.marks.partition_point(|mark| mark.first <= from) {
            0 => Mark { first: 0, segment: 0, at: header_bytes(0) as u64 },
            after => self.marks[after - 1],
        };
        Frames { log: self, from, given: at, next: at, window: Window::new(READ_BYTES) }
    }

    /// What compares the entries of all frames, from the first one on, with the roots that stand behind them.
    pub fn rehash(&self) -> Rehash<'_> {
        Rehash::of(self)
    }

    /// The bytes of one entry.
    pub fn entry(&self, position: u64) -> Result<Vec<u8>, LogError> {
        let missing = LogError::OutOfRange { position, size: self.end.size };
        let mut frames = self.frames(position);
        let frame = frames.next()?.ok_or(missing)?;
        let found = frame.entries().find(|(at, _)| *at == position);
        let (_, entry) = found.expect("BUG: a frame without the position that it was found by");
        Ok(entry.to_vec())
    }

    /// The hash of one entry, computed from its bytes.
    pub fn hash(&self, position: u64) -> Result<EntryHash, LogError> {
        self.entry(position).map(|entry| hash_entry(&entry))
    }

    /// Copies all committed bytes into a store that holds no log, with a head of its own, and says how many there were.
    pub fn copy_to(&self, mut target: Box<dyn Store>) -> Result<u64, LogError> {
        target.lock()?;
        if !is_vacant(&*target)? {
            return Err(LogError::Exists { book: target.book() });
        }
        let mut copied = 0;
        for segment in &self.segments {
            let is_last = *segment == self.end.segment;
            let length = if is_last { self.end.at } else { self.store.length(*segment)? };
            self.copy_segment(*segment, length, &mut *target)?;
            copied += length;
        }
        let (size, root, segment, length) = (self.end.size, self.end.root, self.end.segment, self.end.at);
        target.create_head(&Head { size, root, segment, length, ..Head::of_nothing() }.format_file())?;
        Ok(copied)
    }

    fn copy_segment(&self, segment: u64, length: u64, target: &mut dyn Store) -> Result<(), LogError> {
        let mut part = vec![0; COPY_BYTES];
        let mut at = 0;
        while at < length {
            let wanted = usize::try_from(length - at).map_or(COPY_BYTES, |rest| rest.min(COPY_BYTES));
            let read = self.store.read(segment, at, &mut part[..wanted])?;
            match at {
                0 => target.create(segment, &part[..read])?,
                _ => target.append(segment, at, &part[..read])?,
            }
            if read == 0 {
                return Err(self.damaged(Damage::Truncated, segment, at, segment));
            }
            at += read as u64;
        }
        Ok(target.sync(segment)?)
    }

    /// The segment whose tree reaches `size` with the fewest entries.
    fn segment_of(&self, size: u64) -> u64 {
        let after = self.segments.partition_point(|first| *first <= size);
        self.segments[after - 1]
    }

    pub(crate) fn edge_of(&self, segment: u64) -> Result<RightEdge, LogError> {
        let mut header = vec![0; header_bytes(segment)];
        let read = self.store.read(segment, 0, &mut header)?;
        parse_header(segment, &header[..read])
            .map_err(|fault| self.damaged(Damage::Segment(fault), segment, 0, segment))
    }

    pub(crate) fn damaged(&self, damage: Damage, segment: u64, at: u64, position: u64) -> LogError {
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
        if writer.state != State::Sound {
            return Err(LogError::Broken { book: self.store.book() });
        }
        change(&mut *self.store).map_err(|error| {
            let is_overtaken = matches!(error, StoreError::Moved { .. });
            writer.state = if is_overtaken { State::Overtaken } else { State::Broken };
            error.into()
        })
    }
}

/// Copied at once.
const COPY_BYTES: usize = 1 << 20;
/// Read at once, when frames are smaller: a part that fits the cache.
const READ_BYTES: usize = 256 << 10;

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
    match is_vacant(store)? {
        true => Err(LogError::NothingThere { book: store.book() }),
        false => Ok(()),
    }
}

/// The head. Beside a writer a slot may be seen half written; a slot that is damaged stays so.
fn read_head(store: &dyn Store) -> Result<FoundHead, LogError> {
    const TRIES: usize = 5;
    let mut found = parse_head(store.head()?.as_deref());
    for _ in 1..TRIES {
        match found {
            Ok(FoundHead { damaged_slot: None, .. }) => break,
            Ok(_) | Err(_) => found = parse_head(store.head()?.as_deref()),
        }
    }
    found.map_err(|fault| LogError::head(fault, store.head_place()))
}

/// A writer that cuts and writes again beside a reader can show it a mixture. Damage that is real is there every time.
fn steady(survey: impl Fn() -> Result<Found, LogError>) -> Result<Found, LogError> {
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

/// An append on its way. Nothing of it is visible before `commit`; dropped without it, nothing of it remains.
#[must_use = "an append that is not committed is cut off"]
pub struct Append<'a> {
    log: &'a mut Log,
    first: u64,
    next: u64,
    /// The tree with the frames written so far.
    edge: RightEdge,
    /// Where the next frame goes.
    at: u64,
    marks: Vec<Mark>,
    /// Microseconds since 1970, for the name of a torn tail.
    now: u64,
    /// The torn tail that this append has kept aside. Dropped without a commit, it is put back.
    kept: Option<Kept>,
    progress: Progress,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Progress {
    /// All entries are still in memory.
    Unwritten,
    /// Frames were written that nothing commits yet.
    Written,
    /// All is on disk, and perhaps the head is: nothing may be taken back.
    Synced,
    Committed,
}

impl Writer {
    fn new(edge: RightEdge, head: Head, torn: Option<Unfinished>) -> Writer {
        Writer { edge, head, torn, report: WriterReport::default(), draft: Draft::default(), state: State::Sound }
    }
}

impl<'a> Append<'a> {
    /// The same append, made at this time (microseconds since 1970), which names what is kept of a torn tail.
    pub fn made_at(self, now: u64) -> Append<'a> {
        let mut append = self;
        append.now = now;
        append
    }
}

impl Append<'_> {
    /// Takes an entry and says its position. Writes a frame whenever one is full.
    pub fn push(&mut self, entry: &[u8]) -> Result<u64, LogError> {
        assert!(!entry.is_empty(), "BUG: an entry without bytes");
        assert!(entry.len().is_multiple_of(BLOCK_BYTES), "BUG: an entry of {} bytes is not whole blocks", entry.len());
        assert!(entry.len() <= ENTRY_BYTES_MAX, "BUG: an entry of {} bytes", entry.len());
        if !self.writer().draft.has_room(entry.len()) {
            self.write_frame(Part::More)?;
        }
        self.writer().draft.push(entry);
        let position = self.next;
        self.next += 1;
        Ok(position)
    }

    /// The position that the next entry gets.
    pub fn next_position(&self) -> u64 {
        self.next
    }

    /// Writes the last frame and returns when all is on disk. An append of nothing changes nothing.
    pub fn commit(mut self) -> Result<Committed, LogError> {
        if self.next > self.first {
            self.write_frame(Part::Last)?;
            let segment = self.log.end.segment;
            self.log.guard(|store| store.sync(segment))?;
            self.progress = Progress::Synced;
            self.write_head()?;
            self.publish();
        }
        self.progress = Progress::Committed;
        Ok(Committed { first: self.first, size: self.log.end.size, root: self.log.end.root })
    }

    fn write_frame(&mut self, part: Part) -> Result<(), LogError> {
        match (self.progress, part) {
            (Progress::Unwritten, _) => {
                self.keep_torn_tail()?;
                self.choose_segment()?;
            }
            // The last frame proves that those before it were on disk, so that damage is told from a crash.
            (Progress::Written, Part::Last) => {
                let segment = self.log.end.segment;
                self.log.guard(|store| store.sync(segment))?;
            }
            (Progress::Written, Part::More) => {}
            (Progress::Synced | Progress::Committed, _) => unreachable!("BUG: a committed append went on"),
        }
        self.progress = Progress::Written;
        let segment = self.log.end.segment;
        mark(&mut self.marks, Mark { first: self.edge.size(), segment, at: self.at });
        let mut draft = mem::take(&mut self.writer().draft);
        let bytes = draft.seal(self.first, part, &mut self.edge);
        let at = self.at;
        self.at += bytes.len() as u64;
        let written = self.log.guard(|store| store.append(segment, at, bytes));
        draft.clear();
        self.writer().draft = draft;
        written
    }

    /// A full segment is sealed only between appends.
    fn choose_segment(&mut self) -> Result<(), LogError> {
        let end = &self.log.end;
        let has_frames = end.size > end.segment;
        if has_frames && end.at >= self.log.store.segment_bytes() {
            self.log.begin_segment()?;
        }
        self.at = self.log.end.at;
        Ok(())
    }

    /// Acknowledges the append: from here on a log without it is incomplete.
    fn write_head(&mut self) -> Result<(), LogError> {
        let (size, root, segment, length) = (self.next, self.edge.root(), self.log.end.segment, self.at);
        let generation = self.writer().head.generation + 1;
        let head = Head { generation, size, root, segment, length };
        let written = self.log.guard(|store| store.write_head(head.slot_at(), &head.format()));
        written.map_err(|source| LogError::Unacknowledged { source: Box::new(source) })?;
        self.log.damaged_slot = None;
        self.writer().head = head;
        Ok(())
    }

    /// Copies what a crash left behind the last committed frame, then cuts it. Nothing that was once on disk is thrown away.
    fn keep_torn_tail(&mut self) -> Result<(), LogError> {
        let Some(tail) = self.writer().torn else { return Ok(()) };
        if tail.bytes > 0 {
            let position = self.first;
            let time: String = recorded_text(self.now).chars().filter(char::is_ascii_alphanumeric).collect();
            let name = format!("{position}-{time}");
            let place = self.log.guard(|store| store.keep_torn(tail.segment, tail.at, &name))?;
            let kept = Kept { position, tail, name, place };
            self.writer().report.reported().kept = Some(kept.clone());
            self.kept = Some(kept);
        }
        self.log.guard(|store| store.cut(tail.segment, tail.at))?;
        self.log.guard(|store| store.sync(tail.segment))?;
        self.writer().torn = None;
        if tail.segment != self.log.end.segment {
            // A segment that was begun is gone on with: no frame may follow in the one before it.
            self.log.begin_segment()?;
        }
        // From here on the append may have to put it back.
        self.progress = Progress::Written;
        Ok(())
    }

    fn publish(&mut self) {
        assert_eq!(self.edge.size(), self.next, "BUG: an append with entries outside of its frames");
        let log = &mut *self.log;
        log.end = End { segment: log.end.segment, at: self.at, size: self.next, root: self.edge.root() };
        self.marks.drain(..).for_each(|new| mark(&mut log.marks, new));
        let size = log.end.size;
        self.writer().edge = self.edge.clone();
        self.writer().report.reported().committed = Some(size);
    }

    fn writer(&mut self) -> &mut Writer {
        self.log.writer.as_mut().expect("only a writer begins an append")
    }

    /// Removes what nothing committed. After a failure this is only an attempt: opening will do it again.
    fn cut_off(&mut self) {
        let (segment, at) = (self.log.end.segment, self.log.end.at);
        match self.writer().state {
            State::Sound => {
                let cut = self.log.guard(|store| store.cut(segment, at).and_then(|()| store.sync(segment)));
                // The writer is broken then, and the next append says so.
                drop(cut.and_then(|()| self.put_torn_tail_back()));
            }
            State::Broken => drop(self.log.store.cut(segment, at)),
            State::Overtaken => {}
        }
    }

    /// An append that does not come to be leaves the log as it found it.
    fn put_torn_tail_back(&mut self) -> Result<(), LogError> {
        let Some(kept) = self.kept.take() else { return Ok(()) };
        let (segment, end) = (self.log.end.segment, self.log.end.at);
        if (kept.tail.segment, kept.tail.at) != (segment, end) {
            // Half a segment's header, in whose place a whole one is by now.
            return Ok(());
        }
        self.log.guard(|store| store.put_torn_back(kept.tail.segment, kept.tail.at, &kept.name))?;
        self.writer().torn = Some(kept.tail);
        self.writer().report.reported().kept = None;
        Ok(())
    }
}

impl Drop for Append<'_> {
    fn drop(&mut self) {
        self.writer().draft.clear();
        match self.progress {
            Progress::Unwritten | Progress::Synced | Progress::Committed => {}
            Progress::Written => self.cut_off(),
        }
    }
}

/// Committed frames in order. Each is borrowed until the next is asked for.
pub struct Frames<'a> {
    log: &'a Log,
    from: u64,
    /// Where the frame that was given last begins.
    given: Mark,
    /// Where the next frame begins, and with which position.
    next: Mark,
    window: Window,
}

impl Frames<'_> {
    /// The next frame, checked by its checksum.
    #[expect(clippy::should_implement_trait, reason = "an iterator cannot lend its own memory")]
    pub fn next(&mut self) -> Result<Option<Frame<'_>>, LogError> {
        let Some(header) = self.find()? else {
            return Ok(None);
        };
        let Mark { segment, at, first } = self.next;
        self.given = self.next;
        self.next.first = header.end();
        self.next.at += u64::from(header.length);
        let log = self.log;
        let bytes = self.window.bytes(&*log.store, segment, at, header.length as usize)?;
        let frame = Frame::parse(bytes).map_err(|fault| log.damaged(Damage::Frame(fault), segment, at, first))?;
        Ok(Some(frame))
    }

    /// Where the frame that was given last begins.
    pub fn given(&self) -> Mark {
        self.given
    }

    /// Steps by headers to the first frame that ends behind `from`.
    fn find(&mut self) -> Result<Option<Header>, LogError> {
        while self.next.first < self.log.end.size {
            self.enter_next_segment();
            let header = self.header()?;
            if header.end() > self.from {
                return Ok(Some(header));
            }
            self.next.first = header.end();
            self.next.at += u64::from(header.length);
        }
        Ok(None)
    }

    fn enter_next_segment(&mut self) {
        let segment = self.log.segment_of(self.next.first);
        if segment != self.next.segment {
            self.next = Mark { first: segment, segment, at: header_bytes(segment) as u64 };
            self.window.forget();
        }
    }

    fn header(&mut self) -> Result<Header, LogError> {
        let (log, Mark { segment, at, first }) = (self.log, self.next);
        let header = Header::parse(self.window.bytes(&*log.store, segment, at, HEADER_BYTES)?);
        let header = header.map_err(|fault| log.damaged(Damage::Frame(fault), segment, at, first))?;
        if header.first != first {
            return Err(log.damaged(Damage::Misplaced, segment, at, first));
        }
        Ok(header)
    }
}
