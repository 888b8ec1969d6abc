//! A book: its log, and what follows from it by folding. The only place that has both.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ledger::entry::Entry;
use ledger::fact::{Body, Book as BookRecord, Fact, Payload, Plan as PlanRecord, Record};
use ledger::id::Name;
use ledger::keyring::{Keys, KeysError};
use ledger::log::{Log, LogError, Opened};
use ledger::store::{Files, Store};
use ledger::wire::WireError;
use plans::rulebook::Rulebook;
use projections::knowledge::{Knowledge, LookupKeys};
use projections::position::Position;
use projections::posted_state::PostedState;
use thiserror::Error;
use uuid::Uuid;

use crate::derived::index::{self, Answer, Indexes, Key};
use crate::derived::sealing::{self, Seals};
use crate::derived::snapshot::{Doubt, Found, Snapshots, Why};
use crate::evaluation::schedule;
use crate::evaluation::schedule::{Mark, Schedule};
use crate::fold::{Hashes, fold};
use crate::stamp::{Scribe, Stamp};

/// The world failed, or the book is not what it should be.
#[derive(Debug, Error)]
pub enum BookError {
    #[error(transparent)]
    Log(#[from] LogError),
    #[error(transparent)]
    Keys(Arc<KeysError>),
    #[error("`{folder}` is not empty and no book")]
    NotEmpty { folder: String },
    #[error("Entry {position} cannot be read: {source}")]
    Unreadable { position: u64, source: WireError },
    #[error("The log does not begin with a book entry")]
    NoBook,
    #[error("`{book}` has no entry yet: making it was interrupted")]
    Unstarted { book: String },
    #[error("`{book}` is of format {found}; this version of trueup reads format {FORMAT}")]
    Format { book: String, found: u16 },
    #[error("The clock of this machine says {now}, and {last}")]
    Clock { now: String, last: String },
    #[error("{doing} failed: {source}")]
    Io { doing: String, source: std::io::Error },
}

impl From<KeysError> for BookError {
    fn from(error: KeysError) -> BookError {
        BookError::Keys(Arc::new(error))
    }
}

/// The format of logs that this version writes.
pub const FORMAT: u16 = 1;

pub struct Book {
    pub(crate) log: Log,
    pub(crate) keys: Keys,
    /// Why the key file cannot be used; `keys` has none then.
    pub(crate) keys_fault: Option<Arc<KeysError>>,
    pub(crate) state: State,
    /// Where its derived files are; a book in memory has none.
    derived: Option<PathBuf>,
    /// The same with the keys that they are sealed with. Without the book's secret none is used, and none is written.
    snapshots: Option<Snapshots>,
    /// The size of the snapshot that it was opened with, or that was written since; 0 without one.
    snapshot_size: u64,
    /// The indexes that were there before the log was opened: what a writer adds meanwhile is behind them.
    indexes: Vec<PathBuf>,
    /// The close of which the schedule beside the log is; it is written once for each.
    scheduled: Option<Position>,
    doubts: Vec<Doubt>,
    hashes: Hashes,
}

/// Everything that is derived from the log by folding it.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) name: Option<BookRecord>,
    pub(crate) knowledge: Knowledge,
    pub(crate) rules: Rulebook,
    pub(crate) posted: PostedState,
    pub(crate) schedule: Schedule,
    /// The time of the last entry, in microseconds since 1970.
    pub(crate) recorded: u64,
    /// The keys with which personal fields are sealed, by id, and the first entry that has such a field.
    pub(crate) sealed: BTreeMap<[u8; 16], Position>,
}

/// Where a book's files are: the log inside its folder, the keys of persons outside.
#[derive(Clone, Debug)]
pub struct Place {
    pub folder: PathBuf,
    /// The key file, where it is not the one beside the folder.
    keys: Option<PathBuf>,
}

impl From<&Path> for Place {
    fn from(folder: &Path) -> Place {
        Place { folder: folder.to_owned(), keys: None }
    }
}

impl From<&PathBuf> for Place {
    fn from(folder: &PathBuf) -> Place {
        folder.as_path().into()
    }
}

impl Place {
    /// The same with another key file than the one beside the folder.
    pub fn with_keys(self, keys: Option<PathBuf>) -> Place {
        Place { keys, ..self }
    }

    fn log(&self) -> PathBuf {
        self.folder.join("log")
    }

