//! `trueup explain`: why a line has its amount, as a tree from facts to the cent.

use clap::Args;
use ledger::date::Month;
use ledger::id::PayeeId;
use ledger::json::JsonWriter;
use ledger::nearest::nearest;
use projections::lines::LineName;
use projections::posted_state::draw_name::DrawName;
use projections::posted_state::{ClosedPeriod, PostedState};
use replay::book::Book;
use replay::statements::build::statements;
use replay::statements::history::lines::is_called;
use replay::statements::measured::{measured_lines, measured_names};
use replay::statements::pending::{line_of_forfeited, line_of_pending};
use replay::statements::statement::Statement;

use crate::arguments::{Format, month};
use crate::as_of::AsOf;
use crate::command::pay::statement::{closed, payee_of};
use crate::failure::Failure;
use crate::refusal::CommandRefusal;
use crate::render::statement::explain::{draw_tree, tree};
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
        let mut statements = statements(&book, closed, Some(&payee))?;
        if statements.iter().all(|statement| self.found(statement).is_none()) {
            statements = measured_lines(&book, closed, &payee, |name| is_called(name, &self.line));
        }
        drop(wait);
        let found: Vec<(&Statement, Explained)> =
            statements.iter().filter_map(|statement| Some((statement, self.found(statement)?))).collect();
        if found.is_empty() {
            return Err(self.not_found(&book, closed, payee));
        }
        match session.options.format {
            Format::Json => {
                session.json_written(|out| out.list(|out| found.iter().for_each(|(one, at)| json(one, *at, out))))?
            }
            Format::Text | Format::Csv => {
                for (statement, explained) in found {
                    match explained {
                        Explained::Line(index) => tree(statement, index, &book, &mut session.out)?,
                        Explained::Draw(index) => draw_tree(statement, index, &book, &mut session.out)?,
                    }
                }
            }
        }
        Ok(Outcome::Done)
    }

    fn found(&self, statement: &Statement) -> Option<Explained> {
        let figures = &statement.figures;
        let line = figures.lines.iter().position(|line| is_called(&line.name, &self.line));
        let draw = || figures.draws.iter().position(|draw| draw.name().is_called(&self.line));
        line.map(Explained::Line).or_else(|| draw().map(Explained::Draw))
    }

    fn not_found(&self, book: &Book, closed: &ClosedPeriod, payee: PayeeId) -> Failure {
        let (line, period) = (self.line.clone(), closed.close.period);
        let was_posted = |posted: &PostedState| self.posted_in(posted, &payee).is_some();
        if was_posted(book.state().posted_state()) {
            return Failure::refused(CommandRefusal::LineNotPosted { payee, line, period });
        }
        let mut names = measured_names(book, closed, &payee);
        let posted = book.state().posted_state().lines.posted.iter().filter(|((of, _), _)| *of == payee);
        names.extend(posted.flat_map(|(_, lines)| lines.keys().map(LineName::to_string)));
        let draws = book.state().posted_state().draws.iter().filter(|((of, _), _)| *of == payee);
        names.extend(draws.flat_map(|(_, draws)| draws.iter().map(|draw| DrawName::from(draw).to_string())));
        let nearest = nearest(&self.line, names.iter().map(String::as_str)).map(str::to_owned);
        Failure::refused(CommandRefusal::LineUnknown { payee, line, nearest })
    }

    fn closed<'b>(&self, book: &'b Book, payee: &PayeeId) -> Result<&'b ClosedPeriod, Failure> {
        let default = || self.default_period(book.state().posted_state(), payee);
        let period = self.period.or_else(default).ok_or_else(|| Failure::refused(CommandRefusal::PeriodMissing))?;
        closed(book, period)
    }

    /// The month in which the line was posted last; else the last closed month.
    fn default_period(&self, posted: &PostedState, payee: &PayeeId) -> Option<Month> {
        self.posted_in(posted, payee).or_else(|| posted.last_close().map(|last| last.close.period))
    }

    /// The month in which the line was posted last; of a draw the one in which it was given.
    fn posted_in(&self, posted: &PostedState, payee: &PayeeId) -> Option<Month> {
        let holders = posted.lines.posted.iter().filter(|((of, _), _)| of == payee);
        let lines = holders.flat_map(|(_, lines)| lines);
        let called = lines.filter(|(name, _)| is_called(name, &self.line));
        let draws = posted.draws.iter().filter(|((of, _), _)| of == payee).flat_map(|(_, draws)| draws);
        let draws = draws.filter(|draw| DrawName::from(*draw).is_called(&self.line));
        called.map(|(_, posted)| posted.last).max().or_else(|| draws.map(|draw| draw.month).next())
    }
}

/// What of a statement is explained.
#[derive(Copy, Clone)]
enum Explained {
    Line(usize),
    Draw(usize),
}

/// The statement with this line or draw alone.
fn json(statement: &Statement, explained: Explained, out: &mut JsonWriter) {
    let mut figures = statement.figures.clone();
    figures.lines.clear();
    figures.draws.clear();
    let (mut whys, mut causes, mut draw_whys) = (Vec::new(), Vec::new(), Vec::new());
    match explained {
        Explained::Line(index) => {
            figures.lines.push(statement.figures.lines[index].clone());
            whys.push(statement.whys[index].clone());
            causes.push(statement.causes[index].clone());
        }
        Explained::Draw(index) => {
            figures.draws.push(statement.figures.draws[index].clone());
            draw_whys.push(statement.draw_whys[index].clone());
        }
    }
    let name = figures.lines.first().map(|line| line.name.clone());
    let is_asked = |line: LineName| name.as_ref() == Some(&line);
    let one = Statement {
        book: statement.book.clone(),
        figures,
        known: statement.known,
        whys,
        causes,
        draw_whys,
        attainment: Vec::new(),
        pending: statement.pending.iter().filter(|row| is_asked(line_of_pending(row))).cloned().collect(),
        forfeited: statement.forfeited.iter().filter(|row| is_asked(line_of_forfeited(row))).cloned().collect(),
        to_date: None,
        status: None,
    };
    one.json(out);
}
