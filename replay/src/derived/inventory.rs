//! Lists a book's derived files and checks their seals, for verification. Nothing is changed.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use ledger::keyring::Keys;

use crate::derived::index::{BEGUN, GONE, seal};
use crate::derived::rejected::RejectedReason;
use crate::derived::schedule_file;
use crate::derived::sealing::{Sealed, Seals, UNFINISHED};
use crate::derived::snapshot;

/// A file or folder among the derived ones.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DerivedFile {
    /// Its path in the book's folder.
    pub file: String,
    /// Whether it can be used.
    pub state: DerivedState,
    /// The size and root of the log that it was made from; `None` unless it carries the seal. A file of a larger log, or of
    /// another root, was made from another log.
    pub of: Option<(u64, [u8; 32])>,
}

/// Whether a derived file can be used.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum DerivedState {
    /// It carries the seal, and was made from the log at its present size. A schedule was made at the last close.
    Good,
    /// It carries the seal, and was made from the log at another size, or by another version of trueup.
    Stale,
    /// It does not carry the seal.
    Forged,
    /// It cannot be read.
    Unreadable,
    /// It is not a file that trueup writes.
    Foreign,
    /// An interrupted write left it.
    Unfinished,
    /// The key file has no secret of the book, so the seal cannot be checked.
    Unknown,
}

impl DerivedState {
    /// The word for it in published JSON.
    pub fn word(self) -> &'static str {
        match self {
            DerivedState::Good => "good",
            DerivedState::Stale => "stale",
            DerivedState::Forged => "forged",
            DerivedState::Unreadable => "unreadable",
            DerivedState::Foreign => "foreign",
            DerivedState::Unfinished => "unfinished",
            DerivedState::Unknown => "unknown",
        }
    }
}

/// The derived files of the book in `folder`, whose log has `size` entries, by name. Fails if they cannot be listed.
pub fn derived_states(folder: &Path, keys: &Keys, size: u64) -> io::Result<Vec<DerivedFile>> {
    let seals = keys.book().map(Seals::of);
    let derived = folder.join("derived");
    let entries = match std::fs::read_dir(&derived) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut names = entries.map(|entry| Ok(entry?.file_name())).collect::<io::Result<Vec<_>>>()?;
    names.sort();
    let state = |name: &std::ffi::OsString| {
        let (file, path) = (format!("derived/{}", name.display()), derived.join(name));
        let (state, of) = state_of(&path, seals.as_ref(), size);
        DerivedFile { file, state, of }
    };
    Ok(names.iter().map(state).collect())
}

/// Compares the files with the roots of a log of `size` entries, by size. A file of another root, or of a larger log, becomes
/// [`DerivedState::Stale`].
pub fn compared(files: Vec<DerivedFile>, size: u64, roots: &BTreeMap<u64, [u8; 32]>) -> Vec<DerivedFile> {
    let compare = |file: DerivedFile| match (file.state, file.of) {
        (DerivedState::Good | DerivedState::Stale, Some((at, root))) => {
            let is_of_this_log = roots.get(&at) == Some(&root);
            let is_good = is_of_this_log && (at == size || file.state == DerivedState::Good);
            DerivedFile { state: if is_good { DerivedState::Good } else { DerivedState::Stale }, ..file }
        }
        _ => file,
    };
    files.into_iter().map(compare).collect()
}

fn state_of(path: &Path, seals: Option<&Seals>, size: u64) -> (DerivedState, Option<(u64, [u8; 32])>) {
    let name = path.file_name().unwrap_or_default();
    let ends_with = |end: &str| path.extension().is_some_and(|extension| extension == end);
    if ends_with(UNFINISHED) || name == BEGUN || name == GONE {
        return (DerivedState::Unfinished, None);
    }
    let is_schedule = name == schedule_file::NAME;
    if !is_schedule && !ends_with(snapshot::EXTENSION) && !ends_with(crate::derived::index::EXTENSION) {
        return (DerivedState::Foreign, None);
    }
    let Some(seals) = seals else { return (DerivedState::Unknown, None) };
    let found = match () {
        () if is_schedule => schedule_file::sealed(path, seals.schedule),
        () if ends_with(snapshot::EXTENSION) => snapshot::sealed(path, seals.snapshot),
        () => seal::sealed(path, seals.index),
    };
    match found {
        Ok(Sealed { is_current: true, of: Some(of) }) if is_schedule || of.0 == size => (DerivedState::Good, Some(of)),
        Ok(Sealed { of, .. }) => (DerivedState::Stale, of),
        Err(RejectedReason::Unreadable(_) | RejectedReason::Unwritten(_)) => (DerivedState::Unreadable, None),
        Err(
            RejectedReason::Damaged
            | RejectedReason::OtherVersion
            | RejectedReason::OtherBook
            | RejectedReason::OtherHistory,
        ) => (DerivedState::Forged, None),
    }
}
