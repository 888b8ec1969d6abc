//! Reads a log from its segments: where it ends, which of its frames are committed, and whether it agrees with its head.
//! Nothing is changed.

use memchr::memmem::Finder;

use super::error::LogError;
use super::location::{FrameStart, LogEnd, TornTail, remember};
use super::opening::{Conditions, Damage, Following, FrameOutcome, decide};
use crate::frame::{BLOCK_BYTES, Frame, FrameFault, FrameHeader, FramePart, HEADER_BYTES, MAGIC, grow};
use crate::hash::EntryHash;
use crate::head::{Head, HeadFault, LoadedHead};
use crate::segment::{SegmentFault, header_bytes, parse_header};
use crate::store::{SegmentWindow, Store};
use crate::tree::{EMPTY_ROOT, RightEdge, TreeHash};

/// How closely the last segment is read. Those before it are sealed: their headers must continue each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Readers: checksums. They need no tree of their own.
    Checksums,
    /// Writers: every entry is hashed again, because the next append builds on it.
    Roots,
}

/// What a survey found. Nothing was changed.
pub struct SurveyResult {
    pub end: LogEnd,
    /// The tree at the end, when the survey went that deep.
    pub edge: RightEdge,
    pub segments: Vec<u64>,
    pub frame_starts: Vec<FrameStart>,
    pub torn_tail: Option<TornTail>,
    pub head: LoadedHead,
}

/// Reads the log from where it was known to end (or from nothing) to where it ends now.
pub struct Survey<'a> {
    store: &'a dyn Store,
    depth: Depth,
    head: LoadedHead,
    /// Everything below this size was acknowledged: that of the head, or a larger one that somebody remembers.
    acknowledged_size: u64,
    /// Frames from this size on are not looked at.
    until: u64,
    /// The log was found to agree with its head.
    head_was_met: bool,
    window: SegmentWindow,
    hashes: Vec<EntryHash>,
    end: LogEnd,
    /// The tree after the last committed frame, and after the last whole one.
    committed_edge: RightEdge,
    edge: RightEdge,
    segments: Vec<u64>,
    frame_starts: Vec<FrameStart>,
    pending: Option<PendingAppend>,
    torn_tail: Option<TornTail>,
}

/// Whole frames of an append whose last frame was not seen yet.
struct PendingAppend {
    append_first: u64,
    at: u64,
    position: u64,
    frame_starts: Vec<FrameStart>,
}

/// How a segment is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum SegmentReading {
    Headers,
    Checksums,
    Roots,
}

/// The segment being walked, and where its frames end.
#[derive(Clone, Copy)]
struct SegmentWalk {
    segment: u64,
    length: u64,
    is_last: bool,
    reading: SegmentReading,
}

impl SegmentWalk {
    /// Whether the segment is at least as long as the head says.
    fn reaches(&self, head: &Head) -> bool {
        self.segment != head.segment || self.length >= head.length
    }
}

/// Enough to see many small frames with one read, and little beside a large one.
const AHEAD_BYTES: usize = 64 << 10;
/// Searched at once for proof behind a bad frame.
const SEARCH_BYTES: usize = 1 << 20;
/// Roots are compared this often on the way, to say where, and always at the end.
const ROOT_BYTES: u64 = 64 << 10;

