//! The walk over all segments, frames and entries, and what is known on the way.

use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
use std::path::Path;

use memchr::memmem::Finder;

use super::entry::{self, BOOK, CheckpointClaim, Close};
use super::error::VerifyError;
use super::head::{self, Head};
use super::layout::{
    self, BLOCK, FRAME_MAGIC, FrameHeader, NoHeader, POSITION_END, SEGMENT_VERSION, checksum_is_right, frame_header,
    segment_header, segment_header_bytes,
};
use super::signatures::ValidKeys;
use super::tape::Tape;
use super::tree::{Edge, Hash, leaf};
use super::verification::{PROBLEMS_MAX, Unfinished, Verdict, Verification, VerifyProblem};

/// The folder inside of the book, and what is in it beside segments: the head, a file that is empty and locked by the writer, and
/// a folder of torn tails that were cut.
const LOG: &str = "log";
const HEAD: &str = "head";
const LOCK: &str = "lock";
const TORN: &str = "torn";

pub struct Walk {
    verification: Verification,
    wanted: BTreeSet<u64>,
    /// The segment that is being read, and where.
    file: String,
    byte: u64,
    /// The first position of the segment that is being read; none while something else is looked at.
    segment: Option<u64>,
    /// What the head remembers, until the log was compared with it.
    unmet_head: Option<Head>,
    /// The size of the log when the first problem of a segment was found.
    sound: Option<u64>,
    /// The position that the next entry has; unknown behind damage.
    next: Option<u64>,
    /// The tree so far; unknown behind damage, until a segment's header tells it again.
    edge: Option<Edge>,
    /// The root after the last frame or at the last segment's beginning, where the tree is known.
    root: Option<Hash>,
    append: Option<Append>,
    recorded: u64,
    last_close: Option<u64>,
    keys: ValidKeys,
    claims: Vec<RootClaim>,
}

/// Frames of an append whose last was not seen yet.
struct Append {
    first: u64,
    byte: u64,
    entries: u64,
    /// The root before it.
    root: Option<Hash>,
}

/// What names an earlier size of the log and the root there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Claimant {
    Close,
    Checkpoint,
}

/// A root that a close or a checkpoint names, and that has to be compared with one further back.
pub struct RootClaim {
    of: Claimant,
    position: u64,
    file: String,
    byte: u64,
    pub known: u64,
    pub root: Hash,
}

impl RootClaim {
    pub fn wrong_root(&self) -> VerifyProblem {
        VerifyProblem {
            verdict: Verdict::Altered,
            position: Some(self.position),
            file: self.file.clone(),
            byte: Some(self.byte),
            what: format!(
                "the {} says another root of the tree at size {} than the entries have",
                self.word(),
                self.known
            ),
        }
    }

    fn word(&self) -> &'static str {
        match self.of {
            Claimant::Close => "close",
            Claimant::Checkpoint => "checkpoint",
        }
    }

    /// Counts a claim that is right.
    pub fn count(&self, into: &mut Verification) {
        match self.of {
            Claimant::Close => into.closes += 1,
            Claimant::Checkpoint => into.checkpoints += 1,
        }
    }
}

/// Whether more segments follow. Only the last may end in something unfinished.
#[derive(Clone, Copy, PartialEq, Eq)]
enum SegmentPlace {
    Sealed,
    Last,
}

/// Where to go on in a segment.
enum NextFrame {
    To(u64),
    End,
}

/// What comes behind a place without a whole frame.
struct Behind {
    /// The next whole header.
    next: Option<u64>,
    /// A header that is written only when what comes before it is on disk.
    proof: bool,
}

impl Walk {
    pub fn new(sizes: &BTreeSet<u64>) -> Walk {
        let verification = Verification {
            verdict: Verdict::Consistent,
            entries: 0,
            bytes: 0,
            segments: 0,
            closes: 0,
            signatures: 0,
            checkpoints: 0,
            against: Vec::new(),
            size: 0,
            root: None,
            head: None,
            sound: 0,
            roots: BTreeMap::new(),
            unfinished: None,
            problems: Vec::new(),
            stopped_early: false,
        };
        let mut walk = Walk {
            verification,
            wanted: sizes.clone(),
            file: LOG.to_owned(),
            byte: 0,
            segment: None,
            unmet_head: None,
            sound: None,
            next: Some(0),
            edge: Some(Edge::default()),
            root: None,
            append: None,
            recorded: 0,
            last_close: None,
            keys: ValidKeys::default(),
            claims: Vec::new(),
        };
        walk.keep_root();
        walk.root_is_known();
        walk
    }

