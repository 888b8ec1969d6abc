//! The date on which an entry takes effect, beside the one on which it was recorded; and what a posting amounted to.

use ledger::date::Day;
use ledger::fact::{Body, Payload, Posting, Record};
use ledger::money::Money;
use projections::lines::{LineName, money, name_of};

/// The day, or the first and the last one of usage. A retraction takes effect wherever what it retracts did.
pub fn effective(payload: &Payload) -> (Option<Day>, Option<Day>) {
    match payload {
        Payload::Fact(fact) => match &fact.body {
            Body::UsageSnapshot(usage) => (Some(usage.from), Some(usage.to)),
            body => (body.at(), None),
        },
        Payload::Record(Record::Plan(plan)) => (Some(plan.effective), None),
        Payload::Record(Record::Freeze(freeze)) => (freeze.until, None),
        Payload::Record(Record::Draw(draw)) => (Some(draw.month.last()), None),
        Payload::Record(Record::Settlement(settlement)) => (Some(settlement.period.last()), None),
        Payload::Record(Record::PeriodClose(close)) => (Some(close.period.last()), None),
        Payload::Record(_) => (posted(payload).map(|posted| posted.line.due), None),
    }
}

/// A posting with its amounts as money.
pub struct Posted<'e> {
    pub line: &'e Posting,
    pub name: LineName,
    pub amount: Money,
    pub entitled: Money,
    pub before: Money,
}

pub fn posted(payload: &Payload) -> Option<Posted<'_>> {
    let line = match payload {
        Payload::Record(Record::Earning(earning)) => &earning.line,
        Payload::Record(Record::Reversal(reversal)) => &reversal.line,
        Payload::Record(Record::OpeningLine(opening)) => &opening.line,
        Payload::Record(Record::Withheld(withheld)) => &withheld.line,
        Payload::Record(_) | Payload::Fact(_) => return None,
    };
    let of = |amount| money(amount, line.currency);
    let (amount, entitled, before) = (of(line.amount), of(line.entitled), of(line.before));
    Some(Posted { line, name: name_of(line), amount, entitled, before })
}
