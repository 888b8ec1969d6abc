//! Admission of corrections, and the entry that an id or a natural key means.

use ledger::fact::{Body, Corrects, Incoming, Reference};
use ledger::finding::FieldPath;
use ledger::key::{natural_key, usage_key};
use projections::knowledge::{UsageRef, content_digest};
use projections::position::Position;

use super::context::{AdmissionContext, Decided, Decision};
use crate::refusal::{Refusal, Refused};

impl AdmissionContext<'_> {
    /// Decides about a fact that says that it corrects another one. Refuses it if that one is of another kind, is a
    /// retraction, is unknown, or was ended by another entry.
    pub(super) fn correction(&self, incoming: &Incoming, corrects: &Corrects) -> Decided {
        if let Some(decision) = self.corrected_by_key(incoming, corrects) {
            return Ok(decision);
        }
        let target = match corrects {
            Corrects::Same => self.same_key_in_force(incoming)?,
            Corrects::Named(reference) => self.resolve(reference, corrects_path())?,
        };
        let word = incoming.fact.body.word();
        let (kind, equal) = match self.knowledge.fact_at(target) {
            Some(known) => (known.fact.body.word(), self.same_to_the_letter(&known.fact, &incoming.fact)),
            None => (
                "usage-snapshot",
                matches!(&incoming.fact.body, Body::UsageSnapshot(usage) if self.snapshot_says(target, UsageRef::of(usage))),
            ),
        };
        if kind != word {
            let refusal = Refusal::CorrectsOtherKind { written: word, known: kind, position: target };
            return Err(refusal.at(corrects_path()));
        }
        if matches!(incoming.fact.body, Body::Retraction(_)) {
            return Err(Refusal::RetractionCorrected.at(corrects_path()));
        }
        let Some(since) = self.knowledge.ended_by(target, self.view().visibility) else {
            if let (false, Some(superseded)) = (equal, self.recorded_before(incoming)) {
                return Ok(superseded);
            }
            // A correction with an id of its own is recorded even if it changes nothing: its id may be named later.
            let known = equal && incoming.id.is_none();
            return if known { Ok(Decision::Known(target)) } else { self.replacing_with_same_key(incoming, target) };
        };
        self.corrected_before(incoming, target, since)
    }

    /// The decision about a correction by key that was recorded before; `None` if it was not. A key means the fact that is in
    /// force when the correction is recorded, so the same correction, read again, would mean the fact that it made itself. An
    /// equal fact that once replaced one of this key is taken for the same correction.
    fn corrected_by_key(&self, incoming: &Incoming, corrects: &Corrects) -> Option<Decision> {
        let key = match corrects {
            Corrects::Same => natural_key(&incoming.fact.body)?,
            Corrects::Named(Reference::Key(key)) => key.clone(),
            Corrects::Named(Reference::Id(_)) => return None,
        };
        if incoming.id.is_some() {
            return None;
        }
        if let (Body::UsageSnapshot(usage), Corrects::Named(reference)) = (&incoming.fact.body, corrects) {
            let is_gone = self.resolve(reference, corrects_path()).is_err();
            let there = is_gone.then(|| self.usage(incoming, UsageRef::of(usage)).ok()).flatten();
            return there.filter(|there| !matches!(there, Decision::New { .. }));
        }
        let facts = self.knowledge.with_key(&key).iter().map(|index| self.knowledge.fact(*index));
        let equal = facts.flat_map(|known| &known.validity.replaced_by).copied().filter(|by| {
            let known = self.knowledge.fact_at(*by);
            known.is_some_and(|known| self.same_to_the_letter(&known.fact, &incoming.fact))
        });
        let since = |equal: Position| self.knowledge.ended_by(equal, self.view().visibility);
        // An equal fact that is still in force is preferred.
        let equal = equal.max_by_key(|equal| (since(*equal).is_none(), *equal))?;
        match since(equal) {
            None => Some(Decision::Known(equal)),
            Some(since) => (!self.is_meant(incoming)).then_some(Decision::Superseded { equal, since }),
        }
    }

    /// The decision about a fact that equals one which was recorded before and has ended since; `None` if there is none.
    fn recorded_before(&self, incoming: &Incoming) -> Option<Decision> {
        if self.is_meant(incoming) {
            return None;
        }
        if let Body::UsageSnapshot(usage) = &incoming.fact.body {
            let (equal, since) = self.interval(UsageRef::of(usage)).equal_ended?;
            return Some(Decision::Superseded { equal, since });
        }
        match natural_key(&incoming.fact.body) {
            Some(key) => {
                let list = self.knowledge.with_key(&key).iter();
                self.ended(list.map(|index| self.knowledge.fact(*index).position), incoming)
            }
            None => {
                let same = self.knowledge.with_content(&content_digest(&incoming.fact));
                self.ended(same.iter().copied(), incoming)
            }
        }
    }

    /// The decision about a correction of a fact that has ended. It is known, or superseded, if it is the entry that ended the
    /// fact, and refused otherwise.
    fn corrected_before(&self, incoming: &Incoming, target: Position, since: Position) -> Decided {
        let same = match self.knowledge.fact_at(since) {
            Some(known) => self.same(&known.fact, &incoming.fact),
            None => {
                matches!(&incoming.fact.body, Body::UsageSnapshot(usage) if self.snapshot_says(since, UsageRef::of(usage)))
            }
        };
        if same {
            return Ok(match self.knowledge.ended_by(since, self.view().visibility) {
                None => Decision::Known(since),
                Some(later) => Decision::Superseded { equal: since, since: later },
            });
        }
        let how = self.how_ended(since);
        Err(Refusal::CorrectedSince { target, since, how }.at(corrects_path()))
    }

    /// The position of the fact in force under the natural key of the correction itself.
    fn same_key_in_force(&self, incoming: &Incoming) -> Result<Position, Refused> {
        let nothing = |key: &str| Refusal::NothingToCorrect { key: key.to_owned() }.at(corrects_path());
        if let Body::UsageSnapshot(usage) = &incoming.fact.body {
            let key = natural_key(&incoming.fact.body).expect("usage has a natural key");
            return self.interval(UsageRef::of(usage)).in_force.ok_or_else(|| nothing(&key));
        }
        let Some(key) = natural_key(&incoming.fact.body) else {
            return Err(Refusal::NoNaturalKey { kind: incoming.fact.body.word() }.at(corrects_path()));
        };
        self.keyed_in_force(&key, corrects_path())?.ok_or_else(|| nothing(&key))
    }

    /// The position of the fact in force under a natural key. Refused if there are several.
    fn keyed_in_force(&self, key: &str, path: FieldPath) -> Result<Option<Position>, Refused> {
        let in_force: Vec<Position> =
            self.view().live(self.knowledge.with_key(key)).map(|known| known.position).collect();
        match in_force[..] {
            [] => Ok(None),
            [position] => Ok(Some(position)),
            _ => Err(Refusal::ReferenceAmbiguous { key: key.to_owned(), positions: in_force }.at(path)),
        }
    }

    /// The position of the entry that an id or a key means. Refused if there is none. `path` is the field it is written in.
    pub(super) fn resolve(&self, reference: &Reference, path: FieldPath) -> Result<Position, Refused> {
        let found = match reference {
            Reference::Id(id) => self.position_of(*id).filter(|position| {
                self.knowledge.fact_at(*position).is_some() || self.knowledge.run_at(*position).is_some()
            }),
            Reference::Key(key) => match usage_key(key) {
                Some(parts) => self.usage_in_force(&parts),
                None => self.keyed_in_force(key, path.clone())?,
            },
        };
        found.ok_or_else(|| Refusal::ReferenceUnknown { reference: reference.clone() }.at(path))
    }

    /// Records a correction. If its own key is another one, and another fact is in force under that key, it replaces both.
    fn replacing_with_same_key(&self, incoming: &Incoming, target: Position) -> Decided {
        let other = match &incoming.fact.body {
            Body::UsageSnapshot(usage) => self.interval(UsageRef::of(usage)).in_force,
            Body::Quota(_)
            | Body::CreditSplit(_)
            | Body::ExchangeRate(_)
            | Body::Cancellation(_)
            | Body::UsageComplete(_) => {
                let key = natural_key(&incoming.fact.body).expect("these kinds have keys");
                self.view().live(self.knowledge.with_key(&key)).last().map(|known| known.position)
            }
            Body::Payee(_)
            | Body::Account(_)
            | Body::Assignment(_)
            | Body::AssignmentEnd(_)
            | Body::OpeningBalance(_) => None,
            Body::Booking(_) | Body::CreditNote(_) | Body::Signal(_) | Body::Adjustment(_) | Body::Retraction(_) => {
                None
            }
        };
        let contradicts: Vec<Position> = other.filter(|other| *other != target).into_iter().collect();
        let mut replaces: Vec<u64> = [target].iter().chain(&contradicts).map(|position| u64::from(*position)).collect();
        replaces.sort();
        Ok(Decision::New { replaces, contradicts })
    }
}

fn corrects_path() -> FieldPath {
    FieldPath::of("corrects")
}
