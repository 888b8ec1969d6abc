//! `tiers`: other rates from a threshold on.

use ledger::exact::Exact;
use ledger::field::Amount;

use crate::plan::{Threshold, Tier, TierRate};
use crate::read::report::{Report, Spot};
use crate::read::table::{Said, Table};
use crate::read::value::{self, TomlValue};

pub const TIERS_MAX: usize = 50;

#[derive(Clone, Debug)]
pub struct TierText {
    pub spot: Spot,
    pub from: Said<Threshold>,
    /// `None` where it was refused.
    pub rate: Option<TierRate>,
}

pub fn tiers<'t>(value: &'t TomlValue<'t>, report: &mut Report<'_>) -> Option<Vec<TierText>> {
    let wanted = "a list like [{ from = \"100%\", times = \"1.5\" }]";
    value::list(value, wanted, TIERS_MAX, tier, report)
}

fn tier<'t>(value: &'t TomlValue<'t>, report: &mut Report<'_>) -> Option<TierText> {
    let mut table = Table::of(value, "a tier", report)?;
    let from = table.need("from", threshold, report);
    let times = table.take("times", value::factor, report);
    let rate = table.take("rate", value::percent, report);
    let spot = table.spot;
    let known = table.finish(report);
    Some(TierText { spot, from, rate: known.and_then(|()| one_rate(spot, &times, &rate, report)) })
}

fn one_rate(spot: Spot, times: &Said<Exact>, rate: &Said<Exact>, report: &mut Report<'_>) -> Option<TierRate> {
    let help = "write `rate` for its own rate, or `times` for so many times the base rate";
    match (times.mark(), rate.mark()) {
        (Some(_), None) => times.get().map(TierRate::Times),
        (None, Some(_)) => rate.get().map(TierRate::Rate),
        (Some(_), Some(rate)) => report.wrong(rate.key, "plan-tiers", "`rate` stands beside `times` in one tier", help),
        (None, None) => report.wrong(spot, "plan-tiers", "the tier has neither `rate` nor `times`", help),
    }
}

fn threshold(value: &TomlValue<'_>, report: &mut Report<'_>) -> Option<Threshold> {
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
