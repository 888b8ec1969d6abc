//! What is sold: contracts and their bookings, renewals, expansions, cancellations; who is credited; signals.

use ledger::date::{Day, Month};

use super::contract::{Deal, Slot};
use super::facts::{Facts, cents};
use super::seat::{Job, POD, SELLER_FIRST, is_emea};
use super::world::World;

/// Something sold on a contract.
struct Sale {
    motion: &'static str,
    at: Day,
    start: Day,
    arr: i64,
}

/// A new contract of a slot.
struct NewContract {
    /// How many customers the slot had before.
    generation: usize,
    owner: usize,
    at: Day,
    motion: &'static str,
}

const SEGMENTS: [&str; 3] = ["small", "middle", "large"];

impl World {
    /// Customers that were there before: sold and renewed in the year before the book.
    pub fn deals_begin(&mut self, month: Month, facts: &mut Facts) {
        for number in 0..self.size.contracts {
            let sellers = POD - SELLER_FIRST;
            let (pod, place) = (number % self.pods(), number / self.pods());
            let owner = pod * POD + SELLER_FIRST + place % sellers;
            let start = month.first().plus_days(-(self.chance.below(364) as i32) - 1);
            self.open(number, NewContract { generation: 0, owner, at: start, motion: "renewal" }, facts);
            self.slots[number].from = month.first();
        }
    }

    /// A new account with its contract, split and first booking.
    fn open(&mut self, number: usize, contract: NewContract, facts: &mut Facts) {
        let NewContract { generation, owner, at, motion } = contract;
        let pod = self.seats[owner].pod;
        let account = if generation == 0 { format!("A-{number:05}") } else { format!("A-{number:05}-{generation}") };
        let segment = self.chance.below(SEGMENTS.len());
        let arr = [20_000, 60_000, 200_000][segment] * self.chance.between(50, 150) / 100;
        let currency = match (is_emea(pod), number % 3) {
            (false, _) => "USD",
            (true, 0) => "GBP",
            (true, _) => "EUR",
        };
        let slot = Slot {
            contract: number.is_multiple_of(4).then(|| format!("C-{number:05}-{generation}")),
            account,
            owner,
            currency,
            metered: number % 8 < 2,
            arr,
            // One in eight hardly uses what it bought.
            burn: if self.chance.happens(125) { self.chance.between(20, 300) } else { self.chance.between(600, 1300) },
            drift: self.chance.between(-15, 30),
            from: at,
            until: None,
            term_last: at.plus_months(12).previous(),
            deals: Vec::new(),
        };
        let region = if is_emea(pod) { "emea" } else { "amer" };
        let of = format!(
            "\"account\": \"{}\", \"segment\": \"{}\", \"region\": \"{region}\"",
            slot.account, SEGMENTS[segment]
        );
        facts.add("account", at, of);
        match self.slots.get_mut(number) {
            Some(known) => self.ended.push(std::mem::replace(known, slot)),
            None => self.slots.push(slot),
        }
        self.split(number, at, facts);
        self.sell(number, Sale { motion, at, start: at, arr }, facts);
    }

    /// Books something on a slot's contract; one in ten bookings says itself who is credited.
    fn sell(&mut self, number: usize, sale: Sale, facts: &mut Facts) -> usize {
        let Sale { motion, at, start, arr } = sale;
        let slot = &self.slots[number];
        let deal = Deal {
            id: format!("B-{:06}", self.deals.len()),
            slot: number,
            account: slot.account.clone(),
            contract: slot.contract.clone(),
            motion,
            at,
            start,
            arr,
            currency: slot.currency,
        };
        let own = self.deals.len() % 10 == 9;
        let credit = if own { format!(", \"credit\": [{}]", self.shares(number)) } else { String::new() };
        deal.send(&credit, facts);
        self.slots[number].deals.push(self.deals.len());
        self.deals.push(deal);
        self.deals.len() - 1
    }

    /// The owner, at times with a colleague; the pod's specialist, and of every third account its partner.
    fn shares(&self, number: usize) -> String {
        let slot = &self.slots[number];
        let pod = self.seats[slot.owner].pod * POD;
        let name = |seat: usize| &self.seats[seat].payee;
        let primary = |seat, percent| format!("{{\"payee\": \"{}\", \"percent\": \"{percent}%\"}}", name(seat));
        let beside = |seat, role, percent| {
            format!("{{\"payee\": \"{}\", \"role\": \"{role}\", \"percent\": \"{percent}%\"}}", name(seat))
        };
        let colleague = pod + SELLER_FIRST + (slot.owner - pod - SELLER_FIRST + 1) % (POD - SELLER_FIRST);
        let mut shares = match number % 5 {
            0 => vec![primary(slot.owner, 70), primary(colleague, 30)],
            _ => vec![primary(slot.owner, 100)],
        };
        shares.push(beside(pod + 1, "overlay", 50));
        if number.is_multiple_of(3) {
            shares.push(beside(pod + 2, "partner", 100));
        }
        shares.join(", ")
    }

    /// Who is credited for an account from a day on.
    pub fn split(&mut self, number: usize, at: Day, facts: &mut Facts) {
        let rest = format!(
            "\"on\": {{\"account\": \"{}\"}}, \"shares\": [{}]",
            self.slots[number].account,
            self.shares(number)
        );
        facts.add("credit-split", at, rest);
    }

