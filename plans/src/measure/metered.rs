//! What measures of usage share: contracts with the payee's credit, and the meters that count.

use ledger::id::Name;
use projections::knowledge::{Contract, MeteredRun};
use projections::usage::UsageColumn;

use crate::credit::index::ShareInterval;
use crate::plan::UsageValue;

/// A contract and the days on which the payee has a share of it.
pub(super) struct ContractCredit<'k> {
    pub contract: &'k Contract,
    pub stretches: Vec<ShareInterval>,
}

/// Whether usage of this meter counts. Without names, every meter does.
pub(super) fn measures(meters: &[Name], run: &MeteredRun) -> bool {
    meters.is_empty() || run.run.meter.as_ref().is_some_and(|meter| meters.contains(meter))
}

pub(super) fn reading(value: UsageValue) -> UsageColumn {
    match value {
        UsageValue::Amount => UsageColumn::Amount,
        UsageValue::Quantity => UsageColumn::Quantity,
    }
}
