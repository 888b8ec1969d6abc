//! Metamorphic tests: a history written in another way that must not matter gives the same figures.
//!
//! They need no expected figures. Each file is one relation between two histories.
//! `TRUEUP_CASES=N` tries N ways of each history instead of one.

mod again;
mod attribute;
mod currency;
mod history;
mod rename;
mod reorder;
mod share;
mod split;
