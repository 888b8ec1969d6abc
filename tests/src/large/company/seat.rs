//! A seat and its job: what plans it is on, with what quotas.

use ledger::date::Day;

use super::facts::Facts;

/// Who sits together: a lead, a specialist, a partner, a pool and sixteen who sell.
pub const POD: usize = 20;
pub const SELLER_FIRST: usize = 4;

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

    pub fn next(self) -> Job {
        match self {
            Job::Hunter => Job::Farmer,
            Job::Farmer => Job::Builder,
            Job::Builder => Job::Starter,
            Job::Starter => Job::Hunter,
            Job::Lead | Job::Overlay | Job::Partner | Job::Pool => self,
        }
    }

    pub fn works(self, pod: usize) -> Vec<Works> {
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
    pub fn manager(&self) -> Option<usize> {
        match self.job {
            Job::Lead => Some(self.pod / 10 * 10).filter(|first| *first != self.pod).map(|first| first * POD),
            _ => Some(self.pod * POD),
        }
    }

    pub fn assign(&self, at: Day, facts: &mut Facts) {
        for (plan, quotas, rest) in self.job.works(self.pod) {
            let quotas: Vec<String> = quotas.iter().map(|(id, amount)| format!("\"{id}\": \"{amount}\"")).collect();
            let quota =
                if quotas.is_empty() { String::new() } else { format!(", \"quota\": {{{}}}", quotas.join(", ")) };
            facts.add("assignment", at, format!("\"payee\": \"{}\", \"plan\": \"{plan}\"{quota}{rest}", self.payee));
        }
    }
}
