//! `{ booking = "arr" / "tcv" / "count" / NAME }`: one item per booking, on the day on which it was signed.

use ledger::date::Day;
use ledger::exact::Exact;
use ledger::fact::Booking;
use ledger::fact::item_key::ItemKey;
use projections::position::Position;
use projections::view::FactRef;

use super::cell::Cell;
use crate::context::Context;
use crate::credit::index::Credited;
use crate::evaluation_fault::EvaluationWarning;
use crate::filter::passes;
use crate::item::{Item, Subject};
use crate::plan::{BookingValue, Cancellation, Credit, Measure};
use crate::why::{Formula, StepKind};

pub(super) fn items<'k>(cell: Cell<'_, 'k>) -> Vec<Item<'k>> {
    let index = &cell.context.credit;
    let credits = cell.credits(|measure| matches!(measure, Measure::Booking(_)));
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
    let Measure::Booking(value) = &component.measure else { return None };
    if component.credit != *credit {
        return None;
    }
    let share = context.credit.hierarchy.counted(credited.shares, cell.payee, &component.credit, date);
    let subject = Subject::of_booking(booking);
    if !passes(&component.filter, context.view, &subject, date) {
        return None;
    }
    // Without a share it amounts to nothing, and needs no exchange rate for that.
    let (amount, rate, rate_position) = if share.is_zero() {
        (Exact::ZERO, Exact::ONE, None)
    } else {
        amount(context, booking, value, published.plan.currency)
    };
    let restated =
        component.cancellation == Cancellation::Restate && cancelled_by(context, booking, context.day).is_some();
    let value = if restated { Exact::ZERO } else { &(&amount * &rate) * &share };
    let mut why = Vec::new();
    if context.explains() {
        let from = [booking.position, credited.split].into_iter().chain(rate_position);
        let from =
            from.chain(cancelled_by(context, booking, context.day).filter(|_| restated).map(|(_, position)| position));
        let formula = Formula::default().number("booked", &amount).sign(" * ");
        let formula =
            if rate_position.is_some() { formula.number("exchange rate", &rate).sign(" * ") } else { formula };
        let formula = formula.number("share", &share);
        let formula =
            if restated { formula.sign(" * ").number("left after the cancellation", &Exact::ZERO) } else { formula };
        why.push(formula.step(StepKind::Credit, &value, from));
    }
    Some(Item { key: ItemKey::Booking(booking.fact.booking.clone()), date, value, published, component, subject, why })
}

/// The booking's amount, and the exchange rate into the plan's currency.
fn amount(
    context: &Context<'_>,
    booking: FactRef<'_, Booking>,
    value: &BookingValue,
    currency: ledger::money::Currency,
) -> (Exact, Exact, Option<Position>) {
    let fact = booking.fact;
    let amount = match value {
        BookingValue::Count => return (Exact::ONE, Exact::ONE, None),
        BookingValue::Arr => fact.arr.exact(),
        BookingValue::Tcv => fact.tcv(),
        BookingValue::Named(name) => match fact.amounts.get(name) {
            Some(amount) => amount.exact(),
            None => {
                let (booking, amount) = (fact.booking.clone(), name.clone());
                context.warn(EvaluationWarning::BookingWithoutAmount { booking, amount });
                return (Exact::ZERO, Exact::ONE, None);
            }
        },
    };
    let (rate, position) = context.rate(fact.currency, currency, fact.at, &fact.booking);
    (amount, rate, position)
}

/// The day of a booking's cancellation, if that lies on or before `day`.
pub fn cancelled_by(context: &Context<'_>, booking: FactRef<'_, Booking>, day: Day) -> Option<(Day, Position)> {
    let cancellation = context.view.cancellation_by(&booking.fact.booking, day)?;
    Some((cancellation.fact.at, cancellation.position))
}
