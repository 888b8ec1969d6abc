//! What clawbacks take of the installments that were due (calculation.md 8).

use serde_json::Value;

use super::calendar::{Day, Span};
use super::complete::Answer;
use super::items::Item;
use super::known::{Booking, Known};
use super::log::text;
use super::number::{Number, least, most, number, one, ratio, round, zero};
use super::plan::texts;
use super::released::Part;

impl<'a> Known<'a> {
    /// One part per clawback whose date has come: negative, or 0 where its conditions do not hold or it is too late. Where it
    /// is open whether it takes something, it takes nothing yet.
    pub fn taken_back(&self, item: &Item, released: &[Part]) -> Vec<Part> {
        let mut clawbacks: Vec<(Day, &Value)> = item
            .rule
            .list("clawback")
            .iter()
            .filter_map(|clawback| Some((self.comes(item, clawback)?, clawback)))
            .collect();
        // Earlier dates go first, of one date the order written: the sort is stable.
        clawbacks.sort_by_key(|(day, _)| *day);
        let mut left: Vec<Number> = released.iter().map(|part| part.amount.clone()).collect();
        let mut taken = Vec::new();
        for (day, clawback) in clawbacks {
            let Some(share) = self.take_back(item, clawback, day) else { continue };
            let share = match self.strikes(item, clawback, day) {
                Answer::Open => continue,
                Answer::No => zero(),
                Answer::Yes if share > zero() && self.takes_what_is_open(item, clawback, day) => continue,
                Answer::Yes => share,
            };
            let (mut sum, mut due) = (zero(), day);
            for (part, left) in released.iter().zip(&mut left) {
                if names(clawback, &part.id) && part.judged <= day && part.amount > zero() {
                    let taken = &share * &*left;
                    if taken != zero() {
                        due = due.max(part.due);
                    }
                    sum += taken;
                    *left = (one() - &share) * &*left;
                }
            }
            let amount = -round(&sum, &item.rule.version.currency, item.rule.version.rounding);
            let id = text(clawback, "id").expect("an id").to_owned();
            taken.push(Part { id, judged: day, due, amount, takes_back: true });
        }
        taken
    }

    /// The date of a clawback, if it has come.
    fn comes(&self, item: &Item, clawback: &Value) -> Option<Day> {
        let day = match (text(clawback, "after"), text(clawback, "signal")) {
            (Some(after), _) => Span::parse(after).after(self.anchor(item, clawback)),
            (_, Some(name)) => self.first_signal(name, &item.subject, item.date)?,
            _ => self.booking_of(item)?.cancelled?,
        };
        Some(day.max(item.date)).filter(|day| *day <= self.end)
    }

    fn strikes(&self, item: &Item, clawback: &Value, day: Day) -> Answer {
        let anchor = self.anchor(item, clawback);
        let late = text(clawback, "within").is_some_and(|within| day > Span::parse(within).after(anchor));
        if late { Answer::No } else { self.hold(item, clawback, day) }
    }

    /// Whether it takes the part that is not consumed, of a window whose usage has not arrived.
    fn takes_what_is_open(&self, item: &Item, clawback: &Value, day: Day) -> bool {
        let window = clawback.get("take-back").and_then(|take| take.get("unconsumed")).and_then(Value::as_str);
        let booking = self.booking_of(item);
        window.zip(booking).is_some_and(|(window, booking)| self.is_open(booking, day, Span::parse(window)))
    }

    /// A part between none and all; nothing where it needs a booking and there is none.
    fn take_back(&self, item: &Item, clawback: &Value, day: Day) -> Option<Number> {
        match clawback.get("take-back") {
            None => Some(one()),
            Some(Value::String(word)) if word == "remaining-months" => {
                Some(remaining_months(self.booking_of(item)?, day))
            }
            Some(Value::Object(unconsumed)) => {
                let window = Span::parse(unconsumed["unconsumed"].as_str().expect("a span"));
                Some(one() - least(one(), self.burn(self.booking_of(item)?, day, window, item.date)))
            }
            Some(percent) => Some(number(percent)),
        }
    }
}

fn names(clawback: &Value, part: &str) -> bool {
    match clawback.get("reverse") {
        None => true,
        Some(named) => texts(named).iter().any(|name| *name == part || *name == "all"),
    }
}

/// (term - complete months from start to the date) / term, at least 0.
fn remaining_months(booking: &Booking, day: Day) -> Number {
    let complete = (1..=booking.months).take_while(|months| booking.start.plus_months(*months) <= day).count() as i64;
    most(zero(), ratio(booking.months - complete, booking.months))
}
