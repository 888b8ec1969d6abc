//! The command line: the commands, each in a file of its own with its arguments, what it does and how it is shown, and
//! which of them runs. Help, completions and the manual page derive from these types.

pub mod book;
mod compare;
mod dispute;
pub mod facts;
pub mod pay;
mod payout;
mod people;
mod plan;
pub mod program;

use clap::{CommandFactory, Parser, Subcommand};

use crate::arguments::{Options, OutputFormat};
use crate::failure::Failure;
use crate::refusal::{CommandRefusal, CompareRefusal, HtmlRefusal};
use crate::session::state::{Outcome, Session};

/// An event-sourced compensation ledger: facts in, statements out, and a reason for every cent.
#[derive(Parser, Debug)]
#[command(name = "trueup", version, max_term_width = 100, after_help = EXIT_STATUS)]
pub struct Arguments {
    #[command(flatten)]
    pub options: Options,
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_STATUS: &str = "\
Exit status: 0 done, 1 refused or a check found something, 2 usage, 3 lines were set aside, 70 a bug of trueup, 74 input or output \
(a book that another process is writing, too).
`trueup demo` is the place to begin.";

#[derive(Subcommand, Debug)]
pub enum Command {
    Demo(book::demo::Demo),
    Init(book::init::Init),
    Record(facts::record::Record),
    #[command(subcommand)]
    Plan(plan::PlanCommand),
    Preview(pay::preview::PreviewOf),
    Close(pay::close::CloseMonth),
    Freeze(pay::freeze::Freeze),
    Approve(payout::approve::Approve),
    Reject(payout::reject::Reject),
    Hold(payout::hold::HoldPayee),
    Release(payout::release::ReleasePayee),
    Payout(payout::pay_out::PayOut),
    Repay(payout::repay::RepayAmount),
    WriteOff(payout::write_off::WriteOffAmount),
    #[command(subcommand)]
    Dispute(dispute::DisputeCommand),
    Statement(pay::statement::StatementOf),
    Explain(pay::explain::Explain),
    History(facts::history::History),
    Pending(pay::pending::PendingOf),
    Balances(pay::balances::BalancesOf),
    TrialBalance(pay::trial_balance::TrialBalanceOf),
    Export(pay::export::Export),
    #[command(subcommand)]
    Report(payout::report::ReportCommand),
    #[command(subcommand)]
    Key(people::key::KeyCommand),
    #[command(subcommand)]
    Author(people::author::AuthorCommand),
    #[command(subcommand)]
    Policy(people::policy::PolicyCommand),
    Log(facts::log::ListLog),
    Show(facts::show::Show),
    Checkpoint(book::checkpoint::ShowOrSign),
    Diff(compare::diff::DiffOf),
    #[command(name = "whatif")]
    WhatIf(compare::whatif::WhatIf),
    Verify(book::verify::Verify),
    Audit(book::audit::AuditBook),
    Recover(book::recover::Recover),
    Snapshot(book::snapshot::Snapshot),
    Completions(program::completions::Completions),
    Man(program::man::ManPage),
}

impl Command {
    pub fn run(self, session: &mut Session) -> Result<Outcome, Failure> {
        if session.options.output == OutputFormat::Html && !self.has_pages() {
            return Err(Failure::refused(CommandRefusal::Html(HtmlRefusal::NoPages)));
        }
        if session.options.output == OutputFormat::Svg && !self.has_charts() {
            return Err(Failure::refused(CommandRefusal::Compare(CompareRefusal::NoChart)));
        }
        match self {
            Command::Demo(command) => command.run(session),
            Command::Init(command) => command.run(session),
            Command::Record(command) => command.run(session),
            Command::Plan(command) => command.run(session),
            Command::Preview(command) => command.run(session),
            Command::Close(command) => command.run(session),
            Command::Freeze(command) => command.run(session),
            Command::Approve(command) => command.run(session),
            Command::Reject(command) => command.run(session),
            Command::Hold(command) => command.run(session),
            Command::Release(command) => command.run(session),
            Command::Payout(command) => command.run(session),
            Command::Repay(command) => command.run(session),
            Command::WriteOff(command) => command.run(session),
            Command::Dispute(command) => command.run(session),
            Command::Statement(command) => command.run(session),
            Command::Explain(command) => command.run(session),
            Command::History(command) => command.run(session),
            Command::Pending(command) => command.run(session),
            Command::Balances(command) => command.run(session),
            Command::TrialBalance(command) => command.run(session),
            Command::Export(command) => command.run(session),
            Command::Report(command) => command.run(session),
            Command::Key(command) => command.run(session),
            Command::Author(command) => command.run(session),
            Command::Policy(command) => command.run(session),
            Command::Log(command) => command.run(session),
            Command::Show(command) => command.run(session),
            Command::Checkpoint(command) => command.run(session),
            Command::Diff(command) => command.run(session),
            Command::WhatIf(command) => command.run(session),
            Command::Verify(command) => command.run(session),
            Command::Audit(command) => command.run(session),
            Command::Recover(command) => command.run(session),
            Command::Snapshot(command) => command.run(session),
            Command::Completions(command) => command.run(Arguments::command(), session),
            Command::Man(command) => command.run(Arguments::command(), session),
        }
    }

    /// Whether it draws SVG.
    fn has_charts(&self) -> bool {
        match self {
            Command::Diff(_) | Command::WhatIf(_) => true,
            Command::Preview(preview) => preview.has_chart(),
            _ => false,
        }
    }

    /// Whether it writes HTML.
    fn has_pages(&self) -> bool {
        matches!(self, Command::Statement(_))
    }
}
