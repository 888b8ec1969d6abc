//! Values that no plan names, with the nearest that one does: motions, products, segments, regions and names of signals, and
//! managers of whom nothing is recorded.

use std::collections::{BTreeMap, BTreeSet};

use ledger::date::Day;
use ledger::fact::{Account, Booking, Payee, Signal};
use ledger::field::FieldChange;
use ledger::id::{Name, PayeeId};
use ledger::nearest::nearest;
use plans::incremental::dependencies::gate_names;
use plans::plan::{Component, DrawKind, Measure, Plan};

use crate::missing::scope::Scope;

/// What a value is of.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
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
}

/// A value that no plan names.
#[derive(Clone, Debug)]
pub struct UnmatchedValue {
    /// What it is of.
    pub kind: ValueKind,
    /// The value.
    pub value: Name,
    /// The value that is spelled nearly so and that a plan names, if there is one.
    pub nearest: Option<Name>,
    /// How many facts have it.
    pub facts: usize,
}

/// A manager of whom nothing is recorded.
#[derive(Clone, Debug)]
pub struct UnknownManager {
    /// Whose manager.
    pub payee: PayeeId,
    /// The manager.
    pub manager: PayeeId,
    /// From which day on.
    pub at: Day,
    /// The payee who is spelled nearly so, if there is one.
    pub nearest: Option<PayeeId>,
}

/// The values of facts that no plan names, by kind and value. A kind of which no plan names any value is left out: nothing
/// depends on it.
pub(super) fn unmatched_values(scope: &Scope<'_>) -> Vec<UnmatchedValue> {
    let plans = scope.coverage.context.rules.plans().flat_map(|(_, versions)| versions).map(|published| &published.plan);
    let mut named: BTreeMap<ValueKind, BTreeSet<&Name>> = BTreeMap::new();
    for (kind, value) in plans.flat_map(values_of_plan) {
        named.entry(kind).or_default().insert(value);
    }
    let mut found: BTreeMap<(ValueKind, &Name), usize> = BTreeMap::new();
    for (kind, value) in values_of_facts(scope) {
        if named.get(&kind).is_some_and(|known| !known.contains(value)) {
            *found.entry((kind, value)).or_default() += 1;
        }
    }
    let told = found.into_iter().map(|((kind, value), facts)| {
        let candidates = named.get(&kind).into_iter().flatten().map(|name| name.as_str());
        let nearest = nearest(value.as_str(), candidates).and_then(Name::new);
        UnmatchedValue { kind, value: value.clone(), nearest, facts }
    });
    told.collect()
}

fn values_of_facts<'k>(scope: &Scope<'k>) -> Vec<(ValueKind, &'k Name)> {
    let mut values = Vec::new();
    for Booking { motion, product, .. } in scope.of_kind::<Booking>().map(|booking| booking.fact) {
        values.extend(motion.iter().map(|motion| (ValueKind::Motion, motion)));
        values.extend(product.iter().map(|product| (ValueKind::Product, product)));
    }
    for account in scope.of_kind::<Account>().map(|account| account.fact) {
        for (kind, change) in [(ValueKind::Segment, &account.segment), (ValueKind::Region, &account.region)] {
            match change {
                FieldChange::Set(value) => values.push((kind, value)),
                FieldChange::Keep | FieldChange::Clear => {}
            }
        }
    }
    values.extend(scope.of_kind::<Signal>().map(|signal| (ValueKind::Signal, &signal.fact.signal)));
    values
}

/// Every value that a version of a plan names.
fn values_of_plan(plan: &Plan) -> impl Iterator<Item = (ValueKind, &Name)> {
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
    let measured = match &component.measure {
        Measure::Signal { name, .. } | Measure::Metric { name, .. } => Some(name),
        Measure::Booking { .. } | Measure::Usage { .. } | Measure::Growth { .. } | Measure::Retention { .. } => None,
    };
    let signals = measured.into_iter().chain(gate_names(component)).map(|name| (ValueKind::Signal, name));
    lists.into_iter().flat_map(|(kind, list)| list.iter().map(move |value| (kind, value))).chain(signals)
}

/// Managers, named by facts, of whom no `payee` fact is in force.
pub(super) fn unknown_managers(scope: &Scope<'_>) -> Vec<UnknownManager> {
    let view = scope.view();
    let stated = scope.of_kind::<Payee>().filter_map(|payee| match &payee.fact.manager {
        FieldChange::Set(manager) => Some((payee.fact, manager)),
        FieldChange::Keep | FieldChange::Clear => None,
    });
    let unknown = stated.filter(|(_, manager)| !view.payee_exists(manager.as_str()));
    let told = unknown.map(|(fact, manager)| {
        let payees = view.knowledge.payees.keys().map(PayeeId::as_str).filter(|payee| view.payee_exists(payee));
        UnknownManager {
            payee: fact.payee.clone(),
            manager: manager.clone(),
            at: fact.at,
            nearest: nearest(manager.as_str(), payees).and_then(PayeeId::new),
        }
    });
    told.collect()
}
