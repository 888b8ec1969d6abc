//! What is earned and not due yet, over all payees: installments that wait for their day, for usage or for a signal.

use ledger::date::Month;
use ledger::id::PayeeId;
use plans::context::Context;
use plans::entitlement::Pending;
use plans::why::Detail;
use projections::lines::LineName;
use projections::view::View;

use crate::book::Book;
use crate::evaluate::evaluate;

/// An installment that a payee waits for.
pub struct Waiting {
    pub payee: PayeeId,
    pub pending: Pending,
}

impl Waiting {
    /// The line that it will be.
    pub fn line(&self) -> LineName {
        let Pending { plan, component, item, part, .. } = &self.pending;
        LineName {
            plan: Some(plan.clone()),
            component: component.clone(),
            item: item.clone(),
            part: Some(part.clone()),
        }
    }
}

impl Book {
    /// Installments that are not due by the end of a month with what is known at a size, of one payee or of all: by their
    /// day, those without one last.
    pub fn pending(&self, payee: Option<&PayeeId>, period: Month, known: u64) -> Vec<Waiting> {
        let view = View::new(&self.state.knowledge, known);
        let context = Context::new(view, &self.state.rules, period.last(), Detail::Figures);
        let payees: Vec<&PayeeId> =
            plans::credit::payees(view).filter(|known| payee.is_none_or(|one| one == *known)).collect();
        let evaluation = evaluate(&context, payees.into_iter());
        let mut waiting: Vec<Waiting> = Vec::new();
        for (payee, due) in evaluation.payees {
            waiting
                .extend(due.entitlement.pending.into_iter().map(|pending| Waiting { payee: payee.clone(), pending }));
        }
        // `None` sorts first, and what has no day comes last.
        waiting.sort_by_key(|one| (one.pending.on.is_none(), one.pending.on, one.payee.clone(), one.line()));
        waiting
    }
}
