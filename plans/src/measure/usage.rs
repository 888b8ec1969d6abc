//! `{ usage = "amount" / "quantity" }`: one item per contract and calendar month, or per month over all contracts, on the
//! last of its days that count.

use std::fmt;

use ledger::date::Day;
use ledger::exact::Exact;
use ledger::fact::item_key::ItemKey;
use projections::knowledge::{Contract, MeteredRun};
use projections::position::Position;
use projections::view::View;

use super::baseline::baseline;
use super::cell::Cell;
use super::days::{CountedDays, months};
use super::metered::{ContractCredit, measures, reading};
use crate::filter::passes;
use crate::incremental::day_ranges::DayRanges;
use crate::item::{Item, Subject};
use crate::plan::{Baseline, Credit, Measure, Per, UsageValue};
use crate::why::{Formula, StepKind};

pub(super) fn items<'k>(cell: Cell<'_, 'k>) -> Vec<Item<'k>> {
    let months = months(cell, cell.last_day(), |measure| matches!(measure, Measure::Usage { .. }));
    if months.is_empty() {
        return Vec::new();
    }
    let mut items = Vec::new();
    for credit in cell.credits(|measure| matches!(measure, Measure::Usage { .. })) {
        let months = months.iter().filter(|counted| counted.component.credit == *credit);
        let (known, months) = split_known(cell, months);
        items.extend(known_items(cell, credit, known));
        let credited = contracts(cell, credit, &months);
        let (single, summed): (Vec<_>, Vec<_>) = months.into_iter().partition(|counted| per(counted) == &Per::Contract);
        items.extend(credited.iter().flat_map(|credited| contract_items(cell, credited, &single)));
        items.extend(month_items(cell, &credited, &summed));
    }
    items
}

/// The contracts in the region with usage that counts in these months, and the payee's share of each.
fn contracts<'k>(cell: Cell<'_, 'k>, credit: &Credit, months: &[&CountedDays<'k>]) -> Vec<ContractCredit<'k>> {
    let (Some(first), Some(last)) = (months.first(), months.last()) else { return Vec::new() };
    let (context, from, to) = (cell.context, first.from(), last.to);
    let looked_at = months.iter().map(|counted| usage_from(counted)).min().unwrap_or(from);
    let sources = context.credit.sources(cell.payee, credit);
    let contracts = sources.contracts(context.view).iter().copied();
    let contracts = contracts.filter(|contract| cell.region.meets_of(&contract.account, from, to));
    let contracts = contracts.filter(|contract| {
        used_days(context.view, contract).is_some_and(|(first, last)| first <= to && last >= looked_at)
    });
    let credited = contracts.map(|contract| {
        let share_intervals = context.credit.share_intervals(contract, cell.payee, credit, (from, to));
        ContractCredit { contract, share_intervals }
    });
    credited.collect()
}

/// The first day whose usage counts for a month.
fn usage_from(counted: &CountedDays<'_>) -> Day {
    match per(counted) {
        Per::Contract | Per::Month | Per::MonthAbove(Baseline::Amount(_)) => counted.month.first(),
        Per::MonthAbove(Baseline::PreviousPeriod(_)) => counted.previous_period().first_day(),
    }
}

/// The first and the last day that any usage of a contract ever covered.
fn used_days(view: View<'_>, contract: &Contract) -> Option<(Day, Day)> {
    let runs = || view.runs_of(contract);
    let first = runs().filter_map(|run| run.run.first_day()).min()?;
    Some((first, runs().filter_map(|run| run.run.last_day()).max()?))
}

fn per<'k>(counted: &CountedDays<'k>) -> &'k Per {
    match &counted.component.measure {
        Measure::Usage { per, .. } => per,
        _ => &Per::Contract,
    }
}

/// A contract's sum of a month, with its arithmetic.
struct Sum {
    total: Exact,
    formula: Formula,
    from: Vec<Position>,
}

impl Sum {
    fn nothing() -> Sum {
        Sum { total: Exact::ZERO, formula: Formula::default(), from: Vec::new() }
    }
}

