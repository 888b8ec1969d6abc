//! Changes: what a new entry altered for a payee, as far as items of components may depend on it.

use ledger::date::Day;
use ledger::id::{AccountId, Name};

/// A change that items of a payee may depend on.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Change {
    /// What changed, and on which dates.
    pub kind: ChangeKind,
    /// The account whose items may depend on it; `None`: items of any account.
    pub account: Option<AccountId>,
}

/// What changed, and on which dates.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ChangeKind {
    /// It may affect every item.
    All,
    /// It may affect items dated from this day on: a share, account, assignment or quota changed.
    From(Day),
    /// A booking, signal or reading of this day changed.
    Dated(Day),
    /// Usage of these days changed, the first and the last included.
    Used(Day, Day),
    /// Usage changed that conditions of a booking or signal of this day may depend on.
    UsageGates(Day),
    /// A signal changed that conditions or triggers may wait for.
    SignalGates {
        /// The name of the signal.
        name: Name,
        /// The date of the booking or signal that it is for; `None`: it is for a contract's usage, of whatever month.
        of: Option<Day>,
        /// Whether the signal is dated in the month to be closed, so that no earlier close tested a condition with
        /// it.
        fresh: bool,
    },
}

impl ChangeKind {
    /// This change for the items of an account.
    pub fn for_account(self, account: &AccountId) -> Change {
        Change { kind: self, account: Some(account.clone()) }
    }

    /// This change for the items of any account.
    pub fn for_any_account(self) -> Change {
        Change { kind: self, account: None }
    }
}
