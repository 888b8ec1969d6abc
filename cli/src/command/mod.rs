//! The commands, each in a file of its own: its arguments, what it does, and how it is shown.

mod close;
mod init;
mod plan;
mod record;
mod statement;

use clap::Subcommand;

use crate::desk::{Desk, Outcome};
use crate::failure::Failure;

#[derive(Subcommand, Debug)]
pub enum Command {
    Init(init::Init),
    Record(record::Record),
    #[command(subcommand)]
    Plan(plan::Plan),
    Close(close::Close),
    Statement(statement::StatementOf),
}

impl Command {
    pub fn run(self, desk: &mut Desk) -> Result<Outcome, Failure> {
        match self {
            Command::Init(command) => command.run(desk),
            Command::Record(command) => command.run(desk),
            Command::Plan(command) => command.run(desk),
            Command::Close(command) => command.run(desk),
            Command::Statement(command) => command.run(desk),
        }
    }
}