    pub fn deals_go_on(&mut self, month: Month, facts: &mut Facts) {
        for number in 0..self.slots.len() {
            let slot = &self.slots[number];
            let is_new = slot.from > month.first();
            if (month.first()..=month.last()).contains(&slot.term_last) {
                self.renew(number, facts);
            }
            if self.chance.happens(20) && !is_new {
                let (at, arr) = (self.some_day(month), self.slots[number].arr / 5);
                let deal = self.sell(number, Sale { motion: "expansion", at, start: at, arr }, facts);
                self.await_signals(deal, at);
            }
            if self.chance.happens(8) && !is_new {
                self.churn(number, month, facts);
            }
        }
    }

    fn renew(&mut self, number: usize, facts: &mut Facts) {
        let last = self.slots[number].term_last;
        let arr = self.slots[number].arr * self.chance.between(95, 115) / 100;
        self.sell(number, Sale { motion: "renewal", at: last, start: last.next(), arr }, facts);
        let slot = &mut self.slots[number];
        slot.term_last = last.plus_months(12);
        slot.arr = arr;
    }

    /// A customer leaves, and a hunter of the same pod finds a new one.
    fn churn(&mut self, number: usize, month: Month, facts: &mut Facts) {
        let at = self.some_day(month).plus_days(1);
        for deal in std::mem::take(&mut self.slots[number].deals) {
            let deal = &self.deals[deal];
            if deal.at <= at && deal.start.plus_months(12) > at {
                facts.add("cancellation", at, format!("\"booking\": \"{}\", \"reason\": \"left\"", deal.id));
            }
        }
        self.slots[number].until = Some(at.previous());
        let pod = self.seats[self.slots[number].owner].pod * POD;
        let hunters: Vec<usize> = (pod..pod + POD).filter(|seat| self.seats[*seat].job == Job::Hunter).collect();
        let owner = if hunters.is_empty() { self.slots[number].owner } else { *self.chance.pick(&hunters) };
        let generation =
            self.slots[number].account.split('-').nth(2).map_or(0, |text| text.parse().expect("a number")) + 1;
        self.open(number, NewContract { generation, owner, at, motion: "new-logo" }, facts);
        self.await_signals(self.deals.len() - 1, at);
    }

    fn await_signals(&mut self, deal: usize, at: Day) {
        if self.chance.happens(700) {
            let days = self.chance.between(20, 100) as i32;
            self.awaited.push((at.plus_days(days), "activated", deal));
        }
        if self.chance.happens(20) {
            self.awaited.push((at.plus_days(60), "unpaid", deal));
        }
    }

    /// A few accounts change hands within their pod.
    pub fn territories(&mut self, month: Month, facts: &mut Facts) {
        for number in 0..self.slots.len() {
            if self.chance.happens(5) {
                let at = self.some_day(month).max(self.slots[number].from);
                let pod = self.seats[self.slots[number].owner].pod * POD;
                self.slots[number].owner = pod + SELLER_FIRST + self.chance.below(POD - SELLER_FIRST);
                self.split(number, at, facts);
            }
        }
    }

    /// The health of every account, what was adopted, and what was awaited of bookings.
    pub fn signals(&mut self, month: Month, facts: &mut Facts) {
        for number in 0..self.slots.len() {
            let at = month.last();
            let value = self.chance.between(40, 100);
            let account = format!("\"account\": \"{}\"", self.slots[number].account);
            facts.add("signal", at, format!("\"signal\": \"health\", {account}, \"value\": \"{value}\""));
            if self.chance.happens(3) {
                let value = self.chance.between(5_000, 40_000) * 100;
                let value =
                    format!("\"value\": \"{}\", \"currency\": \"{}\"", cents(value), self.slots[number].currency);
                facts.add("signal", at, format!("\"signal\": \"adopted\", {account}, {value}"));
            }
        }
        let (due, later) = std::mem::take(&mut self.awaited).into_iter().partition(|(day, ..)| *day <= month.last());
        self.awaited = later;
        let due: Vec<(Day, &str, usize)> = due;
        for (day, signal, deal) in due {
            facts.add("signal", day, format!("\"signal\": \"{signal}\", \"booking\": \"{}\"", self.deals[deal].id));
        }
    }

    /// Facts that came late: usage restated, bookings found and corrected, splits agreed afterwards; over all months before.
    pub fn late(&mut self, count: usize, month: Month, facts: &mut Facts) {
        let first = World::month(0).first();
        let days = first.days_to(month.first()) - 1;
        for index in 0..count {
            let at = first.plus_days((index as i64 * i64::from(days) / count as i64) as i32);
            let number = self.chance.below(self.slots.len());
            let at = at.max(self.slots[number].from).min(month.first().previous());
            match index % 10 {
                0..=5 if self.slots[number].from <= at => {
                    facts.line(self.slots[number].usage(number, at, self.chance.between(50, 200)));
                }
                6 => {
                    let arr = self.slots[number].arr / 10;
                    self.sell(number, Sale { motion: "expansion", at, start: at, arr }, facts);
                }
                7 | 8 => self.correct(facts),
                _ => self.split(number, at, facts),
            }
        }
    }

    fn correct(&mut self, facts: &mut Facts) {
        let number = self.chance.below(self.deals.len());
        let credit = if number % 10 == 9 {
            format!(", \"credit\": [{}]", self.shares(self.deals[number].slot))
        } else {
            String::new()
        };
        self.deals[number].arr = self.deals[number].arr * 11 / 10;
        self.deals[number].send(&format!("{credit}, \"corrects\": true"), facts);
    }
}
