//! `[source]`: how the rows are written.

use chrono_tz::Tz;
use plans::read::report::Spot;
use plans::read::table::TomlTable;
use plans::read::value::{self, TomlValue};
use regex::Regex;

use crate::input::time_zone;
use crate::mapping::read::text::{pattern, text};
use crate::mapping::refusal::{MappingRefusal, MappingReport, MappingValue};
use crate::mapping::rules::{Encoding, Header, Numbers, SourceFormat, SourceShape};

const FORMAT: [(&str, SourceFormat); 2] = [("csv", SourceFormat::Csv), ("json-lines", SourceFormat::JsonLines)];
const ENCODING: [(&str, Encoding); 3] =
    [("utf-8", Encoding::Utf8), ("latin-1", Encoding::Latin1), ("utf-16", Encoding::Utf16)];

/// The header is on one of so many first lines, and so many last rows may be left out.
pub const LINES_MAX: u32 = 1_000;

/// As many texts may mean that there is no value.
const NULLS_MAX: usize = 100;

pub fn source<'t>(value: &'t TomlValue<'t>, report: &mut MappingReport<'_>) -> Option<SourceShape> {
    let default = SourceShape::default();
    let mut table = TomlTable::of(value, "`[source]`", report)?;
    let format = table.take("format", |value, report| value::word(value, &FORMAT, report), report);
    let delimiter = table.take("delimiter", delimiter, report);
    let quote = table.take("quote", quote, report);
    let header = table.take("header", header, report);
    let matches = table.take("header-matches", header_matches, report);
    let sheet = table.take("sheet", text, report);
    let skip_last = table.take("skip-last", |value, report| value::whole(value, (1, LINES_MAX), report), report);
    let encoding = table.take("encoding", |value, report| value::word(value, &ENCODING, report), report);
    let nulls = table.take("null", nulls, report);
    let decimal = table.take("decimal", decimal, report);
    let thousands = table.take("thousands", thousands, report);
    let timezone = table.take("timezone", timezone, report);
    table.finish(report);
    let other = if decimal.value == Some(',') { '.' } else { ',' };
    let numbers = Numbers { decimal: decimal.or('.'), thousands: thousands.or(Some(other)) };
    if thousands.is_written() && numbers.thousands == Some(numbers.decimal) {
        report.refuse(thousands.at, MappingRefusal::NumberSignTwice { sign: numbers.decimal });
    }
    if let (Some(SourceFormat::JsonLines), Some(key)) =
        (format.value, delimiter.key.or(quote.key).or(header.key).or(matches.key).or(skip_last.key).or(sheet.key))
    {
        report.refuse(key, MappingRefusal::CsvKeyUnused { key: report.shown(key) });
    }
    if let (true, Some(key)) = (header.is_written(), matches.key) {
        report.refuse(key, MappingRefusal::HeaderTwice);
    }
    if delimiter.value.is_some() && delimiter.value == quote.value.flatten() {
        report.refuse(quote.at, MappingRefusal::QuoteIsDelimiter);
    }
    Some(SourceShape {
        format: format.value,
        delimiter: delimiter.value,
        quote: quote.or(default.quote),
        header_at: matches.key.or(header.key).unwrap_or_default(),
        header: header.value.or(matches.value.map(Header::Matches)).unwrap_or(Header::FirstRow),
        sheet: sheet.value,
        skip_last: skip_last.value.unwrap_or(0) as usize,
        encoding: encoding.or(default.encoding),
        nulls: nulls.or(default.nulls),
        numbers,
        timezone: timezone.value,
    })
}

/// One character that separates cells.
pub fn delimiter(value: &TomlValue<'_>, report: &mut MappingReport<'_>) -> Option<u8> {
    let text = value.get_ref().as_str().map(|text| if text == "tab" { "\t" } else { text });
    let single = text.and_then(|text| <[u8; 1]>::try_from(text.as_bytes()).ok()).map(|[byte]| byte);
    let is_separator = |byte: &u8| byte.is_ascii() && !byte.is_ascii_alphanumeric() && !matches!(byte, b'\n' | b'\r');
    single.filter(is_separator).or_else(|| value::not(value, MappingValue::Delimiter, report))
}

/// `true`, `false`, or the line on which it is.
fn header(value: &TomlValue<'_>, report: &mut MappingReport<'_>) -> Option<Header> {
    match (value.get_ref().as_bool(), value.get_ref().as_integer()) {
        (Some(true), _) => Some(Header::FirstRow),
        (Some(false), _) => Some(Header::Numbered),
        (None, Some(_)) => value::whole(value, (1, LINES_MAX), report).map(|line| Header::Line(line as usize)),
        (None, None) => value::not(value, MappingValue::Header, report),
    }
}

fn header_matches(value: &TomlValue<'_>, report: &mut MappingReport<'_>) -> Option<Regex> {
    pattern(value, report)
}

/// The empty text means that nothing is quoted.
fn quote(value: &TomlValue<'_>, report: &mut MappingReport<'_>) -> Option<Option<u8>> {
    match value.get_ref().as_str().map(str::as_bytes) {
        Some([]) => Some(None),
        Some([byte]) if byte.is_ascii_punctuation() => Some(Some(*byte)),
        Some(_) | None => value::not(value, MappingValue::QuoteSign, report),
    }
}

