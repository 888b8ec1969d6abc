//! `ramp`: the percents of the quota that count in the first months of a payee.

use ledger::date::Span;
use ledger::exact::Exact;
use toml::de::DeValue;

use crate::read::report::Spot;
use crate::read::table::TomlTable;
use crate::read::toml_fault::{ExpectedValue, TableKind};
use crate::read::value::{self, TomlValue};
use crate::refusal::{EarningRefusal, PlanReport};

/// The most months of a ramp: ten years.
pub const RAMP_MAX: usize = 120;

/// A ramp as it is written.
#[derive(Clone, Debug)]
pub struct RampText {
    /// Each percent as a fraction, in order.
    pub percents: Vec<Exact>,
    /// The number of months for which each counts; `None` where it is written as a list by month.
    pub every: Option<u16>,
}

impl RampText {
    /// The fraction of each month.
    pub fn by_month(&self) -> Vec<Exact> {
        let months = usize::from(self.every.unwrap_or(1));
        self.percents.iter().flat_map(|percent| std::iter::repeat_n(percent.clone(), months)).collect()
    }
}

/// A list by month, or a table that says for how many months each percent counts.
pub fn ramp<'t>(value: &'t TomlValue<'t>, report: &mut PlanReport<'_>) -> Option<RampText> {
    if !matches!(value.get_ref(), DeValue::Table(_)) {
        return percents(value, report).map(|percents| RampText { percents, every: None });
    }
    let mut table = TomlTable::of(value, TableKind::Ramp, report)?;
    let every = table.need("every", months, report);
    let percents = table.need("percents", percents, report);
    let spot: Spot = table.spot;
    table.finish(report)?;
    let (every, percents) = (every.get()?, percents.get()?);
    if percents.len() * usize::from(every) > RAMP_MAX {
        return report.wrong(spot, EarningRefusal::RampTooLong { most: RAMP_MAX });
    }
    Some(RampText { percents, every: Some(every) })
}

fn percents<'t>(value: &'t TomlValue<'t>, report: &mut PlanReport<'_>) -> Option<Vec<Exact>> {
    value::list(value, ExpectedValue::Percents, RAMP_MAX, value::percent_from_zero, report)
}

/// A span of whole months, at least one.
fn months(value: &TomlValue<'_>, report: &mut PlanReport<'_>) -> Option<u16> {
    match value::span(value, report)? {
        Span::Months(months) if months > 0 => Some(months),
        Span::Months(_) | Span::Days(_) => value::not(value, ExpectedValue::RampEvery, report),
    }
}
