//! What came of recording: counts, warnings, lines that were set aside, or why nothing was recorded.

use ledger::finding::TextLocation;
use ledger::log::LogError;
use ledger::problem::Problem;

use crate::error::BookError;
use crate::record::options::Rejects;

/// Problems that are reported at most; the rest is counted.
pub const PROBLEMS_MAX: usize = 100;
/// Warnings that are reported at most; the rest is counted.
pub(super) const WARNINGS_MAX: usize = 100;
/// Problems beyond those reported that are counted at most. Then reading stops, for nothing will be recorded.
pub const COUNTED_MAX: u64 = 100_000;
/// Bytes that are kept of lines until all lines are read: of lines that are set aside, with their reasons, and of lines
/// that equal something which was replaced since.
pub const ASIDE_BYTES_MAX: usize = 64 << 20;

/// What was recorded.
#[derive(Default, Debug)]
pub struct Recorded {
    /// Facts that replace nothing.
    pub new: u64,
    /// Facts that replace others.
    pub restated: u64,
    /// Facts that had been recorded before.
    pub known: u64,
    /// Facts left out because they were replaced since, or because a mapping says so of facts that are known.
    pub skipped: u64,
    /// Of the new and restated facts, those dated in closed months.
    pub into_closed: u64,
    /// The size of the log afterwards.
    pub size: u64,
    /// At most [`WARNINGS_MAX`], and one that counts the others.
    pub warnings: Vec<Problem>,
    /// How many warnings there were besides.
    pub more_warnings: u64,
    /// Lines that were set aside.
    pub rejected: Vec<Rejected>,
}

/// A line that was set aside, and why.
#[derive(Clone, Debug)]
pub struct Rejected {
    /// The line; of a mapped fact, the text of its rows.
    pub line: String,
    /// Everything that is wrong with it.
    pub problems: Vec<Problem>,
}

/// Why nothing was recorded.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The input is refused.
    #[error("{} problems", .0.len())]
    Refused(Vec<Problem>),
    /// The world failed, or the book is damaged.
    #[error(transparent)]
    Book(#[from] BookError),
}

impl From<LogError> for RecordError {
    fn from(error: LogError) -> RecordError {
        RecordError::Book(error.into())
    }
}

/// The problem that stands for those beyond [`PROBLEMS_MAX`].
pub fn more(count: u64) -> Problem {
    let message = match count {
        1 => "1 more problem was found".to_owned(),
        COUNTED_MAX.. => format!("at least {count} more problems were found"),
        _ => format!("{count} more problems were found"),
    };
    Problem::new("record-more", message, "mend these first")
}

/// The refusal of an input of which too much would have to be kept until all lines are read.
pub fn aside_full() -> Problem {
    let message = format!(
        "the lines that cannot be recorded, and those that were replaced since, take more than {ASIDE_BYTES_MAX} bytes"
    );
    Problem::new("record-aside", message, "see whether it is the right file; record it in parts")
}

/// How many bytes are kept of lines until all lines are read.
#[derive(Default)]
pub struct KeptBytes(usize);

impl KeptBytes {
    /// Adds a line and what is wrong with it. False if that is more than [`ASIDE_BYTES_MAX`] in all.
    pub fn add(&mut self, line: &str, problems: &[Problem]) -> bool {
        self.add_bytes(weight(line, problems))
    }

    /// Adds bytes. False if that is more than [`ASIDE_BYTES_MAX`] in all.
    pub(super) fn add_bytes(&mut self, bytes: usize) -> bool {
        self.0 += bytes;
        self.0 <= ASIDE_BYTES_MAX
    }

    /// Whether so many more bytes would take half of the room or less.
    pub(super) fn is_half_free(&self, bytes: usize) -> bool {
        self.0 + bytes <= ASIDE_BYTES_MAX / 2
    }
}

/// The bytes that a line takes in memory with what is wrong with it.
pub(super) fn weight(line: &str, problems: &[Problem]) -> usize {
    let text = |problem: &Problem| {
        let excerpt = problem
            .place
            .as_ref()
            .map_or(0, |place| size_of::<TextLocation>() + place.excerpt.len() + place.file.len());
        size_of::<Problem>() + problem.message.len() + problem.help.len() + excerpt
    };
    size_of::<Rejected>() + line.len() + problems.iter().map(text).sum::<usize>()
}

