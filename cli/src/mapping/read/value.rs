//! One value of a fact: a constant, or where in the row it comes from and what is done with it on the way.

use chrono::TimeDelta;
use ledger::field::{Amount, FreeText};
use ledger::money::Currency;
use ledger::nearest::nearest;
use plans::read::report::Spot;
use plans::read::table::{TextField, TomlTable, WrittenKey, written};
use plans::read::toml_fault::ExpectedValue;
use plans::read::value::{self, TomlValue};
use toml::de::DeValue;
use uuid::Uuid;

use crate::mapping::evaluate::date::DayOfMonth;
use crate::mapping::kinds::Shape;
use crate::mapping::read::date::{self, FormText};
use crate::mapping::read::gathered::Gathered;
use crate::mapping::read::text::text;
use crate::mapping::refusal::{KeyNeeds, MappingRefusal, MappingReport, MappingValue};
use crate::mapping::rules::{Divisor, Letters, PercentAs, ValueSource, Worked};

/// As many columns may be joined, as many values multiplied.
const PARTS_MAX: usize = 20;

const PERCENT: [(&str, PercentAs); 2] = [("fraction", PercentAs::Fraction), ("points", PercentAs::Points)];

/// What is written for a field.
#[derive(Debug)]
pub enum Written {
    Constant(String),
    Worked(Box<Worked>),
    Same { field: String, at: Spot },
}

/// Where a value is: what it may be made of follows from that.
#[derive(Copy, Clone, PartialEq, Eq)]
enum Level {
    Field,
    Summand,
    Factor,
}

pub fn field<'t>(
    value: &'t TomlValue<'t>,
    shape: Shape,
    gathered: &mut Gathered,
    report: &mut MappingReport<'_>,
) -> Option<Written> {
    match value.get_ref() {
        DeValue::Table(_) => worked(value, shape, Level::Field, gathered, report),
        DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_)
        | DeValue::Array(_) => constant(value, shape, report).map(Written::Constant),
    }
}

fn constant(written: &TomlValue<'_>, shape: Shape, report: &mut MappingReport<'_>) -> Option<String> {
    let text = written.get_ref().as_str();
    let kept = |fits: bool| text.filter(|_| fits).map(str::to_owned);
    match shape {
        Shape::Day => value::day(written, report).map(|day| day.to_string()),
        Shape::Amount => value::amount(written, report).map(|amount| amount.to_string()),
        Shape::Percent => value::percent(written, report).and_then(|_| kept(true)),
        Shape::Whole => match text.and_then(|text| text.parse::<u16>().ok()) {
            Some(number) => Some(number.to_string()),
            None => value::whole(written, (0, u32::from(u16::MAX)), report).map(|number| number.to_string()),
        },
        Shape::Name => value::name(written, report).map(|name| name.to_string()),
        Shape::Text => kept(text.is_some_and(|text| text.len() <= FreeText::BYTES_MAX))
            .or_else(|| value::not(written, MappingValue::TextUpTo(FreeText::BYTES_MAX), report)),
        Shape::Currency => kept(text.and_then(Currency::parse).is_some())
            .or_else(|| value::not(written, ExpectedValue::Currency, report)),
        Shape::Word(words) => {
            let pairs: Vec<(&str, &str)> = words.iter().map(|word| (*word, *word)).collect();
            value::word(written, &pairs, report).map(str::to_owned)
        }
        Shape::Id => kept(text.is_some_and(|text| text.len() == 36 && Uuid::try_parse(text).is_ok()))
            .or_else(|| value::not(written, MappingValue::Uuid, report)),
        Shape::Corrects if written.get_ref().as_bool() == Some(true) => Some("true".to_owned()),
        Shape::Corrects => kept(text.is_some()).or_else(|| value::not(written, MappingValue::Corrected, report)),
    }
}