    /// What was found, the claims that are still to be compared, and the keys at the end of the log.
    pub fn finish(mut self) -> (Verification, Vec<RootClaim>, ValidKeys) {
        let size = self.verification.size;
        self.verification.roots.retain(|at, _| *at <= size);
        self.verification.sound = self.sound.unwrap_or(size);
        (self.verification, self.claims, self.keys)
    }

    /// All files of the log, in order.
    pub fn book(&mut self, folder: &Path) -> Result<(), VerifyError> {
        // Before the log: what a writer appends meanwhile lies behind the head that was read.
        self.read_head(folder)?;
        let segments = self.list(folder)?;
        let Some((last, sealed)) = segments.split_last() else { return self.end() };
        for first in sealed {
            self.segment(folder, *first, SegmentPlace::Sealed)?;
            if self.verification.stopped_early {
                return Ok(());
            }
        }
        if self.is_unfinished_segment(folder, *last)? {
            self.joins(*last)
        } else {
            self.segment(folder, *last, SegmentPlace::Last)?
        }
        self.end()
    }

    fn end(&mut self) -> Result<(), VerifyError> {
        self.segment = None;
        self.compare_with_head();
        if self.verification.size == 0 && self.verification.problems.is_empty() {
            self.missing(Some(0), "the log has no entries, and so not the one that says which book it is");
        }
        Ok(())
    }

    // The head -----------------------------------------------------------------------------------------------------

    fn read_head(&mut self, folder: &Path) -> Result<(), VerifyError> {
        match head::read(&folder.join(LOG).join(HEAD))? {
            Ok(head) => {
                self.verification.bytes += 2 * 4096;
                self.unmet_head = Some(head.clone());
                self.verification.head = Some(head);
            }
            Err(_) if !folder.join(LOG).is_dir() => {}
            Err(what) => {
                self.at_file(HEAD);
                let what = format!("{what}: whether the log ends where it was acknowledged cannot be known");
                self.missing(None, what);
                self.at_file("");
            }
        }
        Ok(())
    }

    /// Whether everything that the head acknowledges was read.
    fn is_beyond_head(&self) -> bool {
        self.verification.head.as_ref().is_none_or(|head| self.verification.size >= head.size)
    }

    /// Where the log has the head's size, its root, segment and length are those of the head.
    fn meet_head(&mut self, end: u64) {
        let Some(head) = self.unmet_head.take_if(|head| head.size == self.verification.size) else { return };
        let is_same_root = self.verification.root.is_none_or(|root| root == head.root);
        if !is_same_root || self.segment != Some(head.segment) || end != head.length {
            let what =
                format!("at size {} the log has not the tree root and the length that the head remembers", head.size);
            self.altered(Some(head.size), what);
        }
    }

    /// When all is read: whether the log reaches its head.
    fn compare_with_head(&mut self) {
        let Some(head) = self.verification.head.clone() else { return };
        let size = self.verification.size;
        self.at_file(HEAD);
        if size < head.size {
            self.missing(Some(size), format!("{} entries were acknowledged, and the log has {size}", head.size));
        } else if self.unmet_head.is_some() && head.size > 0 {
            self.altered(Some(head.size), format!("the head says size {}, where no append of the log ends", head.size));
        }
        match head.damaged_slot {
            Some(slot) if size > head.size => {
                let what = format!("slot {slot} cannot be read; the log has one append more than the other slot says");
                self.problem(Verdict::TornTail, Some(size), what);
            }
            Some(slot) => {
                let what = format!(
                    "slot {slot} cannot be read, and the log ends where the other slot says: an acknowledged append may be missing"
                );
                self.missing(Some(size), what);
            }
            None => {}
        }
        self.at_file("");
    }

    // Problems -----------------------------------------------------------------------------------------------------

