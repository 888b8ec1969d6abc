//! A book: its log, its keys, and the state that is folded from the log. This file opens books and appends to them.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ledger::entry::Entry;
use ledger::fact::{BookRecord, Record};
use ledger::id::Name;
use ledger::keyring::{Keys, KeysError};
use ledger::log::{Log, LogError, Opened};
use ledger::store::{Files, Store};

use crate::derived::cache::Caches;
pub use crate::derived::cache::{INCREMENTAL_FROM, SNAPSHOT_AFTER, When};
use crate::derived::index::{Answer, Key};
use crate::derived::rejected::CacheRejected;
use crate::derived::snapshot::book_record;
pub use crate::error::{BookError, FORMAT};
use crate::fold::{Hashes, fold_all};
pub use crate::location::BookLocation;
use crate::stamp::{Scribe, Signers, Stamp};
use crate::state::State;

/// An open book, for reading or for writing.
pub struct Book {
    pub(crate) log: Log,
    pub(crate) keys: Keys,
    /// Why the key file cannot be used; then `keys` is empty.
    pub(crate) keys_fault: Option<Arc<KeysError>>,
    /// Shared with readers, who keep using it while a writer makes the next state.
    pub(crate) state: Arc<State>,
    /// The derived files; `None` for a book in memory.
    pub(crate) caches: Option<Caches>,
    hashes: Hashes,
}

/// Whether a book got a secret for sealing its derived files.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Secret {
    /// Nothing changed: the book has a secret already, or its key file cannot take one.
    AsItWas,
    /// A new secret was written to the key file.
    Made,
}

/// What a new book is called, and on whose days instants are in it.
#[derive(Clone, Debug)]
pub struct BookIdentity {
    /// The book's name.
    pub name: Name,
    /// The IANA name of a time zone; `None` names none, and UTC holds.
    pub timezone: Option<Name>,
}

impl From<Name> for BookIdentity {
    fn from(name: Name) -> BookIdentity {
        BookIdentity { name, timezone: None }
    }
}

/// The keys of a file; without keys and with the reason if the file cannot be used.
fn keys_in(path: PathBuf) -> (Keys, Option<Arc<KeysError>>) {
    match Keys::load(&path) {
        Ok(keys) => (keys, None),
        Err(fault) => (Keys::none(path), Some(Arc::new(fault))),
    }
}

// Opening ----------------------------------------------------------------------------------------------------------------

impl Book {
    /// Makes an empty book, and its key file. Goes on if an earlier attempt was interrupted.
    ///
    /// Fails if the folder has other files in it or a book with entries, if the key file exists and has keys, or if a file
    /// cannot be written.
    pub fn init(
        location: impl Into<BookLocation>,
        identity: impl Into<BookIdentity>,
        stamp: &Stamp,
    ) -> Result<Book, BookError> {
        let location = location.into();
        if location.log().is_dir() {
            // `create` refuses a log that has an entry. A log without entries was left by an interrupted `init`.
            drop(Log::create(Box::new(Files::at(location.log())))?);
        } else if occupied(&location.folder)? {
            return Err(BookError::NotEmpty { folder: location.folder.display().to_string() });
        }
        // Fails before any file is made.
        Keys::new_in(location.keys())?;
        let files = Files::create(location.log()).map_err(LogError::from)?;
        let keys = Keys::new_in(location.keys())?;
        keys.create()?;
        let mut book = Book::begin(Box::new(files), keys, identity.into(), stamp)?;
        book.caches = Some(Caches::at(location.derived(), None));
        book.make_secret(stamp)?;
        Ok(book)
    }

    /// Makes an empty book in any store, with the keys of a file. Tests keep their books in memory this way.
    pub fn init_in(store: Box<dyn Store>, keys: PathBuf, name: Name, stamp: &Stamp) -> Result<Book, BookError> {
        Book::begin(store, Keys::load(keys)?, name.into(), stamp)
    }

    fn begin(store: Box<dyn Store>, keys: Keys, identity: BookIdentity, stamp: &Stamp) -> Result<Book, BookError> {
        let log = Log::create(store)?;
        let BookIdentity { name, timezone } = identity;
        let id = stamp.uuid();
        // Unique to the book and never reused, so checkpoints of different books cannot be confused.
        let origin =
            ledger::field::FreeText(format!("trueup.example/{}/{id}", ledger::id::percent_encoded(name.as_str())));
        let record = Record::Book(BookRecord { name, book: id, origin, format: FORMAT, timezone });
        let mut book = Book::with(log, (keys, None), State::default());
        book.append(vec![record], stamp)?;
        Ok(book)
    }

    fn with(log: Log, (keys, keys_fault): (Keys, Option<Arc<KeysError>>), state: State) -> Book {
        Book { log, keys, keys_fault, state: Arc::new(state), caches: None, hashes: Hashes::Trusted }
    }

