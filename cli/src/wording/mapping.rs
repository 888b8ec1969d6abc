//! Why a mapping, a file of rows, or a row is refused, in words.

use ledger::date::fault::DateFault;
use ledger::exact::{Exact, Rounding, decimal_text};
use ledger::finding::Finding;
use plans::read::report::shortened;
use replay::refusal::rows::{ColumnDifference, CsvFault, NumberFault, NumberForm, RowRefusal};

use crate::input::limits::bytes;
use crate::mapping::kinds::called;
use crate::mapping::refusal::{
    ColumnNames, GroupOverlap, KeyNeeds, MappingRefusal, MappingValue, MappingWarning, OverlapEffect, RowWarning,
    SheetFault, SourceRefusal, TableFileFault, TableLineFault,
};
use crate::render::layout::shorten::name;
use crate::wording::fact::{date_words, syntax};
use crate::wording::pay::export::output_map;
use crate::wording::problem::{Problem, one_of};
use crate::wording::toml::{empty_list, more, not_of_kind, toml_fault};
use crate::wording::{Wording, problem};

const SPLIT: &str = "split the source, and record one part after the other";
const NUMBER_HELP: &str =
    "say in `[source]` how numbers are written (`decimal`, `thousands`), or leave the row out with `when`";
const PERCENT_HELP: &str = "add `percent = \"fraction\"` if 0.012 means 1.2 %, or `percent = \"points\"` if 1.2 does";
const DATE_FORMATS: &str =
    "write \"iso\", \"unix\", \"unix-ms\", \"excel\", or a pattern like \"%d/%m/%Y\" or \"%Y-%m-%d %H:%M:%S%z\"";
const NO_VALUE_HELP: &str = "leave such rows out with `when`, or say what holds `otherwise`";

/// Refusals of a mapping's text, each at its place.
pub fn refusals(findings: &[Finding<MappingRefusal>]) -> Vec<Problem> {
    findings.iter().map(|finding| problem(finding, |refusal, _| refused(refusal))).collect()
}

/// Warnings about a mapping's text, each at its place.
pub fn warnings(findings: &[Finding<MappingWarning>]) -> Vec<Problem> {
    findings.iter().map(|finding| problem(finding, |warning, _| warned(warning))).collect()
}

fn say(code: &'static str, message: impl Into<String>, help: impl Into<String>) -> Wording {
    Wording::new(code, message, help)
}

// Mappings -------------------------------------------------------------------------------------------------------------

