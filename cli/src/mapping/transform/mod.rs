//! Rows to facts.

pub mod doubts;
pub mod external_sort;
pub mod fact;
pub mod group;
pub mod json;
pub mod keys;
pub mod locate;
pub mod once;
pub mod order;
pub mod row_values;
pub mod transformer;
