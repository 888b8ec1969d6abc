//! The impact of single entries, for the test that holds the impact table against what cells read (docs/testing.md).

use std::collections::BTreeSet;

use ledger::date::Day;
use ledger::id::{ComponentId, PayeeId, PlanId};
use plans::rulebook::{Published, Rulebook};
use projections::position::Position;

pub use crate::evaluation::impact::ImpactRow;
use crate::evaluation::impact::{CloseInterval, Impact, ImpactWithout};
use crate::evaluation::incremental::RecomputePlan;
use crate::state::State;

/// Asks which cells are in the impact of an entry, as if the entry were the only change after a close of everything.
pub struct ImpactProbe<'k> {
    rules: &'k Rulebook,
    table: ImpactWithout<'k>,
    plan: RecomputePlan<'k>,
    everything: bool,
    adjusted: BTreeSet<PayeeId>,
}

impl<'k> ImpactProbe<'k> {
    /// Of a state and the last day that is closed; without one of the table's rows, if one is to be left out.
    pub fn of(state: &'k State, day: Day, left_out: Option<ImpactRow>) -> ImpactProbe<'k> {
        let (knowledge, rules) = (state.knowledge(), state.rules());
        let interval = CloseInterval { from: knowledge.size(), to: knowledge.size(), closed: day, day };
        ImpactProbe {
            rules,
            table: ImpactWithout::of(knowledge, rules, interval).without_row(left_out),
            plan: RecomputePlan::of(knowledge, rules, interval, Impact::default()),
            everything: false,
            adjusted: BTreeSet::new(),
        }
    }

    /// Computes the impact of an entry, a fact or a plan version. The questions below are then about it.
    pub fn set_entry(&mut self, position: Position) {
        let published =
            |(_, versions): &(_, &[_])| versions.iter().any(|version: &Published| version.position == position);
        let mut impact = match self.rules.plans().find(published) {
            Some((plan, _)) => self.table.version_of(plan.as_str()),
            None => self.table.entries(&[position]),
        };
        self.everything = impact.everything;
        self.adjusted = std::mem::take(&mut impact.adjusted);
        self.plan.set_impact(impact);
    }

    /// Whether the impact contains items of a component that a payee has on some of these days, both included.
    pub fn has_items(&self, payee: &PayeeId, plan: &PlanId, component: &ComponentId, (from, to): (Day, Day)) -> bool {
        let payee_scope = self.plan.payee_scope(payee, None);
        let scope = payee_scope.scope(plan.as_str(), component);
        self.everything || scope.is_some_and(|scope| scope.lines.meets(from, to))
    }

    /// Whether the impact contains a payee's adjustments.
    pub fn has_adjustments(&self, payee: &PayeeId) -> bool {
        self.everything || self.adjusted.contains(payee)
    }
}
