//! `trueup plan`: the rules, checked, published, listed, and as text.

mod check;
mod list;
mod new;
mod publish;
mod show;

use clap::Subcommand;

use crate::failure::Failure;
use crate::session::state::{Outcome, Session};

/// Check, publish and show plans
#[derive(Subcommand, Debug)]
pub enum PlanCommand {
    New(new::NewPlan),
    Check(check::Check),
    Publish(publish::Publish),
    List(list::List),
    Show(show::ShowPlan),
}

impl PlanCommand {
    pub fn run(self, session: &mut Session) -> Result<Outcome, Failure> {
        match self {
            PlanCommand::New(command) => command.run(session),
            PlanCommand::Check(command) => command.run(session),
            PlanCommand::Publish(command) => command.run(session),
            PlanCommand::List(command) => command.run(session),
            PlanCommand::Show(command) => command.run(session),
        }
    }
}
