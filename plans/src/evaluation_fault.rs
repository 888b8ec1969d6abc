//! What an evaluation finds wrong with the facts, as data: what keeps a month from being closed, and what is doubtful.

use ledger::date::Day;
use ledger::id::{BookingId, ComponentId, Name, PayeeId, PlanId};
use ledger::money::Currency;

/// What has to be mended before a month can be closed.
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

/// What is probably not meant. The month can be closed all the same.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum EvaluationWarning {
    /// The component pays by a quota, and the payee has none.
    NoQuota {
        /// Who has no quota.
        payee: PayeeId,
        /// The plan of the component.
        plan: PlanId,
        /// The component that needs the quota.
        component: ComponentId,
        /// The date of the item.
        date: Day,
        /// What is paid all the same.
        paid: PaidWithoutQuota,
    },
    /// A signal that is measured by its value has none, and counts as 0.
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
}

/// What a component pays without the quota that it needs.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum PaidWithoutQuota {
    /// Tiers do not apply.
    BaseRate,
    /// A part of target pay is not reached.
    Nothing,
}
