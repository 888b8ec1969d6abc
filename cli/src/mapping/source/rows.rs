//! The rows of a source, CSV or JSON Lines: the cells that a mapping names, and where each of them is. A part of the
//! source is in memory at a time.

use std::cell::OnceCell;
use std::io::{self, Cursor, Read};

use replay::record::Source;

use crate::failure::refused_reading;
use crate::input::limits::Limits;
use crate::mapping::refusal::SourceRefusal;
use crate::mapping::rules::{Column, Encoding, SourceFormat, SourceShape};
use crate::mapping::source::decompress::{Text, unpacked};
use crate::mapping::source::row::{Each, LastRows, SourceName, plain_name};
use crate::mapping::source::spreadsheet::{self, Sheet, SheetShape, is_spreadsheet};
use crate::mapping::source::unseen::Unseen;
use crate::wording::mapping::source_refused;
use crate::wording::problem::Problem;

/// A file, and how its rows are written.
pub struct SourceRows<'s> {
    pub(super) file: Source<'s>,
    pub name: SourceName,
    pub(super) shape: SourceShape,
    pub(super) format: SourceFormat,
    pub(super) delimiter: u8,
    pub(super) limits: Limits,
    /// The names of the columns, once they were checked; none where the file is empty.
    pub(super) names: Vec<String>,
    /// The line of the header, if it is not that of the first row.
    pub(super) header_line: Option<usize>,
    /// The rows of a spreadsheet, once they were read.
    pub(super) sheet: OnceCell<Sheet>,
}

/// What the rows of a source look like.
#[derive(Clone, Debug)]
pub struct SourceFrame {
    pub format: SourceFormat,
    pub delimiter: u8,
    pub quote: Option<u8>,
    /// Of its columns, if it is CSV.
    pub names: Vec<String>,
}

/// What is known of a source when its rows were read.
pub struct RowsEnd<'c> {
    /// The columns that no row had, as far as rows tell.
    pub unseen: Unseen<'c>,
    /// The last rows, which are passed over.
    pub last: LastRows,
}

/// The format and the delimiter of a file: as the mapping says, or by the file's name.
pub fn written_as(name: &str, shape: &SourceShape) -> (SourceFormat, u8) {
    let plain = plain_name(name).to_ascii_lowercase();
    let ends = |ends: &[&str]| ends.iter().any(|end| plain.ends_with(end));
    let by_name = if ends(&[".jsonl", ".ndjson"]) { SourceFormat::JsonLines } else { SourceFormat::Csv };
    let delimiter = shape.delimiter.unwrap_or(if ends(&[".tsv", ".tab"]) { b'\t' } else { b',' });
    (shape.format.unwrap_or(by_name), delimiter)
}

/// Enough to see what a file is.
const HEAD_BYTES: u64 = 8;

impl<'s> SourceRows<'s> {
    pub fn new(file: Source<'s>, shape: &SourceShape, limits: &Limits) -> SourceRows<'s> {
        let (format, delimiter) = written_as(&file.name, shape);
        let name = SourceName { name: file.name.clone() };
        let (shape, limits) = (shape.clone(), *limits);
        SourceRows {
            file,
            name,
            shape,
            format,
            delimiter,
            limits,
            names: Vec::new(),
            header_line: None,
            sheet: OnceCell::new(),
        }
    }

    /// What its rows look like.
    pub fn frame(&self) -> SourceFrame {
        let delimiter = if self.is_sheet() { spreadsheet::DELIMITER } else { self.delimiter };
        SourceFrame { format: self.format, delimiter, quote: self.quote(), names: self.names.clone() }
    }

    pub(super) fn text(&self) -> io::Result<Text<'_>> {
        if let Some(sheet) = self.sheet.get() {
            return Ok(Text::new(&self.name.name, Box::new(sheet.text.as_bytes()), Encoding::Utf8));
        }
        let mut from = unpacked(&self.name.name, (self.file.open)()?, &self.limits)?;
        let mut head = Vec::new();
        (&mut from).take(HEAD_BYTES).read_to_end(&mut head)?;
        let is_spreadsheet = self.format == SourceFormat::Csv && is_spreadsheet(&head);
        let from = Cursor::new(head).chain(from);
        if is_spreadsheet {
            let (source, sheet) = (self.name.name.as_str(), self.shape.sheet.as_deref());
            let rows = spreadsheet::sheet(from, &SheetShape { source, sheet, decimal: self.shape.numbers.decimal })?;
            let rows = self.sheet.get_or_init(|| rows);
            return Ok(Text::new(source, Box::new(rows.text.as_bytes()), Encoding::Utf8));
        }
        Ok(Text::new(&self.name.name, Box::new(from), self.shape.encoding))
    }

