//! Attainment as a bar, in whole parts of its length.

use ledger::exact::{Exact, Rounding};
use plans::entitlement::Attainment;

use crate::render::amount::rounded_percent;

/// The length of a bar.
const LENGTH: i128 = 1000;
/// The least that is left empty of a bar below 100 %, so that a quota that was missed never looks met.
const GAP: i128 = 8;

/// A bar from 0 to the quota, or beyond it where more was reached.
pub struct AttainmentBar {
    /// What it shows, in words.
    pub label: String,
    /// The part of [`LENGTH`] that is filled.
    pub filled: i128,
    /// Where the quota is, if it is not at the end.
    pub quota_at: Option<i128>,
}

impl AttainmentBar {
    /// Nothing without a quota.
    pub fn of(row: &Attainment) -> Option<AttainmentBar> {
        let quota = row.quota.as_ref().filter(|quota| !quota.is_zero())?;
        Some(AttainmentBar::reached(&(&row.credited / quota)))
    }

    fn reached(part: &Exact) -> AttainmentBar {
        let label = rounded_percent(part);
        let length = Exact::whole(LENGTH);
        let whole = |value: &Exact| value.round(0, Rounding::Down).unwrap_or(LENGTH).clamp(0, LENGTH);
        if *part < Exact::ONE {
            let filled = if *part < Exact::ZERO { 0 } else { whole(&(part * &length)).min(LENGTH - GAP) };
            return AttainmentBar { label, filled, quota_at: None };
        }
        let quota_at = Some(whole(&(&length / part))).filter(|at| *at < LENGTH);
        AttainmentBar { label, filled: LENGTH, quota_at }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missed_quota_never_looks_met() {
        for (above, below, filled, quota_at) in [
            (-1, 2, 0, None),
            (0, 1, 0, None),
            (1, 2, 500, None),
            (9_999_999, 10_000_000, LENGTH - GAP, None),
            (1, 1, LENGTH, None),
            (5, 4, LENGTH, Some(800)),
            (1_000_000, 1, LENGTH, Some(0)),
        ] {
            let bar = AttainmentBar::reached(&Exact::ratio(above, below));
            assert_eq!((bar.filled, bar.quota_at), (filled, quota_at), "{above}/{below}");
        }
    }
}
