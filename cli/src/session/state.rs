//! What every command has: options, standard output for data, standard error for talk, and the way to the book.

use std::cell::RefCell;
use std::mem::ManuallyDrop;
use std::path::Path;

use ledger::json::JsonWriter;
use ledger::log::{Log, WriterReport};
use ledger::signing::PrivateKey;
use ledger::store::{Files, Store};
use replay::authority::checkpoint::{BookCheckpoint, close_without_checkpoint, sign_checkpoint};
use replay::book::{Book, BookLocation, SNAPSHOT_AFTER, Secret, When};
use replay::derived::entry_names::NameQuery;
use replay::derived::lookup::Places;
use replay::derived::lookup::{place_of_id, places};
use replay::derived::rejected::{CacheRejected, RejectedReason};
use replay::stamp::Stamp;
use serde::Serialize;
use uuid::Uuid;

use crate::arguments::{Format, Options};
use crate::as_of::AsOf;
use crate::failure::{ExitStatus, Failure};
use crate::input::time_zone::Zone;
use crate::payee_name;
use crate::refusal::{CommandRefusal, CommandWarning};
use crate::render::json::json;
use crate::render::layout::csv::Cells;
use crate::render::layout::paint::PaintedLine;
use crate::render::problem::{Severity, draw, problems_json};
use crate::session::config::Config;
use crate::session::permissions;
use crate::session::signing::{log_key, signing_keys};
use crate::session::stamp::{now, stamp};
use crate::terminal::progress::Progress;
use crate::terminal::screen::{Screen, is_watched, say, say_json};
use crate::wording::command::warned;
use crate::wording::problem::Problem;

pub struct Session {
    pub options: Options,
    pub out: Screen,
    /// With JSON, what is said on standard error is one array at the end.
    told: RefCell<Vec<(Severity, Problem)>>,
    /// Why some personal fields cannot be shown: to be said once, if one was to be shown.
    sealed_because: RefCell<Option<String>>,
    /// What the command's appends did.
    report: WriterReport,
    /// The size of a book that the command has made.
    made: Option<u64>,
}

/// Microseconds by which a clock may be behind the last entry before it is told: a minute, as clocks of two machines differ.
const BEHIND_MAX: u64 = 60 * 1_000_000;

/// How a command that ran came out.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    Done,
    /// It found something that is not as it should be.
    Found,
    /// It did what could be done, and set the rest aside.
    SetAside,
}

impl Session {
    pub fn new(options: Options) -> Session {
        let cells = if options.raw { Cells::Raw } else { Cells::Safe };
        Session {
            options,
            out: Screen::stdout(cells),
            told: RefCell::default(),
            sealed_because: RefCell::default(),
            report: WriterReport::default(),
            made: None,
        }
    }

    // The book -----------------------------------------------------------------------------------------------------

    /// The book for reading, beside a writer or without one, as of the size, time or close that was named. It stays until the command
    /// ends, which ends the process: taking a large one apart takes longer than most answers. Where the book is damaged behind a
    /// size that was named, what lies before the damage is read, with a warning.
    pub fn book_at(&mut self, at: &AsOf) -> Result<ManuallyDrop<Book>, Failure> {
        self.must_be_there()?;
        let wait = self.wait("reading the book");
        let book = match (self.whole_book(), at.wanted_size()) {
            (Err(failure), Some(size)) if failure.is_damage() => self.book_before_damage(failure, size)?,
            (book, _) => book?,
        };
        if at.is_after_last(&book) {
            self.warn_of(CommandWarning::AtAfterLast);
        }
        let size = at.size(&book)?;
        // The whole state stays until the command ends, where it is not that of the book.
        let _stays = (size != book.size()).then(|| ManuallyDrop::new(book.shared_state()));
        let book = book.as_of(size)?;
        drop(wait);
        self.say_damaged_slot(book.log());
        self.say_of_keys(&book);
        self.say_doubts(book.rejected_caches());
        Ok(ManuallyDrop::new(book))
    }

    fn whole_book(&self) -> Result<Book, Failure> {
        let open = if self.options.checked { Book::open_read_checked } else { Book::open_read };
        Ok(open(self.place()?)?)
    }

    fn book_before_damage(&self, failure: Failure, size: u64) -> Result<Book, Failure> {
        let Ok(book) = Book::open_until(self.place()?, size) else { return Err(failure) };
        let damage = failure.problems().into_iter().map(|problem| problem.message).collect();
        self.warn_of(CommandWarning::BookDamagedLater { size, damage });
        Ok(book)
    }

