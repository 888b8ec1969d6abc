//! Pending installments: earned or expected, and not due yet, because a day, usage or a signal is awaited (calculation.md 7).

use std::collections::{BTreeMap, BTreeSet};

use ledger::date::Month;
use ledger::id::PayeeId;
use plans::context::Context;
use plans::entitlement::Pending;
use plans::payment::forfeited::Forfeited;
use plans::why::Detail;
use projections::lines::{LineName, PayeeCurrency};
use projections::posted_state::ClosedPeriod;
use projections::view::View;

use crate::evaluation::full::{Evaluation, evaluate};
use crate::state::State;
use crate::statements::statement::Statement;

/// A pending installment of a payee.
pub struct PendingInstallment {
    /// The payee.
    pub payee: PayeeId,
    /// The installment.
    pub pending: Pending,
}

impl PendingInstallment {
    /// The name of the line that it will be posted as.
    pub fn line(&self) -> LineName {
        line_of_pending(&self.pending)
    }
}

/// The name of the line of a forfeited installment.
pub fn line_of_forfeited(row: &Forfeited) -> LineName {
    let Forfeited { plan, component, item, part, .. } = row;
    LineName { plan: Some(plan.clone()), component: component.clone(), item: item.clone(), part: Some(part.clone()) }
}

/// The name of the line that a pending installment will be posted as.
pub fn line_of_pending(pending: &Pending) -> LineName {
    let Pending { plan, component, item, part, .. } = pending;
    LineName { plan: Some(plan.clone()), component: component.clone(), item: item.clone(), part: Some(part.clone()) }
}

/// An installment that was pending at the previous close, and will not be paid.
pub struct Lapsed {
    /// The installment as it was pending.
    pub was: Pending,
    /// What became of it.
    pub kind: LapsedKind,
}

/// Why an installment is not pending any more.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum LapsedKind {
    /// It is forfeited.
    Forfeited,
    /// Its item or plan is gone.
    Gone,
}

/// Whether a forfeited installment is the one that was pending.
pub fn is_line_of(was: &Pending, row: &Forfeited) -> bool {
    (&was.plan, &was.component, &was.item, &was.part) == (&row.plan, &row.component, &row.item, &row.part)
}

/// The installments of these statements that were pending at the close before `closed` and will not be paid, by payee and
/// currency. Empty for the first close.
pub fn lapsed(state: &State, closed: &ClosedPeriod, statements: &[Statement]) -> BTreeMap<PayeeCurrency, Vec<Lapsed>> {
    let mut closes = state.posted.closes.iter().rev();
    let Some(before) = closes.find(|other| other.position < closed.position) else { return BTreeMap::new() };
    let payees: BTreeSet<&PayeeId> = statements.iter().map(|statement| &statement.figures.holder.0).collect();
    let was = entitled(state, before, &payees, Detail::Figures);
    if was.payees.values().all(|due| due.entitlement.pending.is_empty()) {
        return BTreeMap::new();
    }
    let now = entitled(state, closed, &payees, Detail::Standing);
    let mut lapsed: BTreeMap<PayeeCurrency, Vec<Lapsed>> = BTreeMap::new();
    for (payee, was) in was.payees {
        let entitlement = &now.payees[&payee].entitlement;
        let waiting: BTreeSet<LineName> = entitlement.pending.iter().map(line_of_pending).collect();
        for was in was.entitlement.pending {
            let line = (was.amount.currency, line_of_pending(&was));
            let entitled = entitlement.lines.get(&line);
            let came = waiting.contains(&line.1) || entitled.is_some_and(|entitled| !entitled.amount.is_zero());
            let forfeited = || entitlement.forfeited.iter().any(|row| is_line_of(&was, row));
            if !came {
                let kind = if forfeited() { LapsedKind::Forfeited } else { LapsedKind::Gone };
                lapsed.entry((payee.clone(), line.0)).or_default().push(Lapsed { was, kind });
            }
        }
    }
    lapsed
}

/// Evaluates some payees with the facts that a close was computed from.
fn entitled(state: &State, closed: &ClosedPeriod, payees: &BTreeSet<&PayeeId>, detail: Detail) -> Evaluation {
    let view = View::new(&state.knowledge, closed.close.known);
    let context = Context::new(view, &state.rules, closed.close.period.last(), detail);
    evaluate(&context, payees.iter().copied())
}

/// The pending installments of one payee, or of all payees, at the end of a month. Ordered by day; those without a day come last.
pub fn pending(state: &State, payee: Option<&PayeeId>, period: Month) -> Vec<PendingInstallment> {
    let view = View::new(&state.knowledge, state.size());
    let context = Context::new(view, &state.rules, period.last(), Detail::Figures);
    let payees: Vec<&PayeeId> =
        plans::credit::index::payees(view).filter(|known| payee.is_none_or(|one| one == *known)).collect();
    let evaluation = evaluate(&context, payees.into_iter());
    let mut waiting: Vec<PendingInstallment> = Vec::new();
    for (payee, due) in evaluation.payees {
        waiting.extend(
            due.entitlement.pending.into_iter().map(|pending| PendingInstallment { payee: payee.clone(), pending }),
        );
    }
    // `None` sorts first, and what has no day comes last.
    waiting.sort_by_key(|one| (one.pending.on.is_none(), one.pending.on, one.payee.clone(), one.line()));
    waiting
}
