//! What becomes of settled amounts: approvals, holds, payouts and repayments, and the accounts of the general ledger
//! (docs/pay.md).

pub mod approval;
pub mod confirmation;
pub mod exported;
pub mod hold;
pub mod payout;
pub mod refusal;
pub mod repayment;
pub mod roll_forward;
pub mod status;
pub mod trial_balance;
