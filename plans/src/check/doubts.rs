//! Warns of what is valid but probably a mistake.

use ledger::date::Span;
use ledger::exact::Exact;
use ledger::nearest::nearest;

use crate::check::earn::is_count;
use crate::plan::{BookingValue, Cancellation, Measure, Mode, Period, Quota, Rate, UsageValue};
use crate::read::component::ComponentText;
use crate::read::payment::clawback::ClawbackText;
use crate::read::plan::PlanText;
use crate::refusal::{PlanReport, PlanWarning, RateWarning};

/// A snapshot is spread evenly over its days. So the day on which a fraction was consumed is no more precise than the
/// snapshots.
pub fn consumed_is_as_fine_as_usage(component: &ComponentText, report: &mut PlanReport<'_>) {
    for part in component.installments.items() {
        if let Some(consumed) = part.consumed.mark() {
            report.warn(consumed.key, PlanWarning::ConsumedIsCoarse);
        }
    }
}

/// A clawback that ends before the period does leaves the tiers reached with the item that it takes back.
pub fn clawbacks_reach_over_a_period(component: &ComponentText, report: &mut PlanReport<'_>) {
    let period = component.period.value.unwrap_or(Period::Month);
    let tiers = !component.tiers.items().is_empty() && component.mode.value != Some(Mode::PerItem);
    let capped = component.cap.value.as_ref().is_some_and(|cap| cap.period.is_written());
    if !tiers && !capped {
        return;
    }
    for clawback in component.clawbacks.items() {
        let Some(reach) = reach(clawback).filter(|reach| ends_before(*reach, period)) else { continue };
        report.warn(clawback.spot, PlanWarning::ShortClawback { clawback: clawback.id.get(), reach });
    }
}

fn reach(clawback: &ClawbackText) -> Option<Span> {
    clawback.within.value.or(clawback.after.value)
}

/// Whether a span is over before the shortest such period is.
fn ends_before(reach: Span, period: Period) -> bool {
    let days = match period {
        Period::Month => 28,
        Period::Quarter => 89,
        Period::Half => 181,
        Period::Year => 365,
    };
    match reach {
        Span::Days(reach) => reach < days,
        Span::Months(reach) => i32::from(reach) < period.months(),
    }
}

/// A booking that is cancelled keeps what it earned and the tiers that it reached, unless the plan says otherwise.
pub fn cancellations_are_dealt_with(component: &ComponentText, report: &mut PlanReport<'_>) {
    let Some(Measure::Booking { .. }) = component.measure.value else { return };
    let restated = component.cancellation.value == Some(Cancellation::Restate);
    let taken_back = component.clawbacks.items().iter().any(|clawback| clawback.on.is_written());
    if !restated && !taken_back {
        report.warn(component.measure.at, PlanWarning::CancellationKept { component: component.id.get() });
    }
}

/// A negative rate, or one above 100 % of money, is probably a misplaced decimal point.
pub fn rates_are_plausible(component: &ComponentText, report: &mut PlanReport<'_>) {
    if component.amount.value.is_some_and(|amount| amount.is_negative()) {
        report.warn(component.amount.at, RateWarning::NegativeAmount { component: component.id.get() });
    }
    let (Some(Rate::Written(rate)), Some(measure)) = (&component.rate.value, &component.measure.value) else { return };
    let of_money = !is_count(measure) && !matches!(measure, Measure::Usage { value: UsageValue::Quantity, .. });
    if rate.is_negative() {
        report.warn(component.rate.at, RateWarning::NegativeRate { component: component.id.get() });
    } else if of_money && *rate > Exact::ONE {
        report.warn(component.rate.at, RateWarning::RateAboveAll { component: component.id.get() });
    }
}

/// Any word but `arr`, `tcv` and `count` is the name of an amount, which is 0 where a booking does not have it.
pub fn named_amounts_are_no_misspellings(component: &ComponentText, report: &mut PlanReport<'_>) {
    let Some(Measure::Booking { value, pays }) = &component.measure.value else { return };
    for amount in [Some(value), pays.as_ref()].into_iter().flatten() {
        let BookingValue::Named(name) = amount else { continue };
        let word = name.as_str().to_lowercase();
        if ["arr", "tcv", "count"].contains(&word.as_str()) {
            report.warn(component.measure.at, PlanWarning::NameLikeWord { name: name.clone(), word });
        }
    }
}

