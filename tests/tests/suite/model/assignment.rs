//! Who is assigned to which plan on which days (calculation.md 3).

use serde_json::Value;

use super::calendar::{Day, NEVER, Window};
use super::known::Known;
use super::log::{day, text};

pub struct Assignment<'a> {
    pub payee: &'a str,
    pub plan: &'a str,
    /// `at`, and the day up to which nothing cut it short; after it where there is no day.
    pub days: Window,
    pub fact: &'a Value,
}

impl<'a> Known<'a> {
    /// All assignments, whatever E: ends count as soon as they are recorded.
    pub fn assignments(&self) -> Vec<Assignment<'a>> {
        let read = |(place, fact): (usize, &'a Value)| {
            let (payee, plan) = (text(fact, "payee").expect("a payee"), text(fact, "plan").expect("a plan"));
            let first = day(fact, "at").expect("a day");
            let last = self.ends(payee, plan, first, place).chain(day(fact, "until")).min().unwrap_or(NEVER);
            Assignment { payee, plan, days: Window { first, last }, fact }
        };
        self.ever("assignment").map(read).collect()
    }

    /// What cuts an assignment short: an end, a later assignment to the same plan, leaving.
    fn ends(&self, payee: &str, plan: &str, first: Day, place: usize) -> impl Iterator<Item = Day> {
        let same = |fact: &Value| text(fact, "payee") == Some(payee) && text(fact, "plan") == Some(plan);
        let end = |fact: &Value| day(fact, "at").filter(|at| *at >= first);
        let ended = self.ever("assignment-end").filter(|(_, fact)| same(fact)).filter_map(|(_, fact)| end(fact));
        let later = self
            .ever("assignment")
            .filter(|(other, fact)| same(fact) && (day(fact, "at"), *other) > (Some(first), place));
        let succeeded = later.filter_map(|(_, fact)| day(fact, "at")).map(|at| at.plus(-1));
        let left = self.left(payee, first).map(|day| day.plus(-1));
        let ends: Vec<Day> = ended.chain(succeeded).chain(left).collect();
        ends.into_iter()
    }

    /// The first day from `first` on, on which the payee has left.
    fn left(&self, payee: &str, first: Day) -> Option<Day> {
        let changes = self.ever("payee").filter(|(_, fact)| text(fact, "payee") == Some(payee));
        let mut days: Vec<Day> = changes.filter_map(|(_, fact)| day(fact, "at")).map(|at| at.max(first)).collect();
        days.push(first);
        days.sort();
        days.into_iter().find(|day| self.has_left(payee, *day))
    }

    pub fn has_left(&self, payee: &str, day: Day) -> bool {
        self.field("payee", payee, "status", day) == Some("left")
    }
}
