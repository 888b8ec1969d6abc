//! The whole system from outside.

mod adventureworks;
mod closing;
mod crash;
mod derived;
mod errors;
mod examples;
mod golden;
mod hows;
mod nights;
mod opening;
mod random;
mod real_runs;
mod refusals;
mod regressions;
mod support;
mod tidy;
mod tour;
