//! Random plans and histories: choices that shrink, and the facts and texts that they stand for.

mod case;
mod choices;
mod disturbed;
mod facts;
mod gates;
mod payments;
mod plans;
mod steps;
mod terms;

pub use case::{Case, case};
pub use choices::{Choices, choices};
pub use disturbed::{DisturbedStep, disturbed};
pub use payments::{Arrived, Payment, payments};
pub use steps::{Step, lines, steps_of, written};
