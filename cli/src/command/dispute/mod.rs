//! `trueup dispute`: what payees disagree with, what is said about it, and how it ends.

mod answer;
mod list;
mod open;
mod recorded;
mod resolve;
mod show;

use clap::Subcommand;

use crate::failure::Failure;
use crate::session::state::{Outcome, Session};

/// Open, answer, resolve and show disputes about statements
#[derive(Subcommand, Debug)]
pub enum DisputeCommand {
    Open(open::OpenDispute),
    Answer(answer::AnswerDispute),
    Resolve(resolve::ResolveDispute),
    List(list::ListDisputes),
    Show(show::ShowDispute),
}

impl DisputeCommand {
    pub fn run(self, session: &mut Session) -> Result<Outcome, Failure> {
        match self {
            DisputeCommand::Open(command) => command.run(session),
            DisputeCommand::Answer(command) => command.run(session),
            DisputeCommand::Resolve(command) => command.run(session),
            DisputeCommand::List(command) => command.run(session),
            DisputeCommand::Show(command) => command.run(session),
        }
    }
}
