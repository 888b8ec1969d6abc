//! Comma-separated rows, with the place of every cell: RFC 4180, with any delimiter and quote.

use std::borrow::Cow;

use replay::refusal::rows::CsvFault;

use crate::input::limits::{CELL_BYTES_MAX, CELLS_MAX};

/// Bytes `start..end` of the text, without quotes around them.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct CellSpan {
    pub start: usize,
    pub end: usize,
    /// The line on which it begins.
    pub line: usize,
    /// Quotes stand in it, each twice.
    has_quotes: bool,
}

impl CellSpan {
    /// A cell that a row is too short for.
    pub fn empty(at: usize, line: usize) -> CellSpan {
        CellSpan { start: at, end: at, line, has_quotes: false }
    }
}

/// A row that cannot be taken apart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BadCsv {
    pub at: usize,
    pub line: usize,
    pub fault: CsvFault,
}

/// Reads one row after the other.
pub struct Csv<'s> {
    text: &'s str,
    delimiter: u8,
    quote: Option<u8>,
    at: usize,
    /// The line at which `at` is, from 1.
    next_line: usize,
    start: usize,
    line: usize,
    cells: Vec<CellSpan>,
}

impl<'s> Csv<'s> {
    pub fn new(text: &'s str, delimiter: u8, quote: Option<u8>) -> Csv<'s> {
        Csv::from_line(1, text, delimiter, quote)
    }

    /// Rows of a text that begins on another line than the first.
    pub fn from_line(line: usize, text: &'s str, delimiter: u8, quote: Option<u8>) -> Csv<'s> {
        Csv { text, delimiter, quote, at: 0, next_line: line, start: 0, line, cells: Vec::new() }
    }

    /// Whether the text ends with the row that was read: where the text goes on, the row may too.
    pub fn is_at_end(&self) -> bool {
        self.at >= self.text.len()
    }

    /// What separates the cells.
    pub fn delimiter(&self) -> u8 {
        self.delimiter
    }

    /// Where the row begins that was read, blank or not.
    pub fn start(&self) -> usize {
        self.start
    }

    /// Goes to the next row that is not blank; `None` at the end.
    pub fn next_row(&mut self) -> Option<Result<(), BadCsv>> {
        loop {
            if self.at >= self.text.len() {
                return None;
            }
            (self.start, self.line) = (self.at, self.next_line);
            self.cells.clear();
            if let Err(fault) = self.row() {
                // Behind a closed quote the next line goes on; where one is not closed, nothing is left.
                match self.text[self.at..].find('\n') {
                    Some(rest) => (self.at, self.next_line) = (self.at + rest + 1, self.next_line + 1),
                    None => self.at = self.text.len(),
                }
                return Some(Err(fault));
            }
            let is_blank =
                matches!(self.cells[..], [CellSpan { start, end, .. }] if self.text[start..end].trim().is_empty());
            if !is_blank {
                return Some(Ok(()));
            }
        }
    }

    /// The line on which the row begins.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The row's bytes, without the end of its line.
    pub fn span(&self) -> (usize, usize) {
        (self.start, self.start + self.text[self.start..self.at].trim_end_matches(['\n', '\r']).len())
    }

    /// The row's text, without the end of its line.
    pub fn whole(&self) -> &'s str {
        let (start, end) = self.span();
        &self.text[start..end]
    }

    pub fn cells(&self) -> &[CellSpan] {
        &self.cells
    }

    /// What a cell says, without blanks around it.
    pub fn text(&self, cell: CellSpan) -> Cow<'s, str> {
        let text = &self.text[cell.start..cell.end];
        match (cell.has_quotes, self.quote) {
            (true, Some(quote)) => {
                let quote = char::from(quote).to_string();
                Cow::Owned(text.replace(&quote.repeat(2), &quote).trim().to_owned())
            }
            (true, None) | (false, _) => Cow::Borrowed(text.trim()),
        }
    }

    /// Up to the start of the next line.
    fn row(&mut self) -> Result<(), BadCsv> {
        let bytes = self.text.as_bytes();
        loop {
            let cell = match bytes.get(self.at) {
                Some(byte) if Some(*byte) == self.quote => self.quoted()?,
                Some(_) | None => self.plain(),
            };
            if cell.end - cell.start > CELL_BYTES_MAX {
                let fault = CsvFault::CellTooLong { most: CELL_BYTES_MAX };
                return Err(BadCsv { at: cell.start, line: cell.line, fault });
            }
            if self.cells.len() == CELLS_MAX {
                let fault = CsvFault::TooManyCells { most: CELLS_MAX };
                return Err(BadCsv { at: cell.start, line: cell.line, fault });
            }
            self.cells.push(cell);
            match bytes.get(self.at) {
                Some(byte) if *byte == self.delimiter => self.at += 1,
                Some(b'\r') if bytes.get(self.at + 1) == Some(&b'\n') => {
                    self.at += 2;
                    break;
                }
                Some(_) => {
                    self.at += 1;
                    break;
                }
                None => break,
            }
        }
        self.next_line += 1;
        Ok(())
    }

    fn ends(&self, byte: u8) -> bool {
        byte == self.delimiter || byte == b'\n' || byte == b'\r'
    }

    fn plain(&mut self) -> CellSpan {
        let rest = &self.text.as_bytes()[self.at..];
        let end = self.at + rest.iter().position(|byte| self.ends(*byte)).unwrap_or(rest.len());
        let cell = CellSpan { start: self.at, end, line: self.next_line, has_quotes: false };
        self.at = end;
        cell
    }

