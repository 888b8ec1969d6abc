//! Admission of facts with a natural key, and of kinds that are compared by their content.

use ledger::fact::{Body, Incoming};
use ledger::field::Amount;
use ledger::key::natural_key;
use projections::knowledge::{UsageRef, content_digest};
use projections::position::Position;

use super::context::{AdmissionContext, Decided, Decision, fresh};
use crate::refusal::Refusal;

impl AdmissionContext<'_> {
    /// Decides about a kind that has one fact in force for each key. `other` decides if the one in force, at the given
    /// position, has other content.
    pub(super) fn keyed(&self, incoming: &Incoming, other: impl FnOnce(Position) -> Decided) -> Decided {
        let key = natural_key(&incoming.fact.body).expect("these kinds have keys");
        let view = self.view();
        let list = self.knowledge.with_key(&key);
        let in_force: Vec<_> = view.live(list).collect();
        if let Some(known) = in_force.iter().find(|known| self.same(&known.fact, &incoming.fact)) {
            return Ok(Decision::Known(known.position));
        }
        if let Some(decision) = self.ended(list.iter().map(|index| self.knowledge.fact(*index).position), incoming) {
            return Ok(decision);
        }
        match in_force.last() {
            Some(known) => other(known.position),
            None => Ok(fresh()),
        }
    }

    /// Decides about payees and accounts. Each fact changes only the fields that it names, so several facts of one key and
    /// date can be in force.
    pub(super) fn merged(&self, incoming: &Incoming) -> Decided {
        let key = natural_key(&incoming.fact.body).expect("these kinds have keys");
        let list = self.knowledge.with_key(&key);
        let view = self.view();
        let equal = view.live(list).rfind(|known| self.same(&known.fact, &incoming.fact));
        if let Some(equal) = equal {
            let mut later = view.live(list).filter(|known| known.position > equal.position);
            // A later fact of the same date may have changed a field that the equal one names.
            return Ok(
                match later.rfind(|known| contradicts(&self.opened(&known.fact.body), &self.opened(&equal.fact.body))) {
                    Some(since) if !self.is_meant(incoming) => {
                        Decision::Superseded { equal: equal.position, since: since.position }
                    }
                    Some(_) => self.changing(incoming),
                    None => Decision::Known(equal.position),
                },
            );
        }
        let ended = self.ended(list.iter().map(|index| self.knowledge.fact(*index).position), incoming);
        Ok(ended.unwrap_or_else(|| self.changing(incoming)))
    }

    /// The decision to record a payee or account, with the facts of its date that give one of its fields another value.
    fn changing(&self, incoming: &Incoming) -> Decision {
        let body = self.opened(&incoming.fact.body);
        let contradicts = self.with_same_key(incoming, |known| contradicts(&body, &self.opened(known)));
        Decision::New { replaces: Vec::new(), contradicts }
    }

    /// A decision about an opening balance, with the ones of its date that give one of its amounts another value. Both
    /// count, unless one says that it corrects the other.
    pub(super) fn opening(&self, incoming: &Incoming, decision: Decision) -> Decision {
        match decision {
            // An id of its own says that it is another one.
            Decision::New { replaces, .. } if incoming.id.is_none() => {
                let contradicts = self.with_same_key(incoming, |known| contradicts(&incoming.fact.body, known));
                Decision::New { replaces, contradicts }
            }
            Decision::New { .. } | Decision::Known(_) | Decision::Superseded { .. } => decision,
        }
    }

    /// Whether the entry at a position has the natural key of a fact.
    pub fn has_same_key(&self, incoming: &Incoming, position: Position) -> bool {
        if let Body::UsageSnapshot(usage) = &incoming.fact.body {
            return self.snapshot_has_key(position, UsageRef::of(usage));
        }
        let known = self.knowledge.fact_at(position).and_then(|known| natural_key(&known.fact.body));
        known.is_some() && known == natural_key(&incoming.fact.body)
    }

    /// The position of a later assignment or opening balance of this append that contradicts a fact which is known.
    pub fn contradicted_when_known(&self, incoming: &Incoming) -> Option<Position> {
        let body = &incoming.fact.body;
        let contradicts: fn(&Body, &Body) -> bool = match body {
            Body::Assignment(_) => |known, body| known != body,
            Body::OpeningBalance(_) => contradicts,
            _ => return None,
        };
        let positions = self.with_same_key(incoming, |known| contradicts(known, body));
        positions.into_iter().rfind(|position| u64::from(*position) >= self.append_first)
    }

    /// The positions of the facts in force with the natural key of a fact, as far as they are asked for.
    fn with_same_key(&self, incoming: &Incoming, is_asked_for: impl Fn(&Body) -> bool) -> Vec<Position> {
        let key = natural_key(&incoming.fact.body).expect("these kinds have keys");
        let live = self.view().live(self.knowledge.with_key(&key));
        live.filter(|known| is_asked_for(&known.fact.body)).map(|known| known.position).collect()
    }

    /// Decides about a kind without a natural key: two facts are the same if all of their content is.
    pub(super) fn by_content(&self, incoming: &Incoming) -> Decided {
        let same = self.knowledge.with_content(&content_digest(&incoming.fact));
        let equal = |position: &&Position| {
            let known = self.knowledge.fact_at(**position);
            known.is_some_and(|known| self.same(&known.fact, &incoming.fact))
        };
        // A fact with an id of its own is another event, even if all else is equal.
        if incoming.id.is_some() {
            return Ok(fresh());
        }
        let view = self.view();
        // An equal fact of this append with an id of its own is another event.
        let told_apart = |position: &&Position| {
            u64::from(**position) < self.append_first || !self.own_ids.values().any(|own| own == *position)
        };
        if let Some(position) = same.iter().filter(equal).filter(told_apart).find(|position| view.in_force(**position))
        {
            if u64::from(*position) < self.append_first {
                return Ok(Decision::Known(*position));
            }
            return Err(Refusal::RecordedTwice { kind: incoming.fact.body.word() }.into());
        }
        Ok(self.ended(same.iter().copied(), incoming).unwrap_or_else(fresh))
    }
}

