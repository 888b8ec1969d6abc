//! What is forfeited, and why (calculation.md 7). It is for people, and no figure.

use ledger::date::Day;
use ledger::exact::Exact;
use ledger::fact::item_key::ItemKey;
use ledger::id::{ComponentId, Name, PlanId};
use ledger::money::Money;

use crate::context::Context;
use crate::item::Item;
use crate::payment::burn::burn;
use crate::payment::condition::{judge, latest_reading};
use crate::payment::condition_result::ConditionResult;
use crate::plan::Condition;
use crate::why::Step;

/// An installment that will not be paid.
#[derive(Clone)]
pub struct Forfeited {
    /// The plan.
    pub plan: PlanId,
    /// The component.
    pub component: ComponentId,
    /// The key of the item.
    pub item: ItemKey,
    /// The id of the installment.
    pub part: Name,
    /// The amount that would have been due.
    pub amount: Money,
    /// The day on which it was decided; `None` if it can no longer become due, and never had a day.
    pub on: Option<Day>,
    /// Why.
    pub cause: ForfeitCause,
    /// The conditions as they were on that day, if they decided.
    pub conditions: Vec<JudgedCondition>,
    /// The steps to its amount, if reasons were asked for.
    pub why: Vec<Step>,
}

/// Why an installment is forfeited.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum ForfeitCause {
    /// Its conditions were not met.
    Conditions,
    /// It was triggered, or its conditions were met, later than `within` allows.
    Late,
    /// The booking was cancelled, or the payee has left.
    Ended,
}

/// A condition, and what it was found to be on a day.
#[derive(Clone)]
pub struct JudgedCondition {
    /// The condition.
    pub condition: Condition,
    /// The consumption rate as a fraction, or the reading; `None` of a signal, and where there is nothing to read.
    pub value: Option<Exact>,
    /// Of a consumption rate: what was used, and what was promised.
    pub used_of: Option<(Exact, Exact)>,
    /// Whether it is met.
    pub result: ConditionResult,
}

/// What each of some conditions is for an item on a day.
pub fn judged(context: &Context<'_>, item: &Item<'_>, conditions: &[Condition], day: Day) -> Vec<JudgedCondition> {
    let judged = |condition: &Condition| {
        let (value, used_of) = value_of(context, item, condition, day);
        let result = judge(context, item, std::slice::from_ref(condition), day, &mut Vec::new());
        JudgedCondition { condition: condition.clone(), value, used_of, result }
    };
    conditions.iter().map(judged).collect()
}

/// The value that a condition tests; of a consumption rate also what it is of.
fn value_of(
    context: &Context<'_>,
    item: &Item<'_>,
    condition: &Condition,
    day: Day,
) -> (Option<Exact>, Option<(Exact, Exact)>) {
    match condition {
        Condition::Burn { window, .. } => match item.subject.booking {
            Some(booking) => {
                let rate = burn(context, booking, day, *window, item.date);
                (Some(rate.value), rate.of)
            }
            None => (None, None),
        },
        Condition::Metric { name, .. } => (latest_reading(context, item, name, day).map(|(_, value)| value), None),
        Condition::Signal(_) => (None, None),
    }
}
