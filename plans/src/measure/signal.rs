//! `{ signal = NAME, value = "count" / "value" }`: one item per signal, on its date.

use ledger::exact::Exact;
use ledger::fact::Signal;
use ledger::fact::item_key::ItemKey;
use projections::position::Position;
use projections::view::FactRef;

use super::cell::Cell;
use crate::credit::index::{Credited, subject_of_signal};
use crate::evaluation_fault::EvaluationWarning;
use crate::filter::passes;
use crate::item::Item;
use crate::plan::{Credit, Measure, SignalValue};
use crate::why::{Formula, StepKind};

pub(super) fn items<'k>(cell: Cell<'_, 'k>) -> Vec<Item<'k>> {
    let index = &cell.context.credit;
    let credits = cell.credits(|measure| matches!(measure, Measure::Signal { .. }));
    let signals = credits.iter().flat_map(|credit| {
        let signals = index.signals_for(cell.payee, credit, cell.region).into_iter();
        signals.filter_map(|credited| item(cell, credited, credit))
    });
    signals.collect()
}

fn item<'k>(cell: Cell<'_, 'k>, credited: Credited<'k, Signal>, credit: &Credit) -> Option<Item<'k>> {
    let (context, signal) = (cell.context, credited.on);
    let date = signal.fact.at;
    if !cell.contains(date) {
        return None;
    }
    let (published, component) = cell.rules_on(date)?;
    let Measure::Signal { name, value } = &component.measure else { return None };
    if *name != signal.fact.signal || component.credit != *credit {
        return None;
    }
    let share = context.credit.hierarchy.counted(credited.shares, cell.payee, credit, date);
    let subject = subject_of_signal(context.view, context.day, signal);
    if !cell.region.contains(subject.account.as_ref(), date) {
        return None;
    }
    if !passes(&component.filter, context.view, &subject, date) {
        return None;
    }
    let key = ItemKey::Fact(signal.stored.first_id);
    // Without a share it amounts to nothing, and needs no exchange rate for that.
    let (amount, rate, rate_position) = if share.is_zero() {
        (Exact::ZERO, Exact::ONE, None)
    } else {
        amount(cell, signal, *value, published.plan.currency, &key)
    };
    let value = &(&amount * &rate) * &share;
    let mut why = Vec::new();
    if context.explains() {
        let formula = Formula::default().number("value", &amount).sign(" * ");
        let formula =
            if rate_position.is_some() { formula.number("exchange rate", &rate).sign(" * ") } else { formula };
        let formula = formula.number("share", &share);
        why.push(formula.step(
            StepKind::Credit,
            &value,
            [signal.position, credited.split].into_iter().chain(rate_position),
        ));
    }
    Some(Item { key, date, value, pays: None, published, component, subject, why })
}

fn amount(
    cell: Cell<'_, '_>,
    signal: FactRef<'_, Signal>,
    value: SignalValue,
    currency: ledger::money::Currency,
    item: &ItemKey,
) -> (Exact, Exact, Option<Position>) {
    match (value, signal.fact.value) {
        (SignalValue::Count, _) => (Exact::ONE, Exact::ONE, None),
        (SignalValue::Value, Some(amount)) => {
            // A value without currency is in the plan's.
            let (rate, position) =
                cell.context.rate(signal.fact.currency.unwrap_or(currency), currency, signal.fact.at, item);
            (amount.exact(), rate, position)
        }
        (SignalValue::Value, None) => {
            let (signal, at, item) = (signal.fact.signal.clone(), signal.fact.at, item.to_string());
            cell.context.warn(EvaluationWarning::SignalWithoutValue { signal, at, item });
            (Exact::ZERO, Exact::ONE, None)
        }
    }
}
