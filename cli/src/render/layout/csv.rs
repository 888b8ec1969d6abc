//! CSV (RFC 4180): comma, double quotes where they are needed, CRLF never; every program reads plain line ends.

use std::borrow::Cow;
use std::io::{self, Write};

use crate::terminal::inert::shown;

/// For whom cells are written.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Cells {
    /// For people: no cell is a formula of a spreadsheet, and what nobody sees is shown.
    Safe,
    /// For programs (`--raw`): cells are what they are.
    Raw,
}

/// What a spreadsheet takes for the beginning of a formula, full-width forms too.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];

pub fn row<C: AsRef<str>>(out: &mut impl Write, cells: &[C], how: Cells) -> io::Result<()> {
    separated(out, cells, (',', how))
}

/// A row whose cells are separated by this character.
pub fn separated<C: AsRef<str>>(out: &mut impl Write, cells: &[C], (delimiter, how): (char, Cells)) -> io::Result<()> {
    let cell = |cell: &C| match how {
        Cells::Safe => quoted(&guarded(&shown(cell.as_ref())), delimiter),
        Cells::Raw => quoted(cell.as_ref(), delimiter),
    };
    let cells: Vec<String> = cells.iter().map(cell).collect();
    writeln!(out, "{}", cells.join(delimiter.encode_utf8(&mut [0; 4])))
}

fn quoted(cell: &str, delimiter: char) -> String {
    let needs = cell.contains([delimiter, '"', '\n', '\r']) || cell.starts_with(' ') || cell.ends_with(' ');
    if needs { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
}

/// The cell with an apostrophe before it, if a spreadsheet could take it for a formula. Decimals stay numbers.
fn guarded(cell: &str) -> Cow<'_, str> {
    if needs_guard(cell) { Cow::Owned(format!("'{cell}")) } else { Cow::Borrowed(cell) }
}

/// What stood in the cell before it was guarded.
pub fn unguarded(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| needs_guard(rest)).unwrap_or(cell)
}

/// Apostrophes before it count as blanks, so that what was guarded can be told from what began with an apostrophe.
fn needs_guard(cell: &str) -> bool {
    let begins = cell.trim_start_matches(|c: char| c.is_whitespace() || c == '\'');
    begins.starts_with(FORMULA) && !is_decimal(cell)
}

fn is_decimal(cell: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = cell.strip_prefix('-').unwrap_or(cell);
    match number.split_once(['.', ',']) {
        Some((whole, decimals)) => digits(whole) && digits(decimals),
        None => digits(number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(cells: &[&str], how: Cells) -> String {
        let mut out = Vec::new();
        row(&mut out, cells, how).expect("into memory");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn cells_that_need_quotes_have_them() {
        let cells = ["a", "b,c", "d\"e", "two\nlines", ""];
        assert_eq!(written(&cells, Cells::Raw), "a,\"b,c\",\"d\"\"e\",\"two\nlines\",\n");
        assert_eq!(written(&cells, Cells::Safe), "a,\"b,c\",\"d\"\"e\",two\\nlines,\n");
    }

    #[test]
    fn no_cell_is_a_formula() {
        for (cell, safe) in [
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1-1", "'-1-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("  =x", "'  =x"),
            ("'=x", "''=x"),
            ("\t=x", "\\t=x"),
            ("\r=x", "\\r=x"),
            ("\u{ff1d}x", "'\u{ff1d}x"),
            ("\u{a0}@x", "'\u{a0}@x"),
            ("-", "'-"),
            ("-12.00", "-12.00"),
            ("-12", "-12"),
            ("2027-01-31", "2027-01-31"),
            ("'x", "'x"),
        ] {
            assert_eq!(written(&[cell], Cells::Safe), format!("{safe}\n"), "{cell:?}");
        }
        assert_eq!(written(&["=1+1", "\u{1b}", "'=x"], Cells::Raw), "=1+1,\u{1b},'=x\n");
    }

    proptest! {
        #[test]
        fn what_was_guarded_comes_back(cell in "[ '=+@\u{ff1d}0-9.a-]{0,6}") {
            let safe = guarded(&cell).into_owned();
            prop_assert_eq!(unguarded(&safe), cell.as_str());
            let begins = safe.trim_start();
            prop_assert!(!begins.starts_with(FORMULA) || is_decimal(&safe), "{:?}", safe);
        }
    }
}
