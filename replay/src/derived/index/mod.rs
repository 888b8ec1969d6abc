//! The index: the positions in the log at which an id or a name is used. Usage is not in it; the state finds usage.
//!
//! `derived/SIZE.index` in a book's folder is a folder of files of the database sled, with a seal. It holds all entries below
//! that size. Like a snapshot it is never needed and never trusted: it is used only if its digest is right and it was made from
//! this log, and every entry that it names is checked itself. sled writes to its files even when it reads, so a reader copies
//! the index while it compares the digest, and opens the copy. A writer makes a new index from a copy of the last one, and
//! renames it.

mod base;
pub(crate) mod seal;

use std::io;
use std::path::{Path, PathBuf};

use ledger::entry::{Entry, EntryPrefix};
use ledger::log::Log;
use ledger::usage::USAGE;
use projections::position::Position;
use uuid::Uuid;

use crate::derived::entry_names::each_name;
use crate::derived::index::base::Pair;
pub use crate::derived::index::base::{Key, THREAD};
use crate::derived::index::seal::{Seal, base_in};
use crate::derived::rejected::{CacheRejected, RejectedReason};
use crate::derived::sealing::{self, SealKey};

pub(crate) const EXTENSION: &str = "index";
pub(crate) const BEGUN: &str = "index.begun";
pub(crate) const GONE: &str = "index.gone";
const COPY: &str = "copy";

/// The key of an id.
pub fn id_key(id: Uuid) -> Key {
    key(id.as_bytes())
}

/// The key of a name.
pub fn name_key(name: &str) -> Key {
    key(name.as_bytes())
}

fn key(bytes: &[u8]) -> Key {
    *blake3::hash(bytes).as_bytes().first_chunk().expect("8 of 32 bytes")
}

/// The indexes of a book.
pub(crate) struct Indexes<'b> {
    pub(crate) folder: &'b Path,
    pub(crate) log: &'b Log,
    pub(crate) book: [u8; 16],
    pub(crate) key: SealKey,
}

/// The answer of an index.
#[derive(Default)]
pub(crate) struct Answer {
    /// The size of the log that it was made from: it has all entries below, and none from here on.
    pub(crate) below: u64,
    /// For each key that was asked for: positions of its entries, and perhaps of others with the same key.
    pub(crate) positions: Vec<Vec<Position>>,
    /// Indexes that were not used.
    pub(crate) rejected: Vec<CacheRejected>,
}

impl Answer {
    /// The answer without positions from a size on.
    pub(crate) fn below(mut self, size: u64) -> Answer {
        self.below = self.below.min(size);
        self.positions.iter_mut().for_each(|found| found.retain(|position| u64::from(*position) < size));
        self
    }
}

/// The indexes in a folder, the newest first.
pub(crate) fn list(folder: &Path) -> Vec<PathBuf> {
    // A folder that is missing or cannot be listed has no index.
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let paths = entries.map(|entry| entry.path());
    let mut all: Vec<PathBuf> = paths.filter(|path| path.extension().is_some_and(|end| end == EXTENSION)).collect();
    all.sort_by(|a, b| b.cmp(a));
    all
}

