//! A book: its log, its keys, and the state that is folded from the log. Opens it, and appends to it.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ledger::entry::Entry;
use ledger::fact::{Book as BookRecord, Record};
use ledger::id::Name;
use ledger::keyring::{Keys, KeysError};
use ledger::log::{Log, LogError, Opened};
use ledger::store::{Files, Store};

use crate::derived::cache::Caches;
pub use crate::derived::cache::{INCREMENTAL_FROM, SNAPSHOT_AFTER, When};
use crate::derived::index::{Answer, Key};
use crate::derived::rejected::CacheRejected;
pub use crate::error::{BookError, FORMAT};
use crate::fold::{Hashes, fold_all};
pub use crate::location::BookLocation;
use crate::stamp::{Scribe, Stamp};
use crate::state::State;

/// An open book, for reading or for writing.
pub struct Book {
    pub(crate) log: Log,
    pub(crate) keys: Keys,
    /// Why the key file cannot be used; `keys` has none then.
    pub(crate) keys_fault: Option<Arc<KeysError>>,
    /// Shared with readers that go on with it while the next one is made.
    pub(crate) state: Arc<State>,
    /// Its derived files; a book in memory has none.
    caches: Option<Caches>,
    hashes: Hashes,
}

/// What became of the secret of a book.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Secret {
    AsItWas,
    Made,
}

/// The keys in a file, or none and why it cannot be used.
fn keys_in(path: PathBuf) -> (Keys, Option<Arc<KeysError>>) {
    match Keys::load(&path) {
        Ok(keys) => (keys, None),
        Err(fault) => (Keys::none(path), Some(Arc::new(fault))),
    }
}

// Opening ----------------------------------------------------------------------------------------------------------------

impl Book {
    /// Makes an empty book in a folder that is missing or empty, or in which making one was interrupted, with a key file that is
    /// not there yet.
    pub fn init(location: impl Into<BookLocation>, name: Name, stamp: &Stamp) -> Result<Book, BookError> {
        let location = location.into();
        if location.log().is_dir() {
            // A log that has an entry is refused; one without was interrupted, and is gone on with.
            drop(Log::create(Box::new(Files::at(location.log())))?);
        } else if occupied(&location.folder)? {
            return Err(BookError::NotEmpty { folder: location.folder.display().to_string() });
        }
        // Looked at before anything is made.
        Keys::new_in(location.keys())?;
        let files = Files::create(location.log()).map_err(LogError::from)?;
        let keys = Keys::new_in(location.keys())?;
        keys.create()?;
        let mut book = Book::begin(Box::new(files), keys, name, stamp)?;
        book.caches = Some(Caches::at(location.derived(), None));
        book.make_secret(stamp)?;
        Ok(book)
    }

    /// Makes an empty book in any store, with the keys of a file; tests keep books in memory.
    pub fn init_in(store: Box<dyn Store>, keys: PathBuf, name: Name, stamp: &Stamp) -> Result<Book, BookError> {
        Book::begin(store, Keys::load(keys)?, name, stamp)
    }

    fn begin(store: Box<dyn Store>, keys: Keys, name: Name, stamp: &Stamp) -> Result<Book, BookError> {
        let log = Log::create(store)?;
        let id = stamp.uuid();
        // Unique to the book and never reused: a copy that is continued elsewhere is recognised by it.
        let origin =
            ledger::field::FreeText(format!("trueup.example/{}/{id}", ledger::id::percent_encoded(name.as_str())));
        let record = Record::Book(BookRecord { name, book: id, origin, format: FORMAT, timezone: None });
        let mut book = Book::with(log, (keys, None), State::default());
        book.append(vec![record], stamp)?;
        Ok(book)
    }

    fn with(log: Log, (keys, keys_fault): (Keys, Option<Arc<KeysError>>), state: State) -> Book {
        Book { log, keys, keys_fault, state: Arc::new(state), caches: None, hashes: Hashes::Trusted }
    }

    /// Opens for writing, by one process at a time. Says what lies behind the last acknowledged append.
    pub fn open(location: impl Into<BookLocation>) -> Result<(Book, Opened), BookError> {
        Book::open_to_write(&location.into(), Hashes::Trusted)
    }

    /// Opens for reading, beside a writer or without one. Writes nothing.
    pub fn open_read(location: impl Into<BookLocation>) -> Result<Book, BookError> {
        Book::open_to_read(&location.into(), Hashes::Trusted)
    }

