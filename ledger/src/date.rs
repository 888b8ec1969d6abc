//! Civil dates, calendar months and spans of them (calculation.md 1).

use std::fmt;

use chrono::{Datelike, NaiveDate};

pub mod fault;

/// A civil date, kept as days since 1970-01-01.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(i32);

/// Days from 0001-01-01 (chrono's day one) to 1970-01-01.
const EPOCH: i32 = 719_163;

impl Day {
    /// The first date that a fact or a plan may name.
    pub const FIRST: Day = Day(-25_567);
    /// The last one: 9999-12-31, what people write for "for ever".
    pub const LAST: Day = Day(2_932_896);

    /// A date of the calendar; `None` if there is no such day, or if it is outside of [`Day::FIRST`] to [`Day::LAST`].
    pub fn new(year: i32, month: u32, day: u32) -> Option<Day> {
        NaiveDate::from_ymd_opt(year, month, day).map(Day::from_civil)
    }

    /// Reads exactly `YYYY-MM-DD` between [`Day::FIRST`] and [`Day::LAST`].
    pub fn parse(text: &str) -> Option<Day> {
        let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *text.as_bytes() else { return None };
        let digits = |list: &[u8]| {
            list.iter().try_fold(0u32, |sum, b| b.is_ascii_digit().then(|| sum * 10 + u32::from(b - b'0')))
        };
        let year = digits(&[y1, y2, y3, y4])? as i32;
        let day = Day::new(year, digits(&[m1, m2])?, digits(&[d1, d2])?)?;
        (Day::FIRST..=Day::LAST).contains(&day).then_some(day)
    }

    /// Days since 1970-01-01.
    pub fn number(self) -> i32 {
        self.0
    }

    /// The day that is `number` days after 1970-01-01, if it is one that facts may name.
    pub fn from_number(number: i64) -> Option<Day> {
        let day = Day(i32::try_from(number).ok()?);
        (Day::FIRST..=Day::LAST).contains(&day).then_some(day)
    }

    /// The day so many days later; earlier for a negative number.
    pub fn plus_days(self, days: i32) -> Day {
        Day(self.0.saturating_add(days))
    }

    /// Adds calendar months, clamped to the month's end; a negative number goes back.
    pub fn plus_months(self, months: i32) -> Day {
        let civil = self.civil();
        let month = Month::of(self).plus(months);
        Day(month.first().0 + (civil.day() as i32).min(month.days()) - 1)
    }

    /// The day after.
    pub fn next(self) -> Day {
        self.plus_days(1)
    }

    /// The day before.
    pub fn previous(self) -> Day {
        self.plus_days(-1)
    }

    /// How many days `self ..= last` has, 0 when `last` lies before.
    pub fn days_to(self, last: Day) -> i32 {
        (last.0 - self.0 + 1).max(0)
    }

    fn civil(self) -> NaiveDate {
        NaiveDate::from_num_days_from_ce_opt(self.0.saturating_add(EPOCH))
            .expect("every Day lies far inside chrono's range")
    }

