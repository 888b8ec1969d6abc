//! Closing a month: entitlement less what was posted, settled, in one atomic append (calculation.md 9, 10).

mod difference;
pub mod error;
pub mod freeze;
pub mod opening;
pub mod posting;
pub mod preview;
pub mod reasons;
pub mod refusal;
mod settlement;

pub use error::CloseError;
pub use posting::{CloseDone, TotalOf, close, close_of, totals};
pub use preview::{CloseRequest, EvaluationMode, Preview, preview, preview_of};
