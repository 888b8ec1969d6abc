//! Admission of retractions.

use ledger::fact::{Body, Fact, Incoming, Reference};
use ledger::finding::FieldPath;
use projections::position::Position;

use super::context::{AdmissionContext, Decided, Decision};
use crate::refusal::Refusal;

/// The most retractions that may follow each other, each retracting the one before.
const RETRACTIONS_MAX: usize = 100;

impl AdmissionContext<'_> {
    /// Decides about a retraction. Refuses it if the fact to retract is unknown, or was ended by another entry.
    pub(super) fn retraction(&self, incoming: &Incoming, reference: &Reference) -> Decided {
        if let (Reference::Key(key), false) = (reference, self.is_meant(incoming))
            && let Some(known) = self.retracted_by_key(incoming, key)
        {
            return Ok(Decision::Known(known));
        }
        let retracts_path = || FieldPath::of("retracts");
        let target = self.resolve(reference, retracts_path())?;
        let Some(since) = self.knowledge.ended_by(target, self.view().visibility) else {
            return match self.retracted_before(incoming, target) {
                Some(superseded) => Ok(superseded),
                None if self.depth(target) >= RETRACTIONS_MAX => {
                    let refusal = Refusal::RetractionsTooDeep { position: target, most: RETRACTIONS_MAX };
                    Err(refusal.at(retracts_path()))
                }
                None => Ok(Decision::New { replaces: vec![u64::from(target)], contradicts: Vec::new() }),
            };
        };
        match self.knowledge.fact_at(since).map(|known| &known.fact) {
            Some(known) if same_words(known, &incoming.fact) => Ok(Decision::Known(since)),
            _ => {
                let how = self.how_ended(since);
                Err(Refusal::RetractedSince { target, since, how }.at(retracts_path()))
            }
        }
    }

    /// The position of an equal retraction by key that was recorded before; `None` if there is none. It has the same reason, it
    /// retracted a fact of this key, and no fact of this key was recorded after it.
    fn retracted_by_key(&self, incoming: &Incoming, key: &str) -> Option<Position> {
        let facts = || self.knowledge.with_key(key).iter().map(|index| self.knowledge.fact(*index));
        let last = facts().map(|known| known.position).max()?;
        let visibility = self.view().visibility;
        let retractions = facts().flat_map(|known| &known.validity.retracted_by).copied();
        let same =
            |by: &Position| self.knowledge.fact_at(*by).is_some_and(|known| same_words(&known.fact, &incoming.fact));
        retractions.filter(|by| *by > last && self.knowledge.acts(*by, visibility)).find(same)
    }

    /// The decision about a retraction that equals one which was itself retracted since.
    fn retracted_before(&self, incoming: &Incoming, target: Position) -> Option<Decision> {
        if self.is_meant(incoming) {
            return None;
        }
        let validity = self.knowledge.validity(target)?;
        let equal = validity
            .retracted_by
            .iter()
            .copied()
            .rev()
            .find(|by| self.knowledge.fact_at(*by).is_some_and(|known| same_words(&known.fact, &incoming.fact)))?;
        let since = self.knowledge.ended_by(equal, self.view().visibility)?;
        Some(Decision::Superseded { equal, since })
    }

    /// How many retractions, each of the one before, end in the entry at a position.
    fn depth(&self, mut position: Position) -> usize {
        let mut depth = 0;
        while let Some(Body::Retraction(retraction)) = self.knowledge.fact_at(position).map(|known| &known.fact.body) {
            depth += 1;
            let Reference::Id(id) = retraction.retracts else { break };
            let Some(below) = self.position_of(id).filter(|_| depth <= RETRACTIONS_MAX) else { break };
            position = below;
        }
        depth
    }
}

/// Whether both are retractions with the same reason.
fn same_words(known: &Fact, incoming: &Fact) -> bool {
    match (&known.body, &incoming.body) {
        (Body::Retraction(known), Body::Retraction(incoming)) => known.reason == incoming.reason,
        _ => false,
    }
}
