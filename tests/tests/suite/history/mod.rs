//! Random plans and histories, as choices that shrink and as the facts and texts that they stand for.

mod case;
mod choices;
mod gates;
mod plans;
mod teller;
mod terms;
mod told;

pub use case::{Case, case};
pub use told::{Step, lines, told, written};
