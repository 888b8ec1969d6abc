//! What a close came to, for each payee: its lines, their causes, what is pending, and the history of an item.

pub mod build;
pub mod causes;
pub mod history;
pub mod pending;
pub mod plan_impact;
pub mod statement;
