//! Usage of a contract and of its bookings, burn and consumed (calculation.md 2).

use super::calendar::{Day, Span, Window};
use super::known::{Booking, Known, Note};
use super::number::{Number, one, ratio, zero};

/// What of a snapshot is counted, and of which meters (none: all).
#[derive(Clone)]
pub struct Metered<'a> {
    pub quantity: bool,
    pub meters: Option<Vec<&'a str>>,
}

impl Metered<'_> {
    pub const ALL: Metered<'static> = Metered { quantity: false, meters: None };
}

impl Known<'_> {
    /// Usage of a contract over a window, up to E; each snapshot is spread evenly over its days.
    pub fn usage(&self, contract: &str, window: Window, metered: &Metered) -> Number {
        let known = Window { first: window.first, last: window.last.min(self.end) };
        let metered_so = |meter: &Option<String>| match &metered.meters {
            None => true,
            Some(meters) => meter.as_ref().is_some_and(|meter| meters.contains(&meter.as_str())),
        };
        let snapshots = self.usages.iter().filter(|usage| usage.contract == contract && metered_so(&usage.meter));
        let parts = snapshots.map(|usage| {
            let whole = if metered.quantity { &usage.quantity } else { &usage.amount };
            whole * ratio(usage.days.within(known).length(), usage.days.length())
        });
        parts.fold(zero(), |sum, part| sum + part)
    }

    /// The one currency of a contract's usage.
    pub fn usage_currency(&self, contract: &str) -> Option<&str> {
        self.usages.iter().find(|usage| usage.contract == contract).map(|usage| usage.currency.as_str())
    }

    /// The booking's part of its contract's usage of a day, in proportion to `arr`.
    fn usage_of(&self, booking: &Booking, day: Day) -> Number {
        let arr = booking.arr_on(day);
        if !booking.in_force(day) || arr <= zero() {
            return zero();
        }
        let beside = self.bookings.iter().filter(|other| other.contract == booking.contract && other.in_force(day));
        let arrs = beside.map(|other| other.arr_on(day)).filter(|arr| *arr > zero());
        let sum = arrs.fold(zero(), |sum, arr| sum + arr);
        self.usage(&booking.contract, Window { first: day, last: day }, &Metered::ALL) * arr / sum
    }

    /// In the booking's currency, at the rate of the item's date.
    fn used_by(&self, booking: &Booking, day: Day, item_date: Day) -> Number {
        let used = self.usage_of(booking, day);
        match self.usage_currency(&booking.contract) {
            Some(currency) if used != zero() => used * self.exchange(currency, &booking.currency, item_date),
            _ => used,
        }
    }

    pub fn burn(&self, booking: &Booking, day: Day, span: Span, item_date: Day) -> Number {
        let window = span.window_before(day);
        let in_term: Vec<Day> = window.days().filter(|day| booking.in_term(*day)).collect();
        if in_term.is_empty() || booking.arr <= zero() {
            return one();
        }
        let promised = in_term.into_iter().fold(zero(), |sum, day| sum + booking.arr_on(day) * ratio(1, 365));
        if promised == zero() {
            return zero();
        }
        let used = window.days().fold(zero(), |sum, day| sum + self.used_by(booking, day, item_date));
        used / promised
    }

    /// The first day up to E with consumed >= `least`, where there is one.
    pub fn consumed_first(&self, booking: &Booking, least: &Number, item_date: Day) -> Option<Day> {
        if booking.tcv <= zero() {
            return Some(item_date);
        }
        let mut used = zero();
        (booking.start.0..=self.end.0).map(Day).find(|day| {
            used += self.used_by(booking, *day, item_date);
            let tcv = booking.tcv_on(*day);
            tcv > zero() && &used / tcv >= *least
        })
    }
}

impl Booking {
    /// What was booked, less the credit notes up to a day.
    pub fn arr_on(&self, day: Day) -> Number {
        self.noted(day).fold(self.arr.clone(), |arr, note| arr - &note.arr)
    }

    pub fn tcv_on(&self, day: Day) -> Number {
        self.noted(day).fold(self.tcv.clone(), |tcv, note| tcv - &note.tcv)
    }

    pub fn amount_on(&self, name: &str, day: Day) -> Number {
        let booked = self.amounts.get(name).cloned().unwrap_or_else(zero);
        self.noted(day).filter_map(|note| note.amounts.get(name)).fold(booked, |left, taken| left - taken)
    }

    fn noted(&self, day: Day) -> impl Iterator<Item = &Note> {
        self.notes.iter().filter(move |note| note.at <= day)
    }

    pub fn in_term(&self, day: Day) -> bool {
        self.start <= day && day < self.start.plus_months(self.months)
    }

    pub fn in_force(&self, day: Day) -> bool {
        self.in_term(day) && self.cancelled.is_none_or(|cancelled| day < cancelled)
    }
}
