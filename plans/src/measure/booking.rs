//! `{ booking = "arr" / "tcv" / "count" / NAME, pays = … }`: one item per booking, on the day on which it was signed.

use ledger::date::Day;
use ledger::exact::Exact;
use ledger::fact::item_key::ItemKey;
use ledger::fact::{BookedAmount, Booking};
use ledger::money::Currency;
use projections::position::Position;
use projections::view::FactRef;

use super::cell::Cell;
use crate::context::Context;
use crate::credit::index::Credited;
use crate::evaluation_fault::EvaluationWarning;
use crate::filter::passes;
use crate::item::{Item, Subject};
use crate::payment::net_amount::NetAmount;
use crate::plan::{BookingValue, Cancellation, Credit, Measure};
use crate::why::{Formula, Step, StepKind};

pub(super) fn items<'k>(cell: Cell<'_, 'k>) -> Vec<Item<'k>> {
    let index = &cell.context.credit;
    let credits = cell.credits(|measure| matches!(measure, Measure::Booking { .. }));
    let bookings = credits.iter().flat_map(|credit| {
        let bookings = index.bookings_for(cell.payee, credit, cell.region).into_iter();
        bookings.filter_map(|credited| item(cell, credited, credit))
    });
    bookings.collect()
}

fn item<'k>(cell: Cell<'_, 'k>, credited: Credited<'k, Booking>, credit: &Credit) -> Option<Item<'k>> {
    let (context, booking) = (cell.context, credited.on);
    let date = booking.fact.at;
    if !cell.contains(date) {
        return None;
    }
    let (published, component) = cell.rules_on(date)?;
    let Measure::Booking { value, pays } = &component.measure else { return None };
    if component.credit != *credit {
        return None;
    }
    let share = context.credit.hierarchy.counted(credited.shares, cell.payee, &component.credit, date);
    let subject = Subject::of_booking(booking);
    if !passes(&component.filter, context.view, &subject, date) {
        return None;
    }
    let restated = cancelled_by(context, booking, context.day)
        .filter(|_| component.cancellation == Cancellation::Restate)
        .map(|(_, position)| position);
    let credited = BookingCredit { context, booking, split: credited.split, share, restated };
    let mut why = Vec::new();
    let currency = published.plan.currency;
    let value = credited.amount(value, currency, "booked", &mut why);
    let pays = pays.as_ref().map(|pays| credited.amount(pays, currency, "booked to be paid on", &mut why));
    if value.is_zero() && pays.as_ref().is_some_and(|pays| !pays.is_zero()) {
        let (booking, component) = (booking.fact.booking.clone(), component.id.clone());
        context.warn(EvaluationWarning::NothingToPayBy { booking, component });
    }
    let key = ItemKey::Booking(booking.fact.booking.clone());
    Some(Item { key, date, value, pays, published, component, subject, why })
}

/// The credit of a payee for a booking.
struct BookingCredit<'c, 'k> {
    context: &'c Context<'k>,
    booking: FactRef<'k, Booking>,
    /// The position of the fact that gives the share.
    split: Position,
    share: Exact,
    /// The position of the cancellation that values the booking at 0.
    restated: Option<Position>,
}

impl BookingCredit<'_, '_> {
    /// The payee's share of one of the booking's amounts, in the plan's currency. Adds the step that says so to `why`.
    fn amount(&self, value: &BookingValue, currency: Currency, name: &str, why: &mut Vec<Step>) -> Exact {
        // Without a share it amounts to nothing, and needs no exchange rate for that.
        let (amount, rate, rate_position) = if self.share.is_zero() {
            (NetAmount::fixed(Exact::ZERO), Exact::ONE, None)
        } else {
            booked(self.context, self.booking, value, currency)
        };
        let end = self.context.day;
        let worth = if self.restated.is_some() { Exact::ZERO } else { &(&amount.left_on(end) * &rate) * &self.share };
        if self.context.explains() {
            let mut formula = amount.explain(Formula::default(), name, end).sign(" * ");
            if rate_position.is_some() {
                formula = formula.number("exchange rate", &rate).sign(" * ");
            }
            formula = formula.number("share", &self.share);
            if self.restated.is_some() {
                formula = formula.sign(" * ").number("left after the cancellation", &Exact::ZERO);
            }
            let from = [self.booking.position, self.split].into_iter().chain(rate_position).chain(self.restated);
            let from = from.chain(amount.positions(end));
            why.push(formula.step(StepKind::Credit, &worth, from));
        }
        worth
    }
}

/// The booking's amount, and the exchange rate into the plan's currency.
fn booked<'k>(
    context: &Context<'k>,
    booking: FactRef<'_, Booking>,
    value: &BookingValue,
    currency: Currency,
) -> (NetAmount<'k>, Exact, Option<Position>) {
    let fact = booking.fact;
    let of = match value {
        BookingValue::Count => return (NetAmount::fixed(Exact::ONE), Exact::ONE, None),
        BookingValue::Arr => BookedAmount::Arr,
        BookingValue::Tcv => BookedAmount::Tcv,
        BookingValue::Named(name) => BookedAmount::Named(name.clone()),
    };
    if let (BookedAmount::Named(name), None) = (&of, fact.booked(&of)) {
        let (booking, amount) = (fact.booking.clone(), name.clone());
        context.warn(EvaluationWarning::BookingWithoutAmount { booking, amount });
        return (NetAmount::fixed(Exact::ZERO), Exact::ONE, None);
    }
    let (rate, position) = context.rate(fact.currency, currency, fact.at, &fact.booking);
    (NetAmount::of(context, booking, &of), rate, position)
}

/// The day of a booking's cancellation, if that lies on or before `day`.
pub fn cancelled_by(context: &Context<'_>, booking: FactRef<'_, Booking>, day: Day) -> Option<(Day, Position)> {
    let cancellation = context.view.cancellation_by(&booking.fact.booking, day)?;
    Some((cancellation.fact.at, cancellation.position))
}
