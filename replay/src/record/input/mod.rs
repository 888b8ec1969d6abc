//! The inputs that can be recorded: files of facts, and facts that a mapping made of rows (docs/mapping.md).

pub(super) mod reader;

use std::borrow::Cow;
use std::io::{self, BufRead};
use std::ops::ControlFlow;

use ledger::fact::MappingRecord;
use ledger::finding::{FieldPath, Finding, TextLocation};
use ledger::json::span_of;

use crate::error::BookError;
use crate::record::options::WhenKnown;
use crate::record::outcome::Rejected;
use crate::record::versions::LinePlace;
use crate::refusal::{Refusal, Warning};

/// The longest line of a file of facts, in bytes.
pub const LINE_BYTES_MAX: usize = 64 * 1024;

/// A file of facts, one fact a line. It is read twice if a fact names the id of a usage snapshot.
pub struct Source<'s> {
    /// The name of the file, for refusals.
    pub name: String,
    /// Opens the file at its beginning.
    pub open: Open<'s>,
}

/// Opens a file. Called in the thread that reads it.
pub type Open<'s> = Box<dyn Fn() -> io::Result<Box<dyn BufRead + 's>> + Send + Sync + 's>;

/// Facts that a mapping made of rows of another shape.
pub struct MappedBatch<'m> {
    /// The mapping. It is written before the first new fact, and not at all if no fact is new.
    pub mapping: MappingRecord,
    /// The facts, in the order in which they are recorded.
    pub facts: &'m dyn FactsFromRows,
    /// Rows of which no fact could be made.
    pub failed: &'m [Rejected],
    /// How many more problems of such rows there were.
    pub failed_more: u64,
}

/// Facts in the order in which they are recorded. They are read twice if a fact names the id of a usage snapshot.
pub trait FactsFromRows {
    /// The name of the file with this number, as refusals name it.
    fn file(&self, number: u32) -> &str;
    /// Calls `take` with each fact until it breaks. Fails if the facts, which may be in a temporary file, cannot be read.
    fn each(&self, take: &mut dyn FnMut(&dyn FactFromRows) -> ControlFlow<()>) -> io::Result<()>;
}

/// A fact that a mapping made of one or more rows.
pub trait FactFromRows {
    /// The fact as a line of a file of facts.
    fn json(&self) -> &str;
    /// The mapping's rule for a fact whose key is known with other content; `None` if it has none.
    fn when_known(&self) -> Option<WhenKnown>;
    /// Whether an earlier file has rows of the same group with another sum, and both files make facts as if each was recorded by
    /// itself: the later sum takes the place of the earlier one and does not contradict it.
    fn is_later_sum(&self) -> bool;
    /// The cell or row that a field of the fact comes from. `json` is the place of the field in the fact's JSON, if that is
    /// known.
    fn place(&self, path: &FieldPath, json: Option<&TextLocation>) -> RowPlace;
    /// The first row that the fact was made of.
    fn first_row(&self) -> LinePlace;
    /// The text of the rows that the fact was made of. Fails if a temporary file cannot be read.
    fn rows(&self) -> io::Result<String>;
}

/// The cell or row that a field of a mapped fact comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RowPlace {
    /// The cell; the whole row if the cell is not known.
    pub location: TextLocation,
    /// The column of the cell.
    pub column: Option<String>,
    /// How many more rows the fact was made of.
    pub more_rows: u64,
}

/// The input of one append.
#[derive(Copy, Clone)]
pub(super) enum RecordInput<'i, 's> {
    Sources(&'i [Source<'s>]),
    Mapped(&'i MappedBatch<'i>),
}

impl RecordInput<'_, '_> {
    /// The name of the file with a number.
    pub(super) fn file(&self, number: u32) -> &str {
        match self {
            RecordInput::Sources(sources) => &sources[number as usize].name,
            RecordInput::Mapped(batch) => batch.facts.file(number),
        }
    }
}

/// The line or rows that a fact comes from. Refusals and warnings show them.
#[derive(Copy, Clone)]
pub(super) enum FactSource<'o> {
    Line { file: &'o str, place: LinePlace, text: &'o str },
    Rows(&'o dyn FactFromRows),
}

impl<'o> FactSource<'o> {
    /// Adds the place in the input to a refusal.
    pub(super) fn refusal(self, finding: Finding<Refusal>) -> Finding<Refusal> {
        self.placed(finding, |why, column, more_rows| Refusal::OfRows { why: Box::new(why), column, more_rows })
    }

    /// Adds the place in the input to a warning.
    pub(super) fn warning(self, finding: Finding<Warning>) -> Finding<Warning> {
        self.placed(finding, |why, column, more_rows| Warning::OfRows { why: Box::new(why), column, more_rows })
    }

    fn placed<R>(self, finding: Finding<R>, of_rows: impl FnOnce(R, Option<String>, u64) -> R) -> Finding<R> {
        let Finding { what, path, location } = finding;
        match self {
            FactSource::Line { file, place, text } => {
                let number = place.line as usize;
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

    /// The line that the fact is on, or the first of its rows.
    pub(super) fn line_place(self) -> LinePlace {
        match self {
            FactSource::Line { place, .. } => place,
            FactSource::Rows(fact) => fact.first_row(),
        }
    }

    /// The text to set aside when the fact is refused.
    pub(super) fn text(self) -> Result<Cow<'o, str>, BookError> {
        match self {
            FactSource::Line { text, .. } => Ok(Cow::Borrowed(text)),
            FactSource::Rows(fact) => fact.rows().map(Cow::Owned).map_err(mapped_unreadable),
        }
    }

    /// Whether the fact restates a fact of another line, and does not contradict it: both are sums of the rows of a file each.
    pub(super) fn restates(self, other: LinePlace) -> bool {
        match self {
            FactSource::Line { .. } => false,
            FactSource::Rows(fact) => fact.is_later_sum() && other.file < fact.first_row().file,
        }
    }

    pub(super) fn when_known(self) -> Option<WhenKnown> {
        match self {
            FactSource::Line { .. } => None,
            FactSource::Rows(fact) => fact.when_known(),
        }
    }
}

/// The error of reading mapped facts back from their temporary file.
pub(super) fn mapped_unreadable(source: io::Error) -> BookError {
    BookError::Io { doing: "reading what was made of the rows".to_owned(), source }
}
