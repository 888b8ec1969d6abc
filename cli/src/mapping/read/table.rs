//! `[[table]]`: a lookup, inline or from a file beside the mapping.

use std::collections::BTreeMap;

use plans::read::report::{Spot, shortened};
use plans::read::table::Table;
use plans::read::value::{self, TomlValue};
use toml::de::DeValue;

use crate::input::files::whole;
use crate::input::limits::TABLE_BYTES_MAX;
use crate::mapping::read::gathered::Gathered;
use crate::mapping::read::source::text;
use crate::mapping::report::MappingReport;
use crate::mapping::rules::Lookup;
use crate::mapping::source::csv::{Csv, RowFault};
use crate::mapping::source::decompress::without_mark;
use crate::wording::Wording;

/// As many rows may one lookup have.
pub const ROWS_MAX: usize = 1_000_000;

pub fn table<'t>(value: &'t TomlValue<'t>, gathered: &mut Gathered, report: &mut MappingReport<'_>) -> Option<Lookup> {
    let mut table = Table::of(value, "a table", report)?;
    let said = table.need("name", text, report);
    let rows = table.take("rows", rows, report);
    let file = table.take("file", |value, report| file(value, gathered, report), report);
    let spot = table.spot;
    table.finish(report);
    if let Some(name) = &said.value {
        if gathered.tables.contains(name) {
            let message = format!("the table `{name}` is there twice");
            report.refuse(said.at, Wording::new("map-duplicate", message, "rename one of them"));
        }
        gathered.tables.push(name.clone());
    }
    match (rows.is_written(), file.is_written()) {
        (true, false) => Some(Lookup { name: said.value?, rows: rows.value? }),
        (false, true) => Some(Lookup { name: said.value?, rows: file.value? }),
        (true, true) => report.wrong(
            file.key?,
            Wording::new("map-value", "`file` stands beside `rows`", "write one of them for each table"),
        ),
        (false, false) => {
            let help = "add `rows = { \"key\" = \"value\" }` or `file = \"lookup.csv\"`";
            report.wrong(spot, Wording::new("map-missing", "neither `rows` nor `file` says what is in the table", help))
        }
    }
}

fn rows<'t>(value: &'t TomlValue<'t>, report: &mut MappingReport<'_>) -> Option<BTreeMap<String, String>> {
    let table = Table::of(value, "`rows`", report)?;
    if table.is_empty() {
        return report.wrong(
            table.spot,
            Wording::new("map-empty", "`rows` has no row", "write `rows = { \"key\" = \"value\" }`"),
        );
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
                | DeValue::Table(_) => value::not(value, "a text in quotes", report),
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
    let spot = Spot::from(value.span());
    let bytes = match whole(&gathered.folder.join(&name), TABLE_BYTES_MAX) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => {
            let message = format!("`{name}` has more than {TABLE_BYTES_MAX} bytes, the most that a lookup may have");
            return report.wrong(spot, Wording::new("map-table-file", message, "see whether it is the right file"));
        }
        Err(error) => {
            let help = "name a file that lies beside the mapping, or by its path from there";
            return report
                .wrong(spot, Wording::new("map-table-file", format!("`{name}` cannot be read: {error}"), help));
        }
    };
    let Ok(text) = String::from_utf8(bytes) else {
        return report
            .wrong(spot, Wording::new("map-table-file", format!("`{name}` is not UTF-8"), "save it as UTF-8"));
    };
    let delimiter = if name.ends_with(".tsv") { b'\t' } else { b',' };
    let mut csv = Csv::new(without_mark(&text), delimiter, Some(b'"'));
    let mut rows = BTreeMap::new();
    while let Some(read) = csv.next_row() {
        let line = csv.line();
        let wrong = |what: String, report: &mut MappingReport<'_>| {
            let message = format!("line {line} of `{name}`: {what}");
            report.wrong(
                spot,
                Wording::new("map-table-file", message, "write two columns, the key and the value, once for each key"),
            )
        };
        match (read, csv.cells()) {
            (Err(RowFault { message, .. }), _) => return wrong(message, report),
            (Ok(()), [key, value, ..]) => {
                let (key, value) = (csv.text(*key).into_owned(), csv.text(*value).into_owned());
                if rows.get(&key).is_some_and(|known| *known != value) {
                    return wrong(format!("`{}` is there twice with different values", shortened(&key)), report);
                }
                rows.insert(key, value);
            }
            (Ok(()), _) => return wrong("it has one column only".to_owned(), report),
        }
        if rows.len() > ROWS_MAX {
            return wrong(format!("it has more than {ROWS_MAX} rows"), report);
        }
    }
    Some(rows)
}

#[cfg(test)]
mod tests {
    use crate::failure::Failure;
    use crate::input::limits::Limits;
    use crate::mapping::example::source;
    use crate::mapping::example::{BOOKING, refused};
    use crate::mapping::mapped::{MapText, Mapped};
    use crate::mapping::transform::transformer::Keep;

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
            let made = Mapped::of(map, vec![source("rows.csv", b"id\n7\n")], Keep::All, &Limits::default());
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
