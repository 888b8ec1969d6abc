//! `--at`: what was known at an earlier size of the log, at an earlier time, or after a close.

use std::str::FromStr;

use chrono::{NaiveTime, Timelike};
use clap::Args;
use ledger::date::{Day, Month};
use replay::book::Book;

use crate::failure::Failure;
use crate::refusal::CommandRefusal;

/// What was known at an earlier time, for commands that read.
#[derive(Args, Debug)]
pub struct AsOf {
    /// Answer as of this log size, this time (UTC; a date means its end) or the close of this month
    #[arg(long, value_name = "SIZE|TIME|CLOSE")]
    at: Option<Point>,
}

/// Which facts a close uses.
#[derive(Args, Debug)]
pub struct Cutoff {
    /// Use the facts known at this log size, this time (UTC; a date means its end) or the close of this month; by default all
    #[arg(long, value_name = "SIZE|TIME|CLOSE")]
    at: Option<Point>,
}

/// A place in the history of a book.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Point {
    /// So many entries.
    Size(u64),
    /// Everything recorded up to and with this microsecond since 1970.
    Time(u64),
    /// Everything up to and with the close of this month.
    Close(Month),
}

impl AsOf {
    /// Whether a size, a time or a close was named.
    pub fn is_named(&self) -> bool {
        self.at.is_some()
    }

    /// The size, if one was named and not a time or a close.
    pub fn wanted_size(&self) -> Option<u64> {
        match self.at {
            Some(Point::Size(size)) => Some(size),
            Some(Point::Time(_) | Point::Close(_)) | None => None,
        }
    }

    /// The size that is meant: never beyond the log, and never without any entry.
    pub fn size(&self, book: &Book) -> Result<u64, Failure> {
        self.at.map_or(Ok(book.size()), |point| point.size(book))
    }

    /// Whether `--at` names a day after the one on which the last entry was recorded.
    pub fn is_after_last(&self, book: &Book) -> bool {
        self.at.is_some_and(|point| point.is_after_last(book))
    }
}

impl Cutoff {
    /// The size that is meant, which may be beyond the log; `None` where none is named.
    pub fn size(&self, book: &Book) -> Result<Option<u64>, Failure> {
        match self.at {
            None => Ok(None),
            Some(Point::Size(wanted)) => Ok(Some(wanted)),
            Some(Point::Time(time)) => size_at(book, time).map(Some),
            Some(Point::Close(month)) => size_after(book, month).map(Some),
        }
    }

    /// Whether `--at` names a day after the one on which the last entry was recorded.
    pub fn is_after_last(&self, book: &Book) -> bool {
        self.at.is_some_and(|point| point.is_after_last(book))
    }
}

impl Point {
    /// The size that is meant. Refused beyond the log, before its first entry, and after a close that is not there.
    pub fn size(self, book: &Book) -> Result<u64, Failure> {
        match self {
            Point::Size(wanted) => within(wanted, book.size()),
            Point::Time(time) => size_at(book, time),
            Point::Close(month) => size_after(book, month),
        }
    }

    /// The closed month, if it is one.
    pub fn month(self) -> Option<Month> {
        match self {
            Point::Close(month) => Some(month),
            Point::Size(_) | Point::Time(_) => None,
        }
    }

    fn is_after_last(self, book: &Book) -> bool {
        matches!(self, Point::Time(time) if book.state().last_recorded() / DAY < time / DAY)
    }
}

fn within(wanted: u64, size: u64) -> Result<u64, Failure> {
    if wanted > size {
        return Err(Failure::refused(CommandRefusal::AtBeyondLog { wanted, size }));
    }
    Ok(wanted)
}

/// The size right after a month was closed, without what was signed or recorded after that.
fn size_after(book: &Book, period: Month) -> Result<u64, Failure> {
    let close = book.state().closed(period);
    let refused = || CommandRefusal::AtOpenMonth { period, closed: book.state().closed_months() };
    close.map(|close| u64::from(close.position) + 1).ok_or_else(|| Failure::refused(refused()))
}

/// How many entries had been recorded by a time. Recorded times never decrease, so halving finds it.
fn size_at(book: &Book, time: u64) -> Result<u64, Failure> {
    let (mut low, mut high) = (0, book.size());
    while low < high {
        let middle = low + (high - low) / 2;
        if book.entry(middle)?.recorded <= time { low = middle + 1 } else { high = middle }
    }
    if low == 0 {
        let first = book.entry(0)?.recorded;
        return Err(Failure::refused(CommandRefusal::AtBeforeLog { time, first }));
    }
    Ok(low)
}

