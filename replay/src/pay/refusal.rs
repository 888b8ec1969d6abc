//! Why nothing is approved, held, paid or repaid, as data.

use ledger::date::Month;
use ledger::fact::{OwedOrDraw, PayoutStatus};
use ledger::id::PayeeId;
use ledger::money::{Currency, Money};

use crate::authority::refusal::AuthorityRefusal;
use crate::error::BookError;

/// Why nothing is approved, held, paid or repaid.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PayRefusal {
    /// The month is not closed.
    NotClosed {
        /// The month.
        period: Month,
        /// The first and the last month that are closed.
        closed: Option<[Month; 2]>,
    },
    /// Nobody of this name was ever paid or recorded.
    PayeeUnknown {
        /// The name.
        payee: PayeeId,
        /// The known payee that is spelled nearly so.
        nearest: Option<PayeeId>,
    },
    /// What the close and those before it made payable is approved, paid or set off already.
    NothingToApprove {
        /// The month.
        period: Month,
    },
    /// What the close made payable was rejected: a later close has to be approved.
    Rejected {
        /// The month.
        period: Month,
    },
    /// What the close made payable is paid, set off or rejected already.
    NothingToReject {
        /// The month.
        period: Month,
    },
    /// A reason is required, and none is given.
    NoReason,
    /// An amount that is not above 0.
    NotPositive {
        /// The amount.
        amount: Money,
    },
    /// There is no hold on the payee.
    NotHeld {
        /// The payee.
        payee: PayeeId,
    },
    /// There is no such hold on the payee.
    HoldUnknown {
        /// The payee.
        payee: PayeeId,
        /// The position that was asked for.
        position: u64,
        /// The positions of the holds on the payee.
        known: Vec<u64>,
    },
    /// More than the payee has to pay back.
    MoreThanBalance {
        /// The payee.
        payee: PayeeId,
        /// The amount that was asked for.
        amount: Money,
        /// Of which balance; of both where it is `None`.
        of: Option<OwedOrDraw>,
        /// What there is to pay back.
        balance: Money,
    },
}

/// Why a line of a confirmation is refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ConfirmationRefusal {
    /// There is no payout of that month to the payee in the currency.
    NoPayout {
        /// The month.
        period: Month,
        /// The payee.
        payee: PayeeId,
        /// The currency.
        currency: Currency,
    },
    /// No payout of that month has the amount that the line says arrived or came back.
    AmountDiffers {
        /// What the line says.
        status: PayoutStatus,
        /// The amount of the line.
        amount: Money,
        /// What the payouts that are not confirmed yet are of.
        open: Vec<Money>,
    },
    /// All payouts of that month to the payee have another result already.
    ResultKnown {
        /// What the line says.
        status: PayoutStatus,
        /// What was recorded last.
        known: PayoutStatus,
        /// The position of that entry.
        position: u64,
    },
}

/// Why something was not approved, held, paid or repaid.
#[derive(Debug, thiserror::Error)]
pub enum PayError {
    /// It is refused.
    #[error("refused: {0:?}")]
    Refused(PayRefusal),
    /// The policy does not allow it to those who sign it.
    #[error("not allowed: {0:?}")]
    NotAllowed(#[from] AuthorityRefusal),
    /// Lines of a confirmation are refused: the number of each line, and why.
    #[error("{} lines are refused", .0.len())]
    Confirmation(Vec<(usize, ConfirmationRefusal)>),
    /// A file cannot be read or written, or the book is damaged.
    #[error(transparent)]
    Book(#[from] BookError),
}

impl From<PayRefusal> for PayError {
    fn from(refusal: PayRefusal) -> PayError {
        PayError::Refused(refusal)
    }
}