/// One line for each: what takes more room has a function of its own below.
fn refused(refusal: &MappingRefusal) -> Wording {
    use MappingRefusal as R;
    match refusal {
        R::Toml(fault) => under_own_code(toml_fault(fault)),
        R::Value { written, expected, hint } => under_own_code(not_of_kind(written, &value_words(*expected), hint)),
        R::EmptyList { expected } => under_own_code(empty_list(&value_words(*expected))),
        R::KeyTwice { written } => not_toml(format!("`{written}` is there twice")),
        R::NotToml { written, why } if written.is_empty() => not_toml(format!("the text is not TOML here: {why}")),
        R::NotToml { written, why } => not_toml(format!("`{written}` is not TOML here: {why}")),
        R::MappingTooLong { bytes, most } => too_long(*bytes, *most),
        R::NumberSignTwice { sign } => number_sign(*sign),
        R::QuoteIsDelimiter => say("map-value", "`quote` is the delimiter", "write two different ones"),
        R::CsvKeyUnused { key } => csv_key(key),
        R::ZoneUnknown { written, nearest } => zone_unknown(written, *nearest),
        R::HeaderTwice => say("map-no-effect", "`header-matches` is written beside `header`", "write one of them"),
        R::HeaderElsewhere { column, source, line } => say(
            "map-column",
            format!(
                "`{column}` is no column of the first row of `{source}`, and the row on line {line} has all columns"
            ),
            format!("say `header = {line}` in `[source]` if that is the header"),
        ),
        R::HeaderMissing { source } => say(
            "map-column",
            format!("no row of `{source}` has several cells of which one matches"),
            "write a regular expression that matches the name of a column, or say `header = 5` with the line of the header",
        ),
        R::TableTwice { table } => table_twice(table),
        R::TableWithFileAndRows => table_with_both(),
        R::TableWithoutRows => table_without_rows(),
        R::TableRowsEmpty => say("map-empty", "`rows` has no row", "write `rows = { \"key\" = \"value\" }`"),
        R::TableFile { file, fault } => table_file(file, fault),
        R::TableUnknown { table, nearest, known } => table_unknown(table, nearest.as_deref(), known),
        R::ConditionEmpty => condition_empty(),
        R::PatternWrong { pattern, why } => pattern_wrong(pattern, why),
        R::GroupBesideDistinct => group_beside_distinct(),
        R::GroupBySum { field } => group_by_sum(field),
        R::GroupFieldUnknown { field, kind, nearest, known } => {
            field_unknown("map-group", field, kind, nearest.as_deref(), known)
        }
        R::SumWithoutGroup { field } => sum_without_group(field),
        R::EachWithoutGroup { field } => each_without_group(field),
        R::SumDividedByColumn => {
            let help = "write `sum = { product = […], divide = … }`, or divide by a number";
            say("map-value", "a sum over a group cannot be divided by what each row has", help)
        }
        R::WhenKnownUnused { kind } => when_known(kind),
        R::ObjectEmpty { object, fields } => object_empty(object, fields),
        R::ValueWithoutOrigin { allowed } => origin("nothing says where the value comes from".to_owned(), allowed),
        R::OriginNotAllowed { key, allowed } => origin(format!("`{key}` cannot stand in here"), allowed),
        R::OriginTwice { first, second, allowed } => {
            origin(format!("`{second}` is written beside `{first}` in one value"), allowed)
        }
        R::KeyUnused { key, needs } => key_unused(key, *needs),
        R::PercentMeaningMissing { key } => percent_meaning(key),
        R::DateFormatWrong { format } => date_format(format, DATE_FORMATS),
        R::DateFormatWithoutDay { format } => {
            date_format(format, "it tells no day: add `day = \"first\"` or `day = \"last\"`")
        }
        R::SameFieldUnknown { field, kind, nearest, known } => {
            field_unknown("map-same", field, kind, nearest.as_deref(), known)
        }
        R::SameOfCopy { field } => same_of_copy(field),
        R::SameOfOtherKind { field } => same_of_other_kind(field),
        R::Output(refusal) => output_map(refusal),
        R::ColumnUnknown { column, source, columns } => column_unknown(column, source, columns),
        R::ColumnInSingleCell { column, source, delimiter } => single_cell(column, source, *delimiter),
        R::ColumnTwice { column, source } => column_twice(column, source),
    }
}

fn warned(warning: &MappingWarning) -> Wording {
    match warning {
        MappingWarning::TooMany(left_out) => under_own_code(more(*left_out)),
        MappingWarning::SourceMissing { kind } => {
            let message = format!(
                "{} has no natural key, so these are told apart by the file and line that they come from",
                called(kind)
            );
            let help =
                "add `source = { column = … }` with something that stays the same in every export, like a row's id";
            say("map-source", message, help)
        }
        MappingWarning::FilesOverlap { kind, groups, effect, first } => files_overlap(kind, *groups, *effect, first),
        MappingWarning::ZoneAssumed => say(
            "map-zone-assumed",
            "these dates count from a moment in UTC, and no time zone is named: each is on the day that it is in UTC",
            "say `timezone = \"UTC\"`, \"Europe/Vienna\" or another zone in `[source]`",
        ),
        MappingWarning::ColumnUnseen { column, source, columns: ColumnNames { nearest, listed, .. } } => {
            let help = match nearest {
                Some(near) => did_you_mean(near),
                None => format!("rows have {}", list(listed)),
            };
            say("map-column-unseen", format!("no row of `{source}` has `{column}`"), help)
        }
    }
}

/// How a row differs from another one with its key.
fn other_content(differs: &[ColumnDifference]) -> String {
    if differs.is_empty() {
        return "with other content".to_owned();
    }
    let differs = differs.iter().map(|ColumnDifference { column, here, there }| {
        let quoted = |text: &str| if text.is_empty() { "empty".to_owned() } else { format!("`{}`", name(text)) };
        format!("`{column}` is {} there and {} here", quoted(there.as_deref().unwrap_or_default()), quoted(here))
    });
    differs.collect::<Vec<_>>().join(", ")
}

/// Groups of facts of one kind that have rows in several files, the first of them by name.
fn files_overlap(kind: &str, groups: u64, effect: OverlapEffect, first: &[GroupOverlap]) -> Wording {
    let count = if groups == 1 { "1 group has".to_owned() } else { format!("{groups} groups have") };
    let effect = match effect {
        OverlapEffect::Restated => "the later file holds, which is a restatement",
        OverlapEffect::BothCount => "both sums count",
    };
    let mut named: Vec<String> = first.iter().map(group_overlap).collect();
    let more = groups - named.len() as u64;
    if more > 0 {
        named.push(format!("and {more} more"));
    }
    let message = format!("{count} rows in several files, and {effect}: {kind} {}", named.join("; "));
    let help = "if the files are parts of one export, put them together into one file; --expect-restated 0 refuses restatements";
    say("map-files-overlap", message, help)
}

