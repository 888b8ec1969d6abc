//! What an item earns: exactly one way, and nothing beside it that would do nothing.

use crate::plan::{BookingValue, Measure, SignalValue};
use crate::read::component::ComponentText;
use crate::read::table::written;
use crate::refusal::{EarningRefusal, PlanReport};

/// `rate`, `amount`, or a curve, with or without a target.
pub fn there_is_one_way_to_earn(component: &ComponentText, report: &mut PlanReport<'_>) {
    let curve = component.target.mark().or(component.curve.mark());
    match written([component.rate.mark(), component.amount.mark(), curve]).as_slice() {
        [] => {
            report.refuse(component.spot, EarningRefusal::NothingEarned { component: component.id.get() });
        }
        [_] => (),
        [first, second, ..] => {
            report.refuse(second.key, EarningRefusal::TwoWaysToEarn { first: first.name, second: second.name });
        }
    }
}

/// A fixed amount is for each unit of a count; times an amount of money it would be no pay at all.
pub fn an_amount_is_for_a_count(component: &ComponentText, report: &mut PlanReport<'_>) {
    let (Some(amount), Some(measure)) = (component.amount.mark(), &component.measure.value) else { return };
    if !is_count(measure) {
        report.refuse(amount.key, EarningRefusal::AmountWithoutCount);
    }
}

pub fn tiers_change_a_rate(component: &ComponentText, report: &mut PlanReport<'_>) {
    if component.rate.is_written() || !component.amount.is_written() {
        return;
    }
    for key in written([component.tiers.mark(), component.mode.mark()]) {
        report.refuse(key.key, EarningRefusal::NothingToRate { key: key.name });
    }
}

pub fn a_mode_is_of_tiers(component: &ComponentText, report: &mut PlanReport<'_>) {
    if let (Some(mode), true, false) =
        (component.mode.mark(), component.rate.is_written(), component.tiers.is_written())
    {
        report.refuse(mode.key, EarningRefusal::ModeWithoutTiers);
    }
}

pub fn is_count(measure: &Measure) -> bool {
    match measure {
        Measure::Booking(BookingValue::Count) | Measure::Signal { value: SignalValue::Count, .. } => true,
        Measure::Booking(BookingValue::Arr | BookingValue::Tcv | BookingValue::Named(_))
        | Measure::Usage { .. }
        | Measure::Growth { .. }
        | Measure::Metric { .. }
        | Measure::Retention { .. }
        | Measure::Signal { value: SignalValue::Value, .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::check::example::{HEAD, refused, refuses};

    fn earns(measure: &str, keys: &str) -> Vec<(&'static str, String)> {
        refused(&format!("{HEAD}[[component]]\nid = \"c\"\nmeasure = {measure}\n{keys}\n"))
    }

    #[test]
    fn there_is_one_way() {
        assert_eq!(earns("{ booking = \"arr\" }", ""), [("plan-earn", "[[component]]".to_owned())]);
        assert_eq!(
            earns("{ booking = \"count\" }", "rate = \"1%\"\namount = \"5\""),
            [("plan-earn", "amount".to_owned())]
        );
        refuses(&[("target = \"5%\"", "plan-earn", "target")]);
    }

    #[test]
    fn amounts_are_for_counts() {
        for measure in ["{ booking = \"count\" }", "{ signal = \"s\", value = \"count\" }"] {
            assert_eq!(earns(measure, "amount = \"5\""), []);
            assert_eq!(earns(measure, "rate = \"500%\""), []);
        }
        for measure in [
            "{ booking = \"arr\" }",
            "{ booking = \"x\" }",
            "{ usage = \"quantity\" }",
            "{ signal = \"s\", value = \"value\" }",
        ] {
            assert_eq!(earns(measure, "amount = \"5\""), [("plan-no-effect", "amount".to_owned())], "{measure}");
        }
    }

    #[test]
    fn tiers_and_modes_need_what_they_change() {
        let tiers = "tiers = [{ from = \"5\", rate = \"2%\" }]";
        assert_eq!(
            earns("{ booking = \"count\" }", &format!("amount = \"5\"\nmode = \"marginal\"\n{tiers}")),
            [("plan-no-effect", "mode".to_owned()), ("plan-no-effect", "tiers".to_owned())]
        );
        refuses(&[("mode = \"per-item\"", "plan-no-effect", "mode")]);
    }
}
