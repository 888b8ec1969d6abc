//! What one contract used on one meter: columns sorted by day, a few dozen bytes a snapshot (architecture.md, Knowledge).
//!
//! Snapshots in force never overlap within a run, so order by start is order by end. Those that something has ended, at
//! whatever size, stand in a small side list with what ended them.

pub(crate) mod flat;

use std::collections::BTreeMap;

use ledger::date::Day;
use ledger::exact::Exact;
use ledger::field::Amount;
use ledger::id::Name;

use crate::life::{Life, Position, Sees};

/// Whole numbers at one scale: 64 bits while they fit.
#[derive(Clone, Debug, Default)]
struct Column {
    /// Decimals.
    scale: u32,
    narrow: Vec<i64>,
    /// Used instead of `narrow` once a value does not fit it.
    wide: Vec<i128>,
    is_wide: bool,
}

impl Column {
    fn get(&self, index: usize) -> i128 {
        if self.is_wide { self.wide[index] } else { i128::from(self.narrow[index]) }
    }

    fn insert(&mut self, index: usize, amount: Amount) {
        if amount.decimals() > self.scale {
            self.rescale(amount.decimals());
        }
        let value = amount.0.mantissa() * 10i128.pow(self.scale - amount.decimals());
        match i64::try_from(value) {
            Ok(value) if !self.is_wide => insert_exact(&mut self.narrow, index, value),
            _ => {
                self.widen();
                insert_exact(&mut self.wide, index, value);
            }
        }
    }

    fn remove(&mut self, index: usize) -> i128 {
        if self.is_wide { self.wide.remove(index) } else { i128::from(self.narrow.remove(index)) }
    }

    fn widen(&mut self) {
        if !self.is_wide {
            self.wide = std::mem::take(&mut self.narrow).into_iter().map(i128::from).collect();
            self.is_wide = true;
        }
    }

    fn rescale(&mut self, scale: u32) {
        let factor = 10i128.pow(scale - self.scale);
        self.scale = scale;
        let fits = |value: &i64| i64::try_from(i128::from(*value) * factor).is_ok();
        if !self.is_wide && self.narrow.iter().all(fits) {
            self.narrow.iter_mut().for_each(|value| *value *= factor as i64);
        } else {
            self.widen();
            self.wide.iter_mut().for_each(|value| *value *= factor);
        }
    }

    fn exact(&self, index: usize) -> Exact {
        Exact::ratio(self.get(index), 10i128.pow(self.scale))
    }

    /// What the value would be at this column's scale, if it could stand in it.
    fn holds(&self, index: usize, amount: Amount) -> bool {
        amount.decimals() <= self.scale
            && amount.0.mantissa() * 10i128.pow(self.scale - amount.decimals()) == self.get(index)
    }
}

/// Grows by an eighth: a book holds millions of these, and doubling wastes half of the memory.
fn insert_exact<T>(list: &mut Vec<T>, index: usize, value: T) {
    if list.len() == list.capacity() {
        list.reserve_exact(8 + list.len() / 8);
    }
    list.insert(index, value);
}

/// Snapshots in force, as columns of equal length.
#[derive(Debug, Default)]
pub struct Run {
    pub meter: Option<Name>,
    starts: Vec<i32>,
    /// Days covered.
    lengths: Vec<u16>,
    positions: Vec<Position>,
    amounts: Column,
    quantities: Option<Quantities>,
    /// Snapshots that were ended by something, at some size; by first day and position.
    ended: BTreeMap<(i32, Position), Ended>,
    /// Their first days.
    ended_starts: BTreeMap<Position, i32>,
    /// The longest of them, in days: how far back one may begin that meets a day.
    ended_days_max: i32,
    /// The latest day that any of them covers.
    ended_last_day: Option<Day>,
    /// Whether any amount was ever below zero.
    has_negative: bool,
}

/// Only where a snapshot has one.
#[derive(Debug, Default)]
struct Quantities {
    column: Column,
    present: Vec<bool>,
}

#[derive(Clone, Debug)]
pub struct Ended {
    pub snapshot: Snapshot,
    pub life: Life,
}

/// One snapshot, taken out of its columns.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Snapshot {
    pub from: Day,
    pub to: Day,
    pub amount: Exact,
    pub quantity: Option<Exact>,
    pub position: Position,
}

/// Which number of a snapshot is summed.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Reading {
    Amount,
    Quantity,
}

/// A size as the first position that is not below it.
fn position_below(size: u64) -> Position {
    Position::try_from(size).unwrap_or(Position::MAX)
}

/// The longest interval of a snapshot, in days: a century and a half.
pub const INTERVAL_DAYS_MAX: i32 = u16::MAX as i32;