    fn problem(&mut self, verdict: Verdict, position: Option<u64>, what: impl Into<String>) {
        if self.verification.problems.len() == PROBLEMS_MAX {
            self.verification.stopped_early = true;
            return;
        }
        if self.segment.is_some() {
            self.sound.get_or_insert(self.verification.size);
        }
        let (file, byte) = (self.file.clone(), Some(self.byte));
        self.verification.problems.push(VerifyProblem { verdict, position, file, byte, what: what.into() });
    }

    fn altered(&mut self, position: Option<u64>, what: impl Into<String>) {
        self.problem(Verdict::Altered, position, what);
    }

    fn missing(&mut self, position: Option<u64>, what: impl Into<String>) {
        self.problem(Verdict::Incomplete, position, what);
    }

    /// From here on the tree is not known, until a segment's header tells it again, nor which close was the last.
    fn lose_track(&mut self) {
        self.edge = None;
        self.root = None;
        self.last_close = None;
    }

    // Files --------------------------------------------------------------------------------------------------------

    /// The first positions of all segments, ascending. Whatever else lies in the folder is a problem.
    fn list(&mut self, folder: &Path) -> Result<Vec<u64>, VerifyError> {
        let log = folder.join(LOG);
        let place = log.display().to_string();
        let io = |source| VerifyError::io("listing", &place, source);
        let entries = match std::fs::read_dir(&log) {
            Err(error) if error.kind() == ErrorKind::NotFound && folder.is_dir() => {
                self.missing(None, "the folder of the log is missing");
                return Ok(Vec::new());
            }
            entries => entries.map_err(io)?,
        };
        let mut segments = Vec::new();
        let mut strangers = Vec::new();
        for entry in entries {
            let entry = entry.map_err(io)?;
            let metadata = std::fs::metadata(entry.path()).map_err(io)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            match position_of(&name) {
                Some(first) if metadata.is_file() => segments.push(first),
                None if name == LOCK && metadata.is_file() && metadata.len() == 0 => {}
                None if name == HEAD && metadata.is_file() => {}
                None if name == TORN && metadata.is_dir() => {}
                Some(_) | None => strangers.push(name),
            }
        }
        strangers.sort_unstable();
        for name in strangers {
            self.at_file(&name);
            self.altered(None, "this is no part of a log. Move it away, and find out how it came here");
        }
        segments.sort_unstable();
        self.at_file("");
        Ok(segments)
    }

    fn at_file(&mut self, name: &str) {
        self.file = if name.is_empty() { LOG.to_owned() } else { format!("{LOG}/{name}") };
        self.byte = 0;
    }

    fn open(&mut self, folder: &Path, first: u64) -> Result<Tape, VerifyError> {
        self.at_file(&format!("{first:020}.seg"));
        Tape::open(&folder.join(&self.file))
    }

    /// A last segment that a crash left without a whole header: no frame was ever in it.
    fn is_unfinished_segment(&mut self, folder: &Path, first: u64) -> Result<bool, VerifyError> {
        let mut tape = self.open(folder, first)?;
        let length = segment_header_bytes(first);
        if tape.length > length as u64 || segment_header(first, tape.bytes(0, length)?) != Err(NoHeader::Damaged) {
            return Ok(false);
        }
        self.verification.bytes += tape.length;
        self.leave_unfinished(0, 0, tape.length);
        Ok(true)
    }

    // Segments -----------------------------------------------------------------------------------------------------

    fn segment(&mut self, folder: &Path, first: u64, place: SegmentPlace) -> Result<(), VerifyError> {
        let mut tape = self.open(folder, first)?;
        self.verification.segments += 1;
        self.segment = Some(first);
        self.joins(first);
        let length = segment_header_bytes(first);
        let header = segment_header(first, tape.bytes(0, length)?);
        // A log of another format is not altered; a later segment of another one than the first is.
        if let (Err(NoHeader::OtherVersion(found)), 0) = (&header, first) {
            return Err(VerifyError::OtherFormat { place: self.file.clone(), found: *found, reads: SEGMENT_VERSION });
        }
        self.enter(first, header);
        let mut at = length as u64;
        while at < tape.length && !self.verification.stopped_early {
            self.byte = at;
            match self.step(&mut tape, at, place)? {
                NextFrame::To(next) => at = next,
                NextFrame::End => break,
            }
        }
        self.verification.bytes += tape.length;
        match (self.append.take(), place) {
            (Some(append), SegmentPlace::Last) if self.is_beyond_head() => {
                self.leave_unfinished(append.byte, append.entries, tape.length);
            }
            // That entries are missing is said when the log is compared with its head.
            (Some(_), SegmentPlace::Last) => self.next = None,
            (Some(_), SegmentPlace::Sealed) => {
                self.missing(self.next, "the segment ends inside of an append, although another segment follows");
                self.next = None;
                self.lose_track();
            }
            (None, _) => {}
        }
        Ok(())
    }

