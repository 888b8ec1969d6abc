//! `trueup close`: evaluates, posts and locks a month.

use clap::Args;
use data_encoding::HEXLOWER;
use ledger::date::Month;
use ledger::money::{Currency, Money};
use replay::authority::checkpoint::BookCheckpoint;
use replay::close::close_of;
use replay::close::{CloseDone, CloseRequest, EvaluationMode, FirstMonth, FullReason, TotalOf};
use serde::Serialize;

use crate::arguments::{Format, digest, month};
use crate::as_of::Cutoff;
use crate::failure::Failure;
use crate::input::opening_lines::OpeningArgs;
use crate::refusal::CommandWarning;
use crate::render::amount::amount;
use crate::render::checkpoint::CheckpointJson;
use crate::render::json::AsText;
use crate::render::missing::{MissingJson, MissingReport};
use crate::render::statement::payments::PaymentParts;
use crate::render::statement::settled_and_withheld::{SettledJson, WithheldJson, beside};
use crate::session::state::{Outcome, Session};
use crate::wording;

/// Evaluate, post and lock a month, in one append
#[derive(Args, Debug)]
pub struct CloseMonth {
    /// The month, like 2027-04
    #[arg(value_parser = month)]
    period: Month,
    #[command(flatten)]
    cutoff: Cutoff,
    /// Refuse unless what would be posted has this digest: the one that `preview` showed
    #[arg(long, value_name = "DIGEST", value_parser = digest)]
    expect: Option<[u8; 32]>,
    #[command(flatten)]
    opening: OpeningArgs,
    /// Evaluate everything, and refuse if the incremental evaluation gives other figures
    #[arg(long)]
    full: bool,
    /// Close a first month that is more than three months from all facts, or that of a book without facts
    #[arg(long)]
    force: bool,
}

impl CloseMonth {
    pub fn run(self, session: &mut Session) -> Result<Outcome, Failure> {
        let opening = self.opening.read()?;
        let mut book = session.book_to_write()?;
        let mode = if self.full { EvaluationMode::Both } else { EvaluationMode::BySize };
        let first_month = if self.force { FirstMonth::Any } else { FirstMonth::NearFacts };
        if self.cutoff.is_after_last(&book) {
            session.warn_of(CommandWarning::AtAfterLast);
        }
        let known = self.cutoff.size(&book)?;
        let usual = CloseRequest::of(self.period, known);
        let asked = CloseRequest { opening: opening.as_ref(), mode, first_month, ..usual };
        let wait = session.wait("closing");
        let done = close_of(&mut book, &asked, self.expect, &session.stamp()?)?;
        drop(wait);
        let checkpoint = session.checkpoint_of_close(&mut book);
        session.warn(&wording::close::warnings(&done.warnings));
        if session.options.format == Format::Json {
            session.warn(&wording::close::warnings(&done.told_before));
        }
        session.warn_of_disputes(&book);
        let missing = MissingReport::of(&done.missing);
        match session.options.format {
            Format::Json => json(&done, &missing, checkpoint.as_ref(), session)?,
            Format::Csv => {
                missing.problems().for_each(|problem| session.warn(std::slice::from_ref(problem)));
                csv(&done, session)?
            }
            Format::Text => {
                missing.problems().for_each(|problem| session.warn(std::slice::from_ref(problem)));
                text(&done, session)?;
                if let Some(checkpoint) = &checkpoint {
                    writeln!(session.out, "Checkpoint of size {}, to be kept elsewhere:", checkpoint.size)?;
                    session.out.blank()?;
                    session.unbroken(&checkpoint.note)?;
                }
            }
        }
        if self.full {
            session.note(&evaluated_words(done.compared, done.full_because));
        }
        session.keep(&mut book)?;
        Ok(Outcome::Done)
    }
}

/// What `--full` could compare.
fn evaluated_words(compared: bool, full_because: Option<FullReason>) -> String {
    if compared {
        return "The full and the incremental evaluation gave the same figures.".to_owned();
    }
    let because = match full_because {
        None | Some(FullReason::FirstClose) => "it is the first close of the book",
        Some(FullReason::EngineChanged) => "the last close has another engine number",
        Some(FullReason::NothingKept) => "nothing is kept of the last close, as in books of up to 100,000 entries",
        Some(FullReason::EverythingAffected) => "a change since the last close can affect everything",
    };
    format!("Only the full evaluation was made: {because}.")
}

