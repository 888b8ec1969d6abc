//! The balances of a payee.

use ledger::money::{Currency, Money};

/// The balances of a payee in one currency, never negative (calculation.md 10).
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Balances {
    /// What is to be paid out.
    pub payable: Money,
    /// What the payee owes from clawbacks and reversals.
    pub owed: Money,
    /// What was drawn and is not recovered yet.
    pub draw: Money,
}

impl Balances {
    /// Balances of 0.
    pub fn zero(currency: Currency) -> Balances {
        let zero = Money::zero(currency);
        Balances { payable: zero, owed: zero, draw: zero }
    }
}
