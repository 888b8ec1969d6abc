//! What the close before has left: running totals, with which a month is worked out without the months before it in its
//! performance period, and the sums of months, to which only what changed is added (architecture.md, What is recomputed).

use std::collections::BTreeMap;

use ledger::date::{Day, Month};
use ledger::exact::Exact;
use ledger::id::{ComponentId, PlanId};

use super::region::Region;
use crate::calendar::PeriodSpan;
use crate::context::Context;

/// What the items of a performance period amount to by the end of one of its months.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Total {
    pub value: Exact,
    /// What is left of the items' rounded amounts under their own caps.
    pub left_minor: i128,
}

/// By the first day of the assignment, and month.
pub type Months<T> = BTreeMap<(Day, Month), T>;

/// Of one payee.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ByMonth<T>(BTreeMap<PlanId, BTreeMap<ComponentId, Months<T>>>);

pub type RunningTotals = ByMonth<Total>;

/// What the items of months amounted to that are sums over contracts.
pub type Sums = ByMonth<Exact>;

impl<T> Default for ByMonth<T> {
    fn default() -> ByMonth<T> {
        ByMonth(BTreeMap::new())
    }
}

impl<T> ByMonth<T> {
    pub fn months(&self, plan: &str, component: &ComponentId) -> Option<&Months<T>> {
        self.0.get(plan)?.get(component)
    }

    pub fn months_mut(&mut self, plan: &PlanId, component: &ComponentId) -> &mut Months<T> {
        self.0.entry(plan.clone()).or_default().entry(component.clone()).or_default()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Everything and what it is of, ordered.
    pub fn all(&self) -> impl Iterator<Item = (&PlanId, &ComponentId, Day, Month, &T)> {
        let components = self.0.iter().flat_map(|(plan, of)| of.iter().map(move |(id, months)| (plan, id, months)));
        components.flat_map(|(plan, id, months)| {
            months.iter().map(move |((first, month), value)| (plan, id, *first, *month, value))
        })
    }

    /// Leaves out what does not pass.
    pub fn retain(&mut self, passes: impl Fn(&PlanId, &ComponentId, Month) -> bool) {
        self.0.retain(|plan, components| {
            components.retain(|component, months| {
                months.retain(|(_, month), _| passes(plan, component, *month));
                !months.is_empty()
            });
            !components.is_empty()
        });
    }

    pub fn extend(&mut self, other: ByMonth<T>) {
        for (plan, components) in other.0 {
            for (component, months) in components {
                self.months_mut(&plan, &component).extend(months);
            }
        }
    }
}

/// What the last close has left of a payee, and everything as it stood then.
#[derive(Copy, Clone)]
pub struct CarryForward<'c, 'k> {
    pub totals: &'c RunningTotals,
    pub sums: &'c Sums,
    pub previous: &'c Context<'k>,
}

/// Of one component and assignment: what its months amounted to at the last close, and of which accounts something has changed
/// since. A month's sum is then that of the last close and what changed, and no other contract is looked at.
#[derive(Copy, Clone)]
pub struct KnownSums<'c, 'k> {
    sums: &'c Months<Exact>,
    pub changed: &'c Region,
    pub previous: &'c Context<'k>,
}

impl<'c, 'k> KnownSums<'c, 'k> {
    pub fn of(last: CarryForward<'c, 'k>, plan: &str, component: &ComponentId, changed: &'c Region) -> Option<Self> {
        Some(KnownSums { sums: last.sums.months(plan, component)?, changed, previous: last.previous })
    }

    /// What a month amounted to, unless it is not known of which accounts it has changed.
    pub fn month(&self, first: Day, month: Month) -> Option<&'c Exact> {
        let changed = self.changed.all().meets(month.first(), month.last());
        self.sums.get(&(first, month)).filter(|_| !changed)
    }
}

/// Days on which items begin to be worked out although their performance period began before, and what comes before them.
#[derive(Default)]
pub struct ResumedTotals<'t>(pub Vec<(Day, &'t Total)>);

impl<'t> ResumedTotals<'t> {
    /// Where the running total of an item's period begins, and with what; `None`: with nothing.
    pub fn before(&self, period: PeriodSpan, day: Day) -> (Day, Option<&'t Total>) {
        let behind = self.0.partition_point(|(first, _)| *first <= day);
        let taken = self.0[..behind].last().filter(|(first, _)| period.contains(*first));
        taken.map_or((period.first_day(), None), |(first, total)| (*first, Some(total)))
    }
}
