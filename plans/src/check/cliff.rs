//! Warns of tiers that lower the rate, and of retroactive tiers, whose threshold is worth a lump sum.

use ledger::exact::Exact;
use ledger::money::Currency;

use crate::check::earn::pays_on;
use crate::plan::{BookingValue, Measure, Mode, Quota, Rate, SignalValue, Threshold, TierRate, UsageValue};
use crate::read::component::ComponentText;
use crate::read::earning::tier::TierText;
use crate::read::plan::PlanText;
use crate::refusal::{CliffGain, CliffUnit, GainUnit, KnownRate, PlanReport, RateWarning};

/// The step from one tier to the next.
struct TierStep<'c> {
    tier: &'c TierText,
    from: Threshold,
    below: KnownRate,
    above: KnownRate,
}

/// Warns of a tier that lowers the rate as attainment rises. That is valid, and rarely intended.
pub fn rates_rise(plan: &PlanText, report: &mut PlanReport<'_>) {
    for step in plan.components.items().iter().flat_map(steps) {
        let gain = step.above.less(&step.below);
        let falls = !gain.fraction.is_positive() && !gain.assigned.is_positive() && step.above != step.below;
        if falls {
            let threshold = report.shown(step.tier.from.at).trim_matches('"').to_owned();
            report.warn(step.tier.spot, RateWarning::LowerRate { threshold, from: step.below, to: step.above });
        }
    }
}

/// Warns of retroactive tiers: one more unit at the threshold changes the rate of all units before it. The warning
/// has the lump sum.
pub fn retroactive_tiers_are_cliffs(plan: &PlanText, report: &mut PlanReport<'_>) {
    let retroactive = |component: &&ComponentText| component.mode.value == Some(Mode::Retroactive);
    for component in plan.components.items().iter().filter(retroactive) {
        let currency = plan.currency.value;
        let next = if counts_units(component) { CliffUnit::Unit } else { CliffUnit::Money(currency) };
        for step in steps(component) {
            let pays = component.measure.value.as_ref().and_then(pays_on);
            let gain = match pays {
                Some(_) => lump(&step, Exact::whole(100), GainUnit::PaysPercent),
                None => gain(&step, component.quota.value.as_ref(), currency),
            };
            let Some(gain) = gain else { continue };
            let threshold = report.shown(step.tier.from.at).trim_matches('"').to_owned();
            report.warn(step.tier.spot, RateWarning::Cliff { threshold, next, gain });
        }
    }
}

fn steps(component: &ComponentText) -> Vec<TierStep<'_>> {
    let Some(rate) = &component.rate.value else { return Vec::new() };
    let base = match rate {
        Rate::Written(fraction) => KnownRate { fraction: fraction.clone(), assigned: Exact::ZERO },
        Rate::Assigned => KnownRate { fraction: Exact::ZERO, assigned: Exact::ONE },
    };
    let mut below = base.clone();
    let mut steps = Vec::new();
    for tier in component.tiers.items() {
        let (Some(from), Some(rate)) = (tier.from.get(), &tier.rate) else { continue };
        let above = match rate {
            TierRate::Times(times) => KnownRate { fraction: &base.fraction * times, assigned: &base.assigned * times },
            TierRate::Rate(fraction) => KnownRate { fraction: fraction.clone(), assigned: Exact::ZERO },
        };
        steps.push(TierStep { tier, from, below: std::mem::replace(&mut below, above.clone()), above });
    }
    steps
}

/// The lump sum for everything below the threshold; `None` if it is 0.
fn gain(step: &TierStep<'_>, quota: Option<&Quota>, currency: Option<Currency>) -> Option<CliffGain> {
    let (size, unit) = match (&step.from, quota) {
        (Threshold::Amount(size), _) => (size.clone(), GainUnit::Money(currency)),
        (Threshold::Quota(part), Some(Quota::Amount(quota))) => (part * quota, GainUnit::Money(currency)),
        (Threshold::Quota(part), Some(Quota::Assigned) | None) => (part * &Exact::whole(100), GainUnit::QuotaPercent),
    };
    lump(step, size, unit)
}

