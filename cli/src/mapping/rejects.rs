//! Rows that are set aside, as a file that the same mapping reads when they are mended: each with what is wrong with it.

use std::collections::{BTreeMap, HashMap};
use std::io;

use ledger::json::{self, JsonValue, quote};
use replay::record::Rejected;

use crate::mapping::mapped::Mapped;
use crate::mapping::passed_over::FILLER;
use crate::mapping::rules::{Encoding, Header, SourceFormat};
use crate::mapping::source::csv::Csv;
use crate::mapping::source::kept_row::rows_of;
use crate::mapping::source::row::RowText;
use crate::mapping::source::rows::SourceFrame;
use crate::mapping::source::utf16::Utf16;
use crate::wording::replay::refusals;

/// The column, or the member, that says what is wrong. Mappings do not read it.
pub const PROBLEM: &str = "problem";

/// A row that is set aside, and what is said about it.
struct SetAsideRow {
    text: String,
    problems: Vec<String>,
}

/// By source and line: each row is there once, however many facts it was to make.
type SetAsideRows = BTreeMap<(u32, u32), SetAsideRow>;

/// How the file is to be written.
pub struct RejectsShape {
    pub format: SourceFormat,
    pub delimiter: u8,
}

/// The file of the rows that are set aside.
pub struct RejectedRows {
    pub bytes: Vec<u8>,
    pub count: SetAside,
}

/// How many lines or rows are set aside.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub struct SetAside {
    /// Those with a problem.
    pub wrong: usize,
    /// Rows without one, which are in a group with a row that has one.
    pub of_groups: usize,
}

impl SetAside {
    pub fn all(self) -> usize {
        self.wrong + self.of_groups
    }
}

/// The file that has these rows. The error is that of reading rows back that were put by.
pub fn rejects(mapped: &Mapped, rejected: &[Rejected], shape: &RejectsShape) -> io::Result<RejectedRows> {
    let (rows, count) = with_their_groups(mapped, set_aside(rejected))?;
    let text = match shape.format {
        SourceFormat::Csv => csv(mapped, &rows, shape.delimiter),
        SourceFormat::JsonLines => rows.values().map(json_line).collect(),
    };
    let bytes = match mapped.shape.encoding {
        Encoding::Utf8 => text.into_bytes(),
        Encoding::Utf16 => Utf16::LittleEndian.encoded(&text),
        Encoding::Latin1 => text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect(),
    };
    Ok(RejectedRows { bytes, count })
}

fn set_aside(rejected: &[Rejected]) -> SetAsideRows {
    let mut rows = SetAsideRows::new();
    for one in rejected {
        let texts = rows_of(&one.line);
        let Some(first) = texts.first().map(|row| (row.source, row.line)) else { continue };
        for row in &texts {
            let new = || SetAsideRow { text: row.text.to_owned(), problems: Vec::new() };
            rows.entry((row.source, row.line)).or_insert_with(new);
        }
        for problem in refusals(&one.refusals) {
            let line = problem.place.as_ref().and_then(|place| u32::try_from(place.line).ok());
            let at = line.and_then(|line| row_with(&texts, line)).unwrap_or(first);
            let told = format!("{}: {}", problem.code, problem.message);
            let row = rows.get_mut(&at).expect("a row that was put in");
            if !row.problems.contains(&told) {
                row.problems.push(told);
            }
        }
    }
    rows
}

