//! Whether a condition is met, is not met, or is undecided because usage has not arrived (calculation.md 7).

use ledger::date::Day;
use ledger::fact::{BookedAmount, Booking};
use projections::position::Position;
use projections::view::FactRef;

use crate::context::Context;
use crate::evaluation_fault::EarlyUsage;
use crate::measure::cancelled_by;
use crate::payment::net_amount::NetAmount;

/// The result of a condition, or of several together.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum ConditionResult {
    /// It is met, whatever usage arrives.
    Met,
    /// It is not met, whatever usage arrives.
    NotMet,
    /// Usage up to and including this day, which has not been delivered, could change it.
    Undecided(Day),
}

impl ConditionResult {
    /// The result of a condition that no usage to come can change.
    pub fn of(is_met: bool) -> ConditionResult {
        if is_met { ConditionResult::Met } else { ConditionResult::NotMet }
    }

    /// The result of two conditions that must both be met. One that is not met decides, whatever the other is.
    pub fn and(self, other: ConditionResult) -> ConditionResult {
        match (self, other) {
            (ConditionResult::NotMet, _) | (_, ConditionResult::NotMet) => ConditionResult::NotMet,
            (ConditionResult::Met, ConditionResult::Met) => ConditionResult::Met,
            (ConditionResult::Undecided(day), ConditionResult::Met)
            | (ConditionResult::Met, ConditionResult::Undecided(day)) => ConditionResult::Undecided(day),
            (ConditionResult::Undecided(one), ConditionResult::Undecided(other)) => {
                ConditionResult::Undecided(one.max(other))
            }
        }
    }
}

/// Usage of a booking that has not been delivered and could change a decision.
#[derive(Copy, Clone)]
pub struct UsageToCome {
    /// The last day of such usage.
    pub through: Day,
    /// The position of the fact that says up to which day usage is complete.
    pub complete: Position,
}

/// The usage of `from ..= to` that has not arrived: of the days in term, before a cancellation, and on which something is
/// promised, those after the account's complete day. `None` if there is no such day, or if the account is not tracked.
pub fn usage_to_come(
    context: &Context<'_>,
    booking: FactRef<'_, Booking>,
    (from, to): (Day, Day),
) -> Option<UsageToCome> {
    let through = last_promised(context, booking, (from, to))?;
    let complete = context.view.complete_day(booking.fact.account.as_str())?;
    (complete.fact.at < through).then_some(UsageToCome { through, complete: complete.position })
}

/// The last of the days `from ..= to` in term, before a cancellation, on which something is promised.
fn last_promised(context: &Context<'_>, booking: FactRef<'_, Booking>, (from, to): (Day, Day)) -> Option<Day> {
    let (start, end) = booking.fact.term();
    let cancelled = cancelled_by(context, booking, context.day).map(|(day, _)| day.previous());
    let first = from.max(start);
    let last = cancelled.into_iter().fold(to.min(end), Day::min);
    let arr = NetAmount::of(context, booking, &BookedAmount::Arr);
    let mut promised = arr.ranges(first, last).into_iter().filter(|range| range.left.is_positive());
    Some(promised.next_back()?.to)
}

/// Whether the usage of a booking's contract ends before a window does that something is decided on, and the account is not
/// tracked: more usage may come, and the decision does not wait for it. `None` if it is tracked, or usage covers the end of the window or days
/// after it.
pub fn early_usage(context: &Context<'_>, booking: FactRef<'_, Booking>, (from, to): (Day, Day)) -> Option<EarlyUsage> {
    let view = context.view;
    let through = last_promised(context, booking, (from, to))?;
    if view.complete_day(booking.fact.account.as_str()).is_some() {
        return None;
    }
    let contract = view.knowledge.contract_of(booking.fact.contract(), booking.fact.account.as_str());
    let runs = || contract.into_iter().flat_map(|contract| view.runs_of(contract));
    if runs().any(|run| view.covered(run, (through, Day::LAST)).is_some()) {
        return None;
    }
    let known = runs().filter_map(|run| Some(view.covered(run, (from, through))?.1)).max();
    Some(EarlyUsage { known, through })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_is_not_met_decides_and_else_one_undecided_leaves_all_open() {
        let day = |text| Day::parse(text).expect("a date");
        let (early, late) =
            (ConditionResult::Undecided(day("2028-01-11")), ConditionResult::Undecided(day("2028-02-03")));
        let table = [
            (ConditionResult::Met, ConditionResult::Met, ConditionResult::Met),
            (ConditionResult::Met, ConditionResult::NotMet, ConditionResult::NotMet),
            (ConditionResult::NotMet, ConditionResult::NotMet, ConditionResult::NotMet),
            (ConditionResult::NotMet, early, ConditionResult::NotMet),
            (ConditionResult::Met, early, early),
            (early, late, late),
        ];
        for (one, other, both) in table {
            assert_eq!((one.and(other), other.and(one)), (both, both));
        }
    }
}
