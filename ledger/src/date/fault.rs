//! What a text that is no date seems to be: a day that no month has, a number of a spreadsheet, seconds since 1970. Messages
//! say it.

use crate::date::{Day, Month};

/// Why a text is no date.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum DateFault {
    /// The text has another form than a date.
    Form,
    /// A date whose month has no such day.
    NoSuchDay {
        /// The month.
        month: Month,
    },
    /// A date whose month is not 1 to 12.
    NoSuchMonth {
        /// The month as it is written.
        month: u32,
    },
    /// A day on the calendar before [`Day::FIRST`].
    TooEarly,
    /// A date with a time of day behind it.
    TimeOfDay,
    /// The number by which spreadsheets count days.
    SerialNumber {
        /// The day that it means.
        day: Day,
    },
    /// Seconds since 1970.
    UnixSeconds {
        /// The day that it means in UTC.
        day: Day,
    },
    /// Milliseconds since 1970.
    UnixMilliseconds {
        /// The day that it means in UTC.
        day: Day,
    },
}

/// Days from 1899-12-30, the day before the first of spreadsheets as they count since 1900-03-01, to 1970-01-01.
pub const SERIAL_EPOCH: i64 = 25_569;

/// Numbers that are taken for seconds since 1970 begin with 1990-01-01, and end before 2100-01-01.
pub const UNIX_SECONDS: std::ops::Range<i64> = 631_152_000..4_102_444_800;

const DAY_SECONDS: i64 = 86_400;

impl DateFault {
    /// What a text seems to be that is not a date like `2027-01-31`.
    pub fn of(text: &str) -> DateFault {
        number(text).or_else(|| civil(text)).unwrap_or(DateFault::Form)
    }

    /// Of the numbers of a date that has the form of one.
    pub fn of_numbers(year: i32, month: u32, day: u32) -> DateFault {
        match (Day::new(year, month, day), Month::new(year, month)) {
            (Some(_), _) if year < 1900 => DateFault::TooEarly,
            (Some(_), _) => DateFault::Form,
            (None, Some(month)) => DateFault::NoSuchDay { month },
            (None, None) => DateFault::NoSuchMonth { month },
        }
    }
}

/// A bare number, with or without a part of a day behind the point.
fn number(text: &str) -> Option<DateFault> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 13 || !is_number(whole) || !is_number(part) {
        return None;
    }
    let number = whole.parse::<i64>().ok()?;
    let day = |number: i64| Day::from_number(number);
    match whole.len() {
        5 => day(number - SERIAL_EPOCH).map(|day| DateFault::SerialNumber { day }),
        9 | 10 if UNIX_SECONDS.contains(&number) => day(number / DAY_SECONDS).map(|day| DateFault::UnixSeconds { day }),
        12 | 13 if UNIX_SECONDS.contains(&(number / 1_000)) => {
            day(number / 1_000 / DAY_SECONDS).map(|day| DateFault::UnixMilliseconds { day })
        }
        _ => None,
    }
}

/// A text that begins like a date.
fn civil(text: &str) -> Option<DateFault> {
    let (date, rest) = text.split_at_checked(10)?;
    let [year, month, day] = date.split('-').collect::<Vec<_>>()[..] else { return None };
    let digits = |text: &str, length: usize| {
        let is_number = text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| text.parse::<u32>().ok()).flatten()
    };
    let (year, month, day) = (digits(year, 4)?, digits(month, 2)?, digits(day, 2)?);
    match DateFault::of_numbers(i32::try_from(year).ok()?, month, day) {
        DateFault::Form if rest.starts_with(['T', 't', ' ']) => Some(DateFault::TimeOfDay),
        fault => Some(fault),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_date_is_named() {
        let day = |text: &str| Day::parse(text).expect("a date");
        let month = |text: &str| Month::parse(text).expect("a month");
        for (text, fault) in [
            ("2027-02-29", DateFault::NoSuchDay { month: month("2027-02") }),
            ("2027-02-00", DateFault::NoSuchDay { month: month("2027-02") }),
            ("2027-13-01", DateFault::NoSuchMonth { month: 13 }),
            ("1899-12-31", DateFault::TooEarly),
            ("2027-01-31T10:00:00Z", DateFault::TimeOfDay),
            ("2027-01-31 10:00", DateFault::TimeOfDay),
            ("46320", DateFault::SerialNumber { day: day("2026-10-25") }),
            ("46320.5", DateFault::SerialNumber { day: day("2026-10-25") }),
            ("1801434600", DateFault::UnixSeconds { day: day("2027-01-31") }),
            ("1801434600000", DateFault::UnixMilliseconds { day: day("2027-01-31") }),
            ("31.01.2027", DateFault::Form),
            ("2027-01-31x", DateFault::Form),
            ("20270131", DateFault::Form),
            ("", DateFault::Form),
            ("ünïcödé-tëxt", DateFault::Form),
        ] {
            assert_eq!(DateFault::of(text), fault, "{text}");
        }
    }
}
