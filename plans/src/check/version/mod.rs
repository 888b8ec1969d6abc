//! Checks a version of a plan against the versions published before it.

mod mid_month;
mod mid_period;
mod next;
mod place;

pub use next::check_next;
