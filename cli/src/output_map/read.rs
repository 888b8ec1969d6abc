//! From the text of an output's mapping to what it says, every mistake noted where it is.

use plans::read::report::Spot;
use plans::read::table::TomlTable;
use plans::read::value::{self, TomlValue};
use toml::de::DeTable;

use crate::failure::Failure;
use crate::mapping::evaluate::date_pattern::{DatePattern, NeedsDay};
use crate::mapping::mapped::MapText;
use crate::mapping::read::source::delimiter;
use crate::mapping::read::text::text;
use crate::mapping::refusal::{MappingRefusal, MappingReport, MappingValue};
use crate::output_map::refusal::OutputMapRefusal;
use crate::output_map::rules::{
    ACCOUNT_KINDS, AccountRule, CoveredAccounts, OutputColumn, OutputMap, OutputRows, OutputShape,
};
use crate::output_map::template::{CellTemplate, OutputField, OutputKind};
use crate::wording::mapping::refusals;

/// As many rules for accounts, and as many columns, may a mapping have.
pub const RULES_MAX: usize = 1_000;

/// Reads a mapping. Fails with every mistake in it.
pub fn read(map: &MapText, kind: OutputKind) -> Result<OutputMap, Failure> {
    let mut report = MappingReport::of(&map.text);
    let read = read_text(&map.name, kind, &mut report);
    let refused = report.findings(&map.name).0;
    match read.filter(|_| refused.is_empty()) {
        Some(map) => Ok(map),
        None => Err(Failure::Refused(refusals(&refused))),
    }
}

fn read_text(file: &str, kind: OutputKind, report: &mut MappingReport<'_>) -> Option<OutputMap> {
    let (document, errors) = DeTable::parse_recoverable(report.text);
    for error in &errors {
        let end = report.text.len();
        let spot = error.span().map_or(Spot { start: end, end }, Spot::from);
        let written = report.shown(spot);
        report.refuse(spot, MappingRefusal::of_toml(error.message(), written));
    }
    if !errors.is_empty() {
        return None;
    }
    let mut root = TomlTable::of_text(document.get_ref(), "a mapping of an output");
    let shape = root.take("output", |value, report| shape(value, kind, report), report);
    let accounts = match kind {
        OutputKind::Journal => Some(root.need(
            "account",
            |value, report| value::list(value, MappingValue::AccountRules, RULES_MAX, account, report),
            report,
        )),
        OutputKind::Payroll => None,
    };
    let read_columns = |value, report: &mut MappingReport<'_>| {
        let read = |value, report: &mut MappingReport<'_>| column(value, kind, report);
        value::list(value, MappingValue::OutputColumns, RULES_MAX, read, report)
    };
    let columns = match kind {
        OutputKind::Journal => root.take("column", read_columns, report),
        OutputKind::Payroll => root.need("column", read_columns, report),
    };
    root.finish(report);
    let shape = if shape.is_written() { shape.value? } else { OutputShape::default() };
    let columns = if columns.is_written() { columns.value? } else { default_columns(shape.rows) };
    must_be_of_sums(&shape, &columns, report);
    let accounts = match accounts {
        Some(accounts) => accounts.value?,
        None => Vec::new(),
    };
    let columns = columns.into_iter().map(|(column, _)| column).collect();
    Some(OutputMap { file: file.to_owned(), shape, accounts, columns })
}

/// A column, and where its template is.
type WrittenColumn = (OutputColumn, Spot);

impl Default for OutputShape {
    fn default() -> OutputShape {
        OutputShape { rows: OutputRows::Entries, delimiter: ',', decimal: '.', date: None }
    }
}

fn shape<'t>(value: &'t TomlValue<'t>, kind: OutputKind, report: &mut MappingReport<'_>) -> Option<OutputShape> {
    const ROWS: [(&str, OutputRows); 2] = [("entries", OutputRows::Entries), ("sums", OutputRows::Sums)];
    let mut table = TomlTable::of(value, "`[output]`", report)?;
    let default = OutputShape::default();
    let rows = match kind {
        OutputKind::Journal => table.take("rows", |value, report| value::word(value, &ROWS, report), report).value,
        OutputKind::Payroll => None,
    };
    let delimiter = table.take("delimiter", delimiter, report);
    let decimal = table.take("decimal", |value, report| value::word(value, &[(".", '.'), (",", ',')], report), report);
    let date = table.take("date", date, report);
    table.finish(report);
    Some(OutputShape {
        rows: rows.unwrap_or(default.rows),
        delimiter: delimiter.value.map_or(default.delimiter, char::from),
        decimal: decimal.or(default.decimal),
        date: date.value.flatten(),
    })
}

/// A pattern like `%d/%m/%Y`, or `iso`.
fn date(value: &TomlValue<'_>, report: &mut MappingReport<'_>) -> Option<Option<DatePattern>> {
    let format = text(value, report)?;
    if format == "iso" {
        return Some(None);
    }
    match DatePattern::new(&format, NeedsDay::Day) {
        Some(pattern) => Some(Some(pattern)),
        None => report.wrong(Spot::from(value.span()), MappingRefusal::DateFormatWrong { format }),
    }
}

