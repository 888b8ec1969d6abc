//! Advances and guarantees of a month (calculation.md 10).

use serde_json::Value;

use super::assignment::Assignment;
use super::calendar::{Day, Month, NEVER, Span, Window};
use super::credit::Subject;
use super::known::{Known, part_of_month};
use super::log::text;
use super::number::{Number, number, one, round, zero};
use super::plan::{Version, texts, version_on};

/// What a draw gives in a month, and on which terms.
#[derive(Clone)]
pub struct Draw {
    pub payee: String,
    pub currency: String,
    pub plan: String,
    pub id: String,
    /// The date of the booking or of the assignment that it is given for, and the booking's id.
    pub trigger: (Day, String),
    pub amount: Number,
    pub recoverable: bool,
    /// Recovery begins with the first close whose E is not before it.
    pub recover_from: Day,
    pub recover_rate: Number,
}

impl<'a> Known<'a> {
    pub fn advances(&self, month: Month) -> Vec<Draw> {
        self.assignments().iter().flat_map(|assignment| self.advances_of(assignment, month)).collect()
    }

    fn advances_of(&self, assignment: &Assignment, month: Month) -> Vec<Draw> {
        let in_month = Window { first: month.first(), last: month.last() };
        if in_month.within(assignment.days).length() == 0 {
            return Vec::new();
        }
        let mut triggers = vec![("assignment", None, assignment.days.first)];
        let signed = self.bookings.iter().filter(|booking| assignment.days.has(booking.at));
        triggers.extend(signed.map(|booking| ("booking", Some(booking), booking.at)));
        let mut given = Vec::new();
        for (on, booking, day) in triggers {
            let Some(version) = version_on(self.versions, assignment.plan, day) else { continue };
            for draw in version.draws.iter().filter(|draw| is(draw, "advance", on)) {
                let months = draw["months"].as_i64().expect("a count");
                let due = (0..months).contains(&(month.0 - day.month().0));
                let share = match booking {
                    None => one(),
                    Some(booking) if booking.cancelled.is_some() => zero(),
                    Some(booking) if !texts(&draw["motion"]).contains(&booking.motion.as_str()) => zero(),
                    Some(booking) => self.primary_share(assignment.payee, &Subject::booking(booking), day),
                };
                let amount = number(&draw["amount"]) * share;
                let trigger = (day, booking.map(|booking| booking.id.clone()).unwrap_or_default());
                given.extend((due && amount > zero()).then(|| terms(assignment, version, draw, trigger, amount)));
            }
        }
        given
    }

    /// The highest guarantee of the month; of equal ones that which is not recoverable, then the first by plan and draw id.
    pub fn guarantee(&self, payee: &str, currency: &str, month: Month) -> Option<Draw> {
        let of_payee = self.assignments().into_iter().filter(|assignment| assignment.payee == payee);
        let mut all: Vec<Draw> = of_payee.flat_map(|assignment| self.guarantees_of(&assignment, month)).collect();
        all.retain(|draw| draw.currency == currency);
        all.sort_by(|a, b| {
            let order = b.amount.cmp(&a.amount).then(a.recoverable.cmp(&b.recoverable));
            order.then((&a.plan, &a.id).cmp(&(&b.plan, &b.id)))
        });
        all.into_iter().next()
    }

    fn guarantees_of(&self, assignment: &Assignment, month: Month) -> Vec<Draw> {
        let at = assignment.days.first;
        let Some(version) = version_on(self.versions, assignment.plan, at) else { return Vec::new() };
        let guaranteed = version.draws.iter().filter(|draw| text(draw, "kind") == Some("guarantee"));
        let of = |draw: &Value| {
            let months = draw.get("months").and_then(Value::as_i64);
            let last = months.map(|months| at.plus_months(months).plus(-1)).unwrap_or(NEVER);
            let days = assignment.days.within(Window { first: at, last });
            let amount = number(&draw["amount"]) * part_of_month(month, days);
            (amount > zero()).then(|| terms(assignment, version, draw, (at, String::new()), amount))
        };
        guaranteed.filter_map(of).collect()
    }
}

fn is(draw: &Value, kind: &str, on: &str) -> bool {
    text(draw, "kind") == Some(kind) && text(draw, "on") == Some(on)
}

fn terms(assignment: &Assignment, version: &Version, draw: &Value, trigger: (Day, String), amount: Number) -> Draw {
    let after = Span::parse(text(draw, "recover-after").unwrap_or("0 months"));
    Draw {
        payee: assignment.payee.to_owned(),
        currency: version.currency.clone(),
        plan: assignment.plan.to_owned(),
        id: text(draw, "id").expect("an id").to_owned(),
        amount: round(&amount, &version.currency, version.rounding),
        recoverable: draw.get("recoverable") == Some(&Value::Bool(true)),
        recover_from: after.after(trigger.0),
        trigger,
        recover_rate: draw.get("recover-rate").map(number).unwrap_or_else(one),
    }
}
