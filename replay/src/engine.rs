//! The numbers of the calculation rules. Each close records the numbers that it was computed with.

/// The engine number. Any change of the program that can alter a figure raises it (docs/engine.md).
pub const ENGINE: u16 = 2;

/// The edition of calculation.md by which months are settled and closed (calculation.md 9, 10).
pub const EDITION: u16 = 1;