/// The keys of a value that comes from the row.
struct WorkedText {
    spot: Spot,
    column: TextField<usize>,
    columns: TextField<Vec<usize>>,
    join: TextField<String>,
    product: TextField<Vec<Worked>>,
    sum: TextField<Worked>,
    same: TextField<String>,
    strip_prefix: TextField<String>,
    strip_suffix: TextField<String>,
    trim: TextField<()>,
    date: TextField<Vec<FormText>>,
    day: TextField<DayOfMonth>,
    minus: TextField<TimeDelta>,
    percent: TextField<PercentAs>,
    lookup: TextField<usize>,
    otherwise: TextField<String>,
    upper: TextField<()>,
    lower: TextField<()>,
    times: TextField<Amount>,
    divide: TextField<Divisor>,
    negate: TextField<bool>,
    round: TextField<u32>,
    prefix: TextField<String>,
    suffix: TextField<String>,
}

fn worked<'t>(
    value: &'t TomlValue<'t>,
    shape: Shape,
    level: Level,
    gathered: &mut Gathered,
    report: &mut MappingReport<'_>,
) -> Option<Written> {
    let mut table = TomlTable::of(value, "a value", report)?;
    let text = WorkedText {
        spot: Spot::from(value.span()),
        column: table.take("column", |value, report| column(value, gathered, report), report),
        columns: table.take("columns", |value, report| columns(value, gathered, report), report),
        join: table.take("join", text, report),
        product: table.take("product", |value, report| product(value, gathered, report), report),
        sum: table.take("sum", |value, report| part(value, Level::Summand, gathered, report), report),
        same: table.take("same", text, report),
        strip_prefix: table.take("strip-prefix", text, report),
        strip_suffix: table.take("strip-suffix", text, report),
        trim: table.take("trim", trim, report),
        date: table.take("date", date::forms, report),
        day: table.take("day", date::day, report),
        minus: table.take("minus", date::minus, report),
        percent: table.take("percent", |value, report| value::word(value, &PERCENT, report), report),
        lookup: table.take("lookup", |value, report| lookup(value, gathered, report), report),
        otherwise: table.take("otherwise", |value, report| constant(value, shape, report), report),
        upper: table.take("upper", only_true, report),
        lower: table.take("lower", only_true, report),
        times: table.take("times", value::amount, report),
        divide: table.take("divide", |value, report| divisor(value, gathered, report), report),
        negate: table.take("negate", value::flag, report),
        round: table.take("round", |value, report| value::whole(value, (0, 12), report), report),
        prefix: table.take("prefix", text, report),
        suffix: table.take("suffix", text, report),
    };
    table.finish(report)?;
    text.one_source(level, report)?;
    text.only_its_keys(shape, report);
    text.worked(shape, report)
}

