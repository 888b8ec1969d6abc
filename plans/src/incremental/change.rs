//! What a new entry altered for a payee, as far as items of components may depend on it.

use ledger::date::Day;
use ledger::id::{AccountId, Name};

/// What happened to a payee's items, and to those of which account; `None`: to those of any.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Change {
    pub kind: ChangeKind,
    pub account: Option<AccountId>,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ChangeKind {
    /// Nobody can say what it reaches.
    All,
    /// Items dated from this day on: shares, accounts, assignments, quotas.
    From(Day),
    /// What was sold, signalled or read on this day.
    Dated(Day),
    /// Usage of these days.
    Used(Day, Day),
    /// Usage, on which gates of what was sold or signalled on this day may have looked.
    UsageGates(Day),
    /// A signal for what was sold or signalled on a day; `None`: for a contract's usage, of whatever month. One that is
    /// `fresh` lies in the month to be closed: conditions have not looked at it yet.
    SignalGates { name: Name, of: Option<Day>, fresh: bool },
}

impl ChangeKind {
    pub fn for_account(self, account: &AccountId) -> Change {
        Change { kind: self, account: Some(account.clone()) }
    }

    pub fn for_any_account(self) -> Change {
        Change { kind: self, account: None }
    }
}
