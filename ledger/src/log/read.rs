//! SegmentReading a log: its frames in order, one entry, one hash, and the root at a size.

use super::Log;
use super::error::LogError;
use super::location::FrameStart;
use super::opening::Damage;
use crate::frame::{Frame, FrameHeader, HEADER_BYTES};
use crate::hash::{EntryHash, hash_entries, hash_entry};
use crate::segment::{header_bytes, parse_header};
use crate::store::SegmentWindow;
use crate::tree::{EMPTY_ROOT, RightEdge, TreeHash, leaf};

/// Read at once, when frames are smaller: a part that fits the cache.
const READ_BYTES: usize = 256 << 10;

impl Log {
    /// The committed frames from the one that holds position `from`, in order.
    pub fn frames(&self, from: u64) -> Frames<'_> {
        self.frames_until(from, self.size())
    }

    fn frames_until(&self, from: u64, until: u64) -> Frames<'_> {
        let at = match self.frame_starts.partition_point(|mark| mark.first <= from) {
            0 => FrameStart { first: 0, segment: 0, at: header_bytes(0) as u64 },
            after => self.frame_starts[after - 1],
        };
        Frames { log: self, from, until, given: at, next: at, window: SegmentWindow::new(READ_BYTES) }
    }

    /// The root at a size, an earlier one computed again from the entries of one segment.
    pub fn root_at(&self, size: u64) -> Result<TreeHash, LogError> {
        if size > self.size() {
            return Err(LogError::OutOfRange { position: size, size: self.size() });
        }
        if size == self.size() {
            return Ok(self.root());
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

    /// The root as it was written at a size; `None` where no frame ends at that size. Also at a size beyond the one as of which the
    /// log is read: a derived file of the whole log belongs to this log, too.
    pub fn written_root(&self, size: u64) -> Result<Option<TreeHash>, LogError> {
        match size {
            0 => return Ok(Some(EMPTY_ROOT)),
            _ if size == self.end.size => return Ok(Some(self.end.root)),
            _ if size > self.end.size => return Ok(None),
            _ => {}
        }
        let mut frames = self.frames_until(size - 1, self.end.size);
        let frame = frames.next()?.expect("BUG: a committed entry without a frame");
        Ok((frame.header.end() == size).then(|| frame.root()))
    }

    /// The bytes of one entry.
    pub fn entry(&self, position: u64) -> Result<Vec<u8>, LogError> {
        let size = self.size();
        if position >= size {
            return Err(LogError::OutOfRange { position, size });
        }
        let mut frames = self.frames(position);
        let frame = frames.next()?.expect("BUG: a committed entry without a frame");
        let found = frame.entries().find(|(at, _)| *at == position);
        let (_, entry) = found.expect("BUG: a frame without the position that it was found by");
        Ok(entry.to_vec())
    }

    /// The hash of one entry, computed from its bytes.
    pub fn hash(&self, position: u64) -> Result<EntryHash, LogError> {
        self.entry(position).map(|entry| hash_entry(&entry))
    }

    /// The segment whose tree reaches `size` with the fewest entries.
    pub(super) fn segment_of(&self, size: u64) -> u64 {
        let after = self.segments.partition_point(|first| *first <= size);
        self.segments[after - 1]
    }

    pub(super) fn edge_of(&self, segment: u64) -> Result<RightEdge, LogError> {
        let mut header = vec![0; header_bytes(segment)];
        let read = self.store.read(segment, 0, &mut header)?;
        parse_header(segment, &header[..read])
            .map_err(|fault| self.damaged(Damage::Segment(fault), segment, 0, segment))
    }
}

/// Committed frames in order. Each is borrowed until the next is asked for.
pub struct Frames<'a> {
    log: &'a Log,
    from: u64,
    /// Frames that begin from here on are not given.
    until: u64,
    /// Where the frame that was given last begins.
    given: FrameStart,
    /// Where the next frame begins, and with which position.
    next: FrameStart,
    window: SegmentWindow,
}

impl Frames<'_> {
    /// The next frame, checked by its checksum.
    #[expect(clippy::should_implement_trait, reason = "an iterator cannot lend its own memory")]
    pub fn next(&mut self) -> Result<Option<Frame<'_>>, LogError> {
        let Some(header) = self.find()? else {
            return Ok(None);
        };
        let FrameStart { segment, at, first } = self.next;
        self.given = self.next;
        self.next.first = header.end();
        self.next.at += u64::from(header.length);
        let log = self.log;
        let bytes = self.window.bytes(&*log.store, segment, at, header.length as usize)?;
        let frame = Frame::parse(bytes).map_err(|fault| log.damaged(Damage::Frame(fault), segment, at, first))?;
        Ok(Some(frame))
    }

    /// Where the frame that was given last begins.
    pub fn given(&self) -> FrameStart {
        self.given
    }

    /// Steps by headers to the first frame that ends behind `from`.
    fn find(&mut self) -> Result<Option<FrameHeader>, LogError> {
        while self.next.first < self.until {
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
            self.next = FrameStart { first: segment, segment, at: header_bytes(segment) as u64 };
            self.window.forget();
        }
    }

    fn header(&mut self) -> Result<FrameHeader, LogError> {
        let (log, FrameStart { segment, at, first }) = (self.log, self.next);
        let header = FrameHeader::parse(self.window.bytes(&*log.store, segment, at, HEADER_BYTES)?);
        let header = header.map_err(|fault| log.damaged(Damage::Frame(fault), segment, at, first))?;
        if header.first != first {
            return Err(log.damaged(Damage::Misplaced, segment, at, first));
        }
        Ok(header)
    }
}
