//! What measures of usage share: contracts with the payee's credit, and the meters that count.

use ledger::date::Day;
use ledger::id::Name;
use projections::knowledge::{Contract, MeteredRun};
use projections::usage::UsageColumn;

use crate::credit::index::{ShareInterval, within};
use crate::incremental::day_ranges::DayRanges;
use crate::plan::UsageValue;

/// A contract and the days on which the payee has a share of it.
pub(super) struct ContractCredit<'k> {
    pub contract: &'k Contract,
    pub share_intervals: Vec<ShareInterval>,
}

impl ContractCredit<'_> {
    /// The parts of days on which the payee has a share: first day, last day, and the share.
    pub fn shares_on<'s>(&'s self, days: &'s DayRanges) -> impl Iterator<Item = (Day, Day, &'s ShareInterval)> {
        days.ranges().iter().flat_map(|(from, to)| within(&self.share_intervals, *from, *to))
    }
}

/// Whether usage of this meter counts. Without names, every meter does.
pub fn measures(meters: &[Name], run: &MeteredRun) -> bool {
    meters.is_empty() || run.run.meter.as_ref().is_some_and(|meter| meters.contains(meter))
}

pub(super) fn reading(value: UsageValue) -> UsageColumn {
    match value {
        UsageValue::Amount => UsageColumn::Amount,
        UsageValue::Quantity => UsageColumn::Quantity,
    }
}
