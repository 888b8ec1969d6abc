//! Previews a close: evaluates the month, subtracts what earlier closes posted, and settles the payees (calculation.md 9, 10). Nothing
//! is written.

use std::collections::BTreeSet;

use ledger::date::{Day, Month};
use ledger::fact::Manner;
use ledger::finding::Finding;
use ledger::id::PayeeId;
use plans::context::Context;
use plans::evaluation_fault::{EvaluationGap, EvaluationWarning};
use plans::incremental::change::ChangeKind;
use plans::payment::draw::MonthsDraws;
use plans::why::Detail;
use projections::lines::{PayeeCurrency, name_of};
use projections::view::View;

use crate::close::difference::{CloseFigures, figures};
use crate::close::error::CloseError;
use crate::close::opening::{Opening, OpeningSettled, settled};
use crate::close::refusal::{CloseFault, CloseFindings, CloseRefusal, CloseWarning};
use crate::close::told_before::is_told_before;
use crate::derived::cache::INCREMENTAL_FROM;
use crate::engine::ENGINE;
use crate::evaluation::full::evaluate_all;
use crate::evaluation::impact::{CloseInterval, impact_of};
use crate::evaluation::incremental::{CarryForwardUpdate, CloseEvaluation, RecomputePlan};
use crate::evaluation::schedule::CarryForward;
use crate::state::State;
use crate::statements::statement::{Figures, Line, digest};

/// The postings that a close would write.
pub struct Preview {
    /// The month.
    pub period: Month,
    /// The number of entries of the log that it is computed from.
    pub known: u64,
    /// The engine number that the close records.
    pub engine: u16,
    /// Whether the close is an opening, which counts lines as settled and gives no draws.
    pub manner: Option<Manner>,
    /// The statements, ordered by payee and currency.
    pub statements: Vec<Figures>,
    /// Their digest.
    pub digest: [u8; 32],
    /// The lines that an opening counts as settled.
    pub settled: Vec<OpeningSettled>,
    /// The last frozen day; `None` if nothing is frozen.
    pub frozen: Option<Day>,
    /// The differences that the freeze keeps from being posted.
    pub withheld: Vec<(PayeeCurrency, Line)>,
    /// Whether the full and the incremental evaluation were compared, and agreed.
    pub compared: bool,
    /// Why only the full evaluation was made although both were asked for.
    pub full_because: Option<FullReason>,
    /// The changes of the schedule for the next close.
    pub(crate) carry_forward_update: CarryForwardUpdate,
    /// What is doubtful.
    pub warnings: Vec<Finding<CloseWarning>>,
    /// What is doubtful and was so in the last close, which said it.
    pub told_before: Vec<Finding<CloseWarning>>,
    /// What the evaluation did without.
    pub gaps: BTreeSet<EvaluationGap>,
    /// What has to be corrected before the month can be closed.
    pub faults: Vec<Finding<CloseFault>>,
}

/// The month to close, and how.
#[derive(Copy, Clone)]
pub struct CloseRequest<'a> {
    /// The month.
    pub period: Month,
    /// The number of entries of the log to compute it from; `None` for all.
    pub known: Option<u64>,
    /// The lines that count as settled, if the close is an opening.
    pub opening: Option<&'a Opening>,
    /// How much is evaluated.
    pub mode: EvaluationMode,
    /// Which month the first close of a book may take.
    pub first_month: FirstMonth,
    /// The engine number that the close records. A close that is derived again has the number that it was made with.
    pub engine: u16,
}

/// Which month the first close of a book may take. A preview shows any month, with a warning.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum FirstMonth {
    /// One that is at most three months after the month of the latest fact and before that of the earliest one; none in a book
    /// without facts.
    NearFacts,
    /// Any.
    Any,
}

/// How much a close evaluates. The figures are the same in each mode.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum EvaluationMode {
    /// Incrementally in a large book, and in full in a small one.
    BySize,
    /// In full, from the facts alone.
    Full,
    /// Incrementally: only what changes since the last close affect. In full if a change can affect everything.
    Incremental,
    /// Both ways. Any difference between the results stops the close.
    Both,
}