    /// The book for a recording that is never written. Another process may write meanwhile.
    pub fn book_to_rehearse(&mut self) -> Result<Book, Failure> {
        self.must_be_there()?;
        let wait = self.wait("reading the book");
        let book = self.whole_book()?;
        drop(wait);
        self.say_clock_behind(&book);
        self.say_damaged_slot(book.log());
        self.say_of_keys(&book);
        self.say_doubts(book.rejected_caches());
        Ok(book)
    }

    /// The book for writing, by one process at a time.
    pub fn book_to_write(&mut self) -> Result<Book, Failure> {
        self.must_be_there()?;
        let wait = self.wait("reading the book");
        let open = if self.options.checked { Book::open_checked } else { Book::open };
        let (book, opened) = open(self.place()?)?;
        drop(wait);
        self.report = opened.report;
        self.say_clock_behind(&book);
        self.say_damaged_slot(book.log());
        self.say_of_keys(&book);
        self.say_doubts(book.rejected_caches());
        Ok(book)
    }

    /// The log holds everything, and the file that remembers what was acknowledged is not as it was written.
    fn say_damaged_slot(&mut self, log: &Log) {
        let Some(slot) = log.damaged_slot() else { return };
        self.warn_of(CommandWarning::HeadSlotDamaged { slot, head: log.head_place() });
    }

    /// Recorded times never decrease: while the clock is behind the last entry, entries get the last entry's time.
    fn say_clock_behind(&mut self, book: &Book) {
        let (now, last) = (now(), book.state().last_recorded());
        if last <= now.saturating_add(BEHIND_MAX) {
            return;
        }
        self.warn_of(CommandWarning::ClockBehind { now, last });
    }

    /// The time zone of the book, from its first entry. A book that is not there, or cannot be read, names none: whoever
    /// opens it says so.
    pub fn zone(&self) -> Result<Zone, Failure> {
        let name = Book::timezone_at(self.place()?).unwrap_or(None);
        Zone::of_book(name.as_ref()).map_err(|why| {
            let zone = name.map(|name| name.to_string()).unwrap_or_default();
            Failure::refused(CommandRefusal::BookZoneUnknown { zone, why })
        })
    }

    /// What a crash left was cut to go on. However the command ended, it is told.
    fn say_kept_tail(&mut self) {
        let Some(kept) = self.report.kept() else { return };
        let (bytes, entries) = (kept.tail.bytes, kept.tail.entries);
        self.warn_of(CommandWarning::TornTailCut { bytes, position: kept.position, entries, copy: kept.place });
    }

    /// Where the book and its keys are.
    pub fn place(&self) -> Result<BookLocation, Failure> {
        let keys = match &self.options.keys {
            Some(keys) => Some(keys.clone()),
            None => Config::of_book(&self.options.book)?.keys,
        };
        Ok(BookLocation::from(&self.options.book).with_keys(keys))
    }

    /// Warns of a book's folder or key file that others may use.
    pub fn say_of_permissions(&self) -> Result<(), Failure> {
        self.warn_of_permissions(&self.place()?.keys());
        Ok(())
    }

    /// What there is to say about a book's keys when it was opened.
    fn say_of_keys(&self, book: &Book) {
        let path = book.keys().path();
        self.warn_of_permissions(path);
        let path = path.display();
        let is_missed = |folder: &Path| {
            book.size() > SNAPSHOT_AFTER || folder.read_dir().is_ok_and(|mut files| files.next().is_some())
        };
        if let Some(folder) = book.unsealed().filter(|folder| is_missed(folder)) {
            let folder = folder.display();
            self.note(&format!(
                "Nothing in `{folder}` is used or written: the secret of the book that seals it is not in `{path}`."
            ));
        }
        if let Some(fault) = book.keys_fault() {
            let (fault, _) = Failure::from(fault).first();
            self.warn_of(CommandWarning::KeysUnusable { fault });
            return;
        }
        let because = match (book.keys().is_there(), book.keys_there_and_missing()) {
            (false, _) => {
                format!("`{path}` is not there. Put the book's key file there, or name it with `--keys FILE`")
            }
            (true, (_, 0)) => {
                format!("keys in `{path}` are not those that they were sealed with. Put back the book's own key file")
            }
            (true, (there, missing)) => {
                format!("`{path}` has {there} of the {} keys that the book uses", there + missing)
            }
        };
        *self.sealed_because.borrow_mut() = Some(because);
    }

    /// Where entries are that may be about the items: what the index of a large book says, if it has one.
    pub fn places(&self, book: &Book, items: &[NameQuery]) -> Result<Places, Failure> {
        let places = places(book, items, tempfile::tempdir)?;
        self.say_doubts(&places.rejected);
        Ok(places)
    }

