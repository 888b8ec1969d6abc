//! Records facts (facts.md). All facts of an input are recorded in one append, or none of them.
//!
//! `recording` is the pass over an input: each fact is read (`input`), admitted (`admission`), validated (`validation`,
//! `references`) and written (`entry_writer`). What contradicts another line or restates a fact is in `versions`. Usage
//! that only continues takes a shorter way (`usage_feed`).

mod admission;
mod entry_writer;
mod fact_error;
mod input;
mod options;
mod outcome;
mod persons;
pub mod publish;
mod recording;
mod references;
mod superseded;
mod usage_feed;
mod validation;
mod versions;

pub use input::{FactFromRows, FactsFromRows, LINE_BYTES_MAX, MappedBatch, Open, RowPlace, Source};
pub use options::{Commit, KeepRestatements, OnSuperseded, RecordOptions, Rejects, Versions, WhenKnown};
pub use outcome::{
    ASIDE_BYTES_MAX, COUNTED_MAX, KeptBytes, PROBLEMS_MAX, RecordError, Recorded, Rejected, more, weight,
};
pub use versions::{
    LinePlace, RESTATEMENT_BYTES_MAX, RESTATEMENTS_FIRST, RestatedSum, Restatement, RestatementChange, Restatements,
};

use input::RecordInput;

use crate::book::Book;
use crate::stamp::Stamp;

/// Records all facts of the files in one append. Refused if any fact is refused, unless refused lines are set aside; then
/// nothing is recorded.
pub fn record(
    book: &mut Book,
    sources: &[Source<'_>],
    options: RecordOptions,
    stamp: &Stamp,
) -> Result<Recorded, RecordError> {
    recording::record_input(book, RecordInput::Sources(sources), options, stamp)
}

/// Records mapped facts, after the mapping that made them, in one append. Refused like [`record`].
pub fn record_mapped(
    book: &mut Book,
    batch: &MappedBatch<'_>,
    options: RecordOptions,
    stamp: &Stamp,
) -> Result<Recorded, RecordError> {
    recording::record_input(book, RecordInput::Mapped(batch), options, stamp)
}
