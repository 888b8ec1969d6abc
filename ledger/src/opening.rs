//! What an opened log holds: which frames are committed, which were never finished, and what is damaged.
//!
//! A crash can tear only what was not yet synced. The writer syncs a new segment before its first frame, all frames of an
//! append before its last, the last before the head, and the head before it acknowledges. So what a crash leaves lies beyond
//! the head: a bad stretch at the end of the last segment, followed at most by whole frames of the same append that are not
//! its last. Anything else that is bad was on disk once, and damage is never cut. `docs/format.md`, "Opening", says the
//! same to strangers.

use memchr::memmem::Finder;
use thiserror::Error;

use crate::frame::{BLOCK_BYTES, Frame, FrameFault, HEADER_BYTES, Header, MAGIC, Part, grow};
use crate::hash::EntryHash;
use crate::head::{FoundHead, Head, HeadFault};
use crate::log::LogError;
use crate::segment::{SegmentFault, Window, header_bytes, parse_header};
use crate::store::Store;
use crate::tree::{EMPTY_ROOT, RightEdge, TreeHash};

/// What is known of one frame, in the order in which it becomes known. Where a condition cannot be looked at (the checksum
/// of half a frame), it is false.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conditions {
    pub header_whole: bool,
    pub continuous: bool,
    pub frame_whole: bool,
    pub checksum_right: bool,
    pub root_right: bool,
    pub last_of_append: bool,
    pub last_segment: bool,
    /// The head, or somebody else who remembers a size, reaches into this append: it was acknowledged.
    pub acknowledged: bool,
    /// The segment is at least as long as the head says.
    pub reaches_head: bool,
    pub after: After,
}

/// What follows a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    Nothing,
    /// Bytes that prove nothing.
    Something,
    /// A header that is written only when this frame is on disk: of a later append, or the last of this one.
    Proof,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// This frame and all of its append before it are history.
    Committed,
    /// Whole, and its append goes on: the frames after it decide.
    Pending,
    /// The append was never acknowledged: it ends here, and a writer cuts it off from its first frame.
    Unfinished,
    Stop(Damage),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Damage {
    #[error("is damaged: bytes that were once on disk are not what was written")]
    Damaged,
    #[error("has a frame that does not belong there: its positions do not continue those before it")]
    Misplaced,
    #[error("was altered: its entries do not have the tree root that was written after them")]
    Altered,
    #[error("ends inside of an append, although a later segment follows")]
    Truncated,
    #[error("ends before entries that were acknowledged")]
    Incomplete,
    #[error("does not have, at the size that was acknowledged, the tree root and the length that the head remembers")]
    NotItsHead,
    #[error("is missing, or its name was changed: the segment before it ends at another position")]
    MissingSegment,
    #[error("cannot be read: {0}")]
    Frame(FrameFault),
    #[error("cannot be read: {0}")]
    Segment(SegmentFault),
}

/// A condition that a row asks for.
#[derive(Clone, Copy)]
enum Want {
    Y,
    N,
    /// Either, because the row does not depend on it.
    X,
}

struct Row {
    conditions: [Want; 9],
    after: &'static [After],
    outcome: Outcome,
}

const fn row(conditions: [Want; 9], after: &'static [After], outcome: Outcome) -> Row {
    Row { conditions, after, outcome }
}

