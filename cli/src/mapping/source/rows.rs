//! The rows of a source, CSV or JSON Lines: the cells that a mapping names, and where each of them is. A part of the
//! source is in memory at a time.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::VecDeque;
use std::io::{self, Cursor, Read};
use std::ops::ControlFlow;

use crate::wording::problem::Problem;
use ledger::finding::TextLocation;
use ledger::json::{self, JsonNode, JsonValue};
use ledger::nearest::nearest;
use regex::Regex;
use replay::record::Source;
use replay::refusal::rows::RowRefusal;

use crate::failure::refused_reading;
use crate::input::limits::Limits;
use crate::mapping::refusal::{ColumnNames, MappingRefusal, MappingReport, MappingWarning, SourceRefusal};
use crate::mapping::rules::{Column, Encoding, Header, SourceFormat, SourceShape};
use crate::mapping::source::csv::{BadCsv, CellSpan, Csv};
use crate::mapping::source::decompress::{Text, unpacked};
use crate::mapping::source::spreadsheet::{self, SheetShape, is_spreadsheet};
use crate::wording::mapping::{row_refused, source_refused};

/// A file, and how its rows are written.
pub struct SourceRows<'s> {
    file: Source<'s>,
    pub name: SourceName,
    shape: SourceShape,
    format: SourceFormat,
    delimiter: u8,
    limits: Limits,
    /// The names of the columns, once they were checked; none where the file is empty.
    names: Vec<String>,
    /// The line of the header, if it is not that of the first row.
    header_line: Option<usize>,
    /// The rows of a spreadsheet, once they were read.
    sheet: OnceCell<String>,
}

/// What the rows of a source look like.
#[derive(Clone, Debug)]
pub struct SourceFrame {
    pub format: SourceFormat,
    pub delimiter: u8,
    pub quote: Option<u8>,
    /// Of its columns, if it is CSV.
    pub names: Vec<String>,
}

/// The format and the delimiter of a file: as the mapping says, or by the file's name.
pub fn written_as(name: &str, shape: &SourceShape) -> (SourceFormat, u8) {
    let plain = plain_name(name).to_ascii_lowercase();
    let ends = |ends: &[&str]| ends.iter().any(|end| plain.ends_with(end));
    let by_name = if ends(&[".jsonl", ".ndjson"]) { SourceFormat::JsonLines } else { SourceFormat::Csv };
    let delimiter = shape.delimiter.unwrap_or(if ends(&[".tsv", ".tab"]) { b'\t' } else { b',' });
    (shape.format.unwrap_or(by_name), delimiter)
}

/// What a source is called.
#[derive(Clone, Debug)]
pub struct SourceName {
    /// As messages name it.
    pub name: String,
}

/// Bytes of a row.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct CellRange {
    pub start: u32,
    pub end: u32,
    /// The line of the source on which it begins.
    pub line: u32,
}

/// What a row has under a column.
#[derive(Clone, Debug)]
pub struct SourceCell<'s> {
    /// Without blanks around it.
    pub text: Cow<'s, str>,
    pub is_null: bool,
    /// An object or a list of JSON, which is no value.
    pub is_nested: bool,
    pub at: CellRange,
}

/// A row as its source has it.
#[derive(Copy, Clone, Debug)]
pub struct RowText<'s> {
    /// The index of the source.
    pub source: u32,
    /// Without the end of its line.
    pub text: &'s str,
    /// The line on which it begins.
    pub line: u32,
}

pub struct Row<'s> {
    pub whole: RowText<'s>,
    /// By slot.
    pub cells: Vec<SourceCell<'s>>,
    /// How it differs from what the header says.
    pub width: RowWidth,
}

/// How a row has other cells than the header.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum RowWidth {
    Whole,
    /// Cells are missing at the end; they are empty.
    Short {
        cells: usize,
        expected: usize,
    },
    /// It is the header once more.
    Header,
}

/// A row that could not be read at all.
pub struct BadRow<'s> {
    /// All of it.
    pub whole: RowText<'s>,
    /// What is wrong in it.
    pub at: CellRange,
    pub refusal: RowRefusal,
}

/// Takes a row; whether more are wanted.
pub type Each<'e> = dyn FnMut(Result<&Row<'_>, BadRow<'_>>) -> ControlFlow<()> + 'e;

