//! `trueup statement`: what came out of a close, for one payee or all.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use ledger::date::Month;
use ledger::id::PayeeId;
use ledger::money::Money;
use ledger::nearest::nearest;
use projections::posted_state::ClosedPeriod;
use replay::book::Book;
use replay::statements::build::{add_status, statements};
use replay::statements::measured::without_postings;
use replay::statements::pending::lapsed;
use replay::statements::statement::{DrawLine, Figures, Line, Statement};
use replay::statements::to_date::add_to_date;

use crate::arguments::{Format, OutputFormat, month};
use crate::as_of::AsOf;
use crate::failure::Failure;
use crate::output;
use crate::output::folder::must_be_free;
use crate::refusal::{CommandRefusal, HtmlRefusal};
use crate::render::statement::page::write;
use crate::session::state::{Outcome, Session};
use crate::terminal::screen::Screen;

/// Show the statement of a payee, or of everybody, for a closed month
///
/// With JSON it is an array: a payee has a statement for each currency. With HTML it is one file, or with `--out` a file for each
/// statement and an `index.html` that links to them.
#[derive(Args, Debug)]
#[command(allow_missing_positional = true)]
pub struct StatementOf {
    /// The payee
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    payee: Option<String>,
    /// The month, like 2027-04
    #[arg(value_parser = month)]
    period: Month,
    /// The statements of all payees
    #[arg(long)]
    all: bool,
    /// With `--format html`: write the files into this folder, which is new or empty
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    at: AsOf,
}

impl StatementOf {
    pub fn run(self, session: &mut Session) -> Result<Outcome, Failure> {
        self.must_fit(session)?;
        let book = session.book_at(&self.at)?;
        let closed = closed(&book, self.period)?;
        let payee = self.payee.as_deref().map(|payee| payee_of(&book, payee)).transpose()?;
        let wait = session.wait("evaluating");
        let mut statements = statements(&book, closed, payee.as_ref())?;
        if let (Some(payee), true) = (&payee, statements.is_empty()) {
            statements = without_postings(&book, closed, payee)?;
        }
        add_to_date(&book, closed, payee.as_ref(), &mut statements)?;
        add_status(&book, closed, &mut statements)?;
        drop(wait);
        if let (Some(payee), true) = (&payee, statements.is_empty()) {
            return Err(no_statement(payee, self.period));
        }
        if session.options.output == OutputFormat::Html {
            return self.pages(&book, closed, &statements, session);
        }
        match session.options.format {
            Format::Json => {
                session.json_written(|out| out.list(|out| statements.iter().for_each(|one| one.json(out))))?
            }
            Format::Csv => {
                payments_csv(statements.iter().map(|one| &one.figures), &mut session.out)?;
            }
            Format::Text if statements.is_empty() => {
                session.note(&format!("Nobody has a statement for {}.", self.period));
            }
            Format::Text => {
                let lapsed = lapsed(book.state(), closed, &statements);
                for (index, statement) in statements.iter().enumerate() {
                    if index > 0 {
                        session.out.blank()?;
                    }
                    write(statement, lapsed.get(&statement.figures.holder), &book, &mut session.out)?;
                }
            }
        }
        Ok(Outcome::Done)
    }

    /// Refuses what the format does not go with, before anything is evaluated.
    fn must_fit(&self, session: &Session) -> Result<(), Failure> {
        let is_html = session.options.output == OutputFormat::Html;
        match &self.out {
            Some(folder) if is_html => must_be_free(folder, &session.options.book),
            Some(_) => Err(Failure::refused(CommandRefusal::Html(HtmlRefusal::FolderWithoutHtml))),
            None if is_html && self.all => Err(Failure::refused(CommandRefusal::Html(HtmlRefusal::FolderMissing))),
            None => Ok(()),
        }
    }

    /// Writes HTML: to standard output, or into a folder.
    fn pages(
        &self,
        book: &Book,
        closed: &ClosedPeriod,
        statements: &[Statement],
        session: &mut Session,
    ) -> Result<Outcome, Failure> {
        let lapsed = lapsed(book.state(), closed, statements);
        match (&self.out, statements) {
            (Some(folder), _) => {
                output::statements::write(statements, &lapsed, self.period, book, folder)?;
                let (count, noun) = (statements.len(), if statements.len() == 1 { "statement" } else { "statements" });
                writeln!(session.out, "Wrote {count} {noun} and index.html into `{}`.", folder.display())?;
            }
            (None, [statement]) => session.bytes(output::statements::page(statement, &lapsed, book)?.as_bytes())?,
            (None, _) => {
                let payee = statements[0].figures.holder.0.clone();
                let currencies = statements.iter().map(|statement| statement.figures.holder.1).collect();
                let refusal = HtmlRefusal::SeveralStatements { payee, period: self.period, currencies };
                return Err(Failure::refused(CommandRefusal::Html(refusal)));
            }
        }
        Ok(Outcome::Done)
    }
}

/// The close of a month. Refused where it is open.
pub fn closed(book: &Book, period: Month) -> Result<&ClosedPeriod, Failure> {
    let refused = || CommandRefusal::PeriodOpen { period, closed: book.state().closed_months() };
    book.state().closed(period).ok_or_else(|| Failure::refused(refused()))
}