const TABLE: &[Row] = {
    use Damage::{Altered, Damaged, Incomplete, Misplaced, Truncated};
    use Outcome::{Committed, Pending, Stop, Unfinished};
    use Want::{N, X, Y};
    const ANY: &[After] = &[After::Nothing, After::Something, After::Proof];
    const PROOF: &[After] = &[After::Proof];
    const NO_PROOF: &[After] = &[After::Nothing, After::Something];
    const NOTHING: &[After] = &[After::Nothing];
    const MORE: &[After] = &[After::Something, After::Proof];
    &[
        // header whole, continuous, frame whole, checksum right, root right, last of append, last segment, acknowledged,
        // reaches head
        row([N, X, X, X, X, X, N, X, X], ANY, Stop(Damaged)),
        row([N, X, X, X, X, X, Y, X, X], PROOF, Stop(Damaged)),
        row([N, X, X, X, X, X, Y, N, X], NO_PROOF, Unfinished),
        row([N, X, X, X, X, X, Y, Y, N], NO_PROOF, Stop(Incomplete)),
        row([N, X, X, X, X, X, Y, Y, Y], NO_PROOF, Stop(Damaged)),
        row([Y, N, X, X, X, X, X, X, X], ANY, Stop(Misplaced)),
        row([Y, Y, N, X, X, X, N, X, X], ANY, Stop(Damaged)),
        row([Y, Y, N, X, X, X, Y, X, X], PROOF, Stop(Damaged)),
        row([Y, Y, N, X, X, X, Y, N, X], NO_PROOF, Unfinished),
        row([Y, Y, N, X, X, X, Y, Y, N], NO_PROOF, Stop(Incomplete)),
        row([Y, Y, N, X, X, X, Y, Y, Y], NO_PROOF, Stop(Damaged)),
        row([Y, Y, Y, N, X, X, N, X, X], ANY, Stop(Damaged)),
        row([Y, Y, Y, N, X, X, Y, X, X], PROOF, Stop(Damaged)),
        row([Y, Y, Y, N, X, X, Y, N, X], NO_PROOF, Unfinished),
        row([Y, Y, Y, N, X, X, Y, Y, N], NO_PROOF, Stop(Incomplete)),
        row([Y, Y, Y, N, X, X, Y, Y, Y], NO_PROOF, Stop(Damaged)),
        row([Y, Y, Y, Y, N, X, X, X, X], ANY, Stop(Altered)),
        row([Y, Y, Y, Y, Y, Y, X, X, X], ANY, Committed),
        row([Y, Y, Y, Y, Y, N, X, X, X], MORE, Pending),
        row([Y, Y, Y, Y, Y, N, N, X, X], NOTHING, Stop(Truncated)),
        row([Y, Y, Y, Y, Y, N, Y, N, X], NOTHING, Unfinished),
        row([Y, Y, Y, Y, Y, N, Y, Y, X], NOTHING, Stop(Incomplete)),
    ]
};

impl Row {
    fn fits(&self, conditions: &Conditions) -> bool {
        let found = [
            conditions.header_whole,
            conditions.continuous,
            conditions.frame_whole,
            conditions.checksum_right,
            conditions.root_right,
            conditions.last_of_append,
            conditions.last_segment,
            conditions.acknowledged,
            conditions.reaches_head,
        ];
        let fits = |(want, found): (&Want, bool)| match want {
            Want::Y => found,
            Want::N => !found,
            Want::X => true,
        };
        self.conditions.iter().zip(found).all(fits) && self.after.contains(&conditions.after)
    }
}

pub fn decide(conditions: &Conditions) -> Outcome {
    let row = TABLE.iter().find(|row| row.fits(conditions));
    row.expect("the table has a row for every combination").outcome
}

/// Where the committed entries end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    pub segment: u64,
    pub at: u64,
    pub size: u64,
    pub root: TreeHash,
}

/// Where a frame begins. One is kept for each `MARK_BYTES`, and the frames between are found by their headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    pub first: u64,
    pub segment: u64,
    pub at: u64,
}

pub const MARK_BYTES: u64 = 256 << 10;

/// Remembers a frame if the last one remembered is far enough away.
pub fn mark(marks: &mut Vec<Mark>, new: Mark) {
    let near = |last: &Mark| last.segment == new.segment && new.at < last.at + MARK_BYTES;
    if !marks.last().is_some_and(near) {
        marks.push(new);
    }
}

/// An append that was never acknowledged, and what of it is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unfinished {
    pub segment: u64,
    pub at: u64,
    pub bytes: u64,
    /// Entries of its whole frames.
    pub entries: u64,
}

