//! The steps from what was known at one moment to what is known at another: the passing of time first, and then the new entries in the
//! order of the log, grouped by kind and item. The lines are evaluated again after each group, with all later groups hidden. So each
//! group makes one step, and the steps begin at the first amount and end at the last one.

use std::collections::BTreeMap;

use ledger::date::Day;
use ledger::money::Money;
use plans::why::Detail;
use projections::lines::{LineName, PayeeCurrency};
use projections::position::Position;
use projections::posted_state::ClosedPeriod;
use projections::validity::Visibility;
use projections::view::View;

use crate::bridge::entry_groups::EntryGroup;
use crate::evaluation::full::evaluate_some;
use crate::evaluation::incremental::RecomputePlan;
use crate::evaluation::line_impact::LineImpact;
use crate::state::State;
use crate::statements::statement::Cause;

/// What is known, and up to which day it counts.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(crate) struct EvaluationPoint {
    /// The number of entries of the log.
    pub known: u64,
    /// The last day.
    pub day: Day,
}

impl EvaluationPoint {
    /// What a close was computed from.
    pub(crate) fn of(closed: &ClosedPeriod) -> EvaluationPoint {
        EvaluationPoint { known: closed.close.known, day: closed.close.period.last() }
    }
}

/// Which new entries are tried as causes of a difference. Both choices give the same causes.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub enum CauseFilter {
    /// Only entries that can have changed the line.
    #[default]
    Relevant,
    /// All new entries. Much slower; tests compare the other choice with it.
    All,
}

/// Lines of one payee and currency, and the amounts that the steps begin with.
pub(crate) struct SteppedLines<'c> {
    pub holder: &'c PayeeCurrency,
    pub names: Vec<&'c LineName>,
    pub before: Vec<Money>,
    /// Where these amounts were posted: what explains each that the facts of the first point do not give; where it is `None`, no
    /// cause is told, and the causes sum to less than the difference. Without it, the amounts are what those facts give.
    pub bases: Option<Vec<Option<BaseCause>>>,
}

/// What explains that the first amount is not what is derived from the facts of the first moment.
#[derive(Clone)]
pub(crate) struct BaseCause {
    pub kind: &'static str,
    pub positions: Vec<Position>,
}

/// Evaluates lines after each group of new entries.
pub(crate) struct Steps<'c> {
    state: &'c State,
    span: (EvaluationPoint, EvaluationPoint),
    lines: &'c SteppedLines<'c>,
    /// For each group, the lines that it can have changed.
    affected_lines: Vec<Vec<usize>>,
    recompute_plan: &'c RecomputePlan<'c>,
}

impl<'c> Steps<'c> {
    pub(crate) fn of(
        (state, recompute_plan): (&'c State, &'c RecomputePlan<'c>),
        span: (EvaluationPoint, EvaluationPoint),
        lines: &'c SteppedLines<'c>,
        groups: &[EntryGroup],
        (filter, line_impact): (CauseFilter, &mut LineImpact<'_>),
    ) -> Steps<'c> {
        let all = || 0..lines.names.len();
        let of_group = |group: &EntryGroup| match (&group.plan, filter) {
            (_, CauseFilter::All) => all().collect(),
            (Some(plan), CauseFilter::Relevant) => {
                all().filter(|index| lines.names[*index].plan.as_ref() == Some(plan)).collect()
            }
            (None, CauseFilter::Relevant) => {
                let names = lines.names.iter().map(|name| (&lines.holder.0, *name));
                let affected = line_impact.affected(&group.positions, names);
                all().zip(affected).filter(|(_, is_affected)| *is_affected).map(|(index, _)| index).collect()
            }
        };
        let affected_lines = groups.iter().map(of_group).collect();
        Steps { state, span, lines, affected_lines, recompute_plan }
    }

    /// The causes of each line.
    pub(crate) fn by_line(&self, groups: &[EntryGroup]) -> Vec<Vec<Cause>> {
        let all: Vec<usize> = (0..self.lines.names.len()).collect();
        let mut told = ToldCauses { causes: vec![Vec::new(); all.len()], last: self.lines.before.clone() };
        // Each new entry with the number of its group, in the order of the log.
        let moving = groups.iter().enumerate().filter(|(place, _)| !self.affected_lines[*place].is_empty());
        let mut new_entries: Vec<(Position, usize)> =
            moving.flat_map(|(place, group)| group.positions.iter().map(move |position| (*position, place))).collect();
        new_entries.sort();
        let behind = |last: Option<usize>| -> Vec<Position> {
            let is_behind = |place: usize| last.is_none_or(|last| place > last);
            new_entries.iter().filter(|(_, place)| is_behind(*place)).map(|(position, _)| *position).collect()
        };
        let (from, to) = self.span;
        if let Some(bases) = &self.lines.bases {
            for (index, amount) in self.amounts(&all, from.day, &behind(None)) {
                told.step(index, amount, bases[index].as_ref().map(|base| (base.kind, "", &base.positions[..])));
            }
        }
        if from.day != to.day {
            for (index, amount) in self.amounts(&all, to.day, &behind(None)) {
                told.step(index, amount, Some(("time", "", &[])));
            }
        }
        for (place, group) in groups.iter().enumerate().filter(|(place, _)| !self.affected_lines[*place].is_empty()) {
            for (index, amount) in self.amounts(&self.affected_lines[place], to.day, &behind(Some(place))) {
                told.step(index, amount, Some((&group.kind, &group.item, &group.positions)));
            }
        }
        told.causes
    }

    /// The amounts of some of the lines, by their numbers, without the hidden entries.
    fn amounts(&self, lines: &[usize], day: Day, hidden: &[Position]) -> Vec<(usize, Money)> {
        let (state, holder) = (self.state, self.lines.holder);
        let visibility = Visibility::below(self.span.1.known).hiding(hidden);
        let names = lines.iter().map(|index| self.lines.names[*index]);
        let asked = BTreeMap::from([(&holder.0, self.recompute_plan.scopes_around(names))]);
        let view = View { knowledge: &state.knowledge, visibility };
        let evaluation = evaluate_some(view, &state.rules, (day, Detail::Figures), &asked, None);
        let amount = |index: usize| {
            let entitled = evaluation.line(holder, self.lines.names[index]);
            entitled.map_or(Money::zero(holder.1), |entitled| entitled.amount)
        };
        lines.iter().map(|index| (*index, amount(*index))).collect()
    }
}

/// The causes so far, and the amount of each line after them.
struct ToldCauses {
    causes: Vec<Vec<Cause>>,
    last: Vec<Money>,
}

impl ToldCauses {
    /// A line has another amount now. Without a cause nothing is told.
    fn step(&mut self, index: usize, amount: Money, cause: Option<(&str, &str, &[Position])>) {
        let step = amount - self.last[index];
        self.last[index] = amount;
        if let Some((kind, item, positions)) = cause.filter(|_| !step.is_zero()) {
            let (kind, item, positions) = (kind.to_owned(), item.to_owned(), positions.to_vec());
            self.causes[index].push(Cause { kind, item, positions, amount: step });
        }
    }
}
