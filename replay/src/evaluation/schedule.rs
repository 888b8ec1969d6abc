//! The values that a close leaves for the next one: the wake-up schedule, which names items to evaluate on a date although no fact
//! changes them; the running totals of performance periods that are not over; and the sums of months.

use std::collections::BTreeMap;
use std::fmt::Debug;

use ledger::date::Day;
use ledger::id::{AccountId, PayeeId};
use plans::entitlement::WakeUpKey;
use plans::incremental::carry_forward::{ByMonth, RunningTotals, Sums};
use projections::position::Position;

/// The wake-up schedule of a payee: items to evaluate although no fact changes them, and the earliest day on which that is needed.
pub type WakeUps = BTreeMap<WakeUpKey, Day>;

/// The carried values of all payees.
pub type CarryForwardByPayee = BTreeMap<PayeeId, PayeeCarryForward>;

/// The values of one payee for the next close.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PayeeCarryForward {
    /// The items to evaluate although no fact changes them.
    pub wake_ups: WakeUps,
    /// The running totals of performance periods that are not over (calculation.md 6).
    pub totals: RunningTotals,
    /// The sums of months over several contracts (calculation.md 4).
    pub sums: Sums,
}

impl PayeeCarryForward {
    /// Whether nothing is carried forward.
    pub fn is_empty(&self) -> bool {
        self.wake_ups.is_empty() && self.totals.is_empty() && self.sums.is_empty()
    }
}

/// The values that the last close left for the next one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CarryForward {
    /// The position of the `period-close` entry of that close; `None` if the values are not known. Then the next close evaluates
    /// everything.
    pub after: Option<Position>,
    /// The values of each payee.
    pub carried: CarryForwardByPayee,
}

impl CarryForward {
    /// Describes a wake-up of the full evaluation that this schedule lacks or has on a later day; `None` if there is none.
    pub(crate) fn missed(&self, all: &CarryForwardByPayee) -> Option<String> {
        let mut all = all.iter().flat_map(|(payee, carried)| carried.wake_ups.iter().map(move |one| (payee, one)));
        let known = |payee, item| self.carried.get(payee)?.wake_ups.get(item);
        let missed = all.find(|(payee, (item, day))| known(*payee, *item).is_none_or(|known| known > *day));
        missed.map(|(payee, (WakeUpKey { plan, component, month, account }, day))| {
            let account = account.as_ref().map_or("any account", AccountId::as_str);
            format!("{payee} {plan}/{component} {month} of {account} on {day}")
        })
    }

    /// Describes a running total or sum that differs from that of the full evaluation; `None` if there is none.
    pub(crate) fn miscarried(&self, all: &CarryForwardByPayee) -> Option<String> {
        let mut both = all.iter().filter_map(|(payee, all)| Some((payee, all, self.carried.get(payee)?)));
        both.find_map(|(payee, all, known)| {
            let wrong = wrong(&all.totals, &known.totals).or_else(|| wrong(&all.sums, &known.sums));
            wrong.map(|wrong| format!("{payee} {wrong}"))
        })
    }
}

/// Describes a value that differs between the full evaluation and the carried values.
fn wrong<T: PartialEq + Debug>(all: &ByMonth<T>, known: &ByMonth<T>) -> Option<String> {
    all.all().find_map(|(plan, component, first, month, value)| {
        let known = known.months(plan.as_str(), component)?.get(&(first, month)).filter(|known| *known != value)?;
        Some(format!("{plan}/{component} since {first} by {month}: {value:?} against {known:?}"))
    })
}
