//! Items of bookings and of signals (calculation.md 4).

use super::assignment::Assignment;
use super::calendar::Day;
use super::credit::Subject;
use super::items::{Item, Ruling};
use super::known::{Booking, Known, Signal};
use super::number::{Number, one, zero};
use super::plan::Rule;

impl<'a> Known<'a> {
    /// One per booking signed on a day that counts.
    pub fn sold(&'a self, assignment: &Assignment, ruling: Ruling<'_, 'a>) -> Vec<Item<'a>> {
        let item = |booking: &Booking| {
            let rule = ruling(booking.at).filter(|rule| rule.measured() == "booking")?;
            let subject = Subject::booking(booking);
            let counts = self.days_of(assignment).has(booking.at) && self.passes(&rule, &subject, booking.at);
            let share = self.share(assignment.payee, &rule, &subject, booking.at);
            let value = &share * self.worth(booking, &rule, rule.measure_text("booking").expect("a name"));
            let pays = rule.measure_text("pays").map(|amount| &share * self.worth(booking, &rule, amount));
            counts.then(|| Item { key: booking.id.clone(), date: booking.at, value, pays, rule, subject })
        };
        self.bookings.iter().filter_map(item).collect()
    }

    fn worth(&self, booking: &Booking, rule: &Rule, amount: &str) -> Number {
        if rule.text("cancellation") == Some("restate") && booking.cancelled.is_some() {
            return zero();
        }
        let amount = match amount {
            "count" => return one(),
            "arr" => booking.arr_on(self.end),
            "tcv" => booking.tcv_on(self.end),
            name => booking.amount_on(name, self.end),
        };
        if amount == zero() {
            amount
        } else {
            amount * self.exchange(&booking.currency, &rule.version.currency, booking.at)
        }
    }

    /// One per signal of the name, dated on a day that counts.
    pub fn seen(&'a self, assignment: &Assignment, ruling: Ruling<'_, 'a>) -> Vec<Item<'a>> {
        let item = |signal: &Signal| {
            let rule = ruling(signal.at).filter(|rule| rule.measure_text("signal") == Some(signal.name.as_str()))?;
            let subject = Subject::signal(self, signal)?;
            let counts = self.days_of(assignment).has(signal.at) && self.passes(&rule, &subject, signal.at);
            let share = self.share(assignment.payee, &rule, &subject, signal.at);
            let value = share * self.signalled(signal, &rule, signal.at);
            counts.then(|| Item { key: signal.id.clone(), date: signal.at, value, pays: None, rule, subject })
        };
        self.signals.iter().filter_map(item).collect()
    }

    /// A value without currency is in the plan's.
    fn signalled(&self, signal: &Signal, rule: &Rule, date: Day) -> Number {
        if rule.measure_text("value") != Some("value") {
            return one();
        }
        match (&signal.value, &signal.currency) {
            (Some(value), Some(currency)) if *value != zero() => {
                value * self.exchange(currency, &rule.version.currency, date)
            }
            (value, _) => value.clone().unwrap_or_else(zero),
        }
    }
}
