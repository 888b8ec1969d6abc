//! `trueup close`: evaluates, posts and locks a month.

use clap::Args;
use data_encoding::HEXLOWER;
use ledger::date::Month;
use replay::close::close_of;
use replay::close::{CloseDone, CloseRequest, EvaluationMode, TotalOf};

use crate::arguments::{Format, digest, month};
use crate::failure::Failure;
use crate::input::opening_lines::OpeningArgs;
use crate::render::amount::amount;
use crate::render::statement::settled_and_withheld::{beside, beside_json};
use crate::session::state::{Outcome, Session};
use crate::wording;

/// Evaluate, post and lock a month, in one append
#[derive(Args, Debug)]
pub struct CloseMonth {
    /// The month, like 2027-04
    #[arg(value_parser = month)]
    period: Month,
    /// Use the facts known when the log had this many entries; by default all
    #[arg(long, value_name = "SIZE")]
    at: Option<u64>,
    /// Refuse unless what would be posted has this digest: the one that `preview` showed
    #[arg(long, value_name = "DIGEST", value_parser = digest)]
    expect: Option<[u8; 32]>,
    #[command(flatten)]
    opening: OpeningArgs,
    /// Evaluate everything, and refuse if the incremental evaluation gives other figures
    #[arg(long)]
    full: bool,
}

impl CloseMonth {
    pub fn run(self, session: &mut Session) -> Result<Outcome, Failure> {
        let opening = self.opening.read()?;
        let mut book = session.book_to_write()?;
        let mode = if self.full { EvaluationMode::Both } else { EvaluationMode::BySize };
        let asked = CloseRequest { period: self.period, known: self.at, opening: opening.as_ref(), mode };
        let wait = session.wait("closing");
        let done = close_of(&mut book, &asked, self.expect, &session.stamp()?)?;
        drop(wait);
        session.warn(&wording::close::warnings(&done.warnings));
        match session.options.format {
            Format::Json => json(&done, session)?,
            Format::Text | Format::Csv => text(&done, session)?,
        }
        session.keep(&mut book)?;
        Ok(Outcome::Done)
    }
}

fn json(done: &CloseDone, session: &mut Session) -> Result<(), Failure> {
    let total = |out: &mut ledger::json::JsonWriter, total: &TotalOf| {
        out.object(|out| {
            out.name("currency").text(total.pay.currency);
            out.name("gross").text(total.gross);
            out.name("reversed").text(total.reversed);
            out.name("pay").text(total.pay);
        });
    };
    session.json(|out| {
        out.object(|out| {
            out.name("period").text(done.period);
            out.name("size").number(done.size);
            out.name("digest").text(HEXLOWER.encode(&done.digest));
            out.name("lines").number(done.lines);
            out.name("totals").list(|out| done.totals.iter().for_each(|one| total(out, one)));
            beside_json(&done.settled, &done.withheld, out);
        })
    })
}

fn text(done: &CloseDone, session: &mut Session) -> Result<(), Failure> {
    let (period, lines, statements) = (done.period, done.lines, done.statements);
    let plural = |count: u64, word: &str| if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") };
    writeln!(
        session.out,
        "{period} is closed: {}, {}, size {}.",
        plural(statements, "statement"),
        plural(lines, "line"),
        done.size
    )?;
    for total in &done.totals {
        let (gross, reversed, pay) = (amount(total.gross), amount(total.reversed), amount(total.pay));
        writeln!(session.out, "{}: gross {gross}, reversed {reversed}, to pay {pay}.", total.pay.currency)?;
    }
    beside(&done.settled, done.frozen, &done.withheld, &mut session.out)?;
    writeln!(session.out, "Digest {}", HEXLOWER.encode(&done.digest))?;
    if statements > 0 {
        session.note(&format!("`trueup statement PAYEE {period}` shows what a payee gets."));
    }
    Ok(())
}
