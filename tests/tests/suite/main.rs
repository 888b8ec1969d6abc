//! The whole system from outside.

mod adventureworks;
mod agreement;
mod closing;
mod crash;
mod derived;
mod errors;
mod examples;
mod feeds;
mod golden;
mod history;
mod hows;
mod index;
mod metamorphic;
mod model;
mod modelled;
mod nights;
mod opening;
mod partial;
mod published;
mod random;
mod real_runs;
mod refusals;
mod regressions;
mod support;
mod tidy;
mod tour;
