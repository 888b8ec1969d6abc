//! `trueup man`: the manual page, from the same definitions as help.

use clap::{Args, Command};
use clap_mangen::Man;

use crate::failure::Failure;
use crate::refusal::CommandRefusal;
use crate::session::state::{Outcome, Session};

/// Print the manual page of trueup, or of one of its commands
#[derive(Args, Debug)]
pub struct ManPage {
    /// A command, like `record` or `plan publish`
    command: Vec<String>,
}

impl ManPage {
    /// `tree` is the whole command line, as clap knows it.
    pub fn run(self, tree: Command, session: &mut Session) -> Result<Outcome, Failure> {
        let mut command = tree.disable_help_subcommand(true);
        command.build();
        for word in &self.command {
            command = subcommand(&command, word)?;
        }
        let mut page = Vec::new();
        Man::new(command).render(&mut page)?;
        session.bytes(&page)?;
        Ok(Outcome::Done)
    }
}

fn subcommand(command: &Command, word: &str) -> Result<Command, Failure> {
    let Some(found) = command.find_subcommand(word) else {
        let command = command.get_display_name().unwrap_or("trueup").to_owned();
        return Err(Failure::refused(CommandRefusal::ManPageUnknown { command, word: word.to_owned() }));
    };
    Ok(found.clone())
}