    /// Opens a book for writing. Also tells whether a crash had interrupted the last append.
    ///
    /// Fails if another process has the book open for writing, or if a file is missing, damaged or unreadable.
    pub fn open(location: impl Into<BookLocation>) -> Result<(Book, Opened), BookError> {
        Book::open_to_write(&location.into(), Hashes::Trusted)
    }

    /// Opens a book for reading, also while another process writes to it. Writes nothing.
    ///
    /// Fails if a file is missing, damaged or unreadable.
    pub fn open_read(location: impl Into<BookLocation>) -> Result<Book, BookError> {
        Book::open_to_read(&location.into(), Hashes::Trusted)
    }

    /// Opens a book for writing, like [`Book::open`], and checks the whole log: every entry is hashed again, and the root of
    /// the tree is compared after each frame. No derived file is used.
    pub fn open_checked(location: impl Into<BookLocation>) -> Result<(Book, Opened), BookError> {
        Book::open_to_write(&location.into(), Hashes::Checked)
    }

    /// Opens a book for reading, like [`Book::open_read`], and checks the whole log as [`Book::open_checked`] does.
    pub fn open_read_checked(location: impl Into<BookLocation>) -> Result<Book, BookError> {
        Book::open_to_read(&location.into(), Hashes::Checked)
    }

    /// Opens the undamaged beginning of a damaged book for reading: the log up to the end of the append that reaches `size`.
    /// Every entry up to there is hashed again. The head and the derived files are not used.
    ///
    /// Fails if the log is damaged before that, or is shorter.
    pub fn open_until(location: impl Into<BookLocation>, size: u64) -> Result<Book, BookError> {
        let location = location.into();
        let open = || Log::open_until(Box::new(Files::at(location.log())), size);
        Book::open_with(&location, Hashes::Checked, open)
    }

    /// The time zone that a book names, from its first entry alone: neither the state nor the rest of the log is read.
    ///
    /// Fails if the log is not there, or its first entry cannot be read.
    pub fn timezone_at(location: impl Into<BookLocation>) -> Result<Option<Name>, BookError> {
        let log = Log::open_until(Box::new(Files::at(location.into().log())), 1)?;
        Ok(book_record(&log)?.and_then(|book| book.timezone))
    }

    /// The origin of a book, from its first entry alone, as [`Book::timezone_at`] reads it.
    pub fn origin_at(location: impl Into<BookLocation>) -> Result<Option<String>, BookError> {
        let log = Log::open_until(Box::new(Files::at(location.into().log())), 1)?;
        Ok(book_record(&log)?.map(|book| book.origin.0))
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
        // Loaded again, now that a writer holds the lock: another process may have added keys since.
        let mut book = Book::checked(log, keys_in(location.keys()), state)?;
        book.hashes = hashes;
        if book.keys.book().is_none() {
            // Without the book's secret a derived file cannot be told from a forged one.
            caches = Caches::at(location.derived(), None);
        } else {
            caches.read_schedule(Arc::make_mut(&mut book.state), &book.log)?;
        }
        book.caches = Some(caches);
        Ok(book)
    }

    /// A book over an open log. Every entry is hashed again.
    pub fn of_checked(log: Log, keys: PathBuf) -> Result<Book, BookError> {
        let state = fold_all(&log, log.size(), Hashes::Checked)?;
        Book::checked(log, keys_in(keys), state)
    }

    /// A book over an open log.
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
    /// Appends records of the ledger itself in one append, and folds them into the state. Returns the new size. If it fails,
    /// nothing is acknowledged and the state is unchanged.
    pub(crate) fn append(&mut self, records: Vec<Record>, stamp: &Stamp) -> Result<u64, BookError> {
        let signers = self.state.signers(stamp)?;
        self.append_signed(records, stamp, signers)
    }

    /// Appends records as [`Book::append`] does, signed by these keys.
    pub(crate) fn append_signed(
        &mut self,
        records: Vec<Record>,
        stamp: &Stamp,
        signers: Signers<'_>,
    ) -> Result<u64, BookError> {
        let size = self.log.size();
        let mut scribe = Scribe::begin(&mut self.log, (stamp, signers), self.state.recorded, Some(size))?;
        let mut entries = Vec::with_capacity(records.len());
        for record in records {
            entries.push(scribe.record(record)?);
        }
        let committed = scribe.commit()?;
        let state = Arc::make_mut(&mut self.state);
        entries.into_iter().for_each(|entry| state.fold(entry));
        Ok(committed.size)
    }

    /// Replaces the book's state by one that was made from a copy of it, once its entries are committed. `finish` changes it
    /// after the old state is dropped: then nothing is copied, unless a reader still has the old state.
    pub(crate) fn publish(&mut self, next: State, finish: impl FnOnce(&mut State)) {
        self.state = Arc::new(next);
        let state = Arc::make_mut(&mut self.state);
        state.knowledge.merge();
        finish(state);
    }

