//! Growth of the run rate, one item per performance period (calculation.md 4).

use super::assignment::Assignment;
use super::calendar::{Day, Period, Span, Window};
use super::credit::Subject;
use super::items::{Item, Ruling, metered};
use super::known::Known;
use super::number::{Number, most, number, one, ratio, zero};
use super::plan::Rule;

impl<'a> Known<'a> {
    pub fn grown(&'a self, assignment: &Assignment, ruling: Ruling<'_, 'a>, has: Ruling<'_, 'a>) -> Vec<Item<'a>> {
        let days = self.days_of(assignment);
        let item = |(date, _, _): (Day, Rule, Period)| {
            let rule = ruling(date).filter(|rule| rule.measured() == "growth")?;
            let period = rule.period_of(date);
            let retained = rule.measure("retained").map(number).unwrap_or_else(one);
            let growth = self.run_rate(assignment, &rule, date, date)
                - retained * self.baseline_rate(assignment, &rule, &period, date);
            Some(Item {
                key: period.name,
                date,
                value: most(zero(), growth),
                pays: None,
                rule,
                subject: Subject::default(),
            })
        };
        self.period_ends(days, has, days.last).into_iter().filter_map(item).collect()
    }

    /// The run rate at a day with the shares, and in the currency, of the item's date.
    fn run_rate(&self, assignment: &Assignment, rule: &Rule, day: Day, date: Day) -> Number {
        let span = Span::parse(rule.measure_text("growth").expect("a span"));
        let window = span.window_ending(day);
        self.annual(assignment, rule, window, date)
    }

    fn annual(&self, assignment: &Assignment, rule: &Rule, window: Window, date: Day) -> Number {
        let a_year = match Span::parse(rule.measure_text("growth").expect("a span")) {
            Span::Days(days) => ratio(365, days),
            Span::Months(months) => ratio(12, months),
        };
        let of = |(contract, subject): (String, Subject)| {
            let usage = self.usage(&contract, window, &metered(rule));
            self.share(assignment.payee, rule, &subject, date) * self.valued(rule, &contract, usage, date)
        };
        self.contracts_of(rule, date).into_iter().map(of).fold(zero(), |sum, part| sum + part) * a_year
    }

    fn baseline_rate(&self, assignment: &Assignment, rule: &Rule, period: &Period, date: Day) -> Number {
        let span = Span::parse(rule.measure_text("growth").expect("a span"));
        let rate = |day: Day| self.run_rate(assignment, rule, day, date);
        let base = match rule.measure_text("against").unwrap_or("rolling") {
            "rolling" => self.annual(assignment, rule, span.window_before(span.window_ending(date).first), date),
            "period-start" => rate(period.window().first.plus(-1)),
            _ => self.high_water(assignment, rule, period, &rate),
        };
        let day_before = assignment.days.first.plus(-1);
        match self.assignment_on(assignment.payee, assignment.plan, day_before) {
            Some(_) => most(base, rate(day_before)),
            None => base,
        }
    }

    /// The highest run rate at the day before the assignment and at the end of each of its earlier performance periods.
    fn high_water(
        &self,
        assignment: &Assignment,
        rule: &Rule,
        period: &Period,
        rate: &dyn Fn(Day) -> Number,
    ) -> Number {
        let mut highest = rate(assignment.days.first.plus(-1));
        let mut earlier = rule.period_of(assignment.days.first);
        while earlier.window().last < period.window().first {
            highest = most(highest, rate(earlier.window().last));
            earlier = rule.period_of(earlier.window().last.plus(1));
        }
        highest
    }
}
