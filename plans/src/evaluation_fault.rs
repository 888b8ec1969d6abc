//! What an evaluation finds wrong with the facts, as data: faults, which prevent a close, and warnings.

use ledger::date::Day;
use ledger::id::{BookingId, ComponentId, Name, PayeeId, PlanId};
use ledger::money::Currency;

/// A fault that must be corrected before a month can be closed.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum EvaluationFault {
    /// No exchange rate is in force on an item's date.
    NoExchangeRate {
        /// The currency of the amount.
        from: Currency,
        /// The currency of the plan.
        to: Currency,
        /// The date of the item.
        date: Day,
        /// The key of the item.
        item: String,
    },
    /// The component pays the assignment's own rate, and the assignment has none.
    NoAssignedRate {
        /// Whose assignment.
        payee: PayeeId,
        /// The plan of the assignment.
        plan: PlanId,
        /// The component that needs the rate.
        component: ComponentId,
        /// The first day of the assignment.
        at: Day,
    },
    /// An item earns more than the ledger can hold.
    EarningTooLarge {
        /// Who earns it.
        payee: PayeeId,
        /// The key of the item.
        item: String,
    },
}

/// What is probably a mistake. It does not prevent a close.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum EvaluationWarning {
    /// The component needs a quota, and the payee has none.
    NoQuota {
        /// Who has no quota.
        payee: PayeeId,
        /// The plan of the component.
        plan: PlanId,
        /// The component that needs the quota.
        component: ComponentId,
        /// The date of the item.
        date: Day,
        /// What the component pays instead.
        paid: PaidWithoutQuota,
    },
    /// A signal that is measured by its value has no value, and counts as 0.
    SignalWithoutValue {
        /// The name of the signal.
        signal: Name,
        /// Its date.
        at: Day,
        /// The key of its item: the id of the fact.
        item: String,
    },
    /// A booking that is measured by a named amount does not have it, and counts as 0.
    BookingWithoutAmount {
        /// The booking.
        booking: BookingId,
        /// The name of the amount.
        amount: Name,
    },
    /// A booking has an amount to be paid on, and its measured value is 0: nothing is paid.
    NothingToPayBy {
        /// The booking.
        booking: BookingId,
        /// The component that measures it.
        component: ComponentId,
    },
}

/// What a component pays without the quota that it needs (calculation.md 5).
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum PaidWithoutQuota {
    /// The base rate: percent tiers do not apply.
    BaseRate,
    /// Nothing: there is no attainment.
    Nothing,
}
