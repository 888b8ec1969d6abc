//! What a mapping passes over in a file of CSV: the lines above the header, and the last rows.

use serde::Serialize;

/// What is written for lines that the mapping passes over, in a file of rows that are set aside.
pub const FILLER: &str = "(passed over)";

/// Whether a row is such a line. A spreadsheet that wrote the file again may have added empty cells.
pub fn is_filler(row: &str) -> bool {
    row.starts_with(FILLER)
}

/// Lines or rows of one file that no fact is made of because of where they are.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct PassedOver {
    pub file: String,
    pub part: FilePart,
    /// How many: lines above the header, rows at the end.
    pub rows: u64,
    /// The lines on which the first and the last of them begin.
    pub from_line: u64,
    pub to_line: u64,
}

#[derive(Copy, Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FilePart {
    AboveHeader,
    End,
}

impl PassedOver {
    /// `2 rows at the end of `rows.csv` passed over by `skip-last`: lines 3 to 4`.
    pub fn sentence(&self) -> String {
        let PassedOver { file, part, rows, from_line, to_line } = self;
        let of = |thing: &str| if *rows == 1 { format!("1 {thing}") } else { format!("{rows} {thing}s") };
        let what = match part {
            FilePart::AboveHeader => format!("{} above the header of `{file}` passed over", of("line")),
            FilePart::End => format!("{} at the end of `{file}` passed over by `skip-last`", of("row")),
        };
        if from_line == to_line {
            format!("{what}: line {from_line}")
        } else {
            format!("{what}: lines {from_line} to {to_line}")
        }
    }
}
