//! Evaluates what each payee is entitled to (calculation.md 3 to 8): in full, or only what changed since the last close.

pub mod dirty_set;
pub mod full;
pub mod impact;
pub mod impact_probe;
pub mod incremental;
pub mod line_impact;
pub mod parallel;
pub mod schedule;
