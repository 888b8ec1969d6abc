//! Copies the undamaged beginning of a damaged book into a new book. The copy has the same bytes, hashes and root, and a
//! head of its own.

use std::io;
use std::path::{Path, PathBuf};

use ledger::log::{Log, LogError};
use ledger::store::Files;
use thiserror::Error;

/// The log of the new book.
#[derive(Debug)]
pub struct Recovered {
    /// The number of its entries.
    pub size: u64,
    /// The root of its tree.
    pub root: [u8; 32],
    /// The number of bytes that were copied.
    pub bytes: u64,
}

/// Why nothing was recovered.
#[derive(Debug, Error)]
pub enum RecoverError {
    /// The damaged log cannot be read that far, or the new log cannot be written.
    #[error(transparent)]
    Log(#[from] LogError),
    /// No append ends at the size that was asked for. Only whole appends are copied.
    #[error("no append ends at size {wanted}; one ends at {below}")]
    NoBoundary {
        /// The size that was asked for.
        wanted: u64,
        /// The largest smaller size at which an append ends.
        below: u64,
    },
    /// The new book would lie in the folder of the damaged one.
    #[error("`{folder}` is in the folder of the damaged book", folder = folder.display())]
    Inside {
        /// The folder of the new book.
        folder: PathBuf,
    },
    /// The folder of the new book has something in it.
    #[error("`{folder}` is not empty", folder = folder.display())]
    Occupied {
        /// The folder of the new book.
        folder: PathBuf,
    },
    /// The folder of the new book cannot be read.
    #[error("{doing} `{path}` failed: {source}", path = path.display())]
    Io {
        /// The operation that failed, as a participle.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
}

/// Checks the first `size` entries of the book in `folder` against the roots of its tree, and writes them into a new book in
/// `out`. The damaged book is only read. The head is written last, so an interrupted copy is not a book.
///
/// Fails if the damage begins before `size`, if no append ends at `size`, or if `out` is not empty or lies in `folder`.
pub fn recover(folder: &Path, size: u64, out: &Path) -> Result<Recovered, RecoverError> {
    let log = Log::open_until(Box::new(Files::at(folder.join("log"))), size)?;
    if log.size() != size {
        return Err(RecoverError::NoBoundary { wanted: size, below: boundary_below(&log, size)? });
    }
    check_every_entry(&log)?;
    must_be_outside(folder, out)?;
    must_be_free(out)?;
    let files = Files::create(out.join("log")).map_err(LogError::from)?;
    match log.copy_to(Box::new(files)) {
        Ok(bytes) => Ok(Recovered { size, root: log.root(), bytes }),
        Err(error) => {
            // An unfinished copy is removed. The folder was empty before, and the copy may be what fills the disk.
            drop(std::fs::remove_dir_all(out.join("log")));
            Err(error.into())
        }
    }
}

fn check_every_entry(log: &Log) -> Result<(), LogError> {
    let mut rehash = log.rehash();
    let (mut frames, mut memory) = (log.frames(0), Vec::new());
    while let Some(held) = frames.next()?.map(|frame| frame.hold(memory)) {
        rehash.check(&held.frame(), frames.given())?;
        memory = held.let_go();
    }
    Ok(())
}

/// The end of the last append that ends at or below a size.
fn boundary_below(log: &Log, size: u64) -> Result<u64, LogError> {
    let mut below = 0;
    let mut frames = log.frames(0);
    while let Some(frame) = frames.next()? {
        if frame.header.end() > size {
            break;
        }
        if frame.header.part == ledger::frame::FramePart::Last {
            below = frame.header.end();
        }
    }
    Ok(below)
}

/// The damaged book is not changed, so nothing is written into its folder.
fn must_be_outside(folder: &Path, out: &Path) -> Result<(), RecoverError> {
    let there = out.ancestors().find_map(|ancestor| {
        let ancestor = if ancestor.as_os_str().is_empty() { Path::new(".") } else { ancestor };
        ancestor.canonicalize().ok()
    });
    match (folder.canonicalize(), there) {
        (Ok(folder), Some(there)) if there.starts_with(&folder) => Err(RecoverError::Inside { folder: out.to_owned() }),
        _ => Ok(()),
    }
}

fn must_be_free(out: &Path) -> Result<(), RecoverError> {
    match std::fs::read_dir(out) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(source) => Err(RecoverError::Io { doing: "looking into", path: out.to_owned(), source }),
        Ok(mut entries) => match entries.next() {
            None => Ok(()),
            Some(_) => Err(RecoverError::Occupied { folder: out.to_owned() }),
        },
    }
}