/// How closely the last segment is read. Those before it are sealed: their headers must continue each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Readers: checksums. They need no tree of their own.
    Checksums,
    /// Writers: every entry is hashed again, because the next append builds on it.
    Roots,
}

/// What a survey found. Nothing was changed.
pub struct Found {
    pub end: End,
    /// The tree at the end, when the survey went that deep.
    pub edge: RightEdge,
    pub segments: Vec<u64>,
    pub marks: Vec<Mark>,
    pub unfinished: Option<Unfinished>,
    pub head: FoundHead,
}

/// Reads the log from where it was known to end (or from nothing) to where it ends now.
pub struct Survey<'a> {
    store: &'a dyn Store,
    depth: Depth,
    head: FoundHead,
    /// Everything below this size was acknowledged: that of the head, or a larger one that somebody remembers.
    acknowledged_size: u64,
    /// Frames from this size on are not looked at.
    until: u64,
    /// The log was found to agree with its head.
    head_was_met: bool,
    window: Window,
    hashes: Vec<EntryHash>,
    end: End,
    /// The tree after the last committed frame, and after the last whole one.
    committed_edge: RightEdge,
    edge: RightEdge,
    segments: Vec<u64>,
    marks: Vec<Mark>,
    pending: Option<Pending>,
    unfinished: Option<Unfinished>,
}

/// Whole frames of an append whose last frame was not seen yet.
struct Pending {
    append_first: u64,
    at: u64,
    position: u64,
    marks: Vec<Mark>,
}

/// How a segment is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    Headers,
    Checksums,
    Roots,
}

/// The segment being walked, and where its frames end.
#[derive(Clone, Copy)]
struct Walk {
    segment: u64,
    length: u64,
    is_last: bool,
    reading: Reading,
}

