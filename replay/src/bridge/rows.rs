//! A bridge: amounts at two points, and the causes between them.

use std::collections::{BTreeMap, BTreeSet};

use ledger::date::{Day, Month};
use ledger::finding::Finding;
use ledger::id::{ComponentId, PlanId};
use ledger::money::{Currency, Money};
use projections::lines::{LineName, PayeeCurrency};
use projections::position::Position;

use crate::close::refusal::CloseFault;

/// One end of a bridge.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct BridgeEnd {
    /// The number of entries of the log that are known.
    pub known: u64,
    /// Everything due by the end of this month.
    pub period: Month,
    /// Where the amounts are from.
    pub amounts: EndAmounts,
}

/// Where the amounts of an end are from.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum EndAmounts {
    /// What closes have posted up to and with that of the month.
    Posted,
    /// What is derived from the known facts.
    Derived,
    /// What closes have posted, and the next one would post.
    Previewed,
}

/// Amounts of lines at two points, and what made the differences.
#[derive(Clone, Debug)]
pub struct Bridge {
    /// The first point.
    pub from: BridgeEnd,
    /// The second point.
    pub to: BridgeEnd,
    /// The lines that differ, by payee, currency and name.
    pub rows: Vec<BridgeRow>,
    /// The sums of the lines that do not differ, and their number.
    pub unchanged: BTreeMap<(PayeeCurrency, BridgeComponent), (Money, usize)>,
    /// What keeps amounts of an end that is derived from being right: a month with such a fault cannot be closed.
    pub faults: Vec<Finding<CloseFault>>,
}

/// A line that differs.
#[derive(Clone, Debug)]
pub struct BridgeRow {
    /// The payee and the currency.
    pub holder: PayeeCurrency,
    /// The line.
    pub line: LineName,
    /// The day on which it is due, at the second point if it is there.
    pub due: Day,
    /// The amount at the first point.
    pub a: Money,
    /// The amount at the second point.
    pub b: Money,
    /// What made the difference, in the order of the log.
    pub causes: Vec<BridgeCause>,
}

impl BridgeRow {
    /// The difference.
    pub fn difference(&self) -> Money {
        self.b - self.a
    }

    /// What no cause explains.
    pub fn unexplained(&self) -> Money {
        self.difference() - Money::sum(self.holder.1, self.causes.iter().map(|cause| cause.amount))
    }
}

/// The group of a cause.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum CauseGroup {
    /// The passing of time: what fell due between the points.
    Time,
    /// Another engine number.
    Engine,
    /// Facts, and freezes.
    Facts,
    /// Versions of plans.
    Rules,
}

impl CauseGroup {
    /// All groups, as tables show them.
    pub const ALL: [CauseGroup; 4] = [CauseGroup::Time, CauseGroup::Facts, CauseGroup::Rules, CauseGroup::Engine];

    /// The word, as JSON has it.
    pub fn word(self) -> &'static str {
        match self {
            CauseGroup::Time => "time",
            CauseGroup::Engine => "engine",
            CauseGroup::Facts => "facts",
            CauseGroup::Rules => "rules",
        }
    }
}

/// Whether a cause is about the line itself.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum CauseEffect {
    /// It is about the line's own booking, contract, account or terms.
    Own,
    /// It is about another item, and changes the line through attainment: a tier, a cap or a running total.
    Attainment,
}

impl CauseEffect {
    /// The word, as JSON has it.
    pub fn word(self) -> &'static str {
        match self {
            CauseEffect::Own => "own",
            CauseEffect::Attainment => "attainment",
        }
    }
}

/// A part of a difference, and the entries that made it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BridgeCause {
    /// Its group.
    pub group: CauseGroup,
    /// Whether it is about the line itself.
    pub effect: CauseEffect,
    /// The kind of the facts, or `plan`, `time`, `freeze` or `engine`.
    pub kind: String,
    /// The item that they are about; empty for `time`, `freeze` and `engine`.
    pub item: String,
    /// The positions of the entries.
    pub positions: Vec<Position>,
    /// The part of the difference.
    pub amount: Money,
}

impl BridgeCause {
    /// What it is, in one text: `booking B-7`.
    pub fn what(&self) -> String {
        if self.item.is_empty() { self.kind.clone() } else { format!("{} {}", self.kind, self.item) }
    }
}

/// The sum of some lines of one currency, those that do not differ among them.
#[derive(Clone, Debug)]
pub struct BridgeTotal {
    /// The sum of the amounts at the first point.
    pub a: Money,
    /// The sum of the amounts at the second point.
    pub b: Money,
    /// How many lines differ.
    pub lines: usize,
    /// How many lines do not differ.
    pub unchanged: usize,
    /// The causes, those of one kind, item and effect together, in the order of the log.
    pub causes: Vec<BridgeCause>,
}

