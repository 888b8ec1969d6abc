//! What is shown beside figures: what became of a statement since its close, and what payees dispute.

pub mod dispute;
pub mod recorded;
pub mod statement;
