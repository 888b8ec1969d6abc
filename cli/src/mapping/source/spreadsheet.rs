//! Spreadsheets, `.xlsx` and `.ods`: a sheet as rows of CSV, whose lines are the rows of the sheet.

use std::io::{self, Cursor, Read};

use calamine::{Data, ExcelDateTime, Ods, Reader, Xlsx, open_workbook_from_rs};
use ledger::nearest::nearest;

use crate::failure::refused_reading;
use crate::mapping::refusal::{SheetFault, SourceRefusal};
use crate::mapping::source::row::CellKind;
use crate::wording::mapping::source_refused;

/// What separates cells, and what encloses them.
pub const DELIMITER: u8 = b',';
pub const QUOTE: u8 = b'"';

/// Spreadsheets begin like other zip files.
const ZIP: &[u8] = b"PK\x03\x04";
/// The most bytes of a spreadsheet, and of all that is packed in it.
pub const SHEET_BYTES_MAX: u64 = 16 << 20;
pub const SHEET_UNPACKED_MAX: u64 = 256 << 20;
/// The least number of 16 digits, of which a spreadsheet keeps 15.
const ROUNDED_FROM: f64 = 1e15;
/// The most bytes of its rows as CSV.
const SHEET_TEXT_MAX: usize = 128 << 20;

/// Whether a file begins like a spreadsheet.
pub fn is_spreadsheet(head: &[u8]) -> bool {
    head.starts_with(ZIP)
}

/// How a sheet is to be read.
pub struct SheetShape<'s> {
    /// What the file is called in messages.
    pub source: &'s str,
    /// The name of the sheet; the first one, where none is named.
    pub sheet: Option<&'s str>,
    /// The sign before decimals that the mapping reads.
    pub decimal: char,
}

/// The rows of a sheet.
#[derive(Default, PartialEq, Debug)]
pub struct Sheet {
    /// As CSV.
    pub text: String,
    /// Rows and columns, from 0, of numbers with more digits than a spreadsheet keeps; in order.
    rounded: Vec<(u32, u32)>,
}

impl Sheet {
    /// What the cell is on a line, from 1, in a column, from 0.
    pub fn kind(&self, line: usize, column: usize) -> CellKind {
        let place = u32::try_from(line - 1).ok().zip(u32::try_from(column).ok());
        let is_rounded = place.is_some_and(|place| self.rounded.binary_search(&place).is_ok());
        if is_rounded { CellKind::RoundedNumber } else { CellKind::Text }
    }
}

