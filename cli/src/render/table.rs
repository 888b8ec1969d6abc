//! Aligned columns for people.

use std::io::{self, Write};

#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Align {
    Left,
    Right,
}

/// Rows of equally many cells; the last column is not padded.
#[derive(Debug)]
pub struct Table {
    columns: Vec<Align>,
    rows: Vec<Vec<String>>,
    indent: usize,
}

impl Table {
    pub fn new(columns: &[Align]) -> Table {
        Table { columns: columns.to_vec(), rows: Vec::new(), indent: 0 }
    }

    pub fn indented(self, indent: usize) -> Table {
        Table { indent, ..self }
    }

    pub fn row<C: Into<String>>(&mut self, cells: impl IntoIterator<Item = C>) {
        let cells: Vec<String> = cells.into_iter().map(Into::into).collect();
        assert_eq!(cells.len(), self.columns.len(), "BUG: a table row of another width");
        self.rows.push(cells);
    }

    pub fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let width = |column: usize| self.rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..self.columns.len()).map(width).collect();
        for row in &self.rows {
            let cells = row.iter().zip(&self.columns).zip(&widths).filter(|(_, width)| **width > 0);
            let cells: Vec<String> = cells.map(|((cell, align), width)| padded(cell, *align, *width)).collect();
            let line = format!("{}{}", " ".repeat(self.indent), cells.join("  "));
            writeln!(out, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

fn padded(cell: &str, align: Align, width: usize) -> String {
    match align {
        Align::Left => format!("{cell:<width$}"),
        Align::Right => format!("{cell:>width$}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_empty_ones_left_out() {
        let mut table = Table::new(&[Align::Left, Align::Left, Align::Right]).indented(2);
        table.row(["a", "", "1.00"]);
        table.row(["long", "", "10.00"]);
        let mut out = Vec::new();
        table.write(&mut out).expect("into memory");
        assert_eq!(String::from_utf8(out).expect("text"), "  a      1.00\n  long  10.00\n");
    }
}
