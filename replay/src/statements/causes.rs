//! The causes of a retroactive adjustment: the entries recorded since the previous close, each with the part of the difference that
//! it made (calculation.md 9).

use ledger::money::Money;
use projections::lines::LineName;
use projections::position::Position;
use projections::posted_state::ClosedPeriod;

use crate::bridge::entry_groups::entry_groups;
pub use crate::bridge::steps::CauseFilter;
use crate::bridge::steps::{BaseCause, EvaluationPoint, SteppedLines, Steps};
use crate::evaluation::incremental::RecomputePlan;
use crate::evaluation::line_impact::LineImpact;
use crate::state::State;
use crate::statements::statement::{Cause, Figures, Line};

/// The causes of each line of a statement, in the order of the lines; empty for a line that is posted for the first time.
pub(crate) fn causes<'b>(
    state: &'b State,
    closed: &'b ClosedPeriod,
    figures: &Figures,
    filter: CauseFilter,
    (line_impact, recompute_plan): (&mut Option<LineImpact<'b>>, &RecomputePlan<'b>),
) -> Vec<Vec<Cause>> {
    let before = state.posted.closes.iter().rev().find(|other| other.position < closed.position);
    let (Some(before), true) = (before, figures.lines.iter().any(|line| line.reason.is_some())) else {
        return figures.lines.iter().map(|_| Vec::new()).collect();
    };
    let (from, to) = (EvaluationPoint::of(before), EvaluationPoint::of(closed));
    let groups = entry_groups(state, from.known, to.known, &figures.holder.0);
    let new = || LineImpact::of(&state.knowledge, &state.rules, to.known, to.day);
    let line_impact = line_impact.get_or_insert_with(new);
    let again = figures.lines.iter().filter(|line| line.reason.is_some());
    let (names, amounts): (Vec<&LineName>, Vec<Money>) = again.map(|line| (&line.name, line.before)).unzip();
    let bases = Some(vec![base_of(state, to.known); names.len()]);
    let lines = SteppedLines { holder: &figures.holder, names, before: amounts, bases };
    let mut by = |filter| {
        Steps::of((state, recompute_plan), (from, to), &lines, &groups, (filter, line_impact)).by_line(&groups)
    };
    let mut causes = by(filter);
    let is_right = |causes: &[Vec<Cause>]| {
        let again = figures.lines.iter().filter(|line| line.reason.is_some());
        let sum = |causes: &[Cause]| Money::sum(figures.holder.1, causes.iter().map(|cause| cause.amount));
        again.zip(causes).all(|(line, causes)| sum(causes) == line.amount)
    };
    if !is_right(&causes) {
        debug_assert!(
            filter == CauseFilter::All,
            "BUG: an entry that changed a line was not tried as its cause: {causes:?}"
        );
        causes = by(CauseFilter::All);
    }
    let mut causes = causes.into_iter();
    let of_line = |line: &Line| line.reason.and_then(|_| causes.next()).unwrap_or_default();
    figures.lines.iter().map(of_line).collect()
}

/// The cause of a difference without any new entry: a freeze withheld it, or the engine number was raised.
fn base_of(state: &State, size: u64) -> Option<BaseCause> {
    let frozen = state.posted.freezes.iter().map(|(position, _)| *position);
    let frozen: Vec<Position> = frozen.filter(|position| u64::from(*position) < size).collect();
    Some(BaseCause { kind: if frozen.is_empty() { "engine" } else { "freeze" }, positions: frozen })
}
