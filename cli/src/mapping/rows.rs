//! The rows of a source, CSV or JSON Lines: the cells that a mapping names, and where each of them stands.

use std::borrow::Cow;

use ledger::json::{self, Node, Value};
use ledger::problem::{Problem, nearest, one_of};
use plans::read::report::Report;

use crate::mapping::csv::{Csv, RowFault};
use crate::mapping::rules::{Column, Format, Header, SourceShape};
use crate::mapping::unpack;

/// A file, unpacked and decoded.
pub struct SourceText {
    /// As messages name it.
    pub name: String,
    pub text: String,
    format: Format,
    delimiter: u8,
}

/// Bytes of a source.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct At {
    /// The index of the source.
    pub source: u32,
    pub start: u32,
    pub end: u32,
    /// The line on which it begins.
    pub line: u32,
}

/// What a row has under a column.
#[derive(Clone, Debug)]
pub struct Cell<'s> {
    /// Without blanks around it.
    pub text: Cow<'s, str>,
    pub is_null: bool,
    /// An object or a list of JSON, which is no value.
    pub is_nested: bool,
    pub at: At,
}

pub struct Row<'s> {
    pub at: At,
    /// By slot.
    pub cells: Vec<Cell<'s>>,
}

/// A row that could not be read at all.
pub struct BadRow {
    /// All of it.
    pub row: At,
    /// What is wrong in it.
    pub at: At,
    pub problem: Problem,
}

/// At most so many columns of a header are listed.
const LISTED_MAX: usize = 20;

impl SourceText {
    pub fn new(name: String, bytes: Vec<u8>, shape: &SourceShape) -> Result<SourceText, Problem> {
        let plain = plain_name(&name).to_ascii_lowercase();
        let ends = |ends: &[&str]| ends.iter().any(|end| plain.ends_with(end));
        let by_name = if ends(&[".jsonl", ".ndjson"]) { Format::JsonLines } else { Format::Csv };
        let delimiter = shape.delimiter.unwrap_or(if ends(&[".tsv", ".tab"]) { b'\t' } else { b',' });
        let text = unpack::text(&name, bytes, shape.encoding)?;
        let text = match unpack::without_mark(&text).len() == text.len() {
            true => text,
            false => unpack::without_mark(&text).to_owned(),
        };
        Ok(SourceText { name, text, format: shape.format.unwrap_or(by_name), delimiter })
    }

    /// The file without its folder and without what says that it is packed: what facts carry as their source.
    pub fn short_name(&self) -> &str {
        let plain = plain_name(&self.name);
        plain.rsplit(['/', '\\']).next().unwrap_or(plain)
    }

    /// The problem at bytes of this text, with the line that they are on.
    pub fn place(&self, problem: Problem, at: At) -> Problem {
        let (start, end) = (at.start as usize, at.end as usize);
        let line_start = self.text[..start].rfind(['\n', '\r']).map_or(0, |end| end + 1);
        let line_end = self.text[start..].find(['\n', '\r']).map_or(self.text.len(), |length| start + length);
        let line = &self.text[line_start..line_end];
        problem.at(&self.name, at.line as usize, line, start - line_start, end - line_start)
    }

    pub fn slice(&self, at: At) -> &str {
        &self.text[at.start as usize..at.end as usize]
    }

    /// Whether the columns that the mapping names are there; a problem where the file does not tell.
    pub fn check_columns(
        &self,
        columns: &[Column],
        shape: &SourceShape,
        report: &mut Report<'_>,
    ) -> Result<(), Problem> {
        match self.format {
            Format::Csv => self.check_header(&self.header(shape)?, columns, report),
            Format::JsonLines => self.check_members(columns, report),
        }
        Ok(())
    }

