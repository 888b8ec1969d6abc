//! What an opened log holds: which frames are committed, which were never finished, and what is damaged.
//!
//! A crash can tear only what was not yet synced. The writer syncs a new segment before its first frame, all frames of an
//! append before its last, the last before the head, and the head before it acknowledges. So what a crash leaves lies beyond
//! the head: a bad stretch at the end of the last segment, followed at most by whole frames of the same append that are not
//! its last. Anything else that is bad was on disk once, and damage is never cut. `docs/format.md`, "Opening", says the
//! same to strangers.

use thiserror::Error;

use crate::frame::FrameFault;
use crate::segment::SegmentFault;

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
    pub after: Following,
}

/// What follows a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Following {
    Nothing,
    /// Bytes that prove nothing.
    Something,
    /// A header that is written only when this frame is on disk: of a later append, or the last of this one.
    Proof,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameOutcome {
    /// This frame and all of its append before it are history.
    Committed,
    /// Whole, and its append goes on: the frames after it decide.
    Pending,
    /// The append was never acknowledged: it ends here, and a writer cuts it off from its first frame.
    Torn,
    Stop(Damage),
}

/// What is wrong with a log that no crash explains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Damage {
    /// A frame's bytes are not those that were written.
    #[error("is damaged: bytes that were once on disk are not what was written")]
    Damaged,
    /// The positions of a frame do not continue those before it.
    #[error("has a frame that does not belong there: its positions do not continue those before it")]
    Misplaced,
    /// The entries do not have the root that was written behind them.
    #[error("was altered: its entries do not have the tree root that was written after them")]
    Altered,
    /// An append has no end, and a later segment follows.
    #[error("ends inside of an append, although a later segment follows")]
    Truncated,
    /// Entries that were acknowledged are not there.
    #[error("ends before entries that were acknowledged")]
    Incomplete,
    /// The head belongs to another log.
    #[error("does not have, at the size that was acknowledged, the tree root and the length that the head remembers")]
    NotItsHead,
    /// The segment of this position is not there.
    #[error("is missing, or its name was changed: the segment before it ends at another position")]
    MissingSegment,
    /// A frame cannot be read.
    #[error("cannot be read: {0}")]
    Frame(FrameFault),
    /// The header of a segment cannot be read.
    #[error("cannot be read: {0}")]
    Segment(SegmentFault),
}

/// A condition that a row asks for.
#[derive(Clone, Copy)]
enum Required {
    Y,
    N,
    /// Either, because the row does not depend on it.
    X,
}

struct TableRow {
    conditions: [Required; 9],
    after: &'static [Following],
    outcome: FrameOutcome,
}

const fn row(conditions: [Required; 9], after: &'static [Following], outcome: FrameOutcome) -> TableRow {
    TableRow { conditions, after, outcome }
}

