//! Which items of a component a close recomputes.

use std::borrow::Cow;

use ledger::date::{Day, Month};

use super::carry_forward::{Months, ResumedTotals, Total};
use super::day_ranges::DayRanges;
use super::region::Region;
use crate::calendar::PeriodSpan;
use crate::plan::Period;

/// What of a component is worked out again.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RecomputeScope {
    /// These items become lines.
    pub lines: Region,
    /// These are needed for that, for what they add to running totals.
    pub values: Region,
    /// Those of the lines of which something changed: the rest is only looked at because something may come up.
    pub changed: Region,
    /// Items are rated by running totals that begin anew with each of these periods, and can be taken up at any month.
    pub runs: Option<(Period, u32)>,
    /// Every item is the sum of a month over contracts: on these dates, of these accounts, something of it changed.
    pub summed: Option<Region>,
}

impl RecomputeScope {
    /// What must be worked out up to a day, and where it takes up the running totals that the close before has left: nothing
    /// before the first item that is wanted in a period has changed since.
    pub fn resume<'t>(
        &self,
        totals: Option<&'t Months<Total>>,
        term_first: Day,
        day: Day,
    ) -> (Cow<'_, Region>, ResumedTotals<'t>) {
        let (Some((period, year_start)), Some(totals)) = (self.runs, totals) else {
            return (Cow::Borrowed(&self.values), ResumedTotals::default());
        };
        let (mut dates, mut resumed) = (DayRanges::none(), ResumedTotals::default());
        for (from, to) in self.lines.ranges() {
            let (mut from, to) = (*from, day.min(*to));
            while from <= to {
                let (span, month) = (PeriodSpan::of(period, year_start, from), Month::of(from));
                let is_inside = from > span.first_day() && from == month.first();
                let total = is_inside.then(|| totals.get(&(term_first, month.plus(-1)))).flatten();
                resumed.0.extend(total.map(|total| (from, total)));
                dates.add(if total.is_some() { from } else { span.first_day() }, to.min(span.capped_last_day()));
                from = span.capped_last_day().next();
            }
        }
        (Cow::Owned(Region::on(dates)), resumed)
    }

    pub fn all() -> RecomputeScope {
        let all = Region::everything;
        RecomputeScope { lines: all(), values: all(), changed: all(), runs: None, summed: None }
    }

    pub fn none() -> RecomputeScope {
        RecomputeScope::default()
    }

    /// What both want; running totals and sums are those of the first.
    pub fn extend(&mut self, other: &RecomputeScope) {
        self.lines.extend(&other.lines);
        self.values.extend(&other.values);
        self.changed.extend(&other.changed);
    }
}
