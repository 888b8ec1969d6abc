//! The tiers and curves of a component.

pub mod curve;
pub mod ramp;
pub mod tier;
