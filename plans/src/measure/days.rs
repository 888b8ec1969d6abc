//! Days that count: the months and performance periods of a cell, each under the version in force on its last day
//! that counts (calculation.md 3, 4).

use ledger::date::{Day, Month};

use super::cell::Cell;
use crate::calendar::PeriodSpan;
use crate::plan::{Component, Measure};
use crate::rulebook::Published;

/// The days of a month that count, under the version that measures them.
pub(super) struct CountedDays<'k> {
    pub month: Month,
    pub from: Day,
    pub to: Day,
    pub published: &'k Published,
    pub component: &'k Component,
}

impl CountedDays<'_> {
    pub fn period(&self) -> PeriodSpan {
        PeriodSpan::of(self.component.period, self.published.plan.year_start, self.to)
    }

    /// The performance period before that of the month.
    pub fn previous_period(&self) -> PeriodSpan {
        let period = self.period();
        PeriodSpan { first: period.first.plus(-period.months), months: period.months }
    }
}

/// The months of a cell up to a day. Days that count lie inside the assignment and the component's dates.
pub(super) fn months<'k>(cell: Cell<'_, 'k>, last: Day, measures: impl Fn(&Measure) -> bool) -> Vec<CountedDays<'k>> {
    let first = cell.first_day();
    let mut months = Vec::new();
    let mut next = Month::of(first);
    for (from, to) in cell.region.ranges() {
        let (mut month, behind) = (next.max(Month::of(*from)), last.min(*to));
        while month.first() <= behind {
            let (from, to) = (first.max(month.first()), last.min(month.last()));
            months.extend(counted(cell, month, from, to).filter(|counted| measures(&counted.component.measure)));
            month = month.next();
        }
        next = next.max(month);
    }
    months
}

/// The last day of `from ..= to` on which the component measures decides which version measures the month.
fn counted<'k>(cell: Cell<'_, 'k>, month: Month, from: Day, to: Day) -> Option<CountedDays<'k>> {
    let mut day = to;
    let (published, component) = loop {
        match cell.rules_on(day) {
            Some(rules) => break rules,
            None if day > from => day = day.previous(),
            None => return None,
        }
    };
    let from = component.from.map_or(from, |start| start.max(from));
    Some(CountedDays { month, from, to: day, published, component })
}

/// A performance period with days that count, dated on the last of them.
pub(super) struct CountedPeriod<'k> {
    pub period: PeriodSpan,
    /// The days of the period that count.
    pub from: Day,
    pub date: Day,
    pub published: &'k Published,
    pub component: &'k Component,
}

/// The performance periods of a cell up to a day, each under the version in force on its date.
pub(super) fn periods<'k>(
    cell: Cell<'_, 'k>,
    last: Day,
    measures: impl Fn(&Component) -> bool,
) -> Vec<CountedPeriod<'k>> {
    let months = months(cell, last, |_| true);
    let mut periods: Vec<CountedPeriod<'k>> = Vec::new();
    for (index, counted) in months.iter().enumerate() {
        let period = counted.period();
        let is_last = months[index + 1..].iter().all(|later| !period.contains(later.to));
        if !is_last || !measures(counted.component) {
            continue;
        }
        // The version in force on the item's date measures all of it, days before the version too.
        let from = cell.first_day().max(period.first_day());
        let from = counted.component.from.map_or(from, |start| start.max(from));
        periods.push(CountedPeriod {
            period,
            from,
            date: counted.to,
            published: counted.published,
            component: counted.component,
        });
    }
    periods
}