const TABLE: &[TableRow] = {
    use Damage::{Altered, Damaged, Incomplete, Misplaced, Truncated};
    use FrameOutcome::{Committed, Pending, Stop, Torn};
    use Required::{N, X, Y};
    const ANY: &[Following] = &[Following::Nothing, Following::Something, Following::Proof];
    const PROOF: &[Following] = &[Following::Proof];
    const NO_PROOF: &[Following] = &[Following::Nothing, Following::Something];
    const NOTHING: &[Following] = &[Following::Nothing];
    const MORE: &[Following] = &[Following::Something, Following::Proof];
    &[
        // header whole, continuous, frame whole, checksum right, root right, last of append, last segment, acknowledged,
        // reaches head
        row([N, X, X, X, X, X, N, X, X], ANY, Stop(Damaged)),
        row([N, X, X, X, X, X, Y, X, X], PROOF, Stop(Damaged)),
        row([N, X, X, X, X, X, Y, N, X], NO_PROOF, Torn),
        row([N, X, X, X, X, X, Y, Y, N], NO_PROOF, Stop(Incomplete)),
        row([N, X, X, X, X, X, Y, Y, Y], NO_PROOF, Stop(Damaged)),
        row([Y, N, X, X, X, X, X, X, X], ANY, Stop(Misplaced)),
        row([Y, Y, N, X, X, X, N, X, X], ANY, Stop(Damaged)),
        row([Y, Y, N, X, X, X, Y, X, X], PROOF, Stop(Damaged)),
        row([Y, Y, N, X, X, X, Y, N, X], NO_PROOF, Torn),
        row([Y, Y, N, X, X, X, Y, Y, N], NO_PROOF, Stop(Incomplete)),
        row([Y, Y, N, X, X, X, Y, Y, Y], NO_PROOF, Stop(Damaged)),
        row([Y, Y, Y, N, X, X, N, X, X], ANY, Stop(Damaged)),
        row([Y, Y, Y, N, X, X, Y, X, X], PROOF, Stop(Damaged)),
        row([Y, Y, Y, N, X, X, Y, N, X], NO_PROOF, Torn),
        row([Y, Y, Y, N, X, X, Y, Y, N], NO_PROOF, Stop(Incomplete)),
        row([Y, Y, Y, N, X, X, Y, Y, Y], NO_PROOF, Stop(Damaged)),
        row([Y, Y, Y, Y, N, X, X, X, X], ANY, Stop(Altered)),
        row([Y, Y, Y, Y, Y, Y, X, X, X], ANY, Committed),
        row([Y, Y, Y, Y, Y, N, X, X, X], MORE, Pending),
        row([Y, Y, Y, Y, Y, N, N, X, X], NOTHING, Stop(Truncated)),
        row([Y, Y, Y, Y, Y, N, Y, N, X], NOTHING, Torn),
        row([Y, Y, Y, Y, Y, N, Y, Y, X], NOTHING, Stop(Incomplete)),
    ]
};

impl TableRow {
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
        let fits = |(want, found): (&Required, bool)| match want {
            Required::Y => found,
            Required::N => !found,
            Required::X => true,
        };
        self.conditions.iter().zip(found).all(fits) && self.after.contains(&conditions.after)
    }
}

pub fn decide(conditions: &Conditions) -> FrameOutcome {
    let row = TABLE.iter().find(|row| row.fits(conditions));
    row.expect("the table has a row for every combination").outcome
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all_combinations() -> Vec<Conditions> {
        let mut all = Vec::new();
        for bits in 0..1u32 << 9 {
            let bit = |number: u32| bits >> number & 1 == 1;
            for after in [Following::Nothing, Following::Something, Following::Proof] {
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

    fn as_documented(row: &TableRow) -> String {
        let after = match row.after {
            [Following::Nothing] => "nothing",
            [Following::Proof] => "proof",
            [Following::Nothing, Following::Something] => "no proof",
            [Following::Something, Following::Proof] => "something",
            all => {
                if all.len() == 3 {
                    ""
                } else {
                    panic!("no word for {all:?}")
                }
            }
        };
        let outcome = match row.outcome {
            FrameOutcome::Committed => "committed".to_owned(),
            FrameOutcome::Pending => "pending: the frames behind it decide".to_owned(),
            FrameOutcome::Torn => "torn".to_owned(),
            FrameOutcome::Stop(damage) => format!("stop: {damage:?}").to_lowercase(),
        };
        let wants = row.conditions.iter().map(|want| match want {
            Required::Y => "yes",
            Required::N => "no",
            Required::X => "",
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
                FrameOutcome::Torn => {
                    assert!(conditions.last_segment, "{conditions:?}");
                    assert!(!conditions.acknowledged, "{conditions:?}");
                    assert_ne!(conditions.after, Following::Proof, "{conditions:?}");
                    assert!(!sound || !conditions.last_of_append, "{conditions:?}");
                }
                FrameOutcome::Committed => assert!(sound && conditions.last_of_append, "{conditions:?}"),
                FrameOutcome::Pending => assert!(sound && !conditions.last_of_append, "{conditions:?}"),
                FrameOutcome::Stop(_) => assert!(!sound || conditions.after == Following::Nothing, "{conditions:?}"),
            }
        }
    }
}