    fn check_header(&self, names: &[String], columns: &[Column], report: &mut Report<'_>) {
        if let (Some(other), Some(column)) = (self.other_delimiter(names), columns.first()) {
            let written = if other == '\t' { "\\t".to_owned() } else { other.to_string() };
            let message = format!("`{}` is no column of `{}`, whose first row is all one cell", column.name, self.name);
            let help =
                format!("its cells seem to be parted by `{written}`: say `delimiter = \"{written}\"` in `[source]`");
            report.refuse(column.spot, "map-column", message, help);
            return;
        }
        for column in columns {
            let help = match names.iter().filter(|name| **name == column.name).count() {
                1 => continue,
                0 => match nearest(&column.name, names.iter().map(String::as_str)) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None if names.is_empty() => "the file is empty".to_owned(),
                    None => {
                        let more = if names.len() > LISTED_MAX { " and others" } else { "" };
                        format!("it has {}{more}", one_of(names.iter().take(LISTED_MAX).map(String::as_str)))
                    }
                },
                _ => {
                    let message = format!("`{}` heads several columns of `{}`", column.name, self.name);
                    let help =
                        "give one of them another name, or say `header = false` and name columns by their number";
                    report.refuse(column.spot, "map-column", message, help);
                    continue;
                }
            };
            let message = format!("`{}` is no column of `{}`", column.name, self.name);
            report.refuse(column.spot, "map-column", message, help);
        }
    }

    /// What seems to part the cells of a header that is a single one as it was read.
    fn other_delimiter(&self, names: &[String]) -> Option<char> {
        let [all] = names else { return None };
        let of = |sign: &char| all.matches(*sign).count();
        [',', ';', '\t', '|'].into_iter().filter(|sign| of(sign) > 0).max_by_key(of)
    }

    /// A member that no row has may be one that is left out today.
    fn check_members(&self, columns: &[Column], report: &mut Report<'_>) {
        let mut unseen: Vec<&Column> = columns.iter().collect();
        let mut names: Vec<String> = Vec::new();
        for line in self.text.lines() {
            if unseen.is_empty() {
                return;
            }
            let Ok(node) = json::read(line) else { continue };
            unseen.retain(|column| member(&node, &column.name).is_none());
            if let Value::Object(members) = &node.value
                && names.len() < LISTED_MAX
            {
                names.extend(
                    members
                        .iter()
                        .map(|member| member.name.to_string())
                        .filter(|name| !names.contains(name))
                        .collect::<Vec<_>>(),
                );
            }
        }
        for column in unseen {
            let help = match nearest(&column.name, names.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("rows have {}", one_of(names.iter().take(LISTED_MAX).map(String::as_str))),
            };
            let message = format!("no row of `{}` has `{}`", self.name, column.name);
            report.warn(column.spot, "map-column-unseen", message, help);
        }
    }

    fn csv(&self, shape: &SourceShape) -> Csv<'_> {
        Csv::new(&self.text, self.delimiter, shape.quote)
    }

    /// The names of the columns; none where the file is empty.
    fn header(&self, shape: &SourceShape) -> Result<Vec<String>, Problem> {
        let mut csv = self.csv(shape);
        match (csv.next_row(), shape.header) {
            (None, _) => Ok(Vec::new()),
            (Some(Err(fault)), _) => {
                let (problem, at) = self.fault(fault, 0);
                Err(self.place(problem, at))
            }
            (Some(Ok(())), Header::FirstRow) => {
                Ok(csv.cells().iter().map(|cell| csv.text(*cell).into_owned()).collect())
            }
            (Some(Ok(())), Header::Numbered) => Ok((1..=csv.cells().len()).map(|number| number.to_string()).collect()),
        }
    }

    /// What is wrong with a row that cannot be taken apart, and where.
    fn fault(&self, fault: RowFault, source: u32) -> (Problem, At) {
        let RowFault { at, line, message } = fault;
        let help = "double a quote that is meant as one, or say `quote = \"\"` in `[source]` if nothing is quoted";
        let width = self.text[at..].chars().next().map_or(0, char::len_utf8);
        let at = At { source, start: at as u32, end: (at + width) as u32, line: line as u32 };
        (Problem::new("map-row", message, help), at)
    }

    /// Every row, in order, with the cells of these columns.
    pub fn each_row<'s>(
        &'s self,
        index: u32,
        columns: &[Column],
        shape: &SourceShape,
        each: &mut dyn FnMut(Result<&Row<'s>, BadRow>),
    ) {
        match self.format {
            Format::Csv => self.each_csv(index, columns, shape, each),
            Format::JsonLines => self.each_json(index, columns, shape, each),
        }
    }

    fn each_csv<'s>(
        &'s self,
        source: u32,
        columns: &[Column],
        shape: &SourceShape,
        each: &mut dyn FnMut(Result<&Row<'s>, BadRow>),
    ) {
        let names = self.header(shape).expect("the header was checked");
        let places: Vec<usize> = columns
            .iter()
            .map(|column| names.iter().position(|name| *name == column.name).expect("columns were checked"))
            .collect();
        let mut csv = self.csv(shape);
        let mut row = Row { at: At { source, start: 0, end: 0, line: 1 }, cells: Vec::new() };
        let mut is_header = shape.header == Header::FirstRow;
        while let Some(read) = csv.next_row() {
            let at = |start: usize, end: usize, line: usize| At {
                source,
                start: start as u32,
                end: end as u32,
                line: line as u32,
            };
            let (start, end) = csv.span();
            row.at = at(start, end, csv.line());
            if let Err(fault) = read {
                let (problem, at) = self.fault(fault, source);
                each(Err(BadRow { row: row.at, at, problem }));
                continue;
            }
            if std::mem::take(&mut is_header) {
                continue;
            }
            if csv.cells().len() != names.len() {
                let message =
                    format!("the row has {} cells, not {} like the first one", csv.cells().len(), names.len());
                let problem = Problem::new(
                    "map-row",
                    message,
                    "look for a delimiter that is not in quotes, or a line that was cut",
                );
                each(Err(BadRow { row: row.at, at: row.at, problem }));
                continue;
            }
            row.cells.clear();
            row.cells.extend(places.iter().map(|place| {
                let span = csv.cells()[*place];
                let text = csv.text(span);
                let is_null = shape.nulls.iter().any(|null| *null == text);
                Cell { text, is_null, is_nested: false, at: at(span.start, span.end, span.line) }
            }));
            each(Ok(&row));
        }
    }

    fn each_json<'s>(
        &'s self,
        source: u32,
        columns: &[Column],
        shape: &SourceShape,
        each: &mut dyn FnMut(Result<&Row<'s>, BadRow>),
    ) {
        let mut next = 0;
        for (number, full) in self.text.split_inclusive('\n').enumerate() {
            let start = next;
            next += full.len();
            let line = full.trim_end_matches(['\n', '\r']);
            if line.trim().is_empty() {
                continue;
            }
            let at = |from: usize, to: usize| At {
                source,
                start: (start + from) as u32,
                end: (start + to) as u32,
                line: number as u32 + 1,
            };
            let whole = at(0, line.len());
            let bad = |from: usize, message: String| {
                let problem = Problem::new("map-row", message, "write one JSON object on each line");
                let to = from + line[from..].chars().next().map_or(0, char::len_utf8);
                BadRow { row: whole, at: at(from, to), problem }
            };
            match json::read(line) {
                Err(error) => {
                    let from = (0..=error.at.min(line.len())).rev().find(|from| line.is_char_boundary(*from));
                    each(Err(bad(from.unwrap_or(0), format!("this is not JSON: {}", error.message))));
                }
                Ok(node) if !matches!(node.value, Value::Object(_)) => {
                    each(Err(bad(node.start, "the line is not an object".to_owned())));
                }
                Ok(node) => {
                    let cells = columns.iter().map(|column| match member(&node, &column.name) {
                        Some(found) => cell(found, line, at(found.start, found.end), shape),
                        None => Cell { text: Cow::Borrowed(""), is_null: true, is_nested: false, at: whole },
                    });
                    each(Ok(&Row { at: whole, cells: cells.collect() }));
                }
            }
        }
    }
}

