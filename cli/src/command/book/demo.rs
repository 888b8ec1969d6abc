//! `trueup demo`: a year of a made-up company, closed month by month, to look around in.

use std::io::BufRead;
use std::path::PathBuf;

use clap::Args;
use ledger::date::Month;
use ledger::id::{Name, PayeeId};
use replay::book::Book;
use replay::close::CloseDone;
use replay::close::close;
use replay::record::publish::publish;
use replay::record::{OnSuperseded, RecordOptions, Rejects, Source};
use replay::stamp::Stamp;
use replay::statements::build::statements;
use replay::statements::pending::lapsed;
use replay::statements::statement::Statement;
use replay::statements::to_date::add_to_date;

use crate::arguments::Format;
use crate::failure::Failure;
use crate::render::amount::amount;
use crate::render::layout::table::{Align, Table};
use crate::render::statement::page::write;
use crate::session::state::{Outcome, Session};

/// Build an example book: a year of a made-up company
///
/// Three plans, twelve closes: gates, clawbacks, accelerators, a guarantee, a late correction and a customer that leaves.
#[derive(Args, Debug)]
pub struct Demo {
    /// The folder of the new book; it must not exist yet, or be empty
    #[arg(default_value = "./demo-book")]
    folder: PathBuf,
}

const COMPANY: &str = "Lumen Metrics";

/// A file of the demo: its name and text.
type DemoFile = (&'static str, &'static str);

const PLANS: [DemoFile; 3] = [
    ("land.toml", include_str!("../../demo/land.toml")),
    ("consumption.toml", include_str!("../../demo/consumption.toml")),
    ("starter.toml", include_str!("../../demo/starter.toml")),
];

const PEOPLE: DemoFile = ("company.jsonl", include_str!("../../demo/company.jsonl"));

/// What became known in each month before it was closed.
const MONTHS: [DemoFile; 12] = [
    ("2027-01.jsonl", include_str!("../../demo/2027-01.jsonl")),
    ("2027-02.jsonl", include_str!("../../demo/2027-02.jsonl")),
    ("2027-03.jsonl", include_str!("../../demo/2027-03.jsonl")),
    ("2027-04.jsonl", include_str!("../../demo/2027-04.jsonl")),
    ("2027-05.jsonl", include_str!("../../demo/2027-05.jsonl")),
    ("2027-06.jsonl", include_str!("../../demo/2027-06.jsonl")),
    ("2027-07.jsonl", include_str!("../../demo/2027-07.jsonl")),
    ("2027-08.jsonl", include_str!("../../demo/2027-08.jsonl")),
    ("2027-09.jsonl", include_str!("../../demo/2027-09.jsonl")),
    ("2027-10.jsonl", include_str!("../../demo/2027-10.jsonl")),
    ("2027-11.jsonl", include_str!("../../demo/2027-11.jsonl")),
    ("2027-12.jsonl", include_str!("../../demo/2027-12.jsonl")),
];

/// A month with something of everything.
const SHOWN: (&str, &str) = ("ana", "2027-11");

impl Demo {
    pub fn run(self, session: &mut Session) -> Result<Outcome, Failure> {
        let mut book = self.build(session)?;
        let year = MONTHS.iter().map(|text| month(&mut book, text, session)).collect::<Result<Vec<_>, _>>()?;
        let statements = shown(&book)?;
        match session.options.format {
            Format::Json => {
                session.json_written(|out| out.list(|out| statements.iter().for_each(|one| one.json(out))))?
            }
            Format::Text | Format::Csv => self.tell(&book, &year, &statements, session)?,
        }
        Ok(Outcome::Done)
    }

    fn build(&self, session: &Session) -> Result<Book, Failure> {
        let name = Name::new(COMPANY).expect("a name");
        let mut book = Book::init(&self.folder, name, &session.stamp()?)?;
        for (file, text) in PLANS {
            ours(publish(&mut book, file, text, &session.stamp()?))?;
        }
        record(&mut book, &PEOPLE, &session.stamp()?)?;
        Ok(book)
    }

