//! What files for others are made of: the journal, the payroll register, and the payments of a run.

pub mod journal;
pub mod payments;
pub mod register;
