//! `when`: conditions that hold on the day of a trigger (calculation.md 7).

use ledger::exact::Exact;
use ledger::field::Amount;
use toml::de::DeValue;

use crate::plan::{Condition, Test};
use crate::read::report::{Report, Spot};
use crate::read::table::{Mark, Said, Table, written};
use crate::read::value::{self, TomlValue};

pub const CONDITIONS_MAX: usize = 20;

#[derive(Clone, Debug)]
pub struct ConditionText {
    pub spot: Spot,
    pub condition: Condition,
}

/// One condition, or a list of conditions that all hold.
pub fn conditions<'t>(value: &'t TomlValue<'t>, report: &mut Report<'_>) -> Option<Vec<ConditionText>> {
    if matches!(value.get_ref(), DeValue::Table(_)) {
        return condition(value, report).map(|condition| vec![condition]);
    }
    let wanted = "a condition like { burn = \"90 days\", at-least = \"25%\" }, or a list of them";
    value::list(value, wanted, CONDITIONS_MAX, condition, report)
}

pub fn plain(texts: &[ConditionText]) -> Vec<Condition> {
    texts.iter().map(|text| text.condition.clone()).collect()
}

fn condition<'t>(value: &'t TomlValue<'t>, report: &mut Report<'_>) -> Option<ConditionText> {
    let mut table = Table::of(value, "a condition", report)?;
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
    let condition = match kind.name == signal.name {
        true => {
            no_test(&written([at_least.mark(), below.mark()]), report)?;
            Condition::Signal(signal.value?)
        }
        false => {
            let test = one_test(spot, at_least, below, report)?;
            match burn.value {
                Some(window) => Condition::Burn { window, test },
                None => Condition::Metric { name: metric.value?, test },
            }
        }
    };
    Some(ConditionText { spot, condition })
}

fn number(value: &TomlValue<'_>, report: &mut Report<'_>) -> Option<Exact> {
    value::amount(value, report).map(Amount::exact)
}

fn one_kind(spot: Spot, kinds: &[Mark], report: &mut Report<'_>) -> Option<Mark> {
    let help = "write exactly one of `burn`, `metric` or `signal`; several conditions are a list";
    match kinds {
        [] => report.wrong(spot, "plan-condition", "the condition looks at nothing", help),
        [kind] => Some(*kind),
        [first, second, ..] => {
            let message = format!("`{}` stands beside `{}` in one condition", second.name, first.name);
            report.wrong(second.key, "plan-condition", message, help)
        }
    }
}

fn one_test(spot: Spot, at_least: Said<Exact>, below: Said<Exact>, report: &mut Report<'_>) -> Option<Test> {
    let help = "write exactly one of `at-least` or `below`; both together are two conditions in a list";
    match (at_least.mark(), below.mark()) {
        (Some(_), None) => at_least.value.map(Test::AtLeast),
        (None, Some(_)) => below.value.map(Test::Below),
        (Some(_), Some(below)) => {
            report.wrong(below.key, "plan-condition", "`below` stands beside `at-least` in one condition", help)
        }
        (None, None) => report.wrong(spot, "plan-condition", "the condition has no test", help),
    }
}

fn no_test(tests: &[Mark], report: &mut Report<'_>) -> Option<()> {
    let Some(test) = tests.first() else { return Some(()) };
    let message = format!("`{}` does nothing beside `signal`", test.name);
    report.wrong(test.key, "plan-no-effect", message, format!("leave `{}` out: any such signal will do", test.name))
}
