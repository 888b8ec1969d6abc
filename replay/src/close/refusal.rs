//! Why a month is not previewed, closed or frozen, as data; and what was found while it was evaluated.

use ledger::date::{Day, Month};
use ledger::field::Amount;
use ledger::finding::Finding;
use ledger::id::PayeeId;
use ledger::money::Currency;
use plans::evaluation_fault::{EvaluationFault, EvaluationWarning};
use projections::lines::{LineName, WrittenLine};

/// Why a month is not previewed, closed or frozen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CloseRefusal {
    /// The month is closed. `next` is the next one to close, if any is left.
    PeriodClosed { period: Month, next: Option<Month> },
    /// The month is before the first one that was closed.
    PeriodBeforeFirst { period: Month, next: Option<Month> },
    /// Only a book's first close can be an opening, and `closed` is closed.
    OpeningAfterClose { closed: Month },
    /// The log has `size` entries, fewer than were asked for.
    SizeBeyondLog { size: u64, asked: u64 },
    /// The last close knew more entries than were asked for: `least`, of `size` in the log.
    SizeBelowLastClose { least: u64, size: u64, asked: u64 },
    /// Another month has to be closed first.
    OutOfOrder { period: Month, next: Month },
    /// The digest that was reviewed does not say what an opening counts as settled, so the size has to be given.
    OpeningWithoutSize,
    /// The statements are not those that were reviewed.
    DigestDiffers { period: Month, digest: [u8; 32], expected: [u8; 32] },
    /// A freeze without a reason.
    FreezeWithoutReason,
    /// The book is frozen up to this day already; `None`: it is not frozen.
    FreezeUnchanged { until: Option<Day> },
    /// A freeze up to a day that is not closed; `closed` is the last day that is.
    FreezeNotClosed { until: Day, closed: Option<Day> },
}

/// What has to be mended before the month can be closed. What is wrong with a line of an opening's file has its location.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CloseFault {
    /// The facts lack something, or have a wrong amount.
    Evaluation(EvaluationFault),
    /// What a payee is due in a currency is more than the ledger can hold.
    DueTooLarge { payee: PayeeId, currency: Currency },
    /// A settled line of somebody who is no payee.
    SettledPayeeUnknown { payee: PayeeId, nearest: Option<PayeeId> },
    /// A settled amount with more decimals than its currency has.
    SettledTooManyDecimals { amount: Amount, currency: Currency },
    /// No plan of the book pays such a line, and no adjustment.
    SettledLineUnknown { line: WrittenLine },
    /// The line is paid in another currency than was written.
    SettledCurrencyDiffers { line: WrittenLine, paid: Currency, written: Currency },
    /// The payee's line is in the file a second time.
    SettledTwice { payee: PayeeId, line: LineName },
}

/// What is doubtful about a close. The month can be closed all the same.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CloseWarning {
    /// The facts lack something that is probably meant to be there.
    Evaluation(EvaluationWarning),
    /// The first month to be closed is far from all facts, which are dated `first` to `last`.
    FirstMonthFar { period: Month, first: Day, last: Day },
    /// The opening's file has no line.
    NothingSettled,
    /// Nothing of a settled line is due to the payee by `day`, so what was settled is posted as a reversal.
    SettledNotDue { payee: PayeeId, line: LineName, day: Day },
}

/// Everything that was found while a month was evaluated.
#[derive(Default, Debug)]
pub(crate) struct CloseFindings {
    /// What has to be mended before the month can be closed.
    pub faults: Vec<Finding<CloseFault>>,
    /// What is doubtful.
    pub warnings: Vec<Finding<CloseWarning>>,
}
