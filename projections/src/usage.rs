//! The usage of one contract on one meter: columns sorted by day, a few dozen bytes for each snapshot
//! (ARCHITECTURE.md, Knowledge).
//!
//! Snapshots in force never overlap within a run, so sorting them by first day also sorts them by last day. Snapshots
//! that any entry ended are in a list of their own, which is small.

pub(crate) mod encoding;
mod prefix_sums;

use std::collections::BTreeMap;
use std::ops::Range;

use ledger::date::Day;
use ledger::exact::Exact;
use ledger::field::Amount;
use ledger::id::Name;

use crate::position::Position;
use crate::validity::{Validity, Visibility};
use prefix_sums::{PrefixSums, insert_exact, reserve};

/// The snapshots of one contract, meter and currency. The columns have equal lengths and are sorted by first day.
#[derive(Clone, Debug, Default)]
pub struct UsageRun {
    /// The meter; `None` if the facts name none.
    pub meter: Option<Name>,
    starts: Vec<i32>,
    /// The first day of the first snapshot and the last day of the last one, as numbers of days. They are read far
    /// more often than the columns.
    span: Option<(i32, i32)>,
    /// The number of days of each snapshot.
    lengths: Vec<u16>,
    positions: Vec<Position>,
    /// The highest position in the columns, or a higher number.
    latest: Position,
    /// Positions of snapshots that were inserted before others, ascending. All other snapshots are in the order of
    /// their positions.
    put_before: Vec<Position>,
    amounts: PrefixSums,
    /// `None` if no snapshot has a quantity.
    quantities: Option<Quantities>,
    /// Snapshots that an entry ended, by first day and position.
    ended: BTreeMap<(i32, Position), EndedUsage>,
    /// The first days of the ended snapshots, by position.
    ended_starts: BTreeMap<Position, i32>,
    /// The days of the longest ended snapshot: how far before a day one may begin that covers it.
    ended_days_max: i32,
    /// The last day that any ended snapshot covers.
    ended_last_day: Option<Day>,
    /// Whether any snapshot ever had a negative amount.
    has_negative: bool,
}

/// The quantities of a run in which at least one snapshot has one.
#[derive(Clone, Debug, Default)]
struct Quantities {
    column: PrefixSums,
    present: Vec<bool>,
}

/// A snapshot that an entry ended.
#[derive(Clone, Debug)]
pub struct EndedUsage {
    /// The snapshot.
    pub snapshot: KnownSnapshot,
    /// The entries that ended it.
    pub validity: Validity,
}

/// One usage snapshot.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KnownSnapshot {
    /// The first day.
    pub from: Day,
    /// The last day.
    pub to: Day,
    /// The amount used over these days, in the currency of the run.
    pub amount: Exact,
    /// The quantity used over these days, in the unit of the meter.
    pub quantity: Option<Exact>,
    /// The position of its entry.
    pub position: Position,
}

/// Which number of a snapshot is summed.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum UsageColumn {
    /// The amount of money.
    Amount,
    /// The quantity. A snapshot without one counts as 0.
    Quantity,
}

/// A log size as a position: the first that is not below it.
fn position_below(size: u64) -> Position {
    Position::try_from(size).unwrap_or(Position::MAX)
}

fn day_of(number: i32) -> Day {
    Day::from_number(i64::from(number)).expect("only days of facts are put in")
}

/// The most days that a snapshot covers: a century and a half.
pub const INTERVAL_DAYS_MAX: i32 = u16::MAX as i32;

impl UsageRun {
    /// An empty run of a meter.
    pub fn new(meter: Option<Name>) -> UsageRun {
        UsageRun { meter, ..UsageRun::default() }
    }

