//! What an audit found, and the evidence of a sample, in words.

pub mod difference;
pub mod evidence;