/// `account acme, from 2027-05-01: amount 5 at a.csv:2, 7 at b.csv:2`.
fn group_overlap(overlap: &GroupOverlap) -> String {
    let GroupOverlap { key, field, earlier, later } = overlap;
    let key: Vec<String> = key.iter().map(|(name, value)| format!("{name} `{value}`")).collect();
    let told = |(sum, place): &(Option<String>, String)| match sum {
        Some(sum) => format!("{sum} at {place}"),
        None => format!("unknown at {place}"),
    };
    let field = field.as_deref().unwrap_or("sum");
    format!("{}: {field} {}, {}", key.join(", "), told(earlier), told(later))
}

/// What the readers of plans found, under a mapping's code.
fn value_words(value: MappingValue) -> String {
    let words = match value {
        MappingValue::Text => "a text in quotes",
        MappingValue::TextUpTo(bytes) => return format!("a text of at most {bytes} bytes"),
        MappingValue::Texts => "a text or a list of texts",
        MappingValue::NoValueTexts => "a list of texts like [\"\", \"NULL\"]",
        MappingValue::Uuid => "a UUID",
        MappingValue::Corrected => "true, an id or a key",
        MappingValue::Delimiter => "one character like \",\", \";\", \"|\" or \"tab\"",
        MappingValue::QuoteSign => "one character like \"'\", or \"\" where nothing is quoted",
        MappingValue::TrimAlways => "true: blanks around a value are always left out",
        MappingValue::DateForms => "a format like \"iso\", \"%d/%m/%Y\" or a list of formats",
        MappingValue::Duration => "a time like \"1 day\" or \"1 second\", at most 1000 of them",
        MappingValue::Divisor => "a number like \"12\" other than 0, a column or a value",
        MappingValue::OnlyTrue => "true, or leave it out",
        MappingValue::Header => "true, false, or the number of the line on which the header is",
        MappingValue::ColumnName => "the name of a column",
        MappingValue::ColumnNames => "a list of columns like [\"first\", \"last\"]",
        MappingValue::Factors => "a list of columns or values",
        MappingValue::FieldNames => "a list of the fact's fields like [\"account\"]",
        MappingValue::Shares => "a list of shares like [{ payee = …, percent = \"100%\" }], or { each = … }",
        MappingValue::NamedValues(most) => return format!("a table of 1 to {most} names and their values"),
        MappingValue::Conditions => "a list of conditions like [{ column = \"Id\", not = \"\" }]",
        MappingValue::LookupTables => "tables headed `[[table]]`",
        MappingValue::Rules => "tables headed `[[fact]]`",
        MappingValue::AccountRules => "tables headed `[[account]]`",
        MappingValue::AccountCodes => "a list of codes of accounts like [\"6100\"]",
        MappingValue::OutputColumns => "tables headed `[[column]]`",
    };
    words.to_owned()
}

fn under_own_code(wording: Wording) -> Wording {
    let code = match wording.code {
        "plan-value" => "map-value",
        "plan-empty" => "map-empty",
        "plan-limit" => "map-limit",
        "plan-missing" => "map-missing",
        "plan-unknown-key" => "map-unknown-key",
        "plan-duplicate" => "map-duplicate",
        "plan-many" => "map-many",
        own => own,
    };
    assert!(code.starts_with("map-") || code.starts_with("id-"), "BUG: `{code}` is no code of mappings");
    Wording { code, ..wording }
}

fn did_you_mean(near: &str) -> String {
    format!("did you mean `{near}`?")
}

fn list(names: &[String]) -> String {
    one_of(names.iter().map(String::as_str))
}

fn all_of(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(" and ")
}

fn nearest_or_list(nearest: Option<&str>, known: &[String]) -> String {
    match nearest {
        Some(near) => did_you_mean(near),
        None => format!("write one of {}", list(known)),
    }
}

fn not_toml(message: String) -> Wording {
    say("map-syntax", message, "mend the syntax; texts and decimals stand in quotes")
}

fn too_long(bytes: usize, most: u64) -> Wording {
    let message = format!("the mapping has `{bytes}` bytes, more than {most}");
    say("map-limit", message, "put long lookups into a file: `file = \"…\"`")
}

