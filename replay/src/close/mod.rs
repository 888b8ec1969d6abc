//! Closes a month: subtracts what earlier closes posted from what payees are entitled to, settles each payee, and writes the
//! result in one atomic append (calculation.md 9, 10).
//!
//! `preview` computes the close without writing it, from `difference`, `reasons` and `settlement`. `posting` writes it.
//! `opening` enters what was settled before the book began, and `freeze` keeps posted lines from changing.

mod difference;
mod error;
pub mod freeze;
pub mod opening;
mod posting;
mod preview;
mod reasons;
pub mod refusal;
pub(crate) mod settlement;
mod told_before;

pub use error::CloseError;
pub use posting::{CloseDone, TotalOf, close, close_of, totals};
pub(crate) use posting::{plan_editions, trial_balance_after};
pub use preview::{CloseRequest, EvaluationMode, FirstMonth, FullReason, Preview, preview, preview_of};
