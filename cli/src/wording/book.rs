//! What goes wrong with a book's files, in words. The sentence is that of the library's error, which knows no command;
//! the code, the help, and whether the user or the world is to blame are said here.

use std::cmp::Ordering;
use std::io::{self, ErrorKind};

use ledger::keyring::KeysError;
use ledger::log::{Damage, LogError};
use ledger::store::StoreError;
use replay::book::{BookError, FORMAT};
use replay::derived::rejected::CacheRejected;
use replay::recover::RecoverError;
use replay::verify::VerifyError;

use crate::wording::Wording;

/// The codes of a book whose bytes are not what was written.
const DAMAGED: &str = "book-damaged";
const INCOMPLETE: &str = "book-incomplete";

/// What to do about a failure of files that says no more itself.
const LOOK_AT_DISK: &str = "look at the path, its permissions and the room on the disk";
const OWN_BACKUP: &str = "Put back the key file from its own backup";
const RECOVER: &str = "write what is sound into a new book with `trueup recover`";

/// Who can do something about it: this decides the exit status.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Blame {
    /// The command asked for something that cannot be.
    User,
    /// Files, disks, other processes. A script may wait and try again.
    World,
}

use Blame::{User, World};

/// Whether the book's bytes are not what was written: what lies before the damage may be sound.
pub fn is_damage(code: &str) -> bool {
    [DAMAGED, INCOMPLETE].contains(&code)
}

pub fn book_error(error: &BookError) -> (Blame, Wording) {
    let (blame, code, help) = match error {
        BookError::Log(error) => return log_error(error),
        BookError::Keys(error) => return keys_error(error),
        BookError::NotEmpty { .. } => (User, "book-not-empty", "Choose another place"),
        BookError::Unreadable { .. } => {
            let help = "It was written by a newer version of trueup, or damaged; `trueup verify` says which";
            (World, "book-unreadable", help)
        }
        BookError::Unstarted { .. } => {
            (User, "book-missing", "`trueup init` makes it again; nothing was recorded in it")
        }
        BookError::Clock { .. } => {
            let help = "Nothing was recorded: what is recorded later can never have an earlier time. Set the clock \
                        right, then try again";
            (User, "clock-wrong", help)
        }
        BookError::SignerUnknown { .. } => {
            let help = "Record its owner with `trueup author add NAME --key VKEY`, or sign with a key of an author";
            (User, "sign-unknown", help)
        }
        BookError::AuthorNotSigner { .. } => {
            (User, "sign-author", "Leave `--as` out: who signs is the author; or sign with the author's own key")
        }
        BookError::NoBook => (User, "book-missing", "This is no book of trueup"),
        BookError::Format { found, .. } => (User, "book-format", other_version(u32::from(*found), u32::from(FORMAT))),
        BookError::Io { .. } => (World, "io", LOOK_AT_DISK),
    };
    (blame, Wording::new(code, error.to_string(), help))
}

pub fn log_error(error: &LogError) -> (Blame, Wording) {
    let damaged = || {
        format!(
            "Nothing was changed. Put the book back from a backup, or {RECOVER}; `trueup verify` says what is affected, \
             and `--at SIZE` reads what lies before the damage"
        )
    };
    let (blame, code, help) = match error {
        LogError::Store(error) => return store_error(error),
        LogError::Exists { .. } => {
            (User, "book-exists", "Choose another place, or open the one that is there".to_owned())
        }
        LogError::NothingThere { .. } => (User, "book-missing", "Create it first, or name another place".to_owned()),
        LogError::Damaged { damage: Damage::Incomplete | Damage::MissingSegment, .. } => (World, INCOMPLETE, damaged()),
        LogError::Damaged { .. } => (World, DAMAGED, damaged()),
        LogError::Head { .. } => {
            let help = format!(
                "Nothing was changed. Put the file back from a copy of the whole book, or {RECOVER}; `trueup verify` says \
                 what is sound"
            );
            (World, INCOMPLETE, help)
        }
        LogError::OtherVersion { version, reads, .. } => {
            (User, "book-format", other_version(*version, *reads).to_owned())
        }
        LogError::SizeDiffers { .. } => (User, "book-moved-on", "Read again, then decide".to_owned()),
        LogError::OutOfRange { .. } => {
            (User, "position-unknown", "Use a position below the size of the log".to_owned())
        }
        LogError::Unacknowledged { .. } => {
            let help =
                "Whether it is recorded is known at the next start: record it again then, recording twice is harmless";
            (World, "book-unacknowledged", help.to_owned())
        }
        LogError::Broken { .. } => (World, "book-broken", "Find the cause (disk full?), then start again".to_owned()),
    };
    (blame, Wording::new(code, error.to_string(), help))
}

