//! What only means something where there is a quota.

use crate::plan::{Period, Prorate, Threshold};
use crate::read::component::ComponentText;
use crate::read::table::written;
use crate::refusal::{EarningRefusal, PlanReport, PlanWarning};

/// A target counts its months too, so there the two would have an effect; but `prorate = "start"` is of a quota only.
pub fn ramp_and_prorate_have_a_quota(component: &ComponentText, report: &mut PlanReport<'_>) {
    if component.quota.is_written() {
        return;
    }
    if component.target.is_written() {
        if let (Some(Prorate::Start), Some(prorate)) = (component.prorate.value, component.prorate.mark()) {
            report.refuse(prorate.key, EarningRefusal::WithoutQuota { key: prorate.name });
        }
        return;
    }
    for key in written([component.ramp.mark(), component.prorate.mark()]) {
        report.refuse(key.key, EarningRefusal::WithoutQuota { key: key.name });
    }
}

/// Under a quarterly quota, `["25%", "50%", "75%"]` is over with the first quarter, of which it leaves one half.
pub fn ramps_by_month_are_of_months(component: &ComponentText, report: &mut PlanReport<'_>) {
    let (Some(ramp), Some(period)) = (&component.ramp.value, component.period.value) else { return };
    if ramp.every.is_none() && period != Period::Month {
        report.warn(component.ramp.at, PlanWarning::RampByMonth { component: component.id.get(), period });
    }
}

pub fn percent_tiers_have_a_quota(component: &ComponentText, report: &mut PlanReport<'_>) {
    let tiers = component.tiers.items().iter();
    let in_percent = |from: &Option<Threshold>| matches!(from, Some(Threshold::Quota(_)));
    let first = tiers.map(|tier| &tier.from).find(|from| in_percent(&from.value));
    if let (Some(from), false) = (first, component.quota.is_written()) {
        report.refuse(from.at, EarningRefusal::PercentTierWithoutQuota { written: report.shown(from.at) });
    }
}

#[cfg(test)]
mod tests {
    use crate::check::example::{accepts, refuses, warns};

    #[test]
    fn what_counts_on_a_quota_needs_one() {
        refuses(&[
            ("ramp = [\"25%\"]", "plan-no-effect", "ramp"),
            ("prorate = \"none\"", "plan-no-effect", "prorate"),
            ("prorate = \"start\"", "plan-no-effect", "prorate"),
            ("tiers = [{ from = \"100%\", times = \"2\" }]", "plan-no-effect", "\"100%\""),
            ("quota = \"-1\"", "plan-value", "\"-1\""),
            ("quota = \"assigend\"", "plan-value", "\"assigend\""),
            ("quota = \"assigned\"\nramp = [\"-1%\"]", "plan-value", "\"-1%\""),
            ("quota = \"assigned\"\nramp = []", "plan-empty", "[]"),
            ("quota = \"assigned\"\nramp = { percents = [\"50%\"] }", "plan-missing", "{ percents = [\"50%\"] }"),
            ("quota = \"assigned\"\nramp = { every = \"3 months\" }", "plan-missing", "{ every = \"3 months\" }"),
            ("quota = \"assigned\"\nramp = { every = \"30 days\", percents = [\"50%\"] }", "plan-value", "\"30 days\""),
            (
                "quota = \"assigned\"\nramp = { every = \"0 months\", percents = [\"50%\"] }",
                "plan-value",
                "\"0 months\"",
            ),
            (
                "quota = \"assigned\"\nramp = { every = \"121 months\", percents = [\"50%\"] }",
                "plan-value",
                "{ every = \"121 months\", percents = [\"50%\"] }",
            ),
        ]);
        warns(&[(
            "period = \"quarter\"\nquota = 100\nramp = [\"25%\", \"50%\"]",
            "plan-warn-ramp",
            "[\"25%\", \"50%\"]",
        )]);
        accepts(&[
            "quota = 1500000",
            "quota = 1500000\nprorate = \"start\"",
            "period = \"month\"\nquota = 1500000\nramp = [\"25%\"]",
            "period = \"quarter\"\nquota = 1500000\nramp = { every = \"3 months\", percents = [\"25%\", \"50%\"] }",
            "quota = \"assigned\"\nramp = [\"0%\", \"50%\"]\nprorate = \"none\"\ntiers = [{ from = \"100%\", times = 2 }]",
        ]);
    }
}
