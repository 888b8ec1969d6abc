//! When the parts of an earned amount become due (calculation.md 7).

use ledger::date::{Day, Month};
use ledger::exact::Exact;
use ledger::fact::Status;
use ledger::id::Name;
use ledger::money::Money;

use crate::context::Context;
use crate::evaluation_fault::EarlyUsage;
use crate::item::Item;
use crate::measure::cancelled_by;
use crate::payment::burn::more_consumed;
use crate::payment::condition::{decided_early, judge, words};
use crate::payment::condition_result::ConditionResult;
use crate::payment::forfeited::ForfeitCause;
use crate::payment::trigger::{too_late, trigger_day, trigger_step};
use crate::plan::{After, Anchor, Installment, Otherwise, Trigger};
use crate::why::{Formula, Step, StepKind};

/// One installment of an item.
pub struct InstallmentPart {
    /// The installment's id, or [`WHOLE`].
    pub id: Name,
    /// Its part of the earned amount.
    pub amount: Money,
    /// Whether it is due.
    pub release: Release,
    /// If it is forfeited by a condition that was decided on usage that ends before its window does: the day of the decision, and
    /// that usage.
    pub early: Option<(Day, EarlyUsage)>,
    /// The steps from the earned amount to this part, if reasons were asked for.
    pub why: Vec<Step>,
}

/// What became of an installment by the evaluation date E. Its days are those on which it is judged; `due_day` says when
/// that is due.
pub enum Release {
    /// Its trigger came and its conditions hold since this day.
    Due(Day),
    /// It is forfeited since this day, and pays nothing.
    Forfeited(Day),
    /// It is not decided yet.
    Pending {
        /// The day on which it falls due, if that is known.
        on: Option<Day>,
        /// When it has to be computed again if nothing changes; `None`: only a change can make it due.
        again: Option<Day>,
        /// The day on which its conditions were judged last, and did not decide; `None` if they have not been judged.
        judged_on: Option<Day>,
        /// The trigger and the conditions that it waits for, in words.
        waiting_for: Vec<String>,
    },
    /// It can no longer become due, and never had a day.
    Lapsed,
}

/// The installments of an item. Each but the last is rounded, and the last takes the rest.
pub fn parts(context: &Context<'_>, payee: &str, item: &Item<'_>, earned: Money) -> Vec<InstallmentPart> {
    let whole = [whole()];
    let written = &item.component.installments;
    let installments = if written.is_empty() { &whole[..] } else { written };
    let mut rest = earned;
    let mut parts = Vec::with_capacity(installments.len());
    for (index, installment) in installments.iter().enumerate() {
        let is_last = index + 1 == installments.len();
        let amount = if is_last { rest } else { share_of(item, earned, &installment.share) };
        let mut why = if context.explains() {
            amount_steps(item, installment, earned, amount, is_last, &parts)
        } else {
            Vec::new()
        };
        rest -= amount;
        let release = release(context, payee, item, installment, &mut why);
        if let (true, Release::Forfeited(_)) = (context.explains(), &release) {
            let nothing =
                Formula::default().number("forfeited", &Exact::ZERO).sign(" * ").number("amount", &amount.exact());
            why.push(nothing.step(StepKind::Trigger, &Exact::ZERO, []));
        }
        let early = match release {
            Release::Forfeited(day) => forfeited_early(context, payee, item, installment, day),
            Release::Due(_) | Release::Pending { .. } | Release::Lapsed => None,
        };
        parts.push(InstallmentPart { id: installment.id.clone(), amount, release, early, why });
    }
    parts
}

/// The id of the only part of a component without installments.
pub const WHOLE: &str = "whole";

/// The installment of a component that has none written: all of it on the item's date.
pub fn whole() -> Installment {
    Installment {
        id: Name::new(WHOLE).expect("a name"),
        share: Exact::ONE,
        trigger: Trigger::ItemDate,
        anchor: Anchor::Start,
        within: None,
        when: Vec::new(),
        otherwise: Otherwise::Forfeit,
    }
}

fn share_of(item: &Item<'_>, earned: Money, share: &Exact) -> Money {
    let plan = item.plan();
    Money::round(&(earned.exact() * share), earned.currency, plan.rounding)
        .expect("a share is not above what was earned")
}

fn amount_steps(
    item: &Item<'_>,
    installment: &Installment,
    earned: Money,
    amount: Money,
    is_last: bool,
    before: &[InstallmentPart],
) -> Vec<Step> {
    if item.component.installments.is_empty() {
        return Vec::new();
    }
    if is_last {
        let formula = Formula::default().number("earned", &earned.exact());
        let formula = before
            .iter()
            .fold(formula, |formula, part| formula.sign(" - ").number(part.id.as_str(), &part.amount.exact()));
        return vec![formula.step(StepKind::Installment, &amount.exact(), [item.published.position])];
    }
    let exact = earned.exact() * &installment.share;
    let formula = Formula::default().number("earned", &earned.exact()).sign(" * ").number("share", &installment.share);
    let share = formula.step(StepKind::Installment, &exact, [item.published.position]);
    vec![
        share,
        Step::rounding(StepKind::Rounding, &exact, amount.currency.digits(), &amount.exact(), item.plan().rounding),
    ]
}