    fn tell(
        &self,
        book: &Book,
        year: &[MonthBrought],
        statements: &[Statement],
        session: &mut Session,
    ) -> Result<(), Failure> {
        let (folder, out) = (self.folder.display(), &mut session.out);
        writeln!(out, "{COMPANY} is a made-up company that sells by consumption. Its 2027 is in the book `{folder}`:")?;
        writeln!(out, "{} plans, {} months, {} entries.", PLANS.len(), year.len(), book.size())?;
        out.blank()?;
        table(year).write(out)?;
        out.blank()?;
        writeln!(out, "What Ana got in November, when one customer came and another one left:")?;
        out.blank()?;
        let closed = statements.first().and_then(|statement| book.state().closed(statement.figures.period));
        let lapsed = closed.map(|closed| lapsed(book.state(), closed, statements)).unwrap_or_default();
        for statement in statements {
            write(statement, lapsed.get(&statement.figures.holder), book, out)?;
        }
        out.blank()?;
        writeln!(out, "Try next (`export TRUEUP_BOOK={folder}` first):")?;
        Ok(try_next().write(out)?)
    }
}

/// What a month brought.
struct MonthBrought {
    facts: u64,
    /// Of these, how many reach into months that were closed.
    late: u64,
    close: CloseDone,
}

fn month(book: &mut Book, (file, text): &DemoFile, session: &Session) -> Result<MonthBrought, Failure> {
    let (facts, late) = record(book, &(file, text), &session.stamp()?)?;
    let period = Month::parse(file.trim_end_matches(".jsonl")).expect("files are named after months");
    let close = ours(close(book, period, None, None, &session.stamp()?))?;
    Ok(MonthBrought { facts, late, close })
}

fn record(book: &mut Book, (file, text): &DemoFile, stamp: &Stamp) -> Result<(u64, u64), Failure> {
    let source =
        Source { name: (*file).to_owned(), open: Box::new(|| Ok(Box::new(text.as_bytes()) as Box<dyn BufRead>)) };
    let options =
        RecordOptions { superseded: OnSuperseded::Refuse, rejects: Rejects::Refuse, ..RecordOptions::default() };
    let recorded = ours(replay::record::record(book, &[source], options, stamp))?;
    Ok((recorded.new + recorded.restated, recorded.into_closed))
}

/// The demo is our own: if it is refused, the mistake is ours.
fn ours<T, E: Into<Failure>>(result: Result<T, E>) -> Result<T, Failure> {
    result.map_err(|error| match error.into() {
        Failure::Refused(problems) => panic!("BUG: the demo was refused: {problems:?}"),
        failure @ (Failure::World(_) | Failure::Output(_)) => failure,
    })
}

fn shown(book: &Book) -> Result<Vec<Statement>, Failure> {
    let (payee, period) = SHOWN;
    let closed =
        Month::parse(period).and_then(|period| book.state().closed(period)).expect("BUG: the demo closed its months");
    let payee = PayeeId::new(payee);
    let mut statements = statements(book, closed, payee.as_ref())?;
    add_to_date(book, closed, payee.as_ref(), &mut statements)?;
    Ok(statements)
}

fn table(year: &[MonthBrought]) -> Table {
    let mut table = Table::new(&[Align::Left, Align::Right, Align::Right, Align::Right, Align::Right, Align::Left]);
    table.row(["month", "facts", "statements", "to pay", "reversed", ""]);
    for MonthBrought { facts, late, close } in year {
        let (pay, reversed) =
            close.totals.first().map_or(Default::default(), |total| (amount(total.pay), amount(total.reversed)));
        let late = if *late > 0 { "a correction reached into a closed month" } else { "" };
        table.row([
            close.period.to_string(),
            facts.to_string(),
            close.statements.to_string(),
            pay,
            reversed,
            late.to_owned(),
        ]);
    }
    table
}

/// Commands that show what is in the demo, and why one would want to see it.
const TRY_NEXT: [[&str; 2]; 9] = [
    ["trueup statement ana 2027-10", "a clawback: the customer hardly used what it bought"],
    ["trueup statement cam 2027-07", "a correction of a closed month: a retroactive adjustment"],
    ["trueup explain ana land/new-logo/leaver/B-6", "every step from facts to the cent"],
    ["trueup history B-6", "every entry about a deal"],
    ["trueup pending", "pending amounts, and what each waits for"],
    ["trueup balances", "payable, clawback and draw balances"],
    ["trueup preview 2028-01", "what the next close would post"],
    ["trueup verify", "that the log is complete and unaltered"],
    ["trueup plan show land", "the rules, as they were published"],
];

fn try_next() -> Table {
    let mut table = Table::new(&[Align::Left, Align::Left]).indented(2);
    TRY_NEXT.into_iter().for_each(|row| table.row(row));
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_told_in_order() {
        assert!(MONTHS.is_sorted_by_key(|(file, _)| *file));
    }
}