    /// A segment's first position against where the log ends by now.
    fn joins(&mut self, first: u64) {
        match self.next {
            Some(next) if first > next => {
                self.missing(Some(next), format!("entries {next} to {} are missing before this segment", first - 1));
                self.lose_track();
            }
            Some(next) if first < next => {
                self.altered(Some(first), format!("the segment before this one goes on to position {}", next - 1));
                self.lose_track();
            }
            Some(_) | None => {}
        }
        self.next = Some(first);
    }

    /// The tree in the segment's header against that of the entries before it.
    fn enter(&mut self, first: u64, header: Result<Edge, NoHeader>) {
        let stated = match header {
            Ok(stated) => stated,
            Err(NoHeader::Damaged) => return self.altered(Some(first), "the segment's header is damaged"),
            Err(NoHeader::OtherVersion(version)) => {
                return self.altered(Some(first), format!("the segment's header cannot be: it has version {version}"));
            }
            Err(NoHeader::Impossible(what)) => {
                return self.altered(Some(first), format!("the segment's header cannot be: {what}"));
            }
        };
        if self.edge.as_ref().is_some_and(|edge| *edge != stated) {
            self.altered(Some(first), "the tree in the segment's header is not that of the entries before it");
        }
        self.edge = Some(stated);
        self.root_is_known();
        self.keep_root();
    }

    fn root_is_known(&mut self) {
        self.root = self.edge.as_ref().map(Edge::root);
    }

    /// Keeps the root here, if it was asked for.
    fn keep_root(&mut self) {
        if let Some(edge) = &self.edge
            && self.wanted.contains(&edge.size)
        {
            self.verification.roots.insert(edge.size, edge.root());
        }
    }

    // Frames -------------------------------------------------------------------------------------------------------

    /// Looks at the frame that should begin at `at`.
    fn step(&mut self, tape: &mut Tape, at: u64, place: SegmentPlace) -> Result<NextFrame, VerifyError> {
        let header = match frame_header(tape.bytes(at, BLOCK)?) {
            Ok(header) => header,
            Err(no_header) => return self.without_header(tape, at, place, no_header),
        };
        let bytes = tape.bytes(at, header.length)?;
        if bytes.len() < header.length || !checksum_is_right(bytes) {
            return self.broken(tape, at, place, header);
        }
        self.continues(&header);
        self.frame(&header, bytes, at);
        Ok(NextFrame::To(at + header.length as u64))
    }

    /// There is no whole header at `at`: the end of what was written, or damage.
    fn without_header(
        &mut self,
        tape: &mut Tape,
        at: u64,
        place: SegmentPlace,
        no_header: NoHeader,
    ) -> Result<NextFrame, VerifyError> {
        let behind = self.look_behind(tape, at, self.append_first())?;
        let what = match no_header {
            NoHeader::Impossible(what) => format!("a frame's header cannot be: {what}"),
            NoHeader::OtherVersion(version) => format!("a frame's header cannot be: its version is {version}"),
            NoHeader::Damaged if self.may_be_torn(place, &behind) => return Ok(self.unfinished_at(at, tape.length)),
            NoHeader::Damaged => "there is no whole header of a frame here".to_owned(),
        };
        self.altered(self.next, what);
        self.append = None;
        self.next = None;
        self.lose_track();
        Ok(behind.next.map_or(NextFrame::End, NextFrame::To))
    }

    /// Bytes that were never acknowledged, and that nothing behind them proves to have been on disk.
    fn may_be_torn(&self, place: SegmentPlace, behind: &Behind) -> bool {
        place == SegmentPlace::Last && self.is_beyond_head() && !behind.proof
    }

