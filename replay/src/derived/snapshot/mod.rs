//! Snapshots: the state folded up to a size of the log, as one file. Opening a large book reads it instead of the whole log.
//!
//! A snapshot is never needed and never trusted. If it is missing, damaged, of another version, book or history, or without the
//! book's seal, the log is folded from its first entry, and a note says why the snapshot was not used. docs/format.md does not
//! describe the format, because only the version that wrote a snapshot reads it.

mod parts;

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ledger::entry::Entry;
use ledger::fact::{BookRecord, Payload, Record};
use ledger::log::Log;
use projections::authority::Authority;
use projections::encoding::Decoder;
use projections::knowledge::Knowledge;
use projections::posted_state::PostedState;

use crate::derived::rejected::{CacheRejected, RejectedReason};
use crate::derived::sealing::{self, SealKey, Sealed, Seals, open_plain};
use crate::error::BookError;
use crate::state::State;
use parts::{PartsIn, PartsOut, exactly};

/// The snapshots in a book's folder of derived files.
#[derive(Clone, Debug)]
pub struct Snapshots {
    folder: PathBuf,
    seals: Seals,
}

/// The first bytes of a snapshot. No segment of a log and no text begins with them.
const MAGIC: [u8; 8] = *b"\xFFfolded\n";
/// Raise this with every change of the folded state, or of how it is written.
const FORMAT: u32 = 15;
const VERSION: &str = env!("CARGO_PKG_VERSION");
pub(crate) const EXTENSION: &str = "snapshot";

/// A snapshot that was read, and not yet compared with the log.
pub struct Candidate {
    size: u64,
    path: PathBuf,
    content: Result<Content, RejectedReason>,
}

/// The content of a snapshot.
struct Content {
    book: [u8; 16],
    root: [u8; 32],
    recorded: u64,
    /// The ids of keys that seal personal fields, and the first entry that each sealed.
    sealed: Vec<([u8; 16], u32)>,
    /// The positions at which plans were published; their texts are read from the log.
    plans: Vec<u32>,
    posted: PostedState,
    authority: Authority,
    knowledge: Knowledge,
}

impl Snapshots {
    pub fn at(folder: PathBuf, seals: Seals) -> Snapshots {
        Snapshots { folder, seals }
    }

    pub fn seals(&self) -> Seals {
        self.seals
    }

    /// The sizes and paths of snapshots of at most `most` entries, the newest first.
    pub fn list(&self, most: u64) -> Vec<(u64, PathBuf)> {
        // A folder that is missing or cannot be listed has no snapshot.
        let entries = std::fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let sized = entries.filter_map(|entry| size_of(&entry.path()).map(|size| (size, entry.path())));
        let mut all: Vec<(u64, PathBuf)> = sized.filter(|(size, _)| *size <= most).collect();
        all.sort_by(|a, b| b.cmp(a));
        all
    }