    /// What can be made again from the log: to be deleted at will.
    fn derived(&self) -> PathBuf {
        self.folder.join("derived")
    }

    /// The file of the book's keys. Unless named, it lies beside the folder, however that is named: `book`, `book/` and `.`
    /// have the same keys.
    pub fn keys(&self) -> PathBuf {
        if let Some(named) = &self.keys {
            return named.clone();
        }
        let folder = self.folder.canonicalize().or_else(|_| std::path::absolute(&self.folder));
        let folder = folder.unwrap_or_else(|_| self.folder.clone());
        // Without the blank component that a `/` at the end is.
        let mut name = folder.components().collect::<PathBuf>().into_os_string();
        name.push(".keys");
        PathBuf::from(name)
    }
}

/// The keys in a file, or none and why it cannot be used.
fn keys_in(path: PathBuf) -> (Keys, Option<Arc<KeysError>>) {
    match Keys::load(&path) {
        Ok(keys) => (keys, None),
        Err(fault) => (Keys::none(path), Some(Arc::new(fault))),
    }
}

impl Book {
    /// A new, empty book in a folder that is not there or empty, or in which making one was interrupted, with a key file that is
    /// not there.
    pub fn init(place: impl Into<Place>, name: Name, stamp: &Stamp) -> Result<Book, BookError> {
        let place = place.into();
        if place.log().is_dir() {
            // A log that has an entry is refused; one without was interrupted, and is gone on with.
            drop(Log::create(Box::new(Files::at(place.log())))?);
        } else if occupied(&place.folder)? {
            return Err(BookError::NotEmpty { folder: place.folder.display().to_string() });
        }
        // Looked at before anything is made.
        Keys::new_in(place.keys())?;
        let files = Files::create(place.log()).map_err(LogError::from)?;
        let keys = Keys::new_in(place.keys())?;
        keys.create()?;
        let mut book = Book::begin(Box::new(files), keys, name, stamp)?;
        book.derived = Some(place.derived());
        book.make_secret(stamp)?;
        Ok(book)
    }

    /// A new book in any store, with the keys that are in a file; tests keep books in memory.
    pub fn init_in(store: Box<dyn Store>, keys: PathBuf, name: Name, stamp: &Stamp) -> Result<Book, BookError> {
        Book::begin(store, Keys::load(keys)?, name, stamp)
    }

    fn begin(store: Box<dyn Store>, keys: Keys, name: Name, stamp: &Stamp) -> Result<Book, BookError> {
        let mut log = Log::create(store)?;
        let mut state = State::default();
        let id = stamp.uuid();
        // Unique to the book and never reused: a copy that goes another way is found by it.
        let origin =
            ledger::field::FreeText(format!("trueup.example/{}/{id}", ledger::id::percent_encoded(name.as_str())));
        let record = Record::Book(BookRecord { name, book: id, origin, format: FORMAT });
        let mut scribe = Scribe::begin(&mut log, stamp, state.recorded, Some(0))?;
        let entry = scribe.record(record)?;
        scribe.commit()?;
        state.fold(entry);
        Ok(Book::with(log, (keys, None), state))
    }

    fn with(log: Log, (keys, keys_fault): (Keys, Option<Arc<KeysError>>), state: State) -> Book {
        Book {
            log,
            keys,
            keys_fault,
            state,
            derived: None,
            snapshots: None,
            snapshot_size: 0,
            indexes: Vec::new(),
            scheduled: None,
            doubts: Vec::new(),
            hashes: Hashes::Trusted,
        }
    }

    /// For writing, by one process at a time; says what lies behind the last acknowledged append.
    pub fn open(place: impl Into<Place>) -> Result<(Book, Opened), BookError> {
        Book::open_to_write(&place.into(), Hashes::Trusted)
    }

    /// For reading, beside a writer or without one. Writes nothing.
    pub fn open_read(place: impl Into<Place>) -> Result<Book, BookError> {
        Book::open_to_read(&place.into(), Hashes::Trusted)
    }

    /// The same as [`Book::open`], and trusting nothing: the whole log is read, every entry hashed again, and the tree's
    /// root compared behind each frame, on the way to what is known. No snapshot or index is looked at.
    pub fn open_checked(place: impl Into<Place>) -> Result<(Book, Opened), BookError> {
        Book::open_to_write(&place.into(), Hashes::Checked)
    }

