//! Conditions of installments and clawbacks (calculation.md 7).

use ledger::date::Day;
use ledger::exact::Exact;
use ledger::fact::Signal;
use ledger::id::Name;
use projections::view::FactRef;

use crate::context::Context;
use crate::item::Item;
use crate::payment::burn::{burn, snapshot_positions};
use crate::plan::{Condition, LevelTest};
use crate::why::{Formula, Step, StepKind};

/// Whether all conditions hold for an item on a day. Steps for all of them are added to `why`.
pub fn hold(context: &Context<'_>, item: &Item<'_>, conditions: &[Condition], day: Day, why: &mut Vec<Step>) -> bool {
    // All are tested, so that all are explained.
    let failed = conditions.iter().filter(|condition| !holds(context, item, condition, day, why));
    failed.count() == 0
}

fn holds(context: &Context<'_>, item: &Item<'_>, condition: &Condition, day: Day, why: &mut Vec<Step>) -> bool {
    match condition {
        Condition::Burn { window, test } => {
            // An item without a booking has no commitment, so its condition on burn fails.
            let Some(booking) = item.subject.booking else { return false };
            let fraction = burn(context, booking, day, *window, item.date);
            if let Some(step) = fraction.step {
                why.push(step.with(snapshot_positions(context, booking, window.before(day), day.previous())));
            }
            passes(&fraction.value, test)
        }
        Condition::Metric { name, test } => match latest_reading(context, item, name, day) {
            Some((signal, value)) => {
                if context.explains() {
                    why.push(Formula::default().number(name.as_str(), &value).step(
                        StepKind::Condition,
                        &value,
                        [signal.position],
                    ));
                }
                passes(&value, test)
            }
            None => false,
        },
        Condition::Signal(name) => {
            let seen = signals(context, item, name, day).next();
            if let Some(signal) = seen.filter(|_| context.explains()) {
                why.push(Formula::default().number(&format!("{name} seen"), &Exact::ONE).step(
                    StepKind::Condition,
                    &Exact::ONE,
                    [signal.position],
                ));
            }
            seen.is_some()
        }
    }
}

/// Whether a value is on the right side of a bound.
pub fn passes(value: &Exact, test: &LevelTest) -> bool {
    match test {
        LevelTest::AtLeast(least) => value >= least,
        LevelTest::Below(limit) => value < limit,
    }
}

/// Signals of a name that count for an item by a day: on its booking, contract or account.
pub fn signals<'k>(
    context: &Context<'k>,
    item: &Item<'_>,
    name: &Name,
    day: Day,
) -> impl Iterator<Item = FactRef<'k, Signal>> {
    let view = context.view;
    item.subject.things.iter().flat_map(move |thing| view.signals_on(thing, name, day))
}

/// The latest reading for an item up to a day, and its value; of one day the last recorded.
fn latest_reading<'k>(
    context: &Context<'k>,
    item: &Item<'_>,
    name: &Name,
    day: Day,
) -> Option<(FactRef<'k, Signal>, Exact)> {
    let valued =
        signals(context, item, name, day).filter_map(|signal| signal.fact.value.map(|value| (signal, value.exact())));
    valued.max_by_key(|(signal, _)| (signal.fact.at, signal.position))
}

/// A condition in words, such as `burn 90 days >= 25%`.
pub fn words(condition: &Condition) -> String {
    let (what, test, percent) = match condition {
        Condition::Burn { window, test } => (format!("burn {window}"), test, true),
        Condition::Metric { name, test } => (name.as_str().to_owned(), test, false),
        Condition::Signal(name) => return format!("signal {name}"),
    };
    let (sign, bound) = match test {
        LevelTest::AtLeast(bound) => (">=", bound),
        LevelTest::Below(bound) => ("<", bound),
    };
    if percent { format!("{what} {sign} {}%", bound * &Exact::whole(100)) } else { format!("{what} {sign} {bound}") }
}
