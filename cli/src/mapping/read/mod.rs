//! From a mapping's text to what it says, every mistake noted where it is. Tables, values and reports are those of
//! plans; a mapping's mistakes have codes of their own.

pub mod date;
pub mod fact;
pub mod gathered;
pub mod source;
pub mod table;
pub mod text;
pub mod value;
pub mod when;

use plans::read::report::Spot;
use plans::read::table::TomlTable;
use plans::read::value as read_value;
use toml::de::DeTable;

use crate::input::files::MAP_BYTES_MAX;
use crate::mapping::read::gathered::Gathered;
use crate::mapping::refusal::{MappingRefusal, MappingReport, MappingValue};
use crate::mapping::rules::{Mapping, SourceShape};

pub const TABLES_MAX: usize = 100;
pub const FACTS_MAX: usize = 100;

/// What the text says: how the source is written, if that is clear, and the mapping, if there is no mistake in it.
pub fn read(gathered: &mut Gathered, report: &mut MappingReport<'_>) -> (Option<SourceShape>, Option<Mapping>) {
    let text = report.text;
    if text.len() as u64 > MAP_BYTES_MAX {
        report.refuse(Spot::default(), MappingRefusal::MappingTooLong { bytes: text.len(), most: MAP_BYTES_MAX });
        return (None, None);
    }
    let (document, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let spot = error.span().map_or(Spot { start: text.len(), end: text.len() }, Spot::from);
        let written = report.shown(spot);
        report.refuse(spot, MappingRefusal::of_toml(error.message(), written));
    }
    if !errors.is_empty() {
        return (None, None);
    }
    let mut root = TomlTable::of_text(document.get_ref(), "a mapping");
    let source = root.take("source", source::source, report);
    let tables = root.take(
        "table",
        |value, report| {
            let read = |value, report: &mut MappingReport<'_>| table::table(value, gathered, report);
            read_value::list(value, MappingValue::LookupTables, TABLES_MAX, read, report)
        },
        report,
    );
    let rules = root.need(
        "fact",
        |value, report| {
            let read = |value, report: &mut MappingReport<'_>| fact::rule(value, gathered, report);
            read_value::list(value, MappingValue::Rules, FACTS_MAX, read, report)
        },
        report,
    );
    root.finish(report);
    let shape = if source.is_written() { source.value } else { Some(SourceShape::default()) };
    let tables = if tables.is_written() { tables.value } else { Some(Vec::new()) };
    let mapping = match (shape.clone(), tables, rules.value, report.has_refused()) {
        (Some(source), Some(tables), Some(rules), false) => Some(Mapping { source, tables, rules }),
        (_, _, _, refused) => {
            assert!(refused, "BUG: a mapping without mistakes was not read");
            None
        }
    };
    (shape, mapping)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::example::{BOOKING, SIGNAL, refused};

    #[test]
    fn broken_toml_is_told_with_its_place_and_nothing_is_guessed_from_it() {
        for (text, meant) in [("a = b\n", "b"), ("[source]\nnull = 1\nnull = 2\n", "null"), ("[[fact]\n", "")] {
            let refused = refused(text, "a\n");
            assert!(refused.contains(&("map-syntax", meant.to_owned())), "{text}{refused:?}");
            assert!(refused.iter().all(|(code, _)| *code == "map-syntax"), "{text}{refused:?}");
        }
        assert_eq!(
            refused(&format!("[sources]\n{BOOKING}arr = 1"), "id\n"),
            [("map-unknown-key", "sources".to_owned())]
        );
    }

    #[test]
    fn limits_hold_at_their_number_and_not_one_above() {
        let codes = |text: &str| refused(text, "id\n").into_iter().map(|(code, _)| code).collect::<Vec<_>>();
        let facts =
            |count: usize| SIGNAL.repeat(count).replace("account = \"acme\"\n", "account = \"acme\"\nsignal = \"s\"\n");
        assert_eq!(codes(&facts(FACTS_MAX)), [""; 0]);
        assert_eq!(codes(&facts(FACTS_MAX + 1)), ["map-limit"]);
        let tables = |count: usize| {
            let tables: String =
                (0..count).map(|n| format!("[[table]]\nname = \"t{n}\"\nrows = {{ a = \"b\" }}\n")).collect();
            format!("{tables}{BOOKING}arr = 1")
        };
        assert_eq!(codes(&tables(TABLES_MAX)), [""; 0]);
        assert_eq!(codes(&tables(TABLES_MAX + 1)), ["map-limit"]);
        let padded = |bytes: usize| format!("{BOOKING}arr = 1\n{}", " ".repeat(bytes - BOOKING.len() - 8));
        assert_eq!(codes(&padded(MAP_BYTES_MAX as usize)), [""; 0]);
        assert_eq!(codes(&padded(MAP_BYTES_MAX as usize + 1)), ["map-limit"]);
    }
}