    /// A frame whose header is whole, and which itself is not.
    fn broken(
        &mut self,
        tape: &mut Tape,
        at: u64,
        place: SegmentPlace,
        header: FrameHeader,
    ) -> Result<NextFrame, VerifyError> {
        let end = at + header.length as u64;
        let is_short = end > tape.length;
        let behind = self.look_behind(tape, at, Some(header.append_first))?;
        let fits = self.next.is_some_and(|next| next == header.first) && self.append_of(&header);
        if fits && self.may_be_torn(place, &behind) {
            return Ok(self.unfinished_at(at, tape.length));
        }
        self.continues(&header);
        let positions = format!("entries {} to {}", header.first, header.end() - 1);
        if is_short {
            self.missing(Some(header.first), format!("the file ends inside of the frame of {positions}"))
        } else {
            self.altered(Some(header.first), format!("the checksum of the frame of {positions} is wrong"))
        }
        self.lose_track();
        self.next = Some(header.end());
        if header.is_last {
            self.append = None;
        }
        // Where bytes were lost inside of the frame, the next one begins before the end that the header says.
        let next = behind.next.filter(|next| is_short || *next < end).or((!is_short).then_some(end));
        Ok(next.map_or(NextFrame::End, NextFrame::To))
    }

    /// Looks for whole headers at every byte behind `at`. Frames begin at whole blocks, but not where bytes were lost or added.
    fn look_behind(&mut self, tape: &mut Tape, at: u64, append_first: Option<u64>) -> Result<Behind, VerifyError> {
        const AHEAD_BYTES: usize = 1 << 20;
        let magic = Finder::new(&FRAME_MAGIC);
        let mut behind = Behind { next: None, proof: false };
        let mut from = at + 1;
        while from < tape.length {
            let part = tape.bytes(from, AHEAD_BYTES + BLOCK - 1)?;
            for found in magic.find_iter(part) {
                let is_proof = match frame_header(part[found..].get(..BLOCK).unwrap_or_default()) {
                    Ok(header) => header.is_last || Some(header.append_first) != append_first,
                    Err(NoHeader::Impossible(_) | NoHeader::OtherVersion(_)) => true,
                    Err(NoHeader::Damaged) => continue,
                };
                behind.next.get_or_insert(from + found as u64);
                if is_proof {
                    return Ok(Behind { proof: true, ..behind });
                }
            }
            from += AHEAD_BYTES as u64;
        }
        Ok(behind)
    }

    fn unfinished_at(&mut self, at: u64, length: u64) -> NextFrame {
        let (byte, entries) = self.append.take().map_or((at, 0), |append| (append.byte, append.entries));
        self.leave_unfinished(byte, entries, length);
        NextFrame::End
    }

    fn leave_unfinished(&mut self, byte: u64, entries: u64, length: u64) {
        if !self.is_beyond_head() {
            // What is there is a part of what was acknowledged: the comparison with the head says what is missing.
            return;
        }
        let (file, bytes, position) = (self.file.clone(), length - byte, self.verification.size);
        self.verification.unfinished = Some(Unfinished { file, byte, bytes, position, entries });
    }

    /// The first position of the append that the next frame belongs to.
    fn append_first(&self) -> Option<u64> {
        self.append.as_ref().map(|append| append.first).or(self.next)
    }

    fn append_of(&self, header: &FrameHeader) -> bool {
        self.append_first() == Some(header.append_first)
    }

    /// Whether the frame goes on where the one before it ended, and its append with it.
    fn continues(&mut self, header: &FrameHeader) {
        let first = header.first;
        match self.next {
            Some(next) if first == next && !self.append_of(header) => {
                self.altered(Some(first), "the frame belongs to another append than the one that it is in");
                self.append = None;
            }
            Some(next) if first > next => {
                self.missing(Some(next), format!("entries {next} to {} are missing before this frame", first - 1));
                self.out_of_place();
            }
            Some(next) if first < next => {
                self.altered(Some(first), format!("the frame begins at position {first}, and {next} was expected"));
                self.out_of_place();
            }
            Some(_) | None => {}
        }
        self.next = Some(first);
        let (root, byte) = (self.root, self.byte);
        self.append.get_or_insert(Append { first: header.append_first, byte, entries: 0, root });
    }

    fn out_of_place(&mut self) {
        self.append = None;
        self.lose_track();
    }

