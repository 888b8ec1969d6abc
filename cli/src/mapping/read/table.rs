//! `[[table]]`: a lookup, inline or from a file beside the mapping.

use std::collections::BTreeMap;
use std::path::Path;

use plans::read::report::Spot;
use plans::read::table::TomlTable;
use plans::read::value::{self, TomlValue};
use toml::de::DeValue;

use crate::input::files::whole;
use crate::input::limits::TABLE_BYTES_MAX;
use crate::mapping::read::gathered::Gathered;
use crate::mapping::read::text::text;
use crate::mapping::refusal::{MappingRefusal, MappingReport, MappingValue, TableFileFault, TableLineFault};
use crate::mapping::rules::Lookup;
use crate::mapping::source::csv::{BadCsv, Csv};
use crate::mapping::source::decompress::without_mark;

/// As many rows may one lookup have.
pub const ROWS_MAX: usize = 1_000_000;

pub fn table<'t>(value: &'t TomlValue<'t>, gathered: &mut Gathered, report: &mut MappingReport<'_>) -> Option<Lookup> {
    let mut table = TomlTable::of(value, "a table", report)?;
    let said = table.need("name", text, report);
    let rows = table.take("rows", rows, report);
    let file = table.take("file", |value, report| file(value, gathered, report), report);
    let spot = table.spot;
    table.finish(report);
    if let Some(name) = &said.value {
        if gathered.tables.contains(name) {
            report.refuse(said.at, MappingRefusal::TableTwice { table: name.clone() });
        }
        gathered.tables.push(name.clone());
    }
    match (rows.is_written(), file.is_written()) {
        (true, false) => Some(Lookup { name: said.value?, rows: rows.value? }),
        (false, true) => Some(Lookup { name: said.value?, rows: file.value? }),
        (true, true) => report.wrong(file.key?, MappingRefusal::TableWithFileAndRows),
        (false, false) => report.wrong(spot, MappingRefusal::TableWithoutRows),
    }
}

fn rows<'t>(value: &'t TomlValue<'t>, report: &mut MappingReport<'_>) -> Option<BTreeMap<String, String>> {
    let table = TomlTable::of(value, "`rows`", report)?;
    if table.is_empty() {
        return report.wrong(table.spot, MappingRefusal::TableRowsEmpty);
    }
    let read: Vec<Option<(String, String)>> = table
        .rest()
        .map(|(key, _, value)| {
            let text = match value.get_ref() {
                DeValue::String(text) => Some(text.to_string()),
                DeValue::Integer(number) if number.radix() == 10 => Some(number.as_str().to_owned()),
                DeValue::Integer(_)
                | DeValue::Float(_)
                | DeValue::Boolean(_)
                | DeValue::Datetime(_)
                | DeValue::Array(_)
                | DeValue::Table(_) => value::not(value, MappingValue::Text, report),
            };
            Some((key.trim().to_owned(), text?.trim().to_owned()))
        })
        .collect();
    read.into_iter().collect()
}

/// The first column is the key, the second the value. Where the first row is a header, it is a row that nobody asks for.
fn file(
    value: &TomlValue<'_>,
    gathered: &Gathered,
    report: &mut MappingReport<'_>,
) -> Option<BTreeMap<String, String>> {
    let name = text(value, report)?;
    match rows_of(&gathered.folder.join(&name), if name.ends_with(".tsv") { b'\t' } else { b',' }) {
        Ok(rows) => Some(rows),
        Err(fault) => report.wrong(Spot::from(value.span()), MappingRefusal::TableFile { file: name, fault }),
    }
}

