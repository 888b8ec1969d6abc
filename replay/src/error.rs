//! Why a book cannot be opened, read or written.

use std::sync::Arc;

use ledger::keyring::KeysError;
use ledger::log::LogError;
use ledger::wire::WireError;
use thiserror::Error;

/// The format of logs that this version writes and reads (docs/format.md). Format 1 was never released.
pub const FORMAT: u16 = 2;

/// The world failed, or the book is not what it should be.
#[derive(Debug, Error)]
pub enum BookError {
    #[error(transparent)]
    Log(#[from] LogError),
    #[error(transparent)]
    Keys(Arc<KeysError>),
    #[error("`{folder}` is not empty and no book")]
    NotEmpty { folder: String },
    #[error("Entry {position} cannot be read: {source}")]
    Unreadable { position: u64, source: WireError },
    #[error("The log does not begin with a book entry")]
    NoBook,
    #[error("`{book}` has no entry yet: making it was interrupted")]
    Unstarted { book: String },
    #[error("`{book}` is of format {found}; this version of trueup reads format {FORMAT}")]
    Format { book: String, found: u16 },
    #[error("The clock of this machine says {now}, and {last}")]
    Clock { now: String, last: String },
    #[error("{doing} failed: {source}")]
    Io { doing: String, source: std::io::Error },
}

impl From<KeysError> for BookError {
    fn from(error: KeysError) -> BookError {
        BookError::Keys(Arc::new(error))
    }
}
