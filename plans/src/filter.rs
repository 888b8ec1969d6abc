//! `where`: which items a component takes (calculation.md 4); and all values by which a plan selects what it pays for.

use ledger::date::Day;
use ledger::id::{AccountId, Name};
use projections::view::View;

use crate::incremental::dependencies::gate_names;
use crate::item::Subject;
use crate::plan::{BookingValue, Component, DrawKind, Filter, Measure, Plan};

/// Whether an item passes `where`. Segment and region are the account's on the item's date. An attribute is the
/// booking's own, else the account's. An item without a booking fails `motion` and `product`.
pub fn passes(filter: &Filter, view: View<'_>, subject: &Subject<'_>, date: Day) -> bool {
    let account = subject.account.as_ref().map_or("", AccountId::as_str);
    let booking = subject.booking.map(|booking| booking.fact);
    let allows = |list: &[Name], value: &dyn Fn() -> Option<String>| {
        list.is_empty() || value().is_some_and(|value| list.iter().any(|name| name.as_str() == value))
    };
    let text = |name: Option<Name>| name.map(|name| name.as_str().to_owned());
    allows(&filter.motion, &|| text(booking.and_then(|booking| booking.motion.clone())))
        && allows(&filter.product, &|| text(booking.and_then(|booking| booking.product.clone())))
        && allows(&filter.segment, &|| text(view.segment(account, date)))
        && allows(&filter.region, &|| text(view.region(account, date)))
        && filter.attributes.iter().all(|(name, list)| {
            let own = || booking.and_then(|booking| booking.attributes.get(name)).cloned();
            allows(list, &|| {
                own()
                    .or_else(|| view.account_attribute(account, name.as_str(), date))
                    .map(|own| own.as_str().to_owned())
            })
        })
}

/// What a plan selects by.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ValueKind {
    /// The motion of a booking.
    Motion,
    /// The product of a booking.
    Product,
    /// The segment of an account.
    Segment,
    /// The region of an account.
    Region,
    /// The name of a signal.
    Signal,
    /// The name of an amount of a booking.
    Amount,
    /// The value of this attribute of a booking or an account.
    Attribute(Name),
}

/// Every value that a plan names, with what it is of.
pub fn values_of_plan(plan: &Plan) -> impl Iterator<Item = (ValueKind, &Name)> {
    let draws = plan.draws.iter().flat_map(|draw| match &draw.kind {
        DrawKind::AdvanceOnBooking { motions } => motions.as_slice(),
        DrawKind::AdvanceOnAssignment | DrawKind::Guarantee => &[],
    });
    plan.components.iter().flat_map(values_of_component).chain(draws.map(|motion| (ValueKind::Motion, motion)))
}

fn values_of_component(component: &Component) -> impl Iterator<Item = (ValueKind, &Name)> {
    let filter = &component.filter;
    let lists = [
        (ValueKind::Motion, &filter.motion),
        (ValueKind::Product, &filter.product),
        (ValueKind::Segment, &filter.segment),
        (ValueKind::Region, &filter.region),
    ];
    let attributes = filter.attributes.iter().map(|(name, list)| (ValueKind::Attribute(name.clone()), list));
    let lists = lists.into_iter().chain(attributes);
    let values = lists.flat_map(|(kind, list)| list.iter().map(move |value| (kind.clone(), value)));
    let (signal, amounts) = match &component.measure {
        Measure::Signal { name, .. } | Measure::Metric { name, .. } => (Some(name), Vec::new()),
        Measure::Booking { value, pays } => (None, [value].into_iter().chain(pays).collect()),
        Measure::Usage { .. } | Measure::Growth { .. } | Measure::Retention { .. } => (None, Vec::new()),
    };
    let amounts = amounts.into_iter().filter_map(|value| match value {
        BookingValue::Named(name) => Some((ValueKind::Amount, name)),
        BookingValue::Arr | BookingValue::Tcv | BookingValue::Count => None,
    });
    let signals = signal.into_iter().chain(gate_names(component)).map(|name| (ValueKind::Signal, name));
    values.chain(amounts).chain(signals)
}
