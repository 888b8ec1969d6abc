//! `audit` finds nothing in a book that the program wrote, and names whatever somebody changed (docs/audit.md).

mod evidence;
mod forged;
mod other_engine;
mod planted;

use ledger::date::Month;
use ledger::fact::{Payload, Record};
use replay::audit::audit;
use replay::book::Book;
use serde_json::{Value, json};

use crate::support::TestBook;

/// What the log has of what an audit looks at.
#[derive(Default, PartialEq, Debug)]
struct Counts {
    closes: u64,
    lines: u64,
    settlements: u64,
    decisions: u64,
    payouts: u64,
}

/// Counts the entries of the log, of all months or about one.
fn counted(book: &Book, period: Option<Month>) -> Result<Counts, String> {
    let mut counts = Counts::default();
    let is_about = |month: Month| u64::from(period.is_none_or(|period| period == month));
    let each = |entry: ledger::entry::Entry, _: &[u8]| {
        let Payload::Record(record) = entry.payload else { return };
        match record {
            Record::PeriodClose(close) => counts.closes += is_about(close.period),
            Record::Earning(earning) => counts.lines += is_about(earning.line.period),
            Record::Reversal(reversal) => counts.lines += is_about(reversal.line.period),
            Record::Settlement(settlement) => counts.settlements += is_about(settlement.period),
            Record::Approval(approval) => counts.decisions += is_about(approval.period),
            Record::Rejection(rejection) => counts.decisions += is_about(rejection.period),
            Record::Payout(payout) => counts.payouts += is_about(payout.period),
            _other => {}
        }
    };
    book.entries(0, book.size(), each).map_err(|error| error.to_string())?;
    Ok(counts)
}

/// An audit of a book that nobody changed finds nothing, of all months and of one, and its counts are those of the log.
pub fn judge(book: &Book) -> Result<(), String> {
    let closes = &book.state().posted_state().closes;
    // Another one in each history.
    let one = closes.get(book.size() as usize % closes.len().max(1)).map(|closed| closed.close.period);
    for period in [None].into_iter().chain(one.map(Some)) {
        let found = audit(book, period, None, &mut |_, _| {}).map_err(|error| error.to_string())?;
        if let Some(difference) = found.differences.first() {
            let all = found.differences.len();
            return Err(format!("the audit of {period:?} names {all} differences, the first is {difference:#?}"));
        }
        let of_audit = Counts {
            closes: found.closes,
            lines: found.lines,
            settlements: found.settlements,
            decisions: found.decisions,
            payouts: found.payouts,
        };
        let of_log = counted(book, period)?;
        if of_audit != of_log {
            return Err(format!("the audit of {period:?} looked at {of_audit:?}, and the log has {of_log:?}"));
        }
    }
    Ok(())
}

/// The same with the command, on a book in files.
pub fn accept(book: &TestBook) {
    let found = book.json(&["audit"]);
    assert_eq!(found["differences"], json!([]));
    let closes = book.json(&["log", "--kind", "period-close"]);
    assert_eq!(found["closes"], Value::from(closes.as_array().expect("an array").len()));
}
