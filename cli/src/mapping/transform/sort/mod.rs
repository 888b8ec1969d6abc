//! Facts are put in order outside of memory.

pub mod external_sort;
pub mod order;