    /// The same for reading.
    pub fn open_read_checked(place: impl Into<Place>) -> Result<Book, BookError> {
        Book::open_to_read(&place.into(), Hashes::Checked)
    }

    fn open_to_write(place: &Place, hashes: Hashes) -> Result<(Book, Opened), BookError> {
        let files = Box::new(Files::at(place.log()));
        let mut opened = None;
        let book = Book::open_with(place, hashes, || {
            let (log, done) = Log::open(files)?;
            opened = Some(done);
            Ok(log)
        })?;
        Ok((book, opened.expect("a book has an open log")))
    }

    /// For reading what lies before damage: the log up to the end of the append that reaches `size`. Every entry up to there is
    /// hashed again, the head is not asked, and no derived file is used.
    pub fn open_until(place: impl Into<Place>, size: u64) -> Result<Book, BookError> {
        let place = place.into();
        let open = || Log::open_until(Box::new(Files::at(place.log())), size);
        Book::open_with(&place, Hashes::Checked, open)
    }

    fn open_to_read(place: &Place, hashes: Hashes) -> Result<Book, BookError> {
        Book::open_with(place, hashes, || Log::open_read(Box::new(Files::at(place.log()))))
    }

    fn open_with(
        place: &Place,
        hashes: Hashes,
        open: impl FnOnce() -> Result<Log, LogError> + Send,
    ) -> Result<Book, BookError> {
        let (keys, _) = keys_in(place.keys());
        let snapshots = keys.book().map(|secret| Snapshots::at(place.derived(), Seals::of(secret)));
        let (log, (state, snapshot_size, doubts), indexes) = match (hashes, &snapshots) {
            (Hashes::Trusted, Some(snapshots)) => Book::from_snapshot(snapshots, open)?,
            (Hashes::Trusted, None) | (Hashes::Checked, _) => {
                let log = open()?;
                let state = State::of(&log, log.size(), hashes)?;
                (log, (state, 0, Vec::new()), Vec::new())
            }
        };
        let derived = Some(place.derived());
        // Once more, for a writer now holds the lock: another one may have added keys before.
        let book = Book::checked(log, keys_in(place.keys()), state)?;
        if book.keys.book().is_none() {
            // With the secret of another book nothing can be told.
            return Ok(Book { derived, hashes, ..book });
        }
        let mut book = Book { derived, snapshots, snapshot_size, indexes, doubts, hashes, ..book };
        book.read_schedule()?;
        Ok(book)
    }

    fn from_snapshot(
        snapshots: &Snapshots,
        open: impl FnOnce() -> Result<Log, LogError> + Send,
    ) -> Result<(Log, Newest, Vec<PathBuf>), BookError> {
        // Looked for before the log is: what a writer adds to the log meanwhile is behind the snapshot.
        let mut found = snapshots.list(u64::MAX).into_iter();
        let newest = found.next();
        let indexes = index::list(snapshots.folder());
        // Side by side, for neither needs the other.
        let (log, newest) = std::thread::scope(|scope| {
            let log = scope.spawn(open);
            let newest = newest.and_then(|newest| snapshots.read(newest));
            (log.join(), newest)
        });
        // A broken invariant of the log goes its own way.
        let log = log.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        let all = newest.into_iter().chain(found.filter_map(|found| snapshots.read(found)));
        let newest = State::of_newest(&log, log.size(), all)?;
        Ok((log, newest, indexes))
    }

    /// What the last close left for the next one, if it is there and of this log.
    fn read_schedule(&mut self) -> Result<(), BookError> {
        let Some(last) = self.state.posted.last_close().map(|last| last.position) else { return Ok(()) };
        let root = self.log.written_root(u64::from(last) + 1)?;
        let Some(snapshots) = &self.snapshots else { return Ok(()) };
        let mark = |after| root.filter(|_| after == last).map(|root| (self.book_id(), root));
        match Schedule::read(snapshots.folder(), snapshots.seals().schedule, mark) {
            None => {}
            Some(Ok(schedule)) => {
                self.scheduled = schedule.after;
                self.state.schedule = schedule;
            }
            // A close of long ago: it was not written since, and is not missed.
            Some(Err(Why::OtherHistory)) => {}
            Some(Err(why)) => {
                let path = schedule::path_in(snapshots.folder());
                self.doubts.push(Doubt { path, why });
            }
        }
        Ok(())
    }

