//! The tiers and curves of a component.

pub mod curve;
pub mod tier;
