//! What the correction of an accepted dispute changed: which close posted it, and with which amounts.

use ledger::date::Month;
use ledger::money::Money;
use projections::lines::LineName;
use projections::position::Position;
use projections::posted_state::disputes::Dispute;

use crate::book::Book;
use crate::disputes::summary::posting_close;
use crate::error::BookError;
use crate::statements::build::statements_of_lines;
use crate::statements::statement::{Cause, Statement};

/// What a close posted to a payee because of one entry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CorrectionEffect {
    /// The month whose close was the first to know the entry.
    pub period: Month,
    /// The position of that close.
    pub close: u64,
    /// The lines that it changed, each with the amount; none where nothing of the payee depends on it.
    pub lines: Vec<(LineName, Money)>,
}

/// What the close that was the first to know the correction of a dispute posted to its payee because of it; `None` if the dispute was
/// not accepted, or no close knows the correction yet. Fails if the log cannot be read.
pub fn effect(book: &Book, dispute: &Dispute) -> Result<Option<CorrectionEffect>, BookError> {
    let Some(by) = dispute.corrected_by() else { return Ok(None) };
    let Some(closed) = posting_close(&book.state, by) else { return Ok(None) };
    let by = Position::try_from(by).expect("BUG: a position of the log beyond ENTRIES_MAX");
    let mut lines = Vec::new();
    for statement in statements_of_lines(book, closed, &dispute.record.payee)? {
        for index in 0..statement.figures.lines.len() {
            let amount = part_of(&statement, index, by);
            if !amount.is_zero() {
                lines.push((statement.figures.lines[index].name.clone(), amount));
            }
        }
    }
    Ok(Some(CorrectionEffect { period: closed.close.period, close: u64::from(closed.position), lines }))
}

/// The part of a line's amount that an entry made. A line that is posted for the first time has no causes: all of it is of the entries
/// that it was computed from.
fn part_of(statement: &Statement, index: usize, by: Position) -> Money {
    let (line, causes) = (&statement.figures.lines[index], &statement.causes[index]);
    let zero = Money::zero(line.amount.currency);
    if line.reason.is_some() {
        let is_of_entry = |cause: &&Cause| cause.positions.contains(&by);
        return Money::sum(zero.currency, causes.iter().filter(is_of_entry).map(|cause| cause.amount));
    }
    let is_behind = statement.whys[index].iter().any(|step| step.from.contains(&by));
    if is_behind { line.amount } else { zero }
}