    fn quoted(&mut self) -> Result<CellSpan, BadCsv> {
        let bytes = self.text.as_bytes();
        let (quote, open, line) = (self.quote, self.at, self.next_line);
        let mut has_quotes = false;
        self.at += 1;
        loop {
            match bytes.get(self.at) {
                None => return Err(BadCsv { at: open, line, fault: CsvFault::QuoteNotClosed }),
                Some(byte) if Some(*byte) == quote => {
                    if bytes.get(self.at + 1).copied() != quote {
                        break;
                    }
                    has_quotes = true;
                    self.at += 2;
                }
                Some(byte) => {
                    self.next_line += usize::from(*byte == b'\n');
                    self.at += 1;
                }
            }
        }
        let cell = CellSpan { start: open + 1, end: self.at, line, has_quotes };
        self.at += 1;
        while matches!(bytes.get(self.at), Some(b' ')) {
            self.at += 1;
        }
        match bytes.get(self.at) {
            Some(byte) if !self.ends(*byte) => {
                Err(BadCsv { at: self.at, line: self.next_line, fault: CsvFault::TextAfterQuote })
            }
            Some(_) | None => Ok(cell),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str, delimiter: u8, quote: Option<u8>) -> Vec<(usize, Vec<String>)> {
        let mut csv = Csv::new(text, delimiter, quote);
        let mut rows = Vec::new();
        while let Some(row) = csv.next_row() {
            row.unwrap_or_else(|fault| panic!("{fault:?}"));
            rows.push((csv.line(), csv.cells().iter().map(|cell| csv.text(*cell).into_owned()).collect()));
        }
        rows
    }

    fn row(line: usize, cells: &[&str]) -> (usize, Vec<String>) {
        (line, cells.iter().map(|cell| (*cell).to_owned()).collect())
    }

    #[test]
    fn cells_are_told_apart() {
        for (text, expected) in [
            ("a,b\n1,2\n", vec![row(1, &["a", "b"]), row(2, &["1", "2"])]),
            ("a,b\r\n1,2", vec![row(1, &["a", "b"]), row(2, &["1", "2"])]),
            ("a\rb", vec![row(1, &["a"]), row(2, &["b"])]),
            ("\n \na,\n", vec![row(3, &["a", ""])]),
            (",", vec![row(1, &["", ""])]),
            ("\"a,b\",\"c\"\"d\"\n", vec![row(1, &["a,b", "c\"d"])]),
            ("\"a\nb\",c\nd,e", vec![row(1, &["a\nb", "c"]), row(3, &["d", "e"])]),
            ("\"\",x", vec![row(1, &["", "x"])]),
            ("12\" pipe, b ", vec![row(1, &["12\" pipe", "b"])]),
            ("\"a\" ,b", vec![row(1, &["a", "b"])]),
            ("é,ü", vec![row(1, &["é", "ü"])]),
        ] {
            assert_eq!(rows(text, b',', Some(b'"')), expected, "{text:?}");
        }
        assert_eq!(rows("'a;b';c", b';', Some(b'\'')), [row(1, &["a;b", "c"])]);
        assert_eq!(rows("\"a\tb\"", b'\t', None), [row(1, &["\"a", "b\""])]);
    }

    #[test]
    fn a_row_has_as_many_cells_and_bytes_as_may_be() {
        for (cells, is_taken) in [(CELLS_MAX, true), (CELLS_MAX + 1, false)] {
            let text = format!("a\n{}\nb\n", ",".repeat(cells - 1));
            let mut csv = Csv::new(&text, b',', Some(b'"'));
            let fine: Vec<bool> = std::iter::from_fn(|| csv.next_row().map(|row| row.is_ok())).collect();
            assert_eq!(fine, [true, is_taken, true], "{cells}");
        }
        for (length, is_taken) in [(CELL_BYTES_MAX, true), (CELL_BYTES_MAX + 1, false)] {
            let text = format!("a,{}\nb\n", "x".repeat(length));
            let mut csv = Csv::new(&text, b',', Some(b'"'));
            let fine: Vec<bool> = std::iter::from_fn(|| csv.next_row().map(|row| row.is_ok())).collect();
            assert_eq!(fine, [is_taken, true], "{length}");
        }
    }

    /// A stray quote costs its own line and no other.
    #[test]
    fn the_line_after_a_stray_quote_goes_on() {
        let mut csv = Csv::new("a,b\n1,\"x\"y\n2,z\n", b',', Some(b'"'));
        let fine: Vec<(usize, bool)> =
            std::iter::from_fn(|| csv.next_row().map(|row| (csv.line(), row.is_ok()))).collect();
        assert_eq!(fine, [(1, true), (2, false), (3, true)]);
    }

    #[test]
    fn quotes_are_closed_and_nothing_follows_them() {
        for (text, at, line) in [("a\n\"b\nc", 2, 2), ("\"a\"b,c\n", 3, 1)] {
            let mut csv = Csv::new(text, b',', Some(b'"'));
            let fault = std::iter::from_fn(|| csv.next_row()).find_map(Result::err).expect("a fault");
            assert_eq!((fault.at, fault.line), (at, line), "{text:?}");
            assert_eq!(csv.next_row(), None);
        }
    }
}
