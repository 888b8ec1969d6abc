//! `trueup plan`: the rules, checked, published, listed, and as text.

mod check;
mod list;
mod publish;
mod show;

use clap::Subcommand;

use crate::failure::Failure;
use crate::session::state::{Desk, Outcome};

/// Check, publish and show plans
#[derive(Subcommand, Debug)]
pub enum Plan {
    Check(check::Check),
    Publish(publish::Publish),
    List(list::List),
    Show(show::Show),
}

impl Plan {
    pub fn run(self, desk: &mut Desk) -> Result<Outcome, Failure> {
        match self {
            Plan::Check(command) => command.run(desk),
            Plan::Publish(command) => command.run(desk),
            Plan::List(command) => command.run(desk),
            Plan::Show(command) => command.run(desk),
        }
    }
}
