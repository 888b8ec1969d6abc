//! A slow and obvious model of docs/calculation.md, written from its text alone. It reads facts as JSON and plans as TOML,
//! uses nothing of the program, and calculates everything again from the list of facts at each close.

mod assignment;
pub mod calendar;
mod close;
mod complete;
mod consumption;
mod credit;
mod draws;
mod earned;
mod entitlement;
mod growth;
mod items;
mod known;
mod levels;
mod log;
pub mod number;
pub mod pay;
mod plan;
mod quota;
mod released;
mod settle;
mod sold;
mod taken_back;
mod used;

pub use close::Book;
pub use entitlement::Name;
