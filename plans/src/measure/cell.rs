//! The unit that is recomputed: payee, assignment and component.

use ledger::date::Day;
use ledger::id::ComponentId;

use crate::context::Context;
use crate::incremental::carry_forward::KnownSums;
use crate::incremental::region::Region;
use crate::plan::{Component, Credit, Measure};
use crate::rulebook::Published;
use crate::term::Term;

/// The items of one payee under one assignment in one component of its plan.
#[derive(Copy, Clone)]
pub struct Cell<'c, 'k> {
    /// What the evaluation reads.
    pub context: &'c Context<'k>,
    /// The payee.
    pub payee: &'k str,
    /// The assignment and its days.
    pub term: Term<'k>,
    /// The component.
    pub component: &'k ComponentId,
    /// For the items that a target sums: the period to which they are limited.
    pub within: Option<TargetPeriod<'k>>,
    /// Only items in this region are computed. For items that are months or performance periods, its dates are whole
    /// ones.
    pub region: &'c Region,
    /// Sums of months at the previous close, and what changed since.
    pub known: Option<KnownSums<'c, 'k>>,
}

/// The days of a target's performance period, and the version that measures all of them.
#[derive(Copy, Clone)]
pub struct TargetPeriod<'k> {
    pub first: Day,
    pub last: Day,
    pub published: &'k Published,
    pub component: &'k Component,
}

impl<'k> Cell<'_, 'k> {
    /// The version that measures a day, and its component: the version in force, or the one of a target's period.
    /// `None` if the day does not count, because the version in force on it does not have the component.
    pub(super) fn rules_on(&self, day: Day) -> Option<(&'k Published, &'k Component)> {
        let published = self.context.rules.in_force(self.term.plan(), day, self.context.view.visibility)?;
        let component = published.plan.component(self.component.as_str())?;
        component.exists_on(day).then(|| self.measuring((published, component)))
    }

    /// The version that measures, where this one is in force.
    pub(super) fn measuring(&self, in_force: (&'k Published, &'k Component)) -> (&'k Published, &'k Component) {
        self.within.map_or(in_force, |within| (within.published, within.component))
    }

    /// The first day that counts: of the assignment, and of a target's period.
    pub(super) fn first_day(&self) -> Day {
        self.within.map_or(self.term.first, |within| within.first.max(self.term.first))
    }

    /// The last day that counts, at most E.
    pub(super) fn last_day(&self) -> Day {
        self.last_day_ever().min(self.context.day)
    }

    /// The last day that can count, whatever E is.
    pub(super) fn last_day_ever(&self) -> Day {
        self.within.map_or(self.term.last, |within| within.last.min(self.term.last))
    }

    pub(super) fn contains(&self, day: Day) -> bool {
        (self.first_day()..=self.last_day_ever()).contains(&day)
    }

    /// The different kinds of credit of the component's versions with such a measure.
    pub(super) fn credits(&self, measures: impl Fn(&Measure) -> bool) -> Vec<&'k Credit> {
        let visibility = self.context.view.visibility;
        let mut credits: Vec<&'k Credit> = Vec::new();
        for published in self.context.rules.versions(self.term.plan(), visibility) {
            let component = published.plan.component(self.component.as_str());
            let credit = component.filter(|component| measures(&component.measure)).map(|component| &component.credit);
            credits.extend(credit.filter(|credit| !credits.contains(credit)));
        }
        credits
    }
}
