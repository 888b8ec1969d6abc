//! Bookings, usage and signals that no component pays anybody for.
//!
//! *Paid* means: on its date, a component of a version in force measures it, for a payee who is assigned to the plan and has a
//! share of it, or for a manager or a team of such a payee. How much the component pays does not matter. Usage that installments
//! or clawbacks of its contract's bookings depend on, and signals that a plan waits for or tests, have their use and are left out.

use std::collections::BTreeSet;

use ledger::date::Day;
use ledger::exact::{Exact, Rounding};
use ledger::fact::{Booking, Signal, SplitTarget};
use ledger::id::{AccountId, BookingId, ContractId, Name};
use ledger::money::{Currency, Money};
use plans::credit::coverage::{Measurable, Thing};
use plans::credit::index::subject_of_signal;
use plans::incremental::dependencies::{gate_names, has_usage_gates};
use plans::item::Subject;
use projections::credit_graph::CreditGraph;
use projections::knowledge::narrowest;
use projections::position::Position;
use projections::usage::UsageColumn;
use projections::view::FactRef;

use crate::missing::scope::{Scope, UsedDays};

/// Something that nobody is paid for.
#[derive(Clone, Debug)]
pub struct Unpaid {
    /// What it is.
    pub thing: UnpaidThing,
    /// What it is worth: a booking's total contract value, the amount of usage, the value of a signal. `None`: no money.
    pub worth: Option<Money>,
}

/// What nobody is paid for.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum UnpaidThing {
    /// A booking.
    Booking {
        /// The booking.
        booking: BookingId,
        /// Its account.
        account: AccountId,
        /// The day on which it was signed.
        at: Day,
    },
    /// Usage of a contract on one meter.
    Usage {
        /// The contract.
        contract: ContractId,
        /// Its account.
        account: AccountId,
        /// The meter; `None` if usage names none.
        meter: Option<Name>,
        /// The first day.
        from: Day,
        /// The last day.
        to: Day,
    },
    /// A signal.
    Signal {
        /// Its date.
        at: Day,
        /// Its name.
        signal: Name,
        /// The position of its entry.
        position: Position,
        /// What it is on; `None` if it names only a payee.
        on: Option<SplitTarget>,
    },
}

/// Everything that nobody is paid for: bookings by date, then usage by contract, then signals by date.
pub(super) fn unpaid<'k>(scope: &Scope<'_, 'k>, usage: &[UsedDays<'k>]) -> Vec<Unpaid> {
    let mut all = bookings(scope);
    all.extend(used(scope, usage));
    all.extend(signals(scope));
    all
}

/// An amount in whole minor units, for people.
pub(super) fn rounded(amount: &Exact, currency: Currency) -> Option<Money> {
    Money::round(amount, currency, Rounding::HalfUp)
}

fn bookings(scope: &Scope<'_, '_>) -> Vec<Unpaid> {
    let graph = CreditGraph::of(scope.view());
    let mut unpaid = scope.bookings();
    unpaid.retain(|booking| !scope.is_booking_paid(graph, *booking));
    let unpaid = unpaid.into_iter();
    let told = unpaid.map(|FactRef { fact, .. }| Unpaid {
        thing: UnpaidThing::Booking { booking: fact.booking.clone(), account: fact.account.clone(), at: fact.at },
        worth: rounded(&fact.tcv(), fact.currency),
    });
    told.collect()
}

impl<'k> Scope<'_, 'k> {
    fn is_booking_paid(&self, graph: CreditGraph<'k>, booking: FactRef<'k, Booking>) -> bool {
        let day = booking.fact.at;
        let Some((_, shares)) = graph.shares_of_booking(booking, day) else { return false };
        let thing = Thing { kind: Measurable::Booking, subject: Subject::of_booking(booking), day };
        self.coverage.pays_anybody(&thing, shares)
    }

    fn is_signal_paid(&self, graph: CreditGraph<'k>, signal: FactRef<'k, Signal>) -> bool {
        let thing = self.signal(signal);
        if let Some(payee) = &signal.fact.payee {
            return self.coverage.pays_whole(&thing, payee);
        }
        let shares = graph.shares_of_signal(signal.fact, self.context.day);
        shares.is_some_and(|(_, shares)| self.coverage.pays_anybody(&thing, shares))
    }

    /// A signal as something that a component may measure.
    pub(super) fn signal(&self, signal: FactRef<'k, Signal>) -> Thing<'k> {
        let subject = subject_of_signal(self.view(), self.context.day, signal);
        Thing { kind: Measurable::Signal(&signal.fact.signal), subject, day: signal.fact.at }
    }

    /// Usage on a day as something that a component may measure.
    pub(super) fn usage_on(&self, used: &UsedDays<'k>, day: Day) -> Thing<'k> {
        let subject = Subject::of_contract(&used.contract.id, &used.contract.account);
        Thing { kind: Measurable::Usage(used.run), subject, day }
    }
}

/// Usage that nobody is paid for, and on which no installment or clawback depends. Where shares change, the first and the last day
/// of each interval are looked at.
fn used<'k>(scope: &Scope<'_, 'k>, usage: &[UsedDays<'k>]) -> Vec<Unpaid> {
    let mut unpaid = Vec::new();
    for used in usage {
        let days = (used.from, used.to);
        let splits = scope.context.credit.splits_of(used.contract, days).intervals(days);
        let is_paid = splits.iter().any(|(first, last, shares)| {
            !shares.is_empty()
                && [*first, *last]
                    .into_iter()
                    .any(|day| scope.coverage.pays_anybody(&scope.usage_on(used, day), shares))
        });
        if is_paid || is_read(scope, used) {
            continue;
        }
        let amount = scope.view().usage(used.run, used.from, used.to, UsageColumn::Amount);
        let thing = UnpaidThing::Usage {
            contract: used.contract.id.clone(),
            account: used.contract.account.clone(),
            meter: used.run.run.meter.clone(),
            from: used.from,
            to: used.to,
        };
        unpaid.push(Unpaid { thing, worth: rounded(&amount, used.run.currency) });
    }
    unpaid.sort_by(|one, other| one.thing.cmp(&other.thing));
    unpaid
}

/// Whether an installment or clawback of a booking depends on the usage.
fn is_read(scope: &Scope<'_, '_>, used: &UsedDays<'_>) -> bool {
    let components = scope.coverage.components_on(used.to);
    components.iter().any(|component| has_usage_gates(component))
        && scope.view().bookings_of(used.contract).next().is_some()
}

fn signals(scope: &Scope<'_, '_>) -> Vec<Unpaid> {
    let plans = scope.context.rules.plans().flat_map(|(_, versions)| versions);
    let awaited: BTreeSet<&Name> =
        plans.flat_map(|published| &published.plan.components).flat_map(gate_names).collect();
    let graph = CreditGraph::of(scope.view());
    let unpaid = scope.signals().filter(|signal| !awaited.contains(&signal.fact.signal));
    let unpaid = unpaid.filter(|signal| !scope.is_signal_paid(graph, *signal));
    let told = unpaid.map(|FactRef { fact, position, .. }| Unpaid {
        thing: UnpaidThing::Signal { at: fact.at, signal: fact.signal.clone(), position, on: narrowest(fact) },
        worth: fact.value.zip(fact.currency).and_then(|(value, currency)| rounded(&value.exact(), currency)),
    });
    told.collect()
}
