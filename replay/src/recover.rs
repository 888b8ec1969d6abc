//! The sound part of a damaged book, written into a new one: the same bytes, hashes and root, and a head of its own.

use std::io;
use std::path::{Path, PathBuf};

use ledger::log::{Log, LogError};
use ledger::store::Files;
use thiserror::Error;

/// What the new book has.
#[derive(Debug)]
pub struct Recovered {
    pub size: u64,
    pub root: [u8; 32],
    pub bytes: u64,
}

#[derive(Debug, Error)]
pub enum RecoverError {
    #[error(transparent)]
    Log(#[from] LogError),
    /// Appends are whole: one ends at `below`, and the next one behind `wanted`.
    #[error("no append ends at size {wanted}; one ends at {below}")]
    NoBoundary { wanted: u64, below: u64 },
    #[error("`{folder}` is in the folder of the damaged book", folder = folder.display())]
    Inside { folder: PathBuf },
    #[error("`{folder}` is not empty", folder = folder.display())]
    Occupied { folder: PathBuf },
    #[error("{doing} `{path}` failed: {source}", path = path.display())]
    Io { doing: &'static str, path: PathBuf, source: io::Error },
}

/// Checks the first `size` entries of the book in `folder`, every entry against the tree's roots, and writes them into a new
/// book in `out`. The old book is only read. The head is written last: what is interrupted is no book.
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
            // Half a copy is no book. The folder was empty before, and the copy may be what fills the disk.
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
