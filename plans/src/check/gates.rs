//! A gate that cannot fail is no gate: it looks like one in the plan's text, and everybody passes.

use ledger::date::Span;

use crate::plan::{Condition, LevelTest, Measure};
use crate::read::component::ComponentText;
use crate::read::payment::condition::ConditionText;
use crate::read::table::TextField;
use crate::refusal::{ConditionRefusal, PlanReport, PlanWarning};

/// Burn is never negative, so a bound of 0 % always gives the same answer.
pub fn gates_can_fail(component: &ComponentText, report: &mut PlanReport<'_>) {
    let installments = component.installments.items().iter().flat_map(|part| part.when.items());
    let clawbacks = component.clawbacks.items().iter().flat_map(|part| part.when.items());
    for text in installments.chain(clawbacks) {
        let Condition::Burn { test, .. } = &text.condition else { continue };
        let refusal = match test {
            LevelTest::AtLeast(bound) if !bound.is_positive() => ConditionRefusal::GateAlwaysOpen,
            LevelTest::Below(bound) if !bound.is_positive() => ConditionRefusal::ConditionNeverHolds,
            LevelTest::AtLeast(_) | LevelTest::Below(_) => continue,
        };
        report.refuse(text.spot, refusal);
    }
}

/// On the item's date a booking's term has usually not begun. Before it has, burn is 100 %.
pub fn gates_look_at_days_in_term(component: &ComponentText, report: &mut PlanReport<'_>) {
    if matches!(component.measure.value, None | Some(Measure::Usage { .. })) {
        return;
    }
    let at_once = |after: &TextField<Span>| matches!(after.value, Some(Span::Days(0) | Span::Months(0)));
    let installments = component.installments.items().iter().filter_map(|part| {
        let later = part.after.is_written() || part.consumed.is_written() || part.signal.is_written();
        (!later || at_once(&part.after)).then_some(&part.when)
    });
    let clawbacks = component.clawbacks.items().iter().filter_map(|part| at_once(&part.after).then_some(&part.when));
    for text in installments.chain(clawbacks).flat_map(TextField::items) {
        before_the_term(text, report);
    }
}

fn before_the_term(text: &ConditionText, report: &mut PlanReport<'_>) {
    match text.condition {
        Condition::Burn { window, .. } => {
            report.warn(text.spot, PlanWarning::BurnBeforeTerm { window });
        }
        Condition::Metric { .. } | Condition::Signal(_) => (),
    }
}

#[cfg(test)]
mod tests {
    use crate::check::example::{accepts, refuses, warns};

    #[test]
    fn gates_without_effect_are_found() {
        let part = "[[component.installment]]\nid = \"a\"\nshare = \"100%\"\n";
        let after = format!("{part}after = \"90 days\"\n");
        let burn = "{ burn = \"90 days\", at-least = \"25%\" }";
        let (least, below) = ("{ burn = \"1 month\", at-least = \"0%\" }", "{ burn = \"1 month\", below = \"0%\" }");
        refuses(&[
            (&format!("{after}when = {least}"), "plan-gate", least),
            (&format!("{after}when = [{burn}, {below}]"), "plan-gate", below),
            (&format!("{after}when = {{ burn = \"0 days\", at-least = \"1%\" }}"), "plan-value", "\"0 days\""),
        ]);
        accepts(&[&format!("{after}when = {{ metric = \"m\", at-least = \"-5\" }}")]);
        warns(&[
            (&format!("{part}when = {burn}"), "plan-warn-gate", burn),
            (&format!("{part}after = \"0 days\"\nwhen = {burn}"), "plan-warn-gate", burn),
        ]);
    }

    #[test]
    fn a_condition_looks_at_one_thing() {
        let when = "[[component.installment]]\nid = \"a\"\nshare = \"100%\"\nafter = \"90 days\"\nwhen = ";
        for (condition, code, meant) in [
            ("{ at-least = 5 }", "plan-condition", "{ at-least = 5 }"),
            ("{ burn = \"1 day\", metric = \"m\", below = \"5%\" }", "plan-condition", "metric"),
            ("{ metric = \"m\", at-least = 5, below = 6 }", "plan-condition", "below"),
            ("{ metric = \"m\" }", "plan-condition", "{ metric = \"m\" }"),
            ("{ metric = \"m\", below = \"5%\" }", "plan-value", "\"5%\""),
            ("{ burn = \"1 day\", below = \"5\" }", "plan-value", "\"5\""),
            ("{ signal = \"s\", below = \"5\" }", "plan-no-effect", "below"),
            ("{ metric = \"m\", at_least = \"5\" }", "plan-unknown-key", "at_least"),
            ("[]", "plan-empty", "[]"),
            ("\"s\"", "plan-value", "\"s\""),
        ] {
            refuses(&[(&format!("{when}{condition}"), code, meant)]);
        }
        accepts(&[&format!("{when}[{{ signal = \"s\" }}, {{ metric = \"m\", below = \"5.5\" }}]")]);
    }
}
