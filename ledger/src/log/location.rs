//! Where the log ends, where its frames begin, and what of it is torn.

use crate::tree::TreeHash;

/// Where the committed entries end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEnd {
    pub segment: u64,
    pub at: u64,
    pub size: u64,
    pub root: TreeHash,
}

/// Where a frame begins. One is kept for each `FRAME_START_DISTANCE`, and the frames between are found by their headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameStart {
    /// The position of its first entry.
    pub first: u64,
    /// The segment that holds it.
    pub segment: u64,
    /// The byte of the segment at which it begins.
    pub at: u64,
}

pub const FRAME_START_DISTANCE: u64 = 256 << 10;

/// Remembers a frame if the last one remembered is far enough away.
pub fn remember(frame_starts: &mut Vec<FrameStart>, new: FrameStart) {
    let near = |last: &FrameStart| last.segment == new.segment && new.at < last.at + FRAME_START_DISTANCE;
    if !frame_starts.last().is_some_and(near) {
        frame_starts.push(new);
    }
}

/// An append that was never acknowledged, and what of it is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TornTail {
    /// The segment that ends with it.
    pub segment: u64,
    /// The byte of the segment at which it begins.
    pub at: u64,
    /// How many bytes there are.
    pub bytes: u64,
    /// Entries of its whole frames.
    pub entries: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_kept_at_their_distance() {
        let mut frame_starts = Vec::new();
        let new = |first, segment, at| FrameStart { first, segment, at };
        remember(&mut frame_starts, new(0, 0, 64));
        remember(&mut frame_starts, new(1, 0, 64 + FRAME_START_DISTANCE - 1));
        remember(&mut frame_starts, new(2, 0, 64 + FRAME_START_DISTANCE));
        remember(&mut frame_starts, new(3, 3, 64));
        assert_eq!(frame_starts, [new(0, 0, 64), new(2, 0, 64 + FRAME_START_DISTANCE), new(3, 3, 64)]);
    }
}
