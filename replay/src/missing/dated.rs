//! What bookings and signals lack: whether anybody is paid for them, and whether their credit is whole and of payees who are paid.

use std::collections::BTreeSet;

use ledger::exact::Exact;
use ledger::fact::{Booking, CreditSplit, Role, Share, Signal, SplitTarget, VariantOf};
use ledger::id::{Name, PayeeId};
use plans::credit::coverage::{Measurable, Thing};
use plans::credit::hierarchy::CreditShares;
use plans::credit::index::subject_of_signal;
use plans::incremental::dependencies::gate_names;
use plans::item::Subject;
use plans::plan::{Component, Measure};
use projections::credit_graph::CreditGraph;
use projections::knowledge::narrowest;
use projections::position::Position;
use projections::view::{FactRef, View};

use crate::missing::credit::{CreditedThing, UnassignedCredit, Uncredited, primary};
use crate::missing::findings::MissingFindings;
use crate::missing::scope::Scope;
use crate::missing::unpaid::{Unpaid, UnpaidThing, rounded};

/// A booking or signal, and its shares.
struct SharedThing<'k> {
    of: CreditedThing,
    thing: Thing<'k>,
    shares: Shares<'k>,
    /// Whether the credit is of the thing itself, and not that of its contract or account.
    is_own: bool,
}

enum Shares<'k> {
    Split(&'k [Share]),
    Whole(&'k PayeeId),
}

/// Adds what bookings lack, by date.
pub(super) fn bookings(scope: &Scope<'_>, found: &mut MissingFindings) {
    for booking in scope.bookings() {
        let FactRef { fact, .. } = booking;
        let is_paid = look(scope, &of_booking(scope.view(), booking), found);
        if !is_paid {
            let (booking, account) = (fact.booking.clone(), fact.account.clone());
            let thing = UnpaidThing::Booking { booking, account, at: fact.at };
            found.unpaid.push(Unpaid { thing, worth: rounded(&fact.tcv(), fact.currency) });
        }
    }
}

fn of_booking<'k>(view: View<'k>, booking: FactRef<'k, Booking>) -> SharedThing<'k> {
    let graph = CreditGraph::of(view);
    let day = booking.fact.at;
    let (position, shares) = graph.shares_of_booking(booking, day).unwrap_or((booking.position, &[]));
    SharedThing {
        is_own: position == booking.position || is_split_of_booking(view, position),
        of: CreditedThing::Booking(booking.fact.booking.clone()),
        thing: Thing { kind: Measurable::Booking, subject: Subject::of_booking(booking), day },
        shares: Shares::Split(shares),
    }
}

fn is_split_of_booking(view: View<'_>, position: Position) -> bool {
    let split = view.knowledge.fact_at(position).and_then(|known| CreditSplit::of(&known.fact.body));
    split.is_some_and(|split| matches!(split.on, SplitTarget::Booking(_)))
}

/// Adds what signals lack, by date.
pub(super) fn signals(scope: &Scope<'_>, found: &mut MissingFindings) {
    let plans = scope.coverage.context.rules.plans().flat_map(|(_, versions)| versions);
    let components: Vec<&Component> = plans.flat_map(|published| &published.plan.components).collect();
    let awaited: BTreeSet<&Name> = components.iter().flat_map(|component| gate_names(component)).collect();
    let measured: BTreeSet<&Name> = components.iter().filter_map(|component| measured_name(component)).collect();
    for signal in scope.of_kind::<Signal>() {
        let FactRef { fact, position, .. } = signal;
        // What no component measures, as most readings, is credited to nobody: whose it is does not matter.
        let is_paid = measured.contains(&fact.signal) && look(scope, &of_signal(scope, signal), found);
        if !is_paid && !awaited.contains(&fact.signal) {
            let worth = fact.value.zip(fact.currency);
            let worth = worth.and_then(|(value, currency)| rounded(&value.exact(), currency));
            let (signal, on) = (fact.signal.clone(), narrowest(fact));
            found.unpaid.push(Unpaid { thing: UnpaidThing::Signal { at: fact.at, signal, position, on }, worth });
        }
    }
}

/// The name of the signals that a component measures.
fn measured_name(component: &Component) -> Option<&Name> {
    match &component.measure {
        Measure::Signal { name, .. } | Measure::Metric { name, .. } => Some(name),
        Measure::Booking { .. } | Measure::Usage { .. } | Measure::Growth { .. } | Measure::Retention { .. } => None,
    }
}

fn of_signal<'k>(scope: &Scope<'k>, signal: FactRef<'k, Signal>) -> SharedThing<'k> {
    let FactRef { fact, position, .. } = signal;
    let subject = subject_of_signal(scope.view(), scope.day(), signal);
    let shares = match &fact.payee {
        Some(payee) => Shares::Whole(payee),
        None => {
            let shares = CreditGraph::of(scope.view()).shares_of_signal(fact, scope.day());
            Shares::Split(shares.map_or(&[], |(_, shares)| shares))
        }
    };
    let thing = Thing { kind: Measurable::Signal(&fact.signal), subject, day: fact.at };
    let of = CreditedThing::Signal { signal: fact.signal.clone(), position };
    SharedThing { of, thing, shares, is_own: fact.payee.is_some() }
}

/// Adds shares of payees who are not paid on them, and too little credit. Whether anybody is paid.
fn look<'k>(scope: &Scope<'k>, shared: &SharedThing<'k>, found: &mut MissingFindings) -> bool {
    let (coverage, thing) = (&scope.coverage, &shared.thing);
    let shares = match shared.shares {
        Shares::Split(shares) => shares,
        Shares::Whole(payee) => {
            let own = coverage.pays(payee.as_str(), thing, CreditShares::Whole(payee));
            if !own {
                found.unassigned_credit.extend(unassigned(scope, shared, payee, (Role::Primary, Exact::ONE)));
            }
            return own || coverage.pays_whole(thing, payee);
        }
    };
    let mut is_paid = false;
    for share in shares {
        let own = CreditShares::Split(std::slice::from_ref(share));
        if coverage.pays(share.payee.as_str(), thing, own) {
            is_paid = true;
        } else {
            let of = (share.role, share.percent.exact());
            found.unassigned_credit.extend(unassigned(scope, shared, &share.payee, of));
        }
    }
    let primary = primary(shares);
    if primary < Exact::ONE && coverage.is_measured(thing) {
        found.uncredited.push(Uncredited { of: shared.of.clone(), at: thing.day, primary });
    }
    is_paid || coverage.pays_others(thing, shares)
}

/// The share of a payee who is not paid on it. What no plan in force would measure, whoever had credit, counts only for payees
/// without any assignment, and so does credit of a contract or an account: it is of more than the thing. Signals that no component
/// measures are not credited to anybody.
fn unassigned<'k>(
    scope: &Scope<'k>,
    shared: &SharedThing<'k>,
    payee: &'k PayeeId,
    (role, share): (Role, Exact),
) -> Option<UnassignedCredit> {
    let day = shared.thing.day;
    let terms = scope.coverage.terms(payee.as_str());
    let plan = terms.iter().find(|term| term.contains(day)).map(|term| term.assignment.fact.plan.clone());
    let is_signal = matches!(shared.of, CreditedThing::Signal { .. });
    let is_listed = match &plan {
        None => !is_signal || scope.coverage.is_measured(&shared.thing),
        Some(_) => shared.is_own && scope.coverage.is_measured(&shared.thing),
    };
    is_listed.then(|| UnassignedCredit { payee: payee.clone(), role, share, of: shared.of.clone(), at: day, plan })
}
