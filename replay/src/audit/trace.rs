//! Where the two amounts of a line come from: the posting as the log has it, and the steps from facts to the derived amount.

use std::collections::BTreeMap;

use ledger::entry::Entry;
use ledger::fact::PeriodClose;
use plans::context::Context;
use plans::why::{Detail, Step};
use projections::lines::{LineName, PayeeCurrency};
use projections::view::View;

use crate::audit::difference::{DerivedSide, LineTrace, PostedSide};
use crate::evaluation::full::due_of;
use crate::evaluation::impact::{CloseInterval, Impact};
use crate::evaluation::incremental::RecomputePlan;
use crate::state::State;
use crate::statements::statement::Line;

/// A line with its posting.
pub(super) struct TracedLine<'l> {
    pub entry: Option<&'l Entry>,
    pub posted: Option<&'l Line>,
    pub derived: Option<&'l Line>,
}

impl TracedLine<'_> {
    pub(super) fn trace(&self, why: Option<Vec<Step>>) -> LineTrace {
        let posted = self.entry.zip(self.posted).map(|(entry, line)| PostedSide {
            position: entry.position,
            recorded: entry.recorded,
            author: entry.author.clone(),
            before: line.before,
            entitled: line.entitled,
            due: line.due,
            reason: line.reason,
        });
        let why = why.unwrap_or_default();
        let derived = self.derived.map(|line| DerivedSide { line: line.clone(), why });
        LineTrace { posted, derived }
    }
}

/// The steps of computing some lines of a payee from the facts that a close was computed from; a line that is not due has none.
pub(super) fn derived_sides(
    state: &State,
    close: &PeriodClose,
    holder: &PayeeCurrency,
    names: &[LineName],
) -> BTreeMap<LineName, Vec<Step>> {
    let (knowledge, day) = (state.knowledge(), close.period.last());
    let Some((payee, _)) = knowledge.payees.get_key_value(&holder.0) else { return BTreeMap::new() };
    let interval = CloseInterval { from: close.known, to: close.known, closed: day, day };
    let recompute_plan = RecomputePlan::of(knowledge, state.rules(), interval, Impact::default());
    let context = Context::new(View::new(knowledge, close.known), state.rules(), day, Detail::Reasons);
    let mut due = due_of(&context, payee.as_str(), &recompute_plan.scopes_around(names.iter()), None);
    let why = |name: &LineName| {
        let entitled = due.entitlement.lines.remove(&(holder.1, name.clone()))?;
        Some((name.clone(), entitled.why))
    };
    names.iter().filter_map(why).collect()
}