impl Run {
    pub fn new(meter: Option<Name>) -> Run {
        Run { meter, ..Run::default() }
    }

    pub fn len(&self) -> usize {
        self.starts.len()
    }

    pub fn is_empty(&self) -> bool {
        self.starts.is_empty() && self.ended.is_empty()
    }

    pub fn ended(&self) -> impl Iterator<Item = &Ended> {
        self.ended.values()
    }

    /// Those that were ended and meet `from ..= to`.
    fn ended_meeting(&self, from: Day, to: Day) -> impl Iterator<Item = &Ended> {
        let first = from.number().saturating_sub(self.ended_days_max);
        let met = self.ended.range((first, 0)..=(to.number().max(first), Position::MAX)).map(|(_, ended)| ended);
        met.filter(move |ended| ended.snapshot.to >= from)
    }

    /// Those that were ended and cover exactly this interval.
    pub fn ended_covering(&self, from: Day, to: Day) -> impl Iterator<Item = &Ended> {
        let start = from.number();
        let same = self.ended.range((start, 0)..=(start, Position::MAX)).map(|(_, ended)| ended);
        same.filter(move |ended| ended.snapshot.to == to)
    }

    fn ended_at(&self, position: Position) -> Option<&Ended> {
        self.ended.get(&(*self.ended_starts.get(&position)?, position))
    }

    pub(crate) fn life(&self, position: Position) -> Option<&Life> {
        self.ended_at(position).map(|ended| &ended.life)
    }

    fn start(&self, index: usize) -> Day {
        Day::from_number(i64::from(self.starts[index])).expect("only days of facts are put in")
    }

    fn end(&self, index: usize) -> i32 {
        self.starts[index] + i32::from(self.lengths[index]) - 1
    }

    /// Whether any amount was ever below zero: else what was used by a day is no more than by a later one.
    pub fn has_negative(&self) -> bool {
        self.has_negative
    }

    pub fn insert(&mut self, from: Day, to: Day, amount: Amount, quantity: Option<Amount>, position: Position) {
        self.has_negative |= amount.0.is_sign_negative() && !amount.0.is_zero();
        let start = from.number();
        let index = match self.starts.last() {
            Some(last) if *last >= start => self.starts.partition_point(|known| *known < start),
            _ => self.starts.len(),
        };
        self.insert_quantity(index, quantity);
        insert_exact(&mut self.starts, index, start);
        let days = u16::try_from(from.days_to(to)).expect("admission has checked the interval's length");
        insert_exact(&mut self.lengths, index, days);
        insert_exact(&mut self.positions, index, position);
        self.amounts.insert(index, amount);
    }

    fn insert_quantity(&mut self, index: usize, quantity: Option<Amount>) {
        const NOTHING: Amount = Amount(rust_decimal::Decimal::ZERO);
        if quantity.is_none() && self.quantities.is_none() {
            return;
        }
        let count = self.starts.len();
        let quantities = self.quantities.get_or_insert_with(|| Quantities {
            column: Column { narrow: vec![0; count], ..Column::default() },
            present: vec![false; count],
        });
        quantities.column.insert(index, quantity.unwrap_or(NOTHING));
        insert_exact(&mut quantities.present, index, quantity.is_some());
    }

    /// Takes the snapshot with this position out of the columns and into the side list.
    pub(crate) fn end_at(&mut self, position: Position) -> &mut Life {
        if let Some(start) = self.ended_starts.get(&position) {
            return &mut self.ended.get_mut(&(*start, position)).expect("both lists are kept in step here").life;
        }
        // What is restated is mostly recent.
        let index = self.positions.iter().rposition(|known| *known == position);
        let index = index.expect("BUG: a snapshot that is not in its run ends");
        let snapshot = self.snapshot(index);
        self.starts.remove(index);
        self.lengths.remove(index);
        self.positions.remove(index);
        self.amounts.remove(index);
        if let Some(quantities) = &mut self.quantities {
            quantities.column.remove(index);
            quantities.present.remove(index);
        }
        self.set_aside(Ended { snapshot, life: Life::default() })
    }

    /// Puts a snapshot that something has ended into the side list.
    fn set_aside(&mut self, ended: Ended) -> &mut Life {
        let Snapshot { from, to, position, .. } = ended.snapshot;
        let start = from.number();
        self.ended_days_max = self.ended_days_max.max(from.days_to(to));
        self.ended_starts.insert(position, start);
        self.ended_last_day = self.ended_last_day.max(Some(to));
        &mut self.ended.entry((start, position)).or_insert(ended).life
    }