/// The row that has a line; a row may have several.
fn row_with(rows: &[RowText<'_>], line: u32) -> Option<(u32, u32)> {
    rows.iter().rfind(|row| row.line <= line).map(|row| (row.source, row.line))
}

/// A sum is right only with all rows of its group: whoever mends a row records the others again with it, and what is recorded
/// already is known.
fn with_their_groups(mapped: &Mapped, mut rows: SetAsideRows) -> io::Result<(SetAsideRows, SetAside)> {
    let groups = &mapped.batch.groups;
    let mut groups_of: HashMap<(u32, u32), Vec<usize>> = HashMap::new();
    for (index, group) in groups.iter().enumerate().filter(|_| !rows.is_empty()) {
        for line in &group.lines {
            groups_of.entry((group.source, *line)).or_default().push(index);
        }
    }
    let mut is_taken = vec![false; groups.len()];
    let mut open: Vec<(u32, u32)> = rows.keys().copied().collect();
    while let Some(at) = open.pop() {
        for index in groups_of.get(&at).into_iter().flatten() {
            if std::mem::replace(&mut is_taken[*index], true) {
                continue;
            }
            let pieces = mapped.batch.shelf.texts(groups[*index].all)?.concat();
            for row in rows_of(&pieces) {
                rows.entry((row.source, row.line)).or_insert_with(|| {
                    open.push((row.source, row.line));
                    SetAsideRow { text: row.text.to_owned(), problems: Vec::new() }
                });
            }
        }
    }
    let mut count = SetAside { wrong: rows.len(), of_groups: 0 };
    for row in rows.values_mut().filter(|row| row.problems.is_empty()) {
        row.problems.push("no problem: the row is in one group with a row that has one".to_owned());
        count.of_groups += 1;
    }
    count.wrong -= count.of_groups;
    Ok((rows, count))
}

// CSV ------------------------------------------------------------------------------------------------------------------

/// The columns of all sources, and the one that says what is wrong.
fn csv(mapped: &Mapped, rows: &SetAsideRows, delimiter: u8) -> String {
    let shape = &mapped.shape;
    let is_numbered = matches!(shape.header, Header::Numbered);
    let mut names: Vec<&str> = Vec::new();
    for name in mapped.frames.iter().flat_map(|frame| &frame.names) {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    if is_numbered || !names.contains(&PROBLEM) {
        names.push(PROBLEM);
    }
    let writer = CsvRow { delimiter: char::from(delimiter), quote: shape.quote.map(char::from) };
    let mut out = String::new();
    if let Header::Line(line) = shape.header {
        out.push_str(&writer.row([FILLER].into_iter()).repeat(line - 1));
    }
    if !is_numbered {
        out.push_str(&writer.row(names.iter().copied()));
    }
    let mut spoiled = String::new();
    for ((source, _), row) in rows {
        let frame = &mapped.frames[*source as usize];
        match cells(row, frame) {
            Some(cells) => {
                let problems = row.problems.join("; ");
                let cell = |name: &&str| match frame.names.iter().position(|of_source| of_source == name) {
                    _ if *name == PROBLEM => problems.clone(),
                    Some(place) => cells.get(place).cloned().unwrap_or_default(),
                    None => String::new(),
                };
                let cells: Vec<String> = names.iter().map(cell).collect();
                out.push_str(&writer.row(cells.iter().map(String::as_str)));
            }
            // What is no row of cells is at the end, as it came: a quote that is not closed would take others with it.
            None => spoiled.extend([row.text.as_str(), "\n"]),
        }
    }
    out + &spoiled + &writer.row([FILLER].into_iter()).repeat(shape.skip_last)
}

/// The cells of a row; none where it cannot be split into cells, or has more than there are columns.
fn cells(row: &SetAsideRow, frame: &SourceFrame) -> Option<Vec<String>> {
    let mut csv = Csv::new(&row.text, frame.delimiter, frame.quote);
    csv.next_row()?.ok()?;
    let cells: Vec<String> = csv.cells().iter().map(|cell| csv.text(*cell).into_owned()).collect();
    let is_whole = csv.is_at_end() && cells.iter().skip(frame.names.len()).all(String::is_empty);
    is_whole.then_some(cells)
}

struct CsvRow {
    delimiter: char,
    quote: Option<char>,
}

impl CsvRow {
    fn row<'c>(&self, cells: impl Iterator<Item = &'c str>) -> String {
        let cells: Vec<String> = cells.map(|cell| self.cell(cell)).collect();
        cells.join(&self.delimiter.to_string()) + "\n"
    }

    fn cell(&self, text: &str) -> String {
        let is_special = |c: char| c == self.delimiter || Some(c) == self.quote || matches!(c, '\n' | '\r');
        match self.quote {
            _ if !text.contains(is_special) => text.to_owned(),
            Some(quote) => {
                let doubled = text.replace(quote, &quote.to_string().repeat(2));
                format!("{quote}{doubled}{quote}")
            }
            None => text.replace(is_special, " "),
        }
    }
}

// JSON Lines -----------------------------------------------------------------------------------------------------------

/// The members of the line, and the one that says what is wrong. A line that is no object stays as it came.
fn json_line(row: &SetAsideRow) -> String {
    let Ok(node) = json::read(&row.text) else { return format!("{}\n", row.text) };
    let JsonValue::Object(members) = &node.value else { return format!("{}\n", row.text) };
    let mut out = String::from("{");
    for member in members.iter().filter(|member| member.name != PROBLEM) {
        quote(&member.name, &mut out);
        out.push(':');
        out.push_str(&row.text[member.node.start..member.node.end]);
        out.push(',');
    }
    quote(PROBLEM, &mut out);
    out.push(':');
    quote(&row.problems.join("; "), &mut out);
    out.push_str("}\n");
    out
}