/// What to do with a book of another format.
fn other_version(found: u32, reads: u32) -> &'static str {
    match found.cmp(&reads) {
        Ordering::Less => {
            "Nothing was changed. That format was never released: make a new book, and record the facts and publish the plans \
             again"
        }
        Ordering::Equal | Ordering::Greater => "Nothing was changed. Install the version of trueup that wrote it",
    }
}

pub fn store_error(error: &StoreError) -> (Blame, Wording) {
    let (code, help) = match error {
        StoreError::Locked { .. } => ("book-locked", "Wait until it has finished, or read only"),
        StoreError::Io { .. } => ("io", LOOK_AT_DISK),
        StoreError::Moved { .. } => ("book-moved", "Nothing was written; find out what it is before you go on"),
        StoreError::StrangeName { .. } => ("book-strange-name", "Move it away"),
    };
    (World, Wording::new(code, error.to_string(), help))
}

pub fn keys_error(error: &KeysError) -> (Blame, Wording) {
    let (blame, code, help) = match error {
        KeysError::Io { .. } => (World, "io", LOOK_AT_DISK),
        KeysError::Malformed { .. } | KeysError::TooLong { .. } => (World, "keys-malformed", OWN_BACKUP),
        KeysError::OtherBook { .. } => {
            let help = "put this book's own key file there, or name it with `--keys FILE` (docs/operations.md)";
            (User, "keys-wrong", help)
        }
        KeysError::Exists { .. } => (User, "keys-exist", "move it away, or name another file with `--keys FILE`"),
        KeysError::Known { .. } | KeysError::KnownId => (User, "keys-known", "Nothing was added"),
        KeysError::Broken { .. } => (World, "keys-broken", "Find the cause (disk full?), then start again"),
    };
    (blame, Wording::new(code, error.to_string(), help))
}

pub fn verify_error(error: &VerifyError) -> (Blame, Wording) {
    match error {
        VerifyError::Io { .. } => {
            let help = "Nothing was verified; try again when it can be read";
            (World, Wording::new("io", error.to_string(), help))
        }
        VerifyError::OtherFormat { found, reads, .. } => {
            let help = other_version(*found as u32, *reads as u32);
            (User, Wording::new("book-format", error.to_string(), help))
        }
    }
}

/// `size` is what was to be recovered.
pub fn recover_error(error: &RecoverError, size: u64) -> (Blame, Wording) {
    let (code, message, help) = match error {
        RecoverError::Log(damaged @ LogError::Damaged { .. }) => (
            "recovery-damaged",
            format!("{damaged}, before size {size}"),
            "`trueup verify` says up to which size the book is sound".to_owned(),
        ),
        RecoverError::Log(error) => return log_error(error),
        RecoverError::NoBoundary { wanted, below } => (
            "recovery-size",
            format!("no append ends at size {wanted}"),
            format!("an append is recovered whole or not at all; write `--to {below}`"),
        ),
        RecoverError::Inside { .. } => {
            ("recovery-place", error.to_string(), "name a folder with `--out` outside of it".to_owned())
        }
        RecoverError::Occupied { .. } => {
            ("recovery-occupied", error.to_string(), "name a folder with `--out` that is not there yet".to_owned())
        }
        RecoverError::Io { source, .. } => {
            return (World, Wording::new("io", error.to_string(), what_to_do(source)));
        }
    };
    (User, Wording::new(code, message, help))
}

/// A file that can be made again could not be written.
pub fn derived_unwritten(doubt: &CacheRejected) -> Wording {
    Wording::new("derived-unwritten", doubt.to_string(), format!("Nothing is lost; {LOOK_AT_DISK}"))
}

/// What to do about a file that cannot be read or written.
pub fn what_to_do(error: &io::Error) -> &'static str {
    match error.kind() {
        ErrorKind::NotFound => "look at the spelling of the path, and at the folder in which the command runs",
        ErrorKind::IsADirectory => "it is a folder: name a file in it",
        ErrorKind::PermissionDenied => "look at who may do this with it (`ls -l`), or choose another place",
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "make room on the disk, then try again",
        _ => LOOK_AT_DISK,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_a_full_stop_stays_whole() {
        let book = "Acme Inc. books".to_owned();
        let (_, wording) = store_error(&StoreError::Locked { book: book.clone() });
        assert_eq!(wording.message, "`Acme Inc. books` is being written by another process");
        assert_eq!(wording.help, "Wait until it has finished, or read only");
        let (blame, wording) = log_error(&LogError::Exists { book });
        assert_eq!((blame, wording.message.as_str()), (User, "`Acme Inc. books` has a log already"));
        assert_eq!(wording.help, "Choose another place, or open the one that is there");
    }
}
