//! Rows to facts.

pub mod batch;
pub mod doubts;
pub mod fact;
pub mod group;
pub mod json;
pub mod keys;
pub mod locate;
pub mod once;
pub mod row_values;
mod set_aside;
pub mod sort;
pub mod transformer;
mod write_fact;