    pub fn snapshot(&self, index: usize) -> Snapshot {
        let from = self.start(index);
        let quantity = self.quantities.as_ref().filter(|quantities| quantities.present[index]);
        Snapshot {
            from,
            to: from.plus_days(i32::from(self.lengths[index]) - 1),
            amount: self.amounts.exact(index),
            quantity: quantity.map(|quantities| quantities.column.exact(index)),
            position: self.positions[index],
        }
    }

    /// The indexes of the columns' snapshots that meet `from ..= to`.
    pub fn meeting(&self, from: Day, to: Day) -> std::ops::Range<usize> {
        let (from, to) = (from.number(), to.number());
        // Nearly every snapshot that comes in is the run's latest.
        let first = match self.len() {
            0 => 0,
            count if self.end(count - 1) < from => count,
            count => {
                let mut low = 0;
                let mut high = count;
                while low < high {
                    let middle = (low + high) / 2;
                    if self.end(middle) < from { low = middle + 1 } else { high = middle }
                }
                low
            }
        };
        let last = first + self.starts[first..].partition_point(|start| *start <= to);
        first..last
    }

    /// Whether the snapshot at `index` covers exactly this interval.
    pub fn covers(&self, index: usize, from: Day, to: Day) -> bool {
        self.starts[index] == from.number() && self.end(index) == to.number()
    }

    pub fn interval(&self, index: usize) -> (Day, Day) {
        let from = self.start(index);
        (from, from.plus_days(i32::from(self.lengths[index]) - 1))
    }

    /// Snapshots of the columns that were recorded at or behind a size, with their first days.
    pub fn new_since(&self, size: u64) -> impl Iterator<Item = (Position, Day)> + '_ {
        let new = self.positions.iter().enumerate().filter(move |(_, position)| u64::from(**position) >= size);
        new.map(|(index, position)| (*position, self.start(index)))
    }

    /// Intervals of snapshots that begin by a day, and were recorded from one size on up to another or ended by one of these
    /// entries.
    pub fn moved_by(
        &self,
        day: Day,
        (from, to): (u64, u64),
        acts: impl Fn(Position) -> bool,
    ) -> impl Iterator<Item = (Day, Day)> {
        let early = self.starts.partition_point(|start| *start <= day.number());
        let (first, last) = (position_below(from), position_below(to));
        let new = self.positions[..early].iter().enumerate();
        let new = new.filter(move |(_, position)| (first..last).contains(*position));
        let ended = self.ended.range(..=(day.number(), Position::MAX)).map(|(_, ended)| ended);
        let ended = ended.filter(move |ended| {
            let life = &ended.life;
            (first..last).contains(&ended.snapshot.position)
                || life.replaced_by.iter().chain(&life.retracted_by).any(|by| acts(*by))
        });
        new.map(|(index, _)| self.interval(index)).chain(ended.map(|ended| (ended.snapshot.from, ended.snapshot.to)))
    }

    /// Every snapshot that was ever recorded, whatever became of it: where, and the days that it covers.
    pub fn recorded(&self) -> impl Iterator<Item = (Position, (Day, Day))> {
        let columns = self.positions.iter().enumerate().map(|(index, position)| (*position, self.interval(index)));
        let ended = self.ended.values().map(|ended| &ended.snapshot);
        columns.chain(ended.map(|snapshot| (snapshot.position, (snapshot.from, snapshot.to))))
    }

    /// The interval of the snapshot that was recorded at a position.
    pub fn interval_of(&self, position: Position) -> Option<(Day, Day)> {
        let ended = self.ended_at(position);
        let column = || self.positions.iter().position(|known| *known == position).map(|index| self.interval(index));
        ended.map(|ended| (ended.snapshot.from, ended.snapshot.to)).or_else(column)
    }

    pub fn position(&self, index: usize) -> Position {
        self.positions[index]
    }

    /// Whether the snapshot at `index` says the same.
    pub fn says(&self, index: usize, amount: Amount, quantity: Option<Amount>) -> bool {
        let known = self.quantities.as_ref().filter(|quantities| quantities.present[index]);
        let same_quantity = match (known, quantity) {
            (None, None) => true,
            (Some(quantities), Some(quantity)) => quantities.column.holds(index, quantity),
            (None, Some(_)) | (Some(_), None) => false,
        };
        same_quantity && self.amounts.holds(index, amount)
    }

    /// What was used on `from ..= to`, spread evenly over each snapshot's days.
    pub fn sum(
        &self,
        from: Day,
        to: Day,
        reading: Reading,
        sees: Sees<'_>,
        in_force: impl Fn(Position) -> bool,
    ) -> Exact {
        let (column, scale) = match (reading, &self.quantities) {
            (Reading::Amount, _) => (&self.amounts, self.amounts.scale),
            (Reading::Quantity, Some(quantities)) => (&quantities.column, quantities.column.scale),
            (Reading::Quantity, None) => return Exact::ZERO,
        };
        let (mut whole, mut parts) = (0i128, Exact::ZERO);
        for index in self.meeting(from, to) {
            if !sees.holds(self.positions[index]) {
                continue;
            }
            let (start, end) = (self.starts[index], self.end(index));
            let value = column.get(index);
            if start >= from.number() && end <= to.number() {
                whole += value;
            } else {
                let days = end.min(to.number()) - start.max(from.number()) + 1;
                parts += &Exact::ratio(value * i128::from(days), i128::from(self.lengths[index]));
            }
        }
        let columns = (Exact::whole(whole) + parts) * Exact::ratio(1, 10i128.pow(scale));
        let restored = self.ended_meeting(from, to);
        restored
            .filter(|ended| in_force(ended.snapshot.position))
            .fold(columns, |sum, ended| sum + ended.snapshot.part(from, to, reading))
    }

    /// The snapshots in force that meet `from ..= to`, by day.
    pub fn snapshots(&self, from: Day, to: Day, sees: Sees<'_>, in_force: impl Fn(Position) -> bool) -> Vec<Snapshot> {
        let columns =
            self.meeting(from, to).filter(|index| sees.holds(self.positions[*index])).map(|index| self.snapshot(index));
        let restored = self.ended_meeting(from, to);
        let restored = restored.filter(|ended| in_force(ended.snapshot.position)).map(|ended| ended.snapshot.clone());
        let mut all: Vec<Snapshot> = columns.chain(restored).collect();
        all.sort_by_key(|snapshot| (snapshot.from, snapshot.position));
        all
    }

    /// The latest day that a snapshot of the run covers.
    pub fn last_day(&self) -> Option<Day> {
        let columns = self.len().checked_sub(1).map(|last| self.interval(last).1);
        columns.max(self.ended_last_day)
    }

    /// The first day that a snapshot of the run covers.
    pub fn first_day(&self) -> Option<Day> {
        let columns = self.starts.first().map(|_| self.start(0));
        columns.into_iter().chain(self.ended.values().next().map(|ended| ended.snapshot.from)).min()
    }
}

