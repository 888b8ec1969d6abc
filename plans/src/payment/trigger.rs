//! The day on which an installment or clawback is triggered (calculation.md 7).

use ledger::date::{Day, Span};
use ledger::exact::Exact;
use ledger::id::Name;

use crate::context::Context;
use crate::item::Item;
use crate::payment::burn::{consumed_step, first_consumed};
use crate::payment::condition::signals;
use crate::plan::{Anchor, Trigger};
use crate::why::{Formula, Step, StepKind};

/// The day from which spans count: the booking's start or the item's date.
pub fn anchor_day(item: &Item<'_>, anchor: Anchor) -> Day {
    match (anchor, item.subject.booking) {
        (Anchor::Start, Some(booking)) => booking.fact.start(),
        (Anchor::Start, None) | (Anchor::Item, _) => item.date,
    }
}

/// The day of a trigger, never before the item's date. `None` if it is not known yet.
pub fn trigger_day(context: &Context<'_>, item: &Item<'_>, trigger: &Trigger, anchor: Anchor) -> Option<Day> {
    match trigger {
        Trigger::ItemDate => Some(item.date),
        Trigger::After(span) => Some(span_day(item, *span, anchor)),
        Trigger::Consumed(part) => {
            let day = first_consumed(context, item.subject.booking?, part, item.date)?;
            Some(day.max(item.date))
        }
        Trigger::Signal(name) => first_signal(context, item, name),
    }
}

/// The day a span after the anchor, never before the item's date.
pub fn span_day(item: &Item<'_>, span: Span, anchor: Anchor) -> Day {
    span.after(anchor_day(item, anchor)).max(item.date)
}

/// The day of the first signal of a name for the item, on or after its date and up to E.
pub fn first_signal(context: &Context<'_>, item: &Item<'_>, name: &Name) -> Option<Day> {
    let days = signals(context, item, name, context.day).map(|signal| signal.fact.at);
    days.filter(|at| *at >= item.date).min()
}

/// The step with the fact that set off a trigger; `None` for a date alone.
pub fn trigger_step(context: &Context<'_>, item: &Item<'_>, trigger: &Trigger, day: Day) -> Option<Step> {
    match trigger {
        Trigger::ItemDate | Trigger::After(_) => None,
        Trigger::Consumed(part) => {
            let booking = item.subject.booking?;
            // Credit notes between the day on which it was reached and the item's date may have left no TCV to divide by.
            let reached = first_consumed(context, booking, part, item.date)?;
            Some(consumed_step(context, booking, reached.min(day), item.date))
        }
        Trigger::Signal(name) => signal_step(context, item, name, day),
    }
}

pub fn signal_step(context: &Context<'_>, item: &Item<'_>, name: &Name, day: Day) -> Option<Step> {
    let signal = signals(context, item, name, day).find(|signal| signal.fact.at == day)?;
    let formula = Formula::default().number(&format!("{name} seen"), &Exact::ONE);
    Some(formula.step(StepKind::Trigger, &Exact::ONE, [signal.position]))
}

/// Whether a day is later than `within` allows.
pub fn too_late(item: &Item<'_>, within: Option<Span>, anchor: Anchor, day: Day) -> bool {
    within.is_some_and(|span| day > span.after(anchor_day(item, anchor)))
}