/// Why a close cannot be evaluated incrementally.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum FullReason {
    /// It is the first close of the book.
    FirstClose,
    /// The last close was evaluated by a program with another engine number.
    EngineChanged,
    /// Nothing was kept of the last close to begin from, as in a small book.
    NothingKept,
    /// A change since the last close can affect everything.
    EverythingAffected,
}

impl CloseRequest<'static> {
    /// A usual close, with the evaluation mode that the size of the book suggests.
    pub fn of(period: Month, known: Option<u64>) -> CloseRequest<'static> {
        let (mode, first_month) = (EvaluationMode::BySize, FirstMonth::NearFacts);
        CloseRequest { period, known, opening: None, mode, first_month, engine: ENGINE }
    }
}

/// Previews the close of the next month or a later one, with the first `known` entries of the log, or with all of them.
///
/// Refused if the month is closed or before the first closed one, or if `known` is below that of the last close or beyond the log.
/// Faults of the evaluation are in the preview.
pub fn preview(state: &State, period: Month, known: Option<u64>) -> Result<Preview, CloseError> {
    preview_of(state, &CloseRequest::of(period, known))
}

/// Previews a close as [`preview`] does, also of an opening or with another evaluation mode. Fails if both evaluations are compared
/// and differ.
pub fn preview_of(state: &State, asked: &CloseRequest<'_>) -> Result<Preview, CloseError> {
    let CloseRequest { period, known, opening, .. } = *asked;
    let known = known_at(state, known)?;
    if let Some(last) = state.posted.last_close()
        && period <= last.close.period
    {
        let next = Some(last.close.period.next()).filter(|next| next.last() <= ledger::date::Day::LAST);
        let is_closed = state.posted.closed(period).is_some();
        let refusal = if is_closed {
            CloseRefusal::PeriodClosed { period, next }
        } else {
            CloseRefusal::PeriodBeforeFirst { period, next }
        };
        return Err(refusal.into());
    }
    if let (Some(last), Some(_)) = (state.posted.last_close(), opening) {
        return Err(CloseRefusal::OpeningAfterClose { closed: last.close.period }.into());
    }
    let all = || preview_with(state, asked, known, evaluate_in_full(state, period, known));
    let is_full = match asked.mode {
        EvaluationMode::Full => true,
        EvaluationMode::BySize => state.size() <= INCREMENTAL_FROM,
        EvaluationMode::Incremental | EvaluationMode::Both => false,
    };
    if opening.is_some() || is_full {
        return Ok(all());
    }
    let evaluated = match evaluate_incrementally(state, period, known) {
        Ok(evaluated) => evaluated,
        Err(reason) => return Ok(Preview { full_because: Some(reason), ..all() }),
    };
    let partial = preview_with(state, asked, known, evaluated);
    match asked.mode {
        EvaluationMode::BySize | EvaluationMode::Full | EvaluationMode::Incremental => Ok(partial),
        EvaluationMode::Both => Ok(Preview { compared: true, ..same_figures(all(), partial, &state.schedule)? }),
    }
}

