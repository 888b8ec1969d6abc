//! Builds the statements of a closed month: the figures from its postings, and the explanations by evaluating again with the facts
//! that the close was computed from.

use ledger::date::Month;
use ledger::exact::Exact;
use ledger::fact::Payload;
use ledger::id::PayeeId;
use plans::context::Context;
use plans::payment::draw::{MonthsDraws, draws};
use plans::why::{Detail, Formula, Step, StepKind};
use projections::posted_state::ClosedPeriod;
use projections::view::View;

use crate::book::Book;
use crate::error::BookError;
use crate::evaluation::full::{PayeeDue, due_of, evaluate};
use crate::evaluation::impact::{CloseInterval, Impact};
use crate::evaluation::incremental::RecomputePlan;
use crate::pay::status::{leaver, status};
use crate::state::State;
use crate::statements::causes::{CauseFilter, causes};
use crate::statements::draw_steps::{draw_steps, draws_before};
use crate::statements::posted_figures::PostedFigures;
use crate::statements::statement::{Cause, Figures, Line, LogPoint, Statement};

/// The figures of all statements of a closed month, as they were posted, ordered by payee and currency. Fails if the log cannot be
/// read.
pub fn posted(book: &Book, closed: &ClosedPeriod) -> Result<Vec<Figures>, BookError> {
    figures_between(book, u64::from(closed.first), u64::from(closed.position))
}

/// The figures of a payee's statements of a closed month, ordered by currency. Reads no entry of another payee. Fails if the log
/// cannot be read.
pub fn posted_of(book: &Book, closed: &ClosedPeriod, payee: &PayeeId) -> Result<Vec<Figures>, BookError> {
    let mut statements = Vec::new();
    for holder in book.state.posted.holders_of(payee) {
        if let Some(entries) = book.state.posted.statement_of(holder, closed) {
            let (first, end) = (u64::from(entries.first), u64::from(entries.settlement) + 1);
            statements.extend(figures_between(book, first, end)?);
        }
    }
    Ok(statements)
}

/// The figures of the statements whose entries are at positions from `first` to before `end`.
fn figures_between(book: &Book, first: u64, end: u64) -> Result<Vec<Figures>, BookError> {
    let mut posted = PostedFigures::default();
    book.entries(first, end, |entry, _| {
        if let Payload::Record(record) = entry.payload {
            posted.take(&record);
        }
    })?;
    Ok(posted.statements)
}

/// The statements of a closed month, of one payee or of all, ordered by payee and currency. Fails if the log cannot be read.
pub fn statements(book: &Book, closed: &ClosedPeriod, payee: Option<&PayeeId>) -> Result<Vec<Statement>, BookError> {
    statements_with(book, closed, payee, CauseFilter::Relevant)
}

/// The statements of a closed month, as [`statements`] returns them. `filter` says which new entries are tried as causes.
pub fn statements_with(
    book: &Book,
    closed: &ClosedPeriod,
    payee: Option<&PayeeId>,
    filter: CauseFilter,
) -> Result<Vec<Statement>, BookError> {
    built(book, closed, payee, filter, DrawSteps::Computed)
}

/// The statements of one payee without the steps of draws, for which the log is read from this close on.
pub(crate) fn statements_of_lines(
    book: &Book,
    closed: &ClosedPeriod,
    payee: &PayeeId,
) -> Result<Vec<Statement>, BookError> {
    built(book, closed, Some(payee), CauseFilter::Relevant, DrawSteps::LeftOut)
}

/// Whether the steps of draws are computed.
#[derive(Copy, Clone, PartialEq, Eq)]
enum DrawSteps {
    Computed,
    LeftOut,
}

