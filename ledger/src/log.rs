//! The log over a store: open it, append to it, read it. An entry is opaque bytes here, whole blocks of them.
//!
//! An append is the unit of truth. Its frames are written as they fill, its last frame commits it, and it is acknowledged
//! when that is on disk. Whatever a later part relies on is synced before that part is written (see `opening.rs`).

use std::mem;

use thiserror::Error;

use crate::frame::{BLOCK_BYTES, Draft, ENTRY_BYTES_MAX, Frame, FrameFault, HEADER_BYTES, Header, Part};
use crate::hash::{EntryHash, hash_entries, hash_entry};
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
    writer: Option<Writer>,
}

/// What only the one writer has.
struct Writer {
    edge: RightEdge,
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
        "`{place}` {damage} (byte {at}, position {position}). Nothing was changed. Put this file back from a backup or \
         another copy of the book; `trueup verify` says what else is affected."
    )]
    Damaged { damage: Damage, place: String, at: u64, position: u64 },
    #[error("`{place}` was written by a later `trueup` (format {version}). Install that one to go on with this book.")]
    LaterVersion { place: String, version: u32 },
    #[error(
        "The log has {found} entries, and {expected} were expected: somebody else recorded. Read again, then decide."
    )]
    SizeDiffers { expected: u64, found: u64 },
    #[error("Position {position} is not in the log, which has {size} entries.")]
    OutOfRange { position: u64, size: u64 },
    #[error("`{book}` takes no more entries after a failed write. Find the cause (disk full?), then start again.")]
    Broken { book: String },
}

/// What opening for writing did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opened {
    /// An append that was never acknowledged and was cut off. To be shown to the user.
    pub cut_off: Option<Unfinished>,
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
}

impl Log {
    /// A new, empty log in a store that holds none.
    pub fn create(mut store: Box<dyn Store>) -> Result<Log, LogError> {
        store.lock()?;
        if !is_vacant(&*store)? {
            return Err(LogError::Exists { book: store.book() });
        }
        if !store.segments()?.is_empty() {
            store.cut(0, 0)?;
        }
        let end = End { segment: 0, at: 0, size: 0, root: EMPTY_ROOT };
        let writer = Writer { edge: RightEdge::default(), draft: Draft::default(), state: State::Sound };
        let mut log = Log { store, end, segments: Vec::new(), marks: Vec::new(), writer: Some(writer) };
        log.begin_segment()?;
        Ok(log)
    }

    /// The log for writing, by its only writer. Cuts off what a crash left of an append that was never acknowledged.
    pub fn open(store: Box<dyn Store>) -> Result<(Log, Opened), LogError> {
        Log::open_remembering(store, 0)
    }

    /// The same, and refuses a log shorter than somebody remembers it (from a checkpoint, for instance).
    pub fn open_remembering(mut store: Box<dyn Store>, size: u64) -> Result<(Log, Opened), LogError> {
        if store.segments()?.is_empty() {
            return Err(LogError::NothingThere { book: store.book() });
        }
        store.lock()?;
        let found = Survey::new(&*store, Depth::Roots, size).run()?;
        if found.segments.is_empty() {
            return Err(LogError::NothingThere { book: store.book() });
        }
        // A process that died between write and sync left frames that are only in memory: sync before building on them.
        if let Some(unfinished) = found.unfinished {
            store.cut(unfinished.segment, unfinished.at)?;
            store.sync(unfinished.segment)?;
        }
        store.sync(found.end.segment)?;
        let opened = Opened { cut_off: found.unfinished.filter(|unfinished| unfinished.bytes > 0) };
        let writer = Writer { edge: found.edge.clone(), draft: Draft::default(), state: State::Sound };
        Ok((Log::of(store, found, Some(writer)), opened))
    }

    /// The log for reading, beside its writer or without one. Takes no lock and writes nothing.
    pub fn open_read(store: Box<dyn Store>) -> Result<Log, LogError> {
        let found = steady(|| Survey::new(&*store, Depth::Checksums, 0).run())?;
        if found.segments.is_empty() {
            return Err(LogError::NothingThere { book: store.book() });
        }
        Ok(Log::of(store, found, None))
    }

    fn of(store: Box<dyn Store>, found: Found, writer: Option<Writer>) -> Log {
        Log { store, end: found.end, segments: found.segments, marks: found.marks, writer }
    }

    /// Brings a reader to what is committed by now, and says the size.
    pub fn refresh(&mut self) -> Result<u64, LogError> {
        if self.writer.is_some() {
            return Ok(self.end.size);
        }
        let found = steady(|| Survey::after(&*self.store, self.end.clone()).run())?;
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
        if writer.state == State::Broken {
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
    fn guard(&mut self, change: impl FnOnce(&mut dyn Store) -> Result<(), StoreError>) -> Result<(), LogError> {
        let writer = self.writer.as_mut().expect("BUG: a reader changed the store");
        if writer.state == State::Broken {
            return Err(LogError::Broken { book: self.store.book() });
        }
        change(&mut *self.store).map_err(|error| {
            writer.state = State::Broken;
            error.into()
        })
    }
}

/// Read at once, when frames are smaller: a part that fits the cache.
const READ_BYTES: usize = 256 << 10;

/// Nothing but what a crash while creating left: no entry was ever in it.
fn is_vacant(store: &dyn Store) -> Result<bool, StoreError> {
    match store.segments()?.as_slice() {
        [] => Ok(true),
        [0] => {
            let length = store.length(0)?;
            let mut header = vec![0; header_bytes(0)];
            let read = store.read(0, 0, &mut header)?;
            Ok(length <= header_bytes(0) as u64 && parse_header(0, &header[..read]).is_err())
        }
        _ => Ok(false),
    }
}

/// A writer that cuts and writes again beside a reader can show it a mixture. Damage that is real is there every time.
fn steady(survey: impl Fn() -> Result<Found, LogError>) -> Result<Found, LogError> {
    const TRIES: usize = 3;
    let mut answer = survey();
    for _ in 1..TRIES {
        match answer {
            Err(LogError::Damaged { .. }) => answer = survey(),
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
    progress: Progress,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Progress {
    /// All entries are still in memory.
    Unwritten,
    /// Frames were written that nothing commits yet.
    Written,
    Committed,
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
            self.publish();
        }
        self.progress = Progress::Committed;
        Ok(Committed { first: self.first, size: self.log.end.size, root: self.log.end.root })
    }

    fn write_frame(&mut self, part: Part) -> Result<(), LogError> {
        match (self.progress, part) {
            (Progress::Unwritten, _) => self.choose_segment()?,
            // The last frame proves that those before it were on disk, so that damage is told from a crash.
            (Progress::Written, Part::Last) => {
                let segment = self.log.end.segment;
                self.log.guard(|store| store.sync(segment))?;
            }
            (Progress::Written, Part::More) => {}
            (Progress::Committed, _) => unreachable!("BUG: a committed append went on"),
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

    fn publish(&mut self) {
        assert_eq!(self.edge.size(), self.next, "BUG: an append with entries outside of its frames");
        let log = &mut *self.log;
        log.end = End { segment: log.end.segment, at: self.at, size: self.next, root: self.edge.root() };
        self.marks.drain(..).for_each(|new| mark(&mut log.marks, new));
        self.writer().edge = self.edge.clone();
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
                drop(cut);
            }
            State::Broken => drop(self.log.store.cut(segment, at)),
        }
    }
}

impl Drop for Append<'_> {
    fn drop(&mut self) {
        self.writer().draft.clear();
        match self.progress {
            Progress::Unwritten | Progress::Committed => {}
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
