//! Performance periods: months, quarters, halves and years of a fiscal year (calculation.md 1).

use ledger::date::{Day, Month};
use ledger::fact::item_key::{ItemKey, PeriodKey};

use crate::plan::Period;

/// One performance period.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct PeriodSpan {
    /// Its first month.
    pub first: Month,
    /// Its number of months: 1, 3, 6 or 12.
    pub months: i32,
}

impl PeriodSpan {
    /// The period with a day. `year_start` is the month in which the fiscal year begins, 1 to 12.
    pub fn of(period: Period, year_start: u32, day: Day) -> PeriodSpan {
        let months = period.months();
        // Months since the beginning of the fiscal year that `day` lies in.
        let since = (Month::of(day).month() as i32 - year_start as i32).rem_euclid(12);
        PeriodSpan { first: Month::of(day).plus(-(since % months)), months }
    }

    /// The first day.
    pub fn first_day(self) -> Day {
        self.first.first()
    }

    /// The last day. It may be later than the last day that a date can have.
    pub fn last_day(self) -> Day {
        self.first.plus(self.months - 1).last()
    }

    /// The last day, but at most the last day that a date can have.
    pub fn capped_last_day(self) -> Day {
        self.last_day().min(Day::LAST)
    }

    /// Whether a day is in the period.
    pub fn contains(self, day: Day) -> bool {
        (self.first_day()..=self.last_day()).contains(&day)
    }

    /// The months of the period, in order.
    pub fn each_month(self) -> impl Iterator<Item = Month> {
        (0..self.months).map(move |index| self.first.plus(index))
    }

    /// The key of an item of this period.
    pub fn key(self, year_start: u32) -> ItemKey {
        let (months, year_start) = (self.months as u8, year_start as u8);
        match PeriodKey::new(self.first, months, year_start) {
            Some(period) => ItemKey::Period(period),
            None => {
                assert_eq!(months, 1, "BUG: no period of a fiscal year");
                ItemKey::Month(self.first)
            }
        }
    }

    /// The period of an item's key.
    pub fn of_key(key: PeriodKey) -> PeriodSpan {
        PeriodSpan { first: key.first(), months: i32::from(key.months()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_period_has_a_key() {
        for (period, start) in [Period::Month, Period::Quarter, Period::Half, Period::Year]
            .into_iter()
            .flat_map(|period| (1..=12).map(move |start| (period, start)))
        {
            for number in 0..30 {
                let day = Day::new(2026, 1, 15).expect("a day").plus_months(number);
                let span = PeriodSpan::of(period, start, day);
                let found = match span.key(start) {
                    ItemKey::Month(first) => PeriodSpan { first, months: 1 },
                    ItemKey::Period(key) => PeriodSpan::of_key(key),
                    other => panic!("{other}"),
                };
                assert_eq!(found, span, "{period:?} {start} {day}");
            }
        }
    }

    #[test]
    fn fiscal_periods_carry_the_year_in_which_they_end() {
        let name = |period, start, day| {
            let day = Day::parse(day).expect("a date");
            let span = PeriodSpan::of(period, start, day);
            assert!(span.contains(day));
            (span.key(start).to_string(), span.first_day().to_string(), span.last_day().to_string())
        };
        let expect = |name: &str, first: &str, last: &str| (name.to_owned(), first.to_owned(), last.to_owned());
        assert_eq!(name(Period::Quarter, 1, "2027-05-31"), expect("2027-Q2", "2027-04-01", "2027-06-30"));
        assert_eq!(name(Period::Quarter, 2, "2027-01-15"), expect("2027-Q4", "2026-11-01", "2027-01-31"));
        assert_eq!(name(Period::Quarter, 2, "2027-02-03"), expect("2028-Q1", "2027-02-01", "2027-04-30"));
        assert_eq!(name(Period::Half, 7, "2026-12-31"), expect("2027-H1", "2026-07-01", "2026-12-31"));
        assert_eq!(name(Period::Year, 7, "2027-06-30"), expect("2027", "2026-07-01", "2027-06-30"));
        assert_eq!(name(Period::Month, 7, "2027-06-30"), expect("2027-06", "2027-06-01", "2027-06-30"));
    }
}
