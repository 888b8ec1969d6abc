//! `trueup completions`: what a shell needs to complete commands, from the same definitions as help.

use clap::{Args, Command};
use clap_complete::{Shell, generate};

use crate::failure::Failure;
use crate::session::state::{Outcome, Session};

/// Print completions for a shell
#[derive(Args, Debug)]
pub struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    /// `tree` is the whole command line, as clap knows it.
    pub fn run(self, mut tree: Command, session: &mut Session) -> Result<Outcome, Failure> {
        // clap takes a failure to write as a panic, so it writes into memory.
        let mut script = Vec::new();
        generate(self.shell, &mut tree, "trueup", &mut script);
        session.bytes(&script)?;
        Ok(Outcome::Done)
    }
}