fn zone_unknown(written: &str, nearest: Option<&str>) -> Wording {
    let help = match nearest {
        Some(near) => did_you_mean(near),
        None => "write an IANA name, like \"Europe/Vienna\", \"America/New_York\" or \"UTC\"".to_owned(),
    };
    say("map-value", format!("there is no time zone `{written}`"), help)
}

fn number_sign(sign: char) -> Wording {
    let message = format!("`{sign}` cannot stand between thousands and before decimals");
    say("map-value", message, "write two different ones, or `thousands = \"\"` for none")
}

fn csv_key(key: &str) -> Wording {
    let message = format!("`{key}` does nothing with `format = \"json-lines\"`");
    say("map-no-effect", message, "leave it out")
}

fn table_twice(table: &str) -> Wording {
    say("map-duplicate", format!("the table `{table}` is there twice"), "rename one of them")
}

fn table_with_both() -> Wording {
    say("map-value", "`file` is written beside `rows`", "write one of them for each table")
}

fn table_without_rows() -> Wording {
    let help = "add `rows = { \"key\" = \"value\" }` or `file = \"lookup.csv\"`";
    say("map-missing", "neither `rows` nor `file` says what is in the table", help)
}

fn table_file(file: &str, fault: &TableFileFault) -> Wording {
    let (message, help) = match fault {
        TableFileFault::TooLong { most } => {
            let message = format!("`{file}` has more than {most} bytes, the most that a lookup may have");
            (message, "see whether it is the right file")
        }
        TableFileFault::Unreadable { why } => {
            let help = "name a file that lies beside the mapping, or by its path from there";
            (format!("`{file}` cannot be read: {why}"), help)
        }
        TableFileFault::NotUtf8 => (format!("`{file}` is not UTF-8"), "save it as UTF-8"),
        TableFileFault::Line { line, fault } => {
            let help = "write two columns, the key and the value, once for each key";
            (format!("line {line} of `{file}`: {}", table_line(fault)), help)
        }
    };
    say("map-table-file", message, help)
}

fn table_line(fault: &TableLineFault) -> String {
    match fault {
        TableLineFault::Csv(fault) => csv_fault(*fault),
        TableLineFault::KeyTwice { key } => format!("`{}` is there twice with different values", shortened(key)),
        TableLineFault::OneColumn => "it has one column only".to_owned(),
        TableLineFault::TooManyRows { most } => format!("it has more than {most} rows"),
    }
}

fn table_unknown(table: &str, nearest: Option<&str>, known: &[String]) -> Wording {
    let help = match nearest {
        Some(near) => did_you_mean(near),
        None if known.is_empty() => "add a `[[table]]` of that name".to_owned(),
        None => format!("write one of {}, or add a `[[table]]` of that name", list(known)),
    };
    say("map-table", format!("there is no table `{table}`"), help)
}

fn condition_empty() -> Wording {
    let help = "add `is`, `not`, `in`, `matches`, `above` or `below`";
    say("map-empty", "the condition asks nothing", help)
}

fn pattern_wrong(pattern: &str, why: &str) -> Wording {
    let help = "write one like \"^C\" or \"(?i)renewal\"; in '…' a backslash means itself";
    say("map-pattern", format!("`{pattern}` is no regular expression: {why}"), help)
}

fn group_beside_distinct() -> Wording {
    let help = "`distinct` takes the first row of each, `group` puts all rows of each together: write one of them";
    say("map-group", "`group` is written beside `distinct`", help)
}

fn group_by_sum(field: &str) -> Wording {
    let help = "leave it out: a sum is what the group amounts to";
    say("map-group", format!("`{field}` is a sum over the group"), help)
}

fn field_unknown(code: &'static str, field: &str, kind: &str, nearest: Option<&str>, known: &[String]) -> Wording {
    let message = format!("`{field}` is no field that the mapping gives {}", called(kind));
    say(code, message, nearest_or_list(nearest, known))
}

fn sum_without_group(field: &str) -> Wording {
    let help = "add `group = [\"account\", …]` to the fact, or leave `sum` out";
    say("map-group", format!("`{field}` is a sum, and there is no group"), help)
}

fn each_without_group(field: &str) -> Wording {
    let help = "add `group = [\"booking\"]` to the fact, or write the shares as a list: `[{ payee = …, percent = … }]`";
    say("map-group", format!("`{field}` has a value for each row of a group, and there is no group"), help)
}

