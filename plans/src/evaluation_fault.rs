//! What an evaluation finds wrong with the facts, as data: faults, which prevent a close, and warnings.

use ledger::date::Day;
use ledger::fact::item_key::ItemKey;
use ledger::id::{BookingId, ComponentId, Name, PayeeId, PlanId};
use ledger::money::{Currency, Money};

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

/// Something that an evaluation did without, to the payee's loss. It does not prevent a close.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum EvaluationGap {
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
    /// A condition was decided against the payee on usage that ends before its window does, of an account for which no fact says
    /// up to which day usage is complete.
    UsageEndsEarly(UsageEndsEarly),
}

/// A decision against a payee on usage that ends before its window does.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct UsageEndsEarly {
    /// Who loses.
    pub payee: PayeeId,
    /// The plan.
    pub plan: PlanId,
    /// The component.
    pub component: ComponentId,
    /// The item.
    pub item: ItemKey,
    /// The installment that is forfeited, or the clawback that takes.
    pub part: Name,
    /// The day on which it is decided.
    pub on: Day,
    /// The usage that is known, and the usage that the window needs.
    pub usage: EarlyUsage,
    /// The currency of the plan.
    pub currency: Currency,
    /// What the payee loses, in minor units of the currency; above 0.
    pub lost_minor: i128,
}

impl UsageEndsEarly {
    /// What the payee loses.
    pub fn lost(&self) -> Money {
        Money { minor: self.lost_minor, currency: self.currency }
    }
}

/// Usage that ends before the window of a condition does.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct EarlyUsage {
    /// The last day of the window with usage; `None` if there is none in it.
    pub known: Option<Day>,
    /// The last day of the window on which something is promised.
    pub through: Day,
}

/// What a component pays without the quota that it needs (calculation.md 5).
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum PaidWithoutQuota {
    /// The base rate: percent tiers do not apply.
    BaseRate,
    /// Nothing: there is no attainment.
    Nothing,
}
