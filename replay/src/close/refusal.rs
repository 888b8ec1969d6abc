//! Why a month cannot be previewed, closed or frozen, and what its evaluation found, as data (calculation.md 9).

use ledger::date::{Day, Month};
use ledger::field::Amount;
use ledger::finding::Finding;
use ledger::id::PayeeId;
use ledger::money::Currency;
use plans::evaluation_fault::{EvaluationFault, EvaluationWarning};
use projections::lines::{LineName, WrittenLine};

/// Why a month cannot be previewed, closed or frozen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CloseRefusal {
    /// The month is closed already.
    PeriodClosed {
        /// The month that was asked for.
        period: Month,
        /// The next month to close; `None` at the end of the calendar.
        next: Option<Month>,
    },
    /// The month is before the first one that was closed.
    PeriodBeforeFirst {
        /// The month that was asked for.
        period: Month,
        /// The next month to close; `None` at the end of the calendar.
        next: Option<Month>,
    },
    /// Only the first close of a book can be an opening, and a month is closed already.
    OpeningAfterClose {
        /// The last month that is closed.
        closed: Month,
    },
    /// The log has fewer entries than the close should be computed from.
    SizeBeyondLog {
        /// The size of the log.
        size: u64,
        /// The size that was asked for.
        asked: u64,
    },
    /// The last close was computed from more entries than this one should be.
    SizeBelowLastClose {
        /// The size that the last close was computed from.
        least: u64,
        /// The size of the log.
        size: u64,
        /// The size that was asked for.
        asked: u64,
    },
    /// The first month to be closed is more than three months from the dates of all facts, and nobody says that it is meant.
    FirstMonthFar {
        /// The month that was asked for.
        period: Month,
        /// The earliest date of a fact.
        first: Day,
        /// The latest date of a fact.
        last: Day,
    },
    /// The first month is to be closed, the book has no dated fact, and nobody says that it is meant.
    NothingToClose {
        /// The month that was asked for.
        period: Month,
    },
    /// Another month has to be closed first.
    OutOfOrder {
        /// The month that was asked for.
        period: Month,
        /// The next month to close.
        next: Month,
    },
    /// An opening with a reviewed digest needs the log size too: the digest does not cover the settled lines.
    OpeningWithoutSize,
    /// The statements have changed since they were reviewed.
    DigestDiffers {
        /// The month that was asked for.
        period: Month,
        /// The digest of the statements as they are now.
        digest: [u8; 32],
        /// The digest that was reviewed.
        expected: [u8; 32],
    },
    /// The freeze has no reason.
    FreezeWithoutReason,
    /// The book is frozen up to that day already, or is not frozen and the freeze would be lifted.
    FreezeUnchanged {
        /// The last frozen day; `None` if nothing is frozen.
        until: Option<Day>,
    },
    /// The day to freeze up to is not in a closed month.
    FreezeNotClosed {
        /// The day that was asked for.
        until: Day,
        /// The last day that is closed; `None` before the first close.
        closed: Option<Day>,
    },
}

/// What has to be corrected before the month can be closed. The finding of a line of an opening's file has its location.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CloseFault {
    /// A fact is missing, or has a wrong amount.
    Evaluation(EvaluationFault),
    /// The payee's amounts in one currency are larger than the ledger can hold.
    DueTooLarge {
        /// The payee of the statement.
        payee: PayeeId,
        /// The currency of the statement.
        currency: Currency,
    },
    /// The opening's file has a line of an unknown payee.
    SettledPayeeUnknown {
        /// The payee as it was written.
        payee: PayeeId,
        /// The known payee that is spelled nearly so, if there is one.
        nearest: Option<PayeeId>,
    },
    /// A settled amount has more decimals than its currency.
    SettledTooManyDecimals {
        /// The amount as it was written.
        amount: Amount,
        /// The currency as it was written.
        currency: Currency,
    },
    /// No plan of the book and no adjustment pays a line of this name.
    SettledLineUnknown {
        /// The line as it was written.
        line: WrittenLine,
    },
    /// The line is paid in another currency.
    SettledCurrencyDiffers {
        /// The line as it was written.
        line: WrittenLine,
        /// The currency that the line is paid in.
        paid: Currency,
        /// The currency as it was written.
        written: Currency,
    },
    /// The file has the line twice for one payee and currency.
    SettledTwice {
        /// The payee as it was written.
        payee: PayeeId,
        /// The line as it was written.
        line: LineName,
    },
}

/// What is doubtful about a close. The month can be closed all the same.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CloseWarning {
    /// A fact is probably missing.
    Evaluation(EvaluationWarning),
    /// The first month to be closed is before the dates of all facts, or far from them.
    FirstMonthFar {
        /// The month that was asked for.
        period: Month,
        /// The earliest date of a fact.
        first: Day,
        /// The latest date of a fact.
        last: Day,
    },
    /// The first month is to be closed, and the book has no dated fact.
    NoFacts {
        /// The month that was asked for.
        period: Month,
    },
    /// The opening's file has no line.
    NothingSettled,
    /// Nothing of a settled line is due to the payee yet. The close posts the settled amount as a reversal.
    SettledNotDue {
        /// The payee as it was written.
        payee: PayeeId,
        /// The line as it was written.
        line: LineName,
        /// The last day of the month to close.
        day: Day,
    },
}

/// Everything that was found while a month was evaluated.
#[derive(Default, Debug)]
pub(crate) struct CloseFindings {
    /// What has to be corrected before the month can be closed.
    pub faults: Vec<Finding<CloseFault>>,
    /// What is doubtful.
    pub warnings: Vec<Finding<CloseWarning>>,
}
