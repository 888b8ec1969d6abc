//! The full evaluation: every payee is evaluated from the facts alone (calculation.md 3 to 8). It is the judge of the incremental
//! evaluation.

use std::collections::BTreeMap;

use ledger::date::Day;
use ledger::id::{ComponentId, PayeeId, PlanId};
use ledger::money::Currency;
use plans::context::{Context, Findings};
use plans::entitlement::{Entitled, Entitlement, adjustments, entitlement, entitlement_of};
use plans::incremental::carry_forward::PreviousTotals;
use plans::incremental::dependencies::Dependencies;
use plans::incremental::recompute_scope::RecomputeScope;
use plans::payment::draw::{MonthsDraws, draws};
use plans::rulebook::Rulebook;
use plans::why::Detail;
use projections::lines::{LineName, PayeeCurrency};
use projections::view::View;

use crate::evaluation::parallel;
use crate::evaluation::schedule::{CarryForwardByPayee, PayeeCarryForward};

/// The entitlements and draws of payees by the end of a month.
#[derive(Default)]
pub struct Evaluation {
    /// By payee.
    pub payees: BTreeMap<PayeeId, PayeeDue>,
    /// The faults and warnings found on the way.
    pub findings: Findings,
}

/// The entitlement and draws of one payee.
pub struct PayeeDue {
    /// The lines that the payee is entitled to (calculation.md 3 to 8).
    pub entitlement: Entitlement,
    /// The draws of the month (calculation.md 10).
    pub draws: MonthsDraws,
}

/// Evaluates these payees in full, in one thread, with the facts and on the day of the context.
pub fn evaluate<'k>(context: &Context<'k>, payees: impl Iterator<Item = &'k PayeeId>) -> Evaluation {
    let due = payees.map(|payee| {
        let id = payee.as_str();
        (payee.clone(), PayeeDue { entitlement: entitlement(context, id), draws: draws(context, id) })
    });
    let payees = due.collect();
    Evaluation { payees, findings: context.findings() }
}

/// Evaluates all payees in full, in several threads. The entitlements contain the wake-ups, running totals and sums for the next
/// close.
pub fn evaluate_all(view: View<'_>, rules: &Rulebook, day: Day) -> Evaluation {
    evaluate_payees(view, rules, day, |_| true)
}

/// Evaluates some payees as [`evaluate_all`] does all.
pub fn evaluate_payees(view: View<'_>, rules: &Rulebook, day: Day, is_meant: impl Fn(&PayeeId) -> bool) -> Evaluation {
    let payees: Vec<&PayeeId> = plans::credit::index::payees(view).filter(|payee| is_meant(payee)).collect();
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

/// A value for each component; by default the scope in which the component is evaluated.
pub type Components<'k, T = RecomputeScope> = BTreeMap<(&'k PlanId, &'k ComponentId), T>;

/// The totals and sums that the previous close left, and the view it had. Months that did not change since are taken from them.
#[derive(Copy, Clone)]
pub struct PreviousClose<'l> {
    /// The totals and sums of each payee.
    pub carried: &'l CarryForwardByPayee,
    /// The facts that the previous close was computed from.
    pub then: View<'l>,
    /// The last day of the month of that close.
    pub closed: Day,
}

/// Evaluates one payee in the scopes of these components, with all of its adjustments and without draws.
pub fn due_of<'k>(
    context: &Context<'k>,
    payee: &'k str,
    components: &Components<'_>,
    last: Option<PreviousTotals<'_, 'k>>,
) -> PayeeDue {
    let none = RecomputeScope::none();
    let mut entitlement = entitlement_of(context, payee, last, |term, component| {
        components.get(&(&term.assignment.fact.plan, component)).unwrap_or(&none)
    });
    adjustments(context, payee, &mut entitlement);
    PayeeDue { entitlement, draws: MonthsDraws::default() }
}

/// Evaluates payees in the scopes of their components, in several threads, with all of their adjustments and without draws.
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
                let PayeeCarryForward { totals, sums, .. } = carried.get(*payee)?;
                Some(PreviousTotals { totals, sums, previous: then })
            });
            due_of(context, payee.as_str(), components, last)
        },
        |(context, _)| context.findings(),
    );
    let payees = asked.into_iter().map(|(payee, _)| payee.clone()).zip(due).collect();
    Evaluation { payees, findings: Findings::together(findings) }
}

impl Evaluation {
    /// A line that a payee is entitled to; `None` if there is no such line.
    pub fn line(&self, holder: &PayeeCurrency, name: &LineName) -> Option<&Entitled> {
        self.payees.get(&holder.0)?.entitlement.lines.get(&(holder.1, name.clone()))
    }

    /// The lines of a payee in one currency, ordered by name.
    pub fn lines(&self, holder: &PayeeCurrency) -> impl Iterator<Item = (&LineName, &Entitled)> {
        let due = self.payees.get(&holder.0);
        let lines = due.into_iter().flat_map(|due| &due.entitlement.lines);
        lines.filter(|((currency, _), _)| *currency == holder.1).map(|((_, name), entitled)| (name, entitled))
    }

    /// The payees and currencies with a line or a draw, ordered.
    pub fn holders(&self) -> Vec<PayeeCurrency> {
        let mut holders: Vec<PayeeCurrency> = Vec::new();
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
