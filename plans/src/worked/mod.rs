//! A plan worked out for a made-up payee, so that who writes it sees what it pays before anybody is assigned to it.

mod example;
mod quotas;
mod table;

pub use quotas::{RampedQuota, RampedQuotas, ramped_quotas};
pub use table::{Assumption, Whole, WorkedComponent, WorkedRow, worked_table};
