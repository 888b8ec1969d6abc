//! The seals of derived files, and how the files are written and opened.
//!
//! Any program can compute a plain digest, so a plain digest would not tell a forged file. The digests of derived files are
//! keyed. The keys are derived from the book's secret, which is in the key file, outside of the book's folder. A file without
//! the seal is not used.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use ledger::keyring::BookSecret;

/// The key of one kind of derived file.
#[derive(Copy, Clone, PartialEq, Eq)]
pub struct SealKey([u8; 32]);

/// Keeps the key out of logs and messages.
impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealKey")
    }
}

impl SealKey {
    /// The keyed digest of some bytes.
    pub fn hash(&self, bytes: &[u8]) -> blake3::Hash {
        blake3::keyed_hash(&self.0, bytes)
    }

    /// Starts a keyed digest.
    pub fn hasher(&self) -> blake3::Hasher {
        blake3::Hasher::new_keyed(&self.0)
    }
}

/// The keys of all kinds of derived files of a book.
#[derive(Copy, Clone, Debug)]
pub struct Seals {
    /// The key of snapshots.
    pub snapshot: SealKey,
    /// The key of indexes.
    pub index: SealKey,
    /// The key of schedules.
    pub schedule: SealKey,
}

impl Seals {
    /// Derives the keys from the book's secret.
    pub fn of(secret: &BookSecret) -> Seals {
        // Contexts of BLAKE3's key derivation. They never change, and are used for nothing else.
        let key = |context| SealKey(secret.key(context));
        Seals {
            snapshot: key("trueup 2026-11 derived files: snapshots"),
            index: key("trueup 2026-11 derived files: the index"),
            schedule: key("trueup 2026-11 derived files: the schedule"),
        }
    }
}

/// A derived file that carries the seal: whether this version wrote it, and the size and root of the log it was made from.
pub(crate) struct Sealed {
    pub(crate) is_current: bool,
    pub(crate) of: Option<(u64, [u8; 32])>,
}

/// The extension of files that are being written.
pub const UNFINISHED: &str = "unfinished";

/// Replaces a file so that readers see either the old or the new one. The new file is written beside it, without following a
/// link, and then renamed. If that fails, the new file is removed and the error returned.
pub fn replace(path: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    let beside = path.with_extension(UNFINISHED);
    remove_file(&beside)?;
    let written = File::create_new(&beside).and_then(|mut file| write(&mut file));
    let placed = written.and_then(|()| std::fs::rename(&beside, path));
    if placed.is_err() {
        // The first error is reported.
        drop(remove_file(&beside));
    }
    placed
}

/// Makes the folder of derived files. Fails if the path is a link, which could lead to files of another user.
pub fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_symlink() {
        return Err(io::Error::other(format!("`{}` is a link, and should be a folder", folder.display())));
    }
    std::fs::create_dir_all(folder)
}

/// Removes files that an interrupted write left, so that a full disk does not stay full. A file that cannot be removed stays; the
/// next write of the same name reports the error.
pub fn remove_unfinished(folder: &Path) {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let unfinished =
        entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|end| end == UNFINISHED));
    for path in unfinished {
        drop(remove_file(&path));
    }
}

/// Removes a file, if there is one. Of a link, the link is removed.
fn remove_file(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Opens a file for reading. Fails for a pipe, a device or a link: reading could block or never end.
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
