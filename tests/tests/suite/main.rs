//! The whole system from outside.

mod adventureworks;
mod crash;
mod examples;
mod hows;
mod nights;
mod support;
mod tidy;
mod tour;