/// A payee that the book knows.
pub fn payee_of(book: &Book, text: &str) -> Result<PayeeId, Failure> {
    let payees = &book.state().knowledge().payees;
    if let Some(payee) = PayeeId::new(text).filter(|payee| payees.contains_key(payee)) {
        return Ok(payee);
    }
    let nearest = nearest(text, payees.keys().map(PayeeId::as_str)).map(str::to_owned);
    Err(Failure::refused(CommandRefusal::PayeeUnknown { payee: text.to_owned(), nearest }))
}

fn no_statement(payee: &PayeeId, period: Month) -> Failure {
    Failure::refused(CommandRefusal::StatementMissing { payee: payee.clone(), period })
}

pub const LINE_HEADER: [&str; 18] = [
    "period",
    "payee",
    "currency",
    "line",
    "event",
    "plan",
    "version",
    "component",
    "item",
    "part",
    "due",
    "amount",
    "entitled",
    "before",
    "reason",
    "of",
    "date",
    "account",
];

/// The lines of statements as a table for programs, and what else is paid or deducted: the amounts of a payee add up to what is
/// paid.
pub fn payments_csv<'f>(
    statements: impl Iterator<Item = &'f Figures> + Clone,
    out: &mut Screen<impl Write>,
) -> io::Result<()> {
    out.row(&LINE_HEADER)?;
    payment_rows(statements, out)
}

/// The rows of that table.
pub fn payment_rows<'f>(
    statements: impl Iterator<Item = &'f Figures> + Clone,
    out: &mut Screen<impl Write>,
) -> io::Result<()> {
    for figures in statements.clone() {
        for line in &figures.lines {
            out.row(&line_cells(figures, line))?;
        }
    }
    draws_csv(statements.clone(), out)?;
    clawbacks_csv(statements, out)
}

fn line_cells(figures: &Figures, line: &Line) -> [String; 18] {
    let ((payee, currency), name) = (&figures.holder, &line.name);
    [
        figures.period.to_string(),
        payee.to_string(),
        currency.to_string(),
        name.to_string(),
        line.event().to_owned(),
        name.plan.as_ref().map(ToString::to_string).unwrap_or_default(),
        line.version.map(|version| version.to_string()).unwrap_or_default(),
        name.component.to_string(),
        name.item.to_string(),
        name.part.as_ref().map(ToString::to_string).unwrap_or_default(),
        line.due.to_string(),
        line.amount.text(),
        line.entitled.text(),
        line.before.text(),
        line.reason.map(|reason| reason.to_string()).unwrap_or_default(),
        Month::of(line.due).to_string(),
        line.date.to_string(),
        line.account.as_ref().map(ToString::to_string).unwrap_or_default(),
    ]
}

/// The draws of statements, in the columns of lines: what was given, and what was recovered as a negative amount.
fn draws_csv<'f>(statements: impl Iterator<Item = &'f Figures>, out: &mut Screen<impl Write>) -> io::Result<()> {
    for figures in statements {
        for draw in &figures.draws {
            if !draw.given.is_zero() {
                out.row(&draw_cells(figures, draw, OTHER_EVENTS[0], draw.given))?;
            }
            if !draw.recovered.is_zero() {
                out.row(&draw_cells(figures, draw, OTHER_EVENTS[1], -draw.recovered))?;
            }
        }
    }
    Ok(())
}

/// The events of rows that are no lines: an opening counts none of them as settled.
pub const OTHER_EVENTS: [&str; 4] = ["draw", "draw-recovery", "to-clawback-balance", "clawback-recovery"];

fn draw_cells(figures: &Figures, draw: &DrawLine, event: &str, amount: Money) -> [String; 18] {
    let mut cells = other_cells(figures, event, amount);
    cells[3] = draw.name().to_string();
    cells[5] = draw.plan.as_ref().map(ToString::to_string).unwrap_or_default();
    cells[7] = draw.draw.to_string();
    cells[8] = format!("{}@{}", draw.trigger, draw.month);
    cells[9] = "draw".to_owned();
    cells[16] = draw.triggered.map(|day| day.to_string()).unwrap_or_default();
    cells
}

/// What statements add to the clawback balance instead of deducting it, and what is deducted for that balance.
fn clawbacks_csv<'f>(statements: impl Iterator<Item = &'f Figures>, out: &mut Screen<impl Write>) -> io::Result<()> {
    for figures in statements {
        let settled = &figures.settled;
        let [.., to_balance, recovery] = OTHER_EVENTS;
        for (event, amount) in [(to_balance, settled.reversed), (recovery, -settled.recovered)] {
            if !amount.is_zero() {
                out.row(&other_cells(figures, event, amount))?;
            }
        }
    }
    Ok(())
}

/// The cells of a row that is no line.
fn other_cells(figures: &Figures, event: &str, amount: Money) -> [String; 18] {
    let (payee, currency) = &figures.holder;
    let mut cells: [String; 18] = Default::default();
    cells[0] = figures.period.to_string();
    cells[1] = payee.to_string();
    cells[2] = currency.to_string();
    cells[4] = event.to_owned();
    cells[10] = figures.period.last().to_string();
    cells[11] = amount.text();
    cells[15] = figures.period.to_string();
    cells
}
