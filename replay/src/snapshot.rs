//! Snapshots: everything that was folded up to a size of the log, as one file beside it, so that opening a large book
//! reads a file and not its history.
//!
//! A snapshot is never needed and never believed: whatever is odd about one (missing, short, changed, of another
//! version, book or history) has the log folded from its first entry, as if there were none, and is said.
//! `docs/format.md` does not describe it, for nobody but the version that wrote it reads it.

use std::fmt;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use ledger::entry::Entry;
use ledger::fact::{Book as BookRecord, Payload, Record};
use ledger::log::Log;
use projections::accounts::Accounts;
use projections::flat::{Reader, Writer};
use projections::knowledge::Knowledge;

use crate::book::{BookError, State};

/// Where the files are that can be made again from the log.
#[derive(Clone, Debug)]
pub struct Snapshots {
    folder: PathBuf,
}

/// A file that was not used, and why. The answer is the same without it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Doubt {
    pub path: PathBuf,
    pub why: Why,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Why {
    /// The world's: it cannot be read or written.
    Io(String),
    /// Cut, or its digest is not that of its bytes.
    Damaged,
    /// Another version of trueup wrote it.
    OtherVersion,
    OtherBook,
    /// Of another history of the book, or of more of it than is there.
    OtherHistory,
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match &self.why {
            Why::Io(error) => write!(f, "`{path}` could not be used: {error}."),
            Why::Damaged => write!(f, "`{path}` is not as it was written."),
            Why::OtherVersion => write!(f, "`{path}` was written by another version of trueup."),
            Why::OtherBook => write!(f, "`{path}` belongs to another book."),
            Why::OtherHistory => write!(f, "`{path}` is of a history that is not this book's."),
        }
    }
}

/// Neither a log's segment nor a text begins like this.
const MAGIC: [u8; 8] = *b"\xFFfolded\n";
/// To be raised with every change of what is folded, or of how it is written.
const FORMAT: u32 = 1;
const VERSION: &str = env!("CARGO_PKG_VERSION");
const DIGEST_BYTES: usize = 32;
/// Where the second part begins stands before the digest.
const TAIL_BYTES: usize = 8 + DIGEST_BYTES;
const EXTENSION: &str = "snapshot";
const UNFINISHED: &str = "unfinished";

/// The bytes of a snapshot whose digest is right.
pub struct Found {
    size: u64,
    path: PathBuf,
    bytes: Result<Vec<u8>, Why>,
}

impl Snapshots {
    pub fn at(folder: PathBuf) -> Snapshots {
        Snapshots { folder }
    }

    /// The snapshots of a size up to `most`, the newest first.
    pub fn list(&self, most: u64) -> Vec<(u64, PathBuf)> {
        // A folder that is not there, or shows nothing, has no snapshot.
        let entries = std::fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let sized = entries.filter_map(|entry| size_of(&entry.path()).map(|size| (size, entry.path())));
        let mut all: Vec<(u64, PathBuf)> = sized.filter(|(size, _)| *size <= most).collect();
        all.sort_by(|a, b| b.cmp(a));
        all
    }

    /// Reads one and compares it with its digest; nothing where it is gone: a writer has put another in its place.
    pub fn read((size, path): (u64, PathBuf)) -> Option<Found> {
        let bytes = match std::fs::read(&path) {
            Ok(bytes) if is_whole(&bytes) => Ok(bytes),
            Ok(_) => Err(Why::Damaged),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(error) => Err(Why::Io(error.to_string())),
        };
        Some(Found { size, path, bytes })
    }

    /// Writes what was folded, in the place of all others; a reader never sees half of one.
    pub(crate) fn write(&self, state: &State, root: [u8; 32]) -> Result<u64, Doubt> {
        let size = state.knowledge.size();
        let path = self.folder.join(format!("{size:020}.{EXTENSION}"));
        let written = self.write_beside(&path, state, root);
        written.map_err(|error| Doubt { path, why: Why::Io(error.to_string()) }).map(|()| size)
    }

    fn write_beside(&self, path: &Path, state: &State, root: [u8; 32]) -> io::Result<()> {
        std::fs::create_dir_all(&self.folder)?;
        let unfinished = path.with_extension(UNFINISHED);
        let mut file = File::create(&unfinished)?;
        let mut failed = Ok(());
        let mut hasher = blake3::Hasher::new();
        format(state, root, &mut |part| {
            hasher.update(part);
            if failed.is_ok() {
                failed = file.write_all(part);
            }
        });
        failed?;
        file.write_all(hasher.finalize().as_bytes())?;
        drop(file);
        std::fs::rename(&unfinished, path)?;
        self.remove_others(path)
    }

    fn remove_others(&self, kept: &Path) -> io::Result<()> {
        for entry in std::fs::read_dir(&self.folder)? {
            let path = entry?.path();
            let is_ours = path.extension().is_some_and(|end| end == EXTENSION || end == UNFINISHED);
            if is_ours && path != kept {
                std::fs::remove_file(&path)?;
            }
        }
        Ok(())
    }
}

