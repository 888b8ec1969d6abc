//! Civil days, calendar months, spans and fiscal periods (calculation.md 1).

use std::fmt;

/// Days since 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(pub i64);

/// Months since January of the year 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month(pub i64);

/// After every day that a test knows.
pub const NEVER: Day = Day(1_000_000);

impl Day {
    pub fn of(year: i64, month: i64, day: i64) -> Day {
        Month(year * 12 + month - 1).first().plus(day - 1)
    }

    pub fn parse(text: &str) -> Day {
        let parts: Vec<i64> = text.split('-').map(|part| part.parse().expect("a date")).collect();
        Day::of(parts[0], parts[1], parts[2])
    }

    pub fn plus(self, days: i64) -> Day {
        Day(self.0 + days)
    }

    pub fn month(self) -> Month {
        let mut month = Month((1970 + self.0.div_euclid(366)) * 12);
        while Month(month.0 + 1).first() <= self {
            month = Month(month.0 + 1);
        }
        month
    }

    /// Clamped to the month's end.
    pub fn plus_months(self, months: i64) -> Day {
        let within = self.0 - self.month().first().0;
        let month = Month(self.month().0 + months);
        std::cmp::min(month.first().plus(within), month.last())
    }
}

impl fmt::Display for Day {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        let month = self.month();
        write!(out, "{}-{:02}", month.name(), self.0 - month.first().0 + 1)
    }
}

fn leap(year: i64) -> bool {
    (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
}

impl Month {
    pub fn parse(name: &str) -> Month {
        Day::parse(&format!("{name}-01")).month()
    }

    pub fn year(self) -> i64 {
        self.0.div_euclid(12)
    }

    pub fn days(self) -> i64 {
        match self.0.rem_euclid(12) {
            3 | 5 | 8 | 10 => 30,
            1 if leap(self.year()) => 29,
            1 => 28,
            _ => 31,
        }
    }

    pub fn first(self) -> Day {
        let before = self.year() - 1;
        let leaps = before / 4 - before / 100 + before / 400;
        let of_year: i64 = (self.year() * 12..self.0).map(|month| Month(month).days()).sum();
        Day(before * 365 + leaps + of_year - 719_162)
    }

    pub fn last(self) -> Day {
        self.first().plus(self.days() - 1)
    }

    pub fn name(self) -> String {
        format!("{}-{:02}", self.year(), self.0.rem_euclid(12) + 1)
    }
}

/// `90 days` or `3 months`.
#[derive(Clone, Copy)]
pub enum Span {
    Days(i64),
    Months(i64),
}

impl Span {
    pub fn parse(text: &str) -> Span {
        let (count, unit) = text.split_once(' ').expect("a count and a unit");
        let count = count.parse().expect("a count");
        if unit.starts_with("day") { Span::Days(count) } else { Span::Months(count) }
    }

    pub fn after(self, day: Day) -> Day {
        match self {
            Span::Days(days) => day.plus(days),
            Span::Months(months) => day.plus_months(months),
        }
    }

    /// The N days or months before `day`: its last day is the one before.
    pub fn window_before(self, day: Day) -> Window {
        let first = match self {
            Span::Days(days) => day.plus(-days),
            Span::Months(months) => day.plus_months(-months),
        };
        Window { first, last: day.plus(-1) }
    }

    pub fn window_ending(self, day: Day) -> Window {
        self.window_before(day.plus(1))
    }
}

/// Days, both included.
#[derive(Clone, Copy)]
pub struct Window {
    pub first: Day,
    pub last: Day,
}

impl Window {
    pub fn days(self) -> impl Iterator<Item = Day> {
        (self.first.0..=self.last.0).map(Day)
    }

    pub fn has(self, day: Day) -> bool {
        self.first <= day && day <= self.last
    }

    pub fn length(self) -> i64 {
        (self.last.0 - self.first.0 + 1).max(0)
    }

    pub fn within(self, other: Window) -> Window {
        Window { first: self.first.max(other.first), last: self.last.min(other.last) }
    }
}

/// A performance period: a month, or a quarter, half or year of the fiscal year.
#[derive(Clone)]
pub struct Period {
    pub name: String,
    pub first: Month,
    pub months: i64,
}

impl Period {
    /// `kind` is a plan's word; `year_start` the month, from 1, in which the fiscal year begins.
    pub fn of(day: Day, kind: &str, year_start: i64) -> Period {
        let months = match kind {
            "month" => 1,
            "quarter" => 3,
            "half" => 6,
            "year" => 12,
            other => panic!("`{other}` is no period"),
        };
        let shift = year_start - 1;
        let place = (day.month().0 - shift).rem_euclid(12);
        let year_first = Month(day.month().0 - place);
        let part = place / months;
        let year = Month(year_first.0 + 11).year();
        let name = match months {
            1 => day.month().name(),
            3 => format!("{year}-Q{}", part + 1),
            6 => format!("{year}-H{}", part + 1),
            _ => format!("{year}"),
        };
        Period { name, first: Month(year_first.0 + part * months), months }
    }

    pub fn every_month(&self) -> impl Iterator<Item = Month> {
        (self.first.0..self.first.0 + self.months).map(Month)
    }

    pub fn window(&self) -> Window {
        Window { first: self.first.first(), last: Month(self.first.0 + self.months - 1).last() }
    }

    pub fn before(&self) -> Window {
        Window { first: Month(self.first.0 - self.months).first(), last: self.first.first().plus(-1) }
    }
}