    /// A frame whose bytes have the checksum that was written with them.
    fn frame(&mut self, header: &FrameHeader, bytes: &[u8], at: u64) {
        match layout::frame(header, bytes) {
            Err(what) => {
                self.altered(Some(header.first), format!("the frame cannot be: {what}"));
                self.lose_track();
            }
            Ok(frame) => {
                self.byte = at + BLOCK as u64;
                for (bytes, position) in frame.entries.iter().zip(header.first..) {
                    self.entry(bytes, position);
                    self.byte += bytes.len() as u64;
                }
                self.byte = at;
                self.root_is_known();
                if self.root.is_some_and(|root| root != frame.root) {
                    let what = "the entries do not have the tree root that follows them";
                    self.altered(Some(header.first), what);
                    self.lose_track();
                }
            }
        }
        self.next = Some(header.end());
        let append = self.append.as_mut().expect("BUG: a frame outside of an append");
        append.entries += u64::from(header.count);
        if header.is_last {
            self.verification.entries += append.entries;
            self.verification.size = header.end();
            self.verification.root = self.root;
            self.append = None;
            self.meet_head(at + header.length as u64);
        }
    }

    // Entries ------------------------------------------------------------------------------------------------------

    fn entry(&mut self, bytes: &[u8], position: u64) {
        if let Some(edge) = &mut self.edge {
            edge.append(leaf(blake3::hash(bytes).as_bytes()));
        }
        if !self.wanted.is_empty() {
            self.keep_root();
        }
        let checked = match entry::check(bytes, position) {
            Ok(checked) => checked,
            Err(what) => {
                // It may have been a close.
                self.last_close = None;
                return self.altered(Some(position), what);
            }
        };
        if checked.recorded < self.recorded {
            self.altered(Some(position), "it has an earlier recorded time than the entry before it");
        }
        self.recorded = checked.recorded;
        match (position, checked.kind) {
            (0, BOOK) => {}
            (0, _) => self.altered(Some(0), "the first entry does not say which book this is"),
            (_, BOOK) => self.altered(Some(position), "another book begins inside of this one"),
            _ => {}
        }
        if !checked.signatures.is_empty() {
            match self.keys.check(bytes, &checked) {
                Ok(signatures) => self.verification.signatures += signatures,
                Err(what) => self.altered(Some(position), what),
            }
        }
        if let Err(what) = self.keys.learn(&checked, position) {
            self.altered(Some(position), what);
        }
        if let Some(close) = checked.close {
            self.close(&close, position);
        }
        if let Some(checkpoint) = checked.checkpoint {
            self.checkpoint(&checkpoint, position);
        }
    }

    fn checkpoint(&mut self, checkpoint: &CheckpointClaim, position: u64) {
        if let Err(what) = self.keys.check_note(checkpoint) {
            return self.altered(Some(position), what);
        }
        if checkpoint.size > position {
            let what = format!("the checkpoint is of {} entries, some of which came later", checkpoint.size);
            return self.altered(Some(position), what);
        }
        self.claim(Claimant::Checkpoint, checkpoint.size, checkpoint.root, position);
    }

    fn close(&mut self, close: &Close, position: u64) {
        let Close { period, known, root } = *close;
        if self.last_close.is_some_and(|last| period != last + 1) {
            self.altered(Some(position), "its period does not follow that of the close before it");
        }
        // A month so far away is no month: it has no next one, and is no reason to overflow.
        self.last_close = Some(period).filter(|period| *period < POSITION_END);
        if known > position {
            return self.altered(Some(position), format!("the close looked at {known} entries, which came later"));
        }
        self.claim(Claimant::Close, known, root, position);
    }

    /// The root of an earlier size: compared with the one before this append, or later, with one further back.
    fn claim(&mut self, of: Claimant, known: u64, root: Hash, position: u64) {
        let (file, byte) = (self.file.clone(), self.byte);
        let claim = RootClaim { of, position, file, byte, known, root };
        let before = self.append.as_ref().filter(|append| append.first == known).and_then(|append| append.root);
        match before {
            Some(before) if before == root => claim.count(&mut self.verification),
            Some(_) => self.altered(Some(position), claim.wrong_root().what),
            None => self.claims.push(claim),
        }
    }
}

/// The position in a segment's name: 20 digits.
fn position_of(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(".seg")?;
    let is_plain = digits.len() == 20 && digits.bytes().all(|digit| digit.is_ascii_digit());
    digits.parse().ok().filter(|position| is_plain && *position < POSITION_END)
}
