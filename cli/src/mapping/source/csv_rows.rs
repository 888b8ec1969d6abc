//! The rows of CSV, from the line at which the header is: cells by their column, and rows that cannot be split into cells.

use std::io;
use std::ops::ControlFlow;

use replay::refusal::rows::{CsvFault, RowRefusal};

use crate::failure::refused_reading;
use crate::mapping::passed_over::{FilePart, PassedOver, is_filler};
use crate::mapping::refusal::SourceRefusal;
use crate::mapping::rules::{Column, Header};
use crate::mapping::source::csv::{BadCsv, CellSpan, Csv};
use crate::mapping::source::decompress::Text;
use crate::mapping::source::row::{BadRow, CellKind, CellRange, Each, LastRows, Row, RowText, RowWidth, SourceCell};
use crate::mapping::source::rows::{LINE_END, SourceRows};
use crate::mapping::source::spreadsheet;
use crate::wording::mapping::source_refused;

/// The same of a row as it is written, which is what was read last.
pub(super) type EachWritten<'e> = dyn FnMut(&Csv<'_>, Result<(), BadCsv>) -> ControlFlow<()> + 'e;

impl SourceRows<'_> {
    /// Reads until so many whole lines are there, or the end.
    fn read_lines(&self, text: &mut Text<'_>, lines: usize) -> io::Result<()> {
        while !text.is_ended() && line_ends(text.part()) < lines {
            if text.part().len() > self.limits.row_bytes {
                return Err(refused_reading(self.long(1, text.part())));
            }
            text.read_on()?;
        }
        Ok(())
    }

    /// Goes to the header: behind a line that names the delimiter, as spreadsheets write it, and behind what is above the header.
    /// Gives the delimiter and the line at which the text is.
    fn begin(&self, text: &mut Text<'_>) -> io::Result<(u8, usize)> {
        let (mut delimiter, mut line) = (if self.is_sheet() { spreadsheet::DELIMITER } else { self.delimiter }, 1);
        let skipped = self.header_line.map_or(0, |line| line - 1);
        self.read_lines(text, skipped + 1)?;
        let first = text.part().lines().next().unwrap_or_default();
        if let Some([sign]) = first.strip_prefix("sep=").map(str::as_bytes) {
            delimiter = *sign;
            self.skip_line(text);
            line += 1;
        }
        while line <= skipped && !text.part().is_empty() {
            self.skip_line(text);
            line += 1;
        }
        Ok((delimiter, line))
    }

    fn skip_line(&self, text: &mut Text<'_>) {
        let part = text.part();
        let length = match part.find(LINE_END) {
            Some(end) if part[end..].starts_with("\r\n") => end + 2,
            Some(end) => end + 1,
            None => part.len(),
        };
        text.take(length);
    }

    /// Every row as it is written, the header too.
    pub(super) fn each_csv_row(&self, each: &mut EachWritten<'_>) -> io::Result<()> {
        let mut text = self.text()?;
        let (delimiter, mut line) = self.begin(&mut text)?;
        let quote = self.quote();
        let mut rows = 0;
        loop {
            let part = text.part();
            let mut csv = Csv::from_line(line, part, delimiter, quote);
            let taken = loop {
                let read = csv.next_row();
                // What ends with the part may go on behind it.
                if csv.is_at_end() && !text.is_ended() {
                    line = csv.line();
                    break csv.start();
                }
                let Some(read) = read else { return Ok(()) };
                let (start, end) = csv.span();
                rows += 1;
                self.check_row(rows, csv.line(), &part[start..end])?;
                if each(&csv, read).is_break() {
                    return Ok(());
                }
            };
            self.check_row(rows, line, part[taken..].trim_end_matches(LINE_END))?;
            text.take(taken);
            text.read_on()?;
        }
    }

    /// Gives the last rows, which are passed over; none where `each` wanted no more rows.
    pub(super) fn each_csv(&self, source: u32, columns: &[Column], each: &mut Each<'_>) -> io::Result<LastRows> {
        let places = self.places(columns);
        let mut is_header = !matches!(self.shape.header, Header::Numbered);
        let mut cells = Vec::new();
        let mut last = LastRows::default();
        let (mut rows, mut is_closed, mut flow) = (0, true, ControlFlow::Continue(()));
        self.each_csv_row(&mut |csv, read| {
            if std::mem::take(&mut is_header) && read.is_ok() {
                return ControlFlow::Continue(());
            }
            if self.shape.skip_last == 0 {
                return self.csv_row((source, &places), csv, read, &mut cells, each);
            }
            rows += 1;
            is_closed = !matches!(&read, Err(bad) if bad.fault == CsvFault::QuoteNotClosed);
            last.delimiter = csv.delimiter();
            last.rows.push_back((csv.line(), csv.whole().to_owned()));
            if last.rows.len() > self.shape.skip_last {
                let row = last.rows.pop_front().expect("a row is held");
                flow = self.held_row((source, &places), &row, last.delimiter, each);
            }
            flow
        })?;
        if flow.is_break() {
            return Ok(LastRows::default());
        }
        if !is_closed {
            // The rows behind the quote are in one row with it, so it is not known which rows are the last ones.
            self.each_last_row((source, columns), &last, each);
            return Ok(LastRows::default());
        }
        let is_all = rows <= self.shape.skip_last && last.rows.iter().any(|(_, text)| !is_filler(text));
        if is_all {
            let (source, skip_last) = (self.name.name.clone(), self.shape.skip_last);
            return Err(refused_reading(
                source_refused(&SourceRefusal::AllRowsSkipped { source, skip_last, rows }).into(),
            ));
        }
        Ok(last)
    }

    /// The rows that are passed over at the end, as they would be read.
    pub fn each_last_row(&self, (source, columns): (u32, &[Column]), last: &LastRows, each: &mut Each<'_>) {
        // JSON Lines have no last rows, and may lack columns.
        let places = if last.rows.is_empty() { Vec::new() } else { self.places(columns) };
        for row in &last.rows {
            if self.held_row((source, &places), row, last.delimiter, each).is_break() {
                return;
            }
        }
    }

    /// How many lines or rows of the file are passed over, and where they are.
    pub fn passed_over(&self, last: &LastRows) -> Vec<PassedOver> {
        let of = |part: FilePart, rows: usize, from: usize, to: usize| PassedOver {
            file: self.name.name.clone(),
            part,
            rows: rows as u64,
            from_line: from as u64,
            to_line: to as u64,
        };
        let above = self.header_line.map(|line| line - 1).filter(|lines| *lines > 0);
        let above = above.map(|lines| of(FilePart::AboveHeader, lines, 1, lines));
        let end = last.rows.front().zip(last.rows.back());
        let end = end.map(|(first, of_end)| of(FilePart::End, last.rows.len(), first.0, of_end.0));
        above.into_iter().chain(end).collect()
    }

    /// Where the columns are in a row.
    fn places(&self, columns: &[Column]) -> Vec<usize> {
        let place = |column: &Column| self.names.iter().position(|name| *name == column.name);
        columns.iter().map(|column| place(column).expect("columns were checked")).collect()
    }

    /// A row that was held because it could have been one of the last.
    fn held_row(
        &self,
        places: (u32, &[usize]),
        (line, text): &(usize, String),
        delimiter: u8,
        each: &mut Each<'_>,
    ) -> ControlFlow<()> {
        let mut csv = Csv::from_line(*line, text, delimiter, self.quote());
        match csv.next_row() {
            Some(read) => self.csv_row(places, &csv, read, &mut Vec::new(), each),
            None => ControlFlow::Continue(()),
        }
    }

    /// A row behind the header. `cells` has room for those of the row.
    fn csv_row<'b>(
        &self,
        (source, places): (u32, &[usize]),
        csv: &Csv<'_>,
        read: Result<(), BadCsv>,
        cells: &mut Vec<SourceCell<'b>>,
        each: &mut Each<'_>,
    ) -> ControlFlow<()> {
        if let Err(fault) = read {
            return each(Err(bad_csv(csv, fault, source)));
        }
        let (whole, spans) = (whole(csv, source), csv.cells());
        let (count, expected) = (spans.len(), self.names.len());
        if spans.iter().skip(expected).any(|span| !csv.text(*span).is_empty()) {
            let refusal = RowRefusal::CellCount { cells: count, expected };
            return each(Err(BadRow { whole, at: whole.at(), refusal }));
        }
        let has_names = !matches!(self.shape.header, Header::Numbered);
        let width = if count < expected && !self.is_sheet() {
            RowWidth::Short { cells: count, expected }
        } else if has_names
            && count >= expected
            && spans.iter().zip(&self.names).all(|(span, name)| csv.text(*span) == *name)
        {
            RowWidth::Header
        } else {
            RowWidth::Whole
        };
        let mut row = Row { whole, cells: reused(std::mem::take(cells)), width };
        let (from, to) = csv.span();
        row.cells.extend(places.iter().map(|place| {
            let span = spans.get(*place).copied().unwrap_or_else(|| CellSpan::empty(to, csv.line()));
            let text = csv.text(span);
            let is_null = *place >= count || self.shape.nulls.iter().any(|null| *null == text);
            let (start, end) = ((span.start - from) as u32, (span.end - from) as u32);
            let kind = self.sheet.get().map_or(CellKind::Text, |sheet| sheet.kind(csv.line(), *place));
            SourceCell { text, is_null, is_nested: false, kind, at: CellRange { start, end, line: span.line as u32 } }
        }));
        let flow = each(Ok(&row));
        *cells = reused(row.cells);
        flow
    }
}

/// How many lines end in a text; a few programs write `\r` alone.
fn line_ends(text: &str) -> usize {
    match text.matches('\n').count() {
        0 => text.matches('\r').count(),
        count => count,
    }
}

fn whole<'t>(csv: &Csv<'t>, source: u32) -> RowText<'t> {
    RowText { source, text: csv.whole(), line: csv.line() as u32 }
}

/// A row that cannot be split into cells.
pub(super) fn bad_csv<'t>(csv: &Csv<'t>, BadCsv { at, line, fault }: BadCsv, source: u32) -> BadRow<'t> {
    let whole = whole(csv, source);
    let from = at - csv.span().0;
    let width = whole.text[from..].chars().next().map_or(0, char::len_utf8);
    let at = CellRange { start: from as u32, end: (from + width) as u32, line: line as u32 };
    BadRow { whole, at, refusal: RowRefusal::Csv(fault) }
}

/// The room of cells that were looked at.
fn reused<'a>(mut cells: Vec<SourceCell<'_>>) -> Vec<SourceCell<'a>> {
    cells.clear();
    cells.into_iter().map(|_| unreachable!("they are cleared")).collect()
}
