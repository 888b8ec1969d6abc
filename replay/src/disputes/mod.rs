//! Disputes: a payee disagrees with a statement, somebody answers, and somebody resolves it (docs/disputes.md). No figure depends on
//! them: what was wrong is corrected by a fact, and the next close posts the difference.

pub mod answer;
pub mod effect;
mod entries;
pub mod line;
pub mod open;
pub mod refusal;
pub mod resolve;
pub mod summary;
