//! `tiers`: other rates from a threshold on.

use ledger::exact::Exact;
use ledger::field::Amount;

use crate::plan::{Threshold, Tier, TierRate};
use crate::read::report::Spot;
use crate::read::table::{TextField, TomlTable};
use crate::read::toml_fault::{ExpectedValue, TableKind};
use crate::read::value::{self, TomlValue};
use crate::refusal::{EarningRefusal, PlanReport};

pub const TIERS_MAX: usize = 50;

#[derive(Clone, Debug)]
pub struct TierText {
    pub spot: Spot,
    pub from: TextField<Threshold>,
    /// `None` where it was refused.
    pub rate: Option<TierRate>,
}

pub fn tiers<'t>(value: &'t TomlValue<'t>, report: &mut PlanReport<'_>) -> Option<Vec<TierText>> {
    value::list(value, ExpectedValue::Tiers, TIERS_MAX, tier, report)
}

fn tier<'t>(value: &'t TomlValue<'t>, report: &mut PlanReport<'_>) -> Option<TierText> {
    let mut table = TomlTable::of(value, TableKind::Tier, report)?;
    let from = table.need("from", threshold, report);
    let times = table.take("times", value::factor, report);
    let rate = table.take("rate", value::percent, report);
    let spot = table.spot;
    let known = table.finish(report);
    Some(TierText { spot, from, rate: known.and_then(|()| one_rate(spot, &times, &rate, report)) })
}

fn one_rate(
    spot: Spot,
    times: &TextField<Exact>,
    rate: &TextField<Exact>,
    report: &mut PlanReport<'_>,
) -> Option<TierRate> {
    match (times.mark(), rate.mark()) {
        (Some(_), None) => times.get().map(TierRate::Times),
        (None, Some(_)) => rate.get().map(TierRate::Rate),
        (Some(_), Some(rate)) => report.wrong(rate.key, EarningRefusal::TierWithTwoRates),
        (None, None) => report.wrong(spot, EarningRefusal::TierWithoutRate),
    }
}

fn threshold(value: &TomlValue<'_>, report: &mut PlanReport<'_>) -> Option<Threshold> {
    match value.get_ref().as_str() {
        Some(text) if text.ends_with('%') => value::percent_from_zero(value, report).map(Threshold::Quota),
        Some(_) | None => value::amount_from_zero(value, report).map(Amount::exact).map(Threshold::Amount),
    }
}

impl TierText {
    pub fn tier(&self) -> Option<Tier> {
        Some(Tier { from: self.from.get()?, rate: self.rate.clone()? })
    }
}
