//! From what is wrong with a fact back to the cell that it comes from.

use ledger::finding::TextLocation;
use ledger::problem::Problem;

use crate::mapping::fact::{MappedFact, ValueCell};
use crate::mapping::rows::{At, SourceName};
use crate::mapping::rules::Column;

/// The problem at the cell that it is about; at the row, where none of its cells is.
pub fn place(fact: &MappedFact, mut problem: Problem, names: &[SourceName], columns: &[Column]) -> Problem {
    let cell = match problem.place.take() {
        Some(place) => cell_at(fact, &place),
        None => cell_named(fact, &problem.message),
    };
    let at = cell.map_or(fact.row().at(), |cell| cell.at);
    if let Some(cell) = cell {
        problem.message = format!("{}, in column `{}`", problem.message, columns[cell.slot as usize].name);
    }
    if fact.more > 0 {
        problem.message = format!("{} (of this row and {} more)", problem.message, fact.more);
    }
    names[fact.source as usize].place(problem, &fact.text, first_line(&fact.text, at))
}

/// The cell of the value at a place in the fact's JSON, or of the first one behind it.
fn cell_at<'f>(fact: &'f MappedFact, place: &TextLocation) -> Option<&'f ValueCell> {
    let byte = fact.json.char_indices().nth(place.column - 1).map_or(fact.json.len(), |(byte, _)| byte) as u32;
    fact.cells.iter().find(|cell| byte < cell.end)
}

/// Messages name the thing in backticks, or a key that it stands in.
fn cell_named<'f>(fact: &'f MappedFact, message: &str) -> Option<&'f ValueCell> {
    let cell = |name: &str| {
        fact.cells.iter().find(|cell| fact.json[cell.start as usize..cell.end as usize].trim_matches('"') == name)
    };
    let mut names = message.split('`').skip(1).step_by(2);
    names.find_map(|name| cell(name).or_else(|| name.split([':', '/', '@']).find_map(cell)))
}

/// A row of several lines is underlined on its first.
fn first_line(row: &str, at: At) -> At {
    let text = &row[at.start as usize..at.end as usize];
    let length = text.find(['\n', '\r']).unwrap_or(text.len());
    At { end: at.start + length as u32, ..at }
}