fn rows_of(path: &Path, delimiter: u8) -> Result<BTreeMap<String, String>, TableFileFault> {
    let bytes = match whole(path, TABLE_BYTES_MAX) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return Err(TableFileFault::TooLong { most: TABLE_BYTES_MAX }),
        Err(error) => return Err(TableFileFault::Unreadable { why: error.to_string() }),
    };
    let text = String::from_utf8(bytes).map_err(|_| TableFileFault::NotUtf8)?;
    let mut csv = Csv::new(without_mark(&text), delimiter, Some(b'"'));
    let mut rows = BTreeMap::new();
    while let Some(read) = csv.next_row() {
        let line = csv.line();
        let wrong = |fault: TableLineFault| Err(TableFileFault::Line { line, fault });
        match (read, csv.cells()) {
            (Err(BadCsv { fault, .. }), _) => return wrong(TableLineFault::Csv(fault)),
            (Ok(()), [key, value, ..]) => {
                let (key, value) = (csv.text(*key).into_owned(), csv.text(*value).into_owned());
                if rows.get(&key).is_some_and(|known| *known != value) {
                    return wrong(TableLineFault::KeyTwice { key });
                }
                rows.insert(key, value);
            }
            (Ok(()), _) => return wrong(TableLineFault::OneColumn),
        }
        if rows.len() > ROWS_MAX {
            return wrong(TableLineFault::TooManyRows { most: ROWS_MAX });
        }
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use crate::failure::Failure;
    use crate::input::limits::Limits;
    use crate::input::time_zone::Zone;
    use crate::mapping::example::source;
    use crate::mapping::example::{BOOKING, refused};
    use crate::mapping::mapped::{MapText, Mapped};
    use crate::mapping::transform::batch::Keep;

    #[test]
    fn tables_have_a_name_and_rows() {
        for (table, code, meant) in [
            ("rows = { a = \"b\" }", "map-missing", "[[table]]"),
            ("name = \"t\"", "map-missing", "[[table]]"),
            ("name = \"t\"\nrows = {}", "map-empty", "{}"),
            ("name = \"t\"\nrows = { a = true }", "map-value", "true"),
            ("name = \"t\"\nrows = { a = \"b\" }\nfile = \"f.csv\"", "map-table-file", "\"f.csv\""),
            ("name = \"t\"\nfile = \"nowhere.csv\"", "map-table-file", "\"nowhere.csv\""),
            ("name = \"t\"\nrow = { a = \"b\" }", "map-unknown-key", "row"),
            (
                "name = \"t\"\nrows = { a = \"b\" }\n[[table]]\nname = \"t\"\nrows = { a = \"b\" }",
                "map-duplicate",
                "\"t\"",
            ),
        ] {
            let found = refused(&format!("[[table]]\n{table}\n{BOOKING}arr = 1"), "id\n");
            assert!(found.contains(&(code, meant.to_owned())), "{table} {found:?}");
        }
    }

    #[test]
    fn files_have_two_columns_and_each_key_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let refused = |rows: &[u8]| {
            std::fs::write(folder.path().join("t.csv"), rows).expect("a file");
            let text = format!(
                "[[table]]\nname = \"t\"\nfile = \"t.csv\"\n{BOOKING}arr = {{ column = \"id\", lookup = \"t\" }}"
            );
            let map = MapText { name: folder.path().join("m.toml").display().to_string(), text };
            let made =
                Mapped::of(map, vec![source("rows.csv", b"id\n7\n")], Zone::Unnamed, Keep::All, &Limits::default());
            let made = made.map_err(Failure::problems);
            made.map(|made| made.facts().len()).map_err(|problems| (problems[0].code, problems[0].message.clone()))
        };
        assert_eq!(refused(b"key,value,more\n7, 12 ,x\n7,12,y\n"), Ok(1));
        for (rows, why) in [
            (&b"7,12\n7,13\n"[..], "line 2 of `t.csv`: `7` is there twice with different values"),
            (b"7\n", "line 1 of `t.csv`: it has one column only"),
            (b"7,\"12\n", "line 1 of `t.csv`: the quote that begins here is not closed"),
            (b"7,\xff\n", "`t.csv` is not UTF-8"),
        ] {
            assert_eq!(refused(rows), Err(("map-table-file", why.to_owned())));
        }
    }
}
