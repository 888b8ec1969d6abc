//! Incremental evaluation: which items a close recomputes, and what it takes from the close before.

pub mod carry_forward;
pub mod change;
pub mod day_ranges;
pub mod dependencies;
pub mod item_key;
pub mod recompute_scope;
pub mod region;
