//! A book: its log, and what follows from it by folding. The only place that has both.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use ledger::entry::Entry;
use ledger::fact::{Book as BookRecord, Payload, Record};
use ledger::id::Name;
use ledger::keyring::{Keys, KeysError};
use ledger::log::{Log, LogError, Opened};
use ledger::store::{Files, Store};
use ledger::usage::UsageEntry;
use ledger::wire::WireError;
use plans::rulebook::Rulebook;
use projections::accounts::Accounts;
use projections::knowledge::{Knowledge, Usage};
use projections::life::Position;
use thiserror::Error;

use crate::partial::Schedule;
use crate::stamp::{Scribe, Stamp};

/// The world failed, or the book is not what it should be.
#[derive(Debug, Error)]
pub enum BookError {
    #[error(transparent)]
    Log(#[from] LogError),
    #[error(transparent)]
    Keys(#[from] KeysError),
    #[error("`{folder}` is not empty and no book. Choose another place.")]
    NotEmpty { folder: String },
    #[error(
        "Entry {position} cannot be read: {source}. It was written by a newer version of trueup, or damaged; `trueup verify` says which."
    )]
    Unreadable { position: u64, source: WireError },
    #[error("The log does not begin with a book entry. This is no book of trueup.")]
    NoBook,
    #[error("`{book}` is of format {found}; this version of trueup reads format {FORMAT}. Use a newer version.")]
    Format { book: String, found: u16 },
    #[error(
        "`{path}` lacks {missing} of the keys that personal fields of this book are sealed with: what is recorded could not be compared with what is known. Put the book's own key file there, then record again."
    )]
    KeysMissing { path: String, missing: usize },
    #[error("{doing} failed: {source}.")]
    Io { doing: String, source: std::io::Error },
}

/// The format of logs that this version writes.
pub const FORMAT: u16 = 1;

pub struct Book {
    pub(crate) log: Log,
    pub(crate) keys: Keys,
    pub(crate) state: State,
}

/// Everything that is derived from the log by folding it.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) name: Option<BookRecord>,
    pub(crate) knowledge: Knowledge,
    pub(crate) rules: Rulebook,
    pub(crate) accounts: Accounts,
    pub(crate) schedule: Schedule,
    /// The time of the last entry, in microseconds since 1970.
    pub(crate) recorded: u64,
    /// The keys with which personal fields are sealed.
    key_ids: BTreeSet<[u8; 16]>,
}

/// Where a book's files are: the log inside, the keys of persons beside it.
pub struct Place {
    pub folder: PathBuf,
}

impl Place {
    fn log(&self) -> PathBuf {
        self.folder.join("log")
    }

    /// Beside the folder however it is named: `book`, `book/` and `.` have the same keys.
    fn keys(&self) -> PathBuf {
        let folder = self.folder.canonicalize().unwrap_or_else(|_| self.folder.clone());
        let mut name = folder.into_os_string();
        name.push(".keys");
        PathBuf::from(name)
    }
}

impl Book {
    /// A new, empty book in a folder that is not there or empty.
    pub fn init(folder: &Path, name: Name, stamp: &Stamp) -> Result<Book, BookError> {
        let place = Place { folder: folder.to_owned() };
        if occupied(folder)? {
            return Err(BookError::NotEmpty { folder: folder.display().to_string() });
        }
        let files = Files::create(place.log()).map_err(LogError::from)?;
        Book::init_in(Box::new(files), place.keys(), name, stamp)
    }

    /// The same in any store; tests keep books in memory.
    pub fn init_in(store: Box<dyn Store>, keys: PathBuf, name: Name, stamp: &Stamp) -> Result<Book, BookError> {
        let keys = Keys::load(keys)?;
        let mut log = Log::create(store)?;
        let mut state = State::default();
        let id = stamp.uuid();
        // Unique to the book and never reused: a copy that goes another way is found by it.
        let origin =
            ledger::field::Words(format!("trueup.example/{}/{id}", ledger::id::percent_encoded(name.as_str())));
        let record = Record::Book(BookRecord { name, book: id, origin, format: FORMAT });
        let mut scribe = Scribe::begin(&mut log, stamp, state.recorded, Some(0))?;
        let entry = scribe.record(record)?;
        scribe.commit()?;
        state.fold(&entry).map_err(|source| BookError::Unreadable { position: 0, source })?;
        Ok(Book { log, keys, state })
    }

    /// For writing, by one process at a time; says what of an unfinished append was cut off.
    pub fn open(folder: &Path) -> Result<(Book, Opened), BookError> {
        let place = Place { folder: folder.to_owned() };
        let (log, opened) = Log::open(Box::new(Files::at(place.log())))?;
        Ok((Book::of(log, place.keys())?, opened))
    }

    /// For reading, beside a writer or without one. Writes nothing.
    pub fn open_read(folder: &Path) -> Result<Book, BookError> {
        let place = Place { folder: folder.to_owned() };
        let log = Log::open_read(Box::new(Files::at(place.log())))?;
        Book::of(log, place.keys())
    }

    /// A book over a log that is open already.
    pub fn of(log: Log, keys: PathBuf) -> Result<Book, BookError> {
        let state = State::of(&log)?;
        let book = state.name.as_ref().ok_or(BookError::NoBook)?;
        if book.format != FORMAT {
            return Err(BookError::Format { book: book.name.to_string(), found: book.format });
        }
        Ok(Book { keys: Keys::load(keys)?, log, state })
    }

