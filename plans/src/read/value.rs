//! The values that keys take: words, names, dates, spans, amounts and percents, each with what is wanted instead.

use std::collections::BTreeSet;

use ledger::date::{Day, Span};
use ledger::exact::Exact;
use ledger::field::{Amount, FreeText, Percent};
use ledger::id::{Name, NameFault};
use ledger::problem::{nearest, one_of};
use toml::Spanned;
use toml::de::DeValue;

use crate::read::report::{Origin, Report, Spot, shortened};

/// A value with its place in the text.
pub type TomlValue<'t> = Spanned<DeValue<'t>>;

/// As many names as one list may have.
pub const NAMES_MAX: usize = 1_000;

const NAME: &str = "a name of 1 to 128 bytes of printable text without leading or trailing blanks";
const AMOUNT: &str = "a decimal in quotes like \"3500\", with at most 15 digits before and 12 after the point";
const FACTOR: &str = "a factor in quotes like \"1.5\", zero or more";
const PERCENT: &str = "a percent in quotes like \"25%\", with at most 9 decimals";
const SPAN: &str = "a span in quotes like \"90 days\" or \"12 months\", of at most 3660";

/// The value is not what its key takes.
pub fn not<T>(value: &TomlValue<'_>, wanted: &str, report: &mut Report<'_>) -> Option<T> {
    let spot = Spot::from(value.span());
    let message = format!("`{}` is not {wanted}", report.shown(spot));
    let help = match (quoted(value, wanted), value.get_ref()) {
        (Some(quoted), _) => format!("put it in quotes: `{quoted}`"),
        (None, DeValue::Float(_)) => format!("write {wanted}; a decimal stands in quotes, so that it is exact"),
        (
            None,
            DeValue::String(_)
            | DeValue::Integer(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_)
            | DeValue::Table(_),
        ) => format!("write {wanted}"),
    };
    report.wrong(spot, "plan-value", message, help)
}

/// A bare number as it was probably meant. A share of 0.5 may be half or half a percent, so it is not guessed.
fn quoted(value: &TomlValue<'_>, wanted: &str) -> Option<String> {
    if wanted == PERCENT {
        return decimal_integer(value).map(|number| format!("\"{number}%\""));
    }
    let float = value.get_ref().as_float().filter(|_| wanted == AMOUNT || wanted == FACTOR)?;
    Some(format!("\"{}\"", float.as_str()))
}

fn written<'v>(value: &'v TomlValue<'_>) -> Option<&'v str> {
    value.get_ref().as_str()
}

fn parsed<T>(
    value: &TomlValue<'_>,
    wanted: &str,
    parse: impl FnOnce(&str) -> Option<T>,
    report: &mut Report<'_>,
) -> Option<T> {
    written(value).and_then(parse).or_else(|| not(value, wanted, report))
}

/// One of a set of words.
pub fn word<T: Copy>(value: &TomlValue<'_>, words: &[(&str, T)], report: &mut Report<'_>) -> Option<T> {
    let all = || words.iter().map(|(word, _)| *word);
    let text = written(value);
    if let Some((_, meant)) = words.iter().find(|(word, _)| Some(*word) == text) {
        return Some(*meant);
    }
    let spot = Spot::from(value.span());
    let help = match text.filter(|text| text.len() <= Name::BYTES_MAX).and_then(|text| nearest(text, all())) {
        Some(near) => format!("did you mean `\"{near}\"`?"),
        None => format!("write {} in quotes", one_of(all())),
    };
    report.wrong(spot, "plan-value", format!("`{}` is not {}", report.shown(spot), one_of(all())), help)
}

pub fn name(value: &TomlValue<'_>, report: &mut Report<'_>) -> Option<Name> {
    let Some(text) = written(value) else { return not(value, NAME, report) };
    match of_name(text, report.origin) {
        Ok(name) => Some(name),
        Err(NameFault::Shape) => not(value, NAME, report),
        Err(fault) => no_name(Spot::from(value.span()), text, &fault, report),
    }
}

/// The name that a text is, by the rule of where it is from.
pub fn of_name(text: &str, origin: Origin) -> Result<Name, NameFault> {
    match origin {
        Origin::Incoming => Name::incoming(text),
        Origin::Published => Name::new(text).ok_or(NameFault::Shape),
    }
}

/// Refuses what is written at the spot.
pub fn no_name<T>(spot: Spot, text: &str, fault: &NameFault, report: &mut Report<'_>) -> Option<T> {
    let code = fault.code().unwrap_or("plan-value");
    report.wrong(spot, code, format!("`{}` {fault}", shortened(text)), fault.help())
}

/// One name, or a list of different ones.
pub fn names<'t>(value: &'t TomlValue<'t>, report: &mut Report<'_>) -> Option<Vec<Name>> {
    if written(value).is_some() {
        return name(value, report).map(|name| vec![name]);
    }
    let names = list(value, "a name or a list of names", NAMES_MAX, name, report)?;
    distinct(value, &names, report).then_some(names)
}

/// Whether no entry of the list at `value` is there twice.
pub fn distinct<T: Ord>(value: &TomlValue<'_>, entries: &[T], report: &mut Report<'_>) -> bool {
    let spots = value.get_ref().as_array().into_iter().flat_map(|array| array.iter());
    let mut seen = BTreeSet::new();
    let mut fine = true;
    for (entry, node) in entries.iter().zip(spots) {
        if !seen.insert(entry) {
            let spot = Spot::from(node.span());
            let message = format!("`{}` is there twice", report.shown(spot));
            report.refuse(spot, "plan-duplicate", message, "leave out the second one");
            fine = false;
        }
    }
    fine
}

