//! What components measure, each in its file, and the items that come of it (calculation.md 4).

mod booking;
mod signal;
mod usage;

pub use booking::cancelled_by;

use ledger::date::Day;
use ledger::id::ComponentId;

use crate::context::Context;
use crate::item::Item;
use crate::plan::Component;
use crate::rulebook::Published;
use crate::term::Term;

/// Whose items are looked for: one payee under one assignment, in one component of its plan.
#[derive(Copy, Clone)]
pub struct Cell<'c, 'k> {
    pub context: &'c Context<'k>,
    pub payee: &'k str,
    pub term: Term<'k>,
    pub component: &'k ComponentId,
}

impl<'k> Cell<'_, 'k> {
    /// The version in force on a day and its component, if the day is one on which the component measures.
    fn rules_on(&self, day: Day) -> Option<(&'k Published, &'k Component)> {
        let published = self.context.rules.in_force(self.term.plan(), day, self.context.view.sees)?;
        let component = published.plan.component(self.component.as_str())?;
        let inside = component.from.is_none_or(|from| from <= day) && component.until.is_none_or(|until| day <= until);
        inside.then_some((published, component))
    }

    /// The days of the assignment up to E.
    fn last_day(&self) -> Day {
        self.term.last.min(self.context.day)
    }
}

/// All items of a cell, ordered by date and key.
pub fn items<'k>(cell: Cell<'_, 'k>) -> Vec<Item<'k>> {
    let mut items = booking::items(cell);
    items.extend(signal::items(cell));
    items.extend(usage::items(cell));
    items.sort_by(|a, b| (a.date, &a.key).cmp(&(b.date, &b.key)));
    items
}
