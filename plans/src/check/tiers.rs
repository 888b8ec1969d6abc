//! Tiers climb: each begins above the one before, and all count in the same unit.

use ledger::exact::Exact;

use crate::plan::Threshold;
use crate::read::component::ComponentText;
use crate::read::report::{Origin, Spot};
use crate::refusal::{EarningRefusal, PlanReport};

pub fn thresholds_are_of_one_kind(component: &ComponentText, report: &mut PlanReport<'_>) {
    let thresholds = thresholds(component);
    let Some((_, first)) = thresholds.first() else { return };
    for (at, threshold) in &thresholds {
        if in_percent(threshold) != in_percent(first) {
            report.refuse(*at, EarningRefusal::ThresholdUnits { written: report.shown(*at) });
        }
    }
}

pub fn thresholds_ascend(component: &ComponentText, report: &mut PlanReport<'_>) {
    for pair in thresholds(component).windows(2) {
        let [(_, low), (at, high)] = pair else { continue };
        if in_percent(low) == in_percent(high) && size(high) <= size(low) {
            report.refuse(*at, EarningRefusal::ThresholdsOutOfOrder { written: report.shown(*at) });
        }
    }
}

/// A bare 100 beside a quota is an amount to the calculation, and 100 % to many readers.
pub fn amounts_beside_a_quota_are_in_quotes(component: &ComponentText, report: &mut PlanReport<'_>) {
    if !component.quota.is_written() || report.origin == Origin::Published {
        return;
    }
    for (at, _) in thresholds(component) {
        let written = report.shown(at);
        if !written.starts_with(['"', '\'']) {
            report.refuse(at, EarningRefusal::BareThreshold { written });
        }
    }
}

fn thresholds(component: &ComponentText) -> Vec<(Spot, Threshold)> {
    component.tiers.items().iter().filter_map(|tier| Some((tier.from.at, tier.from.get()?))).collect()
}

fn in_percent(threshold: &Threshold) -> bool {
    match threshold {
        Threshold::Quota(_) => true,
        Threshold::Amount(_) => false,
    }
}

fn size(threshold: &Threshold) -> &Exact {
    match threshold {
        Threshold::Quota(size) | Threshold::Amount(size) => size,
    }
}

#[cfg(test)]
mod tests {
    use crate::check::example::refuses;

    #[test]
    fn tiers_climb_in_one_unit() {
        let quota = "quota = \"assigned\"\ntiers = ";
        refuses(&[
            (
                &format!("{quota}[{{ from = \"100%\", times = 2 }}, {{ from = \"2000000\", times = 3 }}]"),
                "plan-tiers",
                "\"2000000\"",
            ),
            (
                &format!("{quota}[{{ from = \"100%\", times = 2 }}, {{ from = \"100.0%\", times = 3 }}]"),
                "plan-tiers",
                "\"100.0%\"",
            ),
            ("tiers = [{ from = 200, rate = \"2%\" }, { from = 100, rate = \"3%\" }]", "plan-tiers", "100"),
            (&format!("{quota}[{{ from = 100, times = 2 }}]"), "plan-tiers", "100"),
            ("quota = 5000\ntiers = [{ from = 100, times = 2 }]", "plan-tiers", "100"),
            ("tiers = [{ from = \"-1\", rate = \"2%\" }]", "plan-value", "\"-1\""),
            ("tiers = [{ from = \"1\" }]", "plan-tiers", "{ from = \"1\" }"),
            ("tiers = [{ from = \"1\", times = \"2\", rate = \"2%\" }]", "plan-tiers", "rate"),
            ("tiers = [{ from = \"1\", times = \"-2\" }]", "plan-value", "\"-2\""),
            ("tiers = [{ from = \"1\", times = 1.5 }]", "plan-value", "1.5"),
            ("tiers = [{ times = \"1.5\" }]", "plan-missing", "{ times = \"1.5\" }"),
            ("tiers = []", "plan-empty", "[]"),
            ("tiers = [5]", "plan-value", "5"),
        ]);
    }
}