    /// Opens for writing and trusts nothing: the whole log is read, every entry is hashed again, and the tree's root is compared
    /// behind each frame. No snapshot or index is looked at.
    pub fn open_checked(location: impl Into<BookLocation>) -> Result<(Book, Opened), BookError> {
        Book::open_to_write(&location.into(), Hashes::Checked)
    }

    /// Opens for reading and trusts nothing, as [`Book::open_checked`] does.
    pub fn open_read_checked(location: impl Into<BookLocation>) -> Result<Book, BookError> {
        Book::open_to_read(&location.into(), Hashes::Checked)
    }

    /// Opens for reading what lies before damage: the log up to the end of the append that reaches `size`. Every entry up to there
    /// is hashed again, the head is not asked, and no derived file is used.
    pub fn open_until(location: impl Into<BookLocation>, size: u64) -> Result<Book, BookError> {
        let location = location.into();
        let open = || Log::open_until(Box::new(Files::at(location.log())), size);
        Book::open_with(&location, Hashes::Checked, open)
    }

    fn open_to_write(location: &BookLocation, hashes: Hashes) -> Result<(Book, Opened), BookError> {
        let files = Box::new(Files::at(location.log()));
        let mut opened = None;
        let book = Book::open_with(location, hashes, || {
            let (log, done) = Log::open(files)?;
            opened = Some(done);
            Ok(log)
        })?;
        Ok((book, opened.expect("a book has an open log")))
    }

    fn open_to_read(location: &BookLocation, hashes: Hashes) -> Result<Book, BookError> {
        Book::open_with(location, hashes, || Log::open_read(Box::new(Files::at(location.log()))))
    }

    fn open_with(
        location: &BookLocation,
        hashes: Hashes,
        open: impl FnOnce() -> Result<Log, LogError> + Send,
    ) -> Result<Book, BookError> {
        let (keys, _) = keys_in(location.keys());
        let mut caches = Caches::at(location.derived(), keys.book());
        let (log, state) = match hashes {
            Hashes::Trusted => {
                let (log, found) = caches.read_beside(open);
                let log = log?;
                let state = caches.state_of(&log, found)?;
                (log, state)
            }
            Hashes::Checked => {
                let log = open()?;
                let state = fold_all(&log, log.size(), hashes)?;
                (log, state)
            }
        };
        // Loaded once more, for a writer now holds the lock: another one may have added keys before.
        let mut book = Book::checked(log, keys_in(location.keys()), state)?;
        book.hashes = hashes;
        if book.keys.book().is_none() {
            // Without this book's secret no derived file can be told from a forged one.
            caches = Caches::at(location.derived(), None);
        } else {
            caches.read_schedule(Arc::make_mut(&mut book.state), &book.log)?;
        }
        book.caches = Some(caches);
        Ok(book)
    }

    /// A book over a log that is open already; every entry is hashed again.
    pub fn of_checked(log: Log, keys: PathBuf) -> Result<Book, BookError> {
        let state = fold_all(&log, log.size(), Hashes::Checked)?;
        Book::checked(log, keys_in(keys), state)
    }

    /// A book over a log that is open already.
    pub fn of(log: Log, keys: PathBuf) -> Result<Book, BookError> {
        let state = fold_all(&log, log.size(), Hashes::Trusted)?;
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
}

// Appending --------------------------------------------------------------------------------------------------------------

impl Book {
    /// Appends records of the ledger itself in one append, and folds them. Gives the new size. Where it fails, nothing is
    /// acknowledged and the state is as it was.
    pub(crate) fn append(&mut self, records: Vec<Record>, stamp: &Stamp) -> Result<u64, BookError> {
        let size = self.log.size();
        let mut scribe = Scribe::begin(&mut self.log, stamp, self.state.recorded, Some(size))?;
        let mut entries = Vec::with_capacity(records.len());
        for record in records {
            entries.push(scribe.record(record)?);
        }
        let committed = scribe.commit()?;
        let state = Arc::make_mut(&mut self.state);
        entries.into_iter().for_each(|entry| state.fold(entry));
        Ok(committed.size)
    }

    /// Takes a state that was made from a copy of the book's, once its entries are committed. `finish` changes it after the old
    /// state is gone: unless a reader has that, nothing needs to be copied any more.
    pub(crate) fn publish(&mut self, next: State, finish: impl FnOnce(&mut State)) {
        self.state = Arc::new(next);
        let state = Arc::make_mut(&mut self.state);
        state.knowledge.merge();
        finish(state);
    }

