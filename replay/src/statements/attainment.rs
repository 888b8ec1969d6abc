//! The attainment of every payee at the end of a month, also of those to whom nothing is due (calculation.md 5).

use ledger::date::Month;
use ledger::id::PayeeId;
use plans::context::Context;
use plans::entitlement::{Attainment, entitlement};
use plans::why::Detail;
use projections::view::View;

use crate::evaluation::parallel;
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
    attainments_of(state, period, |_| true)
}

/// The attainment of some payees at the end of a month, in the same order.
pub fn attainments_of(state: &State, period: Month, is_meant: impl Fn(&PayeeId) -> bool) -> Vec<PayeeAttainment> {
    let view = View::new(&state.knowledge, state.size());
    let payees: Vec<&PayeeId> = plans::credit::index::payees(view).filter(|payee| is_meant(payee)).collect();
    let context = || Context::new(view, &state.rules, period.last(), Detail::Standing);
    let (rows, _) =
        parallel::each(&payees, context, |context, payee| entitlement(context, payee.as_str()).attainment, |_| ());
    let rows = payees.into_iter().zip(rows).flat_map(|(payee, rows)| {
        rows.into_iter().map(move |attainment| PayeeAttainment { payee: payee.clone(), attainment })
    });
    rows.collect()
}
