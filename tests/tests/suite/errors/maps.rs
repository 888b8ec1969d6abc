//! What is said about mappings.

use super::Code;

pub const CODES: &[Code] = &[];