/// The rows of a sheet as CSV. Dates are written like 2027-01-31, with a time of day like 2027-01-31T23:30:00.
pub fn sheet(mut from: impl Read, shape: &SheetShape<'_>) -> io::Result<Sheet> {
    let mut bytes = Vec::new();
    (&mut from).take(SHEET_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    let refused = |fault: SheetFault| {
        let refusal = SourceRefusal::Sheet { source: shape.source.to_owned(), fault };
        refused_reading(source_refused(&refusal).into())
    };
    if bytes.len() as u64 > SHEET_BYTES_MAX || unpacked_bytes(&bytes) > SHEET_UNPACKED_MAX {
        return Err(refused(SheetFault::TooLarge { most: SHEET_BYTES_MAX, unpacked: SHEET_UNPACKED_MAX }));
    }
    rows_of(&bytes, shape).map_err(refused)
}

fn rows_of(bytes: &[u8], shape: &SheetShape<'_>) -> Result<Sheet, SheetFault> {
    let unreadable = |why: String| SheetFault::Unreadable { why };
    let mut rows = SheetRows::of(shape.decimal);
    match open_workbook_from_rs::<Xlsx<_>, _>(Cursor::new(bytes)) {
        // Cell by cell: two cells that are far from each other would have all those between them in memory.
        Ok(mut book) => {
            let name = sheet_name(&book.sheet_names(), shape.sheet)?;
            let mut cells = book.worksheet_cells_reader(&name).map_err(|error| unreadable(error.to_string()))?;
            while let Some(cell) = cells.next_cell().map_err(|error| unreadable(error.to_string()))? {
                rows.add(cell.get_position(), &cell.get_value().clone().into())?;
            }
        }
        Err(of_xlsx) => {
            let mut book =
                open_workbook_from_rs::<Ods<_>, _>(Cursor::new(bytes)).map_err(|_| unreadable(of_xlsx.to_string()))?;
            let name = sheet_name(&book.sheet_names(), shape.sheet)?;
            let range = book.worksheet_range(&name).map_err(|error| unreadable(error.to_string()))?;
            let (first_row, first_column) = range.start().unwrap_or((0, 0));
            for (row, column, cell) in range.used_cells() {
                rows.add((first_row + row as u32, first_column + column as u32), cell)?;
            }
        }
    }
    rows.finish()
}

fn sheet_name(names: &[String], wanted: Option<&str>) -> Result<String, SheetFault> {
    let missing = |sheet: &str| {
        let nearest = nearest(sheet, names.iter().map(String::as_str)).map(str::to_owned);
        SheetFault::Missing { sheet: sheet.to_owned(), nearest, sheets: names.to_vec() }
    };
    match wanted {
        Some(sheet) => names.iter().find(|name| *name == sheet).cloned().ok_or_else(|| missing(sheet)),
        None => names.first().cloned().ok_or_else(|| missing("")),
    }
}

/// What all that is packed in a zip file amounts to, as its directory says it.
fn unpacked_bytes(bytes: &[u8]) -> u64 {
    const ENTRY: &[u8] = b"PK\x01\x02";
    let size = |at: usize| Some(u32::from_le_bytes(bytes.get(at + 24..at + 28)?.try_into().ok()?));
    let entries = bytes.windows(ENTRY.len()).enumerate().filter(|(_, window)| *window == ENTRY);
    entries.filter_map(|(at, _)| size(at)).map(u64::from).sum()
}

/// A line for each row of the sheet, from its first on, so that a row has the number that the spreadsheet shows. A row without a
/// value is a blank line, and a line ends with the last cell of its row.
struct SheetRows {
    sheet: Sheet,
    decimal: char,
    /// The row of `cells`, from 0.
    row: u32,
    /// Its cells so far, with their columns.
    cells: Vec<(u32, String)>,
}

impl SheetRows {
    fn of(decimal: char) -> SheetRows {
        SheetRows { sheet: Sheet::default(), decimal, row: 0, cells: Vec::new() }
    }

    fn add(&mut self, (row, column): (u32, u32), cell: &Data) -> Result<(), SheetFault> {
        if row < self.row {
            return Err(SheetFault::Unreadable { why: "its rows are not in order".to_owned() });
        }
        while self.row < row {
            self.end_row()?;
        }
        let text = cell_text(cell, self.decimal);
        if !text.is_empty() {
            self.cells.push((column, text));
        }
        if matches!(cell, Data::Float(number) if number.abs() >= ROUNDED_FROM) {
            self.sheet.rounded.push((row, column));
        }
        Ok(())
    }

    fn end_row(&mut self) -> Result<(), SheetFault> {
        self.cells.sort_by_key(|(column, _)| *column);
        let mut next = 0;
        for (column, text) in self.cells.drain(..) {
            if column < next {
                return Err(SheetFault::Unreadable { why: "a cell is there twice".to_owned() });
            }
            let commas = column + 1 - next.max(1).min(column + 1);
            self.sheet.text.push_str(&char::from(DELIMITER).to_string().repeat(commas as usize));
            self.sheet.text.push_str(&quoted(&text));
            next = column + 1;
        }
        self.sheet.text.push('\n');
        self.row += 1;
        if self.sheet.text.len() > SHEET_TEXT_MAX {
            return Err(SheetFault::TooLarge { most: SHEET_BYTES_MAX, unpacked: SHEET_UNPACKED_MAX });
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Sheet, SheetFault> {
        if !self.cells.is_empty() {
            self.end_row()?;
        }
        self.sheet.rounded.sort_unstable();
        Ok(self.sheet)
    }
}

/// What is in a cell. A number has the digits that a spreadsheet keeps of it.
fn cell_text(cell: &Data, decimal: char) -> String {
    match cell {
        Data::Empty => String::new(),
        Data::String(text) => text.replace(['\n', '\r'], " ").trim().to_owned(),
        Data::Int(number) => number.to_string(),
        Data::Float(number) => number_text(*number, decimal),
        Data::Bool(is) => is.to_string(),
        Data::DateTime(moment) if moment.is_datetime() => date_text(moment),
        Data::DateTime(moment) => number_text(moment.as_f64(), decimal),
        Data::DateTimeIso(text) => text.strip_suffix("T00:00:00").unwrap_or(text).to_owned(),
        Data::DurationIso(text) => text.clone(),
        Data::Error(_) => cell.to_string(),
    }
}

/// 15 digits, as spreadsheets show them: 0.30000000000000004 is 0.3.
fn number_text(number: f64, decimal: char) -> String {
    let rounded: f64 = format!("{number:.14e}").parse().unwrap_or(number);
    rounded.to_string().replace('.', &decimal.to_string())
}

fn date_text(moment: &ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    if (hour, minute, second) == (0, 0, 0) { date } else { format!("{date}T{hour:02}:{minute:02}:{second:02}") }
}

fn quoted(cell: &str) -> String {
    if cell.contains([char::from(DELIMITER), char::from(QUOTE)]) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_written_as_they_are_meant() {
        for (cell, text) in [
            (Data::Float(0.1 + 0.2), "0,3"),
            (Data::Float(12000.0), "12000"),
            (Data::Float(-1234.5), "-1234,5"),
            (Data::Int(7), "7"),
            (Data::String(" a\nb ".to_owned()), "a b"),
            (Data::Bool(true), "true"),
            (Data::DateTimeIso("2027-01-31T00:00:00".to_owned()), "2027-01-31"),
            (Data::DateTimeIso("2027-01-31".to_owned()), "2027-01-31"),
            (Data::Empty, ""),
        ] {
            assert_eq!(cell_text(&cell, ','), text);
        }
    }

    fn rows(cells: &[(u32, u32, &str)]) -> Result<String, SheetFault> {
        let mut rows = SheetRows::of('.');
        cells
            .iter()
            .try_for_each(|(row, column, text)| rows.add((*row, *column), &Data::String((*text).to_owned())))?;
        rows.finish().map(|sheet| sheet.text)
    }

    #[test]
    fn numbers_with_more_digits_than_are_kept_are_known() {
        let mut rows = SheetRows::of('.');
        let cells = [
            ((1, 2), Data::Float(1e15)),
            ((1, 1), Data::Float(-468_769_123_456_789_012.0)),
            ((1, 0), Data::Float(999_999_999_999_999.0)),
            ((2, 0), Data::String("468769123456789012".to_owned())),
        ];
        for (place, cell) in &cells {
            rows.add(*place, cell).expect("a cell");
        }
        let sheet = rows.finish().expect("a sheet");
        let kinds = [(2, 0), (2, 1), (2, 2), (3, 0)].map(|(line, column)| sheet.kind(line, column));
        assert_eq!(kinds, [CellKind::Text, CellKind::RoundedNumber, CellKind::RoundedNumber, CellKind::Text]);
        assert_eq!(sheet.text, "\n999999999999999,-468769123456789000,1000000000000000\n468769123456789012\n");
    }

    #[test]
    fn rows_have_the_numbers_of_the_sheet() {
        let cells = [(2, 1, "id"), (2, 2, "a,\"b\""), (4, 3, "7"), (5, 2, "c"), (5, 0, "d"), (6, 0, ""), (7, 0, "e")];
        assert_eq!(rows(&cells).as_deref(), Ok("\n\n,id,\"a,\"\"b\"\"\"\n\n,,,7\nd,,c\n\ne\n"));
        assert!(rows(&[(2, 0, "a"), (1, 0, "b")]).is_err());
        assert!(rows(&[(2, 3, "a"), (2, 3, "b")]).is_err());
    }

    /// Cells at the ends of a sheet do not take the memory of all cells between them.
    #[test]
    fn cells_may_be_far_from_each_other_and_rows_may_not_take_more_than_they_may() {
        let far = rows(&[(0, 0, "a"), (1_048_575, 16_383, "b")]).expect("rows");
        assert_eq!(far.len(), 1 + 1_048_576 + 16_383 + 1);
        let wide: Vec<(u32, u32, &str)> = (0..9_000).map(|row| (row, 16_383, "b")).collect();
        assert!(matches!(rows(&wide), Err(SheetFault::TooLarge { .. })));
    }

    #[test]
    fn what_is_no_spreadsheet_says_so() {
        let shape = SheetShape { source: "a.xlsx", sheet: None, decimal: '.' };
        let refused = sheet(&b"PK\x03\x04nothing"[..], &shape).expect_err("refused");
        assert!(crate::failure::refusal(&refused).is_some_and(|problem| problem.code == "map-sheet"));
    }
}
