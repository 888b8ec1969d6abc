//! CSV (RFC 4180): comma, double quotes where they are needed, CRLF never; every program reads plain line ends.

use std::io::{self, Write};

/// One row. A cell that a spreadsheet would take for a formula is quoted like any other: data is not changed.
pub fn row<C: AsRef<str>>(out: &mut impl Write, cells: &[C]) -> io::Result<()> {
    let cells: Vec<String> = cells.iter().map(|cell| quoted(cell.as_ref())).collect();
    writeln!(out, "{}", cells.join(","))
}

fn quoted(cell: &str) -> String {
    let needs = cell.contains([',', '"', '\n', '\r']) || cell.starts_with(' ') || cell.ends_with(' ');
    if needs { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_that_need_quotes_have_them() {
        let mut out = Vec::new();
        row(&mut out, &["a", "b,c", "d\"e", "two\nlines", ""]).expect("into memory");
        assert_eq!(String::from_utf8(out).expect("text"), "a,\"b,c\",\"d\"\"e\",\"two\nlines\",\n");
    }
}
