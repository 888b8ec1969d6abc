//! Credit to payees whose assignments do not measure it, and things with less than all of their primary credit.

use ledger::date::Day;
use ledger::exact::Exact;
use ledger::fact::{Role, Share};
use ledger::id::{AccountId, BookingId, ContractId, Name, PayeeId, PlanId};
use projections::position::Position;

/// Something that payees have credit of.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum CreditedThing {
    /// A booking.
    Booking(BookingId),
    /// The usage of a contract.
    Usage {
        /// The contract.
        contract: ContractId,
        /// Its account.
        account: AccountId,
    },
    /// A signal.
    Signal {
        /// Its name.
        signal: Name,
        /// The position of its entry.
        position: Position,
    },
}

/// A share of a payee without an assignment that measures it.
#[derive(Clone, Debug)]
pub struct UnassignedCredit {
    /// The payee.
    pub payee: PayeeId,
    /// The role of the share.
    pub role: Role,
    /// The share as a fraction.
    pub share: Exact,
    /// Of what it is.
    pub of: CreditedThing,
    /// The date of the booking or signal; of usage, the first day without an assignment.
    pub at: Day,
    /// The plan of an assignment of that day, which does not measure it; `None` if the payee has no assignment then.
    pub plan: Option<PlanId>,
}

/// Something with less than 100 % primary credit that a component would measure.
#[derive(Clone, Debug)]
pub struct Uncredited {
    /// What it is.
    pub of: CreditedThing,
    /// Its date; of usage, the first day with too little credit.
    pub at: Day,
    /// The sum of its primary shares, as a fraction.
    pub primary: Exact,
}

/// The sum of primary shares.
pub(super) fn primary(shares: &[Share]) -> Exact {
    shares.iter().filter(|share| share.role == Role::Primary).map(|share| share.percent.exact()).sum()
}
