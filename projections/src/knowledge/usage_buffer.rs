//! Usage snapshots by the million, as a replay reads them.
//!
//! The texts that identify a run become a number where entries are read, so that the fold needs no lookup by text.
//! Snapshots are collected and then put into their runs run by run: in the order of the log, each one would wait for
//! memory a dozen times.

use ledger::date::Day;
use ledger::fact::UsageSnapshot;
use ledger::field::Amount;
use ledger::row::{PlainUsage, ShortDecimal};
use rust_decimal::Decimal;

use super::{Knowledge, PackedTarget, UsageRef};
use crate::position::Position;
use crate::shared_map::SharedMap;
use crate::usage::UsageRun;

/// Numbers the runs by their names, from 0 in the order of their first snapshot.
#[derive(Default)]
pub struct RunNames {
    by_names: SharedMap<Box<[u8]>, u32>,
    /// The names of all runs one after the other; `ends` has the end of each.
    names: Vec<u8>,
    ends: Vec<usize>,
    /// By number: the run that came next the last time. Feeds repeat their order day by day, so this guess is mostly
    /// right.
    followers: Vec<u32>,
    last: usize,
    key: Vec<u8>,
}

/// The number of the run that a snapshot belongs to.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum RunNumber {
    /// The run has had this number before.
    Known(u32),
    /// The run is new: the names of this snapshot have to be kept.
    New(u32),
}

impl RunNames {
    /// The number of a run. `names` are account, contract and meter in any form that is different for each run;
    /// `code` is the currency's code.
    #[inline]
    pub fn of(&mut self, names: &[u8], code: [u8; 3]) -> RunNumber {
        let guess = self.followers.get(self.last).copied().unwrap_or(0);
        if self.is_called(guess, names, code) {
            self.last = guess as usize;
            return RunNumber::Known(guess);
        }
        let found = self.look_up(names, code);
        let (RunNumber::Known(number) | RunNumber::New(number)) = found;
        if let Some(follower) = self.followers.get_mut(self.last) {
            *follower = number;
        }
        self.last = number as usize;
        found
    }

    #[inline]
    fn is_called(&self, number: u32, names: &[u8], code: [u8; 3]) -> bool {
        let number = number as usize;
        let Some(end) = self.ends.get(number) else { return false };
        let start = if number == 0 { 0 } else { self.ends[number - 1] };
        let known = &self.names[start..*end];
        known.len() == names.len() + code.len() && known.starts_with(names) && known.ends_with(&code)
    }

    fn look_up(&mut self, names: &[u8], code: [u8; 3]) -> RunNumber {
        self.key.clear();
        self.key.extend_from_slice(names);
        self.key.extend_from_slice(&code);
        if let Some(known) = self.by_names.get(self.key.as_slice()) {
            return RunNumber::Known(*known);
        }
        let number = u32::try_from(self.ends.len()).expect("fewer runs than entries");
        self.by_names.insert(self.key.as_slice().into(), number);
        self.names.extend_from_slice(&self.key);
        self.ends.push(self.names.len());
        // The best first guess: new runs come again in the order in which they are numbered.
        self.followers.push(number + 1);
        RunNumber::New(number)
    }
}

/// A usage snapshot waiting to be put into its run, in half a cache line.
#[derive(Copy, Clone, Debug)]
pub struct UsageRow {
    /// The number of its run's names; in the buffer, the index of its run.
    number: u32,
    /// The position of its entry, set when it is pushed.
    position: Position,
    amount: i64,
    quantity: i64,
    from: Day,
    days: u16,
    scale: u8,
    /// The scale of the quantity, or [`NO_QUANTITY`].
    quantity_scale: u8,
}

const NO_QUANTITY: u8 = u8::MAX;

impl UsageRow {
    /// A snapshot as the log stores it, of the run with this number.
    #[inline]
    pub fn from_row(number: u32, row: &PlainUsage<'_>) -> UsageRow {
        let quantity = row.quantity.unwrap_or(ShortDecimal { mantissa: 0, scale: NO_QUANTITY });
        UsageRow {
            number,
            position: 0,
            amount: row.amount.mantissa,
            quantity: quantity.mantissa,
            from: row.from,
            days: row.days,
            scale: row.amount.scale,
            quantity_scale: quantity.scale,
        }
    }

