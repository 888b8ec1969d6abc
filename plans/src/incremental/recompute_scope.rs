//! Which items of a component a close recomputes.

use std::borrow::Cow;

use ledger::date::{Day, Month};

use super::carry_forward::{Months, ResumedTotals, Total};
use super::day_ranges::DayRanges;
use super::region::Region;
use crate::calendar::PeriodSpan;
use crate::plan::Period;

/// The items of a component that a close recomputes.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RecomputeScope {
    /// Items whose lines are computed.
    pub lines: Region,
    /// Items whose values are computed, because `lines` need them for running totals.
    pub values: Region,
    /// Items of `lines` that a change may affect. The others are recomputed only because of the wake-up schedule.
    pub changed: Region,
    /// The performance period with which running totals start anew, and the first month of the fiscal year. `None`:
    /// items are not rated by a running total that can be resumed at a month.
    pub runs: Option<(Period, u32)>,
    /// If every item is a month's sum over contracts: the accounts and dates that changed.
    pub summed: Option<Region>,
}

impl RecomputeScope {
    /// The items to compute up to `day`, and the running totals of the previous close to start from: nothing earlier
    /// than the first item of `lines` in a period has changed.
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

    /// Everything.
    pub fn all() -> RecomputeScope {
        let all = Region::everything;
        RecomputeScope { lines: all(), values: all(), changed: all(), runs: None, summed: None }
    }

    /// Nothing.
    pub fn none() -> RecomputeScope {
        RecomputeScope::default()
    }

    /// Adds the items of another scope. Running totals and sums stay those of this one.
    pub fn extend(&mut self, other: &RecomputeScope) {
        self.lines.extend(&other.lines);
        self.values.extend(&other.values);
        self.changed.extend(&other.changed);
    }
}