    fn from_civil(date: NaiveDate) -> Day {
        Day(date.num_days_from_ce() - EPOCH)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let civil = self.civil();
        write!(f, "{:04}-{:02}-{:02}", civil.year(), civil.month(), civil.day())
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A calendar month, kept as months since year 0.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(i32);

impl Month {
    /// The month `month` (1 to 12) of a year; `None` for another number.
    pub fn new(year: i32, month: u32) -> Option<Month> {
        (1..=12).contains(&month).then(|| Month(year * 12 + month as i32 - 1))
    }

    /// The month of a day.
    pub fn of(day: Day) -> Month {
        let civil = day.civil();
        Month(civil.year() * 12 + civil.month0() as i32)
    }

    /// Reads exactly `YYYY-MM`.
    pub fn parse(text: &str) -> Option<Month> {
        let day = Day::parse(&format!("{text}-01"))?;
        (text.len() == 7).then(|| Month::of(day))
    }

    /// The year.
    pub fn year(self) -> i32 {
        self.0.div_euclid(12)
    }

    /// 1 to 12.
    pub fn month(self) -> u32 {
        self.0.rem_euclid(12) as u32 + 1
    }

    /// Months since year 0.
    pub fn number(self) -> i32 {
        self.0
    }

    /// The month that is so many months after year 0 began.
    pub fn from_number(number: i32) -> Month {
        Month(number)
    }

    /// The month so many months later; earlier for a negative number.
    pub fn plus(self, months: i32) -> Month {
        Month(self.0 + months)
    }

    /// The month after.
    pub fn next(self) -> Month {
        self.plus(1)
    }

    /// The first day of the month.
    pub fn first(self) -> Day {
        Day::new(self.year(), self.month(), 1).expect("the first of a month exists")
    }

    /// The last day of the month.
    pub fn last(self) -> Day {
        self.next().first().previous()
    }

    /// How many days the month has.
    pub fn days(self) -> i32 {
        self.first().days_to(self.last())
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year(), self.month())
    }
}

impl fmt::Debug for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// `N days` or `N months`.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Span {
    /// So many days.
    Days(u16),
    /// So many calendar months; a day that the last month does not have becomes its last day.
    Months(u16),
}

impl Span {
    /// The longest span that a plan may write, in either unit.
    pub const MOST: u16 = 3_660;

    /// Reads `90 days`, `1 day`, `12 months`, `1 month`.
    pub fn parse(text: &str) -> Option<Span> {
        let (count, unit) = text.split_once(' ')?;
        if count.is_empty() || !count.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let count: u16 = count.parse().ok().filter(|count| *count <= Span::MOST)?;
        match unit {
            "day" | "days" => Some(Span::Days(count)),
            "month" | "months" => Some(Span::Months(count)),
            _ => None,
        }
    }

    /// The day that is this span after `day` (calculation.md 1).
    pub fn after(self, day: Day) -> Day {
        match self {
            Span::Days(days) => day.plus_days(i32::from(days)),
            Span::Months(months) => day.plus_months(i32::from(months)),
        }
    }

    /// The first day of the window of this length that precedes `day` (calculation.md 1).
    pub fn before(self, day: Day) -> Day {
        match self {
            Span::Days(days) => day.plus_days(-i32::from(days)),
            Span::Months(months) => day.plus_months(-i32::from(months)),
        }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Span::Days(1) => f.write_str("1 day"),
            Span::Days(days) => write!(f, "{days} days"),
            Span::Months(1) => f.write_str("1 month"),
            Span::Months(months) => write!(f, "{months} months"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).expect("a date")
    }

    #[test]
    fn dates_print_as_they_are_read() {
        for text in ["1900-01-01", "1970-01-01", "2024-02-29", "2027-12-31", "9999-12-31"] {
            assert_eq!(day(text).to_string(), text);
        }
        assert_eq!(Day::FIRST.to_string(), "1900-01-01");
        assert_eq!(Day::LAST.to_string(), "9999-12-31");
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in ["2027-02-29", "2027-13-01", "2027-1-01", "27-01-01", "2027/01/01", "1899-12-31", "", "2027-01-01 "]
        {
            assert_eq!(Day::parse(text), None, "{text}");
        }
    }

    #[test]
    fn months_are_clamped_to_their_end() {
        assert_eq!(day("2027-01-31").plus_months(1), day("2027-02-28"));
        assert_eq!(day("2027-03-31").plus_months(-1), day("2027-02-28"));
        assert_eq!(day("2024-02-29").plus_months(12), day("2025-02-28"));
        assert_eq!(Span::Days(90).after(day("2027-01-01")), day("2027-04-01"));
        assert_eq!(Span::Months(12).before(day("2028-01-01")), day("2027-01-01"));
    }

    #[test]
    fn months_know_their_days() {
        assert_eq!(Month::parse("2024-02").map(Month::days), Some(29));
        assert_eq!(Month::parse("2027-12").map(|m| m.last()), Some(day("2027-12-31")));
        assert_eq!(Month::parse("2027-3"), None);
    }
}
