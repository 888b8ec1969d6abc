//! Why a book cannot be opened, read or written.

use std::sync::Arc;

use ledger::id::Name;
use ledger::keyring::KeysError;
use ledger::log::LogError;
use ledger::signing::PublicKey;
use ledger::wire::WireError;
use thiserror::Error;

/// The format of logs that this version writes and reads (docs/format.md). Format 1 was never released.
pub const FORMAT: u16 = 2;

/// A file or the clock failed, or the book is damaged or no book.
#[derive(Debug, Error)]
pub enum BookError {
    /// The log cannot be opened, read or written.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The key file cannot be used.
    #[error(transparent)]
    Keys(Arc<KeysError>),
    /// A book would be made in a folder that has other files in it.
    #[error("`{folder}` is not empty and no book")]
    NotEmpty {
        /// The folder.
        folder: String,
    },
    /// The bytes of an entry are not those of an entry.
    #[error("Entry {position} cannot be read: {source}")]
    Unreadable {
        /// The position of the entry in the log.
        position: u64,
        /// What is wrong with its bytes.
        source: WireError,
    },
    /// The first entry of the log does not name a book.
    #[error("The log does not begin with a book entry")]
    NoBook,
    /// The log is empty: making the book was interrupted.
    #[error("`{book}` has no entry yet: making it was interrupted")]
    Unstarted {
        /// The path of the log.
        book: String,
    },
    /// The book has a format that this version does not read.
    #[error("`{book}` is of format {found}; this version of trueup reads format {FORMAT}")]
    Format {
        /// The name of the book.
        book: String,
        /// Its format.
        found: u16,
    },
    /// The clock is so far ahead that it must be wrong.
    #[error("The clock of this machine says {now}, and {last}")]
    Clock {
        /// The time of the clock.
        now: String,
        /// Why it must be wrong, as a clause.
        last: String,
    },
    /// A key that should sign is of nobody whom the book knows.
    #[error("The key `{key}` is of no author of the book")]
    SignerUnknown {
        /// The public key.
        key: PublicKey,
    },
    /// The author that is named is not one of those who sign.
    #[error("The author is `{author}`, and the key is that of `{signer}`")]
    AuthorNotSigner {
        /// The author that is named.
        author: String,
        /// The author whose key signs.
        signer: Name,
        /// The key.
        key: PublicKey,
    },
    /// The operating system reported an error.
    #[error("{doing} failed: {source}")]
    Io {
        /// The operation that failed, as a participle with its file.
        doing: String,
        /// The error.
        source: std::io::Error,
    },
}

impl From<KeysError> for BookError {
    fn from(error: KeysError) -> BookError {
        BookError::Keys(Arc::new(error))
    }
}