impl WorkedText {
    /// A value comes from one place.
    fn one_source(&self, level: Level, report: &mut MappingReport<'_>) -> Option<()> {
        let marks =
            written([self.column.mark(), self.columns.mark(), self.product.mark(), self.sum.mark(), self.same.mark()]);
        let allowed: &'static [&'static str] = match level {
            Level::Field => &["column", "columns", "product", "sum", "same"],
            Level::Summand => &["column", "columns", "product"],
            Level::Factor => &["column", "columns"],
        };
        match marks.as_slice() {
            [] => report.wrong(self.spot, MappingRefusal::ValueWithoutOrigin { allowed }),
            [only] if allowed.contains(&only.name) => Some(()),
            [only] => report.wrong(only.key, MappingRefusal::OriginNotAllowed { key: only.name, allowed }),
            [first, second, ..] => {
                let (first, second, key) = (first.name, second.name, second.key);
                report.wrong(key, MappingRefusal::OriginTwice { first, second, allowed })
            }
        }
    }

    /// A key without effect is refused, never ignored.
    fn only_its_keys(&self, shape: Shape, report: &mut MappingReport<'_>) {
        let from_cells = self.column.is_written() || self.columns.is_written();
        let is_copy = self.same.is_written();
        let is_number = matches!(shape, Shape::Amount | Shape::Percent | Shape::Whole);
        let is_text = !is_number && shape != Shape::Day;
        let rules: [(Option<WrittenKey>, bool, KeyNeeds); 20] = [
            (self.join.mark(), self.columns.is_written(), KeyNeeds::Columns),
            (self.strip_prefix.mark(), from_cells, KeyNeeds::ColumnOrColumns),
            (self.strip_suffix.mark(), from_cells, KeyNeeds::ColumnOrColumns),
            (self.trim.mark(), from_cells, KeyNeeds::ColumnOrColumns),
            (self.lookup.mark(), from_cells, KeyNeeds::ColumnOrColumns),
            (self.otherwise.mark(), from_cells, KeyNeeds::ColumnOrColumns),
            (self.date.mark(), from_cells && shape == Shape::Day, KeyNeeds::DateField),
            (self.day.mark(), self.date.is_written(), KeyNeeds::DateFormat),
            (self.minus.mark(), from_cells && shape == Shape::Day, KeyNeeds::DateField),
            (self.percent.mark(), !is_copy && shape == Shape::Percent, KeyNeeds::PercentField),
            (self.upper.mark(), from_cells && !is_number, KeyNeeds::Text),
            (self.lower.mark(), from_cells && !is_number && !self.upper.is_written(), KeyNeeds::Text),
            (self.times.mark(), !is_copy && is_number, KeyNeeds::Number),
            (self.divide.mark(), !is_copy && is_number, KeyNeeds::Number),
            (self.round.mark(), !is_copy && is_number, KeyNeeds::Number),
            (self.negate.mark(), !is_copy && is_number, KeyNeeds::Number),
            (self.prefix.mark(), !is_copy && is_text, KeyNeeds::Text),
            (self.suffix.mark(), !is_copy && is_text, KeyNeeds::Text),
            (self.product.mark(), is_number, KeyNeeds::NumberField),
            (self.sum.mark(), is_number, KeyNeeds::NumberField),
        ];
        for (mark, fits, needs) in rules {
            if let (Some(mark), false) = (mark, fits) {
                report.refuse(mark.key, MappingRefusal::KeyUnused { key: mark.name, needs });
            }
        }
        if let (Some(Divisor::Value(_)), Some(mark), true) =
            (&self.divide.value, self.divide.mark(), self.sum.is_written())
        {
            report.refuse(mark.key, MappingRefusal::SumDividedByColumn);
        }
        let is_worked_out = self.product.mark().or(self.sum.mark());
        if let (Some(mark), Shape::Percent, false) = (is_worked_out, shape, self.percent.is_written()) {
            report.refuse(mark.key, MappingRefusal::PercentMeaningMissing { key: mark.name });
        }
    }

    fn worked(self, shape: Shape, report: &mut MappingReport<'_>) -> Option<Written> {
        if let Some(field) = self.same.value {
            return Some(Written::Same { field, at: self.same.at });
        }
        let date = date::rule(&self.date, self.day.value, &self.minus, report)?;
        // A constant of a percent field that is looked up has its sign.
        debug_assert!(shape != Shape::Percent || self.otherwise.value.as_ref().is_none_or(|text| text.ends_with('%')));
        let join = self.join.or(String::new());
        let from = if let Some(slot) = self.column.value {
            ValueSource::Column(slot)
        } else if let Some(slots) = self.columns.value {
            ValueSource::Columns { slots, join }
        } else if let Some(factors) = self.product.value {
            ValueSource::Product(factors)
        } else {
            ValueSource::Sum(Box::new(self.sum.value?))
        };
        Some(Written::Worked(Box::new(Worked {
            from,
            strip_prefix: self.strip_prefix.value,
            strip_suffix: self.strip_suffix.value,
            date,
            percent: self.percent.value,
            lookup: self.lookup.value,
            otherwise: self.otherwise.value,
            letters: match (self.upper.is_written(), self.lower.is_written()) {
                (true, _) => Some(Letters::Upper),
                (false, true) => Some(Letters::Lower),
                (false, false) => None,
            },
            times: self.times.value.map(Amount::exact),
            divide: self.divide.value,
            round: self.round.value,
            negate: self.negate.value.unwrap_or(false),
            prefix: self.prefix.value,
            suffix: self.suffix.value,
        })))
    }
}