fn when_known(kind: &str) -> Wording {
    let message = format!("`when-known` does nothing: {} has no natural key by which it could be known", called(kind));
    say("map-no-effect", message, "leave it out")
}

fn object_empty(object: &str, fields: &[&str]) -> Wording {
    let help = format!("write {}", one_of(fields.iter().copied()));
    say("map-empty", format!("{object} says nothing"), help)
}

fn origin(message: String, allowed: &[&str]) -> Wording {
    say("map-from", message, format!("write exactly one of {}", one_of(allowed.iter().copied())))
}

fn key_unused(key: &str, needs: KeyNeeds) -> Wording {
    let why = match needs {
        KeyNeeds::Columns => "it goes with `columns`",
        KeyNeeds::ColumnOrColumns => "it goes with `column` or `columns`",
        KeyNeeds::DateField => "it goes with fields that are dates",
        KeyNeeds::DateFormat => "it goes with `date`",
        KeyNeeds::PercentField => "it goes with fields that are percents",
        KeyNeeds::Number => "it goes with numbers",
        KeyNeeds::Text => "it goes with texts",
        KeyNeeds::NumberField => "it is a number, and the field takes none",
    };
    say("map-no-effect", format!("`{key}` does nothing here"), format!("leave `{key}` out: {why}"))
}

fn percent_meaning(key: &str) -> Wording {
    let help = "add `percent = \"fraction\"` if 0.012 is to mean 1.2 %, `percent = \"points\"` if 1.2 is";
    say("map-missing", format!("a `{key}` has no percent sign"), help)
}

fn date_format(format: &str, help: &str) -> Wording {
    say("map-date-format", format!("`{format}` is not the format of a date"), help)
}

fn same_of_copy(field: &str) -> Wording {
    let help = "name the field that says where the value comes from";
    say("map-same", format!("`{field}` is itself the same as another field"), help)
}

fn same_of_other_kind(field: &str) -> Wording {
    let help = "dates are the same as dates, amounts as amounts, names as names";
    say("map-same", format!("`{field}` is of another kind of value"), help)
}

fn column_unknown(column: &str, source: &str, columns: &ColumnNames) -> Wording {
    let help = match &columns.nearest {
        Some(near) => did_you_mean(near),
        None if columns.listed.is_empty() => "the file is empty".to_owned(),
        None => {
            let more = if columns.has_more { " and others" } else { "" };
            format!("it has {}{more}", list(&columns.listed))
        }
    };
    say("map-column", format!("`{column}` is no column of `{source}`"), help)
}

fn single_cell(column: &str, source: &str, delimiter: char) -> Wording {
    let written = if delimiter == '\t' { "\\t".to_owned() } else { delimiter.to_string() };
    let message = format!("`{column}` is no column of `{source}`, whose first row is all one cell");
    let help = format!("its cells seem to be parted by `{written}`: say `delimiter = \"{written}\"` in `[source]`");
    say("map-column", message, help)
}

fn column_twice(column: &str, source: &str) -> Wording {
    let message = format!("`{column}` heads several columns of `{source}`");
    let help = "give one of them another name, or say `header = false` and name columns by their number";
    say("map-column", message, help)
}

// Files of rows --------------------------------------------------------------------------------------------------------

/// Why a whole file of rows is refused.
pub fn source_refused(refusal: &SourceRefusal) -> Wording {
    match refusal {
        SourceRefusal::UnpackMemory { source, most } => {
            let message = format!("unpacking `{source}` takes more memory than {}", bytes(*most));
            say("map-packed", message, "pack it anew: `xz -9` takes less")
        }
        SourceRefusal::PackedBroken { source, with, is_cut_off, line } => {
            let how = if *is_cut_off { "is cut off" } else { "is damaged" };
            let message = format!("`{source}` is packed with {with} and {how}: it can be unpacked up to line {line}");
            say("map-packed", message, "fetch the file again: nothing of it was recorded")
        }
        SourceRefusal::Sheet { source, fault } => sheet(source, fault),
        SourceRefusal::NotEncoded { encoding } => {
            let help = "say `encoding = \"latin-1\"` or `\"utf-16\"` in `[source]`, or save the file as UTF-8";
            say("map-encoding", format!("the text is not {encoding} here"), help)
        }
        SourceRefusal::RowTooLong { most } => {
            let message = format!("the row that begins here has more than {most} bytes, and was not read to its end");
            let help = "look for a quote that is not closed, and for line ends that are missing; say in `[source]` how rows are written";
            say("map-limit", message, help)
        }
        SourceRefusal::TooManyRows { source, most } => {
            let help = "split it, and record one part after the other";
            say("map-limit", format!("`{source}` has more than {most} rows"), help)
        }
        SourceRefusal::AllRowsSkipped { source, skip_last, rows } => {
            let rows = if *rows == 1 { "the only row".to_owned() } else { format!("all {rows} rows") };
            let message = format!("`skip-last = {skip_last}` passes over {rows} of `{source}`");
            let help = "say in `[source]` how many rows at the end are no data, or leave `skip-last` out; leave out a file that has only a footer";
            say("map-skip-last", message, help)
        }
        SourceRefusal::TooManyGroups { most } => {
            say("map-limit", format!("the rows make more than {most} groups, and each of them is kept"), SPLIT)
        }
        SourceRefusal::TooManyKeys { most } => {
            let message = format!(
                "the rows name more than {most} things that have to be told apart: keys of `distinct`, and bookings"
            );
            say("map-limit", message, SPLIT)
        }
    }
}

