//! Aligned columns for people.

use std::io::{self, Write};

use crate::terminal::inert::{shown, width};
use crate::terminal::screen::Screen;
use crate::terminal::wrap;

/// Blanks between two columns.
const GAP: usize = 2;
/// By how much columns are indented that go on below the others.
const GOES_ON: usize = 4;
/// The fewest columns to which a text is broken beside other columns.
const TEXT_MIN: usize = 30;

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

    /// Writes the rows. Where they are too wide for the screen, texts are broken within their columns, and columns that do not fit
    /// beside the others go on a line below, indented.
    pub fn write(&self, out: &mut Screen<impl Write>) -> io::Result<()> {
        let widest = |column: usize| self.rows.iter().map(|row| width(&row[column])).max().unwrap_or(0);
        let widths: Vec<usize> = (0..self.columns.len()).map(widest).collect();
        let room = out.columns().map_or(usize::MAX, |columns| columns.saturating_sub(self.indent));
        let groups = self.groups(&widths, room);
        for row in &self.rows {
            for (number, group) in groups.iter().enumerate() {
                let indent = self.indent + if number == 0 { 0 } else { GOES_ON };
                self.write_part(row, group, indent, out)?;
            }
        }
        Ok(())
    }

    /// The columns that are beside each other, each with its width. Empty columns are left out.
    fn groups(&self, widths: &[usize], room: usize) -> Vec<Vec<(usize, usize)>> {
        let used: Vec<usize> = (0..widths.len()).filter(|column| widths[*column] > 0).collect();
        let least = |column: usize| match self.columns[column] {
            Align::Left => widths[column].min(TEXT_MIN),
            Align::Right => widths[column],
        };
        let sum = |columns: &[usize], of: &dyn Fn(usize) -> usize| {
            columns.iter().map(|column| of(*column)).sum::<usize>() + GAP * columns.len().saturating_sub(1)
        };
        let mut groups: Vec<Vec<usize>> = vec![Vec::new()];
        for column in used {
            let room = if groups.len() == 1 { room } else { room.saturating_sub(GOES_ON) };
            let last = groups.last_mut().expect("there is a group");
            let is_full = !last.is_empty() && sum(last, &least) + GAP + least(column) > room;
            if is_full { groups.push(vec![column]) } else { last.push(column) }
        }
        let sized = |(number, group): (usize, Vec<usize>)| {
            let mut spare =
                if number == 0 { room } else { room.saturating_sub(GOES_ON) }.saturating_sub(sum(&group, &least));
            // What is left goes to texts from the first on.
            let size = |column: usize| {
                let more = (widths[column] - least(column)).min(spare);
                spare -= more;
                (column, least(column) + more)
            };
            group.into_iter().map(size).collect()
        };
        groups.into_iter().enumerate().map(sized).collect()
    }

    /// One row of columns that are beside each other, on as many lines as its longest text needs.
    fn write_part(
        &self,
        row: &[String],
        group: &[(usize, usize)],
        indent: usize,
        out: &mut Screen<impl Write>,
    ) -> io::Result<()> {
        let cells: Vec<Vec<String>> = group.iter().map(|(column, size)| wrap::cell(&row[*column], *size)).collect();
        let is_empty = cells.iter().flatten().all(String::is_empty);
        if is_empty && indent > self.indent {
            return Ok(());
        }
        for line in 0..cells.iter().map(Vec::len).max().unwrap_or(0) {
            let cells = group.iter().zip(&cells).map(|((column, size), cell)| {
                padded(cell.get(line).map_or("", String::as_str), self.columns[*column], *size)
            });
            let text = format!("{}{}", " ".repeat(indent), cells.collect::<Vec<_>>().join(&" ".repeat(GAP)));
            writeln!(out, "{}", text.trim_end())?;
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

    fn written_to(table: &Table, columns: usize) -> String {
        let mut out = Screen::over_columns(Vec::new(), columns);
        table.write(&mut out).expect("into memory");
        String::from_utf8(out.into_inner()).expect("text")
    }

    #[test]
    fn a_text_is_broken_within_its_column() {
        let mut table = Table::new(&[Align::Right, Align::Left]).indented(2);
        table.row(["1,000.00", "day-90 of B-1 of Acme, if burn 90 days >= 25% (24.99%: not met)"]);
        table.row(["1.00", "short"]);
        let text = "  1,000.00  day-90 of B-1 of Acme, if burn\n            90 days >= 25% (24.99%: not\n            met)\n      1.00  short\n";
        assert_eq!(written_to(&table, 42), text);
    }

    #[test]
    fn columns_that_do_not_fit_go_on_below() {
        let mut table = Table::new(&[Align::Left, Align::Right, Align::Right, Align::Right]);
        table.row(["payee", "gross", "clawback recovered", "to pay"]);
        table.row(["ana", "1,000.00", "-100.00", "900.00"]);
        let text = "payee     gross  clawback recovered\n    to pay\nana    1,000.00             -100.00\n    900.00\n";
        assert_eq!(written_to(&table, 40), text);
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
