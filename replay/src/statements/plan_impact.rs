//! The effect of a plan version that is not published yet on the lines of the last closed month, with the facts known now.

use std::collections::BTreeSet;

use ledger::id::PayeeId;
use ledger::money::{Currency, Money};
use plans::context::Context;
use plans::plan::Plan;
use plans::refusal::LineTally;
use plans::rulebook::Rulebook;
use plans::why::Detail;
use projections::lines::LineName;
use projections::position::Position;
use projections::posted_state::ClosedPeriod;
use projections::view::View;

use crate::evaluation::full::{Evaluation, evaluate};
use crate::state::State;

/// A posted line, and its amounts with and without the version.
struct ComparedLine {
    name: LineName,
    posted: Money,
    without: Money,
    with: Money,
}

/// The plan's lines at the end of the last closed month.
pub struct PlanImpact {
    currency: Currency,
    lines: Vec<ComparedLine>,
}

/// Evaluates the payees with a line of the plan, once without and once with the version; `None` before the first close.
pub(crate) fn evaluate_plan_impact(state: &State, plan: &Plan) -> Option<PlanImpact> {
    let last = state.posted.last_close()?;
    let mut rules = Rulebook::clone(&state.rules);
    rules.publish(state.size() as Position, plan.clone());
    let payees = paid_by(state, plan);
    let without = evaluated(state, last, &state.rules, state.size(), &payees);
    let with = evaluated(state, last, &rules, state.size() + 1, &payees);
    let mut lines = Vec::new();
    for (holder, posted) in state.posted.lines.posted.iter().filter(|((payee, _), _)| payees.contains(payee)) {
        let zero = Money::zero(holder.1);
        let of =
            |evaluation: &Evaluation, name: &LineName| evaluation.line(holder, name).map_or(zero, |line| line.amount);
        let due = without.lines(holder).chain(with.lines(holder)).map(|(name, _)| name);
        let names: BTreeSet<&LineName> = posted.keys().chain(due).collect();
        let mine = names.into_iter().filter(|name| name.plan.as_ref() == Some(&plan.id));
        lines.extend(mine.map(|name| ComparedLine {
            name: name.clone(),
            posted: posted.get(name).map_or(zero, |line| line.entitled),
            without: of(&without, name),
            with: of(&with, name),
        }));
    }
    Some(PlanImpact { currency: plan.currency, lines })
}

fn paid_by(state: &State, plan: &Plan) -> BTreeSet<PayeeId> {
    let is_of_plan = |name: &LineName| name.plan.as_ref() == Some(&plan.id);
    let posted = state.posted.lines.posted.iter();
    posted.filter(|(_, lines)| lines.keys().any(is_of_plan)).map(|((payee, _), _)| payee.clone()).collect()
}

fn evaluated(
    state: &State,
    last: &ClosedPeriod,
    rules: &Rulebook,
    size: u64,
    payees: &BTreeSet<PayeeId>,
) -> Evaluation {
    let view = View::new(&state.knowledge, size);
    let context = Context::new(view, rules, last.close.period.last(), Detail::Figures);
    evaluate(&context, payees.iter())
}

impl PlanImpact {
    /// The posted lines of a component, or of one of its parts, that are 0 with the version.
    pub fn reversed(&self, component: &str, part: Option<&str>) -> LineTally {
        let is_it = |name: &LineName| {
            name.component.as_str() == component
                && part.is_none_or(|part| name.part.as_ref().is_some_and(|one| one.as_str() == part))
        };
        self.tally(|line| (is_it(&line.name) && line.with.is_zero()).then_some(line.posted))
    }

    /// The lines that the version changes, and the sum of the changes.
    pub fn difference(&self) -> LineTally {
        self.tally(|line| Some(line.with - line.without))
    }

    fn tally(&self, amount: impl Fn(&ComparedLine) -> Option<Money>) -> LineTally {
        let amounts: Vec<Money> = self.lines.iter().filter_map(amount).filter(|amount| !amount.is_zero()).collect();
        LineTally { lines: amounts.len(), amount: Money::sum(self.currency, amounts) }
    }
}