fn sheet(source: &str, fault: &SheetFault) -> Wording {
    match fault {
        SheetFault::TooLarge { most, unpacked } => {
            let message =
                format!("`{source}` is a spreadsheet of more than {}, or {} unpacked", bytes(*most), bytes(*unpacked));
            say("map-limit", message, "save the sheet as CSV, which may have any size")
        }
        SheetFault::Unreadable { why } => {
            let message = format!("`{source}` is no spreadsheet that can be read: {why}");
            say("map-sheet", message, "save it as .xlsx, .ods or CSV, without a password")
        }
        SheetFault::Missing { sheet, nearest, sheets } => {
            let help = match nearest {
                Some(near) => did_you_mean(near),
                None => format!("it has {}", list(sheets)),
            };
            say("map-sheet", format!("`{source}` has no sheet `{sheet}`"), help)
        }
    }
}

/// What is doubtful about rows, of which there are so many.
pub fn row_warned(warning: &RowWarning, rows: u64) -> Wording {
    let more = match rows {
        1 => String::new(),
        2 => ", and 1 more row".to_owned(),
        more => format!(", and {} more rows", more - 1),
    };
    match warning {
        RowWarning::ShortRow { cells, expected } => say(
            "map-short-row",
            format!("the row has {cells} cells, and the header {expected}: those that are missing are empty{more}"),
            "see whether the row was cut; leave such rows out with `when`",
        ),
        RowWarning::TotalsRow { written, kind } => say(
            "map-totals",
            format!("`{written}` seems to be a row of totals, and is taken for {}{more}", called(kind)),
            "leave it out with `when`, like `{ column = …, not = \"Total\" }`, or with `skip-last` in `[source]`",
        ),
        RowWarning::DigitsLost { written, column } => say(
            "map-digits-lost",
            format!(
                "`{written}` in column `{column}` is a number whose last digits were lost before the export (a spreadsheet keeps 15): others may look the same{more}"
            ),
            "format the column as text in the source before exporting, and export again",
        ),
        RowWarning::LastRowIsData { skip_last, kind } => say(
            "map-passed-over",
            format!("`skip-last = {skip_last}` passes over this row, which has all that {} needs{more}", called(kind)),
            "say in `[source]` a smaller `skip-last`, or leave it out if the file has no footer",
        ),
        RowWarning::DistinctDiffers { kind, line } => say(
            "map-distinct-differs",
            format!(
                "another fact would be made of this row than of the one on line {line}, which holds for {}{more}",
                called(kind)
            ),
            "leave out with `when` what is not meant, or add to `distinct` what tells the rows apart",
        ),
    }
}

// Rows -----------------------------------------------------------------------------------------------------------------