/// A list of at least one and at most `most` entries; every entry is read, so that all mistakes are found.
pub fn list<'t, T>(
    value: &'t TomlValue<'t>,
    wanted: &str,
    most: usize,
    mut read: impl FnMut(&'t TomlValue<'t>, &mut Report<'_>) -> Option<T>,
    report: &mut Report<'_>,
) -> Option<Vec<T>> {
    let Some(entries) = value.get_ref().as_array() else { return not(value, wanted, report) };
    let spot = Spot::from(value.span());
    if entries.is_empty() {
        return report.wrong(spot, "plan-empty", "`[]` says nothing", format!("write {wanted}, or leave the key out"));
    }
    if entries.len() > most {
        let message = format!("`{}` entries are more than {most}", entries.len());
        return report.wrong(spot, "plan-limit", message, format!("write at most {most}"));
    }
    let read: Vec<Option<T>> = entries.iter().map(|entry| read(entry, report)).collect();
    read.into_iter().collect()
}

/// A title: one line of text.
pub fn line(value: &TomlValue<'_>, report: &mut Report<'_>) -> Option<String> {
    let fits = |text: &str| (1..=FreeText::BYTES_MAX).contains(&text.len()) && !text.chars().any(char::is_control);
    parsed(value, "one line of 1 to 2048 bytes of text", |text| fits(text).then(|| text.to_owned()), report)
}

/// Text of several lines, without what a terminal would obey.
pub fn prose(value: &TomlValue<'_>, report: &mut Report<'_>) -> Option<String> {
    let fits = |text: &str| !text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'));
    parsed(value, "text without control characters", |text| fits(text).then(|| text.to_owned()), report)
}

pub fn flag(value: &TomlValue<'_>, report: &mut Report<'_>) -> Option<bool> {
    value.get_ref().as_bool().or_else(|| not(value, "true or false", report))
}

/// A whole number between two bounds, both included.
pub fn whole(value: &TomlValue<'_>, (least, most): (u32, u32), report: &mut Report<'_>) -> Option<u32> {
    let number = decimal_integer(value).and_then(|text| text.parse::<u32>().ok());
    number
        .filter(|number| (least..=most).contains(number))
        .or_else(|| not(value, &format!("a whole number from {least} to {most}"), report))
}

fn decimal_integer<'v>(value: &'v TomlValue<'_>) -> Option<&'v str> {
    let integer = value.get_ref().as_integer().filter(|integer| integer.radix() == 10)?;
    Some(integer.as_str().trim_start_matches('+'))
}

/// A TOML date, or one in quotes.
pub fn day(value: &TomlValue<'_>, report: &mut Report<'_>) -> Option<Day> {
    let date = value.get_ref().as_datetime().filter(|at| at.time.is_none()).and_then(|at| at.date);
    let text = date.map(|date| date.to_string());
    let day = text.as_deref().or(written(value)).and_then(Day::parse);
    day.or_else(|| not(value, "a date like 2027-01-31, from 1900 on", report))
}

pub fn span(value: &TomlValue<'_>, report: &mut Report<'_>) -> Option<Span> {
    parsed(value, SPAN, Span::parse, report)
}

/// A span of which something is summed. An empty one would promise nothing, and a gate on it could not fail.
pub fn window(value: &TomlValue<'_>, report: &mut Report<'_>) -> Option<Span> {
    match span(value, report)? {
        Span::Days(0) | Span::Months(0) => not(value, "a window of at least a day", report),
        span @ (Span::Days(_) | Span::Months(_)) => Some(span),
    }
}

fn decimal(value: &TomlValue<'_>) -> Option<Amount> {
    written(value).or_else(|| decimal_integer(value)).and_then(Amount::parse)
}

/// A decimal in quotes, or a TOML integer.
pub fn amount(value: &TomlValue<'_>, report: &mut Report<'_>) -> Option<Amount> {
    decimal(value).or_else(|| not(value, AMOUNT, report))
}

/// An amount that is zero or more.
pub fn amount_from_zero(value: &TomlValue<'_>, report: &mut Report<'_>) -> Option<Amount> {
    let amount = amount(value, report)?;
    if amount.is_negative() {
        return not(value, "an amount of zero or more", report);
    }
    Some(amount)
}

/// What a rate is multiplied by.
pub fn factor(value: &TomlValue<'_>, report: &mut Report<'_>) -> Option<Exact> {
    let factor = decimal(value).filter(|factor| !factor.is_negative()).map(Amount::exact);
    factor.or_else(|| not(value, FACTOR, report))
}

/// The fraction that a percent means.
pub fn percent(value: &TomlValue<'_>, report: &mut Report<'_>) -> Option<Exact> {
    parsed(value, PERCENT, |text| Percent::parse(text).map(Percent::exact), report)
}

/// A fraction as a percent for a message: `33.3 %`.
pub fn percent_text(fraction: &Exact) -> String {
    format!("{} %", fraction * &Exact::whole(100))
}

pub fn percent_from_zero(value: &TomlValue<'_>, report: &mut Report<'_>) -> Option<Exact> {
    let percent = percent(value, report)?;
    if percent.is_negative() {
        return not(value, "a percent of zero or more", report);
    }
    Some(percent)
}

pub fn percent_above_zero(value: &TomlValue<'_>, report: &mut Report<'_>) -> Option<Exact> {
    let percent = percent(value, report)?;
    if !percent.is_positive() {
        return not(value, "a percent above zero", report);
    }
    Some(percent)
}

/// A part of something: above nothing, at most all of it.
pub fn share(value: &TomlValue<'_>, report: &mut Report<'_>) -> Option<Exact> {
    let share = percent(value, report)?;
    if !share.is_positive() || share > Exact::ONE {
        return not(value, "a percent above 0 % and up to 100 %", report);
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
            ("ramp = {\n}", "plan-value", "{"),
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
