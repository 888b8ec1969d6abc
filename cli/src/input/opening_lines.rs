//! `--opening [FILE]`: what was settled before the book began, line by line (calculation.md 9).

use std::path::PathBuf;

use clap::Args;
use ledger::field::Amount;
use ledger::id::PayeeId;
use ledger::money::Currency;
use ledger::problem::{Problem, nearest};
use projections::lines::LineName;
use replay::close::opening::{Opening, SettledLine};
use replay::record::more;
use replay::refusal::rows::CsvFault;

use crate::command::pay::statement::LINE_HEADER;
use crate::failure::Failure;
use crate::input::files::opening_text;
use crate::input::limits::{OPENING_LINES_MAX, PROBLEMS_MAX};
use crate::mapping::source::csv::{BadCsv, CellSpan, Csv};
use crate::render::layout::csv::unguarded;
use crate::wording::mapping::csv_fault;
use crate::wording::replay::refused;

#[derive(Args, Debug)]
pub struct OpeningArgs {
    /// Count what is due by then as settled before the book began: all of it, or line by line as a CSV file says, which
    /// has the columns `payee`, `currency`, `line` and `amount` that `preview --format csv` writes
    #[arg(long, value_name = "FILE", num_args = 0..=1)]
    opening: Option<Option<PathBuf>>,
}

impl OpeningArgs {
    /// As it stands in a command, with a blank before it.
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
    let mut table = Table { file, text, problems: Vec::new(), more: 0 };
    let mut lines = Vec::new();
    let columns = match csv.next_row() {
        Some(Ok(())) => table.columns(&csv),
        Some(Err(fault)) => {
            table.broken(&fault);
            None
        }
        None => {
            let help = format!("write the columns {}", all_of(COLUMNS));
            table.push(Problem::new("settled-empty", format!("`{file}` is empty"), help));
            None
        }
    };
    if let Some(columns) = columns {
        while let Some(row) = csv.next_row() {
            match row {
                Ok(()) => lines.extend(table.line(&csv, &columns)),
                Err(fault) => table.broken(&fault),
            }
            if lines.len() > most {
                let message = format!("`{file}` has more than {most} rows");
                let help = "see whether it is the right file: it has one row for each line of a statement";
                return Err(vec![Problem::new("settled-long", message, help)]);
            }
        }
    }
    table.problems.extend((table.more > 0).then(|| refused(&more(table.more)).into()));
    if table.problems.is_empty() { Ok(lines) } else { Err(table.problems) }
}

/// `a`, `b` and `c`.
fn all_of<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}

struct Table<'t> {
    file: &'t str,
    text: &'t str,
    problems: Vec<Problem>,
    /// Problems that are not told.
    more: u64,
}

impl Table<'_> {
    fn push(&mut self, problem: Problem) {
        if self.problems.len() < PROBLEMS_MAX { self.problems.push(problem) } else { self.more += 1 }
    }

    /// Where each of `COLUMNS` stands.
    fn columns(&mut self, csv: &Csv<'_>) -> Option<[usize; 4]> {
        let mut found = [None; 4];
        for (index, cell) in csv.cells().iter().enumerate() {
            let name = csv.text(*cell);
            match COLUMNS.iter().position(|column| *column == name) {
                Some(column) if found[column].is_none() => found[column] = Some(index),
                Some(_) => self.wrong(
                    csv,
                    *cell,
                    "settled-column",
                    format!("the column `{name}` stands twice"),
                    "leave one of them out",
                ),
                None if LINE_HEADER.contains(&&*name) => {}
                None => {
                    let help = match nearest(&name, COLUMNS) {
                        Some(column) => format!("did you mean `{column}`?"),
                        None => format!("the columns are {}", all_of(COLUMNS)),
                    };
                    self.wrong(csv, *cell, "settled-column", format!("there is no column `{name}`"), help);
                }
            }
        }
        let missing = COLUMNS.iter().zip(found).filter(|(_, found)| found.is_none()).map(|(column, _)| *column);
        let missing: Vec<&str> = missing.collect();
        if !missing.is_empty() {
            let (start, _) = csv.span();
            let cell = csv.cells().last().map_or(start, |cell| cell.end);
            let message = match missing[..] {
                [one] => format!("the column `{one}` is missing"),
                _ => format!("the columns {} are missing", all_of(missing)),
            };
            let problem =
                Problem::new("settled-column", message, "`trueup preview PERIOD --format csv` writes all of them");
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
            self.wrong(
                csv,
                payee,
                "settled-payee",
                format!("`{}` is no payee's id", text(payee)),
                "write the id of a payee",
            );
        }
        let code = Currency::parse(&text(currency));
        if code.is_none() {
            let message = format!("`{}` is no currency", text(currency));
            self.wrong(csv, currency, "settled-currency", message, "write an ISO 4217 code like `USD`");
        }
        let name = LineName::parse(&text(line));
        if name.is_none() {
            let message = format!("`{}` is no line's name", text(line));
            self.wrong(
                csv,
                line,
                "settled-line",
                message,
                "write it as `preview --format csv` does: plan/component/part/item",
            );
        }
        let value = Amount::parse(&text(amount));
        if value.is_none() {
            let message = format!("`{}` is no amount", text(amount));
            self.wrong(csv, amount, "settled-amount", message, "write a decimal like 1250.00");
        }
        let place = self.place(Problem::new("", "", ""), csv, start, end).place;
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
        let help = match fault.fault {
            CsvFault::CellTooLong { .. } | CsvFault::TooManyCells { .. } => "see whether it is the right file",
            CsvFault::QuoteNotClosed | CsvFault::TextAfterQuote => {
                "a cell with quotes stands in quotes, and those in it are written twice"
            }
        };
        let problem = Problem::new("settled-row", csv_fault(fault.fault), help);
        let start = self.text[..at].rfind('\n').map_or(0, |end| end + 1);
        let end = self.text[at..].find('\n').map_or(self.text.len(), |end| at + end);
        let line = self.text[start..end].trim_end();
        self.push(problem.at(self.file, fault.line, line, at - start, at - start + 1));
    }

    fn wrong(&mut self, csv: &Csv<'_>, cell: CellSpan, code: &'static str, message: String, help: impl Into<String>) {
        let problem = self.place(Problem::new(code, message, help), csv, cell.start, cell.end);
        self.push(problem);
    }

    /// The problem at bytes of the row.
    fn place(&self, problem: Problem, csv: &Csv<'_>, from: usize, to: usize) -> Problem {
        let (start, end) = csv.span();
        problem.at(self.file, csv.line(), &self.text[start..end], from - start, to - start)
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
