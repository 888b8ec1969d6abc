//! The made-up company: who works there, what it sells, and what happened in a month. All of it follows from its size.

use ledger::date::{Day, Month};

use super::chance::Chance;
use super::contract::{Deal, Slot};
use super::facts::Facts;
use super::seat::{Job, POD, Seat, payee};

/// How large the case is.
#[derive(Copy, Clone)]
pub struct Size {
    pub payees: usize,
    /// In force on any day.
    pub contracts: usize,
    pub months: usize,
}

pub struct World {
    pub size: Size,
    pub chance: Chance,
    pub seats: Vec<Seat>,
    /// One for each contract in force; who leaves is followed by a new customer.
    pub slots: Vec<Slot>,
    /// Slots whose contract ended in the month at hand.
    pub ended: Vec<Slot>,
    pub deals: Vec<Deal>,
    /// Signals of later months.
    pub awaited: Vec<(Day, &'static str, usize)>,
    pub hired: usize,
}

impl World {
    pub fn new(size: Size) -> World {
        let mut world = World {
            size,
            chance: Chance::new(7),
            seats: Vec::new(),
            slots: Vec::new(),
            ended: Vec::new(),
            deals: Vec::new(),
            awaited: Vec::new(),
            hired: 0,
        };
        for number in 0..world.pods() * POD {
            world.seats.push(Seat { payee: payee(number), job: Job::of(number), pod: number / POD });
        }
        world
    }

    pub fn pods(&self) -> usize {
        (self.size.payees / POD).max(1)
    }

    /// The month of an index, from January 2027 on.
    pub fn month(index: usize) -> Month {
        Month::new(2027, 1).expect("a month").plus(index as i32)
    }

    /// What became known in the next month; usage of its days is told by `usage`.
    pub fn live(&mut self, index: usize) -> Facts {
        let month = World::month(index);
        let mut facts = Facts::default();
        self.ended.clear();
        rates(month, index, &mut facts);
        match index {
            0 => {
                self.people_begin(month, &mut facts);
                self.deals_begin(month, &mut facts);
            }
            _ => {
                self.quotas(month, &mut facts);
                self.leavers_and_hires(month, &mut facts);
                self.transfers(month, &mut facts);
            }
        }
        self.deals_go_on(month, &mut facts);
        self.territories(month, &mut facts);
        self.signals(month, &mut facts);
        facts
    }

    /// A day of a month, for things that just happen.
    pub fn some_day(&mut self, month: Month) -> Day {
        month.first().plus_days(self.chance.between(1, 26) as i32)
    }
}

/// Euro and pounds to what plans pay in, a little else each month.
fn rates(month: Month, index: usize, facts: &mut Facts) {
    let at = if index == 0 { month.first().plus_months(-12) } else { month.first() };
    let sway = [0, 120, 260, 190, 40, -110, -230, -160][index % 8];
    for (from, to, base) in [("EUR", "USD", 10_800), ("GBP", "USD", 12_700), ("GBP", "EUR", 11_700)] {
        let rate = base + sway;
        let rest =
            format!("\"from\": \"{from}\", \"to\": \"{to}\", \"rate\": \"{}.{:04}\"", rate / 10_000, rate % 10_000);
        facts.add("exchange-rate", at, rest);
    }
}
