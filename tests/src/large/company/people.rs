//! Who is paid: quotas at a year's start, people who leave, come and change what they do.

use ledger::date::{Day, Month};

use super::facts::Facts;
use super::seat::{POD, SELLER_FIRST, Seat, is_emea};
use super::world::World;

impl World {
    pub fn people_begin(&mut self, month: Month, facts: &mut Facts) {
        for seat in &self.seats {
            self.introduce(seat, month.first(), facts);
        }
        self.seats.iter().for_each(|seat| seat.assign(month.first(), facts));
    }

    fn introduce(&self, seat: &Seat, at: Day, facts: &mut Facts) {
        let Seat { payee, pod, .. } = seat;
        let manager = seat.manager().map(|manager| format!(", \"manager\": \"{}\"", self.seats[manager].payee));
        let currency = if is_emea(*pod) { "EUR" } else { "USD" };
        let rest = format!("\"name\": \"Person {payee}\", \"team\": \"team-{pod:03}\", \"currency\": \"{currency}\"");
        facts.add("payee", at, format!("\"payee\": \"{payee}\", {rest}{}", manager.unwrap_or_default()));
    }

    /// New quotas in January, a twentieth above the last.
    pub fn quotas(&mut self, month: Month, facts: &mut Facts) {
        if month.month() != 1 {
            return;
        }
        let years = i64::from(month.year() - 2027);
        for seat in &self.seats {
            for (plan, quotas, _) in seat.job.works(seat.pod) {
                for (component, amount) in quotas {
                    let amount = amount.parse::<i64>().expect("a number") * (100 + 5 * years) / 100;
                    let of =
                        format!("\"payee\": \"{}\", \"plan\": \"{plan}\", \"component\": \"{component}\"", seat.payee);
                    facts.add("quota", month.first(), format!("{of}, \"amount\": \"{amount}\""));
                }
            }
        }
    }

    /// One in a hundred sellers leaves in a month; somebody new takes the seat and its accounts.
    pub fn leavers_and_hires(&mut self, month: Month, facts: &mut Facts) {
        for number in 0..self.seats.len() {
            if number % POD < SELLER_FIRST || !self.chance.happens(10) {
                continue;
            }
            let at = self.some_day(month);
            facts.add("payee", at, format!("\"payee\": \"{}\", \"status\": \"left\"", self.seats[number].payee));
            self.hired += 1;
            self.seats[number].payee = format!("payee-{number:05}-{}", self.hired);
            self.introduce(&self.seats[number], at, facts);
            self.seats[number].assign(at, facts);
            for slot in (0..self.slots.len()).filter(|slot| self.slots[*slot].owner == number).collect::<Vec<_>>() {
                self.split(slot, at, facts);
            }
        }
    }

    /// A few sellers change plans with the next month.
    pub fn transfers(&mut self, month: Month, facts: &mut Facts) {
        for number in 0..self.seats.len() {
            if number % POD < SELLER_FIRST || !self.chance.happens(3) {
                continue;
            }
            let seat = &mut self.seats[number];
            for (plan, ..) in seat.job.works(seat.pod) {
                let rest = format!("\"payee\": \"{}\", \"plan\": \"{plan}\"", seat.payee);
                facts.add("assignment-end", month.last(), rest);
            }
            seat.job = seat.job.next();
            seat.assign(month.last().next(), facts);
        }
    }
}
