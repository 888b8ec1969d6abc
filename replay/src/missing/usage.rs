//! Usage without a booking, and commitments without usage.

use std::collections::BTreeMap;

use ledger::date::{Day, Month};
use ledger::exact::Exact;
use ledger::fact::{BookedAmount, Booking, VariantOf};
use ledger::id::{AccountId, ContractId, Name};
use ledger::money::Money;
use plans::incremental::dependencies::has_usage_gates;
use plans::plan::Measure;
use projections::knowledge::Contract;
use projections::view::{FactRef, View};

use crate::missing::scope::Scope;
use crate::missing::unpaid::rounded;

/// Usage of days on which no booking of its contract is in force: it counts for no booking's consumption.
#[derive(Clone, Debug)]
pub struct UnattributedUsage {
    /// The contract.
    pub contract: ContractId,
    /// Its account.
    pub account: AccountId,
    /// The meter; `None` if usage names none.
    pub meter: Option<Name>,
    /// The first of the days.
    pub from: Day,
    /// The last of the days.
    pub to: Day,
    /// The amount used on these days.
    pub worth: Option<Money>,
    /// Whether the account is known: by an `account` fact, or by a booking.
    pub is_account_known: bool,
}

/// A contract with a commitment in the month, and without usage in it.
#[derive(Clone, Debug)]
pub struct IdleCommitment {
    /// The contract.
    pub contract: ContractId,
    /// Its account.
    pub account: AccountId,
    /// The first day of the month with a commitment.
    pub from: Day,
    /// The last day of the month with a commitment.
    pub to: Day,
    /// The ARR of the bookings in force, less their credit notes.
    pub committed: Option<Money>,
}

/// The days of a booking's term before its cancellation; none if the last is before the first.
pub(super) fn in_term(view: View<'_>, booking: FactRef<'_, Booking>) -> (Day, Day) {
    let (first, last) = booking.fact.term();
    let cancelled = view.cancellation_by(&booking.fact.booking, last);
    (first, cancelled.map_or(last, |cancelled| cancelled.fact.at.previous()))
}

/// Whether a plan in force on the last day of a month depends on usage. Where none does, a commitment without usage is nothing to
/// speak of.
pub(super) fn depends_on_usage(scope: &Scope<'_>, period: Month) -> bool {
    let reads = |measure: &Measure| match measure {
        Measure::Usage { .. } | Measure::Growth { .. } | Measure::Retention { .. } => true,
        Measure::Booking { .. } | Measure::Signal { .. } | Measure::Metric { .. } => false,
    };
    let components = scope.coverage.components_on(period.last());
    components.iter().any(|component| has_usage_gates(component) || reads(&component.measure))
}

/// The commitment of a contract without usage in a month; `None` if it has no commitment in it.
pub(super) fn idle_commitment(view: View<'_>, contract: &Contract, period: Month) -> Option<IdleCommitment> {
    let (first, last) = (period.first(), period.last());
    let mut days: Option<(Day, Day)> = None;
    let mut committed = BTreeMap::new();
    let bookings = contract.bookings.iter().filter_map(|index| {
        let known = view.knowledge.fact(*index);
        let fact = Booking::of(&known.fact.body)?;
        let (from, to) = fact.term();
        let may_count = from <= last && to >= first && fact.at <= last && fact.arr.exact().is_positive();
        (may_count && view.in_force(known.position)).then_some(FactRef {
            position: known.position,
            fact,
            stored: known,
        })
    });
    for booking in bookings {
        let (from, to) = in_term(view, booking);
        let (from, to) = (from.max(first), to.min(last));
        let left = committed_on(view, booking, last);
        if from <= to && left.is_positive() {
            days = Some(days.map_or((from, to), |(one, other)| (one.min(from), other.max(to))));
            *committed.entry(booking.fact.currency).or_insert(Exact::ZERO) += &left;
        }
    }
    let (from, to) = days?;
    let committed = committed.into_iter().next().and_then(|(currency, arr)| rounded(&arr, currency));
    Some(IdleCommitment { contract: contract.id.clone(), account: contract.account.clone(), from, to, committed })
}

/// The ARR of a booking, less the credit notes dated up to a day.
fn committed_on(view: View<'_>, booking: FactRef<'_, Booking>, day: Day) -> Exact {
    let notes = view.credit_notes_by(&booking.fact.booking, day);
    notes.fold(booking.fact.arr.exact(), |left, note| left - note.fact.taken(booking.fact, &BookedAmount::Arr))
}
