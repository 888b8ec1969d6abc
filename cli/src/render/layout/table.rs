//! Aligned columns for people.

use std::io::{self, Write};

use crate::terminal::inert::{shown, width};
use crate::terminal::screen::Screen;

/// By how much a table is indented below its title, in columns.
pub const INDENT: usize = 2;

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
        let cells: Vec<String> = cells.into_iter().map(|cell| shown(&cell.into()).into_owned()).collect();
        assert_eq!(cells.len(), self.columns.len(), "BUG: a table row of another width");
        self.rows.push(cells);
    }

    pub fn write(&self, out: &mut Screen<impl Write>) -> io::Result<()> {
        let widest = |column: usize| self.rows.iter().map(|row| width(&row[column])).max().unwrap_or(0);
        let widths: Vec<usize> = (0..self.columns.len()).map(widest).collect();
        for row in &self.rows {
            let cells = row.iter().zip(&self.columns).zip(&widths).filter(|(_, width)| **width > 0);
            let cells: Vec<String> = cells.map(|((cell, align), width)| padded(cell, *align, *width)).collect();
            let line = format!("{}{}", " ".repeat(self.indent), cells.join("  "));
            writeln!(out, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

/// The shown cell, as wide as its column. Letters of East Asia take two columns, combining marks none.
pub fn padded(cell: &str, align: Align, columns: usize) -> String {
    let blanks = " ".repeat(columns.saturating_sub(width(cell)));
    match align {
        Align::Left => format!("{cell}{blanks}"),
        Align::Right => format!("{blanks}{cell}"),
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
        assert_eq!(written(&table), "  a      1.00\n  long  10.00\n");
    }

    fn written(table: &Table) -> String {
        let mut out = Screen::over(Vec::new());
        table.write(&mut out).expect("into memory");
        String::from_utf8(out.into_inner()).expect("text")
    }

    #[test]
    fn no_cell_moves_another() {
        let mut table = Table::new(&[Align::Left, Align::Right]);
        for cell in ["東京", "Zoe\u{308}", "a\nb", "\u{202e}x"] {
            table.row([cell, "1.00"]);
        }
        let text = written(&table);
        assert_eq!(text, "東京       1.00\nZoe\u{308}        1.00\na\\nb       1.00\n\\u{202e}x  1.00\n", "{text}");
    }
}
