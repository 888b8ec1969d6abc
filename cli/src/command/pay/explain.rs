//! `trueup explain`: why a line has its amount, as a tree from facts to the cent.

use clap::Args;
use ledger::date::Month;
use ledger::id::PayeeId;
use ledger::json::JsonWriter;
use ledger::nearest::nearest;
use projections::lines::{LineName, PostedLine};
use projections::posted_state::{ClosedPeriod, PostedState};
use replay::book::Book;
use replay::statements::build::statements;
use replay::statements::history::is_called;
use replay::statements::statement::Statement;

use crate::arguments::{Format, month};
use crate::as_of::AsOf;
use crate::command::pay::statement::{closed, payee_of};
use crate::failure::Failure;
use crate::refusal::CommandRefusal;
use crate::render::statement::explain::tree;
use crate::session::state::{Outcome, Session};

/// Show how the amount of a line was calculated, from facts to the cent
#[derive(Args, Debug)]
pub struct Explain {
    /// The payee
    payee: String,
    /// The line, as `statement --format csv` names it: plan/component/part/item
    line: String,
    /// The closed month; by default the last one in which the line was posted
    #[arg(value_parser = month)]
    period: Option<Month>,
    #[command(flatten)]
    at: AsOf,
}

impl Explain {
    pub fn run(self, session: &mut Session) -> Result<Outcome, Failure> {
        let book = session.book_at(&self.at)?;
        let payee = payee_of(&book, &self.payee)?;
        let closed = self.closed(&book, &payee)?;
        let wait = session.wait("evaluating");
        let statements = statements(&book, closed, Some(&payee))?;
        drop(wait);
        let found: Vec<(&Statement, usize)> =
            statements.iter().filter_map(|statement| Some((statement, self.index(statement)?))).collect();
        if found.is_empty() {
            let (line, period) = (self.line, closed.close.period);
            return Err(Failure::refused(CommandRefusal::LineNotPosted { payee, line, period }));
        }
        match session.options.format {
            Format::Json => {
                session.json_written(|out| out.list(|out| found.iter().for_each(|(one, at)| json(one, *at, out))))?
            }
            Format::Text | Format::Csv => {
                for (statement, index) in found {
                    tree(statement, index, &book, &mut session.out)?;
                }
            }
        }
        Ok(Outcome::Done)
    }

    fn index(&self, statement: &Statement) -> Option<usize> {
        statement.figures.lines.iter().position(|line| is_called(&line.name, &self.line))
    }

    fn closed<'b>(&self, book: &'b Book, payee: &PayeeId) -> Result<&'b ClosedPeriod, Failure> {
        let size = self.at.size(book)?;
        let period = match self.period {
            Some(period) => period,
            None if size == book.size() => self.last_posted(book.state().posted_state(), payee)?,
            None => self.last_posted(book.state_at(size)?.posted_state(), payee)?,
        };
        closed(book, period, size)
    }

    /// The month in which the line was posted last.
    fn last_posted(&self, accounts: &PostedState, payee: &PayeeId) -> Result<Month, Failure> {
        let holders = accounts.lines.posted.iter().filter(|((of, _), _)| of == payee);
        let lines: Vec<(&LineName, &PostedLine)> = holders.flat_map(|(_, lines)| lines).collect();
        let called = lines.iter().filter(|(name, _)| is_called(name, &self.line));
        if let Some(month) = called.map(|(_, posted)| posted.last).max() {
            return Ok(month);
        }
        let names: Vec<String> = lines.iter().map(|(name, _)| name.to_string()).collect();
        let nearest = nearest(&self.line, names.iter().map(String::as_str)).map(str::to_owned);
        let (payee, line) = (payee.clone(), self.line.clone());
        Err(Failure::refused(CommandRefusal::LineUnknown { payee, line, nearest }))
    }
}

/// The statement with this line alone.
fn json(statement: &Statement, index: usize, out: &mut JsonWriter) {
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
