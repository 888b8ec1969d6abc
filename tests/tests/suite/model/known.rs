//! What is known at an evaluation date: the facts in force that count by then, read one by one (calculation.md 2).

use std::collections::BTreeMap;

use serde_json::Value;

use super::calendar::{Day, Month, Window};
use super::log::{Log, contract, day, kind, text};
use super::number::{Number, number, one, ratio};
use super::plan::Version;

pub struct Known<'a> {
    /// The evaluation date.
    pub end: Day,
    pub versions: &'a [Version],
    /// In force, whatever their `at`: ends count as soon as they are recorded.
    pub recorded: Vec<(usize, &'a Value)>,
    pub bookings: Vec<Booking>,
    pub usages: Vec<Usage>,
    pub splits: Vec<Split>,
    pub signals: Vec<Signal>,
}

pub struct Booking {
    pub id: String,
    pub at: Day,
    pub account: String,
    pub contract: String,
    pub motion: String,
    pub product: Option<String>,
    pub start: Day,
    pub months: i64,
    pub arr: Number,
    pub tcv: Number,
    pub amounts: BTreeMap<String, Number>,
    pub currency: String,
    pub attributes: Value,
    pub cancelled: Option<Day>,
    /// Dated up to the evaluation date.
    pub notes: Vec<Note>,
}

/// What a credit note takes from its booking from a day on.
pub struct Note {
    pub at: Day,
    pub arr: Number,
    pub tcv: Number,
    pub amounts: BTreeMap<String, Number>,
}

pub struct Usage {
    pub contract: String,
    pub meter: Option<String>,
    pub days: Window,
    pub amount: Number,
    pub quantity: Number,
    pub currency: String,
}

/// What a split is on, or what a signal is on: the narrowest thing that it names.
#[derive(Clone, PartialEq, Debug)]
pub enum Thing {
    Booking(String),
    Contract(String),
    Account(String),
    Nothing,
}

pub struct Split {
    pub on: Thing,
    pub at: Day,
    pub position: usize,
    pub shares: Vec<Share>,
}

pub struct Share {
    pub payee: String,
    pub role: String,
    pub percent: Number,
}

pub struct Signal {
    /// The id of the first fact of its chain of corrections.
    pub id: String,
    pub name: String,
    pub at: Day,
    pub position: usize,
    pub on: Thing,
    pub payee: Option<String>,
    pub value: Option<Number>,
    pub currency: Option<String>,
}

impl<'a> Known<'a> {
    pub fn at(log: &'a Log, end: Day) -> Known<'a> {
        let recorded: Vec<_> = log.in_force().into_iter().map(|place| (place, &log.entries[place].fact)).collect();
        let counts = |fact: &Value| day(fact, "at").or(day(fact, "from")).is_some_and(|at| at <= end);
        let of = |wanted: &'static str| {
            recorded.iter().copied().filter(move |(_, fact)| kind(fact) == wanted && counts(fact))
        };
        let cancelled = |id: &str| {
            of("cancellation").find(|(_, fact)| text(fact, "booking") == Some(id)).and_then(|(_, fact)| day(fact, "at"))
        };
        let noted = |sold: &Value| {
            let mine = of("credit-note").filter(|(_, fact)| fact["booking"] == sold["booking"]);
            mine.map(|(_, fact)| note(fact, sold)).collect()
        };
        let bookings =
            of("booking").map(|(_, fact)| Booking { notes: noted(fact), ..booking(fact, &cancelled) }).collect();
        let credits = of("booking").filter_map(|(place, fact)| credit(place, fact));
        let splits = credits.chain(of("credit-split").map(|(place, fact)| split(place, fact))).collect();
        let first_id = |place: usize| text(&log.entries[log.first_of_chain(place)].fact, "id").unwrap_or_default();
        let signals = of("signal").map(|(place, fact)| signal(place, first_id(place), fact)).collect();
        let usages = of("usage-snapshot").map(|(_, fact)| usage(fact)).collect();
        Known { end, versions: &log.versions, bookings, usages, splits, signals, recorded }
    }

