//! The full evaluation: everything from scratch, for every payee. It is the judge of the incremental one.

use std::collections::BTreeMap;

use ledger::date::Day;
use ledger::id::{ComponentId, PayeeId, PlanId};
use ledger::money::Currency;
use plans::context::{Context, Findings};
use plans::entitlement::{Entitled, Entitlement, adjustments, entitlement, entitlement_of};
use plans::incremental::carry_forward::CarryForward;
use plans::incremental::dependencies::Dependencies;
use plans::incremental::recompute_scope::RecomputeScope;
use plans::payment::draw::{MonthsDraws, draws};
use plans::rulebook::Rulebook;
use plans::why::Detail;
use projections::lines::{Holder, LineName};
use projections::view::View;

use crate::evaluation::parallel;
use crate::evaluation::schedule::{CarriedByPayee, CarriedForward};

/// What payees are due by the end of a month.
#[derive(Default)]
pub struct Evaluation {
    pub payees: BTreeMap<PayeeId, PayeeDue>,
    pub findings: Findings,
}

pub struct PayeeDue {
    pub entitlement: Entitlement,
    pub draws: MonthsDraws,
}

/// Evaluates these payees at the context's facts and day.
pub fn evaluate<'k>(context: &Context<'k>, payees: impl Iterator<Item = &'k PayeeId>) -> Evaluation {
    let due = payees.map(|payee| {
        let id = payee.as_str();
        (payee.clone(), PayeeDue { entitlement: entitlement(context, id), draws: draws(context, id) })
    });
    let payees = due.collect();
    Evaluation { payees, findings: context.findings() }
}

/// Everybody's, on all cores: the full evaluation, with what of each payee comes up by the passing of time.
pub fn evaluate_all(view: View<'_>, rules: &Rulebook, day: Day) -> Evaluation {
    let payees: Vec<&PayeeId> = plans::credit::index::payees(view).collect();
    let all: BTreeMap<&PlanId, BTreeMap<&ComponentId, RecomputeScope>> = rules
        .plans()
        .map(|(plan, _)| {
            let components = rules.component_ids(plan.as_str(), view.visibility).into_iter();
            let dependencies = |id| Dependencies::of(rules.versions(plan.as_str(), view.visibility), id);
            (plan, components.map(|id| (id, dependencies(id).all())).collect())
        })
        .collect();
    let (due, findings) = parallel::each(
        &payees,
        || Context::new(view, rules, day, Detail::Figures),
        |context, payee| {
            let id = payee.as_str();
            let mut entitlement =
                entitlement_of(context, id, None, |term, component| &all[&term.assignment.fact.plan][component]);
            adjustments(context, id, &mut entitlement);
            PayeeDue { entitlement, draws: draws(context, id) }
        },
        |context| context.findings(),
    );
    let payees = payees.into_iter().cloned().zip(due).collect();
    Evaluation { payees, findings: Findings::together(findings) }
}

/// By component, and what is worked out of each unless something else is said.
pub type Components<'k, T = RecomputeScope> = BTreeMap<(&'k PlanId, &'k ComponentId), T>;

/// What the last close has left, and where it stood: what did not move since is taken from there.
#[derive(Copy, Clone)]
pub struct PreviousClose<'l> {
    pub carried: &'l CarriedByPayee,
    pub then: View<'l>,
    /// E of that close.
    pub closed: Day,
}

/// Evaluates some components of one payee, with its adjustments and without draws.
pub fn due_of<'k>(
    context: &Context<'k>,
    payee: &'k str,
    components: &Components<'_>,
    last: Option<CarryForward<'_, 'k>>,
) -> PayeeDue {
    let none = RecomputeScope::none();
    let mut entitlement = entitlement_of(context, payee, last, |term, component| {
        components.get(&(&term.assignment.fact.plan, component)).unwrap_or(&none)
    });
    adjustments(context, payee, &mut entitlement);
    PayeeDue { entitlement, draws: MonthsDraws::default() }
}

/// Some dates of some components of these payees, with all their adjustments and no draws.
pub fn evaluate_some(
    view: View<'_>,
    rules: &Rulebook,
    (day, detail): (Day, Detail),
    asked: &BTreeMap<&PayeeId, Components<'_>>,
    after: Option<PreviousClose<'_>>,
) -> Evaluation {
    let asked: Vec<(&PayeeId, &Components<'_>)> = asked.iter().map(|(payee, asked)| (*payee, asked)).collect();
    let (due, findings) = parallel::each(
        &asked,
        || {
            let then = after.map(|after| (after.carried, Context::new(after.then, rules, after.closed, detail)));
            (Context::new(view, rules, day, detail), then)
        },
        |(context, then), (payee, components)| {
            let last = then.as_ref().and_then(|(carried, then)| {
                let CarriedForward { totals, sums, .. } = carried.get(*payee)?;
                Some(CarryForward { totals, sums, then })
            });
            due_of(context, payee.as_str(), components, last)
        },
        |(context, _)| context.findings(),
    );
    let payees = asked.into_iter().map(|(payee, _)| payee.clone()).zip(due).collect();
    Evaluation { payees, findings: Findings::together(findings) }
}

impl Evaluation {
    pub fn line(&self, holder: &Holder, name: &LineName) -> Option<&Entitled> {
        self.payees.get(&holder.0)?.entitlement.lines.get(&(holder.1, name.clone()))
    }

    /// The lines of a payee in one currency, ordered.
    pub fn lines(&self, holder: &Holder) -> impl Iterator<Item = (&LineName, &Entitled)> {
        let due = self.payees.get(&holder.0);
        let lines = due.into_iter().flat_map(|due| &due.entitlement.lines);
        lines.filter(|((currency, _), _)| *currency == holder.1).map(|((_, name), entitled)| (name, entitled))
    }

    /// Everybody who is due anything, in each currency.
    pub fn holders(&self) -> Vec<Holder> {
        let mut holders: Vec<Holder> = Vec::new();
        for (payee, due) in &self.payees {
            let lines = due.entitlement.lines.keys().map(|(currency, _)| *currency);
            let currencies: Vec<Currency> = lines.chain(due.draws.currencies()).collect();
            holders.extend(currencies.into_iter().map(|currency| (payee.clone(), currency)));
        }
        holders.sort();
        holders.dedup();
        holders
    }
}
