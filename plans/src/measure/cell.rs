//! The unit that is measured: one payee, one assignment, one component of its plan.

use ledger::date::Day;
use ledger::id::ComponentId;

use crate::context::Context;
use crate::incremental::carry_forward::KnownSums;
use crate::incremental::region::Region;
use crate::plan::{Component, Credit, Measure};
use crate::rulebook::Published;
use crate::term::Term;

/// Whose items are looked for: one payee under one assignment, in one component of its plan.
#[derive(Copy, Clone)]
pub struct Cell<'c, 'k> {
    pub context: &'c Context<'k>,
    pub payee: &'k str,
    pub term: Term<'k>,
    pub component: &'k ComponentId,
    /// A target's item is worked out from the items of its period, all under one version.
    pub within: Option<TargetPeriod<'k>>,
    /// Other items are left out. Where items are whole months or performance periods, dates are whole, too.
    pub region: &'c Region,
    /// What sums of months amounted to at the last close, and what has changed since.
    pub known: Option<KnownSums<'c, 'k>>,
}

/// Days, and the version that measures everything on them.
#[derive(Copy, Clone)]
pub struct TargetPeriod<'k> {
    pub first: Day,
    pub last: Day,
    pub published: &'k Published,
    pub component: &'k Component,
}

impl<'k> Cell<'_, 'k> {
    /// The version in force on a day and its component, if the day is one on which the component measures.
    pub(super) fn rules_on(&self, day: Day) -> Option<(&'k Published, &'k Component)> {
        let (published, component) = match self.within {
            Some(within) => (within.published, within.component),
            None => {
                let published = self.context.rules.in_force(self.term.plan(), day, self.context.view.visibility)?;
                (published, published.plan.component(self.component.as_str())?)
            }
        };
        let inside = component.from.is_none_or(|from| from <= day) && component.until.is_none_or(|until| day <= until);
        inside.then_some((published, component))
    }

    /// The days of the assignment, and of the period that a target looks at.
    pub(super) fn first_day(&self) -> Day {
        self.within.map_or(self.term.first, |within| within.first.max(self.term.first))
    }

    /// Up to E.
    pub(super) fn last_day(&self) -> Day {
        self.last_day_ever().min(self.context.day)
    }

    /// Whatever E is.
    pub(super) fn last_day_ever(&self) -> Day {
        self.within.map_or(self.term.last, |within| within.last.min(self.term.last))
    }

    pub(super) fn contains(&self, day: Day) -> bool {
        (self.first_day()..=self.last_day_ever()).contains(&day)
    }

    /// The different credits of the component's versions that measure so.
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