impl Walk {
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
    pub fn new(store: &'a dyn Store, head: FoundHead, depth: Depth, remembered_size: u64) -> Survey<'a> {
        let nothing = End { segment: 0, at: 0, size: 0, root: EMPTY_ROOT };
        Survey::from(store, head, nothing, depth, remembered_size)
    }

    /// A survey of what came after `end`. It does not know the tree, so it cannot go as deep as a writer must.
    pub fn after(store: &'a dyn Store, head: FoundHead, end: End) -> Survey<'a> {
        Survey::from(store, head, end, Depth::Checksums, 0)
    }

    /// A survey that ends at the first committed frame that reaches `size`, whatever lies behind it.
    pub fn until(store: &'a dyn Store, size: u64, depth: Depth) -> Survey<'a> {
        let head = FoundHead { head: Head::of_nothing(), damaged_slot: None };
        Survey { until: size, ..Survey::new(store, head, depth, size) }
    }

    fn from(store: &'a dyn Store, head: FoundHead, end: End, depth: Depth, remembered_size: u64) -> Survey<'a> {
        Survey {
            store,
            depth,
            acknowledged_size: remembered_size.max(head.head.size),
            head_was_met: head.head.size == 0,
            head,
            until: u64::MAX,
            window: Window::new(AHEAD_BYTES),
            hashes: Vec::new(),
            end,
            committed_edge: RightEdge::default(),
            edge: RightEdge::default(),
            segments: Vec::new(),
            marks: Vec::new(),
            pending: None,
            unfinished: None,
        }
    }

    pub fn run(mut self) -> Result<Found, LogError> {
        self.list_segments()?;
        if self.until == u64::MAX {
            self.set_aside_an_unfinished_segment()?;
        }
        self.meet_head_before()?;
        self.walk_all()?;
        self.must_continue()?;
        self.compare_with_head()?;
        Ok(Found {
            end: self.end,
            edge: self.committed_edge,
            segments: self.segments,
            marks: self.marks,
            unfinished: self.unfinished,
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
    fn set_aside_an_unfinished_segment(&mut self) -> Result<(), LogError> {
        let segment = *self.segments.last().expect("it was just listed");
        let length = self.store.length(segment)?;
        let entered = self.end.at > 0 && segment == self.end.segment;
        match self.header(segment) {
            Ok(_) => Ok(()),
            Err(LogError::Damaged { damage: Damage::Segment(SegmentFault::NoHeader), .. })
                if !entered && length <= header_bytes(segment) as u64 =>
            {
                self.segments.pop();
                self.unfinished = Some(Unfinished { segment, at: 0, bytes: length, entries: 0 });
                Ok(())
            }
            Err(other) => Err(other),
        }
    }

    /// A segment that was only begun has the name of the position at which the log ends.
    fn must_continue(&self) -> Result<(), LogError> {
        match self.unfinished {
            Some(Unfinished { segment, at: 0, .. }) if segment != self.end.size => {
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
                _ if !is_last_with_frames => Reading::Headers,
                Depth::Checksums => Reading::Checksums,
                Depth::Roots => Reading::Roots,
            };
            // An unfinished segment was begun, so the one before it was full and synced: nothing of it may be cut.
            let is_last = is_last_with_frames && self.unfinished.is_none();
            let walk = Walk { segment: *segment, length: self.store.length(*segment)?, is_last, reading };
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
    fn enter(&mut self, walk: Walk) -> Result<(), LogError> {
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

    fn walk(&mut self, walk: Walk) -> Result<(), LogError> {
        let mut at = self.end.at;
        let mut root_compared_at = at;
        let mut last_frame_at = None;
        let mut frame_bytes = 0;
        while at < walk.length {
            // Where only headers are looked at, nothing is read between those that lie far apart.
            let is_far = walk.reading == Reading::Headers && frame_bytes >= AHEAD_BYTES as u64;
            self.window.ahead(if is_far { HEADER_BYTES } else { AHEAD_BYTES });
            let compare_root = at - root_compared_at >= ROOT_BYTES;
            if compare_root {
                root_compared_at = at;
            }
            let seen = self.look(walk, at, compare_root)?;
            match decide(&seen.conditions) {
                Outcome::Stop(damage) => return Err(self.stop(damage, walk.segment, at)),
                Outcome::Unfinished => return self.end_unfinished(walk, at, seen.header),
                Outcome::Pending => self.hold(walk, at, &seen),
                Outcome::Committed => {
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
            Some(last) if walk.reading == Reading::Headers => self.read_root(walk.segment, last),
            Some(_) | None => Ok(()),
        }
    }
}

/// One frame as far as it was looked at.
struct Seen {
    conditions: Conditions,
    header: Option<Header>,
    root: TreeHash,
}

impl Survey<'_> {
    fn position(&self) -> u64 {
        self.pending.as_ref().map_or(self.end.size, |pending| pending.position)
    }

    fn append_first(&self) -> u64 {
        self.pending.as_ref().map_or(self.end.size, |pending| pending.append_first)
    }

    fn look(&mut self, walk: Walk, at: u64, compare_root: bool) -> Result<Seen, LogError> {
        let (store, segment) = (self.store, walk.segment);
        let mut seen = Seen {
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
                after: After::Nothing,
            },
            header: None,
            root: EMPTY_ROOT,
        };
        let header = Header::parse(self.window.bytes(store, segment, at, HEADER_BYTES)?);
        if let Some(header) = self.unless_torn(header, segment, at)? {
            seen.header = Some(header);
            self.look_inside(walk, at, header, compare_root, &mut seen)?;
        }
        let whole = seen.conditions.checksum_right;
        let next = at + seen.header.filter(|_| whole).map_or(0, |header| u64::from(header.length));
        seen.conditions.after = match whole {
            true if next == walk.length => After::Nothing,
            true => After::Something,
            false => self.search_proof(walk, at)?,
        };
        Ok(seen)
    }

    fn look_inside(
        &mut self,
        walk: Walk,
        at: u64,
        header: Header,
        compare_root: bool,
        seen: &mut Seen,
    ) -> Result<(), LogError> {
        let (store, segment) = (self.store, walk.segment);
        let conditions = &mut seen.conditions;
        conditions.header_whole = true;
        conditions.continuous = header.first == self.position() && header.append_first == self.append_first();
        conditions.last_of_append = header.part == Part::Last;
        conditions.frame_whole = at + u64::from(header.length) <= walk.length;
        if !conditions.frame_whole || !conditions.continuous {
            return Ok(());
        }
        if walk.reading == Reading::Headers {
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
        if walk.reading == Reading::Roots {
            grow(frame.entries(), &mut self.hashes, &mut self.edge);
            conditions.root_right = !compare_root || self.edge.root() == seen.root;
        }
        Ok(())
    }

    /// Whole headers of other versions, or with impossible content, were written so: no crash explains them.
    fn unless_torn(
        &self,
        header: Result<Header, FrameFault>,
        segment: u64,
        at: u64,
    ) -> Result<Option<Header>, LogError> {
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
    fn search_proof(&mut self, walk: Walk, bad_at: u64) -> Result<After, LogError> {
        let mut at = bad_at + 1;
        if at >= walk.length {
            return Ok(After::Nothing);
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
                let proof = match Header::parse(&part[found..]) {
                    Ok(header) => header.part == Part::Last || header.append_first != append_first,
                    Err(FrameFault::Version(_) | FrameFault::Impossible(_)) => true,
                    Err(FrameFault::NoHeader | FrameFault::Checksum) => false,
                };
                if proof {
                    return Ok(After::Proof);
                }
            }
            at += SEARCH_BYTES as u64;
        }
        Ok(After::Something)
    }

    fn hold(&mut self, walk: Walk, at: u64, seen: &Seen) {
        let header = seen.header.expect("a whole frame has a header");
        let pending = self.pending.get_or_insert_with(|| Pending {
            append_first: header.append_first,
            at,
            position: header.first,
            marks: Vec::new(),
        });
        pending.position = header.end();
        let new = Mark { first: header.first, segment: walk.segment, at };
        mark(&mut pending.marks, new);
    }

    fn commit(&mut self, walk: Walk, seen: &Seen, at: u64) -> Result<(), LogError> {
        let header = seen.header.expect("a committed frame has a header");
        let pending = self.pending.take().expect("a committed frame was held first");
        pending.marks.into_iter().for_each(|new| mark(&mut self.marks, new));
        self.end.at = at + u64::from(header.length);
        self.end.size = header.end();
        self.end.root = seen.root;
        if self.depth == Depth::Roots {
            self.committed_edge.clone_from(&self.edge);
        }
        if self.end.size == self.head.head.size && walk.reading == Reading::Headers {
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

    fn end_unfinished(&mut self, walk: Walk, bad_at: u64, bad: Option<Header>) -> Result<(), LogError> {
        // A frame that is whole and ends the file is unfinished too: its entries count.
        let end = bad.filter(|header| bad_at + u64::from(header.length) == walk.length);
        let position = end.map_or(self.position(), |header| header.end());
        let at = self.pending.take().map_or(bad_at, |pending| pending.at);
        let entries = position - self.end.size;
        self.unfinished = Some(Unfinished { segment: walk.segment, at, bytes: walk.length - at, entries });
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

#[cfg(test)]
mod tests {
    use super::*;

    fn all_combinations() -> Vec<Conditions> {
        let mut all = Vec::new();
        for bits in 0..1u32 << 9 {
            let bit = |number: u32| bits >> number & 1 == 1;
            for after in [After::Nothing, After::Something, After::Proof] {
                all.push(Conditions {
                    header_whole: bit(0),
                    continuous: bit(1),
                    frame_whole: bit(2),
                    checksum_right: bit(3),
                    root_right: bit(4),
                    last_of_append: bit(5),
                    last_segment: bit(6),
                    acknowledged: bit(7),
                    reaches_head: bit(8),
                    after,
                });
            }
        }
        all
    }

    #[test]
    fn exactly_one_row_fits_each_combination() {
        for conditions in all_combinations() {
            let rows = TABLE.iter().filter(|row| row.fits(&conditions)).count();
            assert_eq!(rows, 1, "{conditions:?}");
        }
    }

    #[test]
    fn every_row_is_reached() {
        for (number, row) in TABLE.iter().enumerate() {
            assert!(all_combinations().iter().any(|conditions| row.fits(conditions)), "row {number}");
        }
    }

    /// docs/format.md shows strangers the same table.
    #[test]
    fn the_table_in_the_documentation_is_this_one() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/format.md");
        let document = std::fs::read_to_string(path).unwrap();
        let (_, section) = document.split_once("\n## Opening\n").expect("format.md has the section");
        let (section, _) = section.split_once("\n## ").expect("another section follows");
        let shown: Vec<_> = section.lines().filter(|line| line.starts_with('|')).skip(2).map(str::to_owned).collect();
        let expected: Vec<_> = TABLE.iter().map(as_documented).collect();
        assert_eq!(shown, expected);
    }

    fn as_documented(row: &Row) -> String {
        let after = match row.after {
            [After::Nothing] => "nothing",
            [After::Proof] => "proof",
            [After::Nothing, After::Something] => "no proof",
            [After::Something, After::Proof] => "something",
            all => {
                if all.len() == 3 {
                    ""
                } else {
                    panic!("no word for {all:?}")
                }
            }
        };
        let outcome = match row.outcome {
            Outcome::Committed => "committed".to_owned(),
            Outcome::Pending => "pending: the frames behind it decide".to_owned(),
            Outcome::Unfinished => "torn".to_owned(),
            Outcome::Stop(damage) => format!("stop: {damage:?}").to_lowercase(),
        };
        let wants = row.conditions.iter().map(|want| match want {
            Want::Y => "yes",
            Want::N => "no",
            Want::X => "",
        });
        let cells: Vec<_> = wants.chain([after, &outcome]).map(|cell| format!(" {cell} ").replace("  ", " ")).collect();
        format!("|{}|", cells.join("|"))
    }

    /// The rules in words, against the table.
    #[test]
    fn only_an_unacknowledged_tail_of_the_last_segment_is_ever_cut() {
        for conditions in all_combinations() {
            let Conditions { header_whole, continuous, frame_whole, checksum_right, root_right, .. } = conditions;
            let sound = header_whole && continuous && frame_whole && checksum_right && root_right;
            match decide(&conditions) {
                Outcome::Unfinished => {
                    assert!(conditions.last_segment, "{conditions:?}");
                    assert!(!conditions.acknowledged, "{conditions:?}");
                    assert_ne!(conditions.after, After::Proof, "{conditions:?}");
                    assert!(!sound || !conditions.last_of_append, "{conditions:?}");
                }
                Outcome::Committed => assert!(sound && conditions.last_of_append, "{conditions:?}"),
                Outcome::Pending => assert!(sound && !conditions.last_of_append, "{conditions:?}"),
                Outcome::Stop(_) => assert!(!sound || conditions.after == After::Nothing, "{conditions:?}"),
            }
        }
    }

    #[test]
    fn marks_are_kept_at_their_distance() {
        let mut marks = Vec::new();
        let new = |first, segment, at| Mark { first, segment, at };
        mark(&mut marks, new(0, 0, 64));
        mark(&mut marks, new(1, 0, 64 + MARK_BYTES - 1));
        mark(&mut marks, new(2, 0, 64 + MARK_BYTES));
        mark(&mut marks, new(3, 3, 64));
        assert_eq!(marks, [new(0, 0, 64), new(2, 0, 64 + MARK_BYTES), new(3, 3, 64)]);
    }
}
