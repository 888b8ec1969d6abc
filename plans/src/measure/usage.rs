//! `{ usage = "amount" / "quantity" }`: one item per contract and calendar month, on the last of its days that count.

use ledger::date::{Day, Month};
use ledger::exact::Exact;
use ledger::id::Name;
use projections::knowledge::{Contract, MeteredRun};
use projections::life::Position;
use projections::usage::Reading;

use super::Cell;
use crate::credit::{Stretch, stretches};
use crate::filter::passes;
use crate::item::{Item, Subject};
use crate::plan::{Component, Measure, UsageValue};
use crate::rulebook::Published;
use crate::why::{Formula, StepKind};

pub(super) fn items<'k>(cell: Cell<'_, 'k>) -> Vec<Item<'k>> {
    let months = months(cell);
    if months.is_empty() {
        return Vec::new();
    }
    let contracts = cell.context.credit.contracts(cell.payee);
    contracts.iter().flat_map(|contract| contract_items(cell, contract, &months)).collect()
}

/// A month with days that count, under the version that measures it.
struct Counted<'k> {
    month: Month,
    from: Day,
    to: Day,
    published: &'k Published,
    component: &'k Component,
}

/// The months of the cell. Days that count lie inside the assignment and the component's dates, up to E.
fn months<'k>(cell: Cell<'_, 'k>) -> Vec<Counted<'k>> {
    let (first, last) = (cell.term.first, cell.last_day());
    let mut months = Vec::new();
    let mut month = Month::of(first);
    while month.first() <= last {
        let (from, to) = (first.max(month.first()), last.min(month.last()));
        months.extend(counted(cell, month, from, to));
        month = month.next();
    }
    months
}

/// The last day of `from ..= to` on which the component measures decides which version measures the month.
fn counted<'k>(cell: Cell<'_, 'k>, month: Month, from: Day, to: Day) -> Option<Counted<'k>> {
    let mut day = to;
    let (published, component) = loop {
        match cell.rules_on(day) {
            Some(rules) => break rules,
            None if day > from => day = day.previous(),
            None => return None,
        }
    };
    matches!(component.measure, Measure::Usage { .. }).then_some(Counted {
        month,
        from: component.from.map_or(from, |start| start.max(from)),
        to: day,
        published,
        component,
    })
}

fn contract_items<'k>(cell: Cell<'_, 'k>, contract: &'k Contract, months: &[Counted<'k>]) -> Vec<Item<'k>> {
    let view = cell.context.view;
    let runs = || view.runs_of(contract);
    let Some(first) = runs().filter_map(|run| run.run.first_day()).min() else { return Vec::new() };
    let Some(last) = runs().filter_map(|run| run.run.last_day()).max() else { return Vec::new() };
    let touched = months.iter().filter(|counted| counted.from <= last && counted.to >= first);
    touched.filter_map(|counted| item(cell, contract, counted)).collect()
}

fn item<'k>(cell: Cell<'_, 'k>, contract: &'k Contract, counted: &Counted<'k>) -> Option<Item<'k>> {
    let context = cell.context;
    let Measure::Usage { value, meters } = &counted.component.measure else { return None };
    let stretches = stretches(context.view, contract, cell.payee, &counted.component.credit, counted.from, counted.to);
    let subject = Subject::of_contract(&contract.id, &contract.account);
    if !passes(&counted.component.filter, context.view, &subject, counted.to) {
        return None;
    }
    let key = format!("{}@{}", contract.id, counted.month);
    let mut sum = Sum { total: Exact::ZERO, formula: Formula::default(), from: Vec::new() };
    for run in context.view.runs_of(contract).filter(|run| measures(meters, run)) {
        add_run(cell, run, *value, &stretches, counted, &key, &mut sum);
    }
    let why =
        if context.explains() { vec![sum.formula.step(StepKind::Credit, &sum.total, sum.from)] } else { Vec::new() };
    Some(Item {
        key,
        date: counted.to,
        value: sum.total,
        published: counted.published,
        component: counted.component,
        subject,
        why,
    })
}

fn measures(meters: &[Name], run: &MeteredRun) -> bool {
    meters.is_empty() || run.run.meter.as_ref().is_some_and(|meter| meters.contains(meter))
}

struct Sum {
    total: Exact,
    formula: Formula,
    from: Vec<Position>,
}

/// Adds what one meter reports, each stretch of days at its share.
fn add_run(
    cell: Cell<'_, '_>,
    run: &MeteredRun,
    value: UsageValue,
    stretches: &[Stretch],
    counted: &Counted<'_>,
    key: &str,
    sum: &mut Sum,
) {
    let context = cell.context;
    let reading = match value {
        UsageValue::Amount => Reading::Amount,
        UsageValue::Quantity => Reading::Quantity,
    };
    for stretch in stretches {
        let used = context.view.usage(run, stretch.from, stretch.to, reading);
        if used.is_zero() {
            continue;
        }
        let (rate, rate_position) = match value {
            UsageValue::Amount => context.rate(run.currency, counted.published.plan.currency, counted.to, key),
            UsageValue::Quantity => (Exact::ONE, None),
        };
        sum.total += &(&(&used * &stretch.share) * &rate);
        if context.explains() {
            let formula = std::mem::take(&mut sum.formula).plus();
            let formula = formula
                .number(&format!("used {}..{}", stretch.from, stretch.to), &used)
                .sign(" * ")
                .number("share", &stretch.share);
            let converted = run.currency != counted.published.plan.currency && value == UsageValue::Amount;
            sum.formula = if converted { formula.sign(" * ").number("exchange rate", &rate) } else { formula };
            let snapshots = context.view.snapshots(run, stretch.from, stretch.to);
            sum.from
                .extend(snapshots.iter().map(|snapshot| snapshot.position).chain([stretch.split]).chain(rate_position));
        }
    }
}