fn json(
    done: &CloseDone,
    missing: &MissingReport,
    checkpoint: Option<&BookCheckpoint>,
    session: &mut Session,
) -> Result<(), Failure> {
    let total = |total: &TotalOf| TotalJson {
        currency: AsText(total.pay.currency),
        gross: AsText(total.gross),
        reversed: AsText(total.reversed),
        recovered: AsText(total.recovered),
        draw_recovered: AsText(total.draw_recovered),
        top_up: AsText(total.top_up),
        advance: AsText(total.advance),
        pay: AsText(total.pay),
    };
    session.json(&CloseJson {
        period: AsText(done.period),
        size: done.size,
        digest: HEXLOWER.encode(&done.digest),
        lines: done.lines,
        totals: done.totals.iter().map(total).collect(),
        settled: done.settled.iter().map(SettledJson::of).collect(),
        withheld: done.withheld.iter().map(WithheldJson::of).collect(),
        missing: missing.json(),
        checkpoint: checkpoint.map(CheckpointJson::of),
    })
}

#[derive(Serialize)]
struct CloseJson<'c> {
    period: AsText<Month>,
    size: u64,
    digest: String,
    lines: u64,
    totals: Vec<TotalJson>,
    settled: Vec<SettledJson<'c>>,
    withheld: Vec<WithheldJson<'c>>,
    missing: Vec<MissingJson<'c>>,
    checkpoint: Option<CheckpointJson<'c>>,
}

#[derive(Serialize)]
struct TotalJson {
    currency: AsText<Currency>,
    gross: AsText<Money>,
    reversed: AsText<Money>,
    recovered: AsText<Money>,
    draw_recovered: AsText<Money>,
    top_up: AsText<Money>,
    advance: AsText<Money>,
    pay: AsText<Money>,
}

const HEADER: [&str; 10] = [
    "period",
    "currency",
    "gross",
    "clawback_recovered",
    "draw_recovered",
    "guarantee_top_up",
    "draw_advance",
    "to_pay",
    "reversed",
    "digest",
];

/// A row for each currency, of which what is recovered is negative: the parts add up to what is paid.
fn csv(done: &CloseDone, session: &mut Session) -> Result<(), Failure> {
    session.out.row(&HEADER)?;
    for total in &done.totals {
        let TotalOf { gross, reversed, recovered, draw_recovered, top_up, advance, pay } = *total;
        let amounts = [gross, -recovered, -draw_recovered, top_up, advance, pay, reversed].map(|money| money.text());
        let names = [done.period.to_string(), pay.currency.to_string()];
        let cells: Vec<String> = names.into_iter().chain(amounts).chain([HEXLOWER.encode(&done.digest)]).collect();
        session.out.row(&cells)?;
    }
    Ok(())
}

/// `USD: gross 3,600.00, clawback recovered -1,000.00, draw advance 600.00, to pay 3,200.00; reversed 650.00.`
fn total_words(total: TotalOf) -> String {
    let parts = PaymentParts::of(total);
    let shown = parts.shown().into_iter().chain([("to pay", parts.pay)]);
    let shown: Vec<String> = shown.map(|(name, money)| format!("{name} {}", amount(money))).collect();
    let reversed =
        if parts.reversed.is_zero() { String::new() } else { format!("; reversed {}", amount(parts.reversed)) };
    format!("{}: {}{reversed}.", parts.pay.currency, shown.join(", "))
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
        writeln!(session.out, "{}", total_words(*total))?;
    }
    beside(&done.settled, done.frozen, &done.withheld, &mut session.out)?;
    writeln!(session.out, "Digest {}", HEXLOWER.encode(&done.digest))?;
    if statements > 0 {
        session.note(&format!("`trueup statement PAYEE {period}` shows what a payee gets."));
    }
    Ok(())
}
