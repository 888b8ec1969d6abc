//! A case as steps: plans to publish, facts to record, months to close.

use serde_json::{Value, json};

use super::case::Case;
use super::choices::Chooser;
use super::facts::FactGenerator;
use super::plans::{clashes, first_version, next_version, toml};
use crate::model::calendar::{Day, Month};

pub enum Step {
    Publish(String),
    Record(Vec<Value>),
    Close(String),
}

const STARTS: [&str; 6] = ["2027-01", "2027-04", "2026-11", "2027-09", "2028-01", "2027-12"];

pub fn steps_of(case: &Case) -> Vec<Step> {
    let c = &mut Chooser::of(&case.setting);
    let start = Month::parse(c.pick(&STARTS));
    let currency = c.pick(&["USD", "USD", "EUR", "JPY", "BHD"]).to_owned();
    let second = c.pick(&[None, None, Some("GBP"), Some("USD")]).filter(|other| *other != currency);
    let mut steps = Vec::new();
    let around = |c: &mut Chooser| day_near(c, start.first().plus_months(1).month(), &[0, -1, 1, 2]).to_string();
    let mut versions: Vec<Value> = Vec::new();
    for (place, plan) in case.plans.iter().enumerate() {
        let id = ["plan-x", "plan-y"][place];
        versions.push(first_version(plan, id, &currency, &start.first().to_string(), &around));
    }
    steps.extend(versions.iter().map(|version| Step::Publish(toml(version))));
    let mut published: Vec<Vec<Value>> = versions.iter().map(|version| vec![version.clone()]).collect();

    let currencies = std::iter::once(currency).chain(second.map(str::to_owned)).collect();
    let mut generator = FactGenerator::new(start, currencies, versions);
    generator.people(&case.payees);
    generator.accounts(&case.accounts);
    case.assignments.iter().for_each(|seed| generator.assignment(&mut Chooser::of(seed), start));
    for (passed, facts) in case.months.iter().enumerate() {
        let month = Month(start.0 + passed as i64);
        facts.iter().for_each(|seed| generator.fact(&mut Chooser::of(seed), month, passed == 0));
        steps.push(Step::Record(generator.take()));
        for (place, plan) in case.plans.iter().enumerate() {
            if let Some(seed) = passed.checked_sub(1).and_then(|later| plan.versions.get(later)) {
                let effective = day_near(&mut Chooser::of(&seed[20..]), month, &[0, -1, -2, 1]);
                let mut next = next_version(&generator.plans[place], seed, &effective.to_string());
                if clashes(&published[place], &next) {
                    next["effective"] = json!(effective.month().first().to_string());
                }
                if !clashes(&published[place], &next) {
                    steps.push(Step::Publish(toml(&next)));
                    published[place].push(next.clone());
                    generator.plans[place] = next;
                }
            }
        }
        steps.push(Step::Close(month.name()));
    }
    steps
}

/// A day of a month some months away; months' first and last days more often than others.
pub fn day_near(c: &mut Chooser, month: Month, away: &[i64]) -> Day {
    let month = Month(month.0 + c.pick(away));
    match c.below(6) {
        4 => month.last(),
        5 => month.first(),
        _ => month.first().plus(c.below(28) as i64),
    }
}

/// As a person would write it down, to follow it by hand.
pub fn written(steps: &[Step]) -> String {
    let shown = |step: &Step| match step {
        Step::Publish(plan) => format!("=== publish\n{plan}"),
        Step::Record(facts) => format!("=== record\n{}", lines(facts)),
        Step::Close(period) => format!("=== close {period}\n"),
    };
    steps.iter().map(shown).collect()
}

/// JSON Lines.
pub fn lines(facts: &[Value]) -> String {
    facts.iter().map(|fact| format!("{fact}\n")).collect()
}