fn release(
    context: &Context<'_>,
    payee: &str,
    item: &Item<'_>,
    installment: &Installment,
    why: &mut Vec<Step>,
) -> Release {
    let late = |day| too_late(item, installment.within, installment.anchor, day);
    let day = trigger_day(context, item, &installment.trigger, installment.anchor);
    let Some(triggered) = day.filter(|day| *day <= context.day) else {
        let lapsed = late(day.unwrap_or(context.day.next())) || ended(context, payee, item, context.day);
        let again = match installment.trigger {
            Trigger::Signal(_) => None,
            Trigger::Consumed(_) => {
                day.or_else(|| item.subject.booking.and_then(|booking| more_consumed(context, booking)))
            }
            Trigger::ItemDate | Trigger::After(_) => Some(day.unwrap_or(context.day.next())),
        };
        return if lapsed { Release::Lapsed } else { pending(installment, day, again, None) };
    };
    let release = if late(triggered) {
        Release::Forfeited(triggered)
    } else {
        on_condition(context, payee, item, installment, triggered, why)
    };
    if context.explains() {
        why.splice(0..0, trigger_step(context, item, &installment.trigger, triggered));
    }
    release
}

/// The release of an installment whose trigger is in time: it now depends on its conditions.
fn on_condition(
    context: &Context<'_>,
    payee: &str,
    item: &Item<'_>,
    installment: &Installment,
    triggered: Day,
    why: &mut Vec<Step>,
) -> Release {
    let gone = |day| too_late(item, installment.within, installment.anchor, day) || ended(context, payee, item, day);
    match decide(context, item, installment, triggered, why) {
        TryOutcome::Wait(tried) => {
            let next = context.day.next();
            let lapsed = too_late(item, installment.within, installment.anchor, next)
                || ended(context, payee, item, context.day);
            if lapsed { Release::Lapsed } else { pending(installment, None, Some(next), Some(tried)) }
        }
        TryOutcome::On(day, ConditionResult::NotMet) => Release::Forfeited(day),
        TryOutcome::On(day, ConditionResult::Met | ConditionResult::Undecided(_)) if gone(day) => {
            Release::Forfeited(day)
        }
        TryOutcome::On(day, ConditionResult::Met) => Release::Due(day),
        TryOutcome::On(day, ConditionResult::Undecided(through)) => Release::Pending {
            // If a later try may still decide, the day is not known.
            on: (installment.otherwise == Otherwise::Forfeit).then_some(day),
            again: Some(context.day.next()),
            judged_on: Some(day),
            waiting_for: vec![format!("usage through {through}")],
        },
    }
}

/// The day and the usage of a condition that forfeited an installment on usage that ends before its window does.
fn forfeited_early(
    context: &Context<'_>,
    payee: &str,
    item: &Item<'_>,
    installment: &Installment,
    day: Day,
) -> Option<(Day, EarlyUsage)> {
    let early = decided_early(context, item, &installment.when, day)?;
    // What is late, or has ended, is forfeited whatever usage comes.
    let gone = too_late(item, installment.within, installment.anchor, day) || ended(context, payee, item, day);
    (!gone).then_some((day, early))
}

/// What the conditions of an installment say by E.
enum TryOutcome {
    /// They were not met on any day that was tried, of which this is the last, and are tried again.
    Wait(Day),
    /// On this day they were met, or were not and are not tried again, or are undecided.
    On(Day, ConditionResult),
}

/// Tries the conditions on the trigger's day and, with `otherwise = "wait"`, on the first day of each later month, until they
/// are met. The tries stop at the first undecided one.
fn decide(
    context: &Context<'_>,
    item: &Item<'_>,
    installment: &Installment,
    triggered: Day,
    why: &mut Vec<Step>,
) -> TryOutcome {
    let mut day = triggered;
    loop {
        let mut looked_at = Vec::new();
        let verdict = judge(context, item, &installment.when, day, &mut looked_at);
        if verdict != ConditionResult::NotMet || installment.otherwise == Otherwise::Forfeit {
            why.splice(0..0, looked_at);
            return TryOutcome::On(day, verdict);
        }
        let next = Month::of(day).next().first();
        if next > context.day {
            why.splice(0..0, looked_at);
            return TryOutcome::Wait(day);
        }
        day = next;
    }
}

/// Why an installment is forfeited: `on` a day, or for good by E.
pub fn cause_of(
    context: &Context<'_>,
    payee: &str,
    item: &Item<'_>,
    installment: &Installment,
    on: Option<Day>,
) -> ForfeitCause {
    let day = on.unwrap_or(context.day);
    if ended(context, payee, item, day) {
        return ForfeitCause::Ended;
    }
    if on.is_none() || too_late(item, installment.within, installment.anchor, day) {
        return ForfeitCause::Late;
    }
    ForfeitCause::Conditions
}

/// Whether a cancellation or the payee's leaving forfeits an installment that falls due on a day.
fn ended(context: &Context<'_>, payee: &str, item: &Item<'_>, day: Day) -> bool {
    let cancelled = item.component.after_cancellation == After::Forfeit
        && item.subject.booking.is_some_and(|booking| cancelled_by(context, booking, day).is_some());
    let left = item.plan().after_leaving == After::Forfeit && context.view.status(payee, day) == Status::Left;
    cancelled || left
}

fn pending(installment: &Installment, on: Option<Day>, again: Option<Day>, judged_on: Option<Day>) -> Release {
    let trigger = match &installment.trigger {
        Trigger::ItemDate | Trigger::After(_) => None,
        Trigger::Consumed(part) => Some(format!("consumed >= {}%", part * &Exact::whole(100))),
        Trigger::Signal(name) => Some(format!("signal {name}")),
    };
    let waiting_for = trigger.into_iter().chain(installment.when.iter().map(words)).collect();
    Release::Pending { on, again, judged_on, waiting_for }
}
