//! Shows what a close posted to each payee: the lines with their steps and causes, pending installments, and the history of a line.

pub mod attainment;
pub mod build;
pub mod causes;
mod draw_steps;
pub mod history;
pub mod measured;
pub mod pending;
pub mod plan_impact;
pub(crate) mod posted_figures;
pub mod readiness;
pub mod statement;
pub mod to_date;
