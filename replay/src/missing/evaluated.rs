//! What the evaluation of a month did without: quotas, and usage that ends before a window does.

use std::collections::{BTreeMap, BTreeSet};

use ledger::date::Day;
use ledger::fact::item_key::ItemKey;
use ledger::id::{ComponentId, PayeeId, PlanId};
use plans::evaluation_fault::{EvaluationGap, PaidWithoutQuota, UsageEndsEarly};

use crate::missing::scope::Scope;

/// A payee who has no quota where a component needs one.
#[derive(Clone, Debug)]
pub struct NoQuota {
    /// The payee.
    pub payee: PayeeId,
    /// The plan.
    pub plan: PlanId,
    /// The component.
    pub component: ComponentId,
    /// The date of the first item without a quota.
    pub from: Day,
    /// What the component pays instead.
    pub paid: PaidWithoutQuota,
}

/// Payees without a quota for items of the month, or of the dates of facts that were recorded since the last close.
pub(super) fn no_quota(scope: &Scope<'_>, gaps: &BTreeSet<EvaluationGap>) -> Vec<NoQuota> {
    let dates: BTreeSet<Day> = scope.facts.iter().filter_map(|known| known.fact.body.at()).collect();
    let mut found: BTreeMap<(&PayeeId, &PlanId, &ComponentId), NoQuota> = BTreeMap::new();
    for gap in gaps {
        let EvaluationGap::NoQuota { payee, plan, component, date, paid } = gap else { continue };
        if scope.is_of_days(*date) || dates.contains(date) {
            found.entry((payee, plan, component)).or_insert_with(|| NoQuota {
                payee: payee.clone(),
                plan: plan.clone(),
                component: component.clone(),
                from: *date,
                paid: *paid,
            });
        }
    }
    found.into_values().collect()
}

/// What was decided in the month on usage that ends early, or earlier on a booking that was recorded since the last close.
pub(super) fn ends_early(scope: &Scope<'_>, gaps: &BTreeSet<EvaluationGap>) -> Vec<UsageEndsEarly> {
    let is_new = |item: &ItemKey| match item {
        ItemKey::Booking(id) => scope.view().booking(id.as_str()).is_some_and(|known| scope.is_new(known.position)),
        ItemKey::Fact(_) | ItemKey::ContractMonth { .. } | ItemKey::Month(_) | ItemKey::Period(_) => false,
    };
    let early = gaps.iter().filter_map(|gap| match gap {
        EvaluationGap::UsageEndsEarly(early) => Some(early),
        EvaluationGap::NoQuota { .. } => None,
    });
    early.filter(|early| scope.is_of_days(early.on) || is_new(&early.item)).cloned().collect()
}
