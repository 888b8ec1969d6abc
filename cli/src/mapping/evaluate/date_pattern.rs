//! Dates as other people write them: a pattern like `%d/%m/%Y`.

use chrono::format::{Fixed, Item, Numeric, Parsed, StrftimeItems, parse};
use chrono::{DateTime, NaiveTime, Utc};
use ledger::date::Day;
use ledger::date::fault::DateFault;

use crate::mapping::evaluate::moment::Moment;

/// A pattern, taken apart once.
#[derive(Clone, Debug)]
pub struct DatePattern {
    items: Vec<Item<'static>>,
    /// As it is written.
    pub text: String,
    /// Whether a month alone is enough.
    needs_day: NeedsDay,
}

/// Whether a pattern tells a day.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum NeedsDay {
    Day,
    MonthIsEnough,
}

const SECONDS_PER_DAY: i64 = 24 * 60 * 60;

/// Any moment that tells all fields of a date from each other: 2027-02-19T13:20:00Z.
const SAMPLE: i64 = 1_803_043_200;

impl DatePattern {
    /// `None` where the text is no pattern, or one that does not tell a date. The name of a zone is not understood, and would
    /// be ignored; an offset without a time of day tells no instant.
    pub fn new(text: &str, needs_day: NeedsDay) -> Option<DatePattern> {
        let items: Vec<Item<'static>> = StrftimeItems::new(text).map(Item::to_owned).collect();
        let is_unfit = |item: &Item<'_>| matches!(item, Item::Error | Item::Fixed(Fixed::TimezoneName));
        if items.iter().any(is_unfit) {
            return None;
        }
        let pattern = DatePattern { items, text: text.to_owned(), needs_day };
        let sample = DateTime::from_timestamp(SAMPLE, 0)?.fixed_offset();
        let mut written = String::new();
        std::fmt::Write::write_fmt(&mut written, format_args!("{}", sample.format_with_items(pattern.items.iter())))
            .ok()?;
        pattern.read(&written).is_ok().then_some(pattern)
    }

    /// The moment that a text tells, or what it seems to be instead.
    pub fn read(&self, text: &str) -> Result<Moment, DateFault> {
        let mut parsed = Parsed::new();
        parse(&mut parsed, text, self.items.iter()).map_err(|_| DateFault::of(text))?;
        if self.needs_day == NeedsDay::MonthIsEnough && parsed.day().is_none() {
            parsed.set_day(1).map_err(|_| DateFault::Form)?;
        }
        if parsed.timestamp().is_some() {
            let instant = parsed.to_datetime_with_timezone(&Utc).map_err(|_| DateFault::Form)?;
            return Ok(Moment::Counted(instant));
        }
        let date = parsed.to_naive_date().map_err(|_| no_day(&parsed))?;
        if parsed.offset().is_some() {
            let instant = parsed.to_datetime().map_err(|_| DateFault::Form)?;
            return Ok(Moment::WithOffset(instant.to_utc()));
        }
        match parsed.to_naive_time() {
            Ok(time) if self.ends_with_z() => Ok(Moment::WithOffset(date.and_time(time).and_utc())),
            Ok(time) => Ok(Moment::Civil(date.and_time(time))),
            Err(_) => Ok(Moment::Civil(date.and_time(NaiveTime::MIN))),
        }
    }

    /// A `Z` behind the time of day is no ornament: it says UTC.
    fn ends_with_z(&self) -> bool {
        let is_of_a_clock = |item: &Item<'_>| {
            matches!(item, Item::Numeric(Numeric::Second | Numeric::Minute, _))
                || matches!(
                    item,
                    Item::Fixed(Fixed::Nanosecond | Fixed::Nanosecond3 | Fixed::Nanosecond6 | Fixed::Nanosecond9)
                )
        };
        self.text.ends_with('Z') && !self.text.ends_with("%Z") && self.items.iter().any(is_of_a_clock)
    }

    /// A day in this pattern.
    pub fn written(&self, day: Day) -> String {
        let midnight = DateTime::from_timestamp(i64::from(day.number()) * SECONDS_PER_DAY, 0);
        let midnight = midnight.expect("a day of our time").fixed_offset();
        midnight.format_with_items(self.items.iter()).to_string()
    }

    /// A date in this pattern, for a message.
    pub fn example(&self) -> String {
        let sample = DateTime::from_timestamp(SAMPLE, 0).expect("a moment of our time").fixed_offset();
        sample.format_with_items(self.items.iter()).to_string()
    }
}

