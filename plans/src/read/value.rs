//! The kinds of values that keys take: words, names, dates, spans, amounts and percents.
//!
//! Each function reads one value. For a value of another kind it notes a refusal and returns `None`.

use std::collections::BTreeSet;

use ledger::date::{Day, Span};
use ledger::exact::Exact;
use ledger::field::{Amount, FreeText, Percent};
use ledger::id::{Name, NameFault};
use ledger::nearest::nearest;
use toml::Spanned;
use toml::de::DeValue;

use crate::read::report::{Origin, Spot, TextRefusal, TextReport, shortened};
use crate::read::toml_fault::{ExpectedValue, KeyExpectation, TomlFault, ValueHint};

/// A value with its place in the text.
pub type TomlValue<'t> = Spanned<DeValue<'t>>;

/// The most names in one list.
pub const NAMES_MAX: usize = 1_000;

/// Refuses a value that is not of the kind that its key takes.
pub fn not<T, R: TextRefusal>(
    value: &TomlValue<'_>,
    expected: impl KeyExpectation<R>,
    report: &mut TextReport<'_, R>,
) -> Option<T> {
    let spot = Spot::from(value.span());
    let hint = match (expected.of_plans().and_then(|expected| quoted(value, expected)), value.get_ref()) {
        (Some(quoted), _) => ValueHint::Quoted(quoted),
        (None, DeValue::Float(_)) => ValueHint::DecimalInQuotes,
        (
            None,
            DeValue::String(_)
            | DeValue::Integer(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_)
            | DeValue::Table(_),
        ) => ValueHint::Expected,
    };
    report.wrong(spot, expected.value_refused(report.shown(spot), hint))
}

/// A bare number as it was probably meant. A share of 0.5 may be half or half a percent, so it is not guessed.
fn quoted(value: &TomlValue<'_>, expected: &ExpectedValue) -> Option<String> {
    if *expected == ExpectedValue::Percent {
        return decimal_integer(value).map(|number| format!("\"{number}%\""));
    }
    let takes_decimals = matches!(expected, ExpectedValue::Amount | ExpectedValue::Factor);
    let float = value.get_ref().as_float().filter(|_| takes_decimals)?;
    Some(format!("\"{}\"", float.as_str()))
}

fn written<'v>(value: &'v TomlValue<'_>) -> Option<&'v str> {
    value.get_ref().as_str()
}

fn parsed<T, R: TextRefusal>(
    value: &TomlValue<'_>,
    expected: ExpectedValue,
    parse: impl FnOnce(&str) -> Option<T>,
    report: &mut TextReport<'_, R>,
) -> Option<T> {
    written(value).and_then(parse).or_else(|| not(value, expected, report))
}

/// One of a set of words; the value that goes with it.
pub fn word<T: Copy, R: TextRefusal>(
    value: &TomlValue<'_>,
    words: &[(&str, T)],
    report: &mut TextReport<'_, R>,
) -> Option<T> {
    let all = || words.iter().map(|(word, _)| *word);
    let text = written(value);
    if let Some((_, meant)) = words.iter().find(|(word, _)| Some(*word) == text) {
        return Some(*meant);
    }
    let spot = Spot::from(value.span());
    let nearest = text.filter(|text| text.len() <= Name::BYTES_MAX).and_then(|text| nearest(text, all()));
    let (nearest, words) = (nearest.map(str::to_owned), all().map(str::to_owned).collect());
    report.wrong(spot, TomlFault::Word { written: report.shown(spot), words, nearest })
}

/// A name.
pub fn name<R: TextRefusal>(value: &TomlValue<'_>, report: &mut TextReport<'_, R>) -> Option<Name> {
    let Some(text) = written(value) else { return not(value, ExpectedValue::Name, report) };
    match of_name(text, report.origin) {
        Ok(name) => Some(name),
        Err(NameFault::Shape) => not(value, ExpectedValue::Name, report),
        Err(fault) => no_name(Spot::from(value.span()), text, fault, report),
    }
}

/// Reads a name by the rule that applies to the origin of the text. The error says which rule it breaks.
pub fn of_name(text: &str, origin: Origin) -> Result<Name, NameFault> {
    match origin {
        Origin::Incoming => Name::incoming(text),
        Origin::Published => Name::new(text).ok_or(NameFault::Shape),
    }
}

/// Refuses a text that is no name.
pub fn no_name<T, R: TextRefusal>(
    spot: Spot,
    text: &str,
    fault: NameFault,
    report: &mut TextReport<'_, R>,
) -> Option<T> {
    report.wrong(spot, TomlFault::Name { written: shortened(text), fault })
}

/// One name, or a list of names without duplicates.
pub fn names<'t, R: TextRefusal>(value: &'t TomlValue<'t>, report: &mut TextReport<'_, R>) -> Option<Vec<Name>> {
    if written(value).is_some() {
        return name(value, report).map(|name| vec![name]);
    }
    let names = list(value, ExpectedValue::NameOrNames, NAMES_MAX, name, report)?;
    distinct(value, &names, report).then_some(names)
}