    /// A snapshot of a fact, with the number 0. `None` if an amount has more digits than a row holds.
    #[inline]
    pub fn from_fact(usage: &UsageSnapshot) -> Option<UsageRow> {
        let short = |amount: Amount| Some((i64::try_from(amount.0.mantissa()).ok()?, amount.decimals() as u8));
        let (amount, scale) = short(usage.amount)?;
        let (quantity, quantity_scale) = match usage.quantity {
            Some(quantity) => short(quantity)?,
            None => (0, NO_QUANTITY),
        };
        let days = u16::try_from(usage.from.days_to(usage.to)).ok()?;
        Some(UsageRow { number: 0, position: 0, amount, quantity, from: usage.from, days, scale, quantity_scale })
    }

    #[inline]
    fn insert_into(&self, run: &mut UsageRun) {
        let long = |mantissa, scale| Amount(Decimal::new(mantissa, u32::from(scale)));
        let quantity = (self.quantity_scale != NO_QUANTITY).then(|| long(self.quantity, self.quantity_scale));
        let to = self.from.plus_days(i32::from(self.days) - 1);
        run.insert(self.from, to, long(self.amount, self.scale), quantity, self.position);
    }
}

/// Snapshots that the knowledge counts already, but that are not in their runs yet.
#[derive(Default)]
pub struct UsageBuffer {
    /// By number, the index of the run.
    runs: Vec<u32>,
    waiting: Vec<UsageRow>,
    sorted: Vec<UsageRow>,
}

/// The most rows in the buffer: some dozens for each of twenty thousand runs, in twice 32 MiB.
const WAITING_MAX: usize = 1 << 20;
/// Fewer rows than this are not sorted by run.
const SORTED_FROM: usize = 1 << 12;

impl UsageBuffer {
    /// Adds the run of the next number, which is that of this snapshot.
    pub fn add_run(&mut self, knowledge: &mut Knowledge, usage: UsageRef<'_>) {
        self.runs.push(knowledge.run_index(usage));
    }

    /// Counts the next entry, a usage snapshot whose run has a number.
    #[inline]
    pub fn push(&mut self, knowledge: &mut Knowledge, row: UsageRow) {
        self.push_to_run(knowledge, self.runs[row.number as usize], row);
    }

    /// Counts the next entry, a usage snapshot of the run at an index.
    #[inline]
    pub fn push_to_run(&mut self, knowledge: &mut Knowledge, run: u32, row: UsageRow) {
        let position = knowledge.next_position();
        knowledge.targets.push(PackedTarget(run | PackedTarget::RUN));
        knowledge.size += 1;
        self.waiting.push(UsageRow { number: run, position, ..row });
        if self.waiting.len() == WAITING_MAX {
            self.flush(knowledge);
        }
    }

    /// Puts all collected rows into their runs. Must be called before anything reads a run.
    pub fn flush(&mut self, knowledge: &mut Knowledge) {
        if self.waiting.len() < SORTED_FROM {
            for row in self.waiting.drain(..) {
                row.insert_into(&mut knowledge.run_mut(row.number).run);
            }
            return;
        }
        self.sort(knowledge.runs.len());
        for rows in self.sorted.chunk_by(|one, next| one.number == next.number) {
            let run = &mut knowledge.run_mut(rows[0].number).run;
            run.reserve(rows.len());
            rows.iter().for_each(|row| row.insert_into(run));
        }
        self.waiting.clear();
    }

    /// Sorts the rows by run, and within a run in the order of the log.
    fn sort(&mut self, runs: usize) {
        let mut next = vec![0usize; runs + 1];
        self.waiting.iter().for_each(|row| next[row.number as usize + 1] += 1);
        (1..next.len()).for_each(|run| next[run] += next[run - 1]);
        self.sorted.resize(self.waiting.len(), self.waiting[0]);
        for row in &self.waiting {
            let place = &mut next[row.number as usize];
            self.sorted[*place] = *row;
            *place += 1;
        }
    }
}