/// By its name, or by its number where the source has no header.
pub fn column(written: &TomlValue<'_>, gathered: &mut Gathered, report: &mut MappingReport<'_>) -> Option<usize> {
    let number = written.get_ref().as_integer().filter(|number| number.radix() == 10).map(|number| number.as_str());
    match written.get_ref().as_str().or(number) {
        Some(name) if !name.trim().is_empty() => Some(gathered.slot(name.trim(), Spot::from(written.span()))),
        Some(_) | None => value::not(written, MappingValue::ColumnName, report),
    }
}

fn columns<'t>(
    written: &'t TomlValue<'t>,
    gathered: &mut Gathered,
    report: &mut MappingReport<'_>,
) -> Option<Vec<usize>> {
    let read = |written, report: &mut MappingReport<'_>| column(written, gathered, report);
    value::list(written, MappingValue::ColumnNames, PARTS_MAX, read, report)
}

fn product<'t>(
    written: &'t TomlValue<'t>,
    gathered: &mut Gathered,
    report: &mut MappingReport<'_>,
) -> Option<Vec<Worked>> {
    let read = |written, report: &mut MappingReport<'_>| part(written, Level::Factor, gathered, report);
    value::list(written, MappingValue::Factors, PARTS_MAX, read, report)
}

/// A column by its name, or a value.
fn part<'t>(
    written: &'t TomlValue<'t>,
    level: Level,
    gathered: &mut Gathered,
    report: &mut MappingReport<'_>,
) -> Option<Worked> {
    if !matches!(written.get_ref(), DeValue::Table(_)) {
        return column(written, gathered, report).map(|slot| Worked::of(ValueSource::Column(slot)));
    }
    match worked(written, Shape::Amount, level, gathered, report)? {
        Written::Worked(worked) => Some(*worked),
        Written::Constant(_) | Written::Same { .. } => unreachable!("BUG: only fields are the same as others"),
    }
}

/// A number, or a column by its name, or a value.
fn divisor<'t>(written: &'t TomlValue<'t>, gathered: &mut Gathered, report: &mut MappingReport<'_>) -> Option<Divisor> {
    let number = written.get_ref().as_str().and_then(Amount::parse);
    let is_number = number.is_some() || !(written.get_ref().is_str() || matches!(written.get_ref(), DeValue::Table(_)));
    if !is_number {
        return part(written, Level::Factor, gathered, report).map(|value| Divisor::Value(Box::new(value)));
    }
    let number = value::amount(written, report)?.exact();
    if number.is_zero() {
        return value::not(written, MappingValue::Divisor, report);
    }
    Some(Divisor::Number(number))
}

/// A key that is written to have an effect, and left out otherwise.
fn only_true(written: &TomlValue<'_>, report: &mut MappingReport<'_>) -> Option<()> {
    match written.get_ref().as_bool() {
        Some(true) => Some(()),
        Some(false) | None => value::not(written, MappingValue::OnlyTrue, report),
    }
}

/// TextField for whoever reads it: it is done in any case.
fn trim(written: &TomlValue<'_>, report: &mut MappingReport<'_>) -> Option<()> {
    match written.get_ref().as_bool() {
        Some(true) => Some(()),
        Some(false) | None => value::not(written, MappingValue::TrimAlways, report),
    }
}

fn lookup(written: &TomlValue<'_>, gathered: &Gathered, report: &mut MappingReport<'_>) -> Option<usize> {
    let name = text(written, report)?;
    if let Some(index) = gathered.tables.iter().position(|table| *table == name) {
        return Some(index);
    }
    let nearest = nearest(&name, gathered.tables.iter().map(String::as_str)).map(str::to_owned);
    let known = gathered.tables.clone();
    report.wrong(Spot::from(written.span()), MappingRefusal::TableUnknown { table: name, nearest, known })
}