/// Whether `later` gives a field that `earlier` names another value.
fn contradicts(later: &Body, earlier: &Body) -> bool {
    use ledger::field::FieldChange;
    fn other<T: PartialEq>(later: &FieldChange<T>, earlier: &FieldChange<T>) -> bool {
        !matches!(later, FieldChange::Keep) && !matches!(earlier, FieldChange::Keep) && later != earlier
    }
    let attributes = |later: &std::collections::BTreeMap<_, FieldChange<_>>,
                      earlier: &std::collections::BTreeMap<_, FieldChange<_>>| {
        later.iter().any(|(name, change): (&ledger::id::Name, &FieldChange<ledger::field::Attribute>)| {
            earlier.get(name).is_some_and(|before| before != change)
        })
    };
    match (later, earlier) {
        (Body::Payee(a), Body::Payee(b)) => {
            other(&a.role, &b.role)
                || other(&a.manager, &b.manager)
                || other(&a.team, &b.team)
                || other(&a.region, &b.region)
                || other(&a.currency, &b.currency)
                || other(&a.recovery_cap, &b.recovery_cap)
                || other(&a.status, &b.status)
                || other(&a.name, &b.name)
                || other(&a.email, &b.email)
                || other(&a.title, &b.title)
                || attributes(&a.attributes, &b.attributes)
        }
        (Body::Account(a), Body::Account(b)) => {
            other(&a.name, &b.name)
                || other(&a.segment, &b.segment)
                || other(&a.region, &b.region)
                || attributes(&a.attributes, &b.attributes)
        }
        (Body::OpeningBalance(a), Body::OpeningBalance(b)) => {
            let other = |a: Option<Amount>, b: Option<Amount>| a.zip(b).is_some_and(|(a, b)| a != b);
            other(a.owed, b.owed) || other(a.draw, b.draw)
        }
        _ => false,
    }
}