impl BridgeTotal {
    fn new(currency: Currency) -> BridgeTotal {
        BridgeTotal { a: Money::zero(currency), b: Money::zero(currency), lines: 0, unchanged: 0, causes: Vec::new() }
    }

    /// The sum of rows of one currency, and of lines that do not differ.
    pub fn of<'r>(
        currency: Currency,
        rows: impl Iterator<Item = &'r BridgeRow>,
        unchanged: (Money, usize),
    ) -> BridgeTotal {
        let mut total = BridgeTotal::new(currency);
        (total.a, total.b, total.unchanged) = (unchanged.0, unchanged.0, unchanged.1);
        let mut causes: BTreeMap<(CauseGroup, String, String, CauseEffect), BridgeCause> = BTreeMap::new();
        for row in rows {
            total.a += row.a;
            total.b += row.b;
            total.lines += 1;
            for cause in &row.causes {
                let key = (cause.group, cause.kind.clone(), cause.item.clone(), cause.effect);
                let known = causes.entry(key);
                known
                    .and_modify(|known| {
                        known.amount += cause.amount;
                        let new = cause.positions.iter().filter(|position| !known.positions.contains(position));
                        let new: Vec<Position> = new.copied().collect();
                        known.positions.extend(new);
                    })
                    .or_insert_with(|| cause.clone());
            }
        }
        total.causes = causes.into_values().filter(|cause| !cause.amount.is_zero()).collect();
        total.causes.iter_mut().for_each(|cause| cause.positions.sort());
        // Time and the engine have no entry, and come first.
        total.causes.sort_by_key(|cause| (cause.positions.first().copied(), cause.effect));
        total
    }

    /// The sum of the causes of a group.
    pub fn of_group(&self, group: CauseGroup) -> Money {
        let causes = self.causes.iter().filter(|cause| cause.group == group);
        Money::sum(self.a.currency, causes.map(|cause| cause.amount))
    }

    /// The difference.
    pub fn difference(&self) -> Money {
        self.b - self.a
    }

    /// What no cause explains.
    pub fn unexplained(&self) -> Money {
        self.difference() - Money::sum(self.a.currency, self.causes.iter().map(|cause| cause.amount))
    }
}

/// A plan's component; `None` for the plan of adjustments.
pub type BridgeComponent = (Option<PlanId>, ComponentId);

impl Bridge {
    /// The totals of each currency.
    pub fn totals(&self) -> Vec<BridgeTotal> {
        self.by(|holder, _| holder.1, |currency| *currency).into_iter().map(|(_, total)| total).collect()
    }

    /// The totals of each payee and currency.
    pub fn by_payee(&self) -> Vec<(PayeeCurrency, BridgeTotal)> {
        self.by(|holder, _| holder.clone(), |holder| holder.1)
    }

    /// The totals of each component and currency.
    pub fn by_component(&self) -> Vec<((BridgeComponent, Currency), BridgeTotal)> {
        self.by(|holder, component| (component.clone(), holder.1), |(_, currency)| *currency)
    }

    fn by<K: Ord + Clone>(
        &self,
        key: impl Fn(&PayeeCurrency, &BridgeComponent) -> K,
        currency: impl Fn(&K) -> Currency,
    ) -> Vec<(K, BridgeTotal)> {
        let mut rows: BTreeMap<K, Vec<&BridgeRow>> = BTreeMap::new();
        for row in &self.rows {
            let component = (row.line.plan.clone(), row.line.component.clone());
            rows.entry(key(&row.holder, &component)).or_default().push(row);
        }
        let mut unchanged: BTreeMap<K, (Money, usize)> = BTreeMap::new();
        for ((holder, component), (amount, lines)) in &self.unchanged {
            let known = unchanged.entry(key(holder, component)).or_insert((Money::zero(holder.1), 0));
            *known = (known.0 + *amount, known.1 + lines);
        }
        let keys: BTreeSet<K> = rows.keys().chain(unchanged.keys()).cloned().collect();
        let mut total = |of: K| {
            let (currency, rows) = (currency(&of), rows.remove(&of).unwrap_or_default());
            let unchanged = unchanged.get(&of).copied().unwrap_or((Money::zero(currency), 0));
            let total = BridgeTotal::of(currency, rows.into_iter(), unchanged);
            (of, total)
        };
        keys.into_iter().map(&mut total).collect()
    }
}
