//! What a retraction changes: the value that it withdraws, and the value that holds afterwards. A retracted correction gives its
//! place back to what it replaced; a retracted retraction gives back what it withdrew.

use ledger::exact::Exact;
use ledger::fact::{Body, Reference, UsageSnapshot};
use ledger::field::Amount;
use projections::knowledge::{Knowledge, MeteredRun};
use projections::position::Position;
use projections::view::View;
use uuid::Uuid;

use crate::record::versions::change::RestatementChange;

/// The values before and after a retraction.
pub(in crate::record) struct Withdrawal {
    /// The fact that is in force before the retraction; `None` if none is.
    pub old: Option<Body>,
    /// The fact that is in force afterwards; `None` if none is.
    pub new: Option<Body>,
}

impl Withdrawal {
    /// What the retraction at a position changes, which retracts the entry at `retracted` and is folded in. `position_of` finds
    /// entries by their id.
    pub fn of(
        knowledge: &Knowledge,
        (retracted, by): (Position, Position),
        position_of: impl Fn(Uuid) -> Option<Position>,
    ) -> Withdrawal {
        let mut fact = retracted;
        while let Some(Body::Retraction(retraction)) = knowledge.fact_at(fact).map(|known| &known.fact.body) {
            let Reference::Id(id) = retraction.retracts else { break };
            let Some(below) = position_of(id) else { break };
            fact = below;
        }
        let holding = |size: u64| holding(View::new(knowledge, size), fact);
        Withdrawal { old: holding(u64::from(by)), new: holding(u64::from(by) + 1) }
    }

    /// How the values differ.
    pub fn change(&self) -> RestatementChange {
        match (&self.old, &self.new) {
            (_, None) => RestatementChange::Withdrawn,
            (None, Some(_)) => RestatementChange::Restored,
            (Some(_), Some(_)) => RestatementChange::Reverted,
        }
    }
}

/// The fact at a position, or the one that it replaced, whichever is in force.
fn holding(view: View<'_>, position: Position) -> Option<Body> {
    let knowledge = view.knowledge;
    if let Some((metered, snapshot)) = knowledge.snapshot_at(position) {
        let mut usage = UsageSnapshot {
            account: knowledge.contract(metered.contract).account.clone(),
            contract: Some(knowledge.contract(metered.contract).id.clone()),
            meter: metered.run.meter.clone(),
            from: snapshot.from,
            to: snapshot.to,
            amount: amount(&snapshot.amount)?,
            quantity: snapshot.quantity.as_ref().and_then(amount),
            currency: metered.currency,
            replaces: None,
        };
        if view.in_force(position) {
            return Some(Body::UsageSnapshot(usage));
        }
        (usage.amount, usage.quantity) = replaced_usage(view, metered, position)?;
        return Some(Body::UsageSnapshot(usage));
    }
    if view.in_force(position) {
        return knowledge.fact_at(position).map(|known| known.fact.body.clone());
    }
    let replaced = knowledge.ended_facts().filter(|known| known.validity.replaced_by.contains(&position));
    replaced.filter(|known| view.in_force(known.position)).last().map(|known| known.fact.body.clone())
}

/// The sum of the snapshots in force that the one at a position replaced, and that of their quantities.
fn replaced_usage(view: View<'_>, of: &MeteredRun, position: Position) -> Option<(Amount, Option<Amount>)> {
    let runs = view.runs_of(view.knowledge.contract(of.contract)).filter(|run| run.run.meter == of.run.meter);
    let ended = runs.flat_map(|run| run.run.ended()).filter(|ended| ended.validity.replaced_by.contains(&position));
    let mut sums: Option<(Exact, Option<Exact>)> = None;
    for snapshot in ended.map(|ended| &ended.snapshot).filter(|snapshot| view.in_force(snapshot.position)) {
        let (sum, quantity) = sums.take().unwrap_or((Exact::ZERO, None));
        let quantity = match (quantity, &snapshot.quantity) {
            (Some(sum), Some(quantity)) => Some(&sum + quantity),
            (sum, quantity) => sum.or_else(|| quantity.clone()),
        };
        sums = Some((&sum + &snapshot.amount, quantity));
    }
    let (sum, quantity) = sums?;
    Some((amount(&sum)?, quantity.as_ref().and_then(amount)))
}

fn amount(exact: &Exact) -> Option<Amount> {
    Amount::parse(&exact.text())
}
