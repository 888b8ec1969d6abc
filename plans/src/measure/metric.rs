//! `{ metric = NAME }`: a level, from the readings of the accounts that a payee has a share of.

use std::collections::BTreeMap;

use ledger::exact::Exact;
use ledger::fact::Signal;
use ledger::id::{AccountId, Name, PayeeId};
use projections::view::FactRef;

use super::cell::Cell;
use super::days::CountedPeriod;
use crate::credit::index::subject_of_signal;
use crate::filter::passes;
use crate::incremental::region::Region;
use crate::plan::Reading;
use crate::why::{Formula, Step, StepKind};

/// Readings of an account or, where none is named, of a payee, in order of date and position.
type Readings<'k> = BTreeMap<(Option<AccountId>, Option<PayeeId>), Vec<(FactRef<'k, Signal>, Exact)>>;

/// The level at a period's date.
pub(super) fn level(
    cell: Cell<'_, '_>,
    counted: &CountedPeriod<'_>,
    name: &Name,
    take: Reading,
) -> (Exact, Option<Step>) {
    let readings = readings(cell, counted, name);
    let count = Exact::from(readings.len() as i32);
    if readings.is_empty() {
        let step = || Formula::default().number("no reading", &Exact::ZERO).step(StepKind::Credit, &Exact::ZERO, []);
        return (Exact::ZERO, cell.context.explains().then(step));
    }
    let mut sum = Exact::ZERO;
    let mut formula = Formula::default().sign("(");
    let mut from = Vec::new();
    for (about, list) in &readings {
        let of_account: &[(FactRef<'_, Signal>, Exact)] = match take {
            Reading::Last => &list[list.len() - 1..],
            Reading::Average => list,
        };
        let total: Exact = of_account.iter().map(|(_, value)| value.clone()).sum();
        let size = Exact::from(of_account.len() as i32);
        sum += &(&total / &size);
        let account = about.0.as_ref().map_or("payee", AccountId::as_str);
        formula = formula.plus().number(&format!("sum of {account}"), &total).sign(" / ").number("readings", &size);
        from.extend(of_account.iter().map(|(signal, _)| signal.position));
    }
    let level = &sum / &count;
    let step = cell
        .context
        .explains()
        .then(|| formula.sign(") / ").number("accounts", &count).step(StepKind::Credit, &level, from));
    (level, step)
}

/// Readings with a value, dated on days that count, of what the payee has a share of on their date.
fn readings<'k>(cell: Cell<'_, 'k>, counted: &CountedPeriod<'_>, name: &Name) -> Readings<'k> {
    let (view, index) = (cell.context.view, &cell.context.credit);
    let component = counted.component;
    let mut readings: Readings<'k> = BTreeMap::new();
    let mut days = Region::nothing();
    counted.days.ranges().iter().for_each(|(from, to)| days.add(None, *from, *to));
    let mut signals = index.signals_for(cell.payee, &component.credit, &days);
    signals.sort_by_key(|credited| (credited.on.fact.at, credited.on.position));
    for credited in signals {
        let (signal, at) = (credited.on, credited.on.fact.at);
        let Some(value) = signal.fact.value.filter(|_| signal.fact.signal == *name) else { continue };
        let counts = counted.days.contains(at);
        let subject = subject_of_signal(view, cell.context.day, signal);
        let share = index.hierarchy.counted(credited.shares, cell.payee, &component.credit, at);
        if !counts || share.is_zero() || !passes(&component.filter, view, &subject, counted.date) {
            continue;
        }
        let about = match subject.account {
            Some(account) => (Some(account), None),
            None => (None, signal.fact.payee.clone()),
        };
        readings.entry(about).or_default().push((signal, value.exact()));
    }
    readings
}