/// The same of a row as it is written, which is what was read last.
type EachWritten<'e> = dyn FnMut(&Csv<'_>, Result<(), BadCsv>) -> ControlFlow<()> + 'e;

/// Columns that no row has had yet, and the names that rows have instead.
#[derive(Default)]
pub struct Unseen<'c> {
    columns: Vec<&'c Column>,
    names: Vec<String>,
}

/// Enough to see what a file is.
const HEAD_BYTES: u64 = 8;

/// At most so many columns of a header are listed.
const LISTED_MAX: usize = 20;

impl SourceName {
    /// The file without its folder and without what says that it is packed: what facts carry as their source.
    pub fn short(&self) -> &str {
        let plain = plain_name(&self.name);
        plain.rsplit(['/', '\\']).next().unwrap_or(plain)
    }

    /// Bytes of a row, with the line that they are on.
    pub fn location(&self, row: &str, at: CellRange) -> TextLocation {
        let (start, end) = (at.start as usize, at.end as usize);
        let line_start = row[..start].rfind(['\n', '\r']).map_or(0, |end| end + 1);
        let line_end = row[start..].find(['\n', '\r']).map_or(row.len(), |length| start + length);
        let line = &row[line_start..line_end];
        TextLocation::of(&self.name, at.line as usize, line, start - line_start, end - line_start)
    }
}

impl<'s> RowText<'s> {
    /// All of it.
    pub fn at(&self) -> CellRange {
        CellRange { start: 0, end: self.text.len() as u32, line: self.line }
    }
}

impl<'s> SourceRows<'s> {
    pub fn new(file: Source<'s>, shape: &SourceShape, limits: &Limits) -> SourceRows<'s> {
        let (format, delimiter) = written_as(&file.name, shape);
        let name = SourceName { name: file.name.clone() };
        let (shape, limits) = (shape.clone(), *limits);
        SourceRows {
            file,
            name,
            shape,
            format,
            delimiter,
            limits,
            names: Vec::new(),
            header_line: None,
            sheet: OnceCell::new(),
        }
    }

    /// What its rows look like.
    pub fn frame(&self) -> SourceFrame {
        let delimiter = if self.is_sheet() { spreadsheet::DELIMITER } else { self.delimiter };
        SourceFrame { format: self.format, delimiter, quote: self.quote(), names: self.names.clone() }
    }

    fn text(&self) -> io::Result<Text<'_>> {
        if let Some(sheet) = self.sheet.get() {
            return Ok(Text::new(&self.name.name, Box::new(sheet.as_bytes()), Encoding::Utf8));
        }
        let mut from = unpacked(&self.name.name, (self.file.open)()?, &self.limits)?;
        let mut head = Vec::new();
        (&mut from).take(HEAD_BYTES).read_to_end(&mut head)?;
        let is_spreadsheet = self.format == SourceFormat::Csv && is_spreadsheet(&head);
        let from = Cursor::new(head).chain(from);
        if is_spreadsheet {
            let (source, sheet) = (self.name.name.as_str(), self.shape.sheet.as_deref());
            let rows = spreadsheet::csv(from, &SheetShape { source, sheet, decimal: self.shape.numbers.decimal })?;
            let rows = self.sheet.get_or_init(|| rows);
            return Ok(Text::new(source, Box::new(rows.as_bytes()), Encoding::Utf8));
        }
        Ok(Text::new(&self.name.name, Box::new(from), self.shape.encoding))
    }

    /// Whether the columns that the mapping names are there. The error is that of reading, or why the file is refused.
    pub fn check_columns(&mut self, columns: &[Column], report: &mut MappingReport<'_>) -> io::Result<()> {
        match self.format {
            SourceFormat::Csv => {
                self.header_line = match &self.shape.header {
                    Header::FirstRow | Header::Numbered => None,
                    Header::Line(line) => Some(*line),
                    Header::Matches(pattern) => match self.line_that_matches(pattern)? {
                        Some(line) => Some(line),
                        None => {
                            let source = self.name.name.clone();
                            report.refuse(self.shape.header_at, MappingRefusal::HeaderMissing { source });
                            return Ok(());
                        }
                    },
                };
                self.names = self.header()?;
                let missing = columns.iter().find(|column| !self.names.contains(&column.name));
                if let (Some(missing), Some(line)) = (missing, self.better_header(columns)?) {
                    let (column, source) = (missing.name.clone(), self.name.name.clone());
                    report.refuse(missing.spot, MappingRefusal::HeaderElsewhere { column, source, line });
                    return Ok(());
                }
                self.check_header(&self.names, columns, report);
            }
            // Rows tell.
            SourceFormat::JsonLines => {}
        }
        Ok(())
    }

