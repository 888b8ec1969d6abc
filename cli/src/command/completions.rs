//! `trueup completions`: what a shell needs to complete commands, from the same definitions as help.

use clap::{Args, CommandFactory};
use clap_complete::{Shell, generate};

use crate::arguments::Arguments;
use crate::desk::{Desk, Outcome};
use crate::failure::Failure;

/// Print completions for a shell
#[derive(Args, Debug)]
pub struct Completions {
    /// Which shell
    shell: Shell,
}

impl Completions {
    pub fn run(self, desk: &mut Desk) -> Result<Outcome, Failure> {
        // clap takes a failure to write as a panic, so it writes into memory.
        let mut script = Vec::new();
        generate(self.shell, &mut Arguments::command(), "trueup", &mut script);
        desk.bytes(&script)?;
        Ok(Outcome::Done)
    }
}
