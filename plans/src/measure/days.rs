//! Days that count: the months and performance periods of a cell, each under the version in force on its last day
//! that counts (calculation.md 3, 4).

use ledger::date::{Day, Month};

use super::cell::Cell;
use crate::calendar::PeriodSpan;
use crate::incremental::day_ranges::DayRanges;
use crate::plan::{Component, Measure};
use crate::rulebook::Published;

/// The days of a month that count, under the version that measures them.
pub(super) struct CountedDays<'k> {
    pub month: Month,
    /// There is at least one.
    pub days: DayRanges,
    /// The last of them.
    pub to: Day,
    pub published: &'k Published,
    pub component: &'k Component,
}

impl CountedDays<'_> {
    /// The first of the days.
    pub fn from(&self) -> Day {
        self.days.ranges().first().map_or(self.to, |(from, _)| *from)
    }

    pub fn period(&self) -> PeriodSpan {
        PeriodSpan::of(self.component.period, self.published.plan.year_start, self.to)
    }

    /// The performance period before that of the month.
    pub fn previous_period(&self) -> PeriodSpan {
        let period = self.period();
        PeriodSpan { first: period.first.plus(-period.months), months: period.months }
    }
}

/// The days of a cell that count: those of the assignment on which the version in force has the component.
struct CountingDays<'k>(Vec<CountingRange<'k>>);

/// Days that count, and the version in force on them.
struct CountingRange<'k> {
    from: Day,
    to: Day,
    rules: (&'k Published, &'k Component),
}

impl<'k> CountingDays<'k> {
    /// The days that count up to `last`.
    fn of(cell: Cell<'_, 'k>, last: Day) -> CountingDays<'k> {
        let terms = cell.context.rules.terms_in_force(cell.term.plan(), cell.context.view.visibility);
        let ranges = terms.into_iter().filter_map(|term| {
            let component = term.version.plan.component(cell.component.as_str())?;
            let from = component.from.map_or(term.from, |start| start.max(term.from)).max(cell.first_day());
            let to = component.until.map_or(term.to, |end| end.min(term.to)).min(last);
            (from <= to).then_some(CountingRange { from, to, rules: (term.version, component) })
        });
        CountingDays(ranges.collect())
    }

    /// The days of `from ..= to` that count.
    fn between(&self, from: Day, to: Day) -> DayRanges {
        let mut days = DayRanges::none();
        self.0.iter().for_each(|range| days.add(range.from.max(from), range.to.min(to)));
        days
    }

    /// The last day of `from ..= to` that counts decides which version measures all of them.
    fn last_between(&self, from: Day, to: Day) -> Option<(Day, (&'k Published, &'k Component))> {
        let last = self.0.iter().rev().find(|range| range.from <= to && from <= range.to)?;
        Some((last.to.min(to), last.rules))
    }

    fn month(
        &self,
        cell: Cell<'_, 'k>,
        month: Month,
        measures: &impl Fn(&Component) -> bool,
    ) -> Option<CountedDays<'k>> {
        let (to, in_force) = self.last_between(month.first(), month.last())?;
        let (published, component) = cell.measuring(in_force);
        measures(component).then(|| CountedDays {
            month,
            days: self.between(month.first(), to),
            to,
            published,
            component,
        })
    }

    /// The months with days that count, as far as they are in the cell's region.
    fn months(&self, cell: Cell<'_, 'k>, measures: impl Fn(&Component) -> bool) -> Vec<CountedDays<'k>> {
        let (Some(first), Some(last)) = (self.0.first(), self.0.last()) else { return Vec::new() };
        let mut months = Vec::new();
        let mut next = Month::of(first.from);
        for (from, to) in cell.region.ranges() {
            let (mut month, behind) = (next.max(Month::of(*from)), last.to.min(*to));
            while month.first() <= behind {
                months.extend(self.month(cell, month, &measures));
                month = month.next();
            }
            next = next.max(month);
        }
        months
    }
}

/// The months of a cell up to a day.
pub(super) fn months<'k>(cell: Cell<'_, 'k>, last: Day, measures: impl Fn(&Measure) -> bool) -> Vec<CountedDays<'k>> {
    CountingDays::of(cell, last).months(cell, |component| measures(&component.measure))
}

/// A performance period with days that count, dated on the last of them.
pub(super) struct CountedPeriod<'k> {
    pub period: PeriodSpan,
    /// The days of the period that count.
    pub days: DayRanges,
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
    let counting = CountingDays::of(cell, last);
    let months = counting.months(cell, |_| true);
    let mut periods: Vec<CountedPeriod<'k>> = Vec::new();
    for (index, counted) in months.iter().enumerate() {
        let period = counted.period();
        let is_last = months[index + 1..].iter().all(|later| !period.contains(later.to));
        if !is_last || !measures(counted.component) {
            continue;
        }
        periods.push(CountedPeriod {
            period,
            // The version in force on the item's date measures all of them, days before the version too.
            days: counting.between(period.first_day(), counted.to),
            date: counted.to,
            published: counted.published,
            component: counted.component,
        });
    }
    periods
}
