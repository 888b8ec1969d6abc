//! Dates as a mapping says that they are written: which forms a text may have, and on which day the moment is that it tells.

use chrono::{Datelike, NaiveDateTime, TimeDelta};
use ledger::date::fault::DateFault;
use ledger::date::{Day, Month};
use plans::read::report::Spot;
use replay::refusal::rows::RowRefusal;

use crate::input::time_zone::Zone;
use crate::mapping::evaluate::date_pattern::{DatePattern, NeedsDay};
use crate::mapping::evaluate::moment::{Moment, iso, serial, unix};

/// How dates are written, and what is done with them.
#[derive(Clone, Debug)]
pub struct DateRule {
    pub forms: Vec<DateForm>,
    pub day: Option<DayOfMonth>,
    /// How long before the moment the date ends that a source writes as the first one behind it.
    pub minus: Option<TimeDelta>,
    /// Where the mapping says how dates are written.
    pub at: Spot,
}

/// One way to write a date.
#[derive(Clone, Debug)]
pub enum DateForm {
    /// `2027-01-31`, and nothing behind it.
    Plain,
    Iso,
    Unix,
    UnixMilliseconds,
    Excel,
    Pattern(DatePattern),
}

/// Which day a month means.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum DayOfMonth {
    First,
    Last,
}

/// Days from 0001-01-01 (chrono's day one) to 1970-01-01.
const EPOCH: i64 = 719_163;

impl DateForm {
    /// `None` where the text is no word for a form and no pattern that tells a date.
    pub fn new(text: &str, day: Option<DayOfMonth>) -> Option<DateForm> {
        let needs_day = if day.is_some() { NeedsDay::MonthIsEnough } else { NeedsDay::Day };
        match text {
            "iso" => Some(DateForm::Iso),
            "unix" => Some(DateForm::Unix),
            "unix-ms" => Some(DateForm::UnixMilliseconds),
            "excel" => Some(DateForm::Excel),
            pattern => DatePattern::new(pattern, needs_day).map(DateForm::Pattern),
        }
    }

    /// Whether it counts from a moment in UTC.
    pub fn is_counted(&self) -> bool {
        match self {
            DateForm::Unix | DateForm::UnixMilliseconds => true,
            DateForm::Pattern(pattern) => pattern.text.contains("%s"),
            DateForm::Plain | DateForm::Iso | DateForm::Excel => false,
        }
    }

    fn read(&self, text: &str) -> Result<Moment, DateFault> {
        let found = match self {
            DateForm::Pattern(pattern) => return pattern.read(text),
            DateForm::Plain => iso(text).filter(|_| text.len() == 10),
            DateForm::Iso => iso(text),
            DateForm::Unix => unix(text, 1),
            DateForm::UnixMilliseconds => unix(text, 1_000),
            DateForm::Excel => serial(text),
        };
        found.ok_or_else(|| DateFault::of(text))
    }

    /// As a mapping has it.
    fn text(&self) -> &str {
        match self {
            DateForm::Plain => "%Y-%m-%d",
            DateForm::Iso => "iso",
            DateForm::Unix => "unix",
            DateForm::UnixMilliseconds => "unix-ms",
            DateForm::Excel => "excel",
            DateForm::Pattern(pattern) => &pattern.text,
        }
    }

    /// Such a date, for a message.
    fn example(&self) -> String {
        match self {
            DateForm::Plain => "2027-01-31".to_owned(),
            DateForm::Iso => "2027-01-31T23:30:00Z".to_owned(),
            DateForm::Unix => "1801434600".to_owned(),
            DateForm::UnixMilliseconds => "1801434600000".to_owned(),
            DateForm::Excel => "46320".to_owned(),
            DateForm::Pattern(pattern) => pattern.example(),
        }
    }
}

impl DateRule {
    /// The date that a text tells, in a time zone. Forms are never guessed: where a text is a date in two of them, both must
    /// mean one day.
    pub fn day(&self, text: &str, zone: Zone) -> Result<Day, RowRefusal> {
        let mut found: Option<Day> = None;
        let mut fault = None;
        for form in &self.forms {
            match form.read(text) {
                Err(of_form) => fault = fault.or(Some(of_form)),
                Ok(moment) => {
                    let day = self.day_of(moment, text, zone)?;
                    match found {
                        Some(other) if other != day => {
                            return Err(RowRefusal::DateAmbiguous { written: text.to_owned(), days: [other, day] });
                        }
                        Some(_) | None => found = Some(day),
                    }
                }
            }
        }
        found.ok_or_else(|| self.differs(text, fault.unwrap_or(DateFault::Form)))
    }

    fn day_of(&self, moment: Moment, text: &str, zone: Zone) -> Result<Day, RowRefusal> {
        let civil = match (moment, zone) {
            (Moment::WithOffset(_), Zone::Unnamed) => {
                return Err(RowRefusal::ZoneMissing { written: text.to_owned() });
            }
            (Moment::Civil(civil), _) => civil,
            (Moment::WithOffset(instant) | Moment::Counted(instant), _) => zone.civil(instant),
        };
        let early = || RowRefusal::NotADate { written: text.to_owned(), fault: DateFault::TooEarly };
        let civil = self.minus.map_or(Some(civil), |minus| civil.checked_sub_signed(minus)).ok_or_else(early)?;
        let day = day_in(civil).ok_or_else(early)?;
        Ok(match self.day {
            None => day,
            Some(DayOfMonth::First) => Month::of(day).first(),
            Some(DayOfMonth::Last) => Month::of(day).last(),
        })
    }

