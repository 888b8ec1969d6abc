//! The made-up company: people, contracts, plans, and what happens in a month.

mod chance;
mod contract;
mod deals;
pub mod facts;
mod people;
pub mod plans;
pub mod seat;
mod usage;
pub mod world;
