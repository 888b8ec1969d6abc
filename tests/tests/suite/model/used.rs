//! Items of usage, by contract or by month, above a baseline or not (calculation.md 4).

use serde_json::Value;

use super::assignment::Assignment;
use super::calendar::{Day, Month, Window};
use super::credit::Subject;
use super::items::{Item, Ruling, metered};
use super::known::Known;
use super::log::text;
use super::number::{Number, most, number, ratio, zero};
use super::plan::Rule;

/// The days of a month that count. The last of them dates its item.
struct CountedMonth(Vec<Day>);

impl CountedMonth {
    fn date(&self) -> Day {
        *self.0.last().expect("a day")
    }
}

impl<'a> Known<'a> {
    pub fn used(&'a self, assignment: &Assignment, ruling: Ruling<'_, 'a>, has: Ruling<'_, 'a>) -> Vec<Item<'a>> {
        let days = self.days_of(assignment);
        if days.length() == 0 {
            return Vec::new();
        }
        let months = (days.first.month().0..=days.last.month().0).map(Month);
        months.flat_map(|month| self.used_in(assignment, month, ruling, has)).collect()
    }

    /// The month is measured by the rule of the last of its days that count, back over days without the component.
    fn used_in(
        &'a self,
        assignment: &Assignment,
        month: Month,
        ruling: Ruling<'_, 'a>,
        has: Ruling<'_, 'a>,
    ) -> Vec<Item<'a>> {
        let within = Window { first: month.first(), last: month.last() }.within(self.days_of(assignment));
        let counted = &CountedMonth(within.days().filter(|day| has(*day).is_some()).collect());
        let Some(date) = counted.0.last().copied() else { return Vec::new() };
        let Some(rule) = ruling(date).filter(|rule| rule.measured() == "usage") else { return Vec::new() };
        let contracts = self.contracts_of(&rule, date);
        let of = |contract: &str, subject: &Subject| self.credited(assignment, &rule, contract, subject, counted);
        let item = |key: String, value: Number, subject: Subject| Item { key, date, value, pays: None, rule, subject };
        if rule.measure_text("per") != Some("month") && rule.measure("baseline").is_none() {
            let each = contracts.into_iter();
            let named = each.map(|(contract, subject)| {
                item(format!("{contract}@{}", month.name()), of(&contract, &subject), subject)
            });
            return named.collect();
        }
        let sum = contracts.iter().fold(zero(), |sum, (contract, subject)| sum + of(contract, subject));
        let value = match rule.measure("baseline") {
            Some(baseline) => most(zero(), sum - self.baseline(assignment, &rule, baseline, &contracts, counted)),
            None => sum,
        };
        vec![item(month.name(), value, Subject::default())]
    }

    /// The sum over the days of usage x share on the day.
    fn credited(
        &self,
        assignment: &Assignment,
        rule: &Rule,
        contract: &str,
        subject: &Subject,
        counted: &CountedMonth,
    ) -> Number {
        let of_day = |day: Day| {
            let usage = self.usage(contract, Window { first: day, last: day }, &metered(rule));
            if usage == zero() { usage } else { usage * self.share(assignment.payee, rule, subject, day) }
        };
        let usage = counted.0.iter().fold(zero(), |sum, day| sum + of_day(*day));
        self.valued(rule, contract, usage, counted.date())
    }

    fn baseline(
        &self,
        assignment: &Assignment,
        rule: &Rule,
        baseline: &Value,
        contracts: &[(String, Subject)],
        counted: &CountedMonth,
    ) -> Number {
        let date = counted.date();
        let month_days = date.month().days();
        if let Some(amount) = baseline.get("amount") {
            return number(amount) * ratio(counted.0.len() as i64, month_days);
        }
        assert_eq!(text(baseline, "of"), Some("previous-period"));
        let period = rule.period_of(date);
        let of = |(contract, subject): &(String, Subject)| {
            let usage = self.usage(contract, period.before(), &metered(rule));
            let shares =
                counted.0.iter().fold(zero(), |sum, day| sum + self.share(assignment.payee, rule, subject, *day));
            self.valued(rule, contract, usage, date) * shares * ratio(1, month_days)
        };
        let sum = contracts.iter().map(of).fold(zero(), |sum, part| sum + part);
        number(&baseline["percent"]) * ratio(1, period.months) * sum
    }
}
