//! Mistakes of texts in TOML, plans and mappings alike, in words. The codes are those of plans.

use plans::read::toml_fault::{ExpectedValue, KeyHint, TableKind, TomlFault, TooMany, ValueHint};

use crate::wording::Wording;
use crate::wording::fact::{name_code, name_fault, name_help};
use crate::wording::problem::one_of;

/// One mistake.
pub fn toml_fault(fault: &TomlFault) -> Wording {
    match fault {
        TomlFault::Value { written, expected, hint } => not_of_kind(written, &expected_words(expected), hint),
        TomlFault::Word { written, words, nearest } => {
            let all = one_of(words.iter().map(String::as_str));
            let help = match nearest {
                Some(near) => format!("did you mean `\"{near}\"`?"),
                None => format!("write {all} in quotes"),
            };
            Wording::new("plan-value", format!("`{written}` is not {all}"), help)
        }
        TomlFault::Name { written, fault } => {
            let code = name_code(fault).unwrap_or("plan-value");
            Wording::new(code, format!("`{written}` {}", name_fault(fault)), name_help(fault))
        }
        TomlFault::Duplicate { written } => {
            Wording::new("plan-duplicate", format!("`{written}` is there twice"), "leave out the second one")
        }
        TomlFault::EmptyList { expected } => empty_list(&expected_words(expected)),
        TomlFault::TooManyEntries { count, most } => {
            let message = format!("`{count}` entries are more than {most}");
            Wording::new("plan-limit", message, format!("write at most {most}"))
        }
        TomlFault::MissingKey { key, table } => {
            let message = format!("`{key}` is missing in {}", table_words(*table));
            // These two are lists of tables.
            let is_headed =
                matches!(*key, "fact" | "component") && matches!(table_words(*table), "a plan" | "a mapping");
            let help = if is_headed { format!("add a table headed `[[{key}]]`") } else { format!("add `{key} = …`") };
            Wording::new("plan-missing", message, help)
        }
        TomlFault::UnknownKey { key, table, hint } => {
            let help = match hint {
                KeyHint::BelongsTo(TableKind::Component) => belongs_to("the component"),
                KeyHint::BelongsTo(TableKind::Plan) => belongs_to("the plan"),
                KeyHint::BelongsTo(other) => belongs_to(table_words(*other)),
                KeyHint::Nearest(near) => format!("did you mean `{near}`?"),
                KeyHint::OneOf(known) => format!("write one of {}", one_of(known.iter().copied())),
            };
            Wording::new("plan-unknown-key", format!("`{key}` is no key of {}", table_words(*table)), help)
        }
        TomlFault::TooMany(left_out) => more(*left_out),
    }
}

/// A value of another kind than its key takes, which is what `wanted` says.
pub fn not_of_kind(written: &str, wanted: &str, hint: &ValueHint) -> Wording {
    let help = match hint {
        ValueHint::Quoted(quoted) => format!("put it in quotes: `{quoted}`"),
        ValueHint::DecimalInQuotes => format!("write {wanted}; a decimal is written in quotes, so that it is exact"),
        ValueHint::Expected => format!("write {wanted}"),
    };
    Wording::new("plan-value", format!("`{written}` is not {wanted}"), help)
}

/// A list without entries, where its key takes what `wanted` says.
pub fn empty_list(wanted: &str) -> Wording {
    Wording::new("plan-empty", "`[]` says nothing", format!("write {wanted}, or leave the key out"))
}

/// Findings that are not listed.
pub fn more(left_out: TooMany) -> Wording {
    let TooMany { listed, more } = left_out;
    let message = format!("only the first `{listed}` are shown, at least {more} more were found");
    Wording::new("plan-many", message, "mend these and check again")
}

fn belongs_to(owner: &str) -> String {
    format!("it is a key of {owner}: write it there, above the first table below that")
}

