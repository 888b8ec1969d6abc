//! A row of a source: its text, the cells that a mapping names, and where each of them is.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::ops::ControlFlow;

use ledger::finding::TextLocation;
use replay::refusal::rows::RowRefusal;

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
    pub kind: CellKind,
    pub at: CellRange,
}

/// What the source says that a cell is.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum CellKind {
    Text,
    /// A number of JSON.
    Number,
    /// A number of a spreadsheet with more digits than a spreadsheet keeps.
    RoundedNumber,
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

/// The last rows, which are passed over: their lines and their texts.
#[derive(Default)]
pub struct LastRows {
    pub(super) delimiter: u8,
    pub(super) rows: VecDeque<(usize, String)>,
}

/// Takes a row; whether more are wanted.
pub type Each<'e> = dyn FnMut(Result<&Row<'_>, BadRow<'_>>) -> ControlFlow<()> + 'e;

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

/// A file's name without what says that it is packed.
pub(super) fn plain_name(name: &str) -> &str {
    let stripped = [".gz", ".xz"].iter().find_map(|end| name.strip_suffix(end));
    stripped.unwrap_or(name)
}
