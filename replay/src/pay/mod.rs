//! What becomes of settled amounts: the accounts of the general ledger, and how balances roll from month to month.

pub mod journal;
pub mod register;
pub mod roll_forward;
pub mod trial_balance;