    fn book_id(&self) -> [u8; 16] {
        *self.state.name.as_ref().expect("a book without a book entry is not opened").book.as_bytes()
    }

    /// Writes what the last close left for the next one.
    fn keep_schedule(&mut self) -> Result<(), Doubt> {
        let Some(snapshots) = &self.snapshots else { return Ok(()) };
        let (schedule, path) = (&self.state.schedule, schedule::path_in(snapshots.folder()));
        let Some(after) = schedule.after else {
            // What is there was not used, and would be doubted at every start.
            return match std::fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    Err(Doubt { path, why: Why::Unwritten(error.to_string()) })
                }
                Ok(()) | Err(_) => Ok(()),
            };
        };
        if self.scheduled == Some(after) {
            return Ok(());
        }
        let Ok(Some(root)) = self.log.written_root(u64::from(after) + 1) else { return Ok(()) };
        let mark: Mark = (self.book_id(), root);
        let written = schedule.write(snapshots.folder(), mark, snapshots.seals().schedule);
        written.map_err(|error| Doubt { path, why: Why::Unwritten(error.to_string()) })?;
        self.scheduled = Some(after);
        Ok(())
    }

    /// A book over a log that is open already; every entry is hashed again on the way to what is known.
    pub fn of_checked(log: Log, keys: PathBuf) -> Result<Book, BookError> {
        let state = State::of(&log, log.size(), Hashes::Checked)?;
        Book::checked(log, keys_in(keys), state)
    }

    /// A book over a log that is open already.
    pub fn of(log: Log, keys: PathBuf) -> Result<Book, BookError> {
        let state = State::of(&log, log.size(), Hashes::Trusted)?;
        Book::checked(log, keys_in(keys), state)
    }

    fn checked(log: Log, keys: (Keys, Option<Arc<KeysError>>), state: State) -> Result<Book, BookError> {
        let book = match (&state.name, log.size()) {
            (Some(book), _) => book,
            (None, 0) => return Err(BookError::Unstarted { book: log.book() }),
            (None, _) => return Err(BookError::NoBook),
        };
        if book.format != FORMAT {
            return Err(BookError::Format { book: book.name.to_string(), found: book.format });
        }
        let (id, (mut keys, mut fault)) = (*book.book.as_bytes(), keys);
        if keys.book().is_some_and(|secret| secret.book != id) {
            let path = keys.path().to_owned();
            fault = Some(Arc::new(KeysError::OtherBook { path: path.display().to_string() }));
            keys = Keys::none(path);
        }
        let is_missing = |id: &[u8; 16]| keys.by_id(id).is_none();
        if let Some(cut) = keys.cut_line().filter(|_| state.sealed.keys().any(is_missing)) {
            fault = Some(Arc::new(cut));
        }
        Ok(Book::with(log, (keys, fault), state))
    }

    /// Gives the book a secret of its own, if its key file has none yet and is the book's. Derived files are sealed with it.
    pub fn make_secret(&mut self, stamp: &Stamp) -> Result<Secret, BookError> {
        if self.keys_fault.is_some() || self.keys.book().is_some() || !self.keys_are_ours() {
            return Ok(Secret::AsItWas);
        }
        self.keys.add_book(stamp.book_secret(self.book_id()))?;
        let seals = self.keys.book().map(Seals::of);
        self.snapshots = self.derived.clone().zip(seals).map(|(folder, seals)| Snapshots::at(folder, seals));
        Ok(Secret::Made)
    }

    /// The folder of derived files, where they are neither used nor written: the book's secret, which seals them, is not there.
    pub fn unsealed(&self) -> Option<&Path> {
        self.derived.as_deref().filter(|_| self.snapshots.is_none())
    }

    /// Derived files that were not used, to be said.
    pub fn doubts(&self) -> &[Doubt] {
        &self.doubts
    }

    /// Writes a snapshot where reading it will be so much faster than folding that it pays; says its size. To be keys
    /// after an append was acknowledged. That it fails makes nothing of the book less true.
    pub fn keep(&mut self) -> Result<Option<u64>, Doubt> {
        self.snapshots.iter().for_each(|snapshots| sealing::remove_unfinished(snapshots.folder()));
        let size = self.size();
        let beyond = size - self.snapshot_size.min(size);
        if size > PARTIAL_FROM {
            self.keep_schedule()?;
        }
        match beyond > SNAPSHOT_AFTER.max(size / 8) || !self.doubts.is_empty() {
            true => self.keep_now(),
            false => Ok(None),
        }
    }

    /// Writes a snapshot of the book as it is.
    pub fn keep_now(&mut self) -> Result<Option<u64>, Doubt> {
        self.snapshots.iter().for_each(|snapshots| sealing::remove_unfinished(snapshots.folder()));
        let folded = self.state.knowledge.size() == self.log.size();
        let Some(snapshots) = self.snapshots.as_ref().filter(|_| folded) else { return Ok(None) };
        self.snapshot_size = snapshots.write(&self.state, self.log.root())?;
        self.keep_schedule()?;
        self.doubts.clear();
        Ok(Some(self.snapshot_size))
    }

    fn indexes(&self) -> Option<Indexes<'_>> {
        let snapshots = self.snapshots.as_ref()?;
        let (folder, key) = (snapshots.folder(), snapshots.seals().index);
        Some(Indexes { folder, log: &self.log, book: self.book_id(), key })
    }

    pub(crate) fn ask_index<S: AsRef<Path>>(&self, keys: &[Key], scratch: impl Fn() -> io::Result<S>) -> Answer {
        self.indexes().map(|indexes| indexes.ask(&self.indexes, keys, scratch)).unwrap_or_default()
    }

    /// Brings the index up to date where it pays, or now. To be keys after an append was acknowledged. Gives what was
    /// not good and was made again.
    pub fn keep_index(&self, when: When) -> Result<Vec<Doubt>, Doubt> {
        let Some(indexes) = self.indexes() else { return Ok(Vec::new()) };
        indexes.tidy()?;
        let (newest, doubts) = indexes.newest();
        let (size, below) = (self.size(), newest.unwrap_or(0));
        let is_due = match when {
            When::Now => below < size,
            When::WhereItPays => size - below > SNAPSHOT_AFTER.max(size / 8),
        };
        if is_due || !doubts.is_empty() {
            indexes.write(newest)?;
        }
        Ok(doubts)
    }

    /// The book's name, wherever its folder lies.
    pub fn name(&self) -> &Name {
        &self.state.name.as_ref().expect("a book without a book entry is not opened").name
    }

    pub fn size(&self) -> u64 {
        self.log.size()
    }

    /// The time of the last entry, in microseconds since 1970.
    pub fn last_recorded(&self) -> u64 {
        self.state.recorded
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

    pub fn posted_state(&self) -> &PostedState {
        &self.state.posted
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
        Ok(AsOf(self.folded(size)?))
    }

    /// Why the key file cannot be used. Without keys, everything can be read and recorded but what is personal.
    pub fn keys_fault(&self) -> Option<&KeysError> {
        self.keys_fault.as_deref()
    }

    /// How many of the keys that personal fields are sealed with are there, and how many are not.
    pub fn keys_there_and_missing(&self) -> (usize, usize) {
        let there = self.state.sealed.keys().filter(|id| self.keys.by_id(id).is_some()).count();
        (there, self.state.sealed.len() - there)
    }

    /// Whether a new key in this file would lie with the book's others. A file that is not there, or has none of those that were used,
    /// may be the wrong one: what is sealed with a key in it could not be read when the right one is back.
    pub(crate) fn keys_are_ours(&self) -> bool {
        let (there, missing) = self.keys_there_and_missing();
        self.keys.book().is_some() || there > 0 || missing == 0
    }

    /// Folds the whole log again, after something had been folded that did not come to be.
    pub(crate) fn rebuild(&mut self) -> Result<(), BookError> {
        let schedule = std::mem::take(&mut self.state.schedule);
        // A large book is not held twice.
        self.state = State::default();
        self.state = State { schedule, ..self.folded(self.log.size())? };
        Ok(())
    }

    /// Everything up to a size, from the newest snapshot on.
    fn folded(&self, size: u64) -> Result<State, BookError> {
        if self.hashes == Hashes::Checked {
            return State::of(&self.log, size, self.hashes);
        }
        let snapshots = self.snapshots.iter();
        let found =
            snapshots.flat_map(|snapshots| snapshots.list(size).into_iter().filter_map(|found| snapshots.read(found)));
        let (state, _, _) = State::of_newest(&self.log, size, found)?;
        Ok(state)
    }
}