    /// The position of the entry of an id, if that is known without reading the log.
    pub fn place_of_id(&self, book: &Book, id: Uuid) -> Result<Option<u64>, Failure> {
        let (place, doubts) = place_of_id(book, id, tempfile::tempdir)?;
        self.say_doubts(&doubts);
        Ok(place)
    }

    fn say_doubts(&self, doubts: &[CacheRejected]) {
        self.say_of_derived(doubts, "It was not used: the log says the same.");
    }

    /// What is wrong with derived files, and what became of them. One without the book's seal was changed, by a disk or by
    /// somebody, and is warned of; the others are only old.
    pub fn say_of_derived(&self, doubts: &[CacheRejected], became: &str) {
        for doubt in doubts {
            match doubt.reason {
                RejectedReason::Damaged => {
                    let (path, outcome) = (doubt.path.clone(), became.to_owned());
                    self.warn_of(CommandWarning::DerivedForged { path, outcome });
                }
                RejectedReason::Unreadable(_)
                | RejectedReason::Unwritten(_)
                | RejectedReason::OtherVersion
                | RejectedReason::OtherBook
                | RejectedReason::OtherHistory => {
                    self.note(&format!("{doubt}. {became}"));
                }
            }
        }
    }

    /// What a command does last that wrote to the book: where it pays, a snapshot for the next one to open, and an index.
    pub fn keep(&mut self, book: &mut Book) -> Result<(), Failure> {
        // Whoever waits for the answer has it by now.
        self.out.flush()?;
        if book.unsealed().is_some()
            && let Err(failure) = self.make_secret(book)
        {
            let (message, _) = failure.first();
            self.note(&format!("{message}. What was asked for is done."));
        }
        self.catch_up_checkpoint(book);
        let wait = self.wait("writing a snapshot");
        let kept = book.keep().and_then(|_| book.keep_index(When::WhenItPays));
        drop(wait);
        match kept {
            Ok(replaced) => self.say_of_derived(&replaced, "It was made again."),
            Err(doubt) => self.note(&format!("{doubt}. Nothing is lost: the book opens from its log.")),
        }
        Ok(())
    }

    /// Signs the checkpoint of a close that was just written; `None` if the log has no key. If its private key cannot be used, the close
    /// stays as it is, and a warning says so.
    pub fn checkpoint_of_close(&self, book: &mut Book) -> Option<BookCheckpoint> {
        close_without_checkpoint(book.state())?;
        let fault = match log_key(&self.options.book) {
            Ok(Some((_, key))) => match self.sign_now(book, &key) {
                Ok(signed) => return Some(signed),
                Err(failure) => Some(failure.first().0),
            },
            Ok(None) => None,
            Err(failure) => Some(failure.first().0),
        };
        self.warn_of(CommandWarning::CheckpointUnsigned { fault });
        None
    }

    /// A checkpoint of the book as it is, in an append of its own.
    pub fn sign_now(&self, book: &mut Book, key: &PrivateKey) -> Result<BookCheckpoint, Failure> {
        Ok(sign_checkpoint(book, key, self.stamp()?)?)
    }

    /// Signs the checkpoint of a close that has none, because a crash came between the two or the key was not there. Says nothing where
    /// the key is not there now: the close said so.
    fn catch_up_checkpoint(&self, book: &mut Book) {
        let Some(close) = close_without_checkpoint(book.state()) else { return };
        let Ok(Some((_, key))) = log_key(&self.options.book) else { return };
        if let Ok(signed) = self.sign_now(book, &key) {
            self.note(&format!(
                "The close at position {close} had no checkpoint: one of size {} was signed. `trueup checkpoint` prints it.",
                signed.size
            ));
        }
    }

    /// Makes the secret of a book that lacks it, and says so: the key file is not as `init` made it.
    pub fn make_secret(&self, book: &mut Book) -> Result<(), Failure> {
        if book.make_secret(&self.stamp()?)? == Secret::Made {
            self.warn_of(CommandWarning::SecretMade { keys: book.keys().path().to_owned() });
        }
        Ok(())
    }

    pub fn has_book(&self) -> bool {
        let files = Files::at(self.options.book.join("log"));
        // What cannot be looked at may well be one: opening it says what is wrong.
        files.segments().map_or(true, |segments| !segments.is_empty())
            || files.head().map_or(true, |head| head.is_some())
    }

    /// Whether there is a book to be looked at.
    pub fn must_be_there(&self) -> Result<(), Failure> {
        if self.options.book.is_file() {
            return Err(Failure::refused(CommandRefusal::BookNotAFolder { path: self.options.book.clone() }));
        }
        if self.has_book() {
            return Ok(());
        }
        Err(Failure::refused(CommandRefusal::BookMissing { folder: self.options.book.clone() }))
    }