fn cell<'s>(node: &Node<'s>, line: &'s str, at: At, shape: &SourceShape) -> Cell<'s> {
    let (text, is_nested) = match &node.value {
        Value::Null => return Cell { text: Cow::Borrowed(""), is_null: true, is_nested: false, at },
        Value::Bool(value) => (Cow::Borrowed(if *value { "true" } else { "false" }), false),
        Value::Number(number) => (Cow::Borrowed(*number), false),
        Value::Text(Cow::Borrowed(text)) => (Cow::Borrowed(text.trim()), false),
        Value::Text(Cow::Owned(text)) => (Cow::Owned(text.trim().to_owned()), false),
        Value::List(_) | Value::Object(_) => (Cow::Borrowed(&line[node.start..node.end]), true),
    };
    let is_null = !is_nested && shape.nulls.iter().any(|null| *null == text);
    Cell { text, is_null, is_nested, at }
}

/// A member by its name, or by the names on the way to it: `customer.id`, `lines.0.sku`.
fn member<'n, 's>(node: &'n Node<'s>, name: &str) -> Option<&'n Node<'s>> {
    let child = |name: &str| match &node.value {
        Value::Object(members) => members.iter().find(|member| member.name == name).map(|member| &member.node),
        Value::List(items) => items.get(name.parse::<usize>().ok()?),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) => None,
    };
    child(name).or_else(|| {
        name.match_indices('.')
            .find_map(|(dot, _)| child(&name[..dot]).and_then(|inner| member(inner, &name[dot + 1..])))
    })
}

/// A file's name without what says that it is packed.
fn plain_name(name: &str) -> &str {
    let stripped = [".gz", ".xz"].iter().find_map(|end| name.strip_suffix(end));
    stripped.unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use plans::read::report::Spot;

    fn columns(names: &[&str]) -> Vec<Column> {
        names.iter().map(|name| Column { name: (*name).to_owned(), spot: Spot::default() }).collect()
    }

    fn read(name: &str, text: &str, names: &[&str], shape: &SourceShape) -> Vec<String> {
        let source = SourceText::new(name.to_owned(), text.into(), shape).expect("text");
        let mut rows = Vec::new();
        source.each_row(0, &columns(names), shape, &mut |row| {
            rows.push(match row {
                Ok(row) => row
                    .cells
                    .iter()
                    .map(|cell| if cell.is_null { "-".to_owned() } else { format!("{}:{}", cell.at.line, cell.text) })
                    .collect::<Vec<_>>()
                    .join("|"),
                Err(bad) => source.place(bad.problem, bad.at).to_string(),
            });
        });
        rows
    }

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
        assert_eq!(of("a.csv", "a,b\n1\n2,3\n")[1], "3:2");
        assert!(of("a.csv", "a,b\n1\n")[0].starts_with("a.csv:2:1: the row has 1 cells, not 2"));
        assert!(of("a.csv", "a,b\n1,\"x\n")[0].starts_with("a.csv:2:3: the quote that begins here"));
        assert!(of("a.jsonl", "{\"a\": é}\n")[0].starts_with("a.jsonl:1:7: this is not JSON"));
        assert!(of("a.jsonl", "[1]\n")[0].starts_with("a.jsonl:1:1: the line is not an object"));
    }
}