const WANTED: &str = "it is neither a size like 812, nor a time like 2027-03-01 or 2027-03-01T12:00:00Z, nor a closed month like 2027-03";

impl FromStr for Point {
    type Err = String;

    fn from_str(text: &str) -> Result<Point, String> {
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            return match text.parse() {
                Ok(0) => Err("the smallest size is 1: the first entry names the book".to_owned()),
                Ok(size) => Ok(Point::Size(size)),
                Err(_) => Err(WANTED.to_owned()),
            };
        }
        let close = Month::parse(text).map(Point::Close);
        close.or_else(|| time(text).map(Point::Time)).ok_or_else(|| WANTED.to_owned())
    }
}

const SECOND: u64 = 1_000_000;
const DAY: u64 = 24 * 60 * 60 * SECOND;

/// The last microsecond that a text means: of a date the day's, of a second the second's.
fn time(text: &str) -> Option<u64> {
    let (date, clock) = match text.split_once('T') {
        Some((date, clock)) => (date, Some(clock.strip_suffix('Z')?)),
        None => (text, None),
    };
    let midnight = u64::try_from(Day::parse(date)?.number()).ok()? * DAY;
    match clock {
        None => Some(midnight + DAY - 1),
        Some(clock) => Some(midnight + last_microsecond(clock)?),
    }
}

/// Of `12:00`, `12:00:00` or `12:00:00.000000`, as microseconds since midnight.
fn last_microsecond(clock: &str) -> Option<u64> {
    const SEPARATORS: [(usize, char); 3] = [(2, ':'), (5, ':'), (8, '.')];
    let (format, separators, unit) = match clock.len() {
        5 => ("%H:%M", 1, 60 * SECOND),
        8 => ("%H:%M:%S", 2, SECOND),
        length @ 10..=15 => ("%H:%M:%S%.f", 3, SECOND / 10u64.pow(u32::try_from(length).ok()? - 9)),
        _ => return None,
    };
    // The parser would also take blanks, signs and single digits.
    let found = clock.char_indices().filter(|(_, sign)| !sign.is_ascii_digit());
    let is_strict = found.eq(SEPARATORS.into_iter().take(separators));
    let time = NaiveTime::parse_from_str(clock, format).ok().filter(|_| is_strict)?;
    // A leap second has no time of its own in the log.
    let nanoseconds = Some(time.nanosecond()).filter(|nanoseconds| *nanoseconds < 1_000_000_000)?;
    Some(u64::from(time.num_seconds_from_midnight()) * SECOND + u64::from(nanoseconds / 1000) + unit - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ledger::entry::recorded_text;

    #[test]
    fn a_time_means_the_last_moment_that_it_names() {
        for (text, meant) in [
            ("1970-01-01", "1970-01-01T23:59:59.999999Z"),
            ("2027-03-01", "2027-03-01T23:59:59.999999Z"),
            ("2027-03-01T12:00Z", "2027-03-01T12:00:59.999999Z"),
            ("2027-03-01T12:00:00Z", "2027-03-01T12:00:00.999999Z"),
            ("2027-03-01T12:00:00.25Z", "2027-03-01T12:00:00.259999Z"),
            ("2027-03-01T12:00:00.250000Z", "2027-03-01T12:00:00.250000Z"),
        ] {
            assert_eq!(time(text).map(recorded_text).as_deref(), Some(meant), "{text}");
        }
    }

    #[test]
    fn what_is_no_point_is_refused() {
        for text in [
            "",
            "-1",
            "1.5",
            "99999999999999999999",
            "2027-02-30",
            "2027-13",
            "2027-3",
            "1969-12-31",
            "2027-03-01T",
            "2027-03-01T12Z",
            "2027-03-01T12:00:00",
            "2027-03-01T24:00:00Z",
            "2027-03-01T12:00:60Z",
            "2027-03-01T12:00:00.Z",
            "2027-03-01T12:00:00.0000001Z",
            "2027-03-01T12:00:00+01:00",
            "2027-03-01 12:00:00Z",
        ] {
            assert!(text.parse::<Point>().is_err(), "{text}");
        }
        assert!("0".parse::<Point>().is_err(), "a book has an entry");
        assert_eq!("1".parse(), Ok(Point::Size(1)));
        assert_eq!("2027-03".parse(), Ok(Point::Close(Month::new(2027, 3).expect("a month"))));
    }
}
