//! Clawbacks: what is taken back of an item's installments (calculation.md 8).

use ledger::date::Day;
use ledger::exact::Exact;
use ledger::id::Name;
use ledger::money::Money;

use crate::context::Context;
use crate::evaluation_fault::EarlyUsage;
use crate::item::Item;
use crate::measure::cancelled_by;
use crate::payment::burn::{burn, snapshot_positions};
use crate::payment::condition::{decided_early, judge};
use crate::payment::condition_result::{ConditionResult, early_usage, usage_to_come};
use crate::payment::due::due_day;
use crate::payment::installment::{InstallmentPart, Release};
use crate::payment::trigger::{first_signal, signal_step, span_day, too_late};
use crate::plan::{Clawback, ClawbackTrigger, Take};
use crate::why::{Formula, Step, StepKind};

/// The line of one clawback of an item: a negative amount, or 0.
pub struct ClawbackLine {
    pub id: Name,
    /// The clawback's own date or, if that is later, the latest due date of the installments that it takes from. It can
    /// be after E.
    pub due: Day,
    pub amount: Money,
    /// If it takes on usage that ends before the window of its condition does: the day of the decision, and that usage.
    pub early: Option<(Day, EarlyUsage)>,
    pub why: Vec<Step>,
}

/// The clawbacks of an item whose date has come.
pub struct Clawbacks {
    /// The lines of those that are decided.
    pub lines: Vec<ClawbackLine>,
    /// Whether one is undecided: it takes nothing yet.
    pub is_undecided: bool,
}

/// The clawbacks of an item whose date has come, as lines. Earlier dates go first, and on one date the order in the
/// plan. Each takes from what the ones before left.
pub fn clawbacks(context: &Context<'_>, item: &Item<'_>, parts: &[InstallmentPart]) -> Clawbacks {
    let clawbacks = &item.component.clawbacks;
    let dated = clawbacks.iter().filter_map(|clawback| Some((date(context, item, clawback)?, clawback)));
    let mut dated: Vec<(Day, &Clawback)> = dated.collect();
    dated.sort_by_key(|(day, _)| *day);
    let mut left: Vec<Exact> = parts.iter().map(|part| part.amount.exact()).collect();
    let mut clawbacks = Clawbacks { lines: Vec::new(), is_undecided: false };
    for (day, clawback) in dated {
        let line = take(context, item, clawback, day, parts, &mut left);
        clawbacks.is_undecided |= line.is_none();
        clawbacks.lines.extend(line);
    }
    clawbacks
}

/// The next day on which a clawback of an item takes effect although nothing changes; `None`: there is none.
pub fn next_clawback(context: &Context<'_>, item: &Item<'_>) -> Option<Day> {
    let days = item.component.clawbacks.iter().filter_map(|clawback| match &clawback.trigger {
        ClawbackTrigger::After(span) => Some(span_day(item, *span, clawback.anchor)),
        ClawbackTrigger::Signal(_) | ClawbackTrigger::Cancellation => None,
    });
    days.filter(|day| *day > context.day).min()
}

/// The date of a clawback; `None` if it has not come by E. It is never before the item's date. A clawback that is too
/// late, or whose conditions fail, has a date, too: it takes 0 then.
fn date(context: &Context<'_>, item: &Item<'_>, clawback: &Clawback) -> Option<Day> {
    let day = match &clawback.trigger {
        ClawbackTrigger::After(span) => span_day(item, *span, clawback.anchor),
        ClawbackTrigger::Signal(name) => first_signal(context, item, name)?,
        ClawbackTrigger::Cancellation => cancelled_by(context, item.subject.booking?, context.day)?.0.max(item.date),
    };
    (day <= context.day).then_some(day)
}

/// The step with the fact that set the clawback off; `None` for a date alone.
fn trigger_step(context: &Context<'_>, item: &Item<'_>, clawback: &Clawback, day: Day) -> Option<Step> {
    match &clawback.trigger {
        ClawbackTrigger::After(_) => None,
        ClawbackTrigger::Signal(name) => signal_step(context, item, name, day),
        ClawbackTrigger::Cancellation => {
            let (_, position) = cancelled_by(context, item.subject.booking?, context.day)?;
            Some(Formula::default().number("cancelled", &Exact::ONE).step(StepKind::Trigger, &Exact::ONE, [position]))
        }
    }
}

