//! The terminal: arguments, rendering, exit codes.
//!
//! Every command is a file of `command/`: its arguments, what it does, how it shows what came of it. This crate decides
//! nothing about pay, and everything about words. Data goes to standard output, talk to standard error.

mod arguments;
mod as_of;
mod bug;
mod command;
mod entries;
mod failure;
#[cfg(fuzzing)]
pub mod fuzz;
mod input;
mod mapping;
mod output;
mod output_map;
mod payee_name;
mod refusal;
mod render;
mod session;
mod terminal;
mod wording;

use std::process::ExitCode;

use clap::Parser;

/// A large book is millions of small lists that grow a little every month, and closes take and give back as many beside
/// them: the system's allocator gets slower from month to month.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

use crate::command::Arguments;
use crate::failure::{ExitStatus, usage};
use crate::session::state::Session;

/// Runs the command that the arguments name.
pub fn main() -> ExitCode {
    session::permissions::keep_new_files_private();
    let arguments = match Arguments::try_parse() {
        Ok(Arguments { options, command }) => Arguments { options: options.with_format(), command },
        Err(error) => return usage(error).into(),
    };
    bug::catch(arguments.options.format, || run(arguments)).into()
}

fn run(arguments: Arguments) -> ExitStatus {
    let mut session = Session::new(arguments.options);
    let outcome = arguments.command.run(&mut session);
    session.end(outcome)
}
