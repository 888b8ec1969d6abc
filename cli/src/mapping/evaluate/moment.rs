//! When something was, as a text tells it: a civil time, or an instant that is on a day only in a time zone.

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use ledger::date::fault::{SERIAL_EPOCH, UNIX_SECONDS};

/// When something was.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Moment {
    /// As a calendar and a clock on the wall say it.
    Civil(NaiveDateTime),
    /// A text with an offset, `Z` included.
    WithOffset(DateTime<Utc>),
    /// Counted in UTC since 1970.
    Counted(DateTime<Utc>),
}

/// Before 1900-03-01 spreadsheets differ by a day.
const SERIAL_FIRST: i64 = 61;
const SERIAL_LAST: i64 = 2_958_465;

const DAY_SECONDS: i128 = 86_400;

/// RFC 3339 and what people write of it: a date, with or without a time of day, with or without an offset. The dashes and
/// colons may be missing, and a blank may stand for the `T`.
pub fn iso(text: &str) -> Option<Moment> {
    let (date, rest) = iso_date(text)?;
    if rest.is_empty() {
        return Some(Moment::Civil(date.and_time(NaiveTime::MIN)));
    }
    let rest = rest.strip_prefix(['T', 't']).or_else(|| Some(rest.trim_start()).filter(|time| *time != rest))?;
    let end = rest.find(|c: char| !(c.is_ascii_digit() || matches!(c, ':' | '.' | ','))).unwrap_or(rest.len());
    let civil = date.and_time(iso_time(&rest[..end])?);
    match rest[end..].trim() {
        "" => Some(Moment::Civil(civil)),
        "Z" | "z" | "UTC" | "GMT" => Some(Moment::WithOffset(civil.and_utc())),
        offset => Some(Moment::WithOffset(civil.checked_sub_signed(iso_offset(offset)?)?.and_utc())),
    }
}

fn iso_date(text: &str) -> Option<(NaiveDate, &str)> {
    if let Some((date, rest)) = text.split_at_checked(10)
        && date.as_bytes()[4] == b'-'
    {
        let (year, month, day) = (number(&date[..4])?, number(&date[5..7])?, number(&date[8..])?);
        return (date.as_bytes()[7] == b'-')
            .then(|| NaiveDate::from_ymd_opt(year, month as u32, day as u32))?
            .map(|date| (date, rest));
    }
    let (date, rest) = text.split_at_checked(8)?;
    let (year, month, day) = (number(&date[..4])?, number(&date[4..6])?, number(&date[6..])?);
    NaiveDate::from_ymd_opt(year, month as u32, day as u32).map(|date| (date, rest))
}

/// Digits and nothing else.
fn number(text: &str) -> Option<i32> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

/// `10:30`, `10:30:05`, `10:30:05.123`, `103005`. What is behind a second does not count.
fn iso_time(text: &str) -> Option<NaiveTime> {
    let (clock, part) = text.split_once(['.', ',']).unwrap_or((text, "0"));
    if part.is_empty() || number(&part[..1]).is_none() || !part.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let parts: Vec<&str> = match (clock.contains(':'), clock.len()) {
        (true, _) => clock.split(':').collect(),
        (false, 4) => vec![&clock[..2], &clock[2..]],
        (false, 6) => vec![&clock[..2], &clock[2..4], &clock[4..]],
        (false, _) => return None,
    };
    let parts: Option<Vec<i32>> =
        parts.into_iter().map(|part| Some(part).filter(|part| part.len() == 2).and_then(number)).collect();
    let (hour, minute, second) = match parts?[..] {
        [hour, minute] => (hour, minute, 0),
        // A leap second is on the same day as the second before it.
        [hour, minute, second] => (hour, minute, if second == 60 { 59 } else { second }),
        _ => return None,
    };
    NaiveTime::from_hms_opt(hour as u32, minute as u32, second as u32)
}

/// `+05:30`, `-0800`, `+02`.
fn iso_offset(text: &str) -> Option<TimeDelta> {
    let is_west = text.starts_with(['-', '\u{2212}']);
    let digits = text.strip_prefix(['+', '-', '\u{2212}'])?;
    let (hours, minutes) = match digits.len() {
        2 => (digits, "00"),
        4 => digits.split_at(2),
        5 => digits.split_once(':').filter(|(hours, _)| hours.len() == 2)?,
        _ => return None,
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    let seconds = i64::from(hours * 60 + minutes) * 60;
    (hours <= 18 && minutes < 60).then(|| TimeDelta::seconds(if is_west { -seconds } else { seconds }))
}

/// Seconds since 1970, or thousandths of them. A number that would be in no year of our time means something else.
pub fn unix(text: &str, in_a_second: i64) -> Option<Moment> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let is_number = |text: &str| !text.is_empty() && text.len() <= 18 && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(whole) || !is_number(part) {
        return None;
    }
    let seconds = whole.parse::<i64>().ok()? / in_a_second;
    UNIX_SECONDS.contains(&seconds).then(|| DateTime::from_timestamp(seconds, 0).map(Moment::Counted))?
}

