//! Pending installments: earned or expected, and not due yet, because a day, usage or a signal is awaited (calculation.md 7).

use std::collections::{BTreeMap, BTreeSet};

use ledger::date::{Day, Month};
use ledger::id::PayeeId;
use plans::context::Context;
use plans::entitlement::Pending;
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
        line_of(&self.pending)
    }
}

fn line_of(pending: &Pending) -> LineName {
    let Pending { plan, component, item, part, .. } = pending;
    LineName { plan: Some(plan.clone()), component: component.clone(), item: item.clone(), part: Some(part.clone()) }
}

/// An installment that was pending at the previous close, and will not be paid.
pub struct Lapsed {
    /// The installment as it was pending.
    pub was: Pending,
    /// The day on which it was forfeited; `None` if its item or plan is gone.
    pub forfeited: Option<Day>,
}

/// The installments of these statements that were pending at the close before `closed` and will not be paid, by payee and
/// currency. Empty for the first close.
pub fn lapsed(state: &State, closed: &ClosedPeriod, statements: &[Statement]) -> BTreeMap<PayeeCurrency, Vec<Lapsed>> {
    let mut closes = state.posted.closes.iter().rev();
    let Some(before) = closes.find(|other| other.position < closed.position) else { return BTreeMap::new() };
    let payees: BTreeSet<&PayeeId> = statements.iter().map(|statement| &statement.figures.holder.0).collect();
    let was = entitled(state, before, &payees);
    if was.payees.values().all(|due| due.entitlement.pending.is_empty()) {
        return BTreeMap::new();
    }
    let now = entitled(state, closed, &payees);
    let mut lapsed: BTreeMap<PayeeCurrency, Vec<Lapsed>> = BTreeMap::new();
    for (payee, was) in was.payees {
        let entitlement = &now.payees[&payee].entitlement;
        let waiting: BTreeSet<LineName> = entitlement.pending.iter().map(line_of).collect();
        for was in was.entitlement.pending {
            let line = (was.amount.currency, line_of(&was));
            let entitled = entitlement.lines.get(&line);
            let came = waiting.contains(&line.1) || entitled.is_some_and(|entitled| !entitled.amount.is_zero());
            let forfeited = entitled.map(|entitled| entitled.due);
            if !came {
                lapsed.entry((payee.clone(), line.0)).or_default().push(Lapsed { was, forfeited });
            }
        }
    }
    lapsed
}

/// Evaluates some payees with the facts that a close was computed from.
fn entitled(state: &State, closed: &ClosedPeriod, payees: &BTreeSet<&PayeeId>) -> Evaluation {
    let view = View::new(&state.knowledge, closed.close.known);
    let context = Context::new(view, &state.rules, closed.close.period.last(), Detail::Figures);
    evaluate(&context, payees.iter().copied())
}

/// The pending installments of one payee, or of all payees, at the end of a month, computed from the first `known` entries of the
/// log. Ordered by day; those without a day come last.
pub fn pending(state: &State, payee: Option<&PayeeId>, period: Month, known: u64) -> Vec<PendingInstallment> {
    let view = View::new(&state.knowledge, known);
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
