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
    if !is_count(measure) && pays_on(measure).is_none() {
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

/// Pay on another amount than the value is by a rate, with or without tiers.
pub fn pays_goes_with_a_rate(component: &ComponentText, report: &mut PlanReport<'_>) {
    let other = component.amount.is_written() || component.curve.is_written() || component.target.is_written();
    if other && component.measure.value.as_ref().is_some_and(|measure| pays_on(measure).is_some()) {
        report.refuse(component.measure.at, EarningRefusal::PaysWithoutRate);
    }
}

/// The amount that a measure has paid on, if it is another one than the value.
pub fn pays_on(measure: &Measure) -> Option<&BookingValue> {
    match measure {
        Measure::Booking { pays, .. } => pays.as_ref(),
        Measure::Usage { .. }
        | Measure::Growth { .. }
        | Measure::Signal { .. }
        | Measure::Metric { .. }
        | Measure::Retention { .. } => None,
    }
}

/// Whether what is paid on is a count.
pub fn is_count(measure: &Measure) -> bool {
    match measure {
        Measure::Booking { value, pays } => *pays.as_ref().unwrap_or(value) == BookingValue::Count,
        Measure::Signal { value: SignalValue::Count, .. } => true,
        Measure::Usage { .. }
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
    fn pay_on_another_amount_needs_a_rate() {
        let measure = "{ booking = \"tcv\", pays = \"arr\" }";
        assert_eq!(earns(measure, "rate = \"10%\""), []);
        let meant = measure.to_owned();
        for keys in ["amount = \"5\"", "curve = [{ at = \"0\", pay = \"5\" }]"] {
            assert_eq!(earns(measure, keys), [("plan-no-effect", meant.clone())], "{keys}");
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
