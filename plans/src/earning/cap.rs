//! The most that an item, and a performance period, earns (calculation.md 6): after rounding, first the item's cap.

use ledger::money::Money;

/// What an item earns of its rounded amount under `cap.item`.
pub fn item_cap(amount: Money, cap: Option<Money>) -> Money {
    cap.map_or(amount, |cap| amount.min(cap))
}

/// What an item earns under `cap.period`: with S the running total, min(cap, S after) - min(cap, S before).
pub fn period_cap(before: Money, amount: Money, cap: Option<Money>) -> Money {
    cap.map_or(amount, |cap| cap.min(before + amount) - cap.min(before))
}
