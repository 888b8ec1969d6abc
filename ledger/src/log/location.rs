//! Where the log ends, where its frames begin, and what of it is torn.

use crate::tree::TreeHash;

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

#[cfg(test)]
mod tests {
    use super::*;

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
