//! The items of a component, in the order of date and key (calculation.md 4).

use super::assignment::Assignment;
use super::calendar::{Day, Period, Window};
use super::consumption::Metered;
use super::credit::Subject;
use super::known::Known;
use super::number::Number;
use super::plan::{Rule, texts};

pub struct Item<'a> {
    pub key: String,
    pub date: Day,
    /// What was measured; of a target and of a level, the attainment.
    pub value: Number,
    /// What is paid on, where that is another amount than the value.
    pub pays: Option<Number>,
    pub rule: Rule<'a>,
    pub subject: Subject,
}

/// Which rule measures what is dated on a day, if any.
pub type Ruling<'r, 'a> = &'r dyn Fn(Day) -> Option<Rule<'a>>;

impl<'a> Known<'a> {
    /// All items of a component up to E. The version in force on an item's date measures the whole item.
    pub fn items(&'a self, assignment: &'a Assignment, component: &'a str) -> Vec<Item<'a>> {
        let ruling = |day: Day| Rule::on(self.versions, assignment.plan, component, day);
        let plain = |day: Day| ruling(day).filter(|rule| !rule.is_target());
        let mut items = self.measured(assignment, &plain, &ruling);
        items.extend(self.targets(assignment, &ruling));
        items.sort_by(|a, b| (a.date, &a.key).cmp(&(b.date, &b.key)));
        items
    }

    /// What measures that are no levels yield. `has` says on which days the component is there at all.
    pub fn measured(&'a self, assignment: &Assignment, ruling: Ruling<'_, 'a>, has: Ruling<'_, 'a>) -> Vec<Item<'a>> {
        let mut items = self.sold(assignment, ruling);
        items.extend(self.seen(assignment, ruling));
        items.extend(self.used(assignment, ruling, has));
        items.extend(self.grown(assignment, ruling, has));
        items
    }

    /// Days inside the assignment up to E.
    pub fn days_of(&self, assignment: &Assignment) -> Window {
        Window { first: assignment.days.first, last: assignment.days.last.min(self.end) }
    }

    /// The days that are the last of their performance period on which the component can count, looking no further than `horizon`.
    pub fn period_ends(&self, days: Window, has: Ruling<'_, 'a>, horizon: Day) -> Vec<(Day, Rule<'a>, Period)> {
        let last_of_period = |day: Day| {
            let rule = has(day)?;
            let period = rule.period_of(day);
            let rest = Window { first: day.plus(1), last: period.window().last.min(horizon) };
            let goes_on = rest.days().any(|later| has(later).is_some());
            (!goes_on).then_some((day, rule, period))
        };
        days.days().filter_map(last_of_period).collect()
    }

    /// The contracts that `where` lets in on a date.
    pub fn contracts_of(&self, rule: &Rule, date: Day) -> Vec<(String, Subject)> {
        let all = self.contracts().into_iter().map(|contract| (contract.clone(), Subject::contract(self, &contract)));
        all.filter(|(_, subject)| self.passes(rule, subject, date)).collect()
    }
}

/// What a component's `meter` and measure count of a snapshot.
pub fn metered<'a>(rule: &Rule<'a>) -> Metered<'a> {
    Metered { quantity: rule.measure_text("usage") == Some("quantity"), meters: rule.measure("meter").map(texts) }
}

impl Known<'_> {
    /// Usage of a contract in the plan's currency at the rate of the item's date; a quantity as it is.
    pub fn valued(&self, rule: &Rule, contract: &str, usage: Number, date: Day) -> Number {
        match self.usage_currency(contract) {
            Some(currency) if !metered(rule).quantity && usage != super::number::zero() => {
                usage * self.exchange(currency, &rule.version.currency, date)
            }
            _ => usage,
        }
    }
}