    fn check_header(&self, names: &[String], columns: &[Column], report: &mut MappingReport<'_>) {
        if let (Some(other), Some(column)) = (self.other_delimiter(names), columns.first()) {
            let (column_name, source) = (column.name.clone(), self.name.name.clone());
            report.refuse(
                column.spot,
                MappingRefusal::ColumnInSingleCell { column: column_name, source, delimiter: other },
            );
            return;
        }
        for column in columns {
            let (name, source) = (column.name.clone(), self.name.name.clone());
            let refusal = match names.iter().filter(|name| **name == column.name).count() {
                1 => continue,
                0 => MappingRefusal::ColumnUnknown { column: name, source, columns: column_names(column, names) },
                _ => MappingRefusal::ColumnTwice { column: name, source },
            };
            report.refuse(column.spot, refusal);
        }
    }

    /// What seems to part the cells of a header that is a single one as it was read.
    fn other_delimiter(&self, names: &[String]) -> Option<char> {
        let [all] = names else { return None };
        let of = |sign: &char| all.matches(*sign).count();
        [',', ';', '\t', '|'].into_iter().filter(|sign| of(sign) > 0).max_by_key(of)
    }

    /// The names of the columns; none where the file is empty.
    fn header(&self) -> io::Result<Vec<String>> {
        let mut names = Ok(Vec::new());
        self.each_csv_row(&mut |csv, read| {
            let has_names = !matches!(self.shape.header, Header::Numbered);
            names = match (read, has_names) {
                (Err(fault), _) => {
                    let BadRow { whole, at, refusal } = bad_csv(csv, fault, 0);
                    let place = Some(Box::new(self.name.location(whole.text, at)));
                    Err(refused_reading(Problem { place, ..Problem::from(row_refused(&refusal)) }))
                }
                (Ok(()), true) => Ok(csv.cells().iter().map(|cell| csv.text(*cell).into_owned()).collect()),
                (Ok(()), false) => Ok((1..=csv.cells().len()).map(|number| number.to_string()).collect()),
            };
            ControlFlow::Break(())
        })?;
        names
    }