    /// Facts of a kind, whatever their date.
    pub fn ever(&self, wanted: &str) -> impl Iterator<Item = (usize, &'a Value)> {
        self.recorded.iter().copied().filter(move |(_, fact)| kind(fact) == wanted)
    }

    pub fn booking(&self, id: &str) -> Option<&Booking> {
        self.bookings.iter().find(|booking| booking.id == id)
    }

    /// Every contract that has bookings or usage, bytewise.
    pub fn contracts(&self) -> Vec<String> {
        let sold = self.bookings.iter().map(|booking| booking.contract.clone());
        let used = self.usages.iter().map(|usage| usage.contract.clone());
        let mut contracts: Vec<String> = sold.chain(used).collect();
        contracts.sort();
        contracts.dedup();
        contracts
    }

    /// The account that a contract belongs to.
    pub fn account_of(&self, wanted: &str) -> String {
        let mut facts = self.recorded.iter().map(|(_, fact)| *fact);
        let named = facts.find(|fact| {
            matches!(kind(fact), "booking" | "usage-snapshot" | "signal")
                && contract(fact) == wanted
                && fact.get("account").is_some()
        });
        named.and_then(|fact| text(fact, "account")).unwrap_or(wanted).to_owned()
    }

    pub fn payees(&self) -> Vec<String> {
        let mut payees: Vec<String> =
            self.ever("payee").filter_map(|(_, fact)| text(fact, "payee").map(str::to_owned)).collect();
        payees.sort();
        payees.dedup();
        payees
    }

