//! `when`: which rows a fact is made of.

use ledger::field::Amount;
use plans::read::report::Spot;
use plans::read::table::TomlTable;
use plans::read::value::{self, TomlValue};
use toml::de::DeValue;

use crate::mapping::read::gathered::Gathered;
use crate::mapping::read::text::{pattern, text};
use crate::mapping::read::value::column;
use crate::mapping::refusal::{MappingRefusal, MappingReport, MappingValue};
use crate::mapping::rules::{RowCondition, Test};

const CONDITIONS_MAX: usize = 50;
const TEXTS_MAX: usize = 10_000;

/// A list of conditions, all of which must hold, or one alone.
pub fn when<'t>(
    written: &'t TomlValue<'t>,
    gathered: &mut Gathered,
    report: &mut MappingReport<'_>,
) -> Option<Vec<RowCondition>> {
    if matches!(written.get_ref(), DeValue::Table(_)) {
        return condition(written, gathered, report).map(|one| vec![one]);
    }
    let read = |written, report: &mut MappingReport<'_>| condition(written, gathered, report);
    value::list(written, MappingValue::Conditions, CONDITIONS_MAX, read, report)
}

fn condition<'t>(
    written: &'t TomlValue<'t>,
    gathered: &mut Gathered,
    report: &mut MappingReport<'_>,
) -> Option<RowCondition> {
    let mut table = TomlTable::of(written, "a condition", report)?;
    let slot = table.need("column", |value, report| column(value, gathered, report), report);
    let is = table.take("is", texts, report);
    let not = table.take("not", texts, report);
    let one_of = table.take("in", texts, report);
    let matches = table.take("matches", pattern, report);
    let above = table.take("above", value::amount, report);
    let below = table.take("below", value::amount, report);
    let is_said = [is.mark(), not.mark(), one_of.mark(), matches.mark(), above.mark(), below.mark()];
    let spot = Spot::from(written.span());
    table.finish(report)?;
    if is_said.iter().all(Option::is_none) {
        return report.wrong(spot, MappingRefusal::ConditionEmpty);
    }
    let tests = [
        is.value.map(Test::In),
        not.value.map(Test::NotIn),
        one_of.value.map(Test::In),
        matches.value.map(Test::Matches),
        above.value.map(Amount::exact).map(Test::Above),
        below.value.map(Amount::exact).map(Test::Below),
    ];
    Some(RowCondition { slot: slot.value?, tests: tests.into_iter().flatten().collect(), text: report.shown(spot) })
}

fn texts<'t>(written: &'t TomlValue<'t>, report: &mut MappingReport<'_>) -> Option<Vec<String>> {
    if written.get_ref().is_str() {
        return text(written, report).map(|one| vec![one]);
    }
    value::list(written, MappingValue::Texts, TEXTS_MAX, text, report)
}

#[cfg(test)]
mod tests {
    use crate::mapping::example::refuses;

    #[test]
    fn conditions_ask_something_of_a_column() {
        refuses(&[
            ("when = []", "map-empty", "[]"),
            ("when = [{ column = \"a\" }]", "map-empty", "{ column = \"a\" }"),
            ("when = [{ is = \"x\" }]", "map-missing", "{ is = \"x\" }"),
            ("when = [{ column = \"a\", equals = \"x\" }]", "map-unknown-key", "equals"),
            ("when = [{ column = \"a\", in = [] }]", "map-empty", "[]"),
            ("when = [{ column = \"a\", matches = \"(\" }]", "map-pattern", "\"(\""),
            ("when = [{ column = \"a\", above = \"x\" }]", "map-value", "\"x\""),
            ("when = [{ column = \"a\", below = 0.5 }]", "map-value", "0.5"),
            ("when = \"a\"", "map-value", "\"a\""),
            ("when = [{ column = \"aa\", is = \"x\" }]", "map-column", "\"aa\""),
        ]);
    }
}