/// From this many entries on, a close works out what is new; below, everything is worked out in no time.
pub const PARTIAL_FROM: u64 = 100_000;

/// Entries behind the last snapshot that are folded at each opening, before another one is written: a tenth of a second.
pub const SNAPSHOT_AFTER: u64 = 100_000;

/// What became of the secret of a book.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Secret {
    AsItWas,
    Made,
}

/// When what can be made again is made.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum When {
    /// Where reading it will be so much faster than doing without that it pays.
    WhereItPays,
    Now,
}

/// A book's state at an earlier size.
pub struct AsOf(State);

impl AsOf {
    pub fn posted_state(&self) -> &PostedState {
        &self.0.posted
    }

    pub fn rules(&self) -> &Rulebook {
        &self.0.rules
    }
}

/// A state, the size of the snapshot that it came from, and what was wrong with others.
type Newest = (State, u64, Vec<Doubt>);

impl State {
    /// From the first entry on.
    fn of(log: &Log, size: u64, hashes: Hashes) -> Result<State, BookError> {
        let mut state = State { knowledge: Knowledge::with_room(size), ..State::default() };
        fold(&mut state, log, size, hashes)?;
        Ok(state)
    }

    /// What the first of these that is good says, and the entries behind it; without one, all entries. Gives the size
    /// of the snapshot, and what was wrong with those before it.
    fn of_newest(log: &Log, size: u64, found: impl Iterator<Item = Found>) -> Result<Newest, BookError> {
        let mut doubts = Vec::new();
        for snapshot in found {
            match snapshot.state(log)? {
                Ok(mut state) => {
                    let from = state.knowledge.size();
                    fold(&mut state, log, size, Hashes::Trusted)?;
                    return Ok((state, from, doubts));
                }
                Err(doubt) => doubts.push(doubt),
            }
        }
        Ok((State::of(log, size, Hashes::Trusted)?, 0, doubts))
    }

