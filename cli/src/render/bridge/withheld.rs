//! Lines of a bridge that are frozen: a close would withhold their differences.

use std::collections::BTreeMap;

use ledger::date::Day;
use ledger::money::{Currency, Money};
use projections::posted_state::PostedState;
use replay::bridge::rows::{Bridge, BridgeRow};

/// The lines that differ and are frozen.
pub struct FrozenLines {
    /// The last frozen day.
    pub until: Day,
    /// How many of the lines there are in each currency, and the sum of their differences.
    pub lines: BTreeMap<Currency, (usize, Money)>,
}

impl FrozenLines {
    /// `None` where no line that differs is frozen.
    pub fn of(bridge: &Bridge, posted: &PostedState) -> Option<FrozenLines> {
        let (_, until) = posted.frozen(bridge.from.known)?;
        let mut lines: BTreeMap<Currency, (usize, Money)> = BTreeMap::new();
        // What was posted goes by the day on which it was due then.
        let due = |row: &BridgeRow| {
            let known = posted.lines.posted.get(&row.holder).and_then(|lines| lines.get(&row.line));
            known.filter(|known| !known.entitled.is_zero()).map_or(row.due, |known| known.due)
        };
        for row in bridge.rows.iter().filter(|row| due(row) <= until) {
            let sum = lines.entry(row.holder.1).or_insert((0, Money::zero(row.holder.1)));
            *sum = (sum.0 + 1, sum.1 + row.difference());
        }
        (!lines.is_empty()).then_some(FrozenLines { until, lines })
    }
}
