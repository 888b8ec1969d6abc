//! The baseline of a month: usage that earns nothing (calculation.md 4).

use ledger::date::Day;
use ledger::exact::Exact;
use projections::knowledge::Contract;

use super::cell::Cell;
use super::days::CountedDays;
use super::metered::{ContractCredit, measures, reading};
use crate::filter::passes;
use crate::item::Subject;
use crate::plan::{Baseline, Measure, UsageValue};
use crate::why::{Formula, Step, StepKind};

pub(super) struct MonthsBaseline {
    pub amount: Exact,
    pub steps: Vec<Step>,
}

pub(super) fn baseline(
    cell: Cell<'_, '_>,
    held: &[ContractCredit<'_>],
    counted: &CountedDays<'_>,
    assumed: &Baseline,
) -> MonthsBaseline {
    let days = Exact::from(counted.days.count());
    let month = Exact::from(counted.month.days());
    match assumed {
        Baseline::Amount(full) => {
            let amount = full * &days / &month;
            let formula = || {
                let formula =
                    Formula::default().number("baseline of a month", full).sign(" * ").number("counting days", &days);
                formula.sign(" / ").number("days of the month", &month)
            };
            let steps = cell
                .context
                .explains()
                .then(|| formula().step(StepKind::Baseline, &amount, [counted.published.position]));
            MonthsBaseline { amount, steps: steps.into_iter().collect() }
        }
        Baseline::PreviousPeriod(percent) => of_previous(cell, held, counted, percent, &month),
    }
}

/// A fraction of the usage of the previous period, spread over its months. Each contract counts with the payee's
/// share on this month's days.
fn of_previous(
    cell: Cell<'_, '_>,
    held: &[ContractCredit<'_>],
    counted: &CountedDays<'_>,
    percent: &Exact,
    month: &Exact,
) -> MonthsBaseline {
    let previous = counted.previous_period();
    let months = Exact::from(previous.months);
    let mut sum = Exact::ZERO;
    let mut formula = Formula::default().number("part", percent).sign(" / ").number("months", &months).sign(" * (");
    let mut from = vec![counted.published.position];
    for held in held {
        let (contract, share_days) = (held.contract, share_days(cell, held, counted));
        if share_days.is_zero() {
            continue;
        }
        let used = used(cell, contract, counted, previous.first_day(), previous.last_day());
        if used.is_zero() {
            continue;
        }
        sum += &(&used * &share_days / month);
        if cell.context.explains() {
            formula = formula.plus().number(&format!("{} in the previous period", contract.id), &used).sign(" * ");
            formula = formula.number("share x days", &share_days).sign(" / ").number("days of the month", month);
            let runs = cell.context.view.runs_of(contract);
            let snapshots =
                runs.flat_map(|run| cell.context.view.snapshots(run, previous.first_day(), previous.last_day()));
            from.extend(snapshots.map(|snapshot| snapshot.position));
        }
    }
    let amount = percent / &months * sum.clone();
    if sum.is_zero() {
        formula = formula.plus().number("nothing before", &Exact::ZERO);
    }
    let steps = cell.context.explains().then(|| formula.sign(")").step(StepKind::Baseline, &amount, from));
    MonthsBaseline { amount, steps: steps.into_iter().collect() }
}

/// The sum of the payee's share over the days that count.
fn share_days(cell: Cell<'_, '_>, held: &ContractCredit<'_>, counted: &CountedDays<'_>) -> Exact {
    let subject = Subject::of_contract(&held.contract.id, &held.contract.account);
    if !passes(&counted.component.filter, cell.context.view, &subject, counted.to) {
        return Exact::ZERO;
    }
    let shares = held.shares_on(&counted.days);
    shares.map(|(from, to, interval)| &interval.share * &Exact::from(from.days_to(to))).sum()
}

/// A contract's usage on days, in the plan's currency at the rate of the item's date.
fn used(cell: Cell<'_, '_>, contract: &Contract, counted: &CountedDays<'_>, from: Day, to: Day) -> Exact {
    let Measure::Usage { value, meters, .. } = &counted.component.measure else { return Exact::ZERO };
    let runs = cell.context.view.runs_of(contract).filter(|run| measures(meters, run));
    let sums = runs.map(|run| {
        let used = cell.context.view.usage(run, from, to, reading(*value));
        if used.is_zero() || *value == UsageValue::Quantity {
            return used;
        }
        used * cell
            .context
            .rate(run.currency, counted.published.plan.currency, counted.to, &counted.month.to_string())
            .0
    });
    sums.sum()
}
