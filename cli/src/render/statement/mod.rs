//! Statements and the reasons of their lines.

pub mod credit;
pub mod draws;
pub mod explain;
pub mod forfeited;
pub mod item;
pub mod legend;
pub mod lines;
pub mod page;
pub mod payments;
pub mod settled_and_withheld;
pub mod settlement;
