//! Rows that are put by until it is known whether they are set aside: of each its source, its line and its text.

use crate::mapping::source::row::RowText;

/// A row as one piece of text, to which others can be added.
pub fn kept(row: RowText<'_>) -> String {
    format!("{} {} {}\n{}", row.source, row.line, row.text.len(), row.text)
}

/// The rows that were put by, in their order.
pub fn rows_of(mut pieces: &str) -> Vec<RowText<'_>> {
    let mut rows = Vec::new();
    while let Some((row, rest)) = first(pieces) {
        rows.push(row);
        pieces = rest;
    }
    rows
}

fn first(pieces: &str) -> Option<(RowText<'_>, &str)> {
    let (head, rest) = pieces.split_once('\n')?;
    let [source, line, length] = head.split(' ').collect::<Vec<_>>()[..] else { return None };
    let (text, rest) = rest.split_at_checked(length.parse().ok()?)?;
    Some((RowText { source: source.parse().ok()?, line: line.parse().ok()?, text }, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back_as_they_were() {
        let rows = [("a,\"b\nc\"", 7), ("", 8), ("0 1 2\né", 9)];
        let pieces: String = rows.iter().map(|(text, line)| kept(RowText { source: 1, text, line: *line })).collect();
        let found: Vec<(&str, u32)> = rows_of(&pieces).iter().map(|row| (row.text, row.line)).collect();
        assert_eq!(found, rows);
        assert!(rows_of("").is_empty());
    }
}
