//! Records facts: files of them, or facts that a mapping made of rows of another shape; all in one append, or nothing
//! (facts.md).

pub mod admission;
mod entry_writer;
mod fact_error;
mod input;
mod options;
mod outcome;
mod persons;
pub mod publish;
mod reader;
mod recording;
pub mod references;
mod superseded;
mod usage_feed;
pub mod validation;

pub use input::{FactFromRows, FactsFromRows, LINE_BYTES_MAX, MappedBatch, Open, RowPlace, Source};
pub use options::{OnSuperseded, RecordOptions, Rejects, WhenKnown};
pub use outcome::{
    ASIDE_BYTES_MAX, COUNTED_MAX, KeptBytes, PROBLEMS_MAX, RecordError, Recorded, Rejected, more, weight,
};

use input::RecordInput;

use crate::book::Book;
use crate::stamp::Stamp;

/// Records all facts of the files in one append, or none of them.
pub fn record(
    book: &mut Book,
    sources: &[Source<'_>],
    options: RecordOptions,
    stamp: &Stamp,
) -> Result<Recorded, RecordError> {
    recording::record_input(book, RecordInput::Sources(sources), options, stamp)
}

/// Records what a mapping made, and the mapping before it, in one append, or nothing of it.
pub fn record_mapped(
    book: &mut Book,
    batch: &MappedBatch<'_>,
    options: RecordOptions,
    stamp: &Stamp,
) -> Result<Recorded, RecordError> {
    recording::record_input(book, RecordInput::Mapped(batch), options, stamp)
}
