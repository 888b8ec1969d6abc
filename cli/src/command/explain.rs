//! `trueup explain`: why a line came to its amount, as a tree from facts to the cent.

use std::io::{self, Write};

use clap::Args;
use ledger::date::Month;
use ledger::id::PayeeId;
use ledger::json::Writer;
use ledger::problem::nearest;
use plans::why::Step;
use projections::accounts::Closed;
use projections::lines::Posted;
use replay::book::Book;
use replay::statement::{Cause, Statement, positions};

use crate::arguments::{At, Format, month};
use crate::command::statement::{closed, payee_of};
use crate::desk::{Desk, Outcome};
use crate::failure::Failure;
use crate::render::amount::{amount, grouped};

/// Show why a line came to its amount
#[derive(Args, Debug)]
pub struct Explain {
    /// Who
    payee: String,
    /// The line, as `statement --format csv` names it: plan/component/part/item
    line: String,
    /// The closed month; the last in which the line was posted, unless given
    #[arg(value_parser = month)]
    period: Option<Month>,
    #[command(flatten)]
    at: At,
}

impl Explain {
    pub fn run(self, desk: &mut Desk) -> Result<Outcome, Failure> {
        let book = desk.book()?;
        let payee = payee_of(&book, &self.payee)?;
        let closed = self.closed(&book, &payee)?;
        let wait = desk.wait("evaluating");
        let statements = book.statements(closed, Some(&payee))?;
        drop(wait);
        let found: Vec<(&Statement, usize)> =
            statements.iter().filter_map(|statement| Some((statement, self.index(statement)?))).collect();
        if found.is_empty() {
            let period = closed.close.period;
            let message = format!("`{}` was not posted in {period}", self.line);
            let help = format!("`trueup statement {payee} {period}` shows what was");
            return Err(Failure::refused("line-unknown", message, help));
        }
        match desk.options.format {
            Format::Json => desk.json(|out| out.list(|out| found.iter().for_each(|(one, at)| json(one, *at, out))))?,
            Format::Text | Format::Csv => {
                for (statement, index) in found {
                    tree(statement, index, &mut desk.out)?;
                }
            }
        }
        Ok(Outcome::Done)
    }

    fn index(&self, statement: &Statement) -> Option<usize> {
        statement.figures.lines.iter().position(|line| line.name.to_string() == self.line)
    }

    fn closed<'b>(&self, book: &'b Book, payee: &PayeeId) -> Result<&'b Closed, Failure> {
        let size = self.at.size(book)?;
        let period = match self.period {
            Some(period) => period,
            None => self.last_posted(book, payee)?,
        };
        closed(book, period, size)
    }

    /// The month in which the line was posted last.
    fn last_posted(&self, book: &Book, payee: &PayeeId) -> Result<Month, Failure> {
        let holders = book.accounts().lines.posted.iter().filter(|((of, _), _)| of == payee);
        let lines: Vec<(String, &Posted)> =
            holders.flat_map(|(_, lines)| lines).map(|(name, posted)| (name.to_string(), posted)).collect();
        if let Some(month) = lines.iter().filter(|(name, _)| *name == self.line).map(|(_, posted)| posted.last).max() {
            return Ok(month);
        }
        let message = format!("`{payee}` has no line `{}`", self.line);
        let help = match nearest(&self.line, lines.iter().map(|(name, _)| name.as_str())) {
            Some(name) => format!("did you mean `{name}`?"),
            None => "`trueup statement PAYEE PERIOD --format csv` names the lines".to_owned(),
        };
        Err(Failure::refused("line-unknown", message, help))
    }
}

/// The statement with this line alone.
fn json(statement: &Statement, index: usize, out: &mut Writer) {
    let mut figures = statement.figures.clone();
    figures.lines = vec![statement.figures.lines[index].clone()];
    figures.draws.clear();
    let one = Statement {
        book: statement.book.clone(),
        figures,
        known: statement.known,
        whys: vec![statement.whys[index].clone()],
        causes: vec![statement.causes[index].clone()],
        draw_whys: Vec::new(),
        attainment: Vec::new(),
        pending: Vec::new(),
    };
    one.json(out);
}

fn tree(statement: &Statement, index: usize, out: &mut impl Write) -> io::Result<()> {
    let (figures, line) = (&statement.figures, &statement.figures.lines[index]);
    let (payee, currency) = &figures.holder;
    writeln!(out, "{} of {payee} in {}: {} {currency}", line.name, figures.period, amount(line.amount))?;
    let (causes, steps) = (&statement.causes[index], &statement.whys[index]);
    if line.reason.is_some() {
        let (head, bar) = branch(steps.is_empty());
        writeln!(out, "{head}the difference: {} was posted, {} is right", amount(line.before), amount(line.entitled))?;
        for (at, one) in causes.iter().enumerate() {
            writeln!(out, "{bar}{}{}", branch(at + 1 == causes.len()).0, cause(one))?;
        }
    }
    for (at, step) in steps.iter().enumerate() {
        let (head, bar) = branch(at + 1 == steps.len());
        writeln!(out, "{head}{}: {} = {}", step.step, step.how, grouped(&step.out.text()))?;
        details(step, bar, out)?;
    }
    Ok(())
}

/// Of one step.
const INPUTS_SHOWN_MAX: usize = 8;

fn branch(is_last: bool) -> (&'static str, &'static str) {
    if is_last { ("└─ ", "   ") } else { ("├─ ", "│  ") }
}

fn cause(cause: &Cause) -> String {
    let what = if cause.item.is_empty() { cause.kind.clone() } else { format!("{} {}", cause.kind, cause.item) };
    let entries = match cause.positions.as_slice() {
        [] => String::new(),
        list => format!(" (entries {})", positions(list).join(", ")),
    };
    format!("{} by {what}{entries}", amount(cause.amount))
}

fn details(step: &Step, bar: &str, out: &mut impl Write) -> io::Result<()> {
    // A quota of a year names two numbers for each month; the arithmetic above has them all.
    for (name, value) in step.inputs.iter().take(INPUTS_SHOWN_MAX) {
        writeln!(out, "{bar}  {name} {}", grouped(&value.text()))?;
    }
    if let more @ 1.. = step.inputs.len().saturating_sub(INPUTS_SHOWN_MAX) {
        writeln!(out, "{bar}  and {more} more numbers (`--format json` names all)")?;
    }
    if !step.from.is_empty() {
        writeln!(out, "{bar}  from entries {}", positions(&step.from).join(", "))?;
    }
    Ok(())
}
