//! What is recorded: files of facts, and facts that a mapping made of rows of another shape.

use std::borrow::Cow;
use std::io::{self, BufRead};
use std::ops::ControlFlow;

use ledger::fact::Mapping;
use ledger::problem::Problem;

use crate::error::BookError;
use crate::record::options::WhenKnown;
use crate::record::outcome::Rejected;

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
    /// Puts what is wrong with the fact to the cell that it comes from.
    fn place(&self, problem: Problem) -> Problem;
    /// The text of the rows that the fact was made of.
    fn rows(&self) -> io::Result<String>;
}

/// What is recorded in one append.
#[derive(Copy, Clone)]
pub(super) enum Input<'i, 's> {
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
    pub(super) fn place(self, problem: Problem) -> Problem {
        match self {
            FactSource::Line { file, number, text } => {
                let (start, end) = spot(text, &problem.message);
                problem.at(file, number, text, start, end)
            }
            FactSource::Rows(fact) => fact.place(problem),
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

/// Where a line says what a message is about: the first thing in backticks that stands in quotes; else all of it.
fn spot(text: &str, message: &str) -> (usize, usize) {
    let things = message.split('`').skip(1).step_by(2);
    let quoted = things.map(|thing| format!("\"{thing}\""));
    let found = quoted.filter_map(|quoted| text.find(&quoted).map(|start| (start, start + quoted.len()))).next();
    found.unwrap_or((0, text.len()))
}