/// Why no fact is made of a row.
pub fn row_refused(refusal: &RowRefusal) -> Wording {
    use RowRefusal as R;
    match refusal {
        R::Csv(fault) => csv_row(*fault),
        R::CellCount { cells, expected } => cell_count(*cells, *expected),
        R::NotJson(fault) => not_an_object(format!("this is not JSON: {}", syntax(*fault))),
        R::NotAnObject => not_an_object("the line is not an object".to_owned()),
        R::Nested { column } => nested(column),
        R::NotInTable { key, table, nearest } => not_in_table(key, table, nearest.as_deref()),
        R::DateFormatDiffers { written, format, example, fault } => date_differs(written, [format, example], fault),
        R::NotADate { written, fault } => not_a_date(written, fault),
        R::ZoneMissing { written } => zone_missing(written),
        R::DateAmbiguous { written, days: [one, other] } => {
            let message = format!("`{written}` may be {one} or {other}");
            say("map-date", message, "leave in `date` the format that the source has")
        }
        R::NotANumber { written, expected, fault } => not_a_number(written, *expected, *fault),
        R::DividedByZero => {
            say("map-number", "nothing can be divided by 0", "leave such rows out with `when`, or mend the column")
        }
        R::CurrencySign { written, sign, currency } => {
            let message = format!("`{written}` has the sign `{sign}`, and the currency of the fact is {currency}");
            say("map-currency", message, "mend the row: which of the two holds is not guessed")
        }
        R::FactorMissing => say("map-no-value", "a factor has no value, and the others have", NO_VALUE_HELP),
        R::TooManyDigits { number } => {
            let (message, help) = too_many_digits(number);
            say("map-digits", message, help)
        }
        R::FieldsMissing { kind, fields, column } => fields_missing(kind, fields, column.as_deref()),
        R::GroupDiffers { field, here, first, line } => {
            group_differs(field, [here.as_deref(), first.as_deref()], *line)
        }
        R::KeyMissing { columns } => {
            let have = if columns.len() == 1 { "has" } else { "have" };
            let message = format!("{} {have} no value, by which rows count once", all_of(columns));
            say("map-no-value", message, "leave such rows out with `when`, or name other columns in `once`")
        }
        R::OnceDiffers { columns, key, line, differs } => {
            let (columns, key) = (all_of(columns), key.join("`, `"));
            let message = format!("`{key}` in {columns} is on line {line} already, {}", other_content(differs));
            say("map-once", message, "leave one of the two rows out: which of them holds is not guessed")
        }
        R::GroupIncomplete { line } => {
            let message = format!("the row on line {line} may belong to this group, and could not be read");
            say("map-group-unsure", message, "mend that row, and record all of these rows again")
        }
    }
}

/// Why a row of CSV cannot be split into cells.
pub fn csv_fault(fault: CsvFault) -> String {
    match fault {
        CsvFault::CellTooLong { most } => format!("the cell that begins here has more than {most} bytes"),
        CsvFault::TooManyCells { most } => format!("the row has more than {most} cells"),
        CsvFault::QuoteNotClosed => "the quote that begins here is not closed".to_owned(),
        CsvFault::TextAfterQuote => "something follows the quote that ends here".to_owned(),
    }
}

fn csv_row(fault: CsvFault) -> Wording {
    let help = match fault {
        CsvFault::CellTooLong { .. } | CsvFault::TooManyCells { .. } => {
            "say in `[source]` how rows are written; leave long columns out of the export"
        }
        CsvFault::QuoteNotClosed | CsvFault::TextAfterQuote => {
            "double a quote that is meant as one, or say `quote = \"\"` in `[source]` if nothing is quoted"
        }
    };
    say("map-row", csv_fault(fault), help)
}

fn cell_count(cells: usize, expected: usize) -> Wording {
    let message = format!("the row has {cells} cells, not {expected} like the first one");
    say("map-row", message, "look for a delimiter that is not in quotes, or a line that was cut")
}

fn not_an_object(message: String) -> Wording {
    say("map-row", message, "write one JSON object on each line")
}

fn nested(column: &str) -> Wording {
    let message = format!("`{column}` is an object or a list, not one value");
    say("map-nested", message, "name what lies in it, like `customer.id` or `lines.0.sku`")
}

fn not_in_table(key: &str, table: &str, nearest: Option<&str>) -> Wording {
    let near = nearest.map(|near| format!(" (did you mean `{near}`?)")).unwrap_or_default();
    let help = format!("add it to the table `{table}`{near}, or say what holds `otherwise`");
    say("map-lookup", format!("`{key}` is not in the table `{table}`"), help)
}

fn date_differs(written: &str, [format, example]: [&str; 2], fault: &DateFault) -> Wording {
    let message = format!("`{written}` is not a date in the format `{format}`");
    match (fault, form_of(fault)) {
        (DateFault::Form | DateFault::TimeOfDay, _) => {
            say("map-date", message, format!("such a date looks like `{example}`"))
        }
        (_, Some(form)) => {
            let help = format!("add `\"{form}\"` to `date`, or have the source write dates like `{example}`");
            say("map-date", format!("{message}: it {}", date_words(fault).what), help)
        }
        (_, None) => {
            let what = date_words(fault).what;
            say("map-date", format!("`{written}` {what}"), "mend it in the source, or leave the row out with `when`")
        }
    }
}

