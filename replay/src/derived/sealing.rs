//! What derived files are sealed with, and how they are written and opened.
//!
//! Anybody can compute a plain digest, so a file beside the log could say what it liked. Its digests are keyed: the keys follow from a
//! secret of the book that lies with the keys of its persons, outside of its folder. What does not carry the seal is not used.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use ledger::keyring::BookSecret;

/// The key of one kind of derived file.
#[derive(Copy, Clone, PartialEq, Eq)]
pub struct SealKey([u8; 32]);

/// A secret is not printed, not even by accident.
impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealKey")
    }
}

impl SealKey {
    pub fn hash(&self, bytes: &[u8]) -> blake3::Hash {
        blake3::keyed_hash(&self.0, bytes)
    }

    pub fn hasher(&self) -> blake3::Hasher {
        blake3::Hasher::new_keyed(&self.0)
    }
}

/// The keys of all kinds of derived files of a book.
#[derive(Copy, Clone, Debug)]
pub struct Seals {
    pub snapshot: SealKey,
    pub index: SealKey,
    pub schedule: SealKey,
}

impl Seals {
    pub fn of(secret: &BookSecret) -> Seals {
        // Contexts of BLAKE3's key derivation: never changed, and used for nothing else.
        let key = |context| SealKey(secret.key(context));
        Seals {
            snapshot: key("trueup 2026-11 derived files: snapshots"),
            index: key("trueup 2026-11 derived files: the index"),
            schedule: key("trueup 2026-11 derived files: the schedule"),
        }
    }
}

/// What carries the seal: whether this version wrote it, and the size and root that it is of.
pub(crate) struct Sealed {
    pub(crate) is_current: bool,
    pub(crate) of: Option<(u64, [u8; 32])>,
}

/// The end of the names of files that are being written.
pub const UNFINISHED: &str = "unfinished";

/// Puts a file in the place of another, whole: a reader sees the one or the other. It is written beside the path, where nothing is
/// and no link is followed, and then renamed. On failure nothing is left of it.
pub fn replace(path: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    let beside = path.with_extension(UNFINISHED);
    remove_file(&beside)?;
    let written = File::create_new(&beside).and_then(|mut file| write(&mut file));
    let placed = written.and_then(|()| std::fs::rename(&beside, path));
    if placed.is_err() {
        // What went wrong first is told.
        drop(remove_file(&beside));
    }
    placed
}

/// Makes the folder of derived files. A link in its place is refused: it leads to files of somebody else.
pub fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_symlink() {
        return Err(io::Error::other(format!("`{}` is a link, and should be a folder", folder.display())));
    }
    std::fs::create_dir_all(folder)
}

/// Removes what a write left that was cut short, so that a full disk does not stay full. What cannot be removed stays: the next write
/// of the same name says why.
pub fn remove_unfinished(folder: &Path) {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let unfinished =
        entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|end| end == UNFINISHED));
    for path in unfinished {
        drop(remove_file(&path));
    }
}

/// A link is removed itself, and not what it names.
fn remove_file(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Opens a file to be read. A pipe, a device or a link is refused: it may have no end, or keep whoever opens it waiting.
pub fn open_plain(path: &Path) -> io::Result<File> {
    if !std::fs::symlink_metadata(path)?.is_file() {
        return Err(io::Error::other("it is no plain file"));
    }
    File::open(path)
}

/// All bytes of a small file that trueup wrote.
pub(crate) fn all_bytes(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = open_plain(path)?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}