    /// Writes a secret for the book into its key file, if that has none. Derived files are sealed with it. Does nothing if the
    /// key file cannot be used or may be that of another book. Fails if the key file cannot be written.
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

    /// Writes a snapshot if reading it will save more time than writing it costs. Call it after an append is acknowledged.
    /// Returns the size of the snapshot; `None` if none was written. A failure does not harm the book.
    pub fn keep(&mut self) -> Result<Option<u64>, CacheRejected> {
        let Book { caches, state, log, .. } = self;
        caches.as_mut().map_or(Ok(None), |caches| caches.keep(state, log))
    }

    /// Writes a snapshot of the book now. Returns its size; `None` if the book has no secret to seal it with.
    pub fn keep_now(&mut self) -> Result<Option<u64>, CacheRejected> {
        let Book { caches, state, log, .. } = self;
        caches.as_mut().map_or(Ok(None), |caches| caches.keep_now(state, log))
    }

    /// Brings the index up to date. Call it after an append is acknowledged. Returns the indexes that were rejected and made
    /// again. A failure does not harm the book.
    pub fn keep_index(&self, when: When) -> Result<Vec<CacheRejected>, CacheRejected> {
        let of = (self.state.book_id(), &self.log);
        self.caches.as_ref().map_or(Ok(Vec::new()), |caches| caches.keep_index(of, when))
    }
}

// Reading ----------------------------------------------------------------------------------------------------------------

impl Book {
    /// The state at the size of the log.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The state at the size of the log, shared: later appends do not change it.
    pub fn shared_state(&self) -> Arc<State> {
        Arc::clone(&self.state)
    }

    /// The state at an earlier size of the log. Reads a snapshot if there is one, and folds the entries after it. Fails if
    /// the log cannot be read.
    pub fn state_at(&self, size: u64) -> Result<State, BookError> {
        match (&self.caches, self.hashes) {
            (Some(caches), Hashes::Trusted) => caches.state_at(&self.log, size),
            (Some(_), Hashes::Checked) | (None, _) => fold_all(&self.log, size, self.hashes),
        }
    }

    /// The book as of an earlier size of its log: its state is folded up to there, and no later entry can be read. Derived files of a
    /// later size still help to find earlier entries.
    ///
    /// Fails if the log is shorter, or cannot be read.
    pub fn as_of(self, size: u64) -> Result<Book, BookError> {
        if size == self.size() {
            return Ok(self);
        }
        let state = Arc::new(self.state_at(size)?);
        Ok(Book { log: self.log.as_of(size)?, state, ..self })
    }

    /// The book's name, from its first entry; the folder may be called otherwise.
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

    /// The log.
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// The keys of the key file; none if the file cannot be used.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// The entry at a position. Its personal fields are sealed. Fails if there is no such entry or it cannot be read.
    pub fn entry(&self, position: u64) -> Result<Entry, BookError> {
        let bytes = self.log.entry(position)?;
        Entry::get(&bytes).map_err(|source| BookError::Unreadable { position, source })
    }

    /// Calls `each` with every entry from position `from` to before `to`, in order, and with its bytes. Fails if an entry
    /// cannot be read.
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

    /// The folder of derived files, if they are neither read nor written because the book's secret is missing.
    pub fn unsealed(&self) -> Option<&Path> {
        self.caches.as_ref()?.unsealed()
    }

    /// The positions of keys, from the index. `scratch` makes an empty temporary folder.
    pub(crate) fn ask_index<S: AsRef<Path>>(&self, keys: &[Key], scratch: impl Fn() -> io::Result<S>) -> Answer {
        let of = (self.state.book_id(), &self.log);
        let answer = self.caches.as_ref().map(|caches| caches.ask_index(of, keys, scratch)).unwrap_or_default();
        // The index may be of a later size than the one as of which the book is read.
        answer.below(self.size())
    }

    /// Why the key file cannot be used; `None` if it can. Without keys everything but personal fields can be read and recorded.
    pub fn keys_fault(&self) -> Option<&KeysError> {
        self.keys_fault.as_deref()
    }

    /// Of the keys that personal fields of the log are sealed with: the number in the key file, and the number that is missing.
    pub fn keys_there_and_missing(&self) -> (usize, usize) {
        let there = self.state.sealed.keys().filter(|id| self.keys.by_id(id).is_some()).count();
        (there, self.state.sealed.len() - there)
    }

    /// Whether the key file is that of this book, so that new keys may be added to it. A file that is missing, or has none of
    /// the keys in use, may be the wrong one: fields sealed with a key in it could not be read with the right file.
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
