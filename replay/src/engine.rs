//! The numbers by which a close says which rules of calculation it used.

/// Raised with any change of the program that can alter a figure (docs/engine.md).
pub const ENGINE: u16 = 1;

/// The edition of the calculation rules by which months are settled and closed.
pub const EDITION: u16 = 1;
