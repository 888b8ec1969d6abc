//! Rates along the tiers: where one falls, and what one more dollar is worth where all of it is paid anew.

use ledger::exact::Exact;

use crate::check::earn::is_count;
use crate::plan::{Measure, Mode, Quota, Rate, Threshold, TierRate, UsageValue};
use crate::read::component::ComponentText;
use crate::read::plan::PlanText;
use crate::read::report::Report;
use crate::read::tier::TierText;
use crate::read::value::percent_text;

/// A rate as far as the plan knows it: a fraction, and so many times the assigned one.
#[derive(Clone, PartialEq)]
struct Known {
    fraction: Exact,
    assigned: Exact,
}

/// From one band into the next.
struct Step<'c> {
    tier: &'c TierText,
    from: Threshold,
    below: Known,
    above: Known,
}

/// A tier that lowers the rate as attainment rises is legal, and seldom meant.
pub fn rates_rise(plan: &PlanText, report: &mut Report<'_>) {
    for step in plan.components.items().iter().flat_map(steps) {
        let gain = step.above.less(&step.below);
        let falls = !gain.fraction.is_positive() && !gain.assigned.is_positive() && step.above != step.below;
        if falls {
            let shown = report.shown(step.tier.from.at);
            let message = format!(
                "the tier from `{}` lowers the rate, from {} to {}",
                shown.trim_matches('"'),
                step.below.text(),
                step.above.text()
            );
            report.warn(step.tier.spot, "plan-warn-lower-tier", message, "raise it, if the rate is meant to rise");
        }
    }
}

/// A retroactive tier pays everything since the first unit anew: says what the unit that reaches it is worth.
pub fn retroactive_tiers_are_cliffs(plan: &PlanText, report: &mut Report<'_>) {
    let retroactive = |component: &&ComponentText| component.mode.value == Some(Mode::Retroactive);
    for component in plan.components.items().iter().filter(retroactive) {
        let money = plan.currency.value.map_or("", |currency| currency.code());
        let unit = if counts_units(component) { "unit" } else { money };
        for step in steps(component) {
            let Some(worth) = worth(&step, component.quota.value.as_ref(), money) else { continue };
            let shown = report.shown(step.tier.from.at);
            let message = format!("a cliff at `{}`: one more {unit} there is worth {worth}", shown.trim_matches('"'));
            let help = "`mode = \"marginal\"` pays each rate on its own band; leave it if the cliff is meant";
            report.warn(step.tier.spot, "plan-warn-cliff", message, help);
        }
    }
}

fn steps(component: &ComponentText) -> Vec<Step<'_>> {
    let Some(rate) = &component.rate.value else { return Vec::new() };
    let base = match rate {
        Rate::Written(fraction) => Known { fraction: fraction.clone(), assigned: Exact::ZERO },
        Rate::Assigned => Known { fraction: Exact::ZERO, assigned: Exact::ONE },
    };
    let mut below = base.clone();
    let mut steps = Vec::new();
    for tier in component.tiers.items() {
        let (Some(from), Some(rate)) = (tier.from.get(), &tier.rate) else { continue };
        let above = match rate {
            TierRate::Times(times) => Known { fraction: &base.fraction * times, assigned: &base.assigned * times },
            TierRate::Rate(fraction) => Known { fraction: fraction.clone(), assigned: Exact::ZERO },
        };
        steps.push(Step { tier, from, below: std::mem::replace(&mut below, above.clone()), above });
    }
    steps
}

