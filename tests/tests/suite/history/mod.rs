//! Random plans and histories: choices that shrink, and the facts and texts that they stand for.

mod case;
mod choices;
mod gates;
mod meddle;
mod plans;
mod teller;
mod terms;
mod told;

pub use case::{Case, case};
pub use choices::choices;
pub use meddle::{Meddled, meddled};
pub use told::{Step, lines, told, written};