    /// Whether it is a spreadsheet, which is known when its text was asked for.
    pub(super) fn is_sheet(&self) -> bool {
        self.sheet.get().is_some()
    }

    pub(super) fn quote(&self) -> Option<u8> {
        if self.is_sheet() { Some(spreadsheet::QUOTE) } else { self.shape.quote }
    }

    /// Every row that is not passed over, in order, with the cells of these columns.
    pub fn each_row<'c>(&self, index: u32, columns: &'c [Column], each: &mut Each<'_>) -> io::Result<RowsEnd<'c>> {
        Ok(match self.format {
            SourceFormat::Csv => RowsEnd { unseen: Unseen::default(), last: self.each_csv(index, columns, each)? },
            SourceFormat::JsonLines => {
                RowsEnd { unseen: self.each_json(index, columns, each)?, last: LastRows::default() }
            }
        })
    }

    /// A source has as many rows as may be, and none is longer than it may be.
    pub(super) fn check_row(&self, rows: u64, line: usize, text: &str) -> io::Result<()> {
        if text.len() > self.limits.row_bytes {
            return Err(refused_reading(self.long(line, text)));
        }
        // Lines are numbered in 32 bits.
        if rows > self.limits.rows || u32::try_from(line).is_err() {
            let refusal = SourceRefusal::TooManyRows { source: self.name.name.clone(), most: self.limits.rows };
            return Err(refused_reading(source_refused(&refusal).into()));
        }
        Ok(())
    }

    pub(super) fn long(&self, line: usize, text: &str) -> Problem {
        let shown: String = text.lines().next().unwrap_or_default().chars().take(SHOWN_CHARS).collect();
        let refusal = SourceRefusal::RowTooLong { most: self.limits.row_bytes };
        Problem::from(source_refused(&refusal)).at(&self.name.name, line, &shown, 0, 1)
    }
}

