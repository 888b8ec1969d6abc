//! What must not matter does not matter: a history told in another way comes to the same figures.
//!
//! No expected figures are needed for that, so it holds where nobody worked any out. Each file is one relation between two
//! tellings. `TRUEUP_CASES=N` tries N ways of each history instead of one.

mod again;
mod attribute;
mod currency;
mod history;
mod rename;
mod reorder;
mod share;
mod split;
