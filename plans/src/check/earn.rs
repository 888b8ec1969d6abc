//! What an item earns: exactly one way, and nothing beside it that would do nothing.

use crate::plan::{BookingValue, Measure, SignalValue};
use crate::read::component::ComponentText;
use crate::read::report::Report;
use crate::read::table::written;

/// `rate`, `amount`, or a curve, with or without a target.
pub fn there_is_one_way_to_earn(component: &ComponentText, report: &mut Report<'_>) {
    let curve = component.target.mark().or(component.curve.mark());
    match written([component.rate.mark(), component.amount.mark(), curve]).as_slice() {
        [] => {
            let message = format!("`{}` earns nothing", component.called());
            let help = "write a `rate` like \"10%\", an `amount` for each of a count, or a `curve`";
            report.refuse(component.spot, "plan-earn", message, help);
        }
        [_] => (),
        [first, second, ..] => {
            let message = format!("`{}` stands beside `{}`: two ways to earn", second.name, first.name);
            report.refuse(second.key, "plan-earn", message, "keep one; two components may measure the same");
        }
    }
}

/// A fixed amount is for each unit of a count; times an amount of money it would be no pay at all.
pub fn an_amount_is_for_a_count(component: &ComponentText, report: &mut Report<'_>) {
    let (Some(amount), Some(measure)) = (component.amount.mark(), &component.measure.value) else { return };
    if !is_count(measure) {
        let help = "write a `rate`, or measure a count: { booking = \"count\" } or { signal = …, value = \"count\" }";
        report.refuse(amount.key, "plan-no-effect", "`amount` is for each of a count, which this is not", help);
    }
}

pub fn tiers_change_a_rate(component: &ComponentText, report: &mut Report<'_>) {
    if component.rate.is_written() || !component.amount.is_written() {
        return;
    }
    for key in written([component.tiers.mark(), component.mode.mark()]) {
        let message = format!("`{}` does nothing beside `amount`", key.name);
        report.refuse(key.key, "plan-no-effect", message, format!("write a `rate`, or leave `{}` out", key.name));
    }
}

pub fn a_mode_is_of_tiers(component: &ComponentText, report: &mut Report<'_>) {
    if let (Some(mode), true, false) =
        (component.mode.mark(), component.rate.is_written(), component.tiers.is_written())
    {
        report.refuse(mode.key, "plan-no-effect", "`mode` does nothing without `tiers`", "add tiers, or leave it out");
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