fn expected_words(expected: &ExpectedValue) -> String {
    let words = match expected {
        ExpectedValue::Name => "a name of 1 to 128 bytes of printable text without leading or trailing blanks",
        ExpectedValue::NameOrNames => "a name or a list of names",
        ExpectedValue::Amount => {
            "a decimal in quotes like \"3500\", with at most 15 digits before and 12 after the point"
        }
        ExpectedValue::AmountFromZero => "an amount of zero or more",
        ExpectedValue::AmountAboveZero => "an amount above zero",
        ExpectedValue::AmountOrAssigned => "an amount or \"assigned\"",
        ExpectedValue::Factor => "a factor in quotes like \"1.5\", zero or more",
        ExpectedValue::Percent => "a percent in quotes like \"25%\", with at most 9 decimals",
        ExpectedValue::PercentFromZero => "a percent of zero or more",
        ExpectedValue::PercentAboveZero => "a percent above zero",
        ExpectedValue::PercentOrAssigned => "a percent or \"assigned\"",
        ExpectedValue::Share => "a percent above 0 % and up to 100 %",
        ExpectedValue::Goal => "a goal above zero",
        ExpectedValue::Span => "a span in quotes like \"90 days\" or \"12 months\", of at most 3660",
        ExpectedValue::Window => "a window of at least a day",
        ExpectedValue::Months(most) => return format!("months like \"6 months\", at most {most}"),
        ExpectedValue::Whole(least, most) => return format!("a whole number from {least} to {most}"),
        ExpectedValue::Flag => "true or false",
        ExpectedValue::Day => "a date like 2027-01-31, from 1900 on",
        ExpectedValue::Currency => "an ISO 4217 currency like \"USD\"",
        ExpectedValue::Line => "one line of 1 to 2048 bytes of text",
        ExpectedValue::Prose => "text without control characters",
        ExpectedValue::TakeBack => "a percent, \"remaining-months\" or { unconsumed = \"12 months\" }",
        ExpectedValue::Table(table) => return format!("{}, which is a table like {{ … }}", table_words(*table)),
        ExpectedValue::Tables(table) => return format!("a list of tables, each headed `[[{}]]`", header(*table)),
        ExpectedValue::Tiers => "a list like [{ from = \"100%\", times = \"1.5\" }]",
        ExpectedValue::Points => "a list like [{ at = \"50%\", pay = \"0%\" }]",
        ExpectedValue::Percents => "a list of percents like [\"25%\", \"50%\"]",
        ExpectedValue::RampEvery => "months like \"3 months\", at least one",
        ExpectedValue::Roles => "a list of roles like [\"primary\"]",
        ExpectedValue::Conditions => "a condition like { burn = \"90 days\", at-least = \"25%\" }, or a list of them",
        ExpectedValue::Installments => "a list of installments like [\"checkpoint\"], or \"all\"",
    };
    words.to_owned()
}

fn table_words(table: TableKind) -> &'static str {
    match table {
        TableKind::Plan => "a plan",
        TableKind::Component => "a component",
        TableKind::Ramp => "a ramp",
        TableKind::Installment => "an installment",
        TableKind::Clawback => "a clawback",
        TableKind::Draw => "a draw",
        TableKind::Tier => "a tier",
        TableKind::Point => "a point of a curve",
        TableKind::Condition => "a condition",
        TableKind::Measure => "a measure",
        TableKind::Baseline => "a baseline",
        TableKind::Cap => "a cap",
        TableKind::Filter => "a filter",
        TableKind::TakeBack => "`take-back`",
        TableKind::Other(words) => words,
    }
}

/// The header of a table that has one.
fn header(table: TableKind) -> &'static str {
    match table {
        TableKind::Component => "component",
        TableKind::Draw => "draw",
        TableKind::Installment => "component.installment",
        TableKind::Clawback => "component.clawback",
        TableKind::Plan
        | TableKind::Ramp
        | TableKind::Tier
        | TableKind::Point
        | TableKind::Condition
        | TableKind::Measure
        | TableKind::Baseline
        | TableKind::Cap
        | TableKind::Filter
        | TableKind::TakeBack
        | TableKind::Other(_) => table_words(table),
    }
}