pub fn a_written_quota_is_above_zero(plan: &PlanText, report: &mut PlanReport<'_>) {
    for component in plan.components.items() {
        if component.quota.value == Some(Quota::Amount(Exact::ZERO)) {
            report.warn(component.quota.at, PlanWarning::ZeroQuota);
        }
    }
}

/// Any key of `where` but four is the name of an attribute, so with a misspelled key no item passes.
pub fn attributes_are_no_misspellings(plan: &PlanText, report: &mut PlanReport<'_>) {
    let filters = plan.components.items().iter().filter_map(|component| component.filter.value.as_ref());
    for filter in filters {
        let ours = [filter.motion.name, filter.product.name, filter.segment.name, filter.region.name];
        for attribute in &filter.attributes {
            if let Some(near) = nearest(attribute.name.as_str(), ours) {
                let (attribute, key) = (attribute.name.clone(), attribute.key);
                report.warn(key, PlanWarning::AttributeLikeKey { attribute, nearest: near.to_owned() });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::check::example::{HEAD, component, found, warns};

    #[test]
    fn doubts_are_voiced() {
        warns(&[
            (
                "[[component.installment]]\nid = \"a\"\nshare = \"100%\"\nconsumed = \"50%\"",
                "plan-warn-consumed",
                "consumed",
            ),
            ("quota = 0", "plan-warn-quota", "0"),
            ("where = { motoin = \"new-logo\" }", "plan-warn-attribute", "motoin"),
            ("where = { segments = \"smb\" }", "plan-warn-attribute", "segments"),
            ("rate = \"-1%\"", "plan-warn-rate", "\"-1%\""),
            ("rate = \"100.1%\"", "plan-warn-rate", "\"100.1%\""),
            ("", "plan-warn-cancellation", "{ booking = \"arr\" }"),
        ]);
        let text = format!("{HEAD}[[component]]\nid = \"c\"\nmeasure = {{ booking = \"ARR\" }}\nrate = \"1%\"\n");
        assert!(found(&text).1.contains(&("plan-warn-name", "{ booking = \"ARR\" }".to_owned())));
        let penalty = format!(
            "{HEAD}[[component]]\nid = \"c\"\nmeasure = {{ signal = \"s\", value = \"count\" }}\namount = -5\n"
        );
        assert_eq!(found(&penalty), (vec![], vec![("plan-warn-rate", "-5".to_owned())]));
    }

    #[test]
    fn a_cancellation_that_is_dealt_with_raises_no_doubt() {
        let back = "[[component.clawback]]\nid = \"b\"\non = \"cancellation\"\nwithin = \"6 months\"";
        for keys in ["cancellation = \"restate\"", back] {
            assert_eq!(found(&component(keys)), (vec![], vec![]), "{keys}");
        }
    }

    #[test]
    fn a_clawback_reaches_over_the_period_that_its_tiers_look_at() {
        let tiers = "tiers = [{ from = 5, times = 2 }]\n";
        let back =
            |reach: &str| format!("[[component.clawback]]\nid = \"b\"\non = \"cancellation\"\nwithin = \"{reach}\"");
        for (period, reach, doubted) in [
            ("year", "364 days", true),
            ("year", "11 months", true),
            ("year", "12 months", false),
            ("half", "180 days", true),
            ("quarter", "90 days", false),
            ("month", "27 days", true),
        ] {
            let keys = |more: &str| component(&format!("period = \"{period}\"\n{more}{}", back(reach)));
            let codes = |text: &str| found(text).1.into_iter().map(|(code, _)| code).collect::<Vec<_>>();
            let expected = if doubted { vec!["plan-warn-clawback-reach"] } else { vec![] };
            assert_eq!(codes(&keys(tiers)), expected, "{period} {reach}");
            assert_eq!(codes(&keys("cap = \"5000\"\n")), expected, "{period} {reach}");
            assert_eq!(codes(&keys("")), Vec::<&str>::new(), "nothing depends on the period");
        }
    }
}
