//! When the installments of an item fall due (calculation.md 7).

use serde_json::Value;

use super::assignment::Assignment;
use super::calendar::{Day, Month, Period, Span};
use super::complete::Answer;
use super::items::Item;
use super::known::{Booking, Known};
use super::log::text;
use super::number::{Number, number, round, zero};
use super::plan::texts;

/// An installment or a clawback that is due.
pub struct Part {
    pub id: String,
    /// The day on which it is decided, and the one on which it is due: perhaps the end of a longer period.
    pub judged: Day,
    pub due: Day,
    pub amount: Number,
    pub takes_back: bool,
}

impl<'a> Known<'a> {
    /// The installments that are decided by E, due or forfeited. Each but the last is rounded, the last takes the rest.
    pub fn released(&self, assignment: &Assignment, item: &Item, earned: &Number) -> Vec<Part> {
        let installments = item.rule.list("installment");
        if installments.is_empty() {
            let whole = serde_json::json!({"id": "whole"});
            let due = self.due(assignment, item, &whole);
            return due.map(|due| part(item, "whole", due, earned)).into_iter().collect();
        }
        let mut rest = earned.clone();
        let mut parts = Vec::new();
        for (place, installment) in installments.iter().enumerate() {
            let share = round(
                &(earned * number(&installment["share"])),
                &item.rule.version.currency,
                item.rule.version.rounding,
            );
            let amount = if place + 1 == installments.len() { rest.clone() } else { share };
            rest -= &amount;
            let due = self.due(assignment, item, installment);
            parts.extend(due.map(|due| part(item, text(installment, "id").expect("an id"), due, &amount)));
        }
        parts
    }

    /// Nothing where it is pending. A forfeited installment is 0 on the day on which it would have fallen due.
    fn due(&self, assignment: &Assignment, item: &Item, installment: &Value) -> Option<Due> {
        let mut day = self.trigger(item, installment)?.max(item.date);
        let waits = text(installment, "otherwise") == Some("wait");
        // With `wait`, the first of each following month is tried, until the conditions hold or are open.
        while day <= self.end {
            let gone = self.is_gone(assignment, item, installment, day);
            match self.hold(item, installment, day) {
                Answer::Yes => return Some(Due { day, forfeited: gone }),
                Answer::Open => return gone.then_some(Due { day, forfeited: true }),
                Answer::No if !waits => return Some(Due { day, forfeited: true }),
                Answer::No => day = Month(day.month().0 + 1).first(),
            }
        }
        None
    }

    /// Whether an installment that falls due on a day is forfeited: it is late, its booking is cancelled, or its payee left.
    fn is_gone(&self, assignment: &Assignment, item: &Item, installment: &Value, day: Day) -> bool {
        let late = text(installment, "within")
            .is_some_and(|within| day > Span::parse(within).after(self.anchor(item, installment)));
        let cancelled =
            self.booking_of(item).and_then(|booking| booking.cancelled).is_some_and(|cancelled| cancelled <= day);
        let forfeits_cancelled = item.rule.text("after-cancellation") != Some("pay");
        let left = item.rule.version.forfeits_after_leaving && self.has_left(assignment.payee, day);
        late || (cancelled && forfeits_cancelled) || left
    }

    pub fn booking_of(&self, item: &Item) -> Option<&Booking> {
        item.subject.booking.as_ref().and_then(|id| self.booking(id))
    }

    /// The booking's start, or with `of = "item"`, and of items without a booking, the item's date.
    pub fn anchor(&self, item: &Item, gate: &Value) -> Day {
        match self.booking_of(item) {
            Some(booking) if text(gate, "of") != Some("item") => booking.start,
            _ => item.date,
        }
    }

    fn trigger(&self, item: &Item, installment: &Value) -> Option<Day> {
        if let Some(after) = text(installment, "after") {
            return Some(Span::parse(after).after(self.anchor(item, installment)));
        }
        if let Some(consumed) = installment.get("consumed") {
            return self.consumed_first(self.booking_of(item)?, &number(consumed), item.date);
        }
        match text(installment, "signal") {
            Some(name) => self.first_signal(name, &item.subject, item.date),
            None => Some(item.date),
        }
    }

    /// Whether all conditions of an installment or a clawback hold on a day.
    pub fn hold(&self, item: &Item, gate: &Value, day: Day) -> Answer {
        let conditions = match gate.get("when") {
            None => Vec::new(),
            Some(Value::Array(list)) => list.iter().collect(),
            Some(one) => vec![one],
        };
        let answers: Vec<Answer> = conditions.into_iter().map(|condition| self.holds(item, condition, day)).collect();
        Answer::all(&answers)
    }

    fn holds(&self, item: &Item, condition: &Value, day: Day) -> Answer {
        if let Some(signal) = condition.get("signal") {
            let meant = |at: Day| at <= day;
            return Answer::of(
                texts(signal)
                    .iter()
                    .any(|name| self.first_signal(name, &item.subject, Day(-1_000_000)).is_some_and(meant)),
            );
        }
        let Some(window) = text(condition, "burn") else {
            let found = self.reading(text(condition, "metric").expect("a metric"), &item.subject, day);
            return Answer::of(found.is_some_and(|found| is_inside(condition, &found)));
        };
        let Some(booking) = self.booking_of(item) else { return Answer::No };
        let window = Span::parse(window);
        let burn = self.burn(booking, day, window, item.date);
        // More usage would only raise it: at or above the bound nothing can change any more.
        let bound = number(condition.get("at-least").unwrap_or(&condition["below"]));
        if burn < bound && self.is_open(booking, day, window) {
            return Answer::Open;
        }
        Answer::of(is_inside(condition, &burn))
    }
}

fn is_inside(condition: &Value, found: &Number) -> bool {
    match condition.get("at-least") {
        Some(least) => *found >= number(least),
        None => *found < number(&condition["below"]),
    }
}

struct Due {
    day: Day,
    forfeited: bool,
}

fn part(item: &Item, id: &str, due: Due, amount: &Number) -> Part {
    let amount = if due.forfeited { zero() } else { amount.clone() };
    Part { id: id.to_owned(), judged: due.day, due: paid_on(item, due.day), takes_back: false, amount }
}

/// What would fall due on a day is paid on it, or at the end of its fiscal quarter, half or year.
pub fn paid_on(item: &Item, day: Day) -> Day {
    match item.rule.text("due") {
        None => day,
        Some(end) => {
            let length = end.strip_suffix("-end").expect("the end of a period");
            Period::of(day, length, item.rule.version.year_start).window().last
        }
    }
}
