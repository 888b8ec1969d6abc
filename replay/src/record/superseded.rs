//! Lines that equal a fact which was replaced since. A file with a whole history has the line that replaced it further
//! down: then the line counts as known. Otherwise it is refused, or left out.

use std::collections::BTreeMap;

use projections::position::Position;

use crate::record::options::OnSuperseded;
use crate::record::outcome::{Rejected, Report};

/// The superseded lines of an input, until all of its lines are read.
#[derive(Default)]
pub(super) struct SupersededLines {
    lines: Vec<SupersededLine>,
    /// The last line that equals the entry at each position, from the first superseded line on.
    last_equal: BTreeMap<Position, u64>,
}

/// A line that equals a fact which was replaced since.
pub(super) struct SupersededLine {
    /// The number of the line in the whole input.
    pub(super) line: u64,
    /// The entry that it equals.
    pub(super) equal: Position,
    /// The entry that ended that one.
    pub(super) since: Position,
    /// The line and why it is refused, where it is reported.
    pub(super) rejected: Option<Box<Rejected>>,
}

impl SupersededLines {
    /// Remembers a line that equals the entry in force at a position.
    pub(super) fn add_known(&mut self, position: Position, line: u64) {
        if !self.lines.is_empty() {
            self.last_equal.insert(position, line);
        }
    }

    /// Remembers a superseded line.
    pub(super) fn add(&mut self, line: SupersededLine) {
        self.last_equal.insert(line.equal, line.line);
        self.lines.push(line);
    }

    /// Decides about all of them, when every line is read.
    pub(super) fn settle(mut self, option: OnSuperseded, report: &mut Report) {
        for late in std::mem::take(&mut self.lines).into_iter().rev() {
            if self.last_equal.get(&late.since).is_some_and(|line| *line > late.line) {
                report.recorded.known += 1;
                continue;
            }
            // A line that is refused makes no line before it known.
            if self.last_equal.get(&late.equal) == Some(&late.line) {
                self.last_equal.remove(&late.equal);
            }
            match (option, late.rejected) {
                (OnSuperseded::Skip, _) => report.recorded.skipped += 1,
                (OnSuperseded::Refuse | OnSuperseded::Restate, Some(rejected)) => report.refuse_kept(*rejected),
                (OnSuperseded::Refuse | OnSuperseded::Restate, None) => report.add_dropped(1),
            }
        }
    }
}