    /// The book's name, wherever its folder lies.
    pub fn name(&self) -> &Name {
        &self.state.name.as_ref().expect("a book without a book entry is not opened").name
    }

    pub fn size(&self) -> u64 {
        self.log.size()
    }

    pub fn root(&self) -> [u8; 32] {
        self.log.root()
    }

    pub fn log(&self) -> &Log {
        &self.log
    }

    pub fn knowledge(&self) -> &Knowledge {
        &self.state.knowledge
    }

    pub fn rules(&self) -> &Rulebook {
        &self.state.rules
    }

    pub fn accounts(&self) -> &Accounts {
        &self.state.accounts
    }

    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// The entry at a position, its personal fields as they are stored.
    pub fn entry(&self, position: u64) -> Result<Entry, BookError> {
        let bytes = self.log.entry(position)?;
        Entry::get(&bytes).map_err(|source| BookError::Unreadable { position, source })
    }

    /// Entries from one position up to another, in order.
    pub fn entries(&self, from: u64, to: u64, mut each: impl FnMut(Entry, &[u8])) -> Result<(), BookError> {
        let mut frames = self.log.frames(from);
        while let Some(frame) = frames.next()? {
            for (position, bytes) in frame.entries() {
                if position >= to {
                    return Ok(());
                }
                if position >= from {
                    each(Entry::get(bytes).map_err(|source| BookError::Unreadable { position, source })?, bytes);
                }
            }
        }
        Ok(())
    }

    /// What was known, and what had been posted, at an earlier size.
    pub fn state_at(&self, size: u64) -> Result<AsOf, BookError> {
        Ok(AsOf(State::fold_log(&self.log, size)?))
    }

    /// Refuses to record where sealed fields cannot be compared: the same fact would be taken for another.
    pub(crate) fn need_keys(&self) -> Result<(), BookError> {
        let missing = self.state.key_ids.iter().filter(|id| self.keys.by_id(id).is_none()).count();
        match missing {
            0 => Ok(()),
            _ => Err(BookError::KeysMissing { path: self.keys.path().display().to_string(), missing }),
        }
    }

    /// Folds the whole log again, after something had been folded that did not come to be.
    pub(crate) fn rebuild(&mut self) -> Result<(), BookError> {
        let schedule = std::mem::take(&mut self.state.schedule);
        self.state = State { schedule, ..State::of(&self.log)? };
        Ok(())
    }
}

/// A book's state at an earlier size.
pub struct AsOf(State);

impl AsOf {
    pub fn accounts(&self) -> &Accounts {
        &self.0.accounts
    }

    pub fn rules(&self) -> &Rulebook {
        &self.0.rules
    }
}

impl State {
    fn of(log: &Log) -> Result<State, BookError> {
        State::fold_log(log, log.size())
    }

    fn fold_log(log: &Log, size: u64) -> Result<State, BookError> {
        let mut state = State::default();
        let mut frames = log.frames(0);
        while let Some(frame) = frames.next()? {
            for (position, bytes) in frame.entries() {
                if position >= size {
                    return Ok(state);
                }
                state.fold_bytes(bytes).map_err(|source| BookError::Unreadable { position, source })?;
            }
        }
        Ok(state)
    }

    fn fold_bytes(&mut self, bytes: &[u8]) -> Result<(), WireError> {
        match UsageEntry::get(bytes)? {
            Some(entry) => {
                self.recorded = entry.recorded;
                let contract = entry.contract.unwrap_or(entry.account);
                let UsageEntry { account, meter, from, to, amount, quantity, currency, .. } = entry;
                let usage = Usage { account, contract, meter, from, to, amount, quantity, currency };
                self.knowledge.apply_usage(usage, entry.id, &[]);
            }
            None => self.fold(&Entry::get(bytes)?)?,
        }
        Ok(())
    }

    /// Folds in one entry: the only way in which anything here changes.
    pub(crate) fn fold(&mut self, entry: &Entry) -> Result<(), WireError> {
        self.recorded = entry.recorded;
        if let Payload::Fact(fact) = &entry.payload {
            self.key_ids.extend(fact.key_ids());
        }
        if let Payload::Record(record) = &entry.payload {
            match record {
                Record::Book(book) => self.name = Some(book.clone()),
                Record::Plan(published) => {
                    let checked = plans::check::check(published.plan.as_str(), &published.text.0);
                    // What was published had been checked; a text that this version refuses is of a newer one.
                    let plan = checked
                        .plan
                        .unwrap_or_else(|| panic!("BUG: plan `{}` was published and does not pass", published.plan));
                    self.rules.publish(entry.position as Position, plan);
                }
                Record::Mapping(_)
                | Record::Earning(_)
                | Record::Reversal(_)
                | Record::Draw(_)
                | Record::Settlement(_)
                | Record::PeriodClose(_)
                | Record::OpeningLine(_)
                | Record::Withheld(_)
                | Record::Freeze(_) => {}
            }
        }
        self.knowledge.apply(entry);
        self.accounts.apply(entry);
        Ok(())
    }
}

fn occupied(folder: &Path) -> Result<bool, BookError> {
    let io = |source| BookError::Io { doing: format!("looking into `{}`", folder.display()), source };
    match std::fs::read_dir(folder) {
        Ok(mut entries) => Ok(entries.next().transpose().map_err(io)?.is_some()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(io(error)),
    }
}