/// The line of a clawback; `None` while it is undecided.
fn take(
    context: &Context<'_>,
    item: &Item<'_>,
    clawback: &Clawback,
    day: Day,
    parts: &[InstallmentPart],
    left: &mut [Exact],
) -> Option<ClawbackLine> {
    let mut why = Vec::new();
    if context.explains() {
        why.extend(trigger_step(context, item, clawback, day));
    }
    let currency = item.plan().currency;
    let is_late = too_late(item, clawback.within, clawback.anchor, day);
    let verdict = if is_late { ConditionResult::NotMet } else { judge(context, item, &clawback.when, day, &mut why) };
    if let ConditionResult::Undecided(_) = verdict {
        return None;
    }
    if verdict == ConditionResult::NotMet {
        if context.explains() {
            let formula = Formula::default().number("nothing is taken back", &Exact::ZERO);
            why.push(formula.step(StepKind::Clawback, &Exact::ZERO, [item.published.position]));
        }
        return Some(ClawbackLine {
            id: clawback.id.clone(),
            due: day,
            amount: Money::zero(currency),
            early: None,
            why,
        });
    }
    let share = share(context, item, clawback, day, &mut why)?;
    let rest = &Exact::ONE - &share;
    let (mut taken, mut due) = (Exact::ZERO, day);
    let mut formula = Formula::default().number("none", &Exact::ZERO);
    for (index, part) in parts.iter().enumerate() {
        let named = clawback.reverse.as_ref().is_none_or(|named| named.contains(&index));
        let Release::Due(judged) = part.release else { continue };
        // If earlier clawbacks took more than all of it, the rest is negative and is given back here. Installments
        // that were negative from the start are left alone.
        if !named || judged > day || part.amount.is_negative() {
            continue;
        }
        let from_part = &left[index] * &share;
        if !from_part.is_zero() {
            due = due.max(due_day(item, judged));
        }
        taken += &from_part;
        formula = formula
            .sign(" - ")
            .number(&format!("left of {}", part.id), &left[index])
            .sign(" * ")
            .number("taken back", &share);
        left[index] = &left[index] * &rest;
    }
    let taken = -taken;
    let amount = Money::round(&taken, currency, item.plan().rounding).expect("no more than was earned");
    if context.explains() {
        why.push(formula.step(StepKind::Clawback, &taken, [item.published.position]));
        why.push(Step::rounding(
            StepKind::Rounding,
            &taken,
            amount.currency.digits(),
            &amount.exact(),
            item.plan().rounding,
        ));
    }
    let early = if amount.is_zero() { None } else { taken_early(context, item, clawback, day) };
    Some(ClawbackLine { id: clawback.id.clone(), due, amount, early: early.map(|early| (day, early)), why })
}

/// The usage that ends before a window does on which a clawback, or how much it takes, was decided.
fn taken_early(context: &Context<'_>, item: &Item<'_>, clawback: &Clawback, day: Day) -> Option<EarlyUsage> {
    decided_early(context, item, &clawback.when, day).or_else(|| match (&clawback.take, item.subject.booking) {
        (Take::Unconsumed(window), Some(booking)) => {
            early_usage(context, booking, (window.before(day), day.previous()))
        }
        (Take::Share(_) | Take::RemainingMonths, _) | (Take::Unconsumed(_), None) => None,
    })
}

/// The fraction of what is left that the clawback takes; `None` while usage to come can change it.
fn share(context: &Context<'_>, item: &Item<'_>, clawback: &Clawback, day: Day, why: &mut Vec<Step>) -> Option<Exact> {
    Some(match (&clawback.take, item.subject.booking) {
        (Take::Share(share), _) => share.clone(),
        (Take::RemainingMonths, Some(booking)) => {
            let term = i32::from(booking.fact.months());
            let complete = complete_months(booking.fact.start(), day).min(term);
            let (term, complete) = (Exact::from(term), Exact::from(complete));
            let share = (&term - &complete) / &term;
            if context.explains() {
                let formula = Formula::default()
                    .sign("(")
                    .number("term in months", &term)
                    .sign(" - ")
                    .number("complete months", &complete);
                why.push(formula.sign(") / ").number("term in months", &term).step(
                    StepKind::Clawback,
                    &share,
                    [booking.position],
                ));
            }
            share
        }
        (Take::Unconsumed(window), Some(booking)) => {
            let fraction = burn(context, booking, day, *window, item.date);
            // Once all is consumed, more usage changes nothing.
            if fraction.value < Exact::ONE
                && usage_to_come(context, booking, (window.before(day), day.previous())).is_some()
            {
                return None;
            }
            let share = &Exact::ONE - &fraction.value.clone().min(Exact::ONE);
            let snapshots = || snapshot_positions(context, booking, window.before(day), day.previous());
            why.extend(fraction.step.map(|step| step.with(snapshots())));
            if context.explains() {
                let formula =
                    Formula::default().number("all", &Exact::ONE).sign(" - min(").number("all", &Exact::ONE).sign(", ");
                why.push(formula.number("burn", &fraction.value).sign(")").step(
                    StepKind::Clawback,
                    &share,
                    [booking.position],
                ));
            }
            share
        }
        // An item without a booking has no term and no commitment.
        (Take::RemainingMonths | Take::Unconsumed(_), None) => Exact::ZERO,
    })
}

/// How many whole months lie between two days, 0 when the second is the earlier.
fn complete_months(start: Day, day: Day) -> i32 {
    (1..).take_while(|months| start.plus_months(*months) <= day).count() as i32
}
