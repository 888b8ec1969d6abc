//! Appending: frames are written as they fill, the last one commits, and the head acknowledges.

use std::mem;

use super::Log;
use super::error::LogError;
use super::location::{FrameStart, LogEnd, remember};
use super::writer::{KeptTail, LogWriter, WriterState};
use crate::entry::recorded_text;
use crate::frame::{BLOCK_BYTES, ENTRY_BYTES_MAX, FramePart};
use crate::head::Head;
use crate::tree::{RightEdge, TreeHash};

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
    frame_starts: Vec<FrameStart>,
    /// Microseconds since 1970, for the name of a torn tail.
    now: u64,
    /// The torn tail that this append has kept aside. Dropped without a commit, it is put back.
    kept: Option<KeptTail>,
    progress: AppendProgress,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum AppendProgress {
    /// Nothing is ever written: only positions are given.
    Rehearsed,
    /// All entries are still in memory.
    Unwritten,
    /// Frames were written that nothing commits yet.
    Written,
    /// All is on disk, and perhaps the head is: nothing may be taken back.
    Synced,
    Committed,
}

/// An append that is on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Committed {
    /// Position of its first entry.
    pub first: u64,
    /// Size of the log after it.
    pub size: u64,
    /// The tree's root over all entries up to then.
    pub root: TreeHash,
}

impl Log {
    /// Begins an append, if the log has the size that the caller decided on, or none was named.
    pub fn begin(&mut self, expected: Option<u64>) -> Result<Append<'_>, LogError> {
        let found = self.end.size;
        let writer = self.writer.as_ref().expect("BUG: a reader began an append");
        if writer.state != WriterState::Sound {
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
            frame_starts: Vec::new(),
            now: 0,
            kept: None,
            progress: AppendProgress::Unwritten,
        })
    }

    /// An append that is never written, for whoever wants to know what recording something would do: its first entry gets the position
    /// `first`. It cannot be committed. A log for reading takes it too.
    pub fn rehearse(&mut self, first: u64) -> Append<'_> {
        Append {
            log: self,
            first,
            next: first,
            edge: RightEdge::default(),
            at: 0,
            frame_starts: Vec::new(),
            now: 0,
            kept: None,
            progress: AppendProgress::Rehearsed,
        }
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
        if self.progress != AppendProgress::Rehearsed {
            if !self.writer().draft.has_room(entry.len()) {
                self.write_frame(FramePart::More)?;
            }
            self.writer().draft.push(entry);
        }
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
        assert!(self.progress != AppendProgress::Rehearsed, "BUG: a rehearsed append was committed");
        if self.next > self.first {
            self.write_frame(FramePart::Last)?;
            let segment = self.log.end.segment;
            self.log.guard(|store| store.sync(segment))?;
            self.progress = AppendProgress::Synced;
            self.write_head()?;
            self.publish();
        }
        self.progress = AppendProgress::Committed;
        Ok(Committed { first: self.first, size: self.log.end.size, root: self.log.end.root })
    }

    fn write_frame(&mut self, part: FramePart) -> Result<(), LogError> {
        match (self.progress, part) {
            (AppendProgress::Unwritten, _) => {
                self.keep_torn_tail()?;
                self.choose_segment()?;
            }
            // The last frame proves that those before it were on disk, so that damage is told from a crash.
            (AppendProgress::Written, FramePart::Last) => {
                let segment = self.log.end.segment;
                self.log.guard(|store| store.sync(segment))?;
            }
            (AppendProgress::Written, FramePart::More) => {}
            (AppendProgress::Synced | AppendProgress::Committed, _) => unreachable!("BUG: a committed append went on"),
            (AppendProgress::Rehearsed, _) => unreachable!("BUG: a rehearsed append was written"),
        }
        self.progress = AppendProgress::Written;
        let segment = self.log.end.segment;
        remember(&mut self.frame_starts, FrameStart { first: self.edge.size(), segment, at: self.at });
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
            let kept = KeptTail { position, tail, name, place };
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
        self.progress = AppendProgress::Written;
        Ok(())
    }

    fn publish(&mut self) {
        assert_eq!(self.edge.size(), self.next, "BUG: an append with entries outside of its frames");
        let log = &mut *self.log;
        log.end = LogEnd { segment: log.end.segment, at: self.at, size: self.next, root: self.edge.root() };
        self.frame_starts.drain(..).for_each(|new| remember(&mut log.frame_starts, new));
        let size = log.end.size;
        self.writer().edge = self.edge.clone();
        self.writer().report.reported().committed = Some(size);
    }

    fn writer(&mut self) -> &mut LogWriter {
        self.log.writer.as_mut().expect("only a writer begins an append")
    }

    /// Removes what nothing committed. Following a failure this is only an attempt: opening will do it again.
    fn cut_off(&mut self) {
        let (segment, at) = (self.log.end.segment, self.log.end.at);
        match self.writer().state {
            WriterState::Sound => {
                let cut = self.log.guard(|store| store.cut(segment, at).and_then(|()| store.sync(segment)));
                // The writer is broken then, and the next append says so.
                drop(cut.and_then(|()| self.put_torn_tail_back()));
            }
            WriterState::Broken => drop(self.log.store.cut(segment, at)),
            WriterState::Overtaken => {}
        }
    }

    /// An append that is not committed leaves the log as it found it.
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
        match self.progress {
            AppendProgress::Rehearsed => {}
            AppendProgress::Unwritten | AppendProgress::Synced | AppendProgress::Committed => {
                self.writer().draft.clear();
            }
            AppendProgress::Written => {
                self.writer().draft.clear();
                self.cut_off();
            }
        }
    }
}
