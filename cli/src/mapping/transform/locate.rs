//! From what is wrong with a fact back to the cell that it comes from.

use ledger::finding::{FieldPath, TextLocation};
use ledger::json::span_of;
use replay::record::RowPlace;

use crate::mapping::rules::Column;
use crate::mapping::source::row::{CellRange, SourceName};
use crate::mapping::transform::fact::{MappedFact, ValueCell};

/// The cell that a field of the fact was made of; the row, where no cell is known. `json` is a place in the fact's JSON
/// that says it better than the path.
pub fn place(
    fact: &MappedFact,
    path: &FieldPath,
    json: Option<&TextLocation>,
    names: &[SourceName],
    columns: &[Column],
) -> RowPlace {
    let cell = match json {
        Some(json) => cell_at(fact, json),
        None => cell_of(fact, path),
    };
    let (text, at) = match cell {
        Some(cell) => (fact.text_of(cell.row), cell.at),
        None => (&*fact.text, fact.row().at()),
    };
    RowPlace {
        location: names[fact.source as usize].location(text, first_line(text, at)),
        column: cell.map(|cell| columns[cell.slot as usize].name.clone()),
        more_rows: fact.more,
    }
}

/// The cell of the value at a place in the fact's JSON, or of the first one behind it.
fn cell_at<'f>(fact: &'f MappedFact, json: &TextLocation) -> Option<&'f ValueCell> {
    let byte = fact.json.char_indices().nth(json.column - 1).map_or(fact.json.len(), |(byte, _)| byte) as u32;
    fact.cells.iter().find(|cell| byte < cell.end)
}

/// The first cell that the value at a path was made of. The whole fact is no cell.
fn cell_of<'f>(fact: &'f MappedFact, path: &FieldPath) -> Option<&'f ValueCell> {
    if path.is_root() {
        return None;
    }
    let span = span_of(&fact.json, path)?;
    let is_inside = |cell: &&ValueCell| span.start <= cell.start as usize && cell.end as usize <= span.end;
    fact.cells.iter().find(is_inside)
}

/// A row of several lines is underlined on its first.
fn first_line(row: &str, at: CellRange) -> CellRange {
    let text = &row[at.start as usize..at.end as usize];
    let length = text.find(['\n', '\r']).unwrap_or(text.len());
    CellRange { end: at.start + length as u32, ..at }
}