fn contract_items<'k>(cell: Cell<'_, 'k>, credited: &ContractCredit<'k>, months: &[&CountedDays<'k>]) -> Vec<Item<'k>> {
    let Some((first, last)) = used_days(cell.context.view, credited.contract) else { return Vec::new() };
    // A month before the first usage or after the last has no item.
    let used = months.iter().filter(|counted| counted.month.first() <= last && counted.month.last() >= first);
    let account = &credited.contract.account;
    let months = used.filter(|counted| cell.region.meets_of(account, counted.month.first(), counted.month.last()));
    months.filter_map(|counted| contract_item(cell, credited, counted)).collect()
}

fn contract_item<'k>(cell: Cell<'_, 'k>, credited: &ContractCredit<'k>, counted: &CountedDays<'k>) -> Option<Item<'k>> {
    let contract = credited.contract;
    let key = ItemKey::ContractMonth { contract: contract.id.clone(), month: counted.month };
    let mut sum = Sum::nothing();
    if !add_contract(cell, credited, counted, &key, &mut sum) {
        return None;
    }
    let why = if cell.context.explains() {
        vec![sum.formula.step(StepKind::Credit, &sum.total, sum.from)]
    } else {
        Vec::new()
    };
    Some(Item {
        key,
        date: counted.to,
        value: sum.total,
        pays: None,
        published: counted.published,
        component: counted.component,
        subject: Subject::of_contract(&contract.id, &contract.account),
        why,
    })
}

/// A month whose sum at the previous close is known.
struct KnownMonth<'m, 'k> {
    counted: &'m CountedDays<'k>,
    sum: Exact,
}

/// Divides months into those whose sum at the previous close and whose changes are known, and the others.
fn split_known<'m, 'k>(
    cell: Cell<'_, 'k>,
    months: impl Iterator<Item = &'m CountedDays<'k>>,
) -> (Vec<KnownMonth<'m, 'k>>, Vec<&'m CountedDays<'k>>) {
    let knowledge = cell.context.view.knowledge;
    let changed = cell.known.into_iter().flat_map(|known| known.changed.accounts());
    // A contract that was moved from one account to another may count elsewhere than before.
    let reassigned = changed.filter(|(account, _)| knowledge.contracts_of(account).any(|contract| contract.shares_id));
    let reassigned: Vec<&DayRanges> = reassigned.map(|(_, dates)| dates).collect();
    let (mut found, mut others) = (Vec::new(), Vec::new());
    for counted in months {
        let (first, last) = (counted.month.first(), counted.month.last());
        let is_whole = cell.context.explains() || reassigned.iter().any(|dates| dates.meets(first, last));
        let known = cell.known.filter(|_| !is_whole);
        match known.and_then(|known| known.month(cell.term.first, counted.month)) {
            Some(sum) => found.push(KnownMonth { counted, sum: sum.clone() }),
            None => others.push(counted),
        }
    }
    (found, others)
}

/// The items of known months: the sum of the previous close, plus what the contracts of changed accounts amount to
/// now, minus what they amounted to then.
fn known_items<'k>(cell: Cell<'_, 'k>, credit: &Credit, mut months: Vec<KnownMonth<'_, 'k>>) -> Vec<Item<'k>> {
    let Some(known) = cell.known else { return Vec::new() };
    let previous = Cell { context: known.previous, ..cell };
    for (account, dates) in known.changed.accounts() {
        let meets =
            |known: &&mut KnownMonth<'_, 'k>| dates.meets(known.counted.month.first(), known.counted.month.last());
        let mut changed_months: Vec<&mut KnownMonth<'_, 'k>> = months.iter_mut().filter(meets).collect();
        let (Some(first), Some(last)) = (changed_months.first(), changed_months.last()) else { continue };
        let (first, last) = (first.counted.from(), last.counted.to);
        for contract in cell.context.view.knowledge.contracts_of(account) {
            let contract_credit = |cell: Cell<'_, 'k>| {
                let share_intervals = cell.context.credit.share_intervals(contract, cell.payee, credit, (first, last));
                ContractCredit { contract, share_intervals }
            };
            let (credit_now, credit_then) = (contract_credit(cell), contract_credit(previous));
            for KnownMonth { counted, sum } in &mut changed_months {
                let (mut now, mut then) = (Sum::nothing(), Sum::nothing());
                add_contract(cell, &credit_now, counted, &counted.month, &mut now);
                add_contract(previous, &credit_then, counted, &counted.month, &mut then);
                *sum = &(&*sum + &now.total) - &then.total;
            }
        }
    }
    let items = months
        .into_iter()
        .map(|KnownMonth { counted, sum }| month_item(cell, &[], counted, Sum { total: sum, ..Sum::nothing() }));
    items.collect()
}

/// One item per month: the sum over contracts, or its part above the baseline.
fn month_items<'k>(cell: Cell<'_, 'k>, credited: &[ContractCredit<'k>], months: &[&CountedDays<'k>]) -> Vec<Item<'k>> {
    let mut sums: Vec<Sum> = months.iter().map(|_| Sum::nothing()).collect();
    // Contract by contract, because the usage of a contract is together in memory.
    for credited in credited {
        for (counted, sum) in months.iter().zip(&mut sums) {
            add_contract(cell, credited, counted, &counted.month, sum);
        }
    }
    months.iter().zip(sums).map(|(counted, sum)| month_item(cell, credited, counted, sum)).collect()
}

fn month_item<'k>(
    cell: Cell<'_, 'k>,
    credited: &[ContractCredit<'k>],
    counted: &CountedDays<'k>,
    sum: Sum,
) -> Item<'k> {
    let explains = cell.context.explains();
    let mut why = if explains { vec![sum.formula.step(StepKind::Credit, &sum.total, sum.from)] } else { Vec::new() };
    let value = match per(counted) {
        Per::Contract | Per::Month => sum.total,
        Per::MonthAbove(assumed) => {
            let baseline = baseline(cell, credited, counted, assumed);
            let above = (&sum.total - &baseline.amount).max(Exact::ZERO);
            if explains {
                let formula = Formula::default().sign("max(").number("nothing", &Exact::ZERO).sign(", ");
                let formula =
                    formula.number("used", &sum.total).sign(" - ").number("baseline", &baseline.amount).sign(")");
                why.extend(baseline.steps);
                why.push(formula.step(StepKind::Baseline, &above, []));
            }
            above
        }
    };
    let (published, component) = (counted.published, counted.component);
    Item {
        key: ItemKey::Month(counted.month),
        date: counted.to,
        value,
        pays: None,
        published,
        component,
        subject: Subject::default(),
        why,
    }
}