/// Whether a list has no entry twice. Each second one is refused. `entries` are the values of the list at `value`.
pub fn distinct<T: Ord, R: TextRefusal>(value: &TomlValue<'_>, entries: &[T], report: &mut TextReport<'_, R>) -> bool {
    let spots = value.get_ref().as_array().into_iter().flat_map(|array| array.iter());
    let mut seen = BTreeSet::new();
    let mut fine = true;
    for (entry, node) in entries.iter().zip(spots) {
        if !seen.insert(entry) {
            let spot = Spot::from(node.span());
            report.refuse(spot, TomlFault::Duplicate { written: report.shown(spot) });
            fine = false;
        }
    }
    fine
}

/// A list of at least one and at most `most` entries. Every entry is read, so that all mistakes are found.
pub fn list<'t, T, R: TextRefusal>(
    value: &'t TomlValue<'t>,
    expected: impl KeyExpectation<R>,
    most: usize,
    mut read: impl FnMut(&'t TomlValue<'t>, &mut TextReport<'_, R>) -> Option<T>,
    report: &mut TextReport<'_, R>,
) -> Option<Vec<T>> {
    let Some(entries) = value.get_ref().as_array() else { return not(value, expected, report) };
    let spot = Spot::from(value.span());
    if entries.is_empty() {
        return report.wrong(spot, expected.empty_list());
    }
    if entries.len() > most {
        return report.wrong(spot, TomlFault::TooManyEntries { count: entries.len(), most });
    }
    let read: Vec<Option<T>> = entries.iter().map(|entry| read(entry, report)).collect();
    read.into_iter().collect()
}

/// One line of text, not empty: a title.
pub fn line<R: TextRefusal>(value: &TomlValue<'_>, report: &mut TextReport<'_, R>) -> Option<String> {
    let fits = |text: &str| (1..=FreeText::BYTES_MAX).contains(&text.len()) && !text.chars().any(char::is_control);
    parsed(value, ExpectedValue::Line, |text| fits(text).then(|| text.to_owned()), report)
}

/// Text of several lines without control characters.
pub fn prose<R: TextRefusal>(value: &TomlValue<'_>, report: &mut TextReport<'_, R>) -> Option<String> {
    let fits = |text: &str| !text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'));
    parsed(value, ExpectedValue::Prose, |text| fits(text).then(|| text.to_owned()), report)
}

/// `true` or `false`.
pub fn flag<R: TextRefusal>(value: &TomlValue<'_>, report: &mut TextReport<'_, R>) -> Option<bool> {
    value.get_ref().as_bool().or_else(|| not(value, ExpectedValue::Flag, report))
}

/// A whole number between two bounds, both included.
pub fn whole<R: TextRefusal>(
    value: &TomlValue<'_>,
    (least, most): (u32, u32),
    report: &mut TextReport<'_, R>,
) -> Option<u32> {
    let number = decimal_integer(value).and_then(|text| text.parse::<u32>().ok());
    number
        .filter(|number| (least..=most).contains(number))
        .or_else(|| not(value, ExpectedValue::Whole(least, most), report))
}

fn decimal_integer<'v>(value: &'v TomlValue<'_>) -> Option<&'v str> {
    let integer = value.get_ref().as_integer().filter(|integer| integer.radix() == 10)?;
    Some(integer.as_str().trim_start_matches('+'))
}

/// A date, as TOML has it or in quotes.
pub fn day<R: TextRefusal>(value: &TomlValue<'_>, report: &mut TextReport<'_, R>) -> Option<Day> {
    let date = value.get_ref().as_datetime().filter(|at| at.time.is_none()).and_then(|at| at.date);
    let text = date.map(|date| date.to_string());
    let day = text.as_deref().or(written(value)).and_then(Day::parse);
    day.or_else(|| not(value, ExpectedValue::Day, report))
}

/// A number of days or months, such as `90 days`.
pub fn span<R: TextRefusal>(value: &TomlValue<'_>, report: &mut TextReport<'_, R>) -> Option<Span> {
    parsed(value, ExpectedValue::Span, Span::parse, report)
}

/// A number of days or months above 0. Usage over an empty window would be 0 of 0.
pub fn window<R: TextRefusal>(value: &TomlValue<'_>, report: &mut TextReport<'_, R>) -> Option<Span> {
    match span(value, report)? {
        Span::Days(0) | Span::Months(0) => not(value, ExpectedValue::Window, report),
        span @ (Span::Days(_) | Span::Months(_)) => Some(span),
    }
}

fn decimal(value: &TomlValue<'_>) -> Option<Amount> {
    written(value).or_else(|| decimal_integer(value)).and_then(Amount::parse)
}

/// An amount: a decimal in quotes, or a whole number.
pub fn amount<R: TextRefusal>(value: &TomlValue<'_>, report: &mut TextReport<'_, R>) -> Option<Amount> {
    decimal(value).or_else(|| not(value, ExpectedValue::Amount, report))
}

/// An amount of 0 or more.
pub fn amount_from_zero<R: TextRefusal>(value: &TomlValue<'_>, report: &mut TextReport<'_, R>) -> Option<Amount> {
    let amount = amount(value, report)?;
    if amount.is_negative() {
        return not(value, ExpectedValue::AmountFromZero, report);
    }
    Some(amount)
}

