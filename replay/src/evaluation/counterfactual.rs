//! Which lines some entries can have changed: those in the impact of hiding the entries, whatever else is hidden beside
//! them. Used for reasons and for causes.

use std::collections::BTreeMap;

use ledger::date::Day;
use ledger::id::PayeeId;
use plans::rulebook::Rulebook;
use projections::knowledge::Knowledge;
use projections::lines::LineName;
use projections::position::Position;

use crate::evaluation::impact::{Impact, ImpactWithout, Since};
use crate::evaluation::incremental::{PayeeScope, RecomputePlan};

pub struct Counterfactual<'k> {
    hidden: ImpactWithout<'k>,
    recompute_plan: RecomputePlan<'k>,
}

impl<'k> Counterfactual<'k> {
    /// Of entries up to a size, for lines as of a day. What is dated in the last month counts like all before: a line that
    /// other news reaches may look at it.
    pub fn of(knowledge: &'k Knowledge, rules: &'k Rulebook, size: u64, day: Day) -> Counterfactual<'k> {
        let since = Since { from: size, to: size, closed: day, day };
        Counterfactual {
            hidden: ImpactWithout::of(knowledge, rules, since),
            recompute_plan: RecomputePlan::of(knowledge, rules, since, Impact::default()),
        }
    }

    /// For each line, whether some entries, ascending, can have changed it.
    pub fn concerned<'l>(
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
        let mut concerned = Vec::new();
        for (payee, name) in lines {
            let payee_scope = payee_scopes.entry(payee).or_insert_with(|| self.recompute_plan.payee_scope(payee, None));
            concerned.push(self.recompute_plan.may_affect(payee, payee_scope, name));
        }
        concerned
    }
}