impl Snapshot {
    /// How much of it falls on `from ..= to`.
    pub fn part(&self, from: Day, to: Day, reading: Reading) -> Exact {
        let days = self.from.max(from).days_to(self.to.min(to));
        let value = match reading {
            Reading::Amount => self.amount.clone(),
            Reading::Quantity => self.quantity.clone().unwrap_or(Exact::ZERO),
        };
        value * Exact::ratio(i128::from(days), i128::from(self.from.days_to(self.to)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(number: i32) -> Day {
        Day::from_number(20_000 + i64::from(number)).expect("a day")
    }

    proptest! {
        /// Against the plainest model: a list of snapshots, summed day by day.
        #[test]
        fn sums_are_those_of_the_days(
            lengths in proptest::collection::vec((0i32..4, 1i32..9, -10_000_000_000i64..10_000_000_000, 0u32..6, any::<bool>()), 1..30),
            from in 0i32..150, days in 1i32..60, order in any::<u64>()
        ) {
            let mut start = 0;
            let mut list = Vec::new();
            for (gap, length, mantissa, scale, has_quantity) in lengths {
                let from = start + gap;
                let amount = Amount(rust_decimal::Decimal::new(mantissa, scale).normalize());
                list.push((day(from), day(from + length - 1), amount, has_quantity.then_some(amount)));
                start = from + length;
            }
            let mut run = Run::default();
            let mut left: Vec<usize> = (0..list.len()).collect();
            let mut pick = order;
            while !left.is_empty() {
                let index = left.remove(pick as usize % left.len());
                pick = pick.rotate_left(7) ^ 0x9e37;
                let (from, to, amount, quantity) = list[index];
                run.insert(from, to, amount, quantity, index as Position);
            }
            let (from, to) = (day(from), day(from + days - 1));
            for reading in [Reading::Amount, Reading::Quantity] {
                let mut expected = Exact::ZERO;
                for (start, end, amount, quantity) in &list {
                    let value = match reading { Reading::Amount => Some(*amount), Reading::Quantity => *quantity };
                    let Some(value) = value else { continue };
                    let met = start.days_to(*end);
                    for number in start.number()..=end.number() {
                        if (from.number()..=to.number()).contains(&number) {
                            expected += &(value.exact() * Exact::ratio(1, i128::from(met)));
                        }
                    }
                }
                prop_assert_eq!(run.sum(from, to, reading, Sees::below(1_000), |_| false), expected);
            }
            let snapshots = run.snapshots(from, to, Sees::below(1_000), |_| false);
            prop_assert!(snapshots.iter().all(|snapshot| snapshot.from <= to && snapshot.to >= from));
        }
    }
}
