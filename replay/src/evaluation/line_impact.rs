//! Finds the lines that some entries can have changed: the lines in the impact of hiding these entries. Reasons and causes of a
//! retroactive adjustment are only sought among such entries.

use std::collections::BTreeMap;

use ledger::date::Day;
use ledger::id::PayeeId;
use plans::rulebook::Rulebook;
use projections::knowledge::Knowledge;
use projections::lines::LineName;
use projections::position::Position;

use crate::evaluation::impact::{CloseInterval, Impact, ImpactWithout};
use crate::evaluation::incremental::{PayeeScope, RecomputePlan};

/// Answers for sets of entries which lines they can have changed.
pub struct LineImpact<'k> {
    hidden: ImpactWithout<'k>,
    recompute_plan: RecomputePlan<'k>,
}

impl<'k> LineImpact<'k> {
    /// For entries below a log size, and lines due by a day. Facts dated in the last month count like earlier ones, because a
    /// line can depend on them.
    pub fn of(knowledge: &'k Knowledge, rules: &'k Rulebook, size: u64, day: Day) -> LineImpact<'k> {
        let interval = CloseInterval { from: size, to: size, closed: day, day };
        LineImpact {
            hidden: ImpactWithout::of(knowledge, rules, interval),
            recompute_plan: RecomputePlan::of(knowledge, rules, interval, Impact::default()),
        }
    }

    /// For each line, whether the entries at these ascending positions can have changed it.
    pub fn affected<'l>(
        &mut self,
        entries: &[Position],
        lines: impl Iterator<Item = (&'l PayeeId, &'l LineName)>,
    ) -> Vec<bool> {
        let impact = self.hidden.entries(entries);
        if impact.everything {
            return lines.map(|_| true).collect();
        }
        self.recompute_plan.set_impact(impact);
        let mut payee_scopes: BTreeMap<&PayeeId, PayeeScope> = BTreeMap::new();
        let mut affected = Vec::new();
        for (payee, name) in lines {
            let payee_scope = payee_scopes.entry(payee).or_insert_with(|| self.recompute_plan.payee_scope(payee, None));
            affected.push(self.recompute_plan.may_affect(payee, payee_scope, name));
        }
        affected
    }
}
