//! What a plan pays, worked out: the table below `plan check`.

use std::io::{self, Write};

use ledger::exact::{Exact, Rounding, decimal_text};
use ledger::money::Currency;
use plans::plan::Plan;
use plans::worked::{Assumption, RampedQuotas, Whole, WorkedComponent, WorkedRow, ramped_quotas, worked_table};
use serde::Serialize;

use crate::render::amount::{amount, grouped, number, percent, rounded_percent};
use crate::render::layout::table::{Align, INDENT, Table};
use crate::terminal::screen::Screen;

/// A plan, worked out.
pub struct WorkedPlan {
    components: Vec<WorkedComponent>,
    ramps: Vec<RampedQuotas>,
    currency: Currency,
}

impl WorkedPlan {
    pub fn of(plan: &Plan) -> WorkedPlan {
        WorkedPlan { components: worked_table(plan), ramps: ramped_quotas(plan), currency: plan.currency }
    }

    pub fn write(&self, out: &mut Screen<impl Write>) -> io::Result<()> {
        for ramp in &self.ramps {
            writeln!(out)?;
            write_ramp(ramp, out)?;
        }
        if self.components.is_empty() {
            return Ok(());
        }
        writeln!(out)?;
        writeln!(
            out,
            "What each component pays in {} for one item in a full period, before installments:",
            self.currency
        )?;
        let mut table =
            Table::new(&[Align::Left, Align::Right, Align::Right, Align::Right, Align::Right]).indented(INDENT);
        table.row(["component", "attainment", "value", "pays", "of value"]);
        for component in &self.components {
            for (index, row) in component.rows.iter().enumerate() {
                let name = if index == 0 { component.component.to_string() } else { String::new() };
                let pays = row.pays.exact();
                let rate = if component.is_rate_of_money { part_of(&pays, &row.value) } else { String::new() };
                table.row([name, attainment(component, row), value(component, row), amount(row.pays), rate]);
            }
        }
        table.write(out)?;
        for component in self.components.iter().filter(|component| !component.assumed.is_empty()) {
            let assumed: Vec<String> = component.assumed.iter().map(words).collect();
            writeln!(out, "`{}`: {} assumed, which assignments give.", component.component, assumed.join(" and "))?;
        }
        Ok(())
    }

    pub fn published(&self) -> PublishedWorked {
        let worked = self.components.iter().map(|component| PublishedComponent {
            component: component.component.to_string(),
            assumed: component.assumed.iter().map(published_assumption).collect(),
            rows: component
                .rows
                .iter()
                .map(|row| PublishedRow {
                    part: row.part.as_ref().map(percent),
                    value: row.value.text(),
                    pays: row.pays.text(),
                })
                .collect(),
        });
        let ramps = self.ramps.iter().map(|ramp| PublishedRamp {
            component: ramp.component.to_string(),
            start: ramp.start.to_string(),
            full_quota: ramp.full.text(),
            assumed: ramp.is_assumed,
            periods: ramp
                .periods
                .iter()
                .map(|period| PublishedPeriod { period: period.name.clone(), quota: period.quota.text() })
                .collect(),
        });
        PublishedWorked { worked: worked.collect(), ramps: ramps.collect() }
    }
}

/// The JSON of a plan that is worked out.
#[derive(Serialize)]
pub struct PublishedWorked {
    worked: Vec<PublishedComponent>,
    ramps: Vec<PublishedRamp>,
}

#[derive(Serialize)]
struct PublishedComponent {
    component: String,
    assumed: Vec<PublishedAssumption>,
    rows: Vec<PublishedRow>,
}

#[derive(Serialize)]
struct PublishedAssumption {
    what: &'static str,
    value: String,
}

#[derive(Serialize)]
struct PublishedRow {
    #[serde(skip_serializing_if = "Option::is_none")]
    part: Option<String>,
    value: String,
    pays: String,
}

#[derive(Serialize)]
struct PublishedRamp {
    component: String,
    start: String,
    full_quota: String,
    assumed: bool,
    periods: Vec<PublishedPeriod>,
}

#[derive(Serialize)]
struct PublishedPeriod {
    period: String,
    quota: String,
}

fn write_ramp(ramp: &RampedQuotas, out: &mut Screen<impl Write>) -> io::Result<()> {
    let assumed = if ramp.is_assumed { "an assumed" } else { "a" };
    writeln!(
        out,
        "Quota of `{}` for a start on {}, with {assumed} quota of {} for a full period:",
        ramp.component,
        ramp.start,
        number(&ramp.full)
    )?;
    let mut table = Table::new(&[Align::Left, Align::Right, Align::Right]).indented(INDENT);
    table.row(["period", "quota", "of full"]);
    for period in &ramp.periods {
        let rounded = period.quota.round(2, Rounding::HalfUp).map(|cents| grouped(&decimal_text(cents, 2)));
        let quota = rounded.unwrap_or_else(|| number(&period.quota));
        table.row([period.name.clone(), quota, part_of(&period.quota, &ramp.full)]);
    }
    table.write(out)
}

/// `50% of quota`.
fn attainment(component: &WorkedComponent, row: &WorkedRow) -> String {
    match (&row.part, component.whole) {
        (Some(part), Some(Whole::Quota)) => format!("{} of quota", percent(part)),
        (Some(part), Some(Whole::Goal)) => format!("{} of goal", percent(part)),
        (Some(_), None) | (None, _) => String::new(),
    }
}

/// The value of the item. A level of a goal is shown by its attainment alone.
fn value(component: &WorkedComponent, row: &WorkedRow) -> String {
    if component.whole == Some(Whole::Goal) { String::new() } else { number(&row.value) }
}

/// A part of something in percent with two decimals; nothing of 0.
fn part_of(part: &Exact, whole: &Exact) -> String {
    if whole.is_zero() {
        return String::new();
    }
    rounded_percent(&(part / whole))
}

fn words(assumption: &Assumption) -> String {
    match assumption {
        Assumption::Quota(quota) => format!("a quota of {}", number(quota)),
        Assumption::Rate(rate) => format!("a rate of {}", percent(rate)),
        Assumption::Target(target) => format!("an annual target pay of {}", number(target)),
    }
}

fn published_assumption(assumption: &Assumption) -> PublishedAssumption {
    match assumption {
        Assumption::Quota(quota) => PublishedAssumption { what: "quota", value: quota.text() },
        Assumption::Rate(rate) => PublishedAssumption { what: "rate", value: percent(rate) },
        Assumption::Target(target) => PublishedAssumption { what: "target", value: target.text() },
    }
}
