//! What a close leaves for the next one: which items must be evaluated on a date although no fact changes them, the running
//! totals of performance periods that go on, and the sums of months.

use std::collections::BTreeMap;
use std::fmt::Debug;

use ledger::date::Day;
use ledger::id::{AccountId, PayeeId};
use plans::entitlement::Waiting;
use plans::incremental::carry_forward::{ByMonth, RunningTotals, Sums};
use projections::position::Position;

/// Items to evaluate although no fact changes them, with the earliest day on which that is needed.
pub type WakeUps = BTreeMap<Waiting, Day>;
pub type CarriedByPayee = BTreeMap<PayeeId, CarriedForward>;

/// Of one payee, for the next close.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CarriedForward {
    pub wake_ups: WakeUps,
    pub totals: RunningTotals,
    pub sums: Sums,
}

impl CarriedForward {
    pub fn is_empty(&self) -> bool {
        self.wake_ups.is_empty() && self.totals.is_empty() && self.sums.is_empty()
    }
}

/// What the last close left for the next one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Schedule {
    /// The `period-close` entry of that close; without it, nothing is known.
    pub after: Option<Position>,
    pub carried: CarriedByPayee,
}

impl Schedule {
    /// An item of the full evaluation that this schedule misses or has on a later day.
    pub(crate) fn missed(&self, all: &CarriedByPayee) -> Option<String> {
        let mut all = all.iter().flat_map(|(payee, carried)| carried.wake_ups.iter().map(move |one| (payee, one)));
        let known = |payee, item| self.carried.get(payee)?.wake_ups.get(item);
        let missed = all.find(|(payee, (item, day))| known(*payee, *item).is_none_or(|known| known > *day));
        missed.map(|(payee, (Waiting { plan, component, month, account }, day))| {
            let account = account.as_ref().map_or("any account", AccountId::as_str);
            format!("{payee} {plan}/{component} {month} of {account} on {day}")
        })
    }

    /// A running total or sum that is not what working out everything comes to.
    pub(crate) fn miscarried(&self, all: &CarriedByPayee) -> Option<String> {
        let mut both = all.iter().filter_map(|(payee, all)| Some((payee, all, self.carried.get(payee)?)));
        both.find_map(|(payee, all, known)| {
            let wrong = wrong(&all.totals, &known.totals).or_else(|| wrong(&all.sums, &known.sums));
            wrong.map(|wrong| format!("{payee} {wrong}"))
        })
    }
}

/// A value that differs between the full evaluation and what was carried forward.
fn wrong<T: PartialEq + Debug>(all: &ByMonth<T>, known: &ByMonth<T>) -> Option<String> {
    all.all().find_map(|(plan, component, first, month, value)| {
        let known = known.months(plan.as_str(), component)?.get(&(first, month)).filter(|known| *known != value)?;
        Some(format!("{plan}/{component} since {first} by {month}: {value:?} against {known:?}"))
    })
}