/// The form of `date` that reads what a text seems to be.
fn form_of(fault: &DateFault) -> Option<&'static str> {
    match fault {
        DateFault::TimeOfDay => Some("iso"),
        DateFault::SerialNumber { .. } => Some("excel"),
        DateFault::UnixSeconds { .. } => Some("unix"),
        DateFault::UnixMilliseconds { .. } => Some("unix-ms"),
        DateFault::Form | DateFault::NoSuchDay { .. } | DateFault::NoSuchMonth { .. } | DateFault::TooEarly => None,
    }
}

fn not_a_date(written: &str, fault: &DateFault) -> Wording {
    match (fault, form_of(fault)) {
        (DateFault::Form, _) => {
            let message = format!("`{written}` is not a date like 2027-01-31");
            say("map-date", message, "say how dates are written, like `date = \"%d/%m/%Y\"`")
        }
        (_, Some(form)) => {
            let help = format!("say `date = \"{form}\"`, or have the source write dates like 2027-01-31");
            say("map-date", format!("`{written}` {}", date_words(fault).what), help)
        }
        (_, None) => {
            let what = date_words(fault).what;
            say("map-date", format!("`{written}` {what}"), "mend it in the source, or leave the row out with `when`")
        }
    }
}

fn zone_missing(written: &str) -> Wording {
    let message = format!("`{written}` is an instant, and no time zone is named that says on which day it is");
    let help =
        "say `timezone = \"Europe/Vienna\"` or another zone in `[source]`; `init --timezone` names that of a new book";
    say("map-zone", message, help)
}

/// `1/3`, or the decimals where they end.
fn too_many_digits(number: &Exact) -> (String, &'static str) {
    let help = "say `round = 2` or another number of decimals, or leave the row out with `when`";
    let text = number.text();
    let Some((_, den)) = number.fraction() else {
        return (format!("the result `{}` has more digits than an amount may have", shortened(&text)), help);
    };
    let digits = (0..=36_u32).find(|digits| 10_i128.pow(*digits) % den == 0);
    let decimal = digits.and_then(|digits| Some((number.round(digits, Rounding::Down)?, digits)));
    match decimal {
        Some((mantissa, digits)) if digits > 12 => {
            let text = decimal_text(mantissa, digits);
            (format!("the result `{text}` has {digits} digits after the point, and an amount at most 12"), help)
        }
        Some(_) => {
            let message = format!("the result `{text}` has more than 15 digits before the point");
            (message, "leave the row out with `when`, or mend the numbers that it is made of")
        }
        None => (format!("the result `{text}` has decimals without end, and an amount at most 12"), help),
    }
}

fn not_a_number(written: &str, expected: NumberForm, fault: NumberFault) -> Wording {
    let (form, help) = match expected {
        NumberForm::Number => ("a number", NUMBER_HELP),
        NumberForm::Percent => ("a percent", NUMBER_HELP),
        NumberForm::PercentWithSign => ("a percent with its sign", PERCENT_HELP),
    };
    match fault {
        NumberFault::Form => say("map-number", format!("`{written}` is not {form}"), help),
        NumberFault::Grouping => {
            let message = format!("`{written}` is not {form}: its digits are not in groups of three");
            say("map-number", message, "mend it in the source: what it means elsewhere is another number")
        }
        NumberFault::TooManyDigits => {
            let message = format!("`{}` has too many digits: at most 36 are read", shortened(written));
            say("map-digits", message, "mend the number in the source, or leave the row out with `when`")
        }
    }
}

fn fields_missing(kind: &str, fields: &[String], column: Option<&str>) -> Wording {
    let fields: Vec<String> = fields.iter().map(|field| format!("`{field}`")).collect();
    let needs = format!("{} needs {}", called(kind), fields.join(" and "));
    let message = match column {
        Some(column) => format!("`{column}` has no value, and {needs}"),
        None => needs,
    };
    say("map-no-value", message, NO_VALUE_HELP)
}

fn group_differs(field: &str, [here, first]: [Option<&str>; 2], line: u32) -> Wording {
    let told = |text: Option<&str>| text.map_or("nothing".to_owned(), |text| format!("`{text}`"));
    let message = format!("`{field}` is {} here and {} on line {line}, in one group", told(here), told(first));
    let top = field.split('.').next().unwrap_or(field);
    say("map-differs", message, format!("add `{top}` to `group`, or leave such rows out with `when`"))
}
