//! The attainment of every payee at the end of a month, also of those to whom nothing is due (calculation.md 5).

use ledger::date::Month;
use ledger::id::PayeeId;
use plans::context::Context;
use plans::entitlement::Attainment;
use plans::why::Detail;
use projections::view::View;

use crate::evaluation::full::evaluate;
use crate::state::State;

/// The attainment of a payee in one component.
pub struct PayeeAttainment {
    /// The payee.
    pub payee: PayeeId,
    /// What it has reached.
    pub attainment: Attainment,
}

/// The attainment of all payees at the end of a month. Ordered by payee, plan and component.
pub fn attainments(state: &State, period: Month) -> Vec<PayeeAttainment> {
    let view = View::new(&state.knowledge, state.size());
    let context = Context::new(view, &state.rules, period.last(), Detail::Standing);
    let evaluation = evaluate(&context, plans::credit::index::payees(view));
    let rows = evaluation.payees.into_iter().flat_map(|(payee, due)| {
        let rows = due.entitlement.attainment.into_iter();
        rows.map(move |attainment| PayeeAttainment { payee: payee.clone(), attainment })
    });
    rows.collect()
}
