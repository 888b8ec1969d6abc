//! Time zones by their IANA names, and the day on which an instant is.

use std::fmt;

use chrono::{DateTime, NaiveDateTime, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};
use ledger::id::Name;
use ledger::nearest::nearest;

/// The time zone that says on which day an instant is.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Zone {
    /// The one that a mapping or a book names.
    Named(Tz),
    /// Nobody named one. Instants in UTC, like seconds since 1970, are on a day of UTC; others are not taken.
    Unnamed,
}

impl Zone {
    /// The zone that a book names. A name that this program does not know was written by another version of it.
    pub fn of_book(name: Option<&Name>) -> Result<Zone, String> {
        name.map_or(Ok(Zone::Unnamed), |name| parse(name.as_str()).map(Zone::Named))
    }

    /// The civil time of an instant.
    pub fn civil(self, instant: DateTime<Utc>) -> NaiveDateTime {
        match self {
            Zone::Named(zone) => instant.with_timezone(&zone).naive_local(),
            Zone::Unnamed => instant.naive_utc(),
        }
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Zone::Named(zone) => f.write_str(zone.name()),
            Zone::Unnamed => f.write_str("UTC"),
        }
    }
}

/// The time zone of an IANA name like `Europe/Vienna`, in its own spelling.
pub fn parse(text: &str) -> Result<Tz, String> {
    text.parse::<Tz>().map_err(|_| match nearest_zone(text) {
        Some(near) => format!("there is no such time zone; did you mean `{near}`?"),
        None => {
            "there is no such time zone; write an IANA name like `Europe/Vienna`, `America/New_York` or `UTC`".into()
        }
    })
}

/// The zone that is spelled nearly so, in whatever case.
pub fn nearest_zone(text: &str) -> Option<&'static str> {
    let of_case = TZ_VARIANTS.iter().map(|zone| zone.name()).find(|name| name.eq_ignore_ascii_case(text));
    of_case.or_else(|| nearest(text, TZ_VARIANTS.iter().map(|zone| zone.name())))
}

/// The name of a zone on the command line.
pub fn named(text: &str) -> Result<Name, String> {
    let zone = parse(text)?;
    Name::new(zone.name()).ok_or_else(|| "there is no such time zone".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn civil(zone: Zone, seconds: i64) -> String {
        zone.civil(DateTime::from_timestamp(seconds, 0).expect("an instant")).to_string()
    }

    #[test]
    fn an_instant_is_on_the_day_of_its_zone() {
        // 2027-01-31T23:30:00Z
        let seconds = 1_801_438_200;
        assert_eq!(civil(Zone::Unnamed, seconds), "2027-01-31 23:30:00");
        assert_eq!(civil(Zone::Named(Tz::Europe__Vienna), seconds), "2027-02-01 00:30:00");
        assert_eq!(civil(Zone::Named(Tz::America__Los_Angeles), seconds), "2027-01-31 15:30:00");
        // An hour of summer time: 2027-06-30T22:30:00Z.
        assert_eq!(civil(Zone::Named(Tz::Europe__Vienna), 1_814_394_600), "2027-07-01 00:30:00");
    }

    #[test]
    fn a_zone_is_named_as_it_is_spelled_or_refused() {
        assert_eq!(parse("Europe/Vienna"), Ok(Tz::Europe__Vienna));
        assert!(parse("europe/vienna").is_err_and(|why| why.contains("`Europe/Vienna`")));
        assert!(parse("Europe/Viena").is_err_and(|why| why.contains("`Europe/Vienna`")));
        assert!(parse("+01:00").is_err_and(|why| why.contains("an IANA name")));
    }
}