impl<'a> Survey<'a> {
    /// A survey of the whole log. It must reach the head, and the size that somebody remembers.
    pub fn new(store: &'a dyn Store, head: LoadedHead, depth: Depth, remembered_size: u64) -> Survey<'a> {
        let nothing = LogEnd { segment: 0, at: 0, size: 0, root: EMPTY_ROOT };
        Survey::from(store, head, nothing, depth, remembered_size)
    }

    /// A survey of what came after `end`. It does not know the tree, so it cannot go as deep as a writer must.
    pub fn after(store: &'a dyn Store, head: LoadedHead, end: LogEnd) -> Survey<'a> {
        Survey::from(store, head, end, Depth::Checksums, 0)
    }

    /// A survey that ends at the first committed frame that reaches `size`, whatever lies behind it.
    pub fn until(store: &'a dyn Store, size: u64, depth: Depth) -> Survey<'a> {
        let head = LoadedHead { head: Head::of_nothing(), damaged_slot: None };
        Survey { until: size, ..Survey::new(store, head, depth, size) }
    }

    fn from(store: &'a dyn Store, head: LoadedHead, end: LogEnd, depth: Depth, remembered_size: u64) -> Survey<'a> {
        Survey {
            store,
            depth,
            acknowledged_size: remembered_size.max(head.head.size),
            head_was_met: head.head.size == 0,
            head,
            until: u64::MAX,
            window: SegmentWindow::new(AHEAD_BYTES),
            hashes: Vec::new(),
            end,
            committed_edge: RightEdge::default(),
            edge: RightEdge::default(),
            segments: Vec::new(),
            frame_starts: Vec::new(),
            pending: None,
            torn_tail: None,
        }
    }

    pub fn run(mut self) -> Result<SurveyResult, LogError> {
        self.list_segments()?;
        if self.until == u64::MAX {
            self.set_aside_a_torn_segment()?;
        }
        self.meet_head_before()?;
        self.walk_all()?;
        self.must_continue()?;
        self.compare_with_head()?;
        Ok(SurveyResult {
            end: self.end,
            edge: self.committed_edge,
            segments: self.segments,
            frame_starts: self.frame_starts,
            torn_tail: self.torn_tail,
            head: self.head,
        })
    }

    fn list_segments(&mut self) -> Result<(), LogError> {
        let known = self.end.segment;
        self.segments = self.store.segments()?;
        self.segments.retain(|segment| *segment >= known && (*segment == 0 || *segment < self.until));
        match self.segments.first() {
            None if self.acknowledged_size > 0 => Err(self.stop(Damage::Incomplete, known, 0)),
            None => Err(LogError::NothingThere { book: self.store.book() }),
            Some(first) if *first != known => Err(self.stop(Damage::MissingSegment, known, 0)),
            Some(_) => Ok(()),
        }
    }

    /// A crash can leave the last segment with half a header, or none. No frame was in it: the
    /// header is synced first. A longer file held frames, and its header was whole once.
    fn set_aside_a_torn_segment(&mut self) -> Result<(), LogError> {
        let segment = *self.segments.last().expect("it was just listed");
        let length = self.store.length(segment)?;
        let entered = self.end.at > 0 && segment == self.end.segment;
        match self.header(segment) {
            Ok(_) => Ok(()),
            Err(LogError::Damaged { damage: Damage::Segment(SegmentFault::NoHeader), .. })
                if !entered && length <= header_bytes(segment) as u64 =>
            {
                self.segments.pop();
                self.torn_tail = Some(TornTail { segment, at: 0, bytes: length, entries: 0 });
                Ok(())
            }
            Err(other) => Err(other),
        }
    }

    /// A segment that was only begun has the name of the position at which the log ends.
    fn must_continue(&self) -> Result<(), LogError> {
        match self.torn_tail {
            Some(TornTail { segment, at: 0, .. }) if segment != self.end.size => {
                Err(self.stop(Damage::MissingSegment, segment, 0))
            }
            Some(_) | None => Ok(()),
        }
    }

    fn walk_all(&mut self) -> Result<(), LogError> {
        let segments = self.segments.clone();
        for (index, segment) in segments.iter().enumerate() {
            let is_last_with_frames = index + 1 == segments.len();
            let reading = match self.depth {
                _ if !is_last_with_frames => SegmentReading::Headers,
                Depth::Checksums => SegmentReading::Checksums,
                Depth::Roots => SegmentReading::Roots,
            };
            // An unfinished segment was begun, so the one before it was full and synced: nothing of it may be cut.
            let is_last = is_last_with_frames && self.torn_tail.is_none();
            let walk = SegmentWalk { segment: *segment, length: self.store.length(*segment)?, is_last, reading };
            self.window.forget();
            self.enter(walk)?;
            if walk.length < self.end.at {
                return Err(self.stop(Damage::Incomplete, *segment, walk.length));
            }
            self.walk(walk)?;
        }
        if self.depth == Depth::Roots && self.committed_edge.root() != self.end.root {
            return Err(self.stop(Damage::Altered, self.end.segment, self.end.at));
        }
        Ok(())
    }

    /// Checks the header of a segment that is not entered yet: it must begin with the tree that the log has by now.
    fn enter(&mut self, walk: SegmentWalk) -> Result<(), LogError> {
        if self.end.at > 0 && walk.segment == self.end.segment {
            return Ok(());
        }
        if walk.segment != self.end.size {
            return Err(self.stop(Damage::MissingSegment, self.end.size, 0));
        }
        let edge = self.header(walk.segment)?;
        if edge.root() != self.end.root {
            return Err(self.stop(Damage::Altered, walk.segment, 0));
        }
        self.end.segment = walk.segment;
        self.end.at = header_bytes(walk.segment) as u64;
        self.committed_edge = edge.clone();
        self.edge = edge;
        Ok(())
    }

    fn header(&self, segment: u64) -> Result<RightEdge, LogError> {
        let mut bytes = vec![0; header_bytes(segment)];
        let read = self.store.read(segment, 0, &mut bytes)?;
        parse_header(segment, &bytes[..read]).map_err(|fault| self.stop(Damage::Segment(fault), segment, 0))
    }

    fn walk(&mut self, walk: SegmentWalk) -> Result<(), LogError> {
        let mut at = self.end.at;
        let mut root_compared_at = at;
        let mut last_frame_at = None;
        let mut frame_bytes = 0;
        while at < walk.length {
            // Where only headers are looked at, nothing is read between those that lie far apart.
            let is_far = walk.reading == SegmentReading::Headers && frame_bytes >= AHEAD_BYTES as u64;
            self.window.ahead(if is_far { HEADER_BYTES } else { AHEAD_BYTES });
            let compare_root = at - root_compared_at >= ROOT_BYTES;
            if compare_root {
                root_compared_at = at;
            }
            let seen = self.look(walk, at, compare_root)?;
            match decide(&seen.conditions) {
                FrameOutcome::Stop(damage) => return Err(self.stop(damage, walk.segment, at)),
                FrameOutcome::Torn => return self.end_torn(walk, at, seen.header),
                FrameOutcome::Pending => self.hold(walk, at, &seen),
                FrameOutcome::Committed => {
                    self.hold(walk, at, &seen);
                    self.commit(walk, &seen, at)?;
                    last_frame_at = Some(at);
                    if self.end.size >= self.until {
                        break;
                    }
                }
            }
            frame_bytes = u64::from(seen.header.map_or(0, |header| header.length));
            at += frame_bytes;
        }
        match last_frame_at {
            Some(last) if walk.reading == SegmentReading::Headers => self.read_root(walk.segment, last),
            Some(_) | None => Ok(()),
        }
    }
}

/// One frame as far as it was looked at.
struct FrameCheck {
    conditions: Conditions,
    header: Option<FrameHeader>,
    root: TreeHash,
}

impl Survey<'_> {
    fn position(&self) -> u64 {
        self.pending.as_ref().map_or(self.end.size, |pending| pending.position)
    }

    fn append_first(&self) -> u64 {
        self.pending.as_ref().map_or(self.end.size, |pending| pending.append_first)
    }

    fn look(&mut self, walk: SegmentWalk, at: u64, compare_root: bool) -> Result<FrameCheck, LogError> {
        let (store, segment) = (self.store, walk.segment);
        let mut seen = FrameCheck {
            conditions: Conditions {
                header_whole: false,
                continuous: false,
                frame_whole: false,
                checksum_right: false,
                root_right: false,
                last_of_append: false,
                last_segment: walk.is_last,
                acknowledged: self.acknowledged_size > self.end.size,
                reaches_head: walk.reaches(&self.head.head),
                after: Following::Nothing,
            },
            header: None,
            root: EMPTY_ROOT,
        };
        let header = FrameHeader::parse(self.window.bytes(store, segment, at, HEADER_BYTES)?);
        if let Some(header) = self.unless_torn(header, segment, at)? {
            seen.header = Some(header);
            self.look_inside(walk, at, header, compare_root, &mut seen)?;
        }
        let whole = seen.conditions.checksum_right;
        let next = at + seen.header.filter(|_| whole).map_or(0, |header| u64::from(header.length));
        seen.conditions.after = if !whole {
            self.search_proof(walk, at)?
        } else if next == walk.length {
            Following::Nothing
        } else {
            Following::Something
        };
        Ok(seen)
    }

    fn look_inside(
        &mut self,
        walk: SegmentWalk,
        at: u64,
        header: FrameHeader,
        compare_root: bool,
        seen: &mut FrameCheck,
    ) -> Result<(), LogError> {
        let (store, segment) = (self.store, walk.segment);
        let conditions = &mut seen.conditions;
        conditions.header_whole = true;
        conditions.continuous = header.first == self.position() && header.append_first == self.append_first();
        conditions.last_of_append = header.part == FramePart::Last;
        conditions.frame_whole = at + u64::from(header.length) <= walk.length;
        if !conditions.frame_whole || !conditions.continuous {
            return Ok(());
        }
        if walk.reading == SegmentReading::Headers {
            conditions.checksum_right = true;
            conditions.root_right = true;
            return Ok(());
        }
        let bytes = self.window.bytes(store, segment, at, header.length as usize)?;
        let frame = match Frame::parse(bytes) {
            Err(FrameFault::Checksum | FrameFault::NoHeader) => return Ok(()),
            Err(fault @ (FrameFault::Version(_) | FrameFault::Impossible(_))) => {
                return Err(self.stop(Damage::Frame(fault), segment, at));
            }
            Ok(frame) => frame,
        };
        conditions.checksum_right = true;
        conditions.root_right = true;
        seen.root = frame.root();
        if walk.reading == SegmentReading::Roots {
            grow(frame.entries(), &mut self.hashes, &mut self.edge);
            conditions.root_right = !compare_root || self.edge.root() == seen.root;
        }
        Ok(())
    }

    /// Whole headers of other versions, or with impossible content, were written so: no crash explains them.
    fn unless_torn(
        &self,
        header: Result<FrameHeader, FrameFault>,
        segment: u64,
        at: u64,
    ) -> Result<Option<FrameHeader>, LogError> {
        match header {
            Ok(header) => Ok(Some(header)),
            Err(FrameFault::NoHeader | FrameFault::Checksum) => Ok(None),
            Err(fault @ (FrameFault::Version(_) | FrameFault::Impossible(_))) => {
                Err(self.stop(Damage::Frame(fault), segment, at))
            }
        }
    }

    /// Looks at every byte behind a bad frame for a header that is written only when this frame is on disk. Frames begin at
    /// whole blocks, but not where bytes were lost or added.
    fn search_proof(&mut self, walk: SegmentWalk, bad_at: u64) -> Result<Following, LogError> {
        let mut at = bad_at + 1;
        if at >= walk.length {
            return Ok(Following::Nothing);
        }
        let append_first = self.append_first();
        let magic = Finder::new(&MAGIC);
        self.window.forget();
        while at < walk.length {
            // Not beyond the length that was seen: a writer beside this reader may be adding proofs for whole frames.
            let wanted = SEARCH_BYTES + HEADER_BYTES - 1;
            let wanted = usize::try_from(walk.length - at).map_or(wanted, |rest| rest.min(wanted));
            let part = self.window.bytes(self.store, walk.segment, at, wanted)?;
            for found in magic.find_iter(part) {
                let proof = match FrameHeader::parse(&part[found..]) {
                    Ok(header) => header.part == FramePart::Last || header.append_first != append_first,
                    Err(FrameFault::Version(_) | FrameFault::Impossible(_)) => true,
                    Err(FrameFault::NoHeader | FrameFault::Checksum) => false,
                };
                if proof {
                    return Ok(Following::Proof);
                }
            }
            at += SEARCH_BYTES as u64;
        }
        Ok(Following::Something)
    }

    fn hold(&mut self, walk: SegmentWalk, at: u64, seen: &FrameCheck) {
        let header = seen.header.expect("a whole frame has a header");
        let pending = self.pending.get_or_insert_with(|| PendingAppend {
            append_first: header.append_first,
            at,
            position: header.first,
            frame_starts: Vec::new(),
        });
        pending.position = header.end();
        let new = FrameStart { first: header.first, segment: walk.segment, at };
        remember(&mut pending.frame_starts, new);
    }

    fn commit(&mut self, walk: SegmentWalk, seen: &FrameCheck, at: u64) -> Result<(), LogError> {
        let header = seen.header.expect("a committed frame has a header");
        let pending = self.pending.take().expect("a committed frame was held first");
        pending.frame_starts.into_iter().for_each(|new| remember(&mut self.frame_starts, new));
        self.end.at = at + u64::from(header.length);
        self.end.size = header.end();
        self.end.root = seen.root;
        if self.depth == Depth::Roots {
            self.committed_edge.clone_from(&self.edge);
        }
        if self.end.size == self.head.head.size && walk.reading == SegmentReading::Headers {
            self.read_root(walk.segment, at)?;
        }
        self.meet_head(self.end.root)
    }

    /// A reader that goes on may be at the head's size, or beyond it if it was faster than the writer's head.
    fn meet_head_before(&mut self) -> Result<(), LogError> {
        let head = &self.head.head;
        if self.end.size == head.size && self.end.root != head.root {
            return Err(self.stop(Damage::NotItsHead, self.end.segment, self.end.at));
        }
        self.head_was_met |= self.end.size >= head.size;
        Ok(())
    }

    /// Where the log has the head's size, it must be what the head remembers.
    fn meet_head(&mut self, root: TreeHash) -> Result<(), LogError> {
        let head = &self.head.head;
        if self.head_was_met || self.end.size != head.size {
            return Ok(());
        }
        if (root, self.end.segment, self.end.at) != (head.root, head.segment, head.length) {
            return Err(self.stop(Damage::NotItsHead, self.end.segment, self.end.at));
        }
        self.head_was_met = true;
        Ok(())
    }

    fn end_torn(&mut self, walk: SegmentWalk, bad_at: u64, bad: Option<FrameHeader>) -> Result<(), LogError> {
        // A frame that is whole and ends the file is unfinished too: its entries count.
        let end = bad.filter(|header| bad_at + u64::from(header.length) == walk.length);
        let position = end.map_or(self.position(), |header| header.end());
        let at = self.pending.take().map_or(bad_at, |pending| pending.at);
        let entries = position - self.end.size;
        self.torn_tail = Some(TornTail { segment: walk.segment, at, bytes: walk.length - at, entries });
        Ok(())
    }

    /// In sealed segments only headers are read; the root before the next segment is in the last frame's trailer.
    fn read_root(&mut self, segment: u64, last_frame_at: u64) -> Result<(), LogError> {
        let trailer = self.end.at - BLOCK_BYTES as u64;
        assert!(last_frame_at < trailer, "BUG: a frame at {last_frame_at} that ends at {}", self.end.at);
        let read = self.store.read(segment, trailer, &mut self.end.root)?;
        assert_eq!(read, self.end.root.len(), "BUG: a whole frame without its trailer");
        Ok(())
    }

    fn compare_with_head(&self) -> Result<(), LogError> {
        if self.end.size < self.acknowledged_size {
            return Err(self.stop(Damage::Incomplete, self.end.segment, self.end.at));
        }
        // An append began before the head's size and ended behind it: no writer does that.
        if !self.head_was_met {
            return Err(self.stop(Damage::NotItsHead, self.end.segment, self.end.at));
        }
        // The next slot is written when the next append is on disk. Without one, the slot was damaged later.
        if self.head.damaged_slot.is_some() && self.end.size <= self.head.head.size {
            let place = self.store.head_place();
            return Err(LogError::Head { fault: HeadFault::SlotDamaged, place });
        }
        Ok(())
    }

    fn stop(&self, damage: Damage, segment: u64, at: u64) -> LogError {
        LogError::damaged(damage, self.store.place(segment), at, self.end.size)
    }
}