    /// Gives the book a secret of its own, if its key file has none yet and is the book's. Derived files are sealed with it.
    pub fn make_secret(&mut self, stamp: &Stamp) -> Result<Secret, BookError> {
        if self.keys_fault.is_some() || self.keys.book().is_some() || !self.keys_are_ours() {
            return Ok(Secret::AsItWas);
        }
        self.keys.add_book(stamp.book_secret(self.state.book_id()))?;
        if let (Some(caches), Some(secret)) = (&mut self.caches, self.keys.book()) {
            caches.seal_with(secret);
        }
        Ok(Secret::Made)
    }

    /// Writes a snapshot when reading it will be so much faster than folding that it pays. To be called after an append was
    /// acknowledged; a failure takes nothing from the book. Gives the size of what was written.
    pub fn keep(&mut self) -> Result<Option<u64>, CacheRejected> {
        let Book { caches, state, log, .. } = self;
        caches.as_mut().map_or(Ok(None), |caches| caches.keep(state, log))
    }

    /// Writes a snapshot of the book as it is.
    pub fn keep_now(&mut self) -> Result<Option<u64>, CacheRejected> {
        let Book { caches, state, log, .. } = self;
        caches.as_mut().map_or(Ok(None), |caches| caches.keep_now(state, log))
    }

    /// Brings the index up to date. To be called after an append was acknowledged. Gives those that were rejected and made again.
    pub fn keep_index(&self, when: When) -> Result<Vec<CacheRejected>, CacheRejected> {
        let of = (self.state.book_id(), &self.log);
        self.caches.as_ref().map_or(Ok(Vec::new()), |caches| caches.keep_index(of, when))
    }
}

// Reading ----------------------------------------------------------------------------------------------------------------

impl Book {
    /// What is folded from the whole log.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The state as it is now, for a reader that goes on with it whatever is appended meanwhile.
    pub fn shared_state(&self) -> Arc<State> {
        Arc::clone(&self.state)
    }

    /// What was known, and what had been posted, at an earlier size.
    pub fn state_at(&self, size: u64) -> Result<State, BookError> {
        match (&self.caches, self.hashes) {
            (Some(caches), Hashes::Trusted) => caches.state_at(&self.log, size),
            (Some(_), Hashes::Checked) | (None, _) => fold_all(&self.log, size, self.hashes),
        }
    }

    /// The book's name, wherever its folder lies.
    pub fn name(&self) -> &Name {
        self.state.book_name()
    }

    /// The number of entries of the log.
    pub fn size(&self) -> u64 {
        self.log.size()
    }

    /// The root of the log's tree.
    pub fn root(&self) -> [u8; 32] {
        self.log.root()
    }

    pub fn log(&self) -> &Log {
        &self.log
    }

    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// The entry at a position, its personal fields as they are stored.
    pub fn entry(&self, position: u64) -> Result<Entry, BookError> {
        let bytes = self.log.entry(position)?;
        Entry::get(&bytes).map_err(|source| BookError::Unreadable { position, source })
    }

    /// Calls `each` with the entries from one position up to another, in order.
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

    /// Derived files that were not used.
    pub fn rejected_caches(&self) -> &[CacheRejected] {
        self.caches.as_ref().map_or(&[], Caches::rejected)
    }

    /// The folder of derived files, where they are neither used nor written because the book's secret is missing.
    pub fn unsealed(&self) -> Option<&Path> {
        self.caches.as_ref()?.unsealed()
    }

    pub(crate) fn ask_index<S: AsRef<Path>>(&self, keys: &[Key], scratch: impl Fn() -> io::Result<S>) -> Answer {
        let of = (self.state.book_id(), &self.log);
        self.caches.as_ref().map(|caches| caches.ask_index(of, keys, scratch)).unwrap_or_default()
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

    /// Whether a new key in this file would lie with the book's others. A file that is missing, or has none of the keys that were
    /// used, may be the wrong one: what is sealed with a key in it could not be read when the right one is back.
    pub(crate) fn keys_are_ours(&self) -> bool {
        let (there, missing) = self.keys_there_and_missing();
        self.keys.book().is_some() || there > 0 || missing == 0
    }
}

fn occupied(folder: &Path) -> Result<bool, BookError> {
    let io = |source| BookError::Io { doing: format!("looking into `{}`", folder.display()), source };
    match std::fs::read_dir(folder) {
        Ok(mut entries) => Ok(entries.next().transpose().map_err(io)?.is_some()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(io(error)),
    }
}
