//! `{ growth = "90 days" }`: the run rate above an earlier one, one item per performance period.

use ledger::date::{Day, Span};
use ledger::exact::Exact;
use ledger::fact::item_key::ItemKey;
use projections::knowledge::Contract;

use super::cell::Cell;
use super::days::{CountedPeriod, periods};
use super::metered::measures;
use crate::filter::passes;
use crate::item::{Item, Subject};
use crate::plan::{Against, Measure};
use crate::term::terms;
use crate::why::{Formula, StepKind};

pub(super) fn items<'k>(cell: Cell<'_, 'k>) -> Vec<Item<'k>> {
    if cell.credits(|measure| matches!(measure, Measure::Growth { .. })).is_empty() {
        return Vec::new();
    }
    let periods = periods(cell, cell.last_day(), |component| matches!(component.measure, Measure::Growth { .. }));
    periods.iter().map(|counted| item(cell, counted)).collect()
}

/// A contract and the payee's share of it on the item's date. Every window uses this share.
struct ContractShare<'k> {
    contract: &'k Contract,
    share: Exact,
}

/// A window's run rate, with its arithmetic.
struct RunRate {
    amount: Exact,
    formula: Formula,
    from: Vec<u32>,
}

fn item<'k>(cell: Cell<'_, 'k>, counted: &CountedPeriod<'k>) -> Item<'k> {
    let key = counted.period.key(counted.published.plan.year_start);
    let Measure::Growth { window, against, retained, .. } = &counted.component.measure else {
        unreachable!("BUG: a growth item of another measure")
    };
    let held = held(cell, counted);
    let now = run_rate(cell, counted, &held, *window, counted.date, &key);
    let base = baseline(cell, counted, &held, (*window, *against), &key);
    let value = (&now.amount - &(retained * &base.amount)).max(Exact::ZERO);
    let mut why = Vec::new();
    if cell.context.explains() {
        let formula =
            Formula::default().sign("max(").number("nothing", &Exact::ZERO).sign(", ").number("run rate", &now.amount);
        let formula =
            formula.sign(" - ").number("retained", retained).sign(" * ").number("baseline", &base.amount).sign(")");
        why.push(now.formula.step(StepKind::Credit, &now.amount, now.from));
        why.push(base.formula.step(StepKind::Baseline, &base.amount, base.from));
        why.push(formula.step(StepKind::Credit, &value, [counted.published.position]));
    }
    let (published, component) = (counted.published, counted.component);
    Item { key, date: counted.date, value, pays: None, published, component, subject: Subject::default(), why }
}

fn held<'k>(cell: Cell<'_, 'k>, counted: &CountedPeriod<'k>) -> Vec<ContractShare<'k>> {
    let (view, index) = (cell.context.view, &cell.context.credit);
    let component = counted.component;
    let given = index.sources(cell.payee, &component.credit);
    let passing = given.contracts(view).iter().copied().filter(|contract| {
        let subject = Subject::of_contract(&contract.id, &contract.account);
        passes(&component.filter, view, &subject, counted.date)
    });
    let day = (counted.date, counted.date);
    let shares = passing.map(|contract| {
        let share_intervals = index.share_intervals(contract, cell.payee, &component.credit, day);
        ContractShare { contract, share: share_intervals.into_iter().map(|interval| interval.share).sum() }
    });
    shares.filter(|held| !held.share.is_zero()).collect()
}

/// share x usage(window) x 365 / N for N days, x 12 / N for N months, the window ending with a day.
fn run_rate(
    cell: Cell<'_, '_>,
    counted: &CountedPeriod<'_>,
    held: &[ContractShare<'_>],
    window: Span,
    day: Day,
    item: &ItemKey,
) -> RunRate {
    let Measure::Growth { meters, .. } = &counted.component.measure else {
        unreachable!("BUG: growth of another measure")
    };
    let context = cell.context;
    let (year, length) = match window {
        Span::Days(days) => (365, days),
        Span::Months(months) => (12, months),
    };
    let (year, length) = (Exact::from(year), Exact::from(i32::from(length)));
    let from = window.before(day.next());
    let mut result = RunRate { amount: Exact::ZERO, formula: Formula::default(), from: Vec::new() };
    for held in held {
        for run in context.view.runs_of(held.contract).filter(|run| measures(meters, run)) {
            let used = context.view.usage(run, from, day, projections::usage::UsageColumn::Amount);
            if used.is_zero() {
                continue;
            }
            let (rate, position) = context.rate(run.currency, counted.published.plan.currency, counted.date, item);
            result.amount += &(&held.share * &used * &rate * &year / &length);
            if context.explains() {
                let formula = std::mem::take(&mut result.formula).plus().number("share", &held.share).sign(" * ");
                let formula = formula.number(&format!("{} used {from}..{day}", held.contract.id), &used);
                let formula =
                    if position.is_some() { formula.sign(" * ").number("exchange rate", &rate) } else { formula };
                result.formula = formula.sign(" * ").number("a year", &year).sign(" / ").number("window", &length);
                result.from.extend(context.view.snapshots(run, from, day).iter().map(|snapshot| snapshot.position));
                result.from.extend(position);
            }
        }
    }
    result
}

/// The run rate that growth is compared with, with the shares of the item's date.
fn baseline(
    cell: Cell<'_, '_>,
    counted: &CountedPeriod<'_>,
    held: &[ContractShare<'_>],
    (window, against): (Span, Against),
    item: &ItemKey,
) -> RunRate {
    let at = |day: Day| run_rate(cell, counted, held, window, day, item);
    let days: Vec<Day> = match against {
        // The window before is counted from this one's first day.
        Against::Rolling => vec![window.before(counted.date.next()).previous()],
        Against::PeriodStart => vec![counted.period.first_day().previous()],
        Against::HighWater => high_water_days(cell, counted),
    };
    let continued = continued_from(cell);
    let rates = days.into_iter().chain(continued).map(at);
    rates
        .reduce(|highest, rate| if rate.amount > highest.amount { rate } else { highest })
        .expect("there is always a day")
}

/// The day before the assignment and the end of each of its earlier performance periods.
fn high_water_days(cell: Cell<'_, '_>, counted: &CountedPeriod<'_>) -> Vec<Day> {
    let first = cell.term.first;
    let mut days = vec![first.previous()];
    let mut period =
        crate::calendar::PeriodSpan::of(counted.component.period, counted.published.plan.year_start, first);
    while period.last_day() < counted.period.first_day() {
        days.push(period.last_day());
        period.first = period.first.plus(period.months);
    }
    days
}

/// The day before the assignment, if the payee was assigned to the same plan then, so that growth before it is not
/// paid again.
fn continued_from(cell: Cell<'_, '_>) -> Option<Day> {
    let before = cell.term.first.previous();
    let terms = terms(cell.context.view, cell.payee);
    terms.iter().any(|term| term.plan() == cell.term.plan() && term.contains(before)).then_some(before)
}
