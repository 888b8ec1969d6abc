//! What components measure, each in its file, and the items that come of it (calculation.md 4).

mod baseline;
mod booking;
mod days;
mod growth;
mod metric;
mod retention;
mod signal;
mod target;
mod usage;

use ledger::date::Day;
use ledger::id::ComponentId;

use crate::carried::KnownSums;
use crate::context::Context;
use crate::item::Item;
use crate::picked::Picked;
use crate::plan::{Component, Credit, Earned, Measure};
use crate::rulebook::Published;
use crate::term::Term;

pub use booking::cancelled_by;
pub use target::reached as target_reached;

/// Whose items are looked for: one payee under one assignment, in one component of its plan.
#[derive(Copy, Clone)]
pub struct Cell<'c, 'k> {
    pub context: &'c Context<'k>,
    pub payee: &'k str,
    pub term: Term<'k>,
    pub component: &'k ComponentId,
    /// A target's item is worked out from the items of its period, all under one version.
    pub within: Option<Within<'k>>,
    /// Other items are left out. Where items are whole months or performance periods, dates are whole, too.
    pub picked: &'c Picked,
    /// What sums of months came to at the last close, and what has moved since.
    pub known: Option<KnownSums<'c, 'k>>,
}

/// Days, and the version that measures everything on them.
#[derive(Copy, Clone)]
pub struct Within<'k> {
    pub first: Day,
    pub last: Day,
    pub published: &'k Published,
    pub component: &'k Component,
}

impl<'k> Cell<'_, 'k> {
    /// The version in force on a day and its component, if the day is one on which the component measures.
    fn rules_on(&self, day: Day) -> Option<(&'k Published, &'k Component)> {
        let (published, component) = match self.within {
            Some(within) => (within.published, within.component),
            None => {
                let published = self.context.rules.in_force(self.term.plan(), day, self.context.view.sees)?;
                (published, published.plan.component(self.component.as_str())?)
            }
        };
        let inside = component.from.is_none_or(|from| from <= day) && component.until.is_none_or(|until| day <= until);
        inside.then_some((published, component))
    }

    /// The days of the assignment, and of the period that a target looks at.
    fn first_day(&self) -> Day {
        self.within.map_or(self.term.first, |within| within.first.max(self.term.first))
    }

    /// Up to E.
    fn last_day(&self) -> Day {
        self.last_day_ever().min(self.context.day)
    }

    /// Whatever E is.
    fn last_day_ever(&self) -> Day {
        self.within.map_or(self.term.last, |within| within.last.min(self.term.last))
    }

    fn contains(&self, day: Day) -> bool {
        (self.first_day()..=self.last_day_ever()).contains(&day)
    }

    /// The different credits of the component's versions that measure so.
    fn credits(&self, measures: impl Fn(&Measure) -> bool) -> Vec<&'k Credit> {
        let sees = self.context.view.sees;
        let mut credits: Vec<&'k Credit> = Vec::new();
        for published in self.context.rules.versions(self.term.plan(), sees) {
            let component = published.plan.component(self.component.as_str());
            let credit = component.filter(|component| measures(&component.measure)).map(|component| &component.credit);
            credits.extend(credit.filter(|credit| !credits.contains(credit)));
        }
        credits
    }
}

/// All items of a cell, ordered by date and key. Under a target they are its periods'.
pub fn items<'k>(cell: Cell<'_, 'k>) -> Vec<Item<'k>> {
    let mut items = raw_items(cell);
    items.retain(|item| !matches!(item.component.earned, Earned::Target { .. }));
    items.extend(target::items(cell));
    items.sort_by(|a, b| (a.date, &a.key).cmp(&(b.date, &b.key)));
    items
}

/// What the measures yield, whatever is paid on it.
fn raw_items<'k>(cell: Cell<'_, 'k>) -> Vec<Item<'k>> {
    let mut items = booking::items(cell);
    items.extend(signal::items(cell));
    items.extend(usage::items(cell));
    items.extend(growth::items(cell));
    items
}