/// A number of 0 or more by which a rate is multiplied.
pub fn factor<R: TextRefusal>(value: &TomlValue<'_>, report: &mut TextReport<'_, R>) -> Option<Exact> {
    let factor = decimal(value).filter(|factor| !factor.is_negative()).map(Amount::exact);
    factor.or_else(|| not(value, ExpectedValue::Factor, report))
}

/// A percent, as a fraction: `25%` is 1/4.
pub fn percent<R: TextRefusal>(value: &TomlValue<'_>, report: &mut TextReport<'_, R>) -> Option<Exact> {
    parsed(value, ExpectedValue::Percent, |text| Percent::parse(text).map(Percent::exact), report)
}

/// A percent of 0 % or more, as a fraction.
pub fn percent_from_zero<R: TextRefusal>(value: &TomlValue<'_>, report: &mut TextReport<'_, R>) -> Option<Exact> {
    let percent = percent(value, report)?;
    if percent.is_negative() {
        return not(value, ExpectedValue::PercentFromZero, report);
    }
    Some(percent)
}

/// A percent above 0 %, as a fraction.
pub fn percent_above_zero<R: TextRefusal>(value: &TomlValue<'_>, report: &mut TextReport<'_, R>) -> Option<Exact> {
    let percent = percent(value, report)?;
    if !percent.is_positive() {
        return not(value, ExpectedValue::PercentAboveZero, report);
    }
    Some(percent)
}

/// A percent above 0 % and at most 100 %, as a fraction.
pub fn share<R: TextRefusal>(value: &TomlValue<'_>, report: &mut TextReport<'_, R>) -> Option<Exact> {
    let share = percent(value, report)?;
    if !share.is_positive() || share > Exact::ONE {
        return not(value, ExpectedValue::Share, report);
    }
    Some(share)
}

#[cfg(test)]
mod tests {
    use crate::check::check_published;
    use crate::check::example::{component, refused, refuses};

    #[test]
    fn names_have_only_what_is_seen_and_are_composed() {
        for (keys, code, meant) in [
            ("where = { motion = [\"n\u{202e}ew\"] }", "id-invisible", "\"n\u{202e}ew\""),
            ("where = { \"ver\u{115f}tical\" = \"a\" }", "id-invisible", "\"ver\u{115f}tical\""),
            ("where = { region = \"Que\u{301}bec\" }", "id-not-nfc", "\"Que\u{301}bec\""),
            ("[[component.clawback]]\nid = \"b\"\nsignal = \"x\u{fe0f}\"", "id-invisible", "\"x\u{fe0f}\""),
        ] {
            let text = component(keys);
            assert_eq!(refused(&text), [(code, meant.to_owned())], "{keys:?}");
        }
        // What a log holds was published before there was this rule.
        let text = component("where = { region = \"Que\u{301}bec\" }");
        assert!(check_published("p.toml", &text).plan.is_some());
    }

    #[test]
    fn values_are_what_their_keys_take() {
        refuses(&[
            ("rate = 0.1", "plan-value", "0.1"),
            ("rate = \"10\"", "plan-value", "\"10\""),
            ("rate = \"0.0000000001%\"", "plan-value", "\"0.0000000001%\""),
            ("quota = \"1000000000000000\"", "plan-value", "\"1000000000000000\""),
            ("quota = \"0.0000000000001\"", "plan-value", "\"0.0000000000001\""),
            ("quota = 0x10", "plan-value", "0x10"),
            ("credit = [\"primary\", \"primary\"]", "plan-duplicate", "\"primary\""),
            ("credit = [\"owner\"]", "plan-value", "\"owner\""),
            ("credit = []", "plan-empty", "[]"),
            ("where = {}", "plan-empty", "{}"),
            ("where = { motion = [] }", "plan-empty", "[]"),
            ("where = { region = 5 }", "plan-value", "5"),
            ("where = { vertical = [\"a\", \"a\"] }", "plan-duplicate", "\"a\""),
            ("from = 2027-01-01T00:00:00", "plan-value", "2027-01-01T00:00:00"),
            ("from = 1899-12-31", "plan-value", "1899-12-31"),
            ("title = \"a\\nb\"", "plan-value", "\"a\\nb\""),
            ("tiers = [\n  5,\n]", "plan-value", "5"),
            ("prorate = {\n}", "plan-value", "{"),
            ("[component.installment]\nid = \"a\"", "plan-value", "[component.installment]"),
            ("[[component.instalment]]\nid = \"a\"", "plan-unknown-key", "instalment"),
            ("[[component.clawback]]\ntake-back = \"all\"", "plan-value", "\"all\""),
            ("[[component.clawback]]\ntake-back = \"0%\"", "plan-value", "\"0%\""),
            ("[[component.clawback]]\ntake-back = { unconsumed = \"0 months\" }", "plan-value", "\"0 months\""),
            ("[[component.clawback]]\nreverse = []", "plan-empty", "[]"),
            ("[[component.clawback]]\nreverse = [\"a\", \"a\"]", "plan-duplicate", "\"a\""),
        ]);
    }
}
