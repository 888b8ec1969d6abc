//! `when`: conditions that hold on the day of a trigger (calculation.md 7).

use ledger::exact::Exact;
use ledger::field::Amount;
use toml::de::DeValue;

use crate::plan::{Condition, LevelTest};
use crate::read::report::Spot;
use crate::read::table::{TextField, TomlTable, WrittenKey, written};
use crate::read::toml_fault::{ExpectedValue, TableKind};
use crate::read::value::{self, TomlValue};
use crate::refusal::{ConditionRefusal, PlanReport};

pub const CONDITIONS_MAX: usize = 20;

#[derive(Clone, Debug)]
pub struct ConditionText {
    pub spot: Spot,
    pub condition: Condition,
}

/// One condition, or a list of conditions that all hold.
pub fn conditions<'t>(value: &'t TomlValue<'t>, report: &mut PlanReport<'_>) -> Option<Vec<ConditionText>> {
    if matches!(value.get_ref(), DeValue::Table(_)) {
        return condition(value, report).map(|condition| vec![condition]);
    }
    value::list(value, ExpectedValue::Conditions, CONDITIONS_MAX, condition, report)
}

pub fn plain(texts: &[ConditionText]) -> Vec<Condition> {
    texts.iter().map(|text| text.condition.clone()).collect()
}

fn condition<'t>(value: &'t TomlValue<'t>, report: &mut PlanReport<'_>) -> Option<ConditionText> {
    let mut table = TomlTable::of(value, TableKind::Condition, report)?;
    let burn = table.take("burn", value::window, report);
    let metric = table.take("metric", value::name, report);
    let signal = table.take("signal", value::name, report);
    // Burn is a part of what was promised; a metric's readings are plain numbers.
    let bound = if burn.is_written() { value::percent } else { number };
    let at_least = table.take("at-least", bound, report);
    let below = table.take("below", bound, report);
    let spot = table.spot;
    table.finish(report)?;
    let kind = one_kind(spot, &written([burn.mark(), metric.mark(), signal.mark()]), report)?;
    let condition = if kind.name == signal.name {
        no_test(&written([at_least.mark(), below.mark()]), report)?;
        Condition::Signal(signal.value?)
    } else {
        let test = one_test(spot, at_least, below, report)?;
        match burn.value {
            Some(window) => Condition::Burn { window, test },
            None => Condition::Metric { name: metric.value?, test },
        }
    };
    Some(ConditionText { spot, condition })
}

fn number(value: &TomlValue<'_>, report: &mut PlanReport<'_>) -> Option<Exact> {
    value::amount(value, report).map(Amount::exact)
}

fn one_kind(spot: Spot, kinds: &[WrittenKey], report: &mut PlanReport<'_>) -> Option<WrittenKey> {
    match kinds {
        [] => report.wrong(spot, ConditionRefusal::ConditionWithoutSubject),
        [kind] => Some(*kind),
        [first, second, ..] => {
            let (first, key) = (first.name, second.key);
            report.wrong(key, ConditionRefusal::ConditionWithTwoSubjects { first, second: second.name })
        }
    }
}

fn one_test(
    spot: Spot,
    at_least: TextField<Exact>,
    below: TextField<Exact>,
    report: &mut PlanReport<'_>,
) -> Option<LevelTest> {
    match (at_least.mark(), below.mark()) {
        (Some(_), None) => at_least.value.map(LevelTest::AtLeast),
        (None, Some(_)) => below.value.map(LevelTest::Below),
        (Some(_), Some(below)) => report.wrong(below.key, ConditionRefusal::ConditionWithTwoTests),
        (None, None) => report.wrong(spot, ConditionRefusal::ConditionWithoutTest),
    }
}

fn no_test(tests: &[WrittenKey], report: &mut PlanReport<'_>) -> Option<()> {
    let Some(test) = tests.first() else { return Some(()) };
    report.wrong(test.key, ConditionRefusal::TestOfSignal { key: test.name })
}