/// The days that spreadsheets count since 1899-12-30, with the part of the day behind the point.
pub fn serial(text: &str) -> Option<Moment> {
    let (whole, part) = text.split_once(['.', ',']).unwrap_or((text, "0"));
    if part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let days = i64::from(number(whole)?);
    if !(SERIAL_FIRST..=SERIAL_LAST).contains(&days) {
        return None;
    }
    let part = &part[..part.len().min(15)];
    let seconds = part.parse::<i128>().ok()? * DAY_SECONDS / 10_i128.pow(part.len() as u32);
    let epoch = DateTime::from_timestamp(0, 0)?.date_naive();
    let date = epoch.checked_sub_days(Days::new(SERIAL_EPOCH as u64))?.checked_add_days(Days::new(days as u64))?;
    let time = NaiveTime::from_num_seconds_from_midnight_opt(seconds as u32, 0)?;
    Some(Moment::Civil(date.and_time(time)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(moment: Option<Moment>) -> String {
        match moment {
            Some(Moment::Civil(civil)) => civil.to_string(),
            Some(Moment::WithOffset(instant) | Moment::Counted(instant)) => instant.to_string(),
            None => "-".to_owned(),
        }
    }

    #[test]
    fn what_people_write_of_rfc_3339_is_read() {
        for (text, meant) in [
            ("2027-01-31", "2027-01-31 00:00:00"),
            ("20270131", "2027-01-31 00:00:00"),
            ("2027-01-31 23:30", "2027-01-31 23:30:00"),
            ("2027-01-31T23:30:59", "2027-01-31 23:30:59"),
            ("2027-01-31T23:30:60.5", "2027-01-31 23:30:59"),
            ("2027-01-31T23:30:00Z", "2027-01-31 23:30:00 UTC"),
            ("2027-02-01T05:00:00.123456Z", "2027-02-01 05:00:00 UTC"),
            ("2027-01-31 23:30:00 UTC", "2027-01-31 23:30:00 UTC"),
            ("2027-01-31t23:30:00,5z", "2027-01-31 23:30:00 UTC"),
            ("2027-01-31T23:30:00-08:00", "2027-02-01 07:30:00 UTC"),
            ("2027-02-01T10:00:00+0530", "2027-02-01 04:30:00 UTC"),
            ("2027-02-01 10:00:00+02", "2027-02-01 08:00:00 UTC"),
            ("2027-02-01 10:00:00 +02:00", "2027-02-01 08:00:00 UTC"),
            ("20270131T233000Z", "2027-01-31 23:30:00 UTC"),
        ] {
            assert_eq!(told(iso(text)), meant, "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "2027-02-29",
            "2027-1-31",
            "27-01-31",
            "31.01.2027",
            "2027-01-31T",
            "2027-01-31 ",
            "2027-01-31T25:00",
            "2027-01-31T10",
            "2027-01-31T10:3",
            "2027-01-31T10:30:00.",
            "2027-01-31T10:30:00+5",
            "2027-01-31T10:30:00+19:00",
            "2027-01-31T10:30:00 PST",
            "2027-01-31x10:30",
            "2027-01-3é",
            "",
        ] {
            assert_eq!(iso(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_mean_seconds_thousandths_or_days() {
        for (moment, meant) in [
            (unix("1801434600", 1), "2027-01-31 22:30:00 UTC"),
            (unix("1801434600.25", 1), "2027-01-31 22:30:00 UTC"),
            (unix("1801434600000", 1_000), "2027-01-31 22:30:00 UTC"),
            (unix("1801434600000", 1), "-"),
            (unix("1801434600", 1_000), "-"),
            (unix("46320", 1), "-"),
            (unix("-1801434600", 1), "-"),
            (unix("99999999999999999999", 1), "-"),
            (serial("46320"), "2026-10-25 00:00:00"),
            (serial("46320.5"), "2026-10-25 12:00:00"),
            (serial("46320,25"), "2026-10-25 06:00:00"),
            (serial("46320.99999999999999999"), "2026-10-25 23:59:59"),
            (serial("61"), "1900-03-01 00:00:00"),
            (serial("60"), "-"),
            (serial("20270131"), "-"),
            (serial("46320."), "-"),
        ] {
            assert_eq!(told(moment), meant);
        }
    }
}