    /// The line of the first row of several cells of which one matches.
    fn line_that_matches(&self, pattern: &Regex) -> io::Result<Option<usize>> {
        let (mut line, mut rows) = (None, 0);
        self.each_csv_row(&mut |csv, read| {
            rows += 1;
            let is_header = read.is_ok()
                && csv.cells().len() > 1
                && csv.cells().iter().any(|cell| pattern.is_match(&csv.text(*cell)));
            line = is_header.then(|| csv.line());
            if is_header || rows >= LINES_MAX { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        Ok(line)
    }

    /// The line of a row that has all columns, where the header lacks one: what is above it may be titles.
    fn better_header(&self, columns: &[Column]) -> io::Result<Option<usize>> {
        let has_all = |names: &[String]| columns.iter().all(|column| names.contains(&column.name));
        if has_all(&self.names) || matches!(self.shape.header, Header::Numbered) {
            return Ok(None);
        }
        let (mut line, mut rows) = (None, 0);
        self.each_csv_row(&mut |csv, read| {
            rows += 1;
            let names: Vec<String> = csv.cells().iter().map(|cell| csv.text(*cell).into_owned()).collect();
            line = (read.is_ok() && has_all(&names)).then(|| csv.line());
            if line.is_some() || rows >= TITLES_MAX { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        Ok(line)
    }

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

    /// Whether it is a spreadsheet, which is known when its text was asked for.
    fn is_sheet(&self) -> bool {
        self.sheet.get().is_some()
    }

    fn quote(&self) -> Option<u8> {
        if self.is_sheet() { Some(spreadsheet::QUOTE) } else { self.shape.quote }
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

    /// Every row, in order, with the cells of these columns. Gives the columns that no row had, as far as rows tell.
    pub fn each_row<'c>(&self, index: u32, columns: &'c [Column], each: &mut Each<'_>) -> io::Result<Unseen<'c>> {
        match self.format {
            SourceFormat::Csv => self.each_csv(index, columns, each).map(|()| Unseen::default()),
            SourceFormat::JsonLines => self.each_json(index, columns, each),
        }
    }

    /// A source has as many rows as may be, and none is longer than it may be.
    fn check_row(&self, rows: u64, line: usize, text: &str) -> io::Result<()> {
        if text.len() > self.limits.row_bytes {
            return Err(refused_reading(self.long(line, text)));
        }
        // Lines are numbered in 32 bits.
        if rows > self.limits.rows || u32::try_from(line).is_err() {
            let refusal = SourceRefusal::TooManyRows { source: self.name.name.clone(), most: self.limits.rows };
            return Err(refused_reading(source_refused(&refusal).into()));
        }
        Ok(())
    }

    fn long(&self, line: usize, text: &str) -> Problem {
        let shown: String = text.lines().next().unwrap_or_default().chars().take(SHOWN_CHARS).collect();
        let refusal = SourceRefusal::RowTooLong { most: self.limits.row_bytes };
        Problem::from(source_refused(&refusal)).at(&self.name.name, line, &shown, 0, 1)
    }

    /// Every row as it is written, the header too.
    fn each_csv_row(&self, each: &mut EachWritten<'_>) -> io::Result<()> {
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

    fn each_csv(&self, source: u32, columns: &[Column], each: &mut Each<'_>) -> io::Result<()> {
        let places: Vec<usize> = columns
            .iter()
            .map(|column| self.names.iter().position(|name| *name == column.name).expect("columns were checked"))
            .collect();
        let mut is_header = !matches!(self.shape.header, Header::Numbered);
        let mut cells = Vec::new();
        // Rows that may be among the last ones, which are left out.
        let mut held: VecDeque<(usize, String)> = VecDeque::new();
        self.each_csv_row(&mut |csv, read| {
            if std::mem::take(&mut is_header) && read.is_ok() {
                return ControlFlow::Continue(());
            }
            if self.shape.skip_last == 0 {
                return self.csv_row((source, &places), csv, read, &mut cells, each);
            }
            held.push_back((csv.line(), csv.whole().to_owned()));
            if held.len() <= self.shape.skip_last {
                return ControlFlow::Continue(());
            }
            let (line, text) = held.pop_front().expect("a row is held");
            let mut csv = Csv::from_line(line, &text, csv.delimiter(), self.quote());
            match csv.next_row() {
                Some(read) => self.csv_row((source, &places), &csv, read, &mut Vec::new(), each),
                None => ControlFlow::Continue(()),
            }
        })
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
            SourceCell { text, is_null, is_nested: false, at: CellRange { start, end, line: span.line as u32 } }
        }));
        let flow = each(Ok(&row));
        *cells = reused(row.cells);
        flow
    }

    /// A member that no row has may be one that is left out today.
    fn each_json<'c>(&self, source: u32, columns: &'c [Column], each: &mut Each<'_>) -> io::Result<Unseen<'c>> {
        let mut unseen = Unseen { columns: columns.iter().collect(), names: Vec::new() };
        let mut text = self.text()?;
        let mut line = 0;
        loop {
            let part = text.part();
            let mut taken = 0;
            while taken < part.len() {
                let rest = &part[taken..];
                let length = match rest.find('\n') {
                    Some(end) => end + 1,
                    None if text.is_ended() => rest.len(),
                    None => break,
                };
                taken += length;
                line += 1;
                let row = rest[..length].trim_end_matches(LINE_END);
                self.check_row(line as u64, line, row)?;
                if row.trim().is_empty() {
                    continue;
                }
                let whole = RowText { source, text: row, line: line as u32 };
                if self.json_row(whole, columns, &mut unseen, each).is_break() {
                    return Ok(unseen);
                }
            }
            if text.is_ended() {
                return Ok(unseen);
            }
            self.check_row(line as u64, line + 1, part[taken..].trim_end_matches(LINE_END))?;
            text.take(taken);
            text.read_on()?;
        }
    }

    fn json_row(
        &self,
        whole: RowText<'_>,
        columns: &[Column],
        unseen: &mut Unseen<'_>,
        each: &mut Each<'_>,
    ) -> ControlFlow<()> {
        let line = whole.text;
        let at = |start: usize, end: usize| CellRange { start: start as u32, end: end as u32, line: whole.line };
        let bad = |from: usize, refusal: RowRefusal| {
            let to = from + line[from..].chars().next().map_or(0, char::len_utf8);
            BadRow { whole, at: at(from, to), refusal }
        };
        match json::read(line) {
            Err(error) => {
                let from = (0..=error.at.min(line.len())).rev().find(|from| line.is_char_boundary(*from));
                each(Err(bad(from.unwrap_or(0), RowRefusal::NotJson(error.fault))))
            }
            Ok(node) if !matches!(node.value, JsonValue::Object(_)) => {
                unseen.look_at(&node);
                each(Err(bad(node.start, RowRefusal::NotAnObject)))
            }
            Ok(node) => {
                unseen.look_at(&node);
                let cells = columns.iter().map(|column| match member(&node, &column.name) {
                    Some(found) => cell(found, line, at(found.start, found.end), &self.shape),
                    None => SourceCell { text: Cow::Borrowed(""), is_null: true, is_nested: false, at: whole.at() },
                });
                each(Ok(&Row { whole, cells: cells.collect(), width: RowWidth::Whole }))
            }
        }
    }
}

/// As many rows are looked at for a header that is not the first row.
const TITLES_MAX: usize = 50;
/// The header is in one of so many first rows.
const LINES_MAX: usize = 1_000;
const LINE_END: [char; 2] = ['\n', '\r'];
/// How many lines end in a text; a few programs write `\r` alone.
fn line_ends(text: &str) -> usize {
    match text.matches('\n').count() {
        0 => text.matches('\r').count(),
        count => count,
    }
}

/// As much is shown of a row that is too long.
const SHOWN_CHARS: usize = 200;

fn whole<'t>(csv: &Csv<'t>, source: u32) -> RowText<'t> {
    RowText { source, text: csv.whole(), line: csv.line() as u32 }
}

/// A row that cannot be split into cells.
fn bad_csv<'t>(csv: &Csv<'t>, BadCsv { at, line, fault }: BadCsv, source: u32) -> BadRow<'t> {
    let whole = whole(csv, source);
    let from = at - csv.span().0;
    let width = whole.text[from..].chars().next().map_or(0, char::len_utf8);
    let at = CellRange { start: from as u32, end: (from + width) as u32, line: line as u32 };
    BadRow { whole, at, refusal: RowRefusal::Csv(fault) }
}

/// The columns that there are instead of one.
fn column_names(missing: &Column, names: &[String]) -> ColumnNames {
    ColumnNames {
        nearest: nearest(&missing.name, names.iter().map(String::as_str)).map(str::to_owned),
        listed: names.iter().take(LISTED_MAX).cloned().collect(),
        has_more: names.len() > LISTED_MAX,
    }
}

/// The room of cells that were looked at.
fn reused<'a>(mut cells: Vec<SourceCell<'_>>) -> Vec<SourceCell<'a>> {
    cells.clear();
    cells.into_iter().map(|_| unreachable!("they are cleared")).collect()
}