#[cfg(test)]
mod tests {
    use crate::mapping::example::refuses;

    #[test]
    fn constants_are_what_their_fields_take() {
        refuses(&[
            ("arr = \"1,000\"", "map-value", "\"1,000\""),
            ("arr = 0.5", "map-value", "0.5"),
            ("start = \"31.1.2027\"", "map-value", "\"31.1.2027\""),
            ("months = \"a year\"", "map-value", "\"a year\""),
            ("months = 70000", "map-value", "70000"),
            ("motion = \"\"", "map-value", "\"\""),
            ("motion = true", "map-value", "true"),
            ("corrects = false", "map-value", "false"),
            ("id = \"7\"", "map-value", "\"7\""),
            ("credit = [{ payee = \"ana\", percent = \"1\" }]", "map-value", "\"1\""),
            ("credit = [{ payee = \"ana\", percent = \"1%\", role = \"owner\" }]", "map-value", "\"owner\""),
        ]);
    }

    #[test]
    fn a_value_comes_from_one_place() {
        refuses(&[
            ("motion = {}", "map-from", "{}"),
            ("motion = { prefix = \"a\" }", "map-from", "{ prefix = \"a\" }"),
            ("motion = { column = \"a\", columns = [\"b\"] }", "map-from", "columns"),
            ("motion = { column = \"a\", same = \"at\" }", "map-from", "same"),
            ("arr = { product = [{ product = [\"a\"] }] }", "map-from", "product"),
            ("group = \"booking\"\narr = { sum = { sum = \"a\" } }", "map-from", "sum"),
            ("group = \"booking\"\narr = { sum = { same = \"tcv\" } }", "map-from", "same"),
            ("motion = { column = \"\" }", "map-value", "\"\""),
            ("motion = { columns = [] }", "map-empty", "[]"),
            ("motion = { colunm = \"a\" }", "map-unknown-key", "colunm"),
        ]);
    }

    #[test]
    fn a_key_that_does_nothing_is_refused() {
        for (field, value, key) in [
            ("motion", "column = \"a\", join = \"-\"", "join"),
            ("motion", "same = \"booking\", strip-prefix = \"a\"", "strip-prefix"),
            ("motion", "same = \"booking\", strip-suffix = \"a\"", "strip-suffix"),
            ("motion", "same = \"booking\", trim = true", "trim"),
            ("motion", "same = \"booking\", otherwise = \"a\"", "otherwise"),
            ("motion", "same = \"booking\", suffix = \"a\"", "suffix"),
            ("motion", "column = \"a\", date = \"%Y-%m-%d\"", "date"),
            ("start", "column = \"a\", day = \"last\"", "day"),
            ("motion", "column = \"a\", percent = \"points\"", "percent"),
            ("motion", "column = \"a\", times = \"2\"", "times"),
            ("start", "column = \"a\", negate = true", "negate"),
            ("tcv", "column = \"a\", prefix = \"1\"", "prefix"),
            ("start", "column = \"a\", suffix = \"-01\"", "suffix"),
            ("motion", "product = [\"a\", \"b\"]", "product"),
        ] {
            refuses(&[(&format!("{field} = {{ {value} }}"), "map-no-effect", key)]);
        }
    }

    #[test]
    fn formats_tables_and_percents_are_checked() {
        refuses(&[
            ("start = { column = \"a\", date = \"%Q\" }", "map-date-format", "\"%Q\""),
            ("start = { column = \"a\", date = \"%Y-%m\" }", "map-date-format", "\"%Y-%m\""),
            ("motion = { column = \"a\", lookup = \"none\" }", "map-table", "\"none\""),
            ("tcv = { column = \"a\", trim = false }", "map-value", "false"),
            ("tcv = { column = \"a\", otherwise = \"x\" }", "map-value", "\"x\""),
            ("credit = [{ payee = \"ana\", percent = { product = [\"a\", \"b\"] } }]", "map-missing", "product"),
        ]);
    }
}