fn lump(step: &TierStep<'_>, size: Exact, unit: GainUnit) -> Option<CliffGain> {
    let gain = step.above.less(&step.below);
    let (fraction, assigned) = (&gain.fraction * &size, &gain.assigned * &size);
    let is_something = !fraction.is_zero() || !assigned.is_zero();
    is_something.then_some(CliffGain { fraction, assigned, unit })
}

/// Whether the thresholds are numbers of something, and not amounts of money.
fn counts_units(component: &ComponentText) -> bool {
    match &component.measure.value {
        Some(Measure::Usage { value, .. }) => *value == UsageValue::Quantity,
        Some(Measure::Booking { value, .. }) => *value == BookingValue::Count,
        Some(Measure::Signal { value, .. }) => *value == SignalValue::Count,
        Some(Measure::Growth { .. } | Measure::Metric { .. } | Measure::Retention { .. }) => false,
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use crate::check::check;
    use crate::check::example::{HEAD, component, warns};
    use crate::refusal::PlanWarning;
    use ledger::finding::Finding;

    use super::*;

    /// Each cliff of a text as its threshold, what one more of is worth, and how much.
    fn cliffs(text: &str) -> Vec<(String, CliffUnit, CliffGain)> {
        let cliff = |finding: Finding<PlanWarning>| match finding.what {
            PlanWarning::Rate(RateWarning::Cliff { threshold, next, gain }) => Some((threshold, next, gain)),
            _ => None,
        };
        check("p.toml", text).warnings.into_iter().filter_map(cliff).collect()
    }

    fn usd() -> Option<Currency> {
        Currency::parse("USD")
    }

    fn gain(fraction: i64, assigned: i64, unit: GainUnit) -> CliffGain {
        CliffGain { fraction: Exact::whole(fraction.into()), assigned: Exact::whole(assigned.into()), unit }
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
        let text = component("tiers = [{ from = 5, times = \"2\" }, { from = 6, times = \"1.5\" }]");
        let rate = |hundredths| KnownRate { fraction: Exact::ratio(hundredths, 100), assigned: Exact::ZERO };
        let lower =
            PlanWarning::from(RateWarning::LowerRate { threshold: "6".to_owned(), from: rate(20), to: rate(15) });
        assert!(check("p.toml", &text).warnings.iter().any(|finding| finding.what == lower));
    }

    #[test]
    fn a_cliff_is_measured() {
        let cliff = "{ from = \"100000\", rate = \"20%\" }";
        warns(&[(&format!("mode = \"retroactive\"\ntiers = [{cliff}]"), "plan-warn-cliff", cliff)]);
        let money = GainUnit::Money(usd());
        for (keys, threshold, worth) in [
            ("tiers = [{ from = 100000, rate = \"11%\" }]", "100000", gain(1000, 0, money)),
            (
                "quota = \"assigned\"\ntiers = [{ from = \"80%\", times = \"1.5\" }]",
                "80%",
                gain(4, 0, GainUnit::QuotaPercent),
            ),
            ("quota = \"1500000\"\ntiers = [{ from = \"100%\", times = \"1.5\" }]", "100%", gain(75_000, 0, money)),
        ] {
            let expected = (threshold.to_owned(), CliffUnit::Money(usd()), worth);
            assert_eq!(cliffs(&component(&format!("mode = \"retroactive\"\n{keys}"))), [expected]);
        }
    }

    #[test]
    fn the_assigned_rate_is_not_known_here() {
        let keys = "rate = \"assigned\"\nmode = \"retroactive\"\ntiers = [{ from = \"10\", times = \"3\" }, { from = \"20\", rate = \"5%\" }]";
        let text = format!("{HEAD}[[component]]\nid = \"c\"\nmeasure = {{ booking = \"count\" }}\n{keys}\n");
        let money = GainUnit::Money(usd());
        let expected = [("10", gain(0, 20, money)), ("20", gain(1, -60, money))];
        assert_eq!(cliffs(&text), expected.map(|(from, worth)| (from.to_owned(), CliffUnit::Unit, worth)));
    }
}
