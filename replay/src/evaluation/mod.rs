//! What everybody is entitled to, from the facts: in full, or only what has changed since the last close.

pub mod counterfactual;
pub mod dirty_set;
pub mod full;
pub mod impact;
pub mod impact_probe;
pub mod incremental;
pub mod parallel;
pub mod schedule;
