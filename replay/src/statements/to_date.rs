//! Quarter to date and year to date: what the closes from the beginning of the fiscal quarter or year up to one close posted to a
//! payee. No figure depends on it, and the digest of a close does not cover it.

use std::collections::BTreeMap;

use ledger::date::Day;
use ledger::id::PayeeId;
use ledger::money::Money;
use plans::calendar::PeriodSpan;
use plans::payment::settle::SettlementSums;
use plans::plan::Period;
use plans::term::terms;
use projections::lines::PayeeCurrency;
use projections::posted_state::ClosedPeriod;
use projections::view::View;

use crate::book::Book;
use crate::error::BookError;
use crate::statements::build::{posted, posted_of};
use crate::statements::statement::{Figures, Statement, SumsToDate, ToDate};

fn add(to_date: &mut SumsToDate, figures: &Figures) {
    let (sums, settled) = (&mut to_date.settled, &figures.settled);
    sums.gross += settled.gross;
    sums.reversed += settled.reversed;
    sums.set_off += settled.set_off;
    sums.recovered += settled.recovered;
    sums.top_up += settled.top_up;
    sums.advance += settled.advance;
    sums.draw_recovered += settled.draw_recovered;
    sums.pay += settled.pay;
    sums.closing = settled.closing;
    for line in &figures.lines {
        let key = (line.name.plan.clone(), line.name.component.clone());
        *to_date.components.entry(key).or_insert(Money::zero(line.amount.currency)) += line.amount;
    }
}

/// Adds to the statements of a close what was posted to their payees in the quarter and the year up to it. `payee` is the one
/// whose statements they are; `None`: of everybody.
///
/// The fiscal year is that of the plans to which a payee is assigned in the month, or was assigned to if there are none now; the
/// calendar year where they differ. Fails if the log cannot be read.
pub fn add_to_date(
    book: &Book,
    closed: &ClosedPeriod,
    payee: Option<&PayeeId>,
    statements: &mut [Statement],
) -> Result<(), BookError> {
    let mut sums: BTreeMap<PayeeCurrency, ToDate> = BTreeMap::new();
    for statement in &*statements {
        let holder = &statement.figures.holder;
        sums.insert(holder.clone(), begun(book, closed, holder));
    }
    let first = sums.values().map(|to_date| to_date.year.from).min();
    let closes = &book.state.posted.closes;
    let counted = |one: &&ClosedPeriod| first.is_some_and(|first| one.close.period >= first);
    for one in closes.iter().filter(|one| one.position <= closed.position).filter(counted) {
        let figures = match payee {
            Some(payee) => posted_of(book, one, payee)?,
            None => posted(book, one)?,
        };
        for figures in figures {
            let Some(ToDate { quarter, year }) = sums.get_mut(&figures.holder) else { continue };
            [quarter, year].into_iter().filter(|sums| figures.period >= sums.from).for_each(|sums| add(sums, &figures));
        }
    }
    for statement in statements {
        statement.to_date = sums.remove(&statement.figures.holder);
    }
    Ok(())
}

/// The sums of a payee before anything is added.
fn begun(book: &Book, closed: &ClosedPeriod, (payee, currency): &PayeeCurrency) -> ToDate {
    let period = closed.close.period;
    let year_start = fiscal_year_start(book, closed, payee);
    let sums = |length: Period| {
        let from = PeriodSpan::of(length, year_start, period.last()).first;
        let closes = book.state.posted.closes.iter().map(|one| one.close.period);
        let first_closed = closes.filter(|month| *month >= from).min().unwrap_or(period);
        SumsToDate { from, first_closed, settled: SettlementSums::nothing(*currency), components: BTreeMap::new() }
    };
    ToDate { quarter: sums(Period::Quarter), year: sums(Period::Year) }
}

/// The month in which the fiscal year of a payee begins, 1 to 12.
fn fiscal_year_start(book: &Book, closed: &ClosedPeriod, payee: &PayeeId) -> u32 {
    let view = View::new(&book.state.knowledge, closed.close.known);
    let (first, last) = (closed.close.period.first(), closed.close.period.last());
    let terms = terms(view, payee.as_str());
    let begins = |in_month: &dyn Fn(Day, Day) -> bool| {
        let terms = terms.iter().filter(|term| in_month(term.first, term.last));
        let plans =
            terms.filter_map(|term| book.state.rules.in_force(term.plan(), term.last.min(last), view.visibility));
        let mut starts: Vec<u32> = plans.map(|published| published.plan.year_start).collect();
        starts.sort_unstable();
        starts.dedup();
        starts
    };
    let mut starts = begins(&|from, to| from <= last && to >= first);
    if starts.is_empty() {
        starts = begins(&|from, _| from <= last);
    }
    match starts[..] {
        [start] => start,
        _ => 1,
    }
}
