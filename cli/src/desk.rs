//! What every command has: options, standard output for data, standard error for talk, and the way to the book.

use std::mem::ManuallyDrop;

use ledger::json::Writer;
use ledger::problem::Problem;
use ledger::store::{Files, Store};
use replay::book::{Book, When};
use replay::find::Places;
use replay::item::Item;
use replay::snapshot::Doubt;
use replay::stamp::Stamp;
use uuid::Uuid;

use crate::arguments::{Format, Options};
use crate::failure::{Failure, Status};
use crate::render::csv::Cells;
use crate::render::paint::Line;
use crate::render::problem::{Severity, draw, problems_json};
use crate::screen::{Screen, is_watched, say, say_json};
use crate::stamp::stamp;
use crate::wait::Wait;

pub struct Desk {
    pub options: Options,
    pub out: Screen,
    /// With JSON, what is told on standard error is one array at the end.
    told: Vec<(Severity, Problem)>,
}

/// How a command that ran came out.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    Done,
    /// It found something that is not as it should be.
    Found,
}

impl Desk {
    pub fn new(options: Options) -> Desk {
        let cells = if options.raw { Cells::Raw } else { Cells::Safe };
        Desk { options, out: Screen::stdout(cells), told: Vec::new() }
    }

    // The book -----------------------------------------------------------------------------------------------------

    /// The book for reading, beside a writer or without one. It stays until the command ends, which ends the process:
    /// taking a large one apart takes longer than most answers.
    pub fn book(&self) -> Result<ManuallyDrop<Book>, Failure> {
        self.must_be_there()?;
        let wait = self.wait("reading the book");
        let open = if self.options.checked { Book::open_read_checked } else { Book::open_read };
        let book = open(&self.options.book)?;
        drop(wait);
        self.say_doubts(book.doubts());
        Ok(ManuallyDrop::new(book))
    }

    /// The book for writing, by one process at a time.
    pub fn book_to_write(&mut self) -> Result<Book, Failure> {
        self.must_be_there()?;
        let wait = self.wait("reading the book");
        let open = if self.options.checked { Book::open_checked } else { Book::open };
        let (book, opened) = open(&self.options.book)?;
        drop(wait);
        if let Some(cut) = opened.cut_off {
            self.note(&format!(
                "An append that was never finished was cut off ({} bytes). Record again what it was.",
                cut.bytes
            ));
        }
        self.say_doubts(book.doubts());
        Ok(book)
    }

    /// Where entries are that may be about the items: what the index of a large book says, if it has one.
    pub fn places(&self, book: &Book, items: &[Item], size: u64) -> Result<Places, Failure> {
        let places = book.places(items, size, tempfile::tempdir)?;
        self.say_doubts(&places.doubts);
        Ok(places)
    }

    /// Where the entry of an id stands, if that is known without reading the log.
    pub fn place_of_id(&self, book: &Book, id: Uuid) -> Result<Option<u64>, Failure> {
        let (place, doubts) = book.place_of_id(id, tempfile::tempdir)?;
        self.say_doubts(&doubts);
        Ok(place)
    }

    fn say_doubts(&self, doubts: &[Doubt]) {
        for doubt in doubts {
            self.note(&format!("{doubt} It was not used: the log says the same."));
        }
    }

    /// What a command does last that wrote to the book: where it pays, a snapshot for the next one to open, and an index.
    pub fn keep(&mut self, book: &mut Book) -> Result<(), Failure> {
        // Whoever waits for the answer has it by now.
        self.out.flush()?;
        let wait = self.wait("writing a snapshot");
        let kept = book.keep().and_then(|_| book.keep_index(When::WhereItPays));
        drop(wait);
        match kept {
            Ok(replaced) => replaced.iter().for_each(|doubt| self.note(&format!("{doubt} It was made again."))),
            Err(doubt) => self.note(&format!("{doubt} Nothing is lost: the book opens from its log.")),
        }
        Ok(())
    }

    pub fn has_book(&self) -> bool {
        let segments = Files::at(self.options.book.join("log")).segments();
        // What cannot be looked at may well be one: opening it says what is wrong.
        segments.map_or(true, |segments| !segments.is_empty())
    }

    /// Whether there is a book to be looked at.
    pub fn must_be_there(&self) -> Result<(), Failure> {
        if self.options.book.is_file() {
            return Err(Failure::no_folder(&self.options.book));
        }
        if self.has_book() { Ok(()) } else { Err(Failure::no_book(&self.options.book)) }
    }

    pub fn stamp(&self) -> Result<Stamp, Failure> {
        stamp(self.options.author.as_ref())
    }

    // Data ---------------------------------------------------------------------------------------------------------

    /// A line of JSON on standard output.
    pub fn json(&mut self, write: impl FnOnce(&mut Writer)) -> Result<(), Failure> {
        let mut json = Writer::new();
        write(&mut json);
        Ok(self.out.json(&json.finish())?)
    }

    /// Bytes that are data already.
    pub fn bytes(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        Ok(self.out.verbatim(bytes)?)
    }

    // Talk ---------------------------------------------------------------------------------------------------------

    /// Something to know, that is neither data nor wrong.
    pub fn note(&self, text: &str) {
        if !self.options.quiet && self.options.format != Format::Json {
            say(&Line::from(text));
        }
    }

    pub fn warn(&mut self, problems: &[Problem]) {
        self.tell(Severity::Warning, problems);
    }

    fn tell(&mut self, severity: Severity, problems: &[Problem]) {
        if self.options.format == Format::Json {
            self.told.extend(problems.iter().map(|problem| (severity, problem.clone())));
            return;
        }
        problems.iter().flat_map(|problem| draw(severity, problem)).for_each(|line| say(&line));
    }

    /// Something is under way that may take more than half a second.
    pub fn wait(&self, doing: &'static str) -> Wait {
        if self.shows_progress() { Wait::begin(doing) } else { Wait::silent() }
    }

    pub fn shows_progress(&self) -> bool {
        !self.options.quiet && is_watched()
    }

    /// Says what is still to be said, and how it ended.
    pub fn end(mut self, outcome: Result<Outcome, Failure>) -> Status {
        let outcome = match self.out.flush() {
            Ok(()) => outcome,
            // What the command itself ran into comes first.
            Err(error) => outcome.and(Err(Failure::Output(error))),
        };
        let status = match outcome {
            Ok(Outcome::Done) => Status::Done,
            Ok(Outcome::Found) => Status::Refused,
            Err(failure) => {
                let status = failure.status();
                self.tell(Severity::Error, &failure.problems());
                status
            }
        };
        if !self.told.is_empty() {
            // Errors before warnings, each in the order in which they were found.
            self.told.sort_by_key(|(severity, _)| *severity);
            let told: Vec<(Severity, &Problem)> =
                self.told.iter().map(|(severity, problem)| (*severity, problem)).collect();
            say_json(&problems_json(&told));
        }
        status
    }
}
