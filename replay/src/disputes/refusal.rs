//! Why a dispute is not opened, answered or resolved, as data.

use ledger::date::Month;
use ledger::fact::DisputeOutcome;
use ledger::id::PayeeId;
use projections::lines::LineName;

use crate::authority::refusal::AuthorityRefusal;
use crate::error::BookError;
use crate::pay::refusal::PayRefusal;

/// Why a dispute is not opened, answered or resolved.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DisputeRefusal {
    /// The payee is unknown, or the month is not closed.
    Pay(PayRefusal),
    /// There is neither a reason nor an answer in a text.
    TextMissing,
    /// A text is too long to be kept.
    TextTooLong {
        /// Its bytes.
        bytes: usize,
        /// The most that a text may have.
        most: usize,
    },
    /// The statement has no such line, and none of this name was measured.
    LineUnknown {
        /// The payee.
        payee: PayeeId,
        /// The month.
        period: Month,
        /// The line that was named.
        line: String,
        /// The known line that is spelled nearly so.
        nearest: Option<String>,
    },
    /// The line or statement is under dispute already.
    AlreadyOpen {
        /// The number of the open dispute.
        dispute: u64,
        /// The line; the whole statement where it is `None`.
        line: Option<LineName>,
    },
    /// A position that is not in the log.
    PositionUnknown {
        /// The position.
        position: u64,
        /// The size of the log.
        size: u64,
    },
    /// More entries and files than a dispute may name.
    TooMuchEvidence {
        /// How many were named.
        count: usize,
        /// The most that may be named.
        most: usize,
    },
    /// There is no dispute of this number.
    Unknown {
        /// The number.
        dispute: u64,
        /// How many disputes there are.
        count: u64,
    },
    /// The dispute was resolved before.
    Resolved {
        /// The number.
        dispute: u64,
        /// How it ended.
        outcome: DisputeOutcome,
        /// The entry that resolved it.
        position: u64,
    },
    /// An accepted dispute names the entry that corrects what was wrong, and none is named.
    CorrectionMissing,
    /// Nothing is corrected by a dispute that is not accepted, and an entry is named.
    CorrectionUnused {
        /// The outcome.
        outcome: DisputeOutcome,
    },
    /// The entry that should correct something does not.
    Correction {
        /// Its position.
        position: u64,
        /// Why it does not.
        fault: CorrectionFault,
    },
}

/// Why an entry does not correct what a dispute is about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CorrectionFault {
    /// It was recorded before the dispute was opened.
    Before {
        /// The entry that opened the dispute.
        opened: u64,
    },
    /// Entries of its kind correct nothing.
    Kind {
        /// The kind.
        kind: &'static str,
    },
    /// It is an adjustment or a write-off of another payee.
    OtherPayee {
        /// The payee.
        payee: PayeeId,
    },
    /// It was replaced or retracted.
    Ended {
        /// The entry that ended it.
        by: u64,
    },
}

/// Why a dispute was not opened, answered or resolved.
#[derive(Debug, thiserror::Error)]
pub enum DisputeError {
    /// It is refused: every reason.
    #[error("refused: {0:?}")]
    Refused(Vec<DisputeRefusal>),
    /// The policy does not allow it to those who sign it.
    #[error("not allowed: {0:?}")]
    NotAllowed(#[from] AuthorityRefusal),
    /// A file cannot be read or written, or the book is damaged.
    #[error(transparent)]
    Book(#[from] BookError),
}

impl From<DisputeRefusal> for DisputeError {
    fn from(refusal: DisputeRefusal) -> DisputeError {
        DisputeError::Refused(vec![refusal])
    }
}
