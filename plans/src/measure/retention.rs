//! `{ retention = "net" / "gross", over = "12 months" }`: a level, the usage of a window divided by that of the
//! window before.

use ledger::date::{Day, Span};
use ledger::exact::Exact;
use ledger::id::Name;
use projections::knowledge::Contract;
use projections::usage::UsageColumn;

use super::cell::Cell;
use super::days::CountedPeriod;
use super::metered::measures;
use crate::filter::passes;
use crate::item::Subject;
use crate::plan::Retention;
use crate::why::{Formula, Step, StepKind};

/// The level at the date of a period: later usage divided by earlier usage. Contracts with usage above 0 in the
/// earlier window count, weighted by the payee's share on the date.
pub(super) fn level(
    cell: Cell<'_, '_>,
    counted: &CountedPeriod<'_>,
    kind: Retention,
    over: Span,
    meters: &[Name],
) -> (Exact, Option<Step>) {
    let (view, index) = (cell.context.view, &cell.context.credit);
    let later_from = over.before(counted.date.next());
    let (earlier_from, earlier_to) = (over.before(later_from), later_from.previous());
    let (mut later_sum, mut earlier_sum) = (Exact::ZERO, Exact::ZERO);
    let (mut later_formula, mut earlier_formula) = (Formula::default(), Formula::default());
    let mut from = Vec::new();
    let day = (counted.date, counted.date);
    for contract in index.sources(cell.payee, &counted.component.credit).contracts(view) {
        let shares = index.share_intervals(contract, cell.payee, &counted.component.credit, day);
        let share: Exact = shares.into_iter().map(|interval| interval.share).sum();
        let subject = Subject::of_contract(&contract.id, &contract.account);
        if share.is_zero() || !passes(&counted.component.filter, view, &subject, counted.date) {
            continue;
        }
        let earlier = used(cell, counted, contract, meters, earlier_from, earlier_to);
        if !earlier.is_positive() {
            continue;
        }
        let all = used(cell, counted, contract, meters, later_from, counted.date);
        let later = match kind {
            Retention::Net => all,
            Retention::Gross => all.min(earlier.clone()),
        };
        later_sum += &(&share * &later);
        earlier_sum += &(&share * &earlier);
        if cell.context.explains() {
            later_formula = later_formula
                .plus()
                .number("share", &share)
                .sign(" * ")
                .number(&format!("{} later", contract.id), &later);
            earlier_formula = earlier_formula
                .plus()
                .number("share", &share)
                .sign(" * ")
                .number(&format!("{} earlier", contract.id), &earlier);
            let snapshots = view.runs_of(contract).flat_map(|run| view.snapshots(run, earlier_from, counted.date));
            from.extend(snapshots.map(|snapshot| snapshot.position));
        }
    }
    let level = if earlier_sum.is_zero() { Exact::ZERO } else { &later_sum / &earlier_sum };
    let step = cell.context.explains().then(|| {
        if earlier_sum.is_zero() {
            Formula::default().number("no usage before", &Exact::ZERO).step(StepKind::Credit, &level, [])
        } else {
            Formula::quotient(later_formula, earlier_formula).step(StepKind::Credit, &level, from)
        }
    });
    (level, step)
}

fn used(
    cell: Cell<'_, '_>,
    counted: &CountedPeriod<'_>,
    contract: &Contract,
    meters: &[Name],
    from: Day,
    to: Day,
) -> Exact {
    let context = cell.context;
    let key = counted.period.key(counted.published.plan.year_start);
    let runs = context.view.runs_of(contract).filter(|run| measures(meters, run));
    let sums = runs.map(|run| {
        let used = context.view.usage(run, from, to, UsageColumn::Amount);
        if used.is_zero() {
            used
        } else {
            used * context.rate(run.currency, counted.published.plan.currency, counted.date, &key).0
        }
    });
    sums.sum()
}
