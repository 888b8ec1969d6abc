//! What the previous close left for the next one: running totals, with which a month is computed without the earlier
//! months of its performance period, and the sums of months, to which only changes are added (ARCHITECTURE.md,
//! Incremental close).

use std::collections::BTreeMap;

use ledger::date::{Day, Month};
use ledger::exact::Exact;
use ledger::id::{ComponentId, PlanId};

use super::region::Region;
use crate::calendar::PeriodSpan;
use crate::context::Context;

/// The running total of a performance period at the end of one of its months.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Total {
    /// The sum of the items' values.
    pub value: Exact,
    /// The sum of the items' amounts after the cap of each item, in minor units.
    pub left_minor: i128,
}

/// Something for each month, by the first day of the assignment and the month.
pub type Months<T> = BTreeMap<(Day, Month), T>;

/// Something for each month of each component of one payee.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ByMonth<T>(BTreeMap<PlanId, BTreeMap<ComponentId, Months<T>>>);

/// The running totals at the ends of months.
pub type RunningTotals = ByMonth<Total>;

/// The values of items that are a month's sum over contracts.
pub type Sums = ByMonth<Exact>;

impl<T> Default for ByMonth<T> {
    fn default() -> ByMonth<T> {
        ByMonth(BTreeMap::new())
    }
}

impl<T> ByMonth<T> {
    /// The months of a component, if there are any.
    pub fn months(&self, plan: &str, component: &ComponentId) -> Option<&Months<T>> {
        self.0.get(plan)?.get(component)
    }

    /// The months of a component, to be added to.
    pub fn months_mut(&mut self, plan: &PlanId, component: &ComponentId) -> &mut Months<T> {
        self.0.entry(plan.clone()).or_default().entry(component.clone()).or_default()
    }

    /// Whether there is nothing for any month.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Everything, ordered: plan, component, first day of the assignment, month and value.
    pub fn all(&self) -> impl Iterator<Item = (&PlanId, &ComponentId, Day, Month, &T)> {
        let components = self.0.iter().flat_map(|(plan, of)| of.iter().map(move |(id, months)| (plan, id, months)));
        components.flat_map(|(plan, id, months)| {
            months.iter().map(move |((first, month), value)| (plan, id, *first, *month, value))
        })
    }

    /// Removes the months that do not pass.
    pub fn retain(&mut self, passes: impl Fn(&PlanId, &ComponentId, Month) -> bool) {
        self.0.retain(|plan, components| {
            components.retain(|component, months| {
                months.retain(|(_, month), _| passes(plan, component, *month));
                !months.is_empty()
            });
            !components.is_empty()
        });
    }

    /// Adds all months of another. Its values replace those of the same months.
    pub fn extend(&mut self, other: ByMonth<T>) {
        for (plan, components) in other.0 {
            for (component, months) in components {
                self.months_mut(&plan, &component).extend(months);
            }
        }
    }
}

/// What the previous close left of a payee.
#[derive(Copy, Clone)]
pub struct PreviousTotals<'c, 'k> {
    /// Its running totals.
    pub totals: &'c RunningTotals,
    /// Its sums of months.
    pub sums: &'c Sums,
    /// The context of the previous close, to evaluate what it saw.
    pub previous: &'c Context<'k>,
}

/// The sums of months of one component and assignment at the previous close, and the accounts that changed since. The
/// new sum of a month is the old one plus what changed in these accounts, so no other contract has to be read.
#[derive(Copy, Clone)]
pub struct KnownSums<'c, 'k> {
    sums: &'c Months<Exact>,
    /// The accounts and dates that changed.
    pub changed: &'c Region,
    /// The context of the previous close.
    pub previous: &'c Context<'k>,
}

impl<'c, 'k> KnownSums<'c, 'k> {
    /// The sums of a component; `None` if the previous close left none.
    pub fn of(last: PreviousTotals<'c, 'k>, plan: &str, component: &ComponentId, changed: &'c Region) -> Option<Self> {
        Some(KnownSums { sums: last.sums.months(plan, component)?, changed, previous: last.previous })
    }

    /// The sum of a month at the previous close. `None` if it is unknown, or if any account may have changed.
    pub fn month(&self, first: Day, month: Month) -> Option<&'c Exact> {
        let changed = self.changed.all().meets(month.first(), month.last());
        self.sums.get(&(first, month)).filter(|_| !changed)
    }
}

/// Days inside a performance period from which on items are computed, ascending, each with the running total before
/// it.
#[derive(Default)]
pub struct ResumedTotals<'t>(pub Vec<(Day, &'t Total)>);

impl<'t> ResumedTotals<'t> {
    /// Where the running total of an item's period starts: the first day whose items are added, and the total before
    /// it; `None`: nothing.
    pub fn before(&self, period: PeriodSpan, day: Day) -> (Day, Option<&'t Total>) {
        let behind = self.0.partition_point(|(first, _)| *first <= day);
        let taken = self.0[..behind].last().filter(|(first, _)| period.contains(*first));
        taken.map_or((period.first_day(), None), |(first, total)| (*first, Some(total)))
    }
}