/// What is paid anew on everything below the threshold; `None` where that is nothing.
fn worth(step: &Step<'_>, quota: Option<&Quota>, money: &str) -> Option<String> {
    let gain = step.above.less(&step.below);
    let (size, unit) = match (&step.from, quota) {
        (Threshold::Amount(size), _) => (size.clone(), money.to_owned()),
        (Threshold::Quota(part), Some(Quota::Amount(quota))) => (part * quota, money.to_owned()),
        (Threshold::Quota(part), Some(Quota::Assigned) | None) => {
            (part * &Exact::whole(100), "% of the quota".to_owned())
        }
    };
    let (known, assigned) = (&gain.fraction * &size, &gain.assigned * &size);
    match (known.is_zero(), assigned.is_zero()) {
        (true, true) => None,
        (false, true) => Some(format!("{known} {unit}")),
        (true, false) => Some(format!("{assigned} {unit} x the assigned rate")),
        (false, false) => Some(format!("{known} {unit} and {assigned} {unit} x the assigned rate")),
    }
}

fn counts_units(component: &ComponentText) -> bool {
    match &component.measure.value {
        Some(Measure::Usage { value: UsageValue::Quantity, .. }) => true,
        Some(measure) => is_count(measure),
        None => true,
    }
}

impl Known {
    fn less(&self, other: &Known) -> Known {
        Known { fraction: &self.fraction - &other.fraction, assigned: &self.assigned - &other.assigned }
    }

    fn text(&self) -> String {
        match self.assigned.is_zero() {
            true => percent_text(&self.fraction),
            false => format!("{} x the assigned rate", self.assigned),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::check::check;
    use crate::check::example::{HEAD, component, warns};

    fn messages(text: &str) -> Vec<String> {
        let kept = |code: &str| code == "plan-warn-cliff" || code == "plan-warn-lower-tier";
        check("p.toml", text).warnings.into_iter().filter(|found| kept(found.code)).map(|found| found.message).collect()
    }

    #[test]
    fn a_falling_rate_is_pointed_at() {
        warns(&[
            (
                "tiers = [{ from = 5, times = \"2\" }, { from = 6, times = \"1.5\" }]",
                "plan-warn-lower-tier",
                "{ from = 6, times = \"1.5\" }",
            ),
            ("tiers = [{ from = 5, rate = \"9%\" }]", "plan-warn-lower-tier", "{ from = 5, rate = \"9%\" }"),
        ]);
        assert_eq!(
            messages(&component("tiers = [{ from = 5, times = \"2\" }, { from = 6, times = \"1.5\" }]")),
            ["the tier from `6` lowers the rate, from 20 % to 15 %"]
        );
    }

    #[test]
    fn a_cliff_is_measured() {
        let cliff = "{ from = \"100000\", rate = \"20%\" }";
        warns(&[(&format!("mode = \"retroactive\"\ntiers = [{cliff}]"), "plan-warn-cliff", cliff)]);
        for (keys, said) in [
            (
                "tiers = [{ from = 100000, rate = \"11%\" }]",
                "a cliff at `100000`: one more USD there is worth 1000 USD",
            ),
            (
                "quota = \"assigned\"\ntiers = [{ from = \"80%\", times = \"1.5\" }]",
                "a cliff at `80%`: one more USD there is worth 4 % of the quota",
            ),
            (
                "quota = \"1500000\"\ntiers = [{ from = \"100%\", times = \"1.5\" }]",
                "a cliff at `100%`: one more USD there is worth 75000 USD",
            ),
        ] {
            assert_eq!(messages(&component(&format!("mode = \"retroactive\"\n{keys}"))), [said]);
        }
    }

    #[test]
    fn the_assigned_rate_is_not_known_here() {
        let keys = "rate = \"assigned\"\nmode = \"retroactive\"\ntiers = [{ from = \"10\", times = \"3\" }, { from = \"20\", rate = \"5%\" }]";
        let text = format!("{HEAD}[[component]]\nid = \"c\"\nmeasure = {{ booking = \"count\" }}\n{keys}\n");
        assert_eq!(
            messages(&text),
            [
                "a cliff at `10`: one more unit there is worth 20 USD x the assigned rate",
                "a cliff at `20`: one more unit there is worth 1 USD and -60 USD x the assigned rate"
            ]
        );
    }
}
