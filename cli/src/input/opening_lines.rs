//! `--opening [FILE]`: what was settled before the book began, line by line (calculation.md 9).

use std::path::PathBuf;

use crate::wording::problem::Problem;
use clap::Args;
use ledger::field::Amount;
use ledger::finding::TextLocation;
use ledger::id::PayeeId;
use ledger::money::Currency;
use ledger::nearest::nearest;
use projections::lines::WrittenLine;
use replay::close::opening::{Opening, SettledLine};
use replay::record::more;

use crate::command::pay::statement::{LINE_HEADER, OTHER_EVENTS};
use crate::failure::Failure;
use crate::input::files::opening_text;
use crate::input::limits::{OPENING_LINES_MAX, PROBLEMS_MAX};
use crate::mapping::source::csv::{BadCsv, CellSpan, Csv};
use crate::refusal::OpeningRefusal as R;
use crate::render::layout::csv::unguarded;
use crate::wording::command::opening_refused;
use crate::wording::replay::refused;

#[derive(Args, Debug)]
pub struct OpeningArgs {
    /// Count what is due by then as settled before the book began: all of it, or line by line as a CSV file says, which
    /// has the columns `payee`, `currency`, `line` and `amount` that `preview --format csv` writes
    #[arg(long, value_name = "FILE", num_args = 0..=1)]
    opening: Option<Option<PathBuf>>,
}

impl OpeningArgs {
    /// As a command has it, with a blank before it.
    pub fn text(&self) -> String {
        match &self.opening {
            None => String::new(),
            Some(None) => " --opening".to_owned(),
            Some(Some(path)) => format!(" --opening {}", path.display()),
        }
    }

    pub fn read(&self) -> Result<Option<Opening>, Failure> {
        match &self.opening {
            None => Ok(None),
            Some(None) => Ok(Some(Opening::InFull)),
            Some(Some(path)) => {
                let text = opening_text(path)?;
                let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
                match lines(&path.display().to_string(), text, OPENING_LINES_MAX) {
                    Ok(lines) => Ok(Some(Opening::Lines(lines))),
                    Err(problems) => Err(Failure::Refused(problems)),
                }
            }
        }
    }
}

/// The columns that count; the others of a statement's table may stand beside them.
const COLUMNS: [&str; 4] = ["payee", "currency", "line", "amount"];

/// Reads the table; every problem in it, as far as they are told.
fn lines(file: &str, text: &str, most: usize) -> Result<Vec<SettledLine>, Vec<Problem>> {
    let mut csv = Csv::new(text, b',', Some(b'"'));
    let mut table = OpeningTable { file, text, problems: Vec::new(), more: 0 };
    let mut lines = Vec::new();
    let columns = match csv.next_row() {
        Some(Ok(())) => table.columns(&csv),
        Some(Err(fault)) => {
            table.broken(&fault);
            None
        }
        None => {
            table.push(opening_refused(&R::Empty { file: file.to_owned(), columns: &COLUMNS }).into());
            None
        }
    };
    if let Some(columns) = columns {
        let event = csv.cells().iter().position(|cell| csv.text(*cell) == EVENT);
        while let Some(row) = csv.next_row() {
            match row {
                Ok(()) if is_no_line(&csv, event) => {}
                Ok(()) => lines.extend(table.line(&csv, &columns)),
                Err(fault) => table.broken(&fault),
            }
            if lines.len() > most {
                return Err(vec![opening_refused(&R::TooManyRows { file: file.to_owned(), most }).into()]);
            }
        }
    }
    table.problems.extend((table.more > 0).then(|| refused(&more(table.more)).into()));
    if table.problems.is_empty() { Ok(lines) } else { Err(table.problems) }
}

/// The column that says what a row is.
const EVENT: &str = "event";

/// Whether a row is about draws or the clawback balance, which `preview` writes beside the lines.
fn is_no_line(csv: &Csv<'_>, event: Option<usize>) -> bool {
    let cell = event.and_then(|event| csv.cells().get(event));
    cell.is_some_and(|cell| OTHER_EVENTS.contains(&unguarded(&csv.text(*cell))))
}

struct OpeningTable<'t> {
    file: &'t str,
    text: &'t str,
    problems: Vec<Problem>,
    /// Problems that are not told.
    more: u64,
}

