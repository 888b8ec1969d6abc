//! Running totals that the close before has left: with them a month is worked out without the months before it in its
//! performance period (architecture.md, What is recomputed).

use std::collections::BTreeMap;

use ledger::date::{Day, Month};
use ledger::exact::Exact;
use ledger::id::{ComponentId, PlanId};

use crate::calendar::PeriodSpan;

/// What the items of a performance period come to by the end of one of its months.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Total {
    pub value: Exact,
    /// What is left of the items' rounded amounts under their own caps.
    pub left_minor: i128,
}

/// By the first day of the assignment, and month.
pub type Months = BTreeMap<(Day, Month), Total>;

/// Of one payee.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Totals(pub BTreeMap<PlanId, BTreeMap<ComponentId, Months>>);

impl Totals {
    pub fn months(&self, plan: &str, component: &ComponentId) -> Option<&Months> {
        self.0.get(plan)?.get(component)
    }

    pub fn months_mut(&mut self, plan: &PlanId, component: &ComponentId) -> &mut Months {
        self.0.entry(plan.clone()).or_default().entry(component.clone()).or_default()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every total and what it is of, ordered.
    pub fn all(&self) -> impl Iterator<Item = (&PlanId, &ComponentId, Day, Month, &Total)> {
        let components = self.0.iter().flat_map(|(plan, of)| of.iter().map(move |(id, months)| (plan, id, months)));
        components.flat_map(|(plan, id, months)| {
            months.iter().map(move |((first, month), total)| (plan, id, *first, *month, total))
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

    pub fn extend(&mut self, other: Totals) {
        for (plan, components) in other.0 {
            for (component, months) in components {
                self.months_mut(&plan, &component).extend(months);
            }
        }
    }
}

/// Days on which items begin to be worked out although their performance period began before, and what stands before them.
#[derive(Default)]
pub struct TakenUp<'t>(pub Vec<(Day, &'t Total)>);

impl<'t> TakenUp<'t> {
    /// Where the running total of an item's period begins, and with what; `None`: with nothing.
    pub fn before(&self, period: PeriodSpan, day: Day) -> (Day, Option<&'t Total>) {
        let behind = self.0.partition_point(|(first, _)| *first <= day);
        let taken = self.0[..behind].last().filter(|(first, _)| period.contains(*first));
        taken.map_or((period.first_day(), None), |(first, total)| (*first, Some(total)))
    }
}
