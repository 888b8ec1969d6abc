//! Levels (metrics and retention) and targets: one item per performance period, valued at its attainment (calculation.md 4 and 6).

use std::collections::BTreeMap;

use super::assignment::Assignment;
use super::calendar::{Day, Period, Span, Window};
use super::credit::Subject;
use super::items::{Item, Ruling, metered};
use super::known::{Known, Signal, Thing};
use super::number::{Number, least, number, whole, zero};
use super::plan::Rule;

impl<'a> Known<'a> {
    /// One item per period, at the earlier of its end and the last day that can count.
    pub fn targets(&'a self, assignment: &Assignment, ruling: Ruling<'_, 'a>) -> Vec<Item<'a>> {
        let item = |(date, rule, period): (Day, Rule<'a>, Period)| {
            let reached = if rule.is_level() {
                self.level(assignment, &rule, (&period, date), ruling) / rule.get("goal").map(number).expect("a goal")
            } else {
                self.attained(assignment, rule, (&period, date), ruling)
            };
            Item { key: period.name, date, value: reached, pays: None, rule, subject: Subject::default() }
        };
        let ends = self.period_ends(self.days_of(assignment), ruling, assignment.days.last).into_iter();
        ends.filter(|(_, rule, _)| rule.is_target()).map(item).collect()
    }

    /// The sum of what the measure yields by then / quota, on the days on which the version then in force has the component.
    /// All of it is measured by the version in force on the target's date.
    fn attained(
        &'a self,
        assignment: &Assignment,
        rule: Rule<'a>,
        (period, date): (&Period, Day),
        has: Ruling<'_, 'a>,
    ) -> Number {
        let by_then = Window { first: period.window().first, last: date };
        let ruling = |day: Day| has(day).filter(|_| by_then.has(day)).map(|_| rule);
        let sum = self.measured(assignment, &ruling, &ruling).into_iter().fold(zero(), |sum, item| sum + item.value);
        self.quota(assignment, &rule, period).map(|quota| sum / quota).unwrap_or_else(zero)
    }

    fn level(
        &self,
        assignment: &Assignment,
        rule: &Rule,
        (period, date): (&Period, Day),
        has: Ruling<'_, 'a>,
    ) -> Number {
        match rule.measured() {
            "metric" => self.metric(assignment, rule, (period, date), has),
            _ => self.retention(assignment, rule, date),
        }
    }

    /// Readings dated on days that count, of accounts (or payees) where the payee has a share on the reading's date.
    fn metric(
        &self,
        assignment: &Assignment,
        rule: &Rule,
        (period, date): (&Period, Day),
        has: Ruling<'_, 'a>,
    ) -> Number {
        let up_to_it = Window { first: period.window().first, last: date }.within(self.days_of(assignment));
        let counts = |day: Day| up_to_it.has(day) && has(day).is_some();
        let mut readings: BTreeMap<String, Vec<(Day, usize, Number)>> = BTreeMap::new();
        for signal in self.signals.iter().filter(|signal| Some(signal.name.as_str()) == rule.measure_text("metric")) {
            let (Some(subject), Some(value)) = (Subject::signal(self, signal), &signal.value) else { continue };
            let shared = self.share(assignment.payee, rule, &subject, signal.at) > zero();
            if counts(signal.at) && shared && self.passes(rule, &subject, date) {
                let of = subject.account.map(|id| format!("account {id}"));
                let of = of.unwrap_or_else(|| format!("payee {:?}", signal.payee));
                readings.entry(of).or_default().push((signal.at, signal.position, value.clone()));
            }
        }
        let taken = readings.into_values().map(|mut readings| {
            readings.sort();
            match rule.measure_text("take").unwrap_or("last") {
                "average" => mean(readings.into_iter().map(|(_, _, value)| value).collect()),
                _ => readings.pop().expect("a reading").2,
            }
        });
        mean(taken.collect())
    }

    /// Later usage / earlier usage of contracts with usage in the earlier window, weighted by the share on the item's date.
    fn retention(&self, assignment: &Assignment, rule: &Rule, date: Day) -> Number {
        let span = Span::parse(rule.measure_text("over").unwrap_or("12 months"));
        let later_window = span.window_ending(date);
        let earlier_window = span.window_before(later_window.first);
        let (mut earlier_sum, mut later_sum) = (zero(), zero());
        for (contract, subject) in self.contracts_of(rule, date) {
            let of = |window: Window| self.valued(rule, &contract, self.usage(&contract, window, &metered(rule)), date);
            let (earlier, later) = (of(earlier_window), of(later_window));
            if earlier <= zero() {
                continue;
            }
            let share = self.share(assignment.payee, rule, &subject, date);
            let kept =
                if rule.measure_text("retention") == Some("gross") { least(later, earlier.clone()) } else { later };
            earlier_sum += &share * earlier;
            later_sum += share * kept;
        }
        if earlier_sum == zero() { zero() } else { later_sum / earlier_sum }
    }

    /// The latest reading of a metric for an item up to a day.
    pub fn reading(&self, name: &str, subject: &Subject, day: Day) -> Option<Number> {
        let meant =
            self.signals.iter().filter(|signal| signal.name == name && signal.at <= day && signal.value.is_some());
        let latest =
            meant.filter(|signal| subject.is_meant(&signal.on)).max_by_key(|signal| (signal.at, signal.position));
        latest.and_then(|signal| signal.value.clone())
    }

    /// The day of the first signal of a name for an item, on or after a day.
    pub fn first_signal(&self, name: &str, subject: &Subject, from: Day) -> Option<Day> {
        let meant = |signal: &&Signal| signal.name == name && signal.at >= from && signal.on != Thing::Nothing;
        self.signals.iter().filter(meant).filter(|signal| subject.is_meant(&signal.on)).map(|signal| signal.at).min()
    }
}

fn mean(values: Vec<Number>) -> Number {
    let count = values.len() as i64;
    match count {
        0 => zero(),
        _ => values.into_iter().fold(zero(), |sum, value| sum + value) / whole(count),
    }
}
