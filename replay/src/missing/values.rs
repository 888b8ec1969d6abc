//! Values that no plan names, with the nearest that one does: motions, products, segments, regions and names of signals, and
//! managers of whom nothing is recorded.

use std::collections::{BTreeMap, BTreeSet};

use ledger::date::Day;
use ledger::fact::{Account, Booking, Payee, Signal, VariantOf};
use ledger::field::FieldChange;
use ledger::id::{Name, PayeeId};
use ledger::nearest::nearest;
use plans::filter::{ValueKind, values_of_plan};
use plans::plan::Plan;
use plans::refusal::PlanWarning;
use projections::view::View;

use crate::missing::scope::Scope;

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
    let plans =
        scope.coverage.context.rules.plans().flat_map(|(_, versions)| versions).map(|published| &published.plan);
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

/// Values by which a plan selects and that no fact of the book has, with the nearest that facts have. A kind is left out while the
/// book has no fact that could have such a value.
pub(crate) fn unseen_values(view: View<'_>, plan: &Plan) -> Vec<PlanWarning> {
    let seen = SeenValues::of(view);
    let mut named: Vec<(ValueKind, &Name)> = values_of_plan(plan).collect();
    named.sort();
    named.dedup();
    let unseen = named.into_iter().filter(|(kind, value)| seen.could_have(kind) && !seen.has(kind, value));
    let warned = unseen.map(|(kind, value)| {
        let candidates = seen.values.get(&kind).into_iter().flatten().map(String::as_str);
        let nearest = nearest(value.as_str(), candidates).and_then(Name::new);
        PlanWarning::ValueUnseen { kind, value: value.clone(), nearest }
    });
    warned.collect()
}

/// The values that the facts in force have.
#[derive(Default)]
struct SeenValues {
    values: BTreeMap<ValueKind, BTreeSet<String>>,
    bookings: bool,
    accounts: bool,
}

impl SeenValues {
    fn of(view: View<'_>) -> SeenValues {
        let mut seen = SeenValues::default();
        for known in view.knowledge.facts().filter(|known| view.in_force(known.position)) {
            let body = &known.fact.body;
            if let Some(booking) = Booking::of(body) {
                seen.booking(booking);
            } else if let Some(account) = Account::of(body) {
                seen.account(account);
            } else if let Some(signal) = Signal::of(body) {
                seen.add(ValueKind::Signal, signal.signal.as_str());
            }
        }
        seen
    }

    fn add(&mut self, kind: ValueKind, value: &str) {
        let known = self.values.entry(kind).or_default();
        if !known.contains(value) {
            known.insert(value.to_owned());
        }
    }

    fn booking(&mut self, booking: &Booking) {
        self.bookings = true;
        booking.motion.iter().for_each(|motion| self.add(ValueKind::Motion, motion.as_str()));
        booking.product.iter().for_each(|product| self.add(ValueKind::Product, product.as_str()));
        booking.amounts.keys().for_each(|name| self.add(ValueKind::Amount, name.as_str()));
        for (name, value) in booking.attributes.iter() {
            self.add(ValueKind::Attribute(name.clone()), value.as_str());
        }
    }

    fn account(&mut self, account: &Account) {
        self.accounts = true;
        for (kind, change) in [(ValueKind::Segment, &account.segment), (ValueKind::Region, &account.region)] {
            match change {
                FieldChange::Set(value) => self.add(kind, value.as_str()),
                FieldChange::Keep | FieldChange::Clear => {}
            }
        }
        for (name, change) in account.attributes.iter() {
            match change {
                FieldChange::Set(value) => self.add(ValueKind::Attribute(name.clone()), value.as_str()),
                FieldChange::Keep | FieldChange::Clear => {}
            }
        }
    }

    fn has(&self, kind: &ValueKind, value: &Name) -> bool {
        self.values.get(kind).is_some_and(|known| known.contains(value.as_str()))
    }

    /// Whether the book has facts that could have a value of a kind.
    fn could_have(&self, kind: &ValueKind) -> bool {
        match kind {
            ValueKind::Motion | ValueKind::Product | ValueKind::Amount => self.bookings,
            ValueKind::Segment | ValueKind::Region => self.accounts,
            ValueKind::Attribute(_) => self.bookings || self.accounts,
            ValueKind::Signal => self.values.contains_key(&ValueKind::Signal),
        }
    }
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
