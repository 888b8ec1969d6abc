//! `trueup plan`: the rules, checked, published, listed, and as text.

mod check;
mod list;
mod publish;
mod show;

use clap::Subcommand;

use crate::failure::Failure;
use crate::session::state::{Outcome, Session};

/// Check, publish and show plans
#[derive(Subcommand, Debug)]
pub enum Plan {
    Check(check::Check),
    Publish(publish::Publish),
    List(list::List),
    Show(show::Show),
}

impl Plan {
    pub fn run(self, session: &mut Session) -> Result<Outcome, Failure> {
        match self {
            Plan::Check(command) => command.run(session),
            Plan::Publish(command) => command.run(session),
            Plan::List(command) => command.run(session),
            Plan::Show(command) => command.run(session),
        }
    }
}
