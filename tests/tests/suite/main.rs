//! The whole system from outside.

mod adventureworks;
mod closing;
mod crash;
mod errors;
mod examples;
mod hows;
mod nights;
mod random;
mod refusals;
mod support;
mod tidy;
mod tour;