/// The size in a snapshot's name.
fn size_of(path: &Path) -> Option<u64> {
    let digits = path.file_stem()?.to_str().filter(|_| path.extension().is_some_and(|end| end == EXTENSION))?;
    digits.parse().ok().filter(|_| digits.len() == 20)
}

fn is_whole(bytes: &[u8]) -> bool {
    let Some((content, digest)) = bytes.split_last_chunk::<DIGEST_BYTES>() else { return false };
    *blake3::hash(content).as_bytes() == *digest
}

/// All bytes of a snapshot but its digest.
pub(crate) fn format(state: &State, root: [u8; 32], sink: &mut dyn FnMut(&[u8])) {
    let book = state.name.as_ref().expect("a book without a book entry is not opened");
    let mut out = Writer::new(sink);
    out.part(&MAGIC);
    out.one(FORMAT);
    out.bytes(VERSION.as_bytes());
    out.one(*book.book.as_bytes());
    out.one(state.knowledge.size());
    out.one(root);
    out.one(state.recorded);
    out.column(state.key_ids.iter().copied());
    let plans = state.rules.plans().flat_map(|(_, versions)| versions).map(|published| published.position);
    let mut plans: Vec<u32> = plans.collect();
    plans.sort_unstable();
    out.column(plans.into_iter());
    state.accounts.write(&mut out);
    let knowledge = out.written();
    state.knowledge.write(&mut out);
    out.one(knowledge);
    out.finish();
}

impl Found {
    /// The state in it, if it is of this log.
    pub(crate) fn state(self, log: &Log) -> Result<Result<State, Doubt>, BookError> {
        let Found { size, path, bytes } = self;
        let state = match bytes {
            Ok(bytes) => parse(size, &bytes, log)?,
            Err(why) => Err(why),
        };
        Ok(state.map_err(|why| Doubt { path, why }))
    }
}

fn parse(size: u64, bytes: &[u8], log: &Log) -> Result<Result<State, Why>, BookError> {
    let Some((content, tail)) = bytes.split_last_chunk::<TAIL_BYTES>() else { return Ok(Err(Why::Damaged)) };
    let mut reader = Reader::new(content);
    if reader.one() != Some(MAGIC) {
        return Ok(Err(Why::Damaged));
    }
    if reader.one() != Some(FORMAT) || reader.bytes() != Some(VERSION.as_bytes()) {
        return Ok(Err(Why::OtherVersion));
    }
    if size == 0 || size > log.size() {
        return Ok(Err(Why::OtherHistory));
    }
    let Some(name) = book_record(log)? else { return Err(BookError::NoBook) };
    if reader.one() != Some(*name.book.as_bytes()) {
        return Ok(Err(Why::OtherBook));
    }
    let root = log.written_root(size)?;
    if reader.one() != Some(size) || reader.one::<[u8; 32]>() != root || root.is_none() {
        return Ok(Err(Why::OtherHistory));
    }
    let start = Reader::new(tail).one::<u64>().and_then(|start| usize::try_from(start).ok());
    let parts = start.and_then(|start| parts(reader, content.get(start..)?));
    let Some(parts) = parts else { return Ok(Err(Why::Damaged)) };
    let mut state = State {
        name: Some(name),
        knowledge: parts.knowledge,
        accounts: parts.accounts,
        recorded: parts.recorded,
        key_ids: parts.key_ids.into_iter().collect(),
        ..State::default()
    };
    for position in parts.plans {
        let bytes = log.entry(u64::from(position))?;
        let entry = Entry::get(&bytes);
        state.publish(&entry.map_err(|source| BookError::Unreadable { position: u64::from(position), source })?);
    }
    Ok(if state.knowledge.size() == size { Ok(state) } else { Err(Why::Damaged) })
}

struct Parts {
    recorded: u64,
    key_ids: Vec<[u8; 16]>,
    plans: Vec<u32>,
    accounts: Accounts,
    knowledge: Knowledge,
}

/// Reads both halves side by side: neither needs the other.
fn parts(mut reader: Reader<'_>, knowledge: &[u8]) -> Option<Parts> {
    let (recorded, key_ids, plans) = (reader.one()?, reader.column()?.all(), reader.column()?.all());
    let (accounts, knowledge) = std::thread::scope(|scope| {
        let knowledge = scope.spawn(|| Knowledge::read(&mut Reader::new(knowledge)));
        let accounts = Accounts::read(&mut reader);
        (accounts, knowledge.join().ok().flatten())
    });
    Some(Parts { recorded, key_ids, plans, accounts: accounts?, knowledge: knowledge? })
}

/// The first entry of every log.
fn book_record(log: &Log) -> Result<Option<BookRecord>, BookError> {
    let bytes = log.entry(0)?;
    let entry = Entry::get(&bytes).map_err(|source| BookError::Unreadable { position: 0, source })?;
    match entry.payload {
        Payload::Record(Record::Book(book)) => Ok(Some(book)),
        Payload::Record(_) | Payload::Fact(_) => Ok(None),
    }
}