/// Evaluates what changes since the last close affect and what the wake-up schedule names; or says why the close needs the full
/// evaluation.
fn evaluate_incrementally(state: &State, period: Month, known: u64) -> Result<CloseEvaluation, FullReason> {
    let (knowledge, rules) = (&state.knowledge, &state.rules);
    let last = state.posted.last_close().ok_or(FullReason::FirstClose)?;
    if last.close.engine != ENGINE {
        return Err(FullReason::EngineChanged);
    }
    if state.schedule.after != Some(last.position) {
        return Err(FullReason::NothingKept);
    }
    let (closed, day) = (last.close.period.last(), period.last());
    let interval = CloseInterval { from: last.close.known, to: known, closed, day };
    let mut impact = impact_of(knowledge, rules, interval);
    if impact.everything {
        return Err(FullReason::EverythingAffected);
    }
    // For a line that a freeze withheld, the posted amount is not the entitlement.
    for line in &state.posted.withheld {
        impact.changes.entry(line.payee.clone()).or_default().insert(ChangeKind::All.for_any_account());
        impact.adjusted.insert(line.payee.clone());
    }
    let recompute_plan = RecomputePlan::of(knowledge, rules, interval, impact);
    let payees: Vec<&PayeeId> = plans::credit::index::payees(View::new(knowledge, known)).collect();
    let (results, findings) = recompute_plan.partial_results(&payees, &state.schedule, &state.posted.lines);
    let mut evaluated = CloseEvaluation::of(&payees, results, findings);
    for line in &state.posted.withheld {
        evaluated.compare_also(&line.payee, line.currency, name_of(line));
    }
    Ok(evaluated)
}

/// Evaluates every payee.
fn evaluate_in_full(state: &State, period: Month, known: u64) -> CloseEvaluation {
    let view = View::new(&state.knowledge, known);
    CloseEvaluation::full(evaluate_all(view, &state.rules, period.last()))
}

/// The full evaluation, if the incremental one has the same figures and its schedule misses no wake-up.
fn same_figures(full: Preview, partial: Preview, schedule: &CarryForward) -> Result<Preview, CloseError> {
    let text = |figures: Option<&Figures>| {
        let mut out = ledger::json::JsonWriter::new();
        match figures {
            Some(figures) => figures.json("", &mut out),
            None => out.text("no statement"),
        }
        out.finish()
    };
    for index in 0..full.statements.len().max(partial.statements.len()) {
        let (all, part) = (text(full.statements.get(index)), text(partial.statements.get(index)));
        if all != part {
            return Err(CloseError::Differs(format!("{all} against {part}")));
        }
    }
    let withheld = |preview: &Preview| format!("{:?}", preview.withheld);
    if withheld(&full) != withheld(&partial) {
        return Err(CloseError::Differs(format!("{} against {}", withheld(&full), withheld(&partial))));
    }
    let mut schedule = schedule.clone();
    schedule.advance(0, partial.carry_forward_update);
    if let CarryForwardUpdate::Whole(carried) = &full.carry_forward_update {
        if let Some(missed) = schedule.missed(carried) {
            return Err(CloseError::Differs(format!("the schedule misses a wake-up: {missed}")));
        }
        if let Some(wrong) = schedule.miscarried(carried) {
            return Err(CloseError::Differs(format!("a carried value differs: {wrong}")));
        }
    }
    Ok(full)
}

fn preview_with(state: &State, asked: &CloseRequest<'_>, known: u64, mut evaluated: CloseEvaluation) -> Preview {
    let CloseRequest { period, opening, .. } = *asked;
    let view = View::new(&state.knowledge, known);
    let context = Context::new(view, &state.rules, period.last(), Detail::Figures);
    let evaluation = &mut evaluated.evaluation;
    let mut findings = CloseFindings::default();
    let settled =
        opening.map_or(Vec::new(), |opening| settled(state, &context, evaluation, opening, period, &mut findings));
    if opening.is_some() {
        // Draws of the month were given elsewhere, as its lines were.
        evaluation.payees.values_mut().for_each(|due| due.draws = MonthsDraws::default());
    }
    let frozen = state.posted.frozen(known).map(|(_, until)| until);
    let CloseFigures { statements, withheld, too_large } =
        figures(state, &context, &evaluated, &settled, frozen, (period, asked.engine));
    let digest = digest(state.book_name().as_str(), statements.iter());
    let CloseFindings { mut faults, mut warnings } = findings;
    let too_large = too_large.into_iter().map(|(payee, currency)| CloseFault::DueTooLarge { payee, currency });
    let evaluation = evaluated.evaluation.findings;
    faults.extend(evaluation.faults.into_iter().map(CloseFault::Evaluation).chain(too_large).map(Finding::new));
    let (told_before, new): (Vec<_>, Vec<_>) =
        evaluation.warnings.into_iter().partition(|warning| is_told_before(state, view, warning));
    let found = |warnings: Vec<EvaluationWarning>| {
        warnings.into_iter().map(|warning| Finding::new(CloseWarning::Evaluation(warning))).collect::<Vec<_>>()
    };
    warnings.extend(found(new));
    warnings.extend(strange_first_month(state, view, period).map(Finding::new));
    let (manner, carry_forward_update) = (opening.map(|_| Manner::Opening), evaluated.carry_forward_update);
    Preview {
        period,
        known,
        engine: asked.engine,
        manner,
        statements,
        digest,
        settled,
        frozen,
        withheld,
        compared: false,
        full_because: None,
        carry_forward_update,
        warnings,
        told_before: found(told_before),
        gaps: evaluation.gaps,
        faults,
    }
}

