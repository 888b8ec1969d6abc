//! Usage by the million, as a replay brings it. Names become numbers where entries are read, so that nothing is looked up by
//! name where they are folded; and rows that follow each other go into their runs together, run by run: one after the
//! other, each would wait for memory a dozen times.

use ledger::field::Amount;
use ledger::row::{Row, Short};
use rust_decimal::Decimal;

use super::{Knowledge, Place, Usage};
use crate::life::Position;
use crate::lookup::Lookup;
use ledger::date::Day;

/// Numbers for names of runs, from 0 in the order in which they come.
#[derive(Default)]
pub struct Numbers {
    by_names: Lookup<Box<[u8]>, u32>,
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
pub enum Number {
    Known(u32),
    /// Given now: the names are to be looked at.
    New(u32),
}

impl Numbers {
    #[inline]
    pub fn of(&mut self, row: &Row<'_>) -> Number {
        let guess = self.followers.get(self.last).copied().unwrap_or(0);
        if self.is_called(guess, row) {
            self.last = guess as usize;
            return Number::Known(guess);
        }
        let found = self.look_up(row);
        let (Number::Known(number) | Number::New(number)) = found;
        if let Some(follower) = self.followers.get_mut(self.last) {
            *follower = number;
        }
        self.last = number as usize;
        found
    }

    #[inline]
    fn is_called(&self, number: u32, row: &Row<'_>) -> bool {
        let number = number as usize;
        let Some(end) = self.ends.get(number) else { return false };
        let start = if number == 0 { 0 } else { self.ends[number - 1] };
        let names = &self.names[start..*end];
        names.len() == row.names.len() + row.code.len() && names.starts_with(row.names) && names.ends_with(&row.code)
    }

    fn look_up(&mut self, row: &Row<'_>) -> Number {
        self.key.clear();
        self.key.extend_from_slice(row.names);
        self.key.extend_from_slice(&row.code);
        if let Some(known) = self.by_names.get(self.key.as_slice()) {
            return Number::Known(*known);
        }
        let number = u32::try_from(self.ends.len()).expect("fewer runs than entries");
        self.by_names.insert(self.key.as_slice().into(), number);
        self.names.extend_from_slice(&self.key);
        self.ends.push(self.names.len());
        // Until it is known better: those that come new now come in this order again.
        self.followers.push(number + 1);
        Number::New(number)
    }
}

/// A usage snapshot on its way, its names a number.
#[derive(Copy, Clone, Debug)]
pub struct Numbered {
    pub number: u32,
    pub from: Day,
    pub days: u16,
    pub amount: Short,
    pub quantity: Option<Short>,
}

/// What it becomes part of, and from where in the log.
struct Waiting {
    run: u32,
    position: Position,
    usage: Numbered,
}

/// Rows that stand in the knowledge's order already, and not yet in their runs.
#[derive(Default)]
pub struct Intake {
    /// By number.
    runs: Vec<u32>,
    waiting: Vec<Waiting>,
}

/// Rows that wait at most: some dozens for each of twenty thousand runs, in 48 MiB.
const WAITING_MAX: usize = 1 << 20;
/// Fewer rows than this are put in as they come.
const SORTED_FROM: usize = 1 << 12;

impl Intake {
    /// Says what the next number means.
    pub fn name(&mut self, knowledge: &mut Knowledge, usage: Usage<'_>) {
        self.runs.push(knowledge.run_place(usage));
    }

    /// Folds in the next entry, a usage snapshot.
    #[inline]
    pub fn take(&mut self, knowledge: &mut Knowledge, usage: Numbered) {
        let run = self.runs[usage.number as usize];
        let position = knowledge.next_position();
        knowledge.places.push(Place(run | Place::RUN));
        knowledge.size += 1;
        self.waiting.push(Waiting { run, position, usage });
        if self.waiting.len() == WAITING_MAX {
            self.settle(knowledge);
        }
    }

    /// To be called before anything else looks at a run: puts all that wait into their runs.
    pub fn settle(&mut self, knowledge: &mut Knowledge) {
        if self.waiting.len() < SORTED_FROM {
            self.waiting.drain(..).for_each(|row| row.put(knowledge));
            return;
        }
        // By run, and in the order of the log within each.
        let mut ends = vec![0u32; knowledge.runs.len() + 1];
        for row in &self.waiting {
            ends[row.run as usize + 1] += 1;
        }
        for run in 1..ends.len() {
            ends[run] += ends[run - 1];
        }
        let mut order = vec![0u32; self.waiting.len()];
        for (index, row) in (0u32..).zip(&self.waiting) {
            let end = &mut ends[row.run as usize];
            order[*end as usize] = index;
            *end += 1;
        }
        for index in order {
            self.waiting[index as usize].put(knowledge);
        }
        self.waiting.clear();
    }
}

impl Waiting {
    #[inline]
    fn put(&self, knowledge: &mut Knowledge) {
        let Numbered { from, days, amount, quantity, .. } = self.usage;
        let to = from.plus_days(i32::from(days) - 1);
        let run = &mut knowledge.runs[self.run as usize].run;
        run.insert(from, to, long(amount), quantity.map(long), self.position);
    }
}

#[inline]
fn long(short: Short) -> Amount {
    Amount(Decimal::new(short.mantissa, u32::from(short.scale)))
}