/// Adds the days of a contract that count, each at the payee's share. False if `where` excludes the contract.
fn add_contract(
    cell: Cell<'_, '_>,
    credited: &ContractCredit<'_>,
    counted: &CountedDays<'_>,
    item: &dyn fmt::Display,
    sum: &mut Sum,
) -> bool {
    let Measure::Usage { value, meters, .. } = &counted.component.measure else { return false };
    let view = cell.context.view;
    let subject = Subject::of_contract(&credited.contract.id, &credited.contract.account);
    if !passes(&counted.component.filter, view, &subject, counted.to) {
        return false;
    }
    if credited.shares_on(&counted.days).next().is_some() {
        for run in view.runs_of(credited.contract).filter(|run| measures(meters, run)) {
            add_run(cell, (credited, run), *value, counted, item, sum);
        }
    }
    true
}

/// Adds the usage of one meter, each interval of days at its share.
fn add_run(
    cell: Cell<'_, '_>,
    (credited, run): (&ContractCredit<'_>, &MeteredRun),
    value: UsageValue,
    counted: &CountedDays<'_>,
    item: &dyn fmt::Display,
    sum: &mut Sum,
) {
    let context = cell.context;
    for (from, to, interval) in credited.shares_on(&counted.days) {
        let used = context.view.usage(run, from, to, reading(value));
        if used.is_zero() {
            if context.explains() {
                sum.from.extend(context.view.snapshots(run, from, to).iter().map(|snapshot| snapshot.position));
            }
            continue;
        }
        let (rate, rate_position) = match value {
            UsageValue::Amount => context.rate(run.currency, counted.published.plan.currency, counted.to, item),
            UsageValue::Quantity => (Exact::ONE, None),
        };
        sum.total += &(&(&used * &interval.share) * &rate);
        if context.explains() {
            let formula = std::mem::take(&mut sum.formula).plus();
            let meter = run.run.meter.as_ref().map_or_else(String::new, |meter| format!(" {meter}"));
            let name = format!("{}{meter} used {from}..{to}", credited.contract.id);
            let formula = formula.number(&name, &used).sign(" * ").number("share", &interval.share);
            let converted = rate_position.is_some();
            sum.formula = if converted { formula.sign(" * ").number("exchange rate", &rate) } else { formula };
            let snapshots = context.view.snapshots(run, from, to);
            let positions = snapshots.iter().map(|snapshot| snapshot.position);
            sum.from.extend(positions.chain([interval.split]).chain(rate_position));
        }
    }
}