impl Unseen<'_> {
    fn look_at(&mut self, node: &JsonNode<'_>) {
        if self.columns.is_empty() {
            return;
        }
        self.columns.retain(|column| member(node, &column.name).is_none());
        if let JsonValue::Object(members) = &node.value
            && self.names.len() < LISTED_MAX
        {
            let new = members.iter().map(|member| member.name.to_string()).filter(|name| !self.names.contains(name));
            let new: Vec<String> = new.take(LISTED_MAX).collect();
            self.names.extend(new);
        }
    }

    /// Warns of columns that no row had.
    pub fn tell(&self, source: &SourceName, report: &mut MappingReport<'_>) {
        for column in &self.columns {
            let columns = column_names(column, &self.names);
            let (name, source) = (column.name.clone(), source.name.clone());
            report.warn(column.spot, MappingWarning::ColumnUnseen { column: name, source, columns });
        }
    }
}

fn cell<'s>(node: &JsonNode<'s>, line: &'s str, at: CellRange, shape: &SourceShape) -> SourceCell<'s> {
    let (text, is_nested) = match &node.value {
        JsonValue::Null => return SourceCell { text: Cow::Borrowed(""), is_null: true, is_nested: false, at },
        JsonValue::Bool(value) => (Cow::Borrowed(if *value { "true" } else { "false" }), false),
        JsonValue::Number(number) => (Cow::Borrowed(*number), false),
        JsonValue::Text(Cow::Borrowed(text)) => (Cow::Borrowed(text.trim()), false),
        JsonValue::Text(Cow::Owned(text)) => (Cow::Owned(text.trim().to_owned()), false),
        JsonValue::List(_) | JsonValue::Object(_) => (Cow::Borrowed(&line[node.start..node.end]), true),
    };
    let is_null = !is_nested && shape.nulls.iter().any(|null| *null == text);
    SourceCell { text, is_null, is_nested, at }
}

