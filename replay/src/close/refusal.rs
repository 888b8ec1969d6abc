//! Why a month is not previewed, closed or frozen, as data.

use ledger::date::{Day, Month};

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
