//! Dates as other people write them: a format like `%d/%m/%Y`.

use chrono::format::{Item, Parsed, StrftimeItems, parse};
use chrono::{DateTime, Datelike};
use ledger::date::{Day, Month};

/// A format, taken apart once.
#[derive(Clone, Debug)]
pub struct DateFormat {
    items: Vec<Item<'static>>,
    /// As it is written.
    pub text: String,
    day: Option<DayOfMonth>,
}

/// Which day a month means.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum DayOfMonth {
    First,
    Last,
}

/// Any moment that tells all fields of a date from each other: 2027-02-19T13:20:00Z.
const SAMPLE: i64 = 1_803_043_200;

/// Days from 0001-01-01 (chrono's day one) to 1970-01-01.
const EPOCH: i64 = 719_163;

impl DateFormat {
    /// `None` where the text is no format, or one that does not tell a date.
    pub fn new(text: &str, day: Option<DayOfMonth>) -> Option<DateFormat> {
        let items: Vec<Item<'static>> = StrftimeItems::new(text).map(Item::to_owned).collect();
        if items.iter().any(|item| matches!(item, Item::Error)) {
            return None;
        }
        let format = DateFormat { items, text: text.to_owned(), day };
        let sample = DateTime::from_timestamp(SAMPLE, 0)?.fixed_offset();
        let mut written = String::new();
        std::fmt::Write::write_fmt(&mut written, format_args!("{}", sample.format_with_items(format.items.iter())))
            .ok()?;
        format.day(&written).is_some().then_some(format)
    }

    /// The date that a text tells; what it says of the time of day does not count.
    pub fn day(&self, text: &str) -> Option<Day> {
        let mut parsed = Parsed::new();
        parse(&mut parsed, text, self.items.iter()).ok()?;
        if self.day.is_some() && parsed.day().is_none() {
            parsed.set_day(1).ok()?;
        }
        let date = parsed.to_naive_date().ok()?;
        let day = Day::from_number(i64::from(date.num_days_from_ce()) - EPOCH)?;
        Some(match self.day {
            None => day,
            Some(DayOfMonth::First) => Month::of(day).first(),
            Some(DayOfMonth::Last) => Month::of(day).last(),
        })
    }

    /// A date in this format, for a message.
    pub fn example(&self) -> String {
        let sample = DateTime::from_timestamp(SAMPLE, 0).expect("a moment of our time").fixed_offset();
        sample.format_with_items(self.items.iter()).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(format: &str, text: &str) -> Option<String> {
        DateFormat::new(format, None).expect("a format").day(text).map(|day| day.to_string())
    }

    #[test]
    fn dates_are_read_as_their_format_says() {
        for (format, text) in [
            ("%d/%m/%Y", "03/02/2027"),
            ("%-d.%-m.%y", "3.2.27"),
            ("%Y-%m-%d %H:%M:%S", "2027-02-03 23:59:59"),
            ("%Y-%m-%dT%H:%M:%S%z", "2027-02-03T23:59:59+0900"),
            ("%b %e, %Y", "Feb  3, 2027"),
            ("%Y%m%d", "20270203"),
        ] {
            assert_eq!(day(format, text).as_deref(), Some("2027-02-03"), "{format} {text}");
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        for (format, text) in [
            ("%d/%m/%Y", "31/02/2027"),
            ("%d/%m/%Y", "02/13/2027"),
            ("%d/%m/%Y", "03/02/2027 10:00"),
            ("%Y-%m-%d", ""),
            ("%Y-%m-%d", "1899-12-31"),
        ] {
            assert_eq!(day(format, text), None, "{format} {text}");
        }
    }

    #[test]
    fn a_format_tells_a_date_or_is_refused() {
        for format in ["%Q", "%H:%M", "%Y-%m", "", "%"] {
            assert!(DateFormat::new(format, None).is_none(), "{format}");
        }
    }

    #[test]
    fn a_month_means_its_first_or_last_day() {
        let of = |format, text: &str, day| {
            DateFormat::new(format, Some(day)).expect("a format").day(text).map(|day| day.to_string())
        };
        assert_eq!(of("%Y-%m", "2028-02", DayOfMonth::Last).as_deref(), Some("2028-02-29"));
        assert_eq!(of("%Y-%m", "2028-02", DayOfMonth::First).as_deref(), Some("2028-02-01"));
        assert_eq!(of("%d/%m/%Y", "07/02/2028", DayOfMonth::Last).as_deref(), Some("2028-02-29"));
        assert!(DateFormat::new("%Y", Some(DayOfMonth::Last)).is_none());
    }
}
