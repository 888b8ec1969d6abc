//! `trueup export`: what closes posted, for the general ledger and for programs that check it.

mod beancount;
mod hledger;
mod journal;
mod payroll;
mod rebuild;
mod register;

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use ledger::date::Month;
use projections::posted_state::ClosedPeriod;
use replay::book::Book;
use replay::pay::exported::journal::JournalEnd;

use crate::arguments::month;
use crate::as_of::AsOf;
use crate::command::pay::roll_forward::{MonthRange, closes};
use crate::command::pay::statement::{LINE_HEADER, payment_rows};
use crate::failure::Failure;
use crate::refusal::{CommandRefusal, ExportRefusal};
use crate::session::state::{Outcome, Session};

/// Print what closes posted, for the general ledger or a spreadsheet
///
/// `--as` says for which program: `hledger` (and ledger), `beancount`, `journal` (the movements as CSV), `register` (the payroll
/// register as text, CSV or JSON), `payroll` (payments as CSV, by a mapping), `lines` (the posted lines as CSV) or `jsonl` (files from which the book can be rebuilt). hledger and beancount get every entry that moved an amount, and a
/// balance to check for each account after each close. Nothing is recorded, so that there is no author to name. `--format`
/// counts for the register, and for what is said of `jsonl`.
#[derive(Args, Debug)]
pub struct Export {
    /// One closed month; by default all of them
    #[arg(long, value_parser = month)]
    period: Option<Month>,
    /// The first closed month
    #[arg(long, value_parser = month, conflicts_with = "period", requires = "to")]
    from: Option<Month>,
    /// The last closed month
    #[arg(long, value_parser = month, conflicts_with = "period", requires = "from")]
    to: Option<Month>,
    /// The accounts, columns and formats of the other program, a TOML file (docs/exports.md): for `journal` and `payroll`
    #[arg(long, value_name = "FILE")]
    map: Option<PathBuf>,
    /// The folder for the files of `--as jsonl`, new or empty
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    at: AsOf,
}

/// The values of `--as`.
#[derive(Copy, Clone, PartialEq, Eq, Debug, ValueEnum)]
enum Program {
    /// hledger and ledger: a journal with balance assertions
    Hledger,
    /// beancount: a ledger with balance directives
    Beancount,
    /// A table of the movements, as CSV, or with `--map` as the general ledger wants it
    Journal,
    /// A table of payments in the columns that the mapping of `--map` gives
    Payroll,
    /// The payroll register: balances, sums and pay of each payee, and totals; as `--format` says
    Register,
    /// A table of the posted lines, as CSV, as `statement --format csv` has them
    Lines,
    /// Facts, plans and steps from which the book can be rebuilt, as files in the folder of `--out`
    Jsonl,
}

impl Export {
    pub fn run(self, session: &mut Session) -> Result<Outcome, Failure> {
        let program = program(session)?;
        self.must_have_effect(program)?;
        let book = session.book_at(&self.at)?;
        if program == Program::Jsonl {
            let out = self.out.as_deref().expect("it was asked for above");
            rebuild::write(&book, out, session)?;
            return Ok(Outcome::Done);
        }
        if program == Program::Payroll {
            let (map, period) = self.map.as_deref().zip(self.period).expect("they were asked for above");
            payroll::write(&book, period, map, session)?;
            return Ok(Outcome::Done);
        }
        let asked = match (self.period, self.from.zip(self.to)) {
            (Some(period), _) => closes(&book, MonthRange::new(period, period))?,
            (None, Some((from, to))) if from > to => {
                return Err(Failure::refused(CommandRefusal::MonthsInDisorder { from, to }));
            }
            (None, Some((from, to))) => closes(&book, MonthRange::new(from, to))?,
            (None, None) => &book.state().posted_state().closes,
        };
        if asked.is_empty() {
            session.note("Nothing is closed yet, so there is nothing to export.");
            return Ok(Outcome::Done);
        }
        let is_part = self.period.is_some() || self.from.is_some();
        let end = if is_part { JournalEnd::LastClose } else { JournalEnd::LastEntry };
        match program {
            Program::Hledger => hledger::write(&book, asked, end, session)?,
            Program::Beancount => beancount::write(&book, asked, end, session)?,
            Program::Journal => match &self.map {
                Some(file) => journal::write_mapped(&book, (asked, end), file, session)?,
                None => journal::write(&book, asked, end, session)?,
            },
            Program::Register => register::write(&book, asked, session)?,
            Program::Lines => lines(&book, asked, session)?,
            Program::Payroll | Program::Jsonl => unreachable!("BUG: it was written above"),
        }
        Ok(Outcome::Done)
    }
}

impl Export {
    /// Refuses options that the program does not take, and a program that lacks one.
    fn must_have_effect(&self, program: Program) -> Result<(), Failure> {
        let unused = |option, programs| {
            Err(Failure::refused(CommandRefusal::Export(ExportRefusal::OptionUnused { option, programs })))
        };
        let missing = |program, option| {
            Err(Failure::refused(CommandRefusal::Export(ExportRefusal::OptionMissing { program, option })))
        };
        let (is_jsonl, is_payroll) = (program == Program::Jsonl, program == Program::Payroll);
        if self.map.is_some() && !is_payroll && program != Program::Journal {
            return unused("--map", "`--as journal` or `--as payroll`");
        }
        if self.out.is_some() && !is_jsonl {
            return unused("--out", "`--as jsonl`");
        }
        if is_jsonl && (self.period.is_some() || self.from.is_some()) {
            return unused("--period", "`--at SIZE`: a book is rebuilt from its beginning");
        }
        if is_payroll && self.from.is_some() {
            return unused("--from", "`--period`: a file for payroll has the payouts of one month");
        }
        if is_jsonl && self.out.is_none() {
            return missing("jsonl", "--out DIR");
        }
        if is_payroll && self.map.is_none() {
            return missing("payroll", "--map FILE");
        }
        if is_payroll && self.period.is_none() {
            return missing("payroll", "--period MONTH");
        }
        Ok(())
    }
}

/// The program that `--as` names.
fn program(session: &Session) -> Result<Program, Failure> {
    let written = session.options.author.as_ref();
    let named = written.and_then(|name| Program::from_str(name.as_str(), false).ok());
    named.ok_or_else(|| {
        Failure::refused(CommandRefusal::Export(ExportRefusal::ProgramUnknown { written: written.cloned() }))
    })
}

fn lines(book: &Book, asked: &[ClosedPeriod], session: &mut Session) -> Result<(), Failure> {
    session.out.row(&LINE_HEADER)?;
    for closed in asked {
        let figures = replay::statements::build::posted(book, closed)?;
        payment_rows(figures.iter(), &mut session.out)?;
    }
    Ok(())
}
