//! The outcome of recording: counts, warnings and lines that were set aside, or why nothing was recorded.

use std::fmt::Write;

use ledger::finding::{Finding, TextLocation};
use ledger::log::LogError;

use crate::error::BookError;
use crate::record::options::Rejects;
use crate::record::versions::Restatements;
use crate::refusal::{LimitRefusal, Refusal, Warning};
use crate::state::State;

/// The most problems that are reported; the rest is counted.
pub const PROBLEMS_MAX: usize = 100;
/// The most warnings that are reported; the rest is counted.
pub(super) const WARNINGS_MAX: usize = 100;
/// The most facts that are probably duplicates and are named; the rest is counted.
pub(super) const DUPLICATES_NAMED: u64 = 3;
/// The most problems that are counted beyond those reported. Then reading stops.
pub const COUNTED_MAX: u64 = 100_000;
/// The most bytes that are kept of lines until all lines are read: of lines that are set aside, with their refusals, and of
/// lines that equal a fact which was replaced since.
pub const ASIDE_BYTES_MAX: usize = 64 << 20;

/// What was recorded.
#[derive(Default, Debug)]
pub struct Recorded {
    /// Facts that replace nothing.
    pub new: u64,
    /// Facts that replace or retract others.
    pub restated: u64,
    /// Facts that had been recorded before.
    pub known: u64,
    /// Facts that were left out, because they were replaced since or because the mapping leaves out facts that are known.
    pub skipped: u64,
    /// Of the new and restated facts, those dated in closed months.
    pub into_closed: u64,
    /// The size of the log afterwards.
    pub size: u64,
    /// What was restated; as many as `restated` says.
    pub restatements: Restatements,
    /// At most [`WARNINGS_MAX`], and those that count the others.
    pub warnings: Vec<Finding<Warning>>,
    /// How many more warnings there were.
    pub more_warnings: u64,
    /// Lines that were set aside.
    pub rejected: Vec<Rejected>,
    /// The state that the append would have made, if nothing was to be recorded.
    pub tried: Option<Box<State>>,
}

/// A line that was set aside, and why.
#[derive(Clone, Debug)]
pub struct Rejected {
    /// The text of the line; of a mapped fact, that of its rows.
    pub line: String,
    /// All reasons to refuse it.
    pub refusals: Vec<Finding<Refusal>>,
}

/// Why nothing was recorded.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The input is refused.
    #[error("{} problems", .0.len())]
    Refused(Vec<Finding<Refusal>>),
    /// The world failed, or the book is damaged.
    #[error(transparent)]
    Book(#[from] BookError),
}

impl From<LogError> for RecordError {
    fn from(error: LogError) -> RecordError {
        RecordError::Book(error.into())
    }
}

/// The refusal that counts the ones beyond [`PROBLEMS_MAX`].
pub fn more(count: u64) -> Refusal {
    LimitRefusal::More { count, is_lower_bound: count >= COUNTED_MAX }.into()
}

/// The number of bytes that are kept of lines until all lines are read.
#[derive(Default)]
pub struct KeptBytes(usize);

impl KeptBytes {
    /// Adds bytes. Returns false if the sum is more than [`ASIDE_BYTES_MAX`].
    pub fn add(&mut self, bytes: usize) -> bool {
        self.0 += bytes;
        self.0 <= ASIDE_BYTES_MAX
    }

    /// Whether at most half of [`ASIDE_BYTES_MAX`] would be used with so many more bytes.
    pub(super) fn is_half_free(&self, bytes: usize) -> bool {
        self.0 + bytes <= ASIDE_BYTES_MAX / 2
    }
}

/// The approximate number of bytes that a line and its refusals take in memory.
pub fn weight(line: &str, refusals: &[Finding<Refusal>]) -> usize {
    size_of::<Rejected>() + line.len() + refusals.iter().map(weight_of).sum::<usize>()
}

/// Measures a refusal by the length of its `Debug` text, which contains every field of every variant.
fn weight_of(refusal: &Finding<Refusal>) -> usize {
    let location = refusal.location.as_deref();
    let text = location.map_or(0, |place| size_of::<TextLocation>() + place.excerpt.len() + place.file.len());
    let mut length = Length(0);
    let written = write!(length, "{:?}", refusal.what);
    written.expect("counting cannot fail");
    size_of::<Finding<Refusal>>() + length.0 + text
}

/// Counts the bytes that are written to it.
struct Length(usize);

impl Write for Length {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.0 += text.len();
        Ok(())
    }
}

/// Refusals and warnings while an input is read.
pub(super) struct Report {
    rejects: Rejects,
    pub(super) recorded: Recorded,
    refusals: Vec<Finding<Refusal>>,
    /// Refusals beyond those in `refusals`.
    dropped: u64,
    kept: KeptBytes,
    /// Facts that are probably the same as another one.
    duplicates: u64,
    /// Reading can stop: nothing will be recorded, and enough problems were found.
    is_enough: bool,
}

