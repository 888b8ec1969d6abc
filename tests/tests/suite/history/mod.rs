//! Random plans and histories: choices that shrink, and the facts and texts that they stand for.

mod case;
mod choices;
mod disturbed;
mod facts;
mod gates;
mod plans;
mod steps;
mod terms;

pub use case::{Case, case};
pub use choices::choices;
pub use disturbed::{DisturbedStep, disturbed};
pub use steps::{Step, lines, steps_of, written};
