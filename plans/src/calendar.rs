//! Performance periods: months, quarters, halves and years of a fiscal year (calculation.md 1).

use ledger::date::{Day, Month};

use crate::plan::Period;

/// One performance period.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct PeriodSpan {
    pub first: Month,
    pub months: i32,
}

impl PeriodSpan {
    pub fn of(period: Period, year_start: u32, day: Day) -> PeriodSpan {
        let months = period.months();
        // Months since the beginning of the fiscal year that `day` lies in.
        let since = (Month::of(day).month() as i32 - year_start as i32).rem_euclid(12);
        PeriodSpan { first: Month::of(day).plus(-(since % months)), months }
    }

    pub fn first_day(self) -> Day {
        self.first.first()
    }

    pub fn last_day(self) -> Day {
        self.first.plus(self.months - 1).last()
    }

    /// The last day, at most the last one that a date can have.
    pub fn capped_last_day(self) -> Day {
        self.last_day().min(Day::LAST)
    }

    pub fn contains(self, day: Day) -> bool {
        (self.first_day()..=self.last_day()).contains(&day)
    }

    pub fn each_month(self) -> impl Iterator<Item = Month> {
        (0..self.months).map(move |index| self.first.plus(index))
    }

    /// `2027-03` is a calendar month; `2027-Q1`, `2027-H1`, `2027` carry the year in which the fiscal year ends.
    pub fn name(self, year_start: u32) -> String {
        let since = (self.first.month() as i32 - year_start as i32).rem_euclid(12);
        let year = self.first.plus(11 - since).year();
        match self.months {
            1 => self.first.to_string(),
            3 => format!("{year:04}-Q{}", since / 3 + 1),
            6 => format!("{year:04}-H{}", since / 6 + 1),
            12 => format!("{year:04}"),
            other => unreachable!("BUG: a period of {other} months"),
        }
    }

    /// Reads what `name` gives.
    pub fn parse(name: &str, year_start: u32) -> Option<PeriodSpan> {
        if let Some(month) = Month::parse(name) {
            return Some(PeriodSpan { first: month, months: 1 });
        }
        let (year, part) = name.split_once('-').unwrap_or((name, ""));
        let is_year = year.len() == 4 && year.bytes().all(|digit| digit.is_ascii_digit());
        let last = Month::new(year.parse().ok().filter(|_| is_year)?, (year_start + 10) % 12 + 1)?;
        let (since, months) = match part {
            "" if name == year => (0, 12),
            "H1" => (0, 6),
            "H2" => (6, 6),
            "Q1" => (0, 3),
            "Q2" => (3, 3),
            "Q3" => (6, 3),
            "Q4" => (9, 3),
            _ => return None,
        };
        Some(PeriodSpan { first: last.plus(since - 11), months })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read_as_the_period_that_it_names() {
        for (period, start) in [Period::Month, Period::Quarter, Period::Half, Period::Year]
            .into_iter()
            .flat_map(|period| (1..=12).map(move |start| (period, start)))
        {
            for number in 0..30 {
                let day = Day::new(2026, 1, 15).expect("a day").plus_months(number);
                let span = PeriodSpan::of(period, start, day);
                assert_eq!(PeriodSpan::parse(&span.name(start), start), Some(span), "{period:?} {start} {day}");
            }
        }
        for name in ["", "-", "2027-", "27-Q1", "2027-Q5", "2027-13", "+027", "2027-Q1-"] {
            assert_eq!(PeriodSpan::parse(name, 1), None, "{name}");
        }
    }

    #[test]
    fn fiscal_periods_carry_the_year_in_which_they_end() {
        let name = |period, start, day| {
            let day = Day::parse(day).expect("a date");
            let span = PeriodSpan::of(period, start, day);
            assert!(span.contains(day));
            (span.name(start), span.first_day().to_string(), span.last_day().to_string())
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