/// Refusals and warnings while an input is read.
pub(super) struct Report {
    rejects: Rejects,
    pub(super) recorded: Recorded,
    problems: Vec<Problem>,
    /// Problems beyond those in `problems`.
    dropped: u64,
    kept: KeptBytes,
    /// Nothing will be recorded, and enough is known to say why.
    is_enough: bool,
}

impl Report {
    pub(super) fn new(rejects: Rejects) -> Report {
        Report {
            rejects,
            recorded: Recorded::default(),
            problems: Vec::new(),
            dropped: 0,
            kept: KeptBytes::default(),
            is_enough: false,
        }
    }

    /// Whether nothing will be recorded, and enough is known to say why.
    pub(super) fn is_enough(&self) -> bool {
        self.is_enough
    }

    /// Refuses a line, or sets it aside.
    pub(super) fn refuse(&mut self, line: &str, problems: Vec<Problem>) {
        match self.rejects {
            Rejects::Refuse => {
                for problem in problems {
                    self.add(problem);
                }
            }
            Rejects::SetAside => {
                if self.keep(weight(line, &problems)) {
                    self.recorded.rejected.push(Rejected { line: line.to_owned(), problems });
                }
            }
        }
    }

    /// Refuses, or sets aside, a line for which there is room already.
    pub(super) fn refuse_kept(&mut self, rejected: Rejected) {
        match self.rejects {
            Rejects::Refuse => {
                for problem in rejected.problems {
                    self.add(problem);
                }
            }
            Rejects::SetAside => self.recorded.rejected.push(rejected),
        }
    }

    /// A problem for which nothing is recorded.
    pub(super) fn add(&mut self, problem: Problem) {
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(problem);
        } else {
            self.dropped += 1;
        }
        self.is_enough |= self.dropped >= COUNTED_MAX;
    }

    /// Problems that are only counted.
    pub(super) fn add_dropped(&mut self, count: u64) {
        self.dropped += count;
    }

    pub(super) fn warn(&mut self, warnings: impl ExactSizeIterator<Item = Problem>) {
        let room = WARNINGS_MAX.saturating_sub(self.recorded.warnings.len());
        self.recorded.more_warnings += warnings.len().saturating_sub(room) as u64;
        self.recorded.warnings.extend(warnings.take(room));
    }

    /// Whether there is room for something that is kept until all lines are read. If not, nothing is recorded.
    pub(super) fn keep(&mut self, bytes: usize) -> bool {
        let has_room = self.kept.add_bytes(bytes);
        if !has_room && !self.is_enough {
            self.is_enough = true;
            self.problems.push(aside_full());
        }
        has_room
    }

    /// Whether so many more bytes would take half of the room or less.
    pub(super) fn is_half_free(&self, bytes: usize) -> bool {
        self.kept.is_half_free(bytes)
    }

    /// What was recorded, or all problems in the order of the input's lines.
    pub(super) fn finish(self) -> Result<Recorded, RecordError> {
        let Report { mut recorded, mut problems, dropped, .. } = self;
        if !problems.is_empty() {
            problems.sort_by_key(|problem| problem.place.as_ref().map(|place| (place.file.clone(), place.line)));
            if dropped > 0 {
                problems.push(more(dropped));
            }
            return Err(RecordError::Refused(problems));
        }
        if recorded.more_warnings > 0 {
            let help = "look at these first; the others are of the same kinds";
            let message = format!("{} more warnings were found", recorded.more_warnings);
            recorded.warnings.push(Problem::new("record-more", message, help));
        }
        Ok(recorded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_kept_as_far_as_may_be_and_no_byte_more() {
        let problem = [Problem::new("x", "message", "help")];
        for (more, has_room) in [(0, true), (1, false)] {
            let mut kept = KeptBytes::default();
            assert!(kept.add("line", &problem));
            let line = "x".repeat(ASIDE_BYTES_MAX - weight("line", &problem) - weight("", &problem) + more);
            assert_eq!(kept.add(&line, &problem), has_room);
        }
    }
}
