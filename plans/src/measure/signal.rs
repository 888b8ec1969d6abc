//! `{ signal = NAME, value = "count" / "value" }`: one item per signal, on its date.

use ledger::exact::Exact;
use ledger::fact::{Role, Signal};
use ledger::problem::Problem;
use projections::life::Position;
use projections::view::At;

use super::Cell;
use crate::credit::{share, subject_of_signal};
use crate::filter::passes;
use crate::item::Item;
use crate::plan::{Measure, SignalValue};
use crate::why::{Formula, StepKind};

pub(super) fn items<'k>(cell: Cell<'_, 'k>) -> Vec<Item<'k>> {
    let context = cell.context;
    let shared = context.credit.signals(cell.payee).iter();
    let shared = shared.filter_map(|credited| {
        let share = |roles: &[Role]| share(credited.shares, cell.payee, roles);
        item(cell, credited.on, Some(credited.split), &share)
    });
    // One that names a payee is a primary credit of 100 % to that payee, and to nobody else.
    let whole = |roles: &[Role]| if roles.contains(&Role::Primary) { Exact::ONE } else { Exact::ZERO };
    let to_payee = context.view.signals_to(cell.payee).filter(|signal| signal.fact.at <= context.day);
    shared.chain(to_payee.filter_map(|signal| item(cell, signal, None, &whole))).collect()
}

fn item<'k>(
    cell: Cell<'_, 'k>,
    signal: At<'k, Signal>,
    split: Option<Position>,
    share: &dyn Fn(&[Role]) -> Exact,
) -> Option<Item<'k>> {
    let (context, date) = (cell.context, signal.fact.at);
    if !cell.term.contains(date) {
        return None;
    }
    let (published, component) = cell.rules_on(date)?;
    let Measure::Signal { name, value } = &component.measure else { return None };
    if *name != signal.fact.signal {
        return None;
    }
    let share = share(&component.credit);
    let subject = subject_of_signal(context.view, signal);
    if !passes(&component.filter, context.view, &subject, date) {
        return None;
    }
    let key = signal.known.first_id.to_string();
    // Without a share it comes to nothing, and needs no exchange rate for that.
    let (amount, rate_position) = match share.is_zero() {
        true => (Exact::ZERO, None),
        false => amount(cell, signal, *value, published.plan.currency, &key),
    };
    let value = &amount * &share;
    let mut why = Vec::new();
    if context.explains() {
        let formula = Formula::default().number("value", &amount).sign(" * ").number("share", &share);
        why.push(formula.step(
            StepKind::Credit,
            &value,
            [signal.position].into_iter().chain(split).chain(rate_position),
        ));
    }
    Some(Item { key, date, value, published, component, subject, why })
}

fn amount(
    cell: Cell<'_, '_>,
    signal: At<'_, Signal>,
    value: SignalValue,
    currency: ledger::money::Currency,
    key: &str,
) -> (Exact, Option<Position>) {
    match (value, signal.fact.value) {
        (SignalValue::Count, _) => (Exact::ONE, None),
        (SignalValue::Value, Some(amount)) => {
            // A value without currency is in the plan's.
            let (rate, position) =
                cell.context.rate(signal.fact.currency.unwrap_or(currency), currency, signal.fact.at, key);
            (amount.exact() * rate, position)
        }
        (SignalValue::Value, None) => {
            let message = format!(
                "signal `{}` of {} (`{key}`) has no value, and counts as 0",
                signal.fact.signal, signal.fact.at
            );
            cell.context.warn(Problem::new("close-no-value", message, "correct the signal with a `value`"));
            (Exact::ZERO, None)
        }
    }
}