    /// The number of snapshots in the columns; ended ones are not counted.
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    /// Whether the run never had a snapshot.
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty() && self.ended.is_empty()
    }

    /// The snapshots that an entry ended, by first day.
    pub fn ended(&self) -> impl Iterator<Item = &EndedUsage> {
        self.ended.values()
    }

    /// The ended snapshots that cover any day of `from ..= to`.
    fn ended_meeting(&self, from: Day, to: Day) -> impl Iterator<Item = &EndedUsage> {
        let first = from.number().saturating_sub(self.ended_days_max);
        let met = self.ended.range((first, 0)..=(to.number().max(first), Position::MAX)).map(|(_, ended)| ended);
        met.filter(move |ended| ended.snapshot.to >= from)
    }

    /// The ended snapshots of exactly the interval `from ..= to`.
    pub fn ended_covering(&self, from: Day, to: Day) -> impl Iterator<Item = &EndedUsage> {
        let start = from.number();
        let same = self.ended.range((start, 0)..=(start, Position::MAX)).map(|(_, ended)| ended);
        same.filter(move |ended| ended.snapshot.to == to)
    }

    fn ended_at(&self, position: Position) -> Option<&EndedUsage> {
        self.ended.get(&(*self.ended_starts.get(&position)?, position))
    }

    pub(crate) fn validity(&self, position: Position) -> Option<&Validity> {
        self.ended_at(position).map(|ended| &ended.validity)
    }

    fn start(&self, index: usize) -> Day {
        day_of(self.starts[index])
    }

    fn end(&self, index: usize) -> i32 {
        self.starts[index] + i32::from(self.lengths[index]) - 1
    }

    /// Whether any snapshot ever had a negative amount. If not, the usage up to a day never falls from one day to the
    /// next.
    pub fn has_negative(&self) -> bool {
        self.has_negative
    }

    /// Adds a snapshot of `from ..= to`. It must not overlap another one that is in force.
    pub fn insert(&mut self, from: Day, to: Day, amount: Amount, quantity: Option<Amount>, position: Position) {
        self.has_negative |= amount.0.is_sign_negative() && !amount.0.is_zero();
        let start = from.number();
        let index = match self.starts.last() {
            Some(last) if *last >= start => self.starts.partition_point(|known| *known < start),
            _ => self.starts.len(),
        };
        if index < self.starts.len() {
            let place = self.put_before.partition_point(|known| *known < position);
            self.put_before.insert(place, position);
        }
        self.insert_quantity(index, quantity);
        insert_exact(&mut self.starts, index, start);
        let days = u16::try_from(from.days_to(to)).expect("admission has checked the interval's length");
        insert_exact(&mut self.lengths, index, days);
        insert_exact(&mut self.positions, index, position);
        self.latest = self.latest.max(position);
        self.amounts.insert(index, amount);
        let (first, last) = self.span.unwrap_or((start, to.number()));
        self.span = Some((first.min(start), last.max(to.number())));
    }

    /// Reserves memory for so many more snapshots.
    pub(crate) fn reserve(&mut self, count: usize) {
        reserve(&mut self.starts, count);
        reserve(&mut self.lengths, count);
        reserve(&mut self.positions, count);
        self.amounts.reserve(count);
        if let Some(quantities) = &mut self.quantities {
            quantities.column.reserve(count);
            reserve(&mut quantities.present, count);
        }
    }

    fn insert_quantity(&mut self, index: usize, quantity: Option<Amount>) {
        const NOTHING: Amount = Amount(rust_decimal::Decimal::ZERO);
        if quantity.is_none() && self.quantities.is_none() {
            return;
        }
        let count = self.starts.len();
        let quantities = self
            .quantities
            .get_or_insert_with(|| Quantities { column: PrefixSums::zeros(count), present: vec![false; count] });
        quantities.column.insert(index, quantity.unwrap_or(NOTHING));
        insert_exact(&mut quantities.present, index, quantity.is_some());
    }

    /// Moves the snapshot at a position from the columns to the ended ones, and returns its validity.
    pub(crate) fn end_at(&mut self, position: Position) -> &mut Validity {
        if let Some(start) = self.ended_starts.get(&position) {
            return &mut self.ended.get_mut(&(*start, position)).expect("both lists are kept in step here").validity;
        }
        // A snapshot that is restated is mostly a recent one.
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
        self.find_span();
        self.set_aside(EndedUsage { snapshot, validity: Validity::default() })
    }

    /// Adds a snapshot to the ended ones.
    fn set_aside(&mut self, ended: EndedUsage) -> &mut Validity {
        let KnownSnapshot { from, to, position, .. } = ended.snapshot;
        let start = from.number();
        self.ended_days_max = self.ended_days_max.max(from.days_to(to));
        self.ended_starts.insert(position, start);
        self.ended_last_day = self.ended_last_day.max(Some(to));
        &mut self.ended.entry((start, position)).or_insert(ended).validity
    }

    /// The snapshot at an index of the columns.
    pub fn snapshot(&self, index: usize) -> KnownSnapshot {
        let from = self.start(index);
        let quantity = self.quantities.as_ref().filter(|quantities| quantities.present[index]);
        KnownSnapshot {
            from,
            to: from.plus_days(i32::from(self.lengths[index]) - 1),
            amount: self.amounts.exact(index),
            quantity: quantity.map(|quantities| quantities.column.exact(index)),
            position: self.positions[index],
        }
    }

    fn find_span(&mut self) {
        self.span = self.starts.first().map(|first| (*first, self.end(self.len() - 1)));
    }

    /// Finds the snapshots of the columns that are before one of an earlier position.
    fn find_put_before(&mut self) {
        let mut least = Position::MAX;
        for position in self.positions.iter().rev() {
            if *position > least {
                self.put_before.push(*position);
            }
            least = least.min(*position);
        }
        self.put_before.sort();
    }

    /// How many snapshots of the columns end before a day.
    fn ending_before(&self, day: i32) -> usize {
        let count = self.len();
        // Nearly every new snapshot is the latest of its run.
        if self.span.is_none_or(|(_, last)| last < day) {
            return count;
        }
        // At most as many as days have passed since the first began; exactly that many if each covers one day and
        // none is missing.
        let days = self.starts.first().map_or(0, |first| day.saturating_sub(*first).max(0) as usize);
        let most = count.min(days);
        if most == 0 || self.end(most - 1) < day {
            return most;
        }
        let (mut low, mut high) = (0, most - 1);
        while low < high {
            let middle = (low + high) / 2;
            if self.end(middle) < day { low = middle + 1 } else { high = middle }
        }
        low
    }

    /// The indexes of the snapshots in the columns that cover any day of `from ..= to`.
    pub fn meeting(&self, from: Day, to: Day) -> Range<usize> {
        let (from, to) = (from.number(), to.number());
        let first = self.ending_before(from);
        let most =
            self.starts.get(first).map_or(0, |start| to.saturating_sub(*start).saturating_add(1).max(0) as usize);
        let near = first..self.len().min(first.saturating_add(most));
        let last = first + self.starts[near].partition_point(|start| *start <= to);
        first..last
    }

    /// Whether the snapshot at an index covers exactly `from ..= to`.
    pub fn covers(&self, index: usize, from: Day, to: Day) -> bool {
        self.starts[index] == from.number() && self.end(index) == to.number()
    }

    /// The first and the last day of the snapshot at an index.
    pub fn interval(&self, index: usize) -> (Day, Day) {
        let from = self.start(index);
        (from, from.plus_days(i32::from(self.lengths[index]) - 1))
    }

    /// Indexes of the snapshots in the columns at positions `from .. to`. Looks at few others.
    fn recorded_columns(&self, from: u64, to: u64) -> Vec<usize> {
        let (first, last) = (position_below(from), position_below(to));
        if self.latest < first {
            return Vec::new();
        }
        let is_put_before = |position: &Position| self.put_before.binary_search(position).is_ok();
        // Everything before an older snapshot that was added at the end is older, too.
        let older = |index: &usize| self.positions[*index] < first && !is_put_before(&self.positions[*index]);
        let end = (0..self.len()).rev().find(older).map_or(0, |index| index + 1);
        let behind = self.put_before.partition_point(|position| *position < first);
        let before = self.put_before[behind..].iter();
        let before = before.filter_map(|late| self.positions[..end].iter().position(|position| position == late));
        let all = before.chain(end..self.len());
        all.filter(|index| (first..last).contains(&self.positions[*index])).collect()
    }

    /// Snapshots of the columns at positions from `size` on that begin by a day: position and first day.
    pub fn new_since(&self, size: u64, day: Day) -> impl Iterator<Item = (Position, Day)> {
        let new = self.recorded_columns(size, u64::MAX).into_iter();
        let new = new.filter(move |index| self.starts[*index] <= day.number());
        new.map(|index| (self.positions[index], self.start(index)))
    }

    /// Intervals of snapshots that begin by a day and that were recorded at positions `from .. to`, or ended by an
    /// entry that `acts`.
    pub fn changed_between(
        &self,
        day: Day,
        (from, to): (u64, u64),
        acts: impl Fn(Position) -> bool,
    ) -> impl Iterator<Item = (Day, Day)> {
        let between = position_below(from)..position_below(to);
        let new = self.recorded_columns(from, to).into_iter().map(|index| self.interval(index));
        let ended = self.ended.range(..=(day.number(), Position::MAX)).map(|(_, ended)| ended);
        let ended = ended.filter(move |ended| {
            let validity = &ended.validity;
            between.contains(&ended.snapshot.position)
                || validity.replaced_by.iter().chain(&validity.retracted_by).any(|by| acts(*by))
        });
        let ended = ended.map(|ended| (ended.snapshot.from, ended.snapshot.to));
        new.filter(move |(from, _)| *from <= day).chain(ended)
    }

    /// Positions `from .. to` at which snapshots were recorded, in force or not.
    pub fn recorded_between(&self, from: u64, to: u64) -> impl Iterator<Item = Position> {
        let between = position_below(from)..position_below(to);
        let columns = self.recorded_columns(from, to).into_iter().map(|index| self.positions[index]);
        let ended = self.ended_starts.keys().copied();
        columns.chain(ended.filter(move |position| between.contains(position)))
    }

    /// Every snapshot that was ever recorded, in force or not: position, and first and last day.
    pub fn recorded(&self) -> impl Iterator<Item = (Position, (Day, Day))> {
        let columns = self.positions.iter().enumerate().map(|(index, position)| (*position, self.interval(index)));
        let ended = self.ended.values().map(|ended| &ended.snapshot);
        columns.chain(ended.map(|snapshot| (snapshot.position, (snapshot.from, snapshot.to))))
    }

    /// The first and the last day of the snapshot at a position; `None` if it is not in this run.
    pub fn interval_of(&self, position: Position) -> Option<(Day, Day)> {
        let ended = self.ended_at(position);
        let column = || self.positions.iter().position(|known| *known == position).map(|index| self.interval(index));
        ended.map(|ended| (ended.snapshot.from, ended.snapshot.to)).or_else(column)
    }

    /// The snapshot at a position, ended or not; `None` if it is not in this run.
    pub fn snapshot_at(&self, position: Position) -> Option<KnownSnapshot> {
        let column = || self.positions.iter().rposition(|known| *known == position).map(|index| self.snapshot(index));
        self.ended_at(position).map(|ended| ended.snapshot.clone()).or_else(column)
    }

    /// The position of the snapshot at an index.
    pub fn position(&self, index: usize) -> Position {
        self.positions[index]
    }

    /// Whether the snapshot at an index has this amount and quantity.
    pub fn says(&self, index: usize, amount: Amount, quantity: Option<Amount>) -> bool {
        let known = self.quantities.as_ref().filter(|quantities| quantities.present[index]);
        let same_quantity = match (known, quantity) {
            (None, None) => true,
            (Some(quantities), Some(quantity)) => quantities.column.holds(index, quantity),
            (None, Some(_)) | (Some(_), None) => false,
        };
        same_quantity && self.amounts.holds(index, amount)
    }

    /// The usage on `from ..= to` in a view. Each snapshot is spread evenly over its days (calculation.md 2).
    /// `in_force` says whether an ended snapshot is in force in the view.
    pub fn sum(
        &self,
        from: Day,
        to: Day,
        reading: UsageColumn,
        visibility: Visibility<'_>,
        in_force: impl Fn(Position) -> bool,
    ) -> Exact {
        let column = match (reading, &self.quantities) {
            (UsageColumn::Amount, _) => &self.amounts,
            (UsageColumn::Quantity, Some(quantities)) => &quantities.column,
            (UsageColumn::Quantity, None) => return Exact::ZERO,
        };
        let met = self.meeting(from, to);
        let all = || self.positions[met.clone()].iter().all(|position| visibility.admits(*position));
        let columns = if visibility.admits_all_up_to(self.latest) || all() {
            self.stretch(column, met, from, to)
        } else {
            let held = met.filter(|index| visibility.admits(self.positions[*index]));
            held.map(|index| self.stretch(column, index..index + 1, from, to)).sum()
        };
        let columns = columns * column.unit();
        let restored = self.ended_meeting(from, to);
        restored
            .filter(|ended| in_force(ended.snapshot.position))
            .fold(columns, |sum, ended| sum + ended.snapshot.part(from, to, reading))
    }

    /// The usage on `from ..= to` of the snapshots at the indexes `met`, which all cover a day of it, in units of the
    /// column's scale. Only the first and the last can be partly outside.
    fn stretch(&self, column: &PrefixSums, met: Range<usize>, from: Day, to: Day) -> Exact {
        let whole = Exact::whole(column.between(met.start, met.end));
        let ends = [met.start, met.end.saturating_sub(1).max(met.start)];
        let outside = |index: usize| {
            let days = (from.number() - self.starts[index]).max(0) + (self.end(index) - to.number()).max(0);
            (days > 0).then(|| Exact::ratio(column.get(index) * i128::from(days), i128::from(self.lengths[index])))
        };
        let count = if ends[0] == ends[1] { 1 } else { 2 };
        let outside = ends[..count].iter().filter(|_| !met.is_empty()).filter_map(|index| outside(*index));
        outside.fold(whole, |sum, part| sum - part)
    }

    /// The snapshots in force in a view that cover any day of `from ..= to`, by first day. `in_force` as in
    /// [`UsageRun::sum`].
    pub fn snapshots(
        &self,
        from: Day,
        to: Day,
        visibility: Visibility<'_>,
        in_force: impl Fn(Position) -> bool,
    ) -> Vec<KnownSnapshot> {
        let columns = self
            .meeting(from, to)
            .filter(|index| visibility.admits(self.positions[*index]))
            .map(|index| self.snapshot(index));
        let restored = self.ended_meeting(from, to);
        let restored = restored.filter(|ended| in_force(ended.snapshot.position)).map(|ended| ended.snapshot.clone());
        let mut all: Vec<KnownSnapshot> = columns.chain(restored).collect();
        all.sort_by_key(|snapshot| (snapshot.from, snapshot.position));
        all
    }

    /// The first and the last day of `from ..= to` that snapshots in force in a view cover; `None` if they cover none. There may
    /// be days between the two that nothing covers. `in_force` as in [`UsageRun::sum`].
    pub fn covered(
        &self,
        (from, to): (Day, Day),
        visibility: Visibility<'_>,
        in_force: impl Fn(Position) -> bool,
    ) -> Option<(Day, Day)> {
        let mut met = self.meeting(from, to).filter(|index| visibility.admits(self.positions[*index]));
        let first = met.next();
        let columns = first.map(|first| (self.interval(first).0, self.interval(met.next_back().unwrap_or(first)).1));
        let restored = self.ended_meeting(from, to).filter(|ended| in_force(ended.snapshot.position));
        let restored = restored.map(|ended| (ended.snapshot.from, ended.snapshot.to));
        let all = columns.into_iter().chain(restored);
        let (first, last) = all.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)))?;
        Some((first.max(from), last.min(to)))
    }

    /// The last day that any snapshot of the run ever covered.
    pub fn last_day(&self) -> Option<Day> {
        let columns = self.span.map(|(_, last)| day_of(last));
        columns.max(self.ended_last_day)
    }

    /// The first day that any snapshot of the run ever covered.
    pub fn first_day(&self) -> Option<Day> {
        let columns = self.span.map(|(first, _)| day_of(first));
        columns.into_iter().chain(self.ended.values().next().map(|ended| ended.snapshot.from)).min()
    }
}

