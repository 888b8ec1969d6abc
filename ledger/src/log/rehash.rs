//! Every entry hashed again on its way out of the log, against the roots that stand behind the frames and in the segments'
//! headers. Opening does so with the last segment only; this is for who wants to rely on all of it without a second reading.

use super::Log;
use super::error::LogError;
use super::location::FrameStart;
use super::opening::Damage;
use crate::frame::{Frame, grow};
use crate::hash::EntryHash;
use crate::tree::{RightEdge, TreeHash};

/// The tree as the entries make it, frame by frame from the log's first.
pub struct Rehash<'l> {
    log: &'l Log,
    edge: RightEdge,
    segment: u64,
    hashes: Vec<EntryHash>,
}

impl Log {
    /// What compares the entries of all frames, from the first one on, with the roots that stand behind them.
    pub fn rehash(&self) -> Rehash<'_> {
        Rehash::of(self)
    }
}

impl<'l> Rehash<'l> {
    fn of(log: &'l Log) -> Rehash<'l> {
        Rehash { log, edge: RightEdge::default(), segment: 0, hashes: Vec::new() }
    }

    /// Takes the next frame, which begins at `place`.
    pub fn check(&mut self, frame: &Frame<'_>, place: FrameStart) -> Result<(), LogError> {
        assert_eq!(frame.header.first, self.edge.size(), "BUG: a frame was left out");
        if place.segment != self.segment {
            self.enter(place.segment)?;
        }
        grow(frame.entries(), &mut self.hashes, &mut self.edge);
        if self.edge.root() != frame.root() {
            return Err(self.log.damaged(Damage::Altered, place.segment, place.at, place.first));
        }
        Ok(())
    }

    /// A segment's header says the tree before its first entry once more.
    fn enter(&mut self, segment: u64) -> Result<(), LogError> {
        self.segment = segment;
        if self.log.edge_of(segment)? != self.edge {
            return Err(self.log.damaged(Damage::Altered, segment, 0, segment));
        }
        Ok(())
    }

    /// The root over all frames so far.
    pub fn root(&self) -> TreeHash {
        self.edge.root()
    }
}
