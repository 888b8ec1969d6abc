//! Bookings, usage and signals that no component pays anybody for.
//!
//! *Paid* means: on its date, a component of a version in force measures it, for a payee who is assigned to the plan and has a
//! share of it, or for a manager or a team of such a payee. How much the component pays does not matter. Usage that installments
//! or clawbacks of its contract's bookings depend on, and signals that a plan waits for or tests, have their use and are left out.

use ledger::date::Day;
use ledger::exact::{Exact, Rounding};
use ledger::fact::SplitTarget;
use ledger::id::{AccountId, BookingId, ContractId, Name};
use ledger::money::{Currency, Money};
use projections::position::Position;

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

/// An amount in whole minor units, for people.
pub(super) fn rounded(amount: &Exact, currency: Currency) -> Option<Money> {
    Money::round(amount, currency, Rounding::HalfUp)
}