pub(super) const LINE_END: [char; 2] = ['\n', '\r'];
/// As much is shown of a row that is too long.
const SHOWN_CHARS: usize = 200;

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use super::*;
    use crate::failure::refusal;
    use crate::mapping::refusal::MappingReport;
    use crate::mapping::rules::Header;
    use crate::mapping::source::row::{BadRow, Row};
    use crate::wording::mapping::row_refused;
    use plans::read::report::Spot;

    fn columns(names: &[&str]) -> Vec<Column> {
        names.iter().map(|name| Column { name: (*name).to_owned(), spot: Spot::default() }).collect()
    }

    fn source<'s>(name: &str, text: &'s str, shape: &SourceShape, limits: &Limits) -> SourceRows<'s> {
        let file = Source { name: name.to_owned(), open: Box::new(|| Ok(Box::new(text.as_bytes()))) };
        SourceRows::new(file, shape, limits)
    }

    fn read(name: &str, text: &str, names: &[&str], shape: &SourceShape) -> Vec<String> {
        read_within(name, text, names, shape, &Limits::default()).expect("rows")
    }

    fn read_within(
        name: &str,
        text: &str,
        names: &[&str],
        shape: &SourceShape,
        limits: &Limits,
    ) -> Result<Vec<String>, Problem> {
        let mut source = source(name, text, shape, limits);
        let columns = columns(names);
        let mut rows = Vec::new();
        let mut each = |row: Result<&Row<'_>, BadRow<'_>>| {
            rows.push(match row {
                Ok(row) => row
                    .cells
                    .iter()
                    .map(|cell| if cell.is_null { "-".to_owned() } else { format!("{}:{}", cell.at.line, cell.text) })
                    .collect::<Vec<_>>()
                    .join("|"),
                Err(BadRow { whole, at, refusal }) => {
                    let place = SourceName { name: name.to_owned() }.location(whole.text, at);
                    Problem { place: Some(Box::new(place)), ..Problem::from(row_refused(&refusal)) }.to_string()
                }
            });
            ControlFlow::Continue(())
        };
        let read = source
            .check_columns(&columns, &mut MappingReport::of(""))
            .and_then(|()| source.each_row(0, &columns, &mut each).map(drop));
        read.map(|()| rows).map_err(|error| refusal(&error).expect("a problem").clone())
    }

    /// What is refused at one more than may be: the code and the place.
    fn limit(name: &str, text: &str, limits: &Limits) -> Option<(&'static str, Option<usize>)> {
        let read = read_within(name, text, &["a"], &SourceShape::default(), limits);
        read.err().map(|problem| (problem.code, problem.place.map(|place| place.line)))
    }

    #[test]
    fn a_row_has_as_many_bytes_as_may_be_and_no_more() {
        let limits = Limits { row_bytes: 20, ..Limits::default() };
        for (length, refused) in [(20, None), (21, Some(("map-limit", Some(2))))] {
            for end in ["", "\n", "\r\n", "\n3,4\n"] {
                let row = format!("1,{}", "x".repeat(length - 2));
                assert_eq!(limit("a.csv", &format!("a,b\n{row}{end}"), &limits), refused, "{length} {end:?}");
            }
            let row = format!("{{\"a\": \"{}\"}}", "x".repeat(length - 9));
            assert_eq!(limit("a.jsonl", &format!("\n{row}\n"), &limits), refused, "{length}");
        }
        // A header, and a row of several lines.
        assert_eq!(limit("a.csv", &"a".repeat(21), &limits), Some(("map-limit", Some(1))));
        assert_eq!(limit("a.csv", "a,b\n1,\"2\n2\n2\n2\n2\n2\n2\n2\n2\n2", &limits), Some(("map-limit", Some(2))));
    }

    #[test]
    fn a_source_has_as_many_rows_as_may_be_and_no_more() {
        let limits = Limits { rows: 3, ..Limits::default() };
        assert_eq!(limit("a.csv", "a\n1\n2\n", &limits), None);
        assert_eq!(limit("a.csv", "a\n1\n2\n3\n", &limits), Some(("map-limit", None)));
        assert_eq!(limit("a.jsonl", &"{\"a\": 1}\n".repeat(3), &limits), None);
        assert_eq!(limit("a.jsonl", &"{\"a\": 1}\n".repeat(4), &limits), Some(("map-limit", None)));
    }

    /// A part of the text is read at a time, and its end lies anywhere in a row.
    #[test]
    fn rows_are_the_same_wherever_the_text_is_parted() {
        let row = "1,\"a\"\"b\r\nc\" ,é\r\n";
        let rows = CHUNK / row.len() + 2;
        for skipped in 0..row.len() {
            let text = format!("{},b,c\n{}", "a".repeat(1 + skipped), row.repeat(rows));
            let found = read("a.csv", &text, &["b", "c"], &SourceShape::default());
            assert_eq!(found.len(), rows);
            let last = rows * 2;
            assert_eq!(found[rows - 1], format!("{last}:a\"b\r\nc|{}:é", last + 1));
            assert!(found.iter().all(|row| row.contains(":a\"b\r\nc|")), "{skipped}");
        }
    }

    const CHUNK: usize = 256 << 10;

    #[test]
    fn rows_have_the_cells_of_the_columns_that_are_named() {
        let shape = SourceShape::default();
        assert_eq!(read("a.csv", "a,b,c\n1,\"2\n2\",3\n,5,6\n", &["c", "a"], &shape), ["3:3|2:1", "4:6|-"]);
        assert_eq!(read("a.tsv.gz", "a\tb\n1\t2\n", &["b"], &shape), ["2:2"]);
        let numbered = SourceShape { header: Header::Numbered, ..shape };
        assert_eq!(read("a.csv", "x,y\n1,2\n", &["2"], &numbered), ["1:y", "2:2"]);
    }

    #[test]
    fn json_of_another_shape_is_read_by_the_names_on_the_way() {
        let text = r#"{"id": 1.50, "a": {"b": " x "}, "a.c": true, "l": [{"s": null}, "z"]}"#;
        let names = ["id", "a.b", "a.c", "l.0.s", "l.1", "none"];
        assert_eq!(read("a.jsonl", text, &names, &SourceShape::default()), ["1:1.50|1:x|1:true|-|1:z|-"]);
    }

    #[test]
    fn rows_that_cannot_be_read_say_where() {
        let shape = SourceShape::default();
        let of = |name, text| read(name, text, &["a"], &shape);
        assert_eq!(of("a.csv", "a,b\n1,2,3\n2,3\n")[1], "3:2");
        assert!(of("a.csv", "a,b\n1,2,3\n")[0].starts_with("a.csv:2:1: the row has 3 cells, not 2"));
        assert_eq!(of("a.csv", "a,b\n1\n2,3,,\n"), ["2:1", "3:2"]);
        assert!(of("a.csv", "a,b\n1,\"x\n")[0].starts_with("a.csv:2:3: the quote that begins here"));
        assert!(of("a.jsonl", "{\"a\": é}\n")[0].starts_with("a.jsonl:1:7: this is not JSON"));
        assert!(of("a.jsonl", "[1]\n")[0].starts_with("a.jsonl:1:1: the line is not an object"));
    }
}
