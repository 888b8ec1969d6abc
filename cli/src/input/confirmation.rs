//! The file of `payout --confirm`: a CSV table of what became of payouts.

use std::path::Path;

use ledger::date::Day;
use ledger::exact::Rounding;
use ledger::fact::PayoutStatus;
use ledger::field::Amount;
use ledger::finding::TextLocation;
use ledger::id::PayeeId;
use ledger::money::{Currency, Money};
use replay::pay::confirmation::ConfirmationLine;
use replay::pay::refusal::ConfirmationRefusal;
use replay::record::more;

use crate::failure::Failure;
use crate::input::files::{confirmation_text, name_of};
use crate::input::limits::PROBLEMS_MAX;
use crate::mapping::source::csv::{CellSpan, Csv};
use crate::refusal::ConfirmationFault as F;
use crate::render::layout::csv::unguarded;
use crate::wording::pay::payments::{confirmation_fault, confirmation_refused};
use crate::wording::problem::Problem;
use crate::wording::replay::refused;

/// The columns; the last two may be missing.
pub const COLUMNS: [&str; 6] = ["payee", "currency", "amount", "status", "reference", "date"];
const REQUIRED: usize = 4;

/// A confirmation that was read, with the text of its lines for places in refusals.
pub struct Confirmation {
    pub lines: Vec<ConfirmationLine>,
    file: String,
    text: String,
}

impl Confirmation {
    /// Refusals of lines, as they are shown.
    pub fn problems(&self, refused: &[(usize, ConfirmationRefusal)]) -> Vec<Problem> {
        let problem = |(number, refusal): &(usize, ConfirmationRefusal)| {
            let line = self.text.lines().nth(number - 1).unwrap_or_default();
            Problem::from(confirmation_refused(refusal)).at(&self.file, *number, line, 0, line.len())
        };
        told(refused.iter().map(problem).collect())
    }
}

/// The first problems, and how many more there are.
fn told(mut problems: Vec<Problem>) -> Vec<Problem> {
    let left_out = problems.len().saturating_sub(PROBLEMS_MAX) as u64;
    problems.truncate(PROBLEMS_MAX);
    problems.extend((left_out > 0).then(|| refused(&more(left_out)).into()));
    problems
}

/// Reads the table. Refused with every line that is no result of a payout.
pub fn read_confirmation(path: &Path) -> Result<Confirmation, Failure> {
    let (file, text) = (name_of(path), confirmation_text(path)?);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned();
    let mut reader = ConfirmationReader { file: &file, text: &text, problems: Vec::new() };
    let lines = reader.lines();
    if !reader.problems.is_empty() {
        return Err(Failure::Refused(told(reader.problems)));
    }
    Ok(Confirmation { lines, file, text })
}

struct ConfirmationReader<'t> {
    file: &'t str,
    text: &'t str,
    problems: Vec<Problem>,
}

impl ConfirmationReader<'_> {
    fn lines(&mut self) -> Vec<ConfirmationLine> {
        let mut csv = Csv::new(self.text, b',', Some(b'"'));
        let mut lines = Vec::new();
        let columns = match csv.next_row() {
            Some(Ok(())) => self.columns(&csv),
            Some(Err(_)) | None => {
                self.problems.push(confirmation_fault(&F::Empty { columns: &COLUMNS }).into());
                None
            }
        };
        let Some(columns) = columns else { return lines };
        while let Some(row) = csv.next_row() {
            match row {
                Ok(()) => lines.extend(self.line(&csv, &columns)),
                Err(fault) => {
                    let problem = Problem::from(confirmation_fault(&F::Csv(fault.fault)));
                    let line = self.text.lines().nth(fault.line - 1).unwrap_or_default();
                    self.problems.push(problem.at(self.file, fault.line, line, 0, line.len()));
                }
            }
        }
        lines
    }

    /// Where each column is; the last two may be nowhere.
    fn columns(&mut self, csv: &Csv<'_>) -> Option<[Option<usize>; 6]> {
        let mut found = [None; 6];
        let before = self.problems.len();
        for (index, cell) in csv.cells().iter().enumerate() {
            let name = csv.text(*cell).trim().to_owned();
            match COLUMNS.iter().position(|column| *column == name) {
                Some(column) if found[column].is_none() => found[column] = Some(index),
                Some(_) => self.wrong(csv, *cell, &F::ColumnTwice { column: name }),
                None => self.wrong(csv, *cell, &F::ColumnUnknown { column: name, columns: &COLUMNS }),
            }
        }
        let missing = COLUMNS.iter().zip(found).take(REQUIRED).filter(|(_, found)| found.is_none());
        let columns: Vec<&str> = missing.map(|(column, _)| *column).collect();
        if !columns.is_empty() {
            let (start, end) = csv.span();
            let mut whole = CellSpan::empty(start, csv.line());
            whole.end = end;
            self.wrong(csv, whole, &F::ColumnsMissing { columns });
        }
        (self.problems.len() == before).then_some(found)
    }

    fn line(&mut self, csv: &Csv<'_>, columns: &[Option<usize>; 6]) -> Option<ConfirmationLine> {
        let (_, end) = csv.span();
        let at_end = CellSpan::empty(end, csv.line());
        let cell = |column: usize| {
            let index = columns[column]?;
            Some(csv.cells().get(index).copied().unwrap_or(at_end))
        };
        let text = |column: usize| cell(column).map(|cell| unguarded(&csv.text(cell)).trim().to_owned());
        let written = |column: usize| text(column).unwrap_or_default();
        let mut wrong = |column: usize, fault: F| self.wrong(csv, cell(column).unwrap_or(at_end), &fault);
        let payee = PayeeId::new(&written(0));
        if payee.is_none() {
            wrong(0, F::NotAPayee { written: written(0) });
        }
        let currency = Currency::parse(&written(1));
        if currency.is_none() {
            wrong(1, F::NotACurrency { written: written(1) });
        }
        let amount = Amount::parse(&written(2)).filter(|amount| !amount.is_negative());
        let amount = amount.zip(currency).filter(|(amount, currency)| amount.decimals() <= currency.digits());
        let amount = amount.and_then(|(amount, currency)| Money::round(&amount.exact(), currency, Rounding::HalfUp));
        if amount.is_none() && currency.is_some() {
            wrong(2, F::NotAnAmount { written: written(2) });
        }
        let status = PayoutStatus::parse(&written(3));
        if status.is_none() {
            wrong(3, F::NotAStatus { written: written(3), words: PayoutStatus::WORDS });
        }
        let reference = text(4).filter(|reference| !reference.is_empty());
        let date = text(5).filter(|date| !date.is_empty());
        let day = date.as_deref().and_then(Day::parse);
        if day.is_none() && date.is_some() {
            wrong(5, F::NotADate { written: written(5) });
            return None;
        }
        let (payee, amount, status) = (payee?, amount?, status?);
        Some(ConfirmationLine { line: csv.line(), payee, amount, status, reference, date: day })
    }

    fn wrong(&mut self, csv: &Csv<'_>, cell: CellSpan, fault: &F) {
        let (start, end) = csv.span();
        let row = &self.text[start..end];
        let place = TextLocation::of(self.file, csv.line(), row, cell.start - start, cell.end - start);
        let problem = Problem::from(confirmation_fault(fault));
        self.problems.push(Problem { place: Some(Box::new(place)), ..problem });
    }
}