/// What is wrong with a date that has the form of one.
fn no_day(parsed: &Parsed) -> DateFault {
    let year = parsed.year().or_else(|| parsed.year_mod_100().map(|year| 2000 + year));
    match (year, parsed.month(), parsed.day()) {
        (Some(year), Some(month), Some(day)) => DateFault::of_numbers(year, month, day),
        _ => DateFault::Form,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ledger::date::Month;

    fn read(pattern: &str, text: &str) -> String {
        match DatePattern::new(pattern, NeedsDay::Day).expect("a pattern").read(text) {
            Ok(Moment::Civil(civil)) => civil.to_string(),
            Ok(Moment::WithOffset(instant) | Moment::Counted(instant)) => instant.to_string(),
            Err(_) => "-".to_owned(),
        }
    }

    #[test]
    fn dates_are_read_as_their_pattern_says() {
        for (pattern, text, meant) in [
            ("%d/%m/%Y", "03/02/2027", "2027-02-03 00:00:00"),
            ("%-d.%-m.%y", "3.2.27", "2027-02-03 00:00:00"),
            ("%Y-%m-%d %H:%M:%S", "2027-02-03 23:59:59", "2027-02-03 23:59:59"),
            ("%Y-%m-%dT%H:%M:%S%z", "2027-02-03T23:59:59+0900", "2027-02-03 14:59:59 UTC"),
            ("%Y-%m-%dT%H:%M:%S%:z", "2027-02-03T23:59:59+09:00", "2027-02-03 14:59:59 UTC"),
            ("%Y-%m-%dT%H:%M:%SZ", "2027-02-03T23:59:59Z", "2027-02-03 23:59:59 UTC"),
            ("%s", "1801434600", "2027-01-31 22:30:00 UTC"),
            ("%b %e, %Y", "Feb  3, 2027", "2027-02-03 00:00:00"),
            ("%Y%m%d", "20270203", "2027-02-03 00:00:00"),
            ("%d/%m/%Y", "31/02/2027", "-"),
            ("%d/%m/%Y", "02/13/2027", "-"),
            ("%d/%m/%Y", "03/02/2027 10:00", "-"),
            ("%Y-%m-%d", "", "-"),
        ] {
            assert_eq!(read(pattern, text), meant, "{pattern} {text}");
        }
    }

    #[test]
    fn days_are_written_as_they_are_read() {
        for (pattern, written) in [("%d/%m/%Y", "03/02/2027"), ("%-d.%-m.%y", "3.2.27"), ("%Y%m%d", "20270203")] {
            let day = Day::parse("2027-02-03").expect("a day");
            assert_eq!(DatePattern::new(pattern, NeedsDay::Day).expect("a pattern").written(day), written);
        }
    }

    #[test]
    fn a_pattern_tells_a_date_or_is_refused() {
        for pattern in ["%Q", "%H:%M", "%Y-%m", "", "%", "%Y-%m-%d %H:%M %Z", "%Y-%m-%d%z"] {
            assert!(DatePattern::new(pattern, NeedsDay::Day).is_none(), "{pattern}");
        }
        assert!(DatePattern::new("%Y-%m", NeedsDay::MonthIsEnough).is_some());
        assert!(DatePattern::new("%Y", NeedsDay::MonthIsEnough).is_none());
    }

    #[test]
    fn a_day_that_no_month_has_is_named() {
        let pattern = DatePattern::new("%d/%m/%Y", NeedsDay::Day).expect("a pattern");
        let month = Month::parse("2027-02").expect("a month");
        assert_eq!(pattern.read("31/02/2027"), Err(DateFault::NoSuchDay { month }));
        assert!(matches!(pattern.read("46320"), Err(DateFault::SerialNumber { .. })));
    }
}
