//! What was measured for a payee and never posted: lines that amount to 0, and installments that are forfeited or pending. And
//! the statement of a payee to whom a close posted nothing.

use std::collections::BTreeSet;

use ledger::fact::Nature;
use ledger::id::PayeeId;
use ledger::money::{Currency, Money};
use plans::context::Context;
use plans::entitlement::{Entitlement, entitlement};
use plans::payment::settle::SettlementSums;
use plans::term::terms;
use plans::why::{Detail, Step};
use projections::lines::LineName;
use projections::posted_state::{Balances, ClosedPeriod};
use projections::view::View;

use crate::book::Book;
use crate::error::BookError;
use crate::statements::pending::{line_of_forfeited, line_of_pending};
use crate::statements::statement::{Figures, Line, LogPoint, Statement};

/// The statements of a payee to whom a close posted nothing, by currency: the balances, which it left as they were, attainment,
/// pending and forfeited installments. Empty if there is none of these, and no assignment in the month. Fails if the log cannot
/// be read.
pub fn without_postings(book: &Book, closed: &ClosedPeriod, payee: &PayeeId) -> Result<Vec<Statement>, BookError> {
    let mut entitled = evaluated(book, closed, payee, Detail::Standing);
    let balances = balances_after(book, closed, payee)?;
    let mut currencies: BTreeSet<Currency> = entitled.attainment.iter().map(|row| row.currency).collect();
    currencies.extend(entitled.pending.iter().map(|row| row.amount.currency));
    currencies.extend(entitled.forfeited.iter().map(|row| row.amount.currency));
    currencies.extend(balances.iter().map(|balances| balances.payable.currency));
    currencies.extend(assigned_currencies(book, closed, payee));
    let statement = |currency: Currency| {
        let known = balances.iter().find(|balances| balances.payable.currency == currency);
        let figures = unchanged(closed, payee, currency, known.copied().unwrap_or(Balances::zero(currency)));
        Statement {
            attainment: entitled.attainment.extract_if(.., |row| row.currency == currency).collect(),
            pending: entitled.pending.extract_if(.., |row| row.amount.currency == currency).collect(),
            forfeited: entitled.forfeited.extract_if(.., |row| row.amount.currency == currency).collect(),
            ..empty(book, closed, figures)
        }
    };
    Ok(currencies.into_iter().map(statement).collect())
}

/// For each measured line of a payee that `is_asked` accepts: a statement with this line alone, which says what it amounts to by
/// the end of the closed month although that close did not post it.
pub fn measured_lines(
    book: &Book,
    closed: &ClosedPeriod,
    payee: &PayeeId,
    is_asked: impl Fn(&LineName) -> bool,
) -> Vec<Statement> {
    let entitled = evaluated(book, closed, payee, Detail::Reasons);
    let mut found: Vec<Statement> = Vec::new();
    for ((currency, name), line) in &entitled.lines {
        if is_asked(name) {
            let (amounts, why) = ((Money::zero(*currency), line.amount), line.why.clone());
            let line = Line {
                nature: line.nature,
                version: line.version,
                date: line.date,
                account: line.account.clone(),
                due: line.due,
                ..unposted(closed, name.clone(), amounts)
            };
            found.push(one_line(book, closed, payee, line, why));
        }
    }
    for row in &entitled.pending {
        let name = line_of_pending(row);
        if is_asked(&name) && !found.iter().any(|one| one.figures.lines[0].name == name) {
            let zero = Money::zero(row.amount.currency);
            found.push(one_line(book, closed, payee, unposted(closed, name, (zero, zero)), row.why.clone()));
        }
    }
    for row in &entitled.forfeited {
        let name = line_of_forfeited(row);
        if is_asked(&name) && !found.iter().any(|one| one.figures.lines[0].name == name) {
            let zero = Money::zero(row.amount.currency);
            found.push(one_line(book, closed, payee, unposted(closed, name, (zero, zero)), row.why.clone()));
        }
    }
    for one in &mut found {
        let name = &one.figures.lines[0].name;
        one.pending = entitled.pending.iter().filter(|row| line_of_pending(row) == *name).cloned().collect();
        one.forfeited = entitled.forfeited.iter().filter(|row| line_of_forfeited(row) == *name).cloned().collect();
    }
    found
}