impl Report {
    pub(super) fn new(rejects: Rejects) -> Report {
        Report {
            rejects,
            recorded: Recorded::default(),
            refusals: Vec::new(),
            dropped: 0,
            kept: KeptBytes::default(),
            duplicates: 0,
            is_enough: false,
        }
    }

    /// Whether reading can stop: nothing will be recorded, and enough problems were found.
    pub(super) fn is_enough(&self) -> bool {
        self.is_enough
    }

    /// Refuses a line, or sets it aside.
    pub(super) fn refuse(&mut self, line: &str, refusals: Vec<Finding<Refusal>>) {
        match self.rejects {
            Rejects::Refuse => self.add_all(refusals),
            Rejects::SetAside => {
                if self.keep(weight(line, &refusals)) {
                    self.recorded.rejected.push(Rejected { line: line.to_owned(), refusals });
                }
            }
        }
    }

    /// Refuses a line, or sets it aside. Its bytes are counted already.
    pub(super) fn refuse_kept(&mut self, rejected: Rejected) {
        match self.rejects {
            Rejects::Refuse => self.add_all(rejected.refusals),
            Rejects::SetAside => self.recorded.rejected.push(rejected),
        }
    }

    /// Adds refusals. Nothing will be recorded.
    pub(super) fn add_all(&mut self, refusals: Vec<Finding<Refusal>>) {
        for refusal in refusals {
            self.add(refusal);
        }
    }

    /// Adds a refusal. Nothing will be recorded.
    pub(super) fn add(&mut self, refusal: Finding<Refusal>) {
        if self.refusals.len() < PROBLEMS_MAX {
            self.refusals.push(refusal);
        } else {
            self.dropped += 1;
        }
        self.is_enough |= self.dropped >= COUNTED_MAX;
    }

    /// Counts refusals that are not reported.
    pub(super) fn add_dropped(&mut self, count: u64) {
        self.dropped += count;
    }

    pub(super) fn warn(&mut self, warnings: impl ExactSizeIterator<Item = Finding<Warning>>) {
        let room = WARNINGS_MAX.saturating_sub(self.recorded.warnings.len());
        self.recorded.more_warnings += warnings.len().saturating_sub(room) as u64;
        self.recorded.warnings.extend(warnings.take(room));
    }

    /// Counts a fact that is probably the same as another one, and warns of the first ones.
    pub(super) fn warn_of_duplicate(&mut self, warning: Finding<Warning>) {
        self.duplicates += 1;
        if self.duplicates <= DUPLICATES_NAMED {
            self.warn([warning].into_iter());
        }
    }

    /// Counts bytes that are kept until all lines are read. Returns false if they are too many; then nothing is recorded.
    pub(super) fn keep(&mut self, bytes: usize) -> bool {
        let has_room = self.kept.add(bytes);
        if !has_room && !self.is_enough {
            self.is_enough = true;
            self.refusals.push(Refusal::from(LimitRefusal::TooMuchSetAside { most: ASIDE_BYTES_MAX }).into());
        }
        has_room
    }

    /// As [`KeptBytes::is_half_free`].
    pub(super) fn is_half_free(&self, bytes: usize) -> bool {
        self.kept.is_half_free(bytes)
    }

    /// What was recorded, or all refusals in the order of the input's lines.
    pub(super) fn finish(self) -> Result<Recorded, RecordError> {
        let Report { mut recorded, mut refusals, dropped, duplicates, .. } = self;
        if !refusals.is_empty() {
            refusals.sort_by_key(|refusal| refusal.location.as_ref().map(|place| (place.file.clone(), place.line)));
            if dropped > 0 {
                refusals.push(more(dropped).into());
            }
            return Err(RecordError::Refused(refusals));
        }
        if duplicates > DUPLICATES_NAMED {
            recorded.warnings.push(Warning::MoreDuplicates { count: duplicates - DUPLICATES_NAMED }.into());
        }
        if recorded.more_warnings > 0 {
            recorded.warnings.push(Warning::More { count: recorded.more_warnings }.into());
        }
        Ok(recorded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_kept_as_far_as_may_be_and_no_byte_more() {
        let refusal = [Finding::new(Refusal::from(LimitRefusal::NotUtf8))];
        for (more, has_room) in [(0, true), (1, false)] {
            let mut kept = KeptBytes::default();
            assert!(kept.add(weight("line", &refusal)));
            let line = "x".repeat(ASIDE_BYTES_MAX - weight("line", &refusal) - weight("", &refusal) + more);
            assert_eq!(kept.add(weight(&line, &refusal)), has_room);
        }
    }

    #[test]
    fn a_refusal_weighs_at_least_its_texts() {
        let key = "k".repeat(1000);
        assert!(weight_of(&Refusal::NothingToCorrect { key }.into()) >= 1000 + size_of::<Finding<Refusal>>());
    }
}