fn account<'t>(value: &'t TomlValue<'t>, report: &mut MappingReport<'_>) -> Option<AccountRule> {
    let mut table = TomlTable::of(value, "an account", report)?;
    let ledger = table.take("ledger", text, report);
    let kind = table.take("kind", |value, report| value::word(value, &ACCOUNT_KINDS, report), report);
    let plan = table.take("plan", text, report);
    let component = table.take("component", text, report);
    let code = table.need("code", text, report);
    let name = table.take("name", text, report);
    let spot = table.spot;
    table.finish(report);
    let is_commission = kind.value.is_none_or(|begins| begins == ACCOUNT_KINDS[0].1) && !ledger.is_written();
    if let Some(key) = plan.key.or(component.key).filter(|_| !is_commission) {
        report.refuse(key, OutputMapRefusal::AccountOfPlan { key: report.shown(key) });
    }
    let covers = match (ledger.is_written(), kind.is_written()) {
        (true, false) => CoveredAccounts::Named(ledger.value?),
        (false, true) => CoveredAccounts::OfKind { begins: kind.value?, plan: plan.value, component: component.value },
        (true, true) | (false, false) => {
            return report.wrong(kind.key.unwrap_or(spot), OutputMapRefusal::AccountUnclear);
        }
    };
    Some(AccountRule { covers, code: code.value?, name: name.value.unwrap_or_default() })
}

fn column<'t>(value: &'t TomlValue<'t>, kind: OutputKind, report: &mut MappingReport<'_>) -> Option<WrittenColumn> {
    let mut table = TomlTable::of(value, "a column", report)?;
    let name = table.need("name", text, report);
    let template = table.need("value", |value, report| template(value, kind, report), report);
    let default = table.take("default", text, report);
    let only = match kind {
        OutputKind::Journal => table.take("only", codes, report).value,
        OutputKind::Payroll => None,
    };
    table.finish(report);
    let (name, at) = (name.value?, template.at);
    let column = OutputColumn { name, value: template.value?, default: default.value, only: only.unwrap_or_default() };
    Some((column, at))
}

fn codes<'t>(value: &'t TomlValue<'t>, report: &mut MappingReport<'_>) -> Option<Vec<String>> {
    value::list(value, MappingValue::AccountCodes, RULES_MAX, text, report)
}

fn template(value: &TomlValue<'_>, kind: OutputKind, report: &mut MappingReport<'_>) -> Option<CellTemplate> {
    let written = text(value, report)?;
    match CellTemplate::read(&written, kind) {
        Ok(template) => Some(template),
        Err(fault) => report.wrong(Spot::from(value.span()), OutputMapRefusal::TemplateWrong { written, fault }),
    }
}

/// The columns of a mapping that names none.
fn default_columns(rows: OutputRows) -> Vec<WrittenColumn> {
    use OutputField as F;
    let all = [
        ("period", F::Period),
        ("date", F::Date),
        ("position", F::Position),
        ("what", F::What),
        ("payee", F::Payee),
        ("code", F::Code),
        ("name", F::Name),
        ("currency", F::Currency),
        ("debit", F::Debit),
        ("credit", F::Credit),
    ];
    let is_of_rows = |field: F| rows == OutputRows::Entries || !(field.is_of_entry() || field == F::Payee);
    let columns = all.into_iter().filter(|(_, field)| is_of_rows(*field)).map(|(name, field)| OutputColumn {
        name: name.to_owned(),
        value: CellTemplate::of(field),
        default: None,
        only: Vec::new(),
    });
    columns.map(|column| (column, Spot::default())).collect()
}

/// A sum is of no single entry.
fn must_be_of_sums(shape: &OutputShape, columns: &[WrittenColumn], report: &mut MappingReport<'_>) {
    if shape.rows == OutputRows::Entries {
        return;
    }
    for (column, at) in columns {
        if let Some(field) = column.value.fields().find(|field| field.is_of_entry()) {
            report.refuse(*at, OutputMapRefusal::FieldOfEntry { field: field.word() });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = include_str!("../../../docs/exports.md");

    fn codes(text: String) -> Vec<&'static str> {
        let map = MapText { name: "m.toml".to_owned(), text };
        let problems = read(&map, OutputKind::Journal).err().map(Failure::problems).unwrap_or_default();
        problems.into_iter().map(|problem| problem.code).collect()
    }

    #[test]
    fn as_many_accounts_and_columns_as_may_be() {
        let account = "[[account]]\nledger = \"*\"\ncode = \"1\"\n";
        let column = "[[column]]\nname = \"a\"\nvalue = \"b\"\n";
        assert_eq!(codes(account.repeat(RULES_MAX) + &column.repeat(RULES_MAX)), [""; 0]);
        assert_eq!(codes(account.repeat(RULES_MAX + 1)), ["map-limit"]);
        assert_eq!(codes(account.to_owned() + &column.repeat(RULES_MAX + 1)), ["map-limit"]);
    }

    #[test]
    fn mistakes_are_told_at_once() {
        let text =
            "[output]\nrows = \"sum\"\n[[account]]\ncode = 1\n[[column]]\nname = \"a\"\nvalue = \"{x\"\n[[colum]]\n";
        let mut found = codes(text.to_owned());
        found.sort_unstable();
        assert_eq!(found, ["map-template", "map-unknown-key", "map-value", "map-value", "map-value"]);
        assert_eq!(codes("a = b".to_owned()), ["map-syntax"]);
    }

    #[test]
    fn the_page_has_every_key_and_kind() {
        let source = include_str!("read.rs");
        let source = source.split("#[cfg(test)]").next().unwrap_or_default().replace("(\n", "(").replace("( ", "(");
        let taken = source.split(".take(").skip(1).chain(source.split(".need(").skip(1));
        let keys = taken.filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next());
        let keys: Vec<&str> = keys.collect();
        assert!(keys.len() > 12, "{keys:?}");
        for key in keys {
            assert!(PAGE.contains(&format!("`{key}`")) || PAGE.contains(&format!("[{key}]")), "{key}");
        }
        for (kind, _) in ACCOUNT_KINDS {
            assert!(PAGE.contains(&format!("`\"{kind}\"`")), "{kind}");
        }
    }
}
