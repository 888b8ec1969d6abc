//! Freezing what was posted: lines due by a day are not moved any more, whatever becomes known (calculation.md 9).

use ledger::date::Day;
use ledger::fact::{Freeze, Record};
use ledger::field::FreeText;

use crate::book::Book;
use crate::close::error::{CloseError, refused};
use crate::stamp::Stamp;

/// From the next close on, lines due by this day keep what was posted of them; `None` lifts the freeze.
///
/// Refused for days that are not closed: of their lines nothing was posted yet, and nobody would be paid.
pub fn freeze(book: &mut Book, until: Option<Day>, reason: &str, stamp: &Stamp) -> Result<u64, CloseError> {
    let closed = book.state.posted.last_close().map(|last| last.close.period.last());
    let now = book.state.posted.frozen(book.size()).map(|(_, until)| until);
    if reason.trim().is_empty() {
        return Err(refused("freeze-reason", "a freeze needs a reason".to_owned(), "say why, for whoever audits it"));
    }
    if now == until {
        let (message, help) = match now {
            Some(day) => (format!("the book is frozen up to {day} already"), "name another day"),
            None => ("the book is not frozen".to_owned(), "there is nothing to lift"),
        };
        return Err(refused("freeze-same", message, help));
    }
    if let Some(until) = until.filter(|until| closed.is_none_or(|closed| *until > closed)) {
        let message = format!("{until} is not closed yet, and what is due by then is still to be posted");
        let help = match closed {
            Some(closed) => format!("freeze up to {closed} at most"),
            None => "close a month first".to_owned(),
        };
        return Err(refused("freeze-open", message, help));
    }
    let record = Record::Freeze(Freeze { until, reason: FreeText(reason.to_owned()) });
    Ok(book.append(vec![record], stamp)?)
}
