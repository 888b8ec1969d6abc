//! `trueup`, the command.

fn main() -> std::process::ExitCode {
    cli::main()
}
