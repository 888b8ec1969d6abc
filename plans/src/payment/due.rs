//! The end of a longer period on which a component pays (calculation.md 7): `due = "quarter-end"`, `"half-end"` or
//! `"year-end"`.

use ledger::date::Day;

use crate::calendar::PeriodSpan;
use crate::item::Item;

/// The day on which a part of an item is due that would fall due on `judged`: the last day of the fiscal period with that
/// day, if the component pays at the end of a period.
pub fn due_day(item: &Item<'_>, judged: Day) -> Day {
    let period = item.component.due.map(|period| PeriodSpan::of(period, item.plan().year_start, judged));
    period.map_or(judged, PeriodSpan::capped_last_day)
}
