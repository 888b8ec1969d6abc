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
    /// Those that are undecided: they take nothing yet.
    pub undecided: Vec<UndecidedClawback>,
}

/// A clawback that usage to come can change.
pub struct UndecidedClawback {
    pub id: Name,
    /// Its date.
    pub on: Day,
    /// What it takes if it takes all that it may; negative.
    pub at_most: Money,
    /// The last day of the usage that it waits for.
    pub through: Day,
    /// The steps so far, if reasons were asked for.
    pub why: Vec<Step>,
}

/// That a clawback is undecided: the last day of the usage that it waits for, and the steps so far.
struct Awaiting {
    through: Day,
    why: Vec<Step>,
}

/// The clawbacks of an item whose date has come, as lines. Earlier dates go first, and on one date the order in the
/// plan. Each takes from what the ones before left.
pub fn clawbacks(context: &Context<'_>, item: &Item<'_>, parts: &[InstallmentPart]) -> Clawbacks {
    let clawbacks = &item.component.clawbacks;
    let dated = clawbacks.iter().filter_map(|clawback| Some((date(context, item, clawback)?, clawback)));
    let mut dated: Vec<(Day, &Clawback)> = dated.collect();
    dated.sort_by_key(|(day, _)| *day);
    let mut left: Vec<Exact> = parts.iter().map(|part| part.amount.exact()).collect();
    let mut clawbacks = Clawbacks { lines: Vec::new(), undecided: Vec::new() };
    for (day, clawback) in dated {
        match take(context, item, clawback, day, parts, &mut left) {
            Ok(line) => clawbacks.lines.push(line),
            Err(Awaiting { through, why }) => {
                let at_most = at_most(item, clawback, day, parts, &left);
                let id = clawback.id.clone();
                clawbacks.undecided.push(UndecidedClawback { id, on: day, at_most, through, why });
            }
        }
    }
    clawbacks
}

/// All that a clawback may take of what is left: the share that the plan writes, or else the whole.
fn at_most(item: &Item<'_>, clawback: &Clawback, day: Day, parts: &[InstallmentPart], left: &[Exact]) -> Money {
    let share = match &clawback.take {
        Take::Share(share) => share.clone(),
        Take::RemainingMonths | Take::Unconsumed(_) => Exact::ONE,
    };
    let mine = parts.iter().zip(left).enumerate().filter(|(index, (part, _))| takes_from(clawback, *index, part, day));
    let all: Exact = mine.map(|(_, (_, left))| left.clone()).sum();
    Money::round(&-(&all * &share), item.plan().currency, item.plan().rounding).expect("no more than was earned")
}

/// Whether a clawback takes from an installment: it names it, and the installment was due by its date. Installments that were
/// negative from the start are left alone.
fn takes_from(clawback: &Clawback, index: usize, part: &InstallmentPart, day: Day) -> bool {
    let named = clawback.reverse.as_ref().is_none_or(|named| named.contains(&index));
    let is_due = matches!(part.release, Release::Due(judged) if judged <= day);
    named && is_due && !part.amount.is_negative()
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

/// The line of a clawback; while it is undecided, what it waits for.
fn take(
    context: &Context<'_>,
    item: &Item<'_>,
    clawback: &Clawback,
    day: Day,
    parts: &[InstallmentPart],
    left: &mut [Exact],
) -> Result<ClawbackLine, Awaiting> {
    let mut why = Vec::new();
    if context.explains() {
        why.extend(trigger_step(context, item, clawback, day));
    }
    let currency = item.plan().currency;
    let is_late = too_late(item, clawback.within, clawback.anchor, day);
    let verdict = if is_late { ConditionResult::NotMet } else { judge(context, item, &clawback.when, day, &mut why) };
    if let ConditionResult::Undecided(through) = verdict {
        return Err(Awaiting { through, why });
    }
    if verdict == ConditionResult::NotMet {
        if context.explains() {
            let formula = Formula::default().number("nothing is taken back", &Exact::ZERO);
            why.push(formula.step(StepKind::Clawback, &Exact::ZERO, [item.published.position]));
        }
        return Ok(ClawbackLine { id: clawback.id.clone(), due: day, amount: Money::zero(currency), early: None, why });
    }
    let share = match share(context, item, clawback, day, &mut why) {
        Ok(share) => share,
        Err(through) => return Err(Awaiting { through, why }),
    };
    let rest = &Exact::ONE - &share;
    let (mut taken, mut due) = (Exact::ZERO, day);
    let mut formula = Formula::default().number("none", &Exact::ZERO);
    for (index, part) in parts.iter().enumerate() {
        let Release::Due(judged) = part.release else { continue };
        // If earlier clawbacks took more than all of it, the rest is negative and is given back here.
        if !takes_from(clawback, index, part, day) {
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
    Ok(ClawbackLine { id: clawback.id.clone(), due, amount, early: early.map(|early| (day, early)), why })
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

/// The fraction of what is left that the clawback takes; while usage to come can change it, the last day of that usage.
fn share(
    context: &Context<'_>,
    item: &Item<'_>,
    clawback: &Clawback,
    day: Day,
    why: &mut Vec<Step>,
) -> Result<Exact, Day> {
    Ok(match (&clawback.take, item.subject.booking) {
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
            let snapshots = || snapshot_positions(context, booking, window.before(day), day.previous());
            let step = fraction.step.map(|step| step.with(snapshots()));
            // Once all is consumed, more usage changes nothing.
            let to_come = || usage_to_come(context, booking, (window.before(day), day.previous()));
            if fraction.value < Exact::ONE
                && let Some(to_come) = to_come()
            {
                why.extend(step.map(|step| step.with([to_come.complete]).awaiting_usage(to_come.through)));
                return Err(to_come.through);
            }
            let share = &Exact::ONE - &fraction.value.clone().min(Exact::ONE);
            why.extend(step);
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
