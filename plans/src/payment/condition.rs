//! Conditions of installments and clawbacks (calculation.md 7).

use ledger::date::Day;
use ledger::exact::Exact;
use ledger::fact::Signal;
use ledger::id::Name;
use projections::view::FactRef;

use crate::context::Context;
use crate::evaluation_fault::EarlyUsage;
use crate::item::Item;
use crate::payment::burn::{burn, snapshot_positions};
use crate::payment::condition_result::{ConditionResult, early_usage, usage_to_come};
use crate::plan::{Condition, LevelTest};
use crate::why::{Formula, Step, StepKind};

/// Whether all conditions are met for an item on a day. Steps for all of them are added to `why`.
pub fn judge(
    context: &Context<'_>,
    item: &Item<'_>,
    conditions: &[Condition],
    day: Day,
    why: &mut Vec<Step>,
) -> ConditionResult {
    // All are tested, so that all are explained.
    conditions
        .iter()
        .fold(ConditionResult::Met, |all, condition| all.and(judge_one(context, item, condition, day, why)))
}

/// The usage that was missing when conditions were decided, and without which they would not have been, if the account were
/// tracked up to its last usage; `None` if none was.
pub fn decided_early(context: &Context<'_>, item: &Item<'_>, conditions: &[Condition], day: Day) -> Option<EarlyUsage> {
    let early: Vec<Option<EarlyUsage>> =
        conditions.iter().map(|condition| early_of(context, item, condition, day)).collect();
    // Nearly always none is, and then the conditions are not judged again.
    let found = early.iter().flatten().max().copied()?;
    let results = conditions.iter().zip(&early).map(|(condition, early)| match early {
        Some(early) => ConditionResult::Undecided(early.through),
        None => judge_one(context, item, condition, day, &mut Vec::new()),
    });
    let all = results.fold(ConditionResult::Met, ConditionResult::and);
    matches!(all, ConditionResult::Undecided(_)).then_some(found)
}

/// The usage that is missing to decide a condition.
fn early_of(context: &Context<'_>, item: &Item<'_>, condition: &Condition, day: Day) -> Option<EarlyUsage> {
    let (Condition::Burn { window, test }, Some(booking)) = (condition, item.subject.booking) else { return None };
    // The search for usage behind the window is cheaper than a burn.
    let early = early_usage(context, booking, (window.before(day), day.previous()))?;
    let fraction = burn(context, booking, day, *window, item.date);
    (!is_settled(&fraction.value, test)).then_some(early)
}

fn judge_one(
    context: &Context<'_>,
    item: &Item<'_>,
    condition: &Condition,
    day: Day,
    why: &mut Vec<Step>,
) -> ConditionResult {
    match condition {
        Condition::Burn { window, test } => {
            // An item without a booking has no commitment, so its condition on burn fails.
            let Some(booking) = item.subject.booking else { return ConditionResult::NotMet };
            let fraction = burn(context, booking, day, *window, item.date);
            let days = (window.before(day), day.previous());
            let to_come = if is_settled(&fraction.value, test) { None } else { usage_to_come(context, booking, days) };
            if let Some(step) = fraction.step {
                let step = step.with(snapshot_positions(context, booking, days.0, days.1));
                why.push(match to_come {
                    Some(to_come) => step.with([to_come.complete]).awaiting_usage(to_come.through),
                    None => step,
                });
            }
            to_come.map_or(ConditionResult::of(passes(&fraction.value, test)), |to_come| {
                ConditionResult::Undecided(to_come.through)
            })
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
                ConditionResult::of(passes(&value, test))
            }
            None => ConditionResult::NotMet,
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
            ConditionResult::of(seen.is_some())
        }
    }
}

/// Whether no usage to come can change the result of a test of burn. Usage only adds: what has reached the bound has reached
/// it for good.
fn is_settled(burn: &Exact, test: &LevelTest) -> bool {
    match test {
        LevelTest::AtLeast(bound) | LevelTest::Below(bound) => burn >= bound,
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
pub fn latest_reading<'k>(
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
