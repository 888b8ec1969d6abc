//! Which entries `trueup log` shows: by author, kind, the days on which they were recorded, and whether they reached into a
//! closed month.

use clap::Args;
use clap::builder::PossibleValuesParser;
use ledger::date::Day;
use ledger::entry::Entry;
use ledger::fact::{Body, Payload, Record};
use replay::book::Book;

use crate::arguments::day;
use crate::render::dates::effective;

/// What an entry has to be to be shown; all that is named must hold.
#[derive(Args, Debug)]
pub struct LogFilter {
    /// Only entries of this author
    // Every command has an argument `author`, which is `--as`.
    #[arg(long = "author", value_name = "NAME")]
    by: Option<String>,
    /// Only entries of this kind; `period-close` lists the closes
    #[arg(long, value_name = "KIND", value_parser = PossibleValuesParser::new(kinds()), hide_possible_values = true)]
    kind: Option<String>,
    /// Only what was recorded on this day or later (UTC)
    #[arg(long, value_name = "DATE", value_parser = day)]
    since: Option<Day>,
    /// Only what was recorded on this day or earlier (UTC)
    #[arg(long, value_name = "DATE", value_parser = day)]
    until: Option<Day>,
    /// Only facts and plans that took effect in a month that was closed when they were recorded
    #[arg(long)]
    into_closed: bool,
}

/// The words of all kinds of entries.
fn kinds() -> Vec<&'static str> {
    Body::WORDS.iter().chain(Record::WORDS).copied().collect()
}

impl LogFilter {
    /// Whether anything is named.
    pub fn is_named(&self) -> bool {
        let LogFilter { by, kind, since, until, into_closed } = self;
        by.is_some() || kind.is_some() || since.is_some() || until.is_some() || *into_closed
    }

    /// Whether an entry is to be shown.
    pub fn passes(&self, entry: &Entry, book: &Book) -> bool {
        let recorded = recorded_day(entry);
        self.by.as_ref().is_none_or(|author| *author == entry.author)
            && self.kind.as_ref().is_none_or(|kind| kind == entry.payload.word())
            && self.since.is_none_or(|since| recorded >= since)
            && self.until.is_none_or(|until| recorded <= until)
            && (!self.into_closed || reached_into_closed(entry, book))
    }
}

const MICROSECONDS_OF_A_DAY: u64 = 24 * 60 * 60 * 1_000_000;

fn recorded_day(entry: &Entry) -> Day {
    let days = i64::try_from(entry.recorded / MICROSECONDS_OF_A_DAY).unwrap_or(i64::MAX);
    Day::from_number(days).unwrap_or(Day::LAST)
}

/// Whether a fact or a plan takes effect in a month that had been closed before it was recorded. A retraction reaches where what
/// it retracts did.
fn reached_into_closed(entry: &Entry, book: &Book) -> bool {
    let at = match &entry.payload {
        Payload::Fact(fact) => match &fact.body {
            Body::Retraction(_) => {
                let retracted = entry.replaces.iter().filter_map(|position| book.entry(*position).ok());
                retracted.filter_map(|retracted| effective(&retracted.payload).0).min()
            }
            _ => effective(&entry.payload).0,
        },
        Payload::Record(Record::Plan(plan)) => Some(plan.effective),
        Payload::Record(_) => None,
    };
    let closes = &book.state().posted_state().closes;
    let before = closes.iter().rev().find(|close| u64::from(close.position) < entry.position);
    at.zip(before).is_some_and(|(at, close)| at <= close.close.period.last())
}