    /// Reads a snapshot; `None` if it is gone, because a writer has replaced it.
    pub fn read(&self, (size, path): (u64, PathBuf)) -> Option<Candidate> {
        let open = || {
            let file = open_plain(&path)?;
            if is_of_another_format(&file)? {
                Ok(Err(RejectedReason::OtherVersion))
            } else {
                PartsIn::of(file, self.seals.snapshot)
            }
        };
        let content = match open() {
            Ok(parts) => parts.and_then(|parts| parse(size, parts)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Err(RejectedReason::Damaged),
            Err(error) => Err(RejectedReason::Unreadable(error.to_string())),
        };
        Some(Candidate { size, path, content })
    }

    /// Writes a snapshot and removes all others. Readers never see an unfinished one. Returns its size.
    pub(crate) fn write(&self, state: &State, root: [u8; 32]) -> Result<u64, CacheRejected> {
        let size = state.knowledge.size();
        let path = self.folder.join(format!("{size:020}.{EXTENSION}"));
        let written = self.write_beside(&path, state, root);
        written
            .map_err(|error| CacheRejected { path, reason: RejectedReason::Unwritten(error.to_string()) })
            .map(|()| size)
    }

    fn write_beside(&self, path: &Path, state: &State, root: [u8; 32]) -> io::Result<()> {
        sealing::make_folder(&self.folder)?;
        sealing::replace(path, |file| {
            let mut failed = Ok(());
            format(state, root, self.seals.snapshot, &mut |bytes| {
                if failed.is_ok() {
                    failed = file.write_all(bytes);
                }
            });
            failed
        })?;
        self.remove_others(path)
    }

    fn remove_others(&self, kept: &Path) -> io::Result<()> {
        for entry in std::fs::read_dir(&self.folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|end| end == EXTENSION) && path != kept {
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

/// The bytes of a snapshot.
pub(crate) fn format(state: &State, root: [u8; 32], key: SealKey, sink: &mut dyn FnMut(&[u8])) {
    let book = state.name.as_ref().expect("a book without a book entry is not opened");
    let plans = state.rules.plans().flat_map(|(_, versions)| versions).map(|published| published.position);
    let mut plans: Vec<u32> = plans.collect();
    plans.sort_unstable();
    let mut parts = PartsOut::new(sink, key);
    parts.put(&|out| {
        out.part(&MAGIC);
        out.one(FORMAT);
        out.bytes(VERSION.as_bytes());
        out.one(*book.book.as_bytes());
        out.one(root);
        out.one(state.recorded);
        out.column(state.sealed.keys().copied());
        out.column(state.sealed.values().copied());
        out.column(plans.iter().copied());
    });
    parts.put(&|out| {
        state.posted.write(out);
        state.authority.write(out);
    });
    state.knowledge.write(&mut |write| parts.put(write));
    parts.finish();
}

/// Whether a snapshot has another format. The place of the digests depends on the format.
fn is_of_another_format(file: &File) -> io::Result<bool> {
    let mut head = [0; MAGIC.len() + size_of_val(&FORMAT)];
    exactly(file, 0, &mut head)?;
    let (magic, format) = head.split_at(MAGIC.len());
    Ok(*magic == MAGIC && *format != FORMAT.to_le_bytes())
}

/// Checks the seal of a snapshot, and returns the size and root that it belongs to.
pub(crate) fn sealed(path: &Path, key: SealKey) -> Result<Sealed, RejectedReason> {
    let opened = open_plain(path).and_then(|file| PartsIn::of(file, key));
    let parts = match opened {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Err(RejectedReason::Damaged),
        opened => opened.map_err(|error| RejectedReason::Unreadable(error.to_string()))??,
    };
    let (mut head, mut memory) = (Vec::new(), Vec::new());
    let whole =
        parts.get(0, &mut head).is_some() && (1..parts.count()).all(|part| parts.get(part, &mut memory).is_some());
    if !whole {
        return Err(parts.reason());
    }
    let mut reader = Decoder::new(&head);
    let is_current =
        reader.one() == Some(MAGIC) && reader.one() == Some(FORMAT) && reader.bytes() == Some(VERSION.as_bytes());
    let mut root = || {
        let _book: [u8; 16] = reader.one()?;
        reader.one()
    };
    let of = if is_current { size_of(path).zip(root()) } else { None };
    Ok(Sealed { is_current, of })
}

fn parse(size: u64, parts: PartsIn) -> Result<Content, RejectedReason> {
    let mut memory = Vec::new();
    if parts.get(0, &mut memory).is_none() {
        return Err(parts.reason());
    }
    let mut reader = Decoder::new(&memory);
    if reader.one() != Some(MAGIC) {
        return Err(RejectedReason::Damaged);
    }
    if reader.one() != Some(FORMAT) || reader.bytes() != Some(VERSION.as_bytes()) {
        return Err(RejectedReason::OtherVersion);
    }
    let Some(content) = parse_content(reader, &parts) else { return Err(parts.reason()) };
    if content.knowledge.size() == size { Ok(content) } else { Err(RejectedReason::OtherHistory) }
}

fn parse_content(mut reader: Decoder<'_>, parts: &PartsIn) -> Option<Content> {
    let (book, root) = (reader.one()?, reader.one()?);
    let (recorded, key_ids, first) = (reader.one()?, reader.column::<[u8; 16]>()?.all(), reader.column::<u32>()?.all());
    let sealed = key_ids.into_iter().zip(first).collect();
    let plans = reader.column()?.all();
    reader.end()?;
    // In two threads: neither part needs the other.
    let (posted, knowledge) = std::thread::scope(|scope| {
        let posted = scope.spawn(|| {
            let mut memory = Vec::new();
            parts.get(1, &mut memory)?;
            let mut reader = Decoder::new(&memory);
            let both = (PostedState::read(&mut reader)?, Authority::read(&mut reader)?);
            reader.end().map(|()| both)
        });
        let knowledge = Knowledge::read(&|part, memory| parts.get(part, memory), 2);
        let knowledge = knowledge.filter(|(_, behind)| *behind == parts.count());
        (posted.join().ok().flatten(), knowledge)
    });
    let (posted, authority) = posted?;
    Some(Content { book, root, recorded, sealed, plans, posted, authority, knowledge: knowledge?.0 })
}

impl Candidate {
    /// The state in the snapshot, if it belongs to this log.
    pub(crate) fn state(self, log: &Log) -> Result<Result<State, CacheRejected>, BookError> {
        let Candidate { size, path, content } = self;
        let state = match content {
            Ok(content) => content.of(size, log)?,
            Err(reason) => Err(reason),
        };
        Ok(state.map_err(|reason| CacheRejected { path, reason }))
    }
}

impl Content {
    fn of(self, size: u64, log: &Log) -> Result<Result<State, RejectedReason>, BookError> {
        if size == 0 || size > log.size() {
            return Ok(Err(RejectedReason::OtherHistory));
        }
        let Some(name) = book_record(log)? else { return Err(BookError::NoBook) };
        if self.book != *name.book.as_bytes() {
            return Ok(Err(RejectedReason::OtherBook));
        }
        if log.written_root(size)? != Some(self.root) {
            return Ok(Err(RejectedReason::OtherHistory));
        }
        let mut state = State {
            name: Some(name),
            knowledge: self.knowledge,
            posted: Arc::new(self.posted),
            authority: Arc::new(self.authority),
            recorded: self.recorded,
            sealed: Arc::new(self.sealed.into_iter().collect()),
            rules: Arc::default(),
            schedule: Arc::default(),
        };
        for position in self.plans.into_iter().map(u64::from) {
            let bytes = log.entry(position)?;
            let entry = Entry::get(&bytes).map_err(|source| BookError::Unreadable { position, source })?;
            let Payload::Record(Record::Plan(published)) = &entry.payload else {
                return Ok(Err(RejectedReason::OtherHistory));
            };
            state.publish(position, published);
        }
        Ok(Ok(state))
    }
}

/// The first entry of every log.
pub(crate) fn book_record(log: &Log) -> Result<Option<BookRecord>, BookError> {
    let bytes = log.entry(0)?;
    let entry = Entry::get(&bytes).map_err(|source| BookError::Unreadable { position: 0, source })?;
    match entry.payload {
        Payload::Record(Record::Book(book)) => Ok(Some(book)),
        Payload::Record(_) | Payload::Fact(_) => Ok(None),
    }
}