    /// The rules of a plan that was published at a position.
    pub(crate) fn publish(&mut self, position: u64, published: &PlanRecord) {
        let checked = plans::check::check_published(published.plan.as_str(), &published.text.0);
        // What was published had been checked; a text that this version refuses is of a newer one.
        let plan =
            checked.plan.unwrap_or_else(|| panic!("BUG: plan `{}` was published and does not pass", published.plan));
        self.rules.publish(position as Position, plan);
    }

    /// Folds in one entry: the only way in which anything here changes.
    pub(crate) fn fold(&mut self, entry: impl Into<Said>) {
        let Said { position, recorded, id, payload, replaces, keys } = entry.into();
        self.recorded = recorded;
        match payload {
            Payload::Fact(fact) => {
                let at = Position::try_from(position).expect("BUG: admission lets no book grow beyond ENTRIES_MAX");
                for key in fact.key_ids() {
                    self.sealed.entry(key).or_insert(at);
                }
                self.knowledge.apply(fact, id, &replaces, keys.expect("BUG: a fact without lookup keys"));
            }
            Payload::Record(record) => {
                match &record {
                    Record::Book(book) => self.name = Some(book.clone()),
                    Record::Plan(published) => self.publish(position, published),
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
                let position =
                    Position::try_from(position).expect("BUG: admission lets no book grow beyond ENTRIES_MAX");
                self.knowledge.skip();
                self.posted.apply(record, position);
            }
        }
    }
}

/// What folding takes of an entry, and by what it will be looked for if it is a fact.
pub(crate) struct Said {
    position: u64,
    recorded: u64,
    id: Uuid,
    payload: Payload,
    replaces: Vec<u64>,
    keys: Option<LookupKeys>,
}

impl From<Entry> for Said {
    fn from(entry: Entry) -> Said {
        let Entry { position, recorded, id, payload, replaces, .. } = entry;
        let keys = match &payload {
            Payload::Fact(fact) => Some(LookupKeys::of(fact)),
            Payload::Record(_) => None,
        };
        Said { position, recorded, id, payload, replaces, keys }
    }
}

impl Said {
    /// Whether folding it in looks at a run of usage, or changes one.
    pub(crate) fn touches_runs(&self, knowledge: &Knowledge) -> bool {
        let is_usage = matches!(&self.payload, Payload::Fact(Fact { body: Body::UsageSnapshot(_), .. }));
        let ends_usage = |replaced: &u64| Position::try_from(*replaced).is_ok_and(|at| knowledge.run_at(at).is_some());
        is_usage || self.replaces.iter().any(ends_usage)
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