/// An IANA name, like `Europe/Vienna`.
fn timezone(value: &TomlValue<'_>, report: &mut MappingReport<'_>) -> Option<Tz> {
    let written = text(value, report)?;
    match time_zone::parse(&written) {
        Ok(zone) => Some(zone),
        Err(_) => {
            let nearest = time_zone::nearest_zone(&written);
            report.wrong(Spot::from(value.span()), MappingRefusal::ZoneUnknown { written, nearest })
        }
    }
}

fn nulls<'t>(value: &'t TomlValue<'t>, report: &mut MappingReport<'_>) -> Option<Vec<String>> {
    value::list(value, MappingValue::NoValueTexts, NULLS_MAX, text, report)
}

fn decimal(value: &TomlValue<'_>, report: &mut MappingReport<'_>) -> Option<char> {
    value::word(value, &[(".", '.'), (",", ',')], report)
}

/// Blanks between thousands are understood in any case.
fn thousands(value: &TomlValue<'_>, report: &mut MappingReport<'_>) -> Option<Option<char>> {
    let separators = [(",", Some(',')), (".", Some('.')), ("'", Some('\'')), ("’", Some('’')), ("_", Some('_'))];
    let none = [("", None), (" ", None)];
    value::word(value, &[separators.as_slice(), none.as_slice()].concat(), report)
}

#[cfg(test)]
mod tests {
    use crate::mapping::example::{BOOKING, mapped, refused};

    fn source(keys: &str) -> Vec<(&'static str, String)> {
        refused(&format!("[source]\n{keys}\n{BOOKING}arr = 1"), "id\n")
    }

    #[test]
    fn keys_take_what_they_take() {
        for (keys, code, meant) in [
            ("delimiter = \"ab\"", "map-value", "\"ab\""),
            ("delimiter = \"a\"", "map-value", "\"a\""),
            ("delimiter = \"§\"", "map-value", "\"§\""),
            ("delimiter = \"'\"\nquote = \"'\"", "map-value", "\"'\""),
            ("quote = \"''\"", "map-value", "\"''\""),
            ("header = \"no\"", "map-value", "\"no\""),
            ("encoding = \"utf-32\"", "map-value", "\"utf-32\""),
            ("header = 0", "map-value", "0"),
            ("header = 1001", "map-value", "1001"),
            ("header-matches = \"(\"", "map-pattern", "\"(\""),
            ("header = true\nheader-matches = \"id\"", "map-no-effect", "header-matches"),
            ("skip-last = 0", "map-value", "0"),
            ("null = \"NULL\"", "map-value", "\"NULL\""),
            ("decimal = \";\"", "map-value", "\";\""),
            ("thousands = \"--\"", "map-value", "\"--\""),
            ("thousands = \".\"", "map-value", "\".\""),
            ("format = \"xml\"", "map-value", "\"xml\""),
            ("format = \"json-lines\"\nquote = \"'\"", "map-no-effect", "quote"),
            ("separator = \",\"", "map-unknown-key", "separator"),
        ] {
            assert_eq!(source(keys), [(code, meant.to_owned())], "{keys}");
        }
    }

    #[test]
    fn rows_are_read_as_the_source_says() {
        for (keys, text) in [
            ("delimiter = \"tab\"", "id\ta\n7\t1,5\n"),
            ("delimiter = \"\\t\"", "id\ta\n7\t1,5\n"),
            ("delimiter = \";\"\nquote = \"'\"", "id;a\n'7';'1,5'\n"),
            ("delimiter = \"|\"\nquote = \"\"", "id|a\n7|1,5\n"),
            ("format = \"json-lines\"", "{\"id\": 7, \"a\": \"1,5\"}\n"),
            ("format = \"csv\"\ndelimiter = \";\"", "\u{feff}id;a\n7;1,5\n"),
        ] {
            let map = format!("[source]\ndecimal = \",\"\n{keys}\n{BOOKING}arr = {{ column = \"a\" }}");
            let made = mapped(&map, "rows", text).unwrap_or_else(|problems| panic!("{keys} {problems:?}"));
            assert!(made.facts()[0].json.contains("\"booking\":\"7\",\"account\":\"acme\",\"arr\":\"1.5\""), "{keys}");
        }
        let map = BOOKING.replace("\"id\"", "1") + "arr = { column = \"2\" }";
        let made = mapped(&format!("[source]\nheader = false\n{map}"), "rows.csv", "7,1\n8,2\n");
        assert_eq!(made.unwrap_or_else(|problems| panic!("{problems:?}")).facts().len(), 2);
    }

    #[test]
    fn columns_are_those_of_the_file() {
        let map = format!("{BOOKING}arr = {{ column = \"amuont\" }}");
        let problems = mapped(&map, "rows.csv", "id,amount\n").err().expect("refused");
        assert_eq!((problems[0].code, problems[0].help.as_str()), ("map-column", "did you mean `amount`?"));
        assert_eq!(
            refused(&map.replace("amuont", "amount"), "id,amount,amount\n"),
            [("map-column", "\"amount\"".to_owned())]
        );
        // Of JSON, what no row has may be left out today.
        let made =
            mapped(&map, "rows.jsonl", "{\"id\": 7, \"amount\": 1}").unwrap_or_else(|problems| panic!("{problems:?}"));
        assert_eq!(
            (made.warnings[0].code, made.warnings[0].help.as_str()),
            ("map-column-unseen", "did you mean `amount`?")
        );
    }
}
