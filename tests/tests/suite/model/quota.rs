//! The quota of a period, and how much of it the assignment is active (calculation.md 5).

use serde_json::Value;

use super::assignment::Assignment;
use super::calendar::{Day, Month, Period, Window};
use super::known::{Known, part_of_month};
use super::log::{day, text};
use super::number::{Number, number, one, ratio, zero};
use super::plan::Rule;

impl Known<'_> {
    /// Nothing where there is no quota, or 0.
    pub fn quota(&self, assignment: &Assignment, rule: &Rule, period: &Period) -> Option<Number> {
        let full = match rule.get("quota")? {
            Value::String(word) if word == "assigned" => self.assigned_quota(assignment, rule, period)?,
            amount => number(amount),
        };
        let month = |month: Month| {
            &full
                * ratio(1, period.months)
                * self.ramp(assignment, rule, month)
                * self.active_quota(assignment, rule, period, month)
        };
        let quota = period.every_month().map(month).fold(zero(), |sum, part| sum + part);
        (quota != zero()).then_some(quota)
    }

    /// The latest `quota` fact dated inside the assignment and not after the period's first day, or the assignment's if that is later.
    fn assigned_quota(&self, assignment: &Assignment, rule: &Rule, period: &Period) -> Option<Number> {
        let by = period.window().first.max(assignment.days.first).min(self.end);
        let is_meant = |fact: &Value| {
            text(fact, "payee") == Some(assignment.payee)
                && text(fact, "plan") == Some(assignment.plan)
                && text(fact, "component") == Some(rule.id())
                && day(fact, "at").is_some_and(|at| at <= by && assignment.days.has(at))
        };
        let facts = self.ever("quota").filter(|(_, fact)| is_meant(fact));
        match facts.max_by_key(|(place, fact)| (day(fact, "at"), *place)) {
            Some((_, fact)) => Some(number(&fact["amount"])),
            None => assignment.fact.get("quota")?.get(rule.id()).map(number),
        }
    }

    /// With `prorate = "start"` an end does not cut, unless another assignment to the plan starts later in the period.
    fn active_quota(&self, assignment: &Assignment, rule: &Rule, period: &Period, month: Month) -> Number {
        let start = assignment.days.first;
        let mut others = self.ever("assignment").filter_map(|(_, fact)| {
            let is_meant = text(fact, "payee") == Some(assignment.payee) && text(fact, "plan") == Some(assignment.plan);
            day(fact, "at").filter(|_| is_meant)
        });
        if rule.text("prorate") != Some("start") || others.any(|at| at > start && period.window().has(at)) {
            return active(assignment, rule, month);
        }
        if month < start.month() {
            zero()
        } else if month == start.month() {
            ratio(Window { first: start, last: month.last() }.length(), month.days())
        } else {
            one()
        }
    }

    /// The ramp's entry for the calendar months since `ramp-from`, each for `every` months, or one: before it the first, past
    /// the end 100 %.
    fn ramp(&self, assignment: &Assignment, rule: &Rule, month: Month) -> Number {
        let table = rule.get("ramp").filter(|ramp| ramp.is_object());
        let (entries, months) = match table {
            Some(table) => {
                let every = table["every"].as_str().and_then(|text| text.strip_suffix(" months")).expect("months");
                (table["percents"].as_array().expect("percents").as_slice(), every.parse().expect("a number"))
            }
            None => (rule.list("ramp"), 1),
        };
        let from = day(assignment.fact, "ramp_from").unwrap_or_else(|| self.chain_begins(assignment));
        let since = (month.0 - from.month().0).max(0) as usize;
        entries.get(since / months).map(number).unwrap_or_else(one)
    }

    /// The `at` of the first of an unbroken chain of assignments to the plan.
    fn chain_begins(&self, assignment: &Assignment) -> Day {
        match self.assignment_on(assignment.payee, assignment.plan, assignment.days.first.plus(-1)) {
            Some(before) => self.chain_begins(&before),
            None => assignment.days.first,
        }
    }

    pub fn assignment_on(&self, payee: &str, plan: &str, day: Day) -> Option<Assignment<'_>> {
        let mut all = self.assignments().into_iter();
        all.find(|other| other.payee == payee && other.plan == plan && other.days.has(day))
    }
}

/// Days of the month inside the assignment / its days, or 1 for a month touched.
pub fn active(assignment: &Assignment, rule: &Rule, month: Month) -> Number {
    let days = Window { first: month.first(), last: month.last() }.within(assignment.days).length();
    match rule.text("prorate") {
        Some("none") if days > 0 => one(),
        _ => part_of_month(month, assignment.days),
    }
}