impl OpeningTable<'_> {
    fn push(&mut self, problem: Problem) {
        if self.problems.len() < PROBLEMS_MAX { self.problems.push(problem) } else { self.more += 1 }
    }

    /// Where each of `COLUMNS` is.
    fn columns(&mut self, csv: &Csv<'_>) -> Option<[usize; 4]> {
        let mut found = [None; 4];
        for (index, cell) in csv.cells().iter().enumerate() {
            let name = csv.text(*cell);
            match COLUMNS.iter().position(|column| *column == name) {
                Some(column) if found[column].is_none() => found[column] = Some(index),
                Some(_) => self.wrong(csv, *cell, &R::ColumnTwice { column: name.into_owned() }),
                None if LINE_HEADER.contains(&&*name) => {}
                None => {
                    let nearest = nearest(&name, COLUMNS).map(str::to_owned);
                    let column = name.into_owned();
                    self.wrong(csv, *cell, &R::ColumnUnknown { column, nearest, columns: &COLUMNS });
                }
            }
        }
        let missing = COLUMNS.iter().zip(found).filter(|(_, found)| found.is_none()).map(|(column, _)| *column);
        let missing: Vec<&str> = missing.collect();
        if !missing.is_empty() {
            let (start, _) = csv.span();
            let cell = csv.cells().last().map_or(start, |cell| cell.end);
            let problem = opening_refused(&R::ColumnsMissing { columns: missing }).into();
            self.push(self.place(problem, csv, start, cell));
        }
        match found {
            [Some(payee), Some(currency), Some(line), Some(amount)] if self.problems.is_empty() => {
                Some([payee, currency, line, amount])
            }
            _ => None,
        }
    }

    fn line(&mut self, csv: &Csv<'_>, columns: &[usize; 4]) -> Option<SettledLine> {
        let (start, end) = csv.span();
        let at_end = CellSpan::empty(end, csv.line());
        let cell = |index: usize| csv.cells().get(columns[index]).copied().unwrap_or(at_end);
        let [payee, currency, line, amount] = [0, 1, 2, 3].map(cell);
        let text = |cell: CellSpan| unguarded(&csv.text(cell)).to_owned();
        let problems = self.problems.len() as u64 + self.more;
        let payee_id = PayeeId::new(&text(payee));
        if payee_id.is_none() {
            self.wrong(csv, payee, &R::PayeeUnfit { written: text(payee) });
        }
        let code = Currency::parse(&text(currency));
        if code.is_none() {
            self.wrong(csv, currency, &R::CurrencyUnknown { written: text(currency) });
        }
        let name = WrittenLine::parse(&text(line));
        if name.is_none() {
            self.wrong(csv, line, &R::LineNameUnfit { written: text(line) });
        }
        let value = Amount::parse(&text(amount));
        if value.is_none() {
            self.wrong(csv, amount, &R::AmountUnfit { written: text(amount) });
        }
        let place = Some(Box::new(self.location(csv, start, end)));
        let (payee, currency, name, amount) = (payee_id?, code?, name?, value?);
        (problems == self.problems.len() as u64 + self.more).then_some(SettledLine {
            payee,
            currency,
            name,
            amount,
            place,
        })
    }

    fn broken(&mut self, fault: &BadCsv) {
        let at = fault.at;
        let problem = Problem::from(opening_refused(&R::Csv(fault.fault)));
        let start = self.text[..at].rfind('\n').map_or(0, |end| end + 1);
        let end = self.text[at..].find('\n').map_or(self.text.len(), |end| at + end);
        let line = self.text[start..end].trim_end();
        self.push(problem.at(self.file, fault.line, line, at - start, at - start + 1));
    }

    fn wrong(&mut self, csv: &Csv<'_>, cell: CellSpan, refusal: &R) {
        let problem = self.place(opening_refused(refusal).into(), csv, cell.start, cell.end);
        self.push(problem);
    }

    /// The problem at bytes of the row.
    fn place(&self, problem: Problem, csv: &Csv<'_>, from: usize, to: usize) -> Problem {
        Problem { place: Some(Box::new(self.location(csv, from, to))), ..problem }
    }

    fn location(&self, csv: &Csv<'_>, from: usize, to: usize) -> TextLocation {
        let (start, end) = csv.span();
        TextLocation::of(self.file, csv.line(), &self.text[start..end], from - start, to - start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_has_as_many_rows_as_may_be_and_no_more() {
        let table =
            |rows: usize| format!("payee,currency,line,amount\n{}", "ana,USD,land/c/whole/B-1,1\n".repeat(rows));
        assert_eq!(lines("f", &table(3), 3).map(|lines| lines.len()), Ok(3));
        assert_eq!(lines("f", &table(4), 3).map_err(|problems| problems[0].code).err(), Some("settled-long"));
    }

    #[test]
    fn problems_beyond_a_hundred_are_counted() {
        let codes = |rows: usize| {
            let text = format!("payee,currency,line,amount\n{}", "ana,USD,land/c/whole/B-1,x\n".repeat(rows));
            let problems = lines("f", &text, 1_000).err().unwrap_or_default();
            (problems.len(), problems.last().map(|problem| problem.code))
        };
        assert_eq!(codes(PROBLEMS_MAX), (PROBLEMS_MAX, Some("settled-amount")));
        assert_eq!(codes(PROBLEMS_MAX + 1), (PROBLEMS_MAX + 1, Some("record-more")));
    }
}