    pub fn stamp(&self) -> Result<Stamp, Failure> {
        stamp(self.options.author.as_ref(), signing_keys(&self.options.sign)?)
    }

    /// A book of this size was made: what fails after that does not undo it.
    pub fn has_made(&mut self, size: u64) {
        self.made = Some(size);
    }

    // Data ---------------------------------------------------------------------------------------------------------

    /// A line of JSON on standard output.
    pub fn json(&mut self, value: &(impl Serialize + ?Sized)) -> Result<(), Failure> {
        Ok(self.out.json(&json(value))?)
    }

    /// A line of JSON that a library writes.
    pub fn json_written(&mut self, write: impl FnOnce(&mut JsonWriter)) -> Result<(), Failure> {
        let mut json = JsonWriter::new();
        write(&mut json);
        Ok(self.out.json(&json.finish())?)
    }

    /// Bytes that are data already.
    pub fn bytes(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        Ok(self.out.verbatim(bytes)?)
    }

    /// A note or a key, which reaches a file byte for byte at any width. What has other characters than these have is written as any text.
    pub fn unbroken(&mut self, text: &str) -> Result<(), Failure> {
        let is_of_note = |c: char| matches!(c, ' '..='~' | '\n' | '\u{2014}');
        if text.chars().all(is_of_note) {
            return self.bytes(text.as_bytes());
        }
        for line in text.lines() {
            writeln!(self.out, "{line}")?;
        }
        Ok(())
    }

    // Talk ---------------------------------------------------------------------------------------------------------

    /// Something to know, that is neither data nor wrong.
    pub fn note(&self, text: &str) {
        if !self.options.quiet && self.options.format != Format::Json {
            say(&PaintedLine::from(text));
        }
    }

    pub fn warn(&self, problems: &[Problem]) {
        self.tell(Severity::Warning, problems);
    }

    pub fn warn_of(&self, warning: CommandWarning) {
        self.warn(&[warned(&warning).into()]);
    }

    /// Warns of disputes that nobody has resolved.
    pub fn warn_of_disputes(&self, book: &Book) {
        let disputes: Vec<u64> = book.state().disputes().open().map(|dispute| dispute.number()).collect();
        if !disputes.is_empty() {
            self.warn_of(CommandWarning::DisputesOpen { disputes });
        }
    }

    fn warn_of_permissions(&self, keys: &Path) {
        permissions::loose(&self.options.book, keys).into_iter().for_each(|warning| self.warn_of(warning));
    }

    /// Says problems on standard error.
    pub fn tell(&self, severity: Severity, problems: &[Problem]) {
        if self.options.format == Format::Json {
            self.told.borrow_mut().extend(problems.iter().map(|problem| (severity, problem.clone())));
            return;
        }
        problems.iter().flat_map(|problem| draw(severity, problem)).for_each(|line| say(&line));
    }

    /// Something is under way that may take more than half a second.
    pub fn wait(&self, doing: &'static str) -> Progress {
        if self.shows_progress() { Progress::begin(doing) } else { Progress::silent() }
    }

    pub fn shows_progress(&self) -> bool {
        !self.options.quiet && is_watched()
    }

    /// Says what is still to be said, and how it ended.
    pub fn end(mut self, outcome: Result<Outcome, Failure>) -> ExitStatus {
        self.say_kept_tail();
        let outcome = match self.out.flush() {
            Ok(()) => outcome,
            // What the command itself ran into comes first.
            Err(error) => outcome.and(Err(Failure::Output(error))),
        };
        let outcome = outcome.map_err(|failure| failure.after(self.report.committed().or(self.made)));
        let status = match outcome {
            Ok(Outcome::Done) => ExitStatus::Done,
            Ok(Outcome::Found) => ExitStatus::Refused,
            Ok(Outcome::SetAside) => ExitStatus::SetAside,
            Err(failure) => {
                let status = failure.status();
                self.tell(Severity::Error, &failure.problems());
                status
            }
        };
        if let Some(because) = self.sealed_because.take().filter(|_| payee_name::was_sealed_shown()) {
            self.note(&format!("What is shown as {} cannot be opened: {because}.", payee_name::SEALED));
        }
        let mut told = self.told.take();
        if !told.is_empty() {
            // Errors before warnings, each in the order in which they were found.
            told.sort_by_key(|(severity, _)| *severity);
            let told: Vec<(Severity, &Problem)> = told.iter().map(|(severity, problem)| (*severity, problem)).collect();
            say_json(&problems_json(&told));
        }
        status
    }
}