/// The names of all measured lines of a payee by the end of a closed month.
pub fn measured_names(book: &Book, closed: &ClosedPeriod, payee: &PayeeId) -> BTreeSet<String> {
    let entitled = evaluated(book, closed, payee, Detail::Standing);
    let lines = entitled.lines.keys().map(|(_, name)| name.to_string());
    let pending = entitled.pending.iter().map(|row| line_of_pending(row).to_string());
    let forfeited = entitled.forfeited.iter().map(|row| line_of_forfeited(row).to_string());
    lines.chain(pending).chain(forfeited).collect()
}

/// The currencies of the plans to which a payee is assigned on a day of the closed month.
fn assigned_currencies(book: &Book, closed: &ClosedPeriod, payee: &PayeeId) -> Vec<Currency> {
    let view = View::new(&book.state.knowledge, closed.close.known);
    let (first, last) = (closed.close.period.first(), closed.close.period.last());
    let terms = terms(view, payee.as_str()).into_iter().filter(|term| term.first <= last && term.last >= first);
    let plans = terms.filter_map(|term| book.state.rules.in_force(term.plan(), term.last.min(last), view.visibility));
    plans.map(|published| published.plan.currency).collect()
}

/// Evaluates one payee with the facts that a close was computed from.
fn evaluated(book: &Book, closed: &ClosedPeriod, payee: &PayeeId, detail: Detail) -> Entitlement {
    let view = View::new(&book.state.knowledge, closed.close.known);
    let context = Context::new(view, &book.state.rules, closed.close.period.last(), detail);
    let Some((payee, _)) = book.state.knowledge.payees.get_key_value(payee) else { return Entitlement::default() };
    entitlement(&context, payee.as_str())
}

/// The balances of a payee that are not 0, after a close.
fn balances_after(book: &Book, closed: &ClosedPeriod, payee: &PayeeId) -> Result<Vec<Balances>, BookError> {
    let of = |posted: &projections::posted_state::PostedState| {
        let mine = posted.balances.iter().filter(|((of, _), _)| of == payee);
        mine.map(|(_, balances)| *balances).collect::<Vec<_>>()
    };
    let posted = &book.state.posted;
    let is_last = posted.last_close().is_some_and(|last| last.position == closed.position);
    // What was paid out or repaid since is no part of the statement.
    if is_last && posted.changes_after(closed).is_empty() {
        return Ok(of(posted));
    }
    Ok(of(book.state_at(u64::from(closed.position) + 1)?.posted_state()))
}

/// The figures of a month in which nothing was due.
fn unchanged(closed: &ClosedPeriod, payee: &PayeeId, currency: Currency, balances: Balances) -> Figures {
    Figures {
        period: closed.close.period,
        holder: (payee.clone(), currency),
        opening: balances,
        lines: Vec::new(),
        draws: Vec::new(),
        settled: SettlementSums { closing: balances, ..SettlementSums::nothing(currency) },
    }
}

fn empty(book: &Book, closed: &ClosedPeriod, figures: Figures) -> Statement {
    Statement {
        book: book.name().to_string(),
        figures,
        known: LogPoint { size: closed.close.known, root: closed.close.root },
        whys: Vec::new(),
        causes: Vec::new(),
        draw_whys: Vec::new(),
        attainment: Vec::new(),
        pending: Vec::new(),
        forfeited: Vec::new(),
        to_date: None,
        status: None,
    }
}

/// A line that a close did not post, with what was posted of it now, and what it amounts to.
fn unposted(closed: &ClosedPeriod, name: LineName, (amount, entitled): (Money, Money)) -> Line {
    Line {
        name,
        nature: Nature::Earned,
        version: None,
        date: closed.close.period.last(),
        account: None,
        due: closed.close.period.last(),
        amount,
        entitled,
        before: entitled,
        reason: None,
    }
}

fn one_line(book: &Book, closed: &ClosedPeriod, payee: &PayeeId, line: Line, why: Vec<Step>) -> Statement {
    let currency = line.amount.currency;
    let mut figures = unchanged(closed, payee, currency, Balances::zero(currency));
    figures.lines.push(line);
    Statement { whys: vec![why], causes: vec![Vec::new()], ..empty(book, closed, figures) }
}
