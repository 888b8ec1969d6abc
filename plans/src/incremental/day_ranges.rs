//! A set of days, as ascending ranges (ARCHITECTURE.md, Incremental close).

use ledger::date::{Day, Month};

/// A set of days: ranges that are ascending, do not overlap and do not touch.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct DayRanges(Vec<(Day, Day)>);

impl DayRanges {
    /// No day.
    pub fn none() -> DayRanges {
        DayRanges::default()
    }

    /// Every day that a date can have.
    pub fn all() -> DayRanges {
        DayRanges(vec![(Day::FIRST, Day::LAST)])
    }

    /// Whether there is no day.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The ranges, each with its first and its last day.
    pub fn ranges(&self) -> &[(Day, Day)] {
        &self.0
    }

    /// The number of days.
    pub fn count(&self) -> i32 {
        self.0.iter().map(|(from, to)| from.days_to(*to)).sum()
    }

    /// Whether a day is in the set.
    pub fn contains(&self, day: Day) -> bool {
        self.meets(day, day)
    }

    /// Whether any day of `from ..= to` is in the set.
    pub fn meets(&self, from: Day, to: Day) -> bool {
        let index = self.0.partition_point(|(_, end)| *end < from);
        self.0.get(index).is_some_and(|(start, _)| *start <= to)
    }

    /// Whether all days of `from ..= to` are in the set.
    pub fn covers(&self, from: Day, to: Day) -> bool {
        self.0.iter().any(|(start, end)| *start <= from && to <= *end)
    }

    /// Adds all days from the first of `from`'s month to the last of `to`'s month.
    pub fn add_months(&mut self, from: Day, to: Day) {
        self.add(Month::of(from).first(), Month::of(to).last());
    }

    /// Adds the days `from ..= to`; nothing if `to` is earlier.
    pub fn add(&mut self, from: Day, to: Day) {
        if to < from {
            return;
        }
        // Ranges that overlap or touch the new one are joined with it.
        let first = self.0.partition_point(|(_, end)| *end < from && (*end == Day::LAST || end.next() < from));
        let last = first + self.0[first..].partition_point(|(start, _)| *start == Day::FIRST || start.previous() <= to);
        let met = &self.0[first..last];
        let from = met.first().map_or(from, |(start, _)| from.min(*start));
        let to = met.last().map_or(to, |(_, end)| to.max(*end));
        self.0.splice(first..last, [(from, to)]);
    }

    /// The days of the set up to `day`.
    pub fn up_to(mut self, day: Day) -> DayRanges {
        self.0.retain(|(from, _)| *from <= day);
        if let Some((_, to)) = self.0.last_mut() {
            *to = day.min(*to);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(number: i64) -> Day {
        Day::from_number(number).expect("a day")
    }

    proptest! {
        /// The same as a set of single days.
        #[test]
        fn stretches_hold_what_was_added(added in prop::collection::vec((0i64..60, 0i64..9), 0..8), up_to in 0i64..70) {
            let mut dates = DayRanges::none();
            let mut days = std::collections::BTreeSet::new();
            for (from, length) in added {
                dates.add(day(from), day(from + length));
                days.extend(from..=from + length);
            }
            let dates = dates.up_to(day(up_to));
            days.retain(|number| *number <= up_to);
            for number in 0..70 {
                prop_assert_eq!(dates.contains(day(number)), days.contains(&number));
            }
            prop_assert_eq!(dates.meets(day(10), day(20)), days.range(10..=20).next().is_some());
            prop_assert!(dates.ranges().windows(2).all(|pair| pair[0].1.next() < pair[1].0));
        }
    }
}