    fn differs(&self, text: &str, fault: DateFault) -> RowRefusal {
        let written = text.to_owned();
        if let [DateForm::Plain] = self.forms[..] {
            return RowRefusal::NotADate { written, fault };
        }
        let formats: Vec<&str> = self.forms.iter().map(DateForm::text).collect();
        let examples: Vec<String> = self.forms.iter().map(DateForm::example).collect();
        let (format, example) = (formats.join("` or `"), examples.join("` or `"));
        RowRefusal::DateFormatDiffers { written, format, example, fault }
    }
}

fn day_in(civil: NaiveDateTime) -> Option<Day> {
    Day::from_number(i64::from(civil.date().num_days_from_ce()) - EPOCH)
}

/// The time that a text like `1 day` or `1 second` means.
pub fn duration(text: &str) -> Option<TimeDelta> {
    let (number, unit) = text.split_once(' ')?;
    let number = number.parse::<i64>().ok().filter(|number| (1..=1_000).contains(number))?;
    let seconds = match unit {
        "second" | "seconds" => 1,
        "minute" | "minutes" => 60,
        "hour" | "hours" => 3_600,
        "day" | "days" => 86_400,
        _ => return None,
    };
    Some(TimeDelta::seconds(number * seconds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::Tz;

    const VIENNA: Zone = Zone::Named(Tz::Europe__Vienna);

    fn rule(forms: &[&str], minus: Option<&str>, day: Option<DayOfMonth>) -> DateRule {
        let forms = forms.iter().map(|form| DateForm::new(form, day).expect("a form")).collect();
        let minus = minus.map(|text| duration(text).expect("a duration"));
        DateRule { forms, day, minus, at: Spot::default() }
    }

    fn day(forms: &[&str], text: &str, zone: Zone) -> String {
        rule(forms, None, None).day(text, zone).map_or_else(|_| "-".to_owned(), |day| day.to_string())
    }

    #[test]
    fn an_instant_is_on_the_day_of_the_zone() {
        for text in ["2027-01-31T23:30:00-05:00", "2027-02-01T04:30:00+00:00", "2027-02-01T05:30:00+01:00"] {
            assert_eq!(day(&["iso"], text, VIENNA), "2027-02-01", "{text}");
            assert_eq!(day(&["iso"], text, Zone::Named(Tz::America__New_York)), "2027-01-31", "{text}");
            assert_eq!(day(&["%Y-%m-%dT%H:%M:%S%:z"], text, VIENNA), "2027-02-01", "{text}");
            // Nobody has said whose day it is.
            assert_eq!(
                rule(&["iso"], None, None).day(text, Zone::Unnamed),
                Err(RowRefusal::ZoneMissing { written: text.to_owned() })
            );
        }
        assert_eq!(day(&["iso"], "2027-01-31T23:30:00", VIENNA), "2027-01-31");
        assert_eq!(day(&["iso"], "2027-01-31", Zone::Unnamed), "2027-01-31");
        // Seconds since 1970 are told in UTC.
        assert_eq!(day(&["unix"], "1801438200", Zone::Unnamed), "2027-01-31");
        assert_eq!(day(&["unix"], "1801438200", VIENNA), "2027-02-01");
        assert_eq!(day(&["%s"], "1801438200", VIENNA), "2027-02-01");
    }

    #[test]
    fn several_forms_are_tried_and_must_agree() {
        assert_eq!(day(&["iso", "unix"], "1801438200", VIENNA), "2027-02-01");
        assert_eq!(day(&["unix", "unix-ms"], "1801438200000", VIENNA), "2027-02-01");
        assert_eq!(day(&["unix", "unix-ms"], "1801438200", VIENNA), "2027-02-01");
        let both = rule(&["%d/%m/%Y", "%m/%d/%Y"], None, None);
        assert!(both.day("31/01/2027", VIENNA).is_ok());
        assert!(both.day("02/02/2027", VIENNA).is_ok());
        assert!(matches!(both.day("02/01/2027", VIENNA), Err(RowRefusal::DateAmbiguous { .. })));
    }

    #[test]
    fn the_end_of_a_period_may_be_exclusive() {
        let of = |minus: &str, text: &str| {
            rule(&["iso"], Some(minus), None)
                .day(text, Zone::Named(Tz::UTC))
                .map(|day| day.to_string())
                .unwrap_or_default()
        };
        assert_eq!(of("1 day", "2027-03-01T00:00:00Z"), "2027-02-28");
        assert_eq!(of("1 second", "2027-03-01T00:00:00Z"), "2027-02-28");
        assert_eq!(of("1 second", "2027-03-01T11:00:00Z"), "2027-03-01");
        assert_eq!(of("1 day", "2027-03-01"), "2027-02-28");
        for text in ["1", "a day", "1 week", "0 days", "-1 days", "1.5 days"] {
            assert!(duration(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_month_means_its_first_or_last_day() {
        let of = |form: &str, text: &str, day| {
            rule(&[form], None, Some(day)).day(text, VIENNA).map(|day| day.to_string()).unwrap_or_default()
        };
        assert_eq!(of("%Y-%m", "2028-02", DayOfMonth::Last), "2028-02-29");
        assert_eq!(of("%Y-%m", "2028-02", DayOfMonth::First), "2028-02-01");
        assert_eq!(of("%d/%m/%Y", "07/02/2028", DayOfMonth::Last), "2028-02-29");
        assert_eq!(of("iso", "2028-01-31T23:30:00Z", DayOfMonth::Last), "2028-02-29");
    }
}