impl KnownSnapshot {
    /// The part of its amount or quantity that falls on `from ..= to`.
    pub fn part(&self, from: Day, to: Day, reading: UsageColumn) -> Exact {
        let days = self.from.max(from).days_to(self.to.min(to));
        let value = match reading {
            UsageColumn::Amount => self.amount.clone(),
            UsageColumn::Quantity => self.quantity.clone().unwrap_or(Exact::ZERO),
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

    /// Days, amount, quantity, and what ended it.
    type Told = (Day, Day, Amount, Option<Amount>, Option<Position>);

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
            let mut run = UsageRun::default();
            let mut left: Vec<usize> = (0..list.len()).collect();
            let mut pick = order;
            while !left.is_empty() {
                let index = left.remove(pick as usize % left.len());
                pick = pick.rotate_left(7) ^ 0x9e37;
                let (from, to, amount, quantity) = list[index];
                run.insert(from, to, amount, quantity, index as Position);
            }
            for (size, until) in [(0, 9), (5, u64::MAX), (days as u64 / 3, days as u64 / 2)] {
                let mut found = run.recorded_columns(size, until);
                found.sort();
                let between = (0..run.len()).filter(|index| (size..until).contains(&u64::from(run.positions[*index])));
                prop_assert_eq!(found, between.collect::<Vec<_>>());
            }
            let (from, to) = (day(from), day(from + days - 1));
            for reading in [UsageColumn::Amount, UsageColumn::Quantity] {
                let mut expected = Exact::ZERO;
                for (start, end, amount, quantity) in &list {
                    let value = match reading { UsageColumn::Amount => Some(*amount), UsageColumn::Quantity => *quantity };
                    let Some(value) = value else { continue };
                    let met = start.days_to(*end);
                    for number in start.number()..=end.number() {
                        if (from.number()..=to.number()).contains(&number) {
                            expected += &(value.exact() * Exact::ratio(1, i128::from(met)));
                        }
                    }
                }
                prop_assert_eq!(run.sum(from, to, reading, Visibility::below(1_000), |_| false), expected);
            }
            let snapshots = run.snapshots(from, to, Visibility::below(1_000), |_| false);
            prop_assert!(snapshots.iter().all(|snapshot| snapshot.from <= to && snapshot.to >= from));
        }

        /// The same of what is in force at a size, without some entries, and where others were just corrected.
        #[test]
        fn sums_are_those_of_what_is_seen(
            told in proptest::collection::vec((0usize..8, 1i32..9, -10_000_000_000i64..10_000_000_000, 0u32..6, any::<bool>()), 1..24),
            from in 0i32..80, days in 1i32..60, size in 0u64..26,
            hidden in proptest::collection::btree_set(0u32..24, 0..4), corrected in proptest::collection::btree_set(0u32..24, 0..3),
        ) {
            let (hidden, corrected) = (Vec::from_iter(hidden), Vec::from_iter(corrected));
            let mut run = UsageRun::default();
            let mut list: Vec<Told> = Vec::new();
            for (position, (slot, length, mantissa, scale, has_quantity)) in (0..).zip(told) {
                let amount = Amount(rust_decimal::Decimal::new(mantissa, scale).normalize());
                let from = day(slot as i32 * 10);
                // One takes the place of what stood in its slot.
                if let Some(known) = list.iter_mut().rposition(|known| known.0 == from && known.4.is_none()) {
                    run.end_at(known as Position).replaced_by.push(position);
                    list[known].4 = Some(position);
                }
                let quantity = has_quantity.then_some(amount);
                let to = from.plus_days(length - 1);
                run.insert(from, to, amount, quantity, position);
                list.push((from, to, amount, quantity, None));
            }
            let visibility = Visibility::below(size).hiding(&hidden).correcting(&corrected);
            let is_in_force = |position: Position| {
                visibility.admits(position) && list[position as usize].4.is_none_or(|by| !visibility.includes(by))
            };
            let (from, to) = (day(from), day(from + days - 1));
            for reading in [UsageColumn::Amount, UsageColumn::Quantity] {
                let mut expected = Exact::ZERO;
                for (position, (start, end, amount, quantity, _)) in (0..).zip(&list) {
                    let value = match reading { UsageColumn::Amount => Some(*amount), UsageColumn::Quantity => *quantity };
                    let Some(value) = value.filter(|_| is_in_force(position)) else { continue };
                    let met = (*start).max(from).days_to((*end).min(to)).max(0);
                    expected += &(value.exact() * Exact::ratio(i128::from(met), i128::from(start.days_to(*end))));
                }
                prop_assert_eq!(run.sum(from, to, reading, visibility, is_in_force), expected);
            }
        }
    }
}
