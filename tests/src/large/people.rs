//! Who is paid: jobs and their plans, quotas at a year's start, people who leave, come and change what they do.

use ledger::date::{Day, Month};

use super::facts::Facts;
use super::world::{POD, SELLER_FIRST, World};

pub struct Seat {
    pub payee: String,
    pub job: Job,
    pub pod: usize,
}

#[derive(Copy, Clone, PartialEq, Eq)]
pub enum Job {
    Lead,
    Overlay,
    Partner,
    Pool,
    Hunter,
    Farmer,
    Builder,
    Starter,
}

/// A plan, the components with a quota in it, and what else an assignment to it says.
type Works = (&'static str, &'static [(&'static str, &'static str)], &'static str);

const LAND: Works = ("land", &[("new-logo", "500000")], "");
const LAND_EMEA: Works = ("land-emea", &[("new-logo", "450000")], "");
const STARTER: Works = ("starter", &[], ", \"rates\": {\"usage\": \"2%\"}");
const HEALTH: Works = ("health", &[], ", \"target\": \"40000\"");
const CONSUMPTION: Works = ("consumption", &[("consumption", "300000")], "");

impl Job {
    pub fn of(number: usize) -> Job {
        match number % POD {
            0 => Job::Lead,
            1 => Job::Overlay,
            2 => Job::Partner,
            3 => Job::Pool,
            seat => [Job::Hunter, Job::Farmer, Job::Builder, Job::Starter][seat % 4],
        }
    }

    fn next(self) -> Job {
        match self {
            Job::Hunter => Job::Farmer,
            Job::Farmer => Job::Builder,
            Job::Builder => Job::Starter,
            Job::Starter => Job::Hunter,
            Job::Lead | Job::Overlay | Job::Partner | Job::Pool => self,
        }
    }

    fn works(self, pod: usize) -> Vec<Works> {
        match self {
            Job::Lead => vec![("lead", &[("usage", "5000000")], "")],
            Job::Overlay => vec![("overlay", &[("influence", "200000")], "")],
            Job::Partner => vec![("partner", &[], "")],
            Job::Pool => vec![("pool", &[], "")],
            Job::Hunter => vec![if is_emea(pod) { LAND_EMEA } else { LAND }, ("spiff", &[], "")],
            Job::Farmer => vec![CONSUMPTION, ("expand", &[("small", "20000")], "")],
            Job::Builder => vec![("milestones", &[], ""), ("baseline", &[], "")],
            Job::Starter => vec![STARTER, HEALTH],
        }
    }
}

/// Who sits in a seat from the first day.
pub fn payee(number: usize) -> String {
    format!("payee-{number:05}")
}

/// Every fifth pod sells in euro and pounds.
pub fn is_emea(pod: usize) -> bool {
    pod % 5 == 1
}

impl Seat {
    /// The payee of the lead's lead is in the first pod of ten.
    fn manager(&self) -> Option<usize> {
        match self.job {
            Job::Lead => Some(self.pod / 10 * 10).filter(|first| *first != self.pod).map(|first| first * POD),
            _ => Some(self.pod * POD),
        }
    }

    fn assign(&self, at: Day, facts: &mut Facts) {
        for (plan, quotas, rest) in self.job.works(self.pod) {
            let quotas: Vec<String> = quotas.iter().map(|(id, amount)| format!("\"{id}\": \"{amount}\"")).collect();
            let quota =
                if quotas.is_empty() { String::new() } else { format!(", \"quota\": {{{}}}", quotas.join(", ")) };
            facts.add("assignment", at, format!("\"payee\": \"{}\", \"plan\": \"{plan}\"{quota}{rest}", self.payee));
        }
    }
}

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
