//! UsageRef by the million, as a replay brings it. Names become numbers where entries are read, so that nothing is looked up by
//! name where they are folded; and rows that follow each other go into their runs together, run by run: one after the
//! other, each would wait for memory a dozen times.

use ledger::date::Day;
use ledger::fact::UsageSnapshot;
use ledger::field::Amount;
use ledger::row::{PlainUsage, ShortDecimal};
use rust_decimal::Decimal;

use super::{FactPlace, Knowledge, UsageRef};
use crate::position::Position;
use crate::shared_map::SharedMap;
use crate::usage::UsageRun;

/// RunNames for names of runs, from 0 in the order in which they come.
#[derive(Default)]
pub struct RunNames {
    by_names: SharedMap<Box<[u8]>, u32>,
    /// All names behind each other, and where each one's end.
    names: Vec<u8>,
    ends: Vec<usize>,
    /// By number: which one came next the last time. Feeds come in the same order day by day.
    followers: Vec<u32>,
    last: usize,
    key: Vec<u8>,
}

/// The number of a row's names.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum RunNumber {
    Known(u32),
    /// Given now: the names are to be looked at.
    New(u32),
}

impl RunNames {
    /// Of all that names a run: account, contract and meter in any writing that is one for each, and the currency's code.
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
        // Until it is known better: those that come new now come in this order again.
        self.followers.push(number + 1);
        RunNumber::New(number)
    }
}

/// A usage snapshot on its way, in half a cache line.
#[derive(Copy, Clone, Debug)]
pub struct UsageRow {
    /// That of its names; while it waits, the place of its run.
    number: u32,
    /// Known from when it is taken.
    position: Position,
    amount: i64,
    quantity: i64,
    from: Day,
    days: u16,
    scale: u8,
    /// Of the quantity, if there is one.
    quantity_scale: u8,
}

const NO_QUANTITY: u8 = u8::MAX;

impl UsageRow {
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

    /// Without a number; `None` where an amount has more digits than a row holds.
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

/// Rows that stand in the knowledge's order already, and not yet in their runs.
#[derive(Default)]
pub struct UsageBuffer {
    /// The run's place, by number.
    runs: Vec<u32>,
    waiting: Vec<UsageRow>,
    sorted: Vec<UsageRow>,
}

/// Rows that wait at most: some dozens for each of twenty thousand runs, in twice 32 MiB.
const WAITING_MAX: usize = 1 << 20;
/// Fewer rows than this are put in as they come.
const SORTED_FROM: usize = 1 << 12;

impl UsageBuffer {
    /// Says what the next number means.
    pub fn add_run(&mut self, knowledge: &mut Knowledge, usage: UsageRef<'_>) {
        self.runs.push(knowledge.run_place(usage));
    }

    /// Folds in the next entry, a usage snapshot.
    #[inline]
    pub fn push(&mut self, knowledge: &mut Knowledge, row: UsageRow) {
        self.push_to_run(knowledge, self.runs[row.number as usize], row);
    }

    /// The same, of a run whose place is known.
    #[inline]
    pub fn push_to_run(&mut self, knowledge: &mut Knowledge, run: u32, row: UsageRow) {
        let position = knowledge.next_position();
        knowledge.places.push(FactPlace(run | FactPlace::RUN));
        knowledge.size += 1;
        self.waiting.push(UsageRow { number: run, position, ..row });
        if self.waiting.len() == WAITING_MAX {
            self.flush(knowledge);
        }
    }

    /// To be called before anything else looks at a run: puts all that wait into their runs.
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

    /// By run, and in the order of the log within each.
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
