//! Freezes posted lines: lines due up to a day keep what was posted, whatever facts are recorded later (calculation.md 9).

use ledger::date::Day;
use ledger::fact::{FreezeRecord, PolicyRole, Record};
use ledger::field::FreeText;

use crate::authority::{Act, must_be_allowed};
use crate::book::Book;
use crate::close::error::CloseError;
use crate::close::refusal::CloseRefusal;
use crate::stamp::Stamp;

/// Freezes lines due up to a day, from the next close on; `None` lifts the freeze. Returns the new size of the log.
///
/// Refused without a reason, if nothing would change, and for a day that is not in a closed month: its lines are not posted yet, so
/// they would never be paid.
pub fn freeze(book: &mut Book, until: Option<Day>, reason: &str, stamp: &Stamp) -> Result<u64, CloseError> {
    let closed = book.state.posted.last_close().map(|last| last.close.period.last());
    let now = book.state.posted.frozen(book.size()).map(|(_, until)| until);
    if reason.trim().is_empty() {
        return Err(CloseRefusal::FreezeWithoutReason.into());
    }
    if now == until {
        return Err(CloseRefusal::FreezeUnchanged { until: now }.into());
    }
    if let Some(until) = until.filter(|until| closed.is_none_or(|closed| *until > closed)) {
        return Err(CloseRefusal::FreezeNotClosed { until, closed }.into());
    }
    must_be_allowed(&book.state, stamp, &Act::of(PolicyRole::Close, Vec::new()))?;
    let record = Record::Freeze(FreezeRecord { until, reason: FreeText(reason.to_owned()) });
    Ok(book.append(vec![record], stamp)?)
}
