//! The most that an item, and a performance period, earns (calculation.md 6): after rounding, first the item's cap.

use ledger::money::Money;

/// The amount of an item under `cap.item`.
pub fn item_cap(amount: Money, cap: Option<Money>) -> Money {
    cap.map_or(amount, |cap| amount.min(cap))
}

/// The amount of an item under `cap.period`: with S the running total, min(cap, S after) - min(cap, S before).
pub fn period_cap(before: Money, amount: Money, cap: Option<Money>) -> Money {
    cap.map_or(amount, |cap| cap.min(before + amount) - cap.min(before))
}
