//! What is recorded: files of facts, and facts that a mapping made of rows of another shape.

use std::borrow::Cow;
use std::io::{self, BufRead};
use std::ops::ControlFlow;

use ledger::fact::Mapping;
use ledger::finding::{FieldPath, Finding, TextLocation};
use ledger::json::span_of;

use crate::error::BookError;
use crate::record::options::WhenKnown;
use crate::record::outcome::Rejected;
use crate::refusal::{Refusal, Warning};

/// The longest line of a file of facts, in bytes.
pub const LINE_BYTES_MAX: usize = 64 * 1024;

/// A file of facts, one a line. It may be read twice.
pub struct Source<'s> {
    /// The name of the file, for refusals.
    pub name: String,
    /// Opens the file at its beginning.
    pub open: Open<'s>,
}

/// Opens a file, in whichever thread reads it.
pub type Open<'s> = Box<dyn Fn() -> io::Result<Box<dyn BufRead + 's>> + Send + Sync + 's>;

/// Facts that a mapping made of rows of another shape.
pub struct MappedBatch<'m> {
    /// Written before the first fact that is new: where nothing is new, nothing is written.
    pub mapping: Mapping,
    /// The facts, in the order in which they are recorded.
    pub facts: &'m dyn FactsFromRows,
    /// Rows of which no fact could be made.
    pub failed: &'m [Rejected],
    /// How many problems of such rows there were besides.
    pub failed_more: u64,
}

/// Facts in the order in which they are recorded. They may be read twice.
pub trait FactsFromRows {
    /// Calls `take` with each fact until it breaks. The error is that of reading the facts, which may be in a temporary file.
    fn each(&self, take: &mut dyn FnMut(&dyn FactFromRows) -> ControlFlow<()>) -> io::Result<()>;
}

/// A fact that a mapping made of one or more rows.
pub trait FactFromRows {
    /// The fact as a line of a file of facts.
    fn json(&self) -> &str;
    /// What the mapping says about a fact whose key is known with other content.
    fn when_known(&self) -> Option<WhenKnown>;
    /// Where a field of the fact comes from. `json` is a place in the fact's JSON, where that is known better than the
    /// path.
    fn place(&self, path: &FieldPath, json: Option<&TextLocation>) -> RowPlace;
    /// The text of the rows that the fact was made of.
    fn rows(&self) -> io::Result<String>;
}

/// Where a field of a fact comes from that a mapping made of rows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RowPlace {
    /// The cell, or the whole row if no cell is known.
    pub location: TextLocation,
    /// The column of the cell.
    pub column: Option<String>,
    /// How many rows the fact was made of besides the one at `location`.
    pub more_rows: u64,
}

/// What is recorded in one append.
#[derive(Copy, Clone)]
pub(super) enum RecordInput<'i, 's> {
    Sources(&'i [Source<'s>]),
    Mapped(&'i MappedBatch<'i>),
}

/// Where a fact comes from, for what is said about it.
#[derive(Copy, Clone)]
pub(super) enum FactSource<'o> {
    Line { file: &'o str, number: usize, text: &'o str },
    Rows(&'o dyn FactFromRows),
}

impl<'o> FactSource<'o> {
    /// A refusal at the place that it is about.
    pub(super) fn refusal(self, finding: Finding<Refusal>) -> Finding<Refusal> {
        self.placed(finding, |why, column, more_rows| Refusal::OfRows { why: Box::new(why), column, more_rows })
    }

    /// A warning at the place that it is about.
    pub(super) fn warning(self, finding: Finding<Warning>) -> Finding<Warning> {
        self.placed(finding, |why, column, more_rows| Warning::OfRows { why: Box::new(why), column, more_rows })
    }

    fn placed<R>(self, finding: Finding<R>, of_rows: impl FnOnce(R, Option<String>, u64) -> R) -> Finding<R> {
        let Finding { what, path, location } = finding;
        match self {
            FactSource::Line { file, number, text } => {
                let span = || span_of(text, &path).unwrap_or(0..text.len());
                let place = |span: std::ops::Range<usize>| TextLocation::of(file, number, text, span.start, span.end);
                let location = location.unwrap_or_else(|| Box::new(place(span())));
                Finding { what, path, location: Some(location) }
            }
            FactSource::Rows(fact) => {
                let RowPlace { location, column, more_rows } = fact.place(&path, location.as_deref());
                Finding { what: of_rows(what, column, more_rows), path, location: Some(Box::new(location)) }
            }
        }
    }

    /// What is set aside when the fact is refused.
    pub(super) fn text(self) -> Result<Cow<'o, str>, BookError> {
        match self {
            FactSource::Line { text, .. } => Ok(Cow::Borrowed(text)),
            FactSource::Rows(fact) => fact.rows().map(Cow::Owned).map_err(mapped_unreadable),
        }
    }

    pub(super) fn when_known(self) -> Option<WhenKnown> {
        match self {
            FactSource::Line { .. } => None,
            FactSource::Rows(fact) => fact.when_known(),
        }
    }
}

/// Mapped facts and their rows may be in a temporary file until they are recorded.
pub(super) fn mapped_unreadable(source: io::Error) -> BookError {
    BookError::Io { doing: "reading what was made of the rows".to_owned(), source }
}