fn built(
    book: &Book,
    closed: &ClosedPeriod,
    payee: Option<&PayeeId>,
    filter: CauseFilter,
    of_draws: DrawSteps,
) -> Result<Vec<Statement>, BookError> {
    let mine = match payee {
        Some(payee) => posted_of(book, closed, payee)?,
        None => posted(book, closed)?,
    };
    let view = View::new(&book.state.knowledge, closed.close.known);
    let day = closed.close.period.last();
    let context = Context::new(view, &book.state.rules, day, Detail::Standing);
    let mut payees: Vec<&PayeeId> = mine.iter().map(|figures| &figures.holder.0).collect();
    payees.dedup();
    let mut evaluation = evaluate(&context, payees.into_iter());
    let known = LogPoint { size: closed.close.known, root: closed.close.root };
    let interval = CloseInterval { from: known.size, to: known.size, closed: day, day };
    let recompute_plan = RecomputePlan::of(&book.state.knowledge, &book.state.rules, interval, Impact::default());
    let reasons = Context::new(view, &book.state.rules, day, Detail::Reasons);
    let before = (of_draws == DrawSteps::Computed).then(|| draws_before(book, closed, &mine)).transpose()?;
    let (mut line_impact, mut statements) = (None, Vec::with_capacity(mine.len()));
    for figures in mine {
        let steps = causes(&book.state, closed, &figures, filter, (&mut line_impact, &recompute_plan));
        let line_whys = line_steps(&book.state, &reasons, &recompute_plan, &figures);
        let draw_whys = match &before {
            Some(before) => draw_steps(closed, &figures, &months_draws(&reasons, &figures), before),
            None => vec![Vec::new(); figures.draws.len()],
        };
        let due = evaluation.payees.get_mut(&figures.holder.0).expect("every payee of a statement is evaluated");
        statements.push(statement(book.name().as_str(), figures, known, ((line_whys, draw_whys), steps), due));
    }
    Ok(statements)
}

/// The steps of computing each line.
fn line_steps<'b>(
    state: &'b State,
    context: &Context<'b>,
    recompute_plan: &RecomputePlan<'b>,
    figures: &Figures,
) -> Whys {
    let payee = figures.holder.0.as_str();
    let payee = state.knowledge.payees.get_key_value(payee).expect("a payee of a statement is known").0;
    let asked = recompute_plan.scopes_around(figures.lines.iter().map(|line| &line.name));
    let due = due_of(context, payee.as_str(), &asked, None);
    let why = |line: &Line| match due.entitlement.lines.get(&(figures.holder.1, line.name.clone())) {
        Some(entitled) => entitled.why.clone(),
        None => {
            let nothing = Formula::default().number("nothing is left", &Exact::ZERO);
            vec![nothing.step(StepKind::Change, &Exact::ZERO, [])]
        }
    };
    figures.lines.iter().map(why).collect()
}

/// The draws that the plans give in the month of a statement; none if it has no draws.
fn months_draws(context: &Context<'_>, figures: &Figures) -> MonthsDraws {
    if figures.draws.is_empty() {
        return MonthsDraws::default();
    }
    let (payee, _) =
        context.view.knowledge.payees.get_key_value(&figures.holder.0).expect("a payee of a statement is known");
    draws(context, payee.as_str())
}

/// The close of a month; `None` if the month is not closed.
pub fn closed(state: &State, period: Month) -> Option<&ClosedPeriod> {
    state.posted.closed(period)
}

/// The steps of each line or draw, in order.
type Whys = Vec<Vec<Step>>;

fn statement(
    book: &str,
    figures: Figures,
    known: LogPoint,
    ((whys, draw_whys), causes): ((Whys, Whys), Vec<Vec<Cause>>),
    due: &mut PayeeDue,
) -> Statement {
    let currency = figures.holder.1;
    let attainment = std::mem::take(&mut due.entitlement.attainment);
    let (attainment, rest): (Vec<_>, Vec<_>) = attainment.into_iter().partition(|row| row.currency == currency);
    due.entitlement.attainment = rest;
    let (pending, rest): (Vec<_>, Vec<_>) =
        std::mem::take(&mut due.entitlement.pending).into_iter().partition(|row| row.amount.currency == currency);
    due.entitlement.pending = rest;
    let (forfeited, rest): (Vec<_>, Vec<_>) =
        std::mem::take(&mut due.entitlement.forfeited).into_iter().partition(|row| row.amount.currency == currency);
    due.entitlement.forfeited = rest;
    Statement {
        book: book.to_owned(),
        figures,
        known,
        whys,
        causes,
        draw_whys,
        attainment,
        pending,
        forfeited,
        to_date: None,
        status: None,
    }
}

/// Adds to the statements of a close what became of them since. Fails if the log cannot be read.
pub fn add_status(book: &Book, closed: &ClosedPeriod, statements: &mut [Statement]) -> Result<(), BookError> {
    for statement in statements {
        let holder = &statement.figures.holder;
        let mut found = status(book, book.state.posted_state(), holder, closed)?;
        found.leaver = leaver(&book.state, holder, closed, || !statement.pending.is_empty());
        statement.status = Some(Box::new(found));
    }
    Ok(())
}
