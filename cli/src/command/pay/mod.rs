//! Months and pay: previewing, closing, statements and their reasons.

mod attainment;
pub mod balances;
pub mod close;
pub mod explain;
pub mod export;
pub mod freeze;
pub mod pending;
pub mod preview;
mod roll_forward;
pub mod statement;
pub mod trial_balance;