impl Indexes<'_> {
    /// Asks the first good index. `scratch` makes an empty folder for a copy, and is called once for each index.
    pub(crate) fn ask<S: AsRef<Path>>(
        &self,
        listed: &[PathBuf],
        keys: &[Key],
        scratch: impl Fn() -> io::Result<S>,
    ) -> Answer {
        let mut answer = Answer::default();
        for path in listed {
            match self.ask_one(path, keys, &scratch) {
                Ok((below, positions)) => return Answer { below, positions, ..answer },
                // A writer has replaced it.
                Err(_) if !path.exists() => {}
                Err(reason) => answer.rejected.push(CacheRejected { path: path.clone(), reason }),
            }
        }
        answer
    }

    fn ask_one<S: AsRef<Path>>(
        &self,
        path: &Path,
        keys: &[Key],
        scratch: impl Fn() -> io::Result<S>,
    ) -> Result<(u64, Vec<Vec<Position>>), RejectedReason> {
        let seal = self.seal_of(path)?;
        let scratch = scratch().map_err(unreadable)?;
        let copy = scratch.as_ref().join(COPY);
        seal.check(path, Some(&copy), self.key)?;
        Ok((seal.size, base::ask(&copy, seal.size, keys)?))
    }

    /// The seal of an index, if it names this log. The digest is not compared yet.
    fn seal_of(&self, path: &Path) -> Result<Seal, RejectedReason> {
        let seal = Seal::read(path)?;
        if seal.book != self.book {
            return Err(RejectedReason::OtherBook);
        }
        let root = || self.log.written_root(seal.size).map_err(|error| RejectedReason::Unreadable(error.to_string()));
        let is_ours = self.path_of(seal.size) == path && root()? == Some(seal.root);
        if is_ours { Ok(seal) } else { Err(RejectedReason::OtherHistory) }
    }

    fn path_of(&self, size: u64) -> PathBuf {
        self.folder.join(format!("{size:020}.{EXTENSION}"))
    }

    /// Removes what an interrupted write left.
    pub(crate) fn tidy(&self) -> Result<(), CacheRejected> {
        [BEGUN, GONE].into_iter().try_for_each(|name| {
            let path = self.folder.join(name);
            remove(&path).map_err(|reason| CacheRejected { path, reason: reason.of_writing() })
        })
    }

    /// The size of the newest good index, and the newer ones that are rejected.
    pub(crate) fn newest(&self) -> (Option<u64>, Vec<CacheRejected>) {
        let mut rejected = Vec::new();
        for path in list(self.folder) {
            let checked = self.seal_of(&path).and_then(|seal| seal.check(&path, None, self.key).map(|()| seal.size));
            match checked {
                Ok(size) => return (Some(size), rejected),
                Err(reason) => rejected.push(CacheRejected { path, reason }),
            }
        }
        (None, rejected)
    }

    /// Writes an index of the whole log, and removes all others. Starts from the good index of size `from`, if there is one.
    pub(crate) fn write(&self, from: Option<u64>) -> Result<(), CacheRejected> {
        let path = self.path_of(self.log.size());
        let written = self.write_beside(&path, from);
        if written.is_err() {
            drop(remove(&self.folder.join(BEGUN)));
        }
        written.map_err(|reason| CacheRejected { path, reason: reason.of_writing() })
    }

    fn write_beside(&self, path: &Path, from: Option<u64>) -> Result<(), RejectedReason> {
        let begun = self.folder.join(BEGUN);
        sealing::make_folder(self.folder).map_err(unreadable)?;
        remove(&begun)?;
        std::fs::create_dir(&begun).map_err(unreadable)?;
        std::fs::create_dir_all(base_in(&begun)).map_err(unreadable)?;
        let mut pairs = from.map_or(Ok(Vec::new()), |from| self.pairs_of(from, &begun.join(COPY)))?;
        self.add_pairs(from.unwrap_or(0), &mut pairs)?;
        base::write(&base_in(&begun), self.log.size(), pairs)?;
        let seal = Seal { book: self.book, size: self.log.size(), root: self.log.root() };
        seal.write(&begun, self.key).map_err(unreadable)?;
        self.discard(path)?;
        std::fs::rename(&begun, path).map_err(unreadable)?;
        list(self.folder).iter().filter(|other| *other != path).try_for_each(|other| self.discard(other))
    }

    /// Removes an index. It is renamed first, so that no reader sees it incomplete.
    fn discard(&self, path: &Path) -> Result<(), RejectedReason> {
        let gone = self.folder.join(GONE);
        remove(&gone)?;
        match std::fs::rename(path, &gone) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(unreadable(error)),
            Ok(()) | Err(_) => remove(&gone),
        }
    }

    /// All pairs of a good index.
    fn pairs_of(&self, size: u64, copy: &Path) -> Result<Vec<Pair>, RejectedReason> {
        let path = self.path_of(size);
        self.seal_of(&path)?.check(&path, Some(copy), self.key)?;
        let pairs = base::read(copy, size)?;
        remove(copy).map(|()| pairs)
    }

    /// Adds the pairs of the entries from a position on, usage excepted.
    fn add_pairs(&self, from: u64, pairs: &mut Vec<Pair>) -> Result<(), RejectedReason> {
        let mut frames = self.log.frames(from);
        while let Some(frame) = frames.next().map_err(|error| RejectedReason::Unreadable(error.to_string()))? {
            for (_, bytes) in frame.entries().filter(|(position, _)| *position >= from) {
                add_entry(bytes, pairs).map_err(|error| RejectedReason::Unreadable(error.to_string()))?;
            }
        }
        Ok(())
    }
}

fn add_entry(bytes: &[u8], pairs: &mut Vec<Pair>) -> Result<(), ledger::wire::WireError> {
    // The state finds usage in its runs.
    if EntryPrefix::get(bytes)?.code == USAGE {
        return Ok(());
    }
    let entry = Entry::get(bytes)?;
    let position = entry.position as Position;
    pairs.push((id_key(entry.id), position));
    each_name(&entry, |name| pairs.push((name_key(name), position)));
    Ok(())
}

/// Removes a file or a folder, if it exists.
fn remove(path: &Path) -> Result<(), RejectedReason> {
    // Of a link, the link is removed.
    let removed =
        if path.is_dir() && !path.is_symlink() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(unreadable(error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

fn unreadable(error: io::Error) -> RejectedReason {
    RejectedReason::Unreadable(error.to_string())
}