/// A member by its name, or by the names on the way to it: `customer.id`, `lines.0.sku`.
fn member<'n, 's>(node: &'n JsonNode<'s>, name: &str) -> Option<&'n JsonNode<'s>> {
    let child = |name: &str| match &node.value {
        JsonValue::Object(members) => members.iter().find(|member| member.name == name).map(|member| &member.node),
        JsonValue::List(items) => items.get(name.parse::<usize>().ok()?),
        JsonValue::Null | JsonValue::Bool(_) | JsonValue::Number(_) | JsonValue::Text(_) => None,
    };
    child(name).or_else(|| {
        name.match_indices('.')
            .find_map(|(dot, _)| child(&name[..dot]).and_then(|inner| member(inner, &name[dot + 1..])))
    })
}

/// A file's name without what says that it is packed.
fn plain_name(name: &str) -> &str {
    let stripped = [".gz", ".xz"].iter().find_map(|end| name.strip_suffix(end));
    stripped.unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::refusal;
    use plans::read::report::Spot;

    fn columns(names: &[&str]) -> Vec<Column> {
        names.iter().map(|name| Column { name: (*name).to_owned(), spot: Spot::default() }).collect()
    }

    fn source<'s>(name: &str, text: &'s str, shape: &SourceShape, limits: &Limits) -> SourceRows<'s> {
        let file = Source { name: name.to_owned(), open: Box::new(|| Ok(Box::new(text.as_bytes()))) };
        SourceRows::new(file, shape, limits)
    }

    fn read(name: &str, text: &str, names: &[&str], shape: &SourceShape) -> Vec<String> {
        read_within(name, text, names, shape, &Limits::default()).expect("rows")
    }

    fn read_within(
        name: &str,
        text: &str,
        names: &[&str],
        shape: &SourceShape,
        limits: &Limits,
    ) -> Result<Vec<String>, Problem> {
        let mut source = source(name, text, shape, limits);
        let columns = columns(names);
        let mut rows = Vec::new();
        let mut each = |row: Result<&Row<'_>, BadRow<'_>>| {
            rows.push(match row {
                Ok(row) => row
                    .cells
                    .iter()
                    .map(|cell| if cell.is_null { "-".to_owned() } else { format!("{}:{}", cell.at.line, cell.text) })
                    .collect::<Vec<_>>()
                    .join("|"),
                Err(BadRow { whole, at, refusal }) => {
                    let place = SourceName { name: name.to_owned() }.location(whole.text, at);
                    Problem { place: Some(Box::new(place)), ..Problem::from(row_refused(&refusal)) }.to_string()
                }
            });
            ControlFlow::Continue(())
        };
        let read = source
            .check_columns(&columns, &mut MappingReport::of(""))
            .and_then(|()| source.each_row(0, &columns, &mut each).map(drop));
        read.map(|()| rows).map_err(|error| refusal(&error).expect("a problem").clone())
    }

    /// What is refused at one more than may be: the code and the place.
    fn limit(name: &str, text: &str, limits: &Limits) -> Option<(&'static str, Option<usize>)> {
        let read = read_within(name, text, &["a"], &SourceShape::default(), limits);
        read.err().map(|problem| (problem.code, problem.place.map(|place| place.line)))
    }

    #[test]
    fn a_row_has_as_many_bytes_as_may_be_and_no_more() {
        let limits = Limits { row_bytes: 20, ..Limits::default() };
        for (length, refused) in [(20, None), (21, Some(("map-limit", Some(2))))] {
            for end in ["", "\n", "\r\n", "\n3,4\n"] {
                let row = format!("1,{}", "x".repeat(length - 2));
                assert_eq!(limit("a.csv", &format!("a,b\n{row}{end}"), &limits), refused, "{length} {end:?}");
            }
            let row = format!("{{\"a\": \"{}\"}}", "x".repeat(length - 9));
            assert_eq!(limit("a.jsonl", &format!("\n{row}\n"), &limits), refused, "{length}");
        }
        // A header, and a row of several lines.
        assert_eq!(limit("a.csv", &"a".repeat(21), &limits), Some(("map-limit", Some(1))));
        assert_eq!(limit("a.csv", "a,b\n1,\"2\n2\n2\n2\n2\n2\n2\n2\n2\n2", &limits), Some(("map-limit", Some(2))));
    }

    #[test]
    fn a_source_has_as_many_rows_as_may_be_and_no_more() {
        let limits = Limits { rows: 3, ..Limits::default() };
        assert_eq!(limit("a.csv", "a\n1\n2\n", &limits), None);
        assert_eq!(limit("a.csv", "a\n1\n2\n3\n", &limits), Some(("map-limit", None)));
        assert_eq!(limit("a.jsonl", &"{\"a\": 1}\n".repeat(3), &limits), None);
        assert_eq!(limit("a.jsonl", &"{\"a\": 1}\n".repeat(4), &limits), Some(("map-limit", None)));
    }

    /// A part of the text is read at a time, and its end lies anywhere in a row.
    #[test]
    fn rows_are_the_same_wherever_the_text_is_parted() {
        let row = "1,\"a\"\"b\r\nc\" ,é\r\n";
        let rows = CHUNK / row.len() + 2;
        for skipped in 0..row.len() {
            let text = format!("{},b,c\n{}", "a".repeat(1 + skipped), row.repeat(rows));
            let found = read("a.csv", &text, &["b", "c"], &SourceShape::default());
            assert_eq!(found.len(), rows);
            let last = rows * 2;
            assert_eq!(found[rows - 1], format!("{last}:a\"b\r\nc|{}:é", last + 1));
            assert!(found.iter().all(|row| row.contains(":a\"b\r\nc|")), "{skipped}");
        }
    }

    const CHUNK: usize = 256 << 10;

    #[test]
    fn rows_have_the_cells_of_the_columns_that_are_named() {
        let shape = SourceShape::default();
        assert_eq!(read("a.csv", "a,b,c\n1,\"2\n2\",3\n,5,6\n", &["c", "a"], &shape), ["3:3|2:1", "4:6|-"]);
        assert_eq!(read("a.tsv.gz", "a\tb\n1\t2\n", &["b"], &shape), ["2:2"]);
        let numbered = SourceShape { header: Header::Numbered, ..shape };
        assert_eq!(read("a.csv", "x,y\n1,2\n", &["2"], &numbered), ["1:y", "2:2"]);
    }

    #[test]
    fn json_of_another_shape_is_read_by_the_names_on_the_way() {
        let text = r#"{"id": 1.50, "a": {"b": " x "}, "a.c": true, "l": [{"s": null}, "z"]}"#;
        let names = ["id", "a.b", "a.c", "l.0.s", "l.1", "none"];
        assert_eq!(read("a.jsonl", text, &names, &SourceShape::default()), ["1:1.50|1:x|1:true|-|1:z|-"]);
    }

    #[test]
    fn rows_that_cannot_be_read_say_where() {
        let shape = SourceShape::default();
        let of = |name, text| read(name, text, &["a"], &shape);
        assert_eq!(of("a.csv", "a,b\n1,2,3\n2,3\n")[1], "3:2");
        assert!(of("a.csv", "a,b\n1,2,3\n")[0].starts_with("a.csv:2:1: the row has 3 cells, not 2"));
        assert_eq!(of("a.csv", "a,b\n1\n2,3,,\n"), ["2:1", "3:2"]);
        assert!(of("a.csv", "a,b\n1,\"x\n")[0].starts_with("a.csv:2:3: the quote that begins here"));
        assert!(of("a.jsonl", "{\"a\": é}\n")[0].starts_with("a.jsonl:1:7: this is not JSON"));
        assert!(of("a.jsonl", "[1]\n")[0].starts_with("a.jsonl:1:1: the line is not an object"));
    }
}