/// Warns of a first month that is before the dates of all facts, or far from them, and of one of a book without facts: it is probably
/// a mistake, and later closes have to follow it month by month.
fn strange_first_month(state: &State, view: View<'_>, period: Month) -> Option<CloseWarning> {
    if state.posted.last_close().is_some() {
        return None;
    }
    let Some((first, last)) = dates_of_facts(state, view) else { return Some(CloseWarning::NoFacts { period }) };
    let is_strange = period.last() < first || is_far(period, (first, last));
    is_strange.then_some(CloseWarning::FirstMonthFar { period, first, last })
}

/// Refuses a first month that is far from the dates of all facts, and one of a book without facts.
pub(super) fn must_be_near_facts(state: &State, asked: &CloseRequest<'_>) -> Result<(), CloseError> {
    if state.posted.last_close().is_some() || asked.first_month == FirstMonth::Any {
        return Ok(());
    }
    let period = asked.period;
    match dates_of_facts(state, View::new(&state.knowledge, asked.known.unwrap_or(state.size()))) {
        None => Err(CloseRefusal::NothingToClose { period }.into()),
        Some((first, last)) if is_far(period, (first, last)) => {
            Err(CloseRefusal::FirstMonthFar { period, first, last }.into())
        }
        Some(_) => Ok(()),
    }
}

/// The most months between the first month that is closed and those of the facts.
const FIRST_MONTH_AWAY_MAX: i32 = 3;

/// Whether a month is more than three months after the month of the last day, or before that of the first day.
fn is_far(period: Month, (first, last): (Day, Day)) -> bool {
    let away = |from: Month, to: Month| to.number() - from.number();
    away(Month::of(last), period).max(away(period, Month::of(first))) > FIRST_MONTH_AWAY_MAX
}

/// The earliest and the latest date of a fact in force and of usage; `None` without any.
fn dates_of_facts(state: &State, view: View<'_>) -> Option<(Day, Day)> {
    let facts = state.knowledge.facts();
    let dates = facts.filter(|known| view.in_force(known.position)).filter_map(|known| known.fact.body.at());
    let runs = state.knowledge.runs().map(|run| &run.run);
    let usage = runs.flat_map(|run| [run.first_day(), run.last_day()].into_iter().flatten());
    let mut all = dates.chain(usage);
    let first = all.next()?;
    Some(all.fold((first, first), |(first, last), day| (first.min(day), last.max(day))))
}

/// The log size to compute a close from: not below that of the last close, and not beyond the log.
fn known_at(state: &State, known: Option<u64>) -> Result<u64, CloseError> {
    let size = state.size();
    let known = known.unwrap_or(size);
    let least = state.posted.last_close().map_or(0, |last| last.close.known);
    if known > size {
        return Err(CloseRefusal::SizeBeyondLog { size, asked: known }.into());
    }
    if known < least {
        return Err(CloseRefusal::SizeBelowLastClose { least, size, asked: known }.into());
    }
    Ok(known)
}