    /// The field of a payee or account as changed last by a day; `null` clears it.
    pub fn field(&self, kind: &'static str, id: &str, name: &str, by: Day) -> Option<&'a str> {
        let facts = self.ever(kind).filter(|(_, fact)| text(fact, kind) == Some(id) && day(fact, "at") <= Some(by));
        let named = facts.filter(|(_, fact)| fact.get(name).is_some());
        named.max_by_key(|(place, fact)| (day(fact, "at"), *place)).and_then(|(_, fact)| fact[name].as_str())
    }

    /// The same of an attribute.
    pub fn attribute(&self, kind: &'static str, id: &str, name: &str, by: Day) -> Option<&'a str> {
        let facts = self.ever(kind).filter(|(_, fact)| text(fact, kind) == Some(id) && day(fact, "at") <= Some(by));
        let named = facts
            .filter(|(_, fact)| fact.get("attributes").is_some_and(|map| map.is_null() || map.get(name).is_some()));
        named
            .max_by_key(|(place, fact)| (day(fact, "at"), *place))
            .and_then(|(_, fact)| fact["attributes"][name].as_str())
    }

    /// How many units of `to` one of `from` is at the rate in force on a day (calculation.md 1).
    pub fn exchange(&self, from: &str, to: &str, on: Day) -> Number {
        if from == to {
            return one();
        }
        let pair = self
            .ever("exchange-rate")
            .filter(|(_, fact)| text(fact, "from") == Some(from) && text(fact, "to") == Some(to));
        let known = pair.filter(|(_, fact)| day(fact, "at") <= Some(on.min(self.end)));
        let latest = known.max_by_key(|(place, fact)| (day(fact, "at"), *place));
        latest.map(|(_, fact)| number(&fact["rate"])).unwrap_or_else(|| panic!("no rate of {from} in {to} on {on}"))
    }
}

fn shares(list: &Value) -> Vec<Share> {
    let share = |share: &Value| Share {
        payee: text(share, "payee").expect("a payee").to_owned(),
        role: text(share, "role").unwrap_or("primary").to_owned(),
        percent: number(&share["percent"]),
    };
    list.as_array().expect("a list").iter().map(share).collect()
}

/// A booking's `credit` is a split on it, dated as the booking.
fn credit(position: usize, fact: &Value) -> Option<Split> {
    let shares = shares(fact.get("credit")?);
    let on = Thing::Booking(text(fact, "booking")?.to_owned());
    Some(Split { on, at: day(fact, "at")?, position, shares })
}

fn split(position: usize, fact: &Value) -> Split {
    Split { on: narrowest(&fact["on"]), at: day(fact, "at").expect("a day"), position, shares: shares(&fact["shares"]) }
}

fn narrowest(fact: &Value) -> Thing {
    let named = |name: &str| text(fact, name).map(str::to_owned);
    let booking = named("booking").map(Thing::Booking);
    booking
        .or(named("contract").map(Thing::Contract))
        .or(named("account").map(Thing::Account))
        .unwrap_or(Thing::Nothing)
}

fn signal(position: usize, id: &str, fact: &Value) -> Signal {
    Signal {
        id: id.to_owned(),
        name: text(fact, "signal").expect("a name").to_owned(),
        at: day(fact, "at").expect("a day"),
        position,
        on: narrowest(fact),
        payee: text(fact, "payee").map(str::to_owned),
        value: fact.get("value").map(number),
        currency: text(fact, "currency").map(str::to_owned),
    }
}

fn usage(fact: &Value) -> Usage {
    Usage {
        contract: contract(fact),
        meter: text(fact, "meter").map(str::to_owned),
        days: Window { first: day(fact, "from").expect("a day"), last: day(fact, "to").expect("a day") },
        amount: number(&fact["amount"]),
        quantity: fact.get("quantity").map(number).unwrap_or_else(super::number::zero),
        currency: text(fact, "currency").expect("a currency").to_owned(),
    }
}

fn booking(fact: &Value, cancelled: &dyn Fn(&str) -> Option<Day>) -> Booking {
    let id = text(fact, "booking").expect("an id");
    let at = day(fact, "at").expect("a day");
    let months = fact.get("months").and_then(Value::as_i64).unwrap_or(12);
    let arr = number(&fact["arr"]);
    let amounts = fact.get("amounts").and_then(Value::as_object).into_iter().flatten();
    Booking {
        id: id.to_owned(),
        at,
        account: text(fact, "account").expect("an account").to_owned(),
        contract: contract(fact),
        motion: text(fact, "motion").unwrap_or_default().to_owned(),
        product: text(fact, "product").map(str::to_owned),
        start: day(fact, "start").unwrap_or(at),
        months,
        tcv: fact.get("tcv").map(number).unwrap_or_else(|| &arr * ratio(months, 12)),
        arr,
        amounts: amounts.map(|(name, amount)| (name.clone(), number(amount))).collect(),
        currency: text(fact, "currency").expect("a currency").to_owned(),
        attributes: fact.get("attributes").cloned().unwrap_or_default(),
        cancelled: cancelled(id),
        notes: Vec::new(),
    }
}

/// `arr` without `tcv` also reduces the tcv by arr x months / 12, where the booking's own tcv was left out. It was left out,
/// too, where it was written as what it is by default.
fn note(fact: &Value, sold: &Value) -> Note {
    let of = |name: &str| fact.get(name).map(number);
    let months = ratio(sold.get("months").and_then(Value::as_i64).unwrap_or(12), 12);
    let left_out = sold.get("tcv").map(number).is_none_or(|tcv| tcv == number(&sold["arr"]) * &months);
    let arr = of("arr").unwrap_or_else(super::number::zero);
    let derived = if left_out { &arr * months } else { super::number::zero() };
    let amounts = fact.get("amounts").and_then(Value::as_object).into_iter().flatten();
    Note {
        at: day(fact, "at").expect("a day"),
        tcv: of("tcv").unwrap_or(derived),
        arr,
        amounts: amounts.map(|(name, amount)| (name.clone(), number(amount))).collect(),
    }
}

/// How much of a month lies in a window.
pub fn part_of_month(month: Month, window: Window) -> Number {
    let days = Window { first: month.first(), last: month.last() }.within(window).length();
    ratio(days, month.days())
}
