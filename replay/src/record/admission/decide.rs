//! The column of checks of admission: an id of its own, a correction or retraction, then the natural key or the content.

use ledger::fact::{Body, Fact, Incoming, Reference};
use ledger::finding::FieldPath;
use ledger::key::natural_key;
use projections::knowledge::UsageRef;

use super::context::{AdmissionContext, Decided, Decision, restating};
use crate::refusal::{CreditNoteRefusal, Refusal, Refused};

impl AdmissionContext<'_> {
    /// Decides what to do with a fact. Refuses a fact that contradicts what is known and does not say that it corrects it.
    pub fn decide(&self, incoming: &Incoming) -> Decided {
        if let Some(decision) = self.same_id(incoming)? {
            return Ok(decision);
        }
        if let Some(corrects) = &incoming.corrects {
            return self.correction(incoming, corrects);
        }
        match &incoming.fact.body {
            Body::UsageSnapshot(usage) => self.usage(incoming, UsageRef::of(usage)),
            Body::Retraction(retraction) => self.retraction(incoming, &retraction.retracts),
            Body::Booking(booking) => self.keyed(incoming, |position| {
                let booking = booking.booking.clone();
                Err(Refusal::BookingDiffers { booking, position }.at(FieldPath::of("booking")))
            }),
            Body::CreditNote(note) => self.keyed(incoming, |position| {
                let credit_note = note.credit_note.clone();
                let differs = Refusal::from(CreditNoteRefusal::Differs { credit_note, position });
                Err(differs.at(FieldPath::of("credit_note")))
            }),
            Body::Quota(_) | Body::CreditSplit(_) | Body::ExchangeRate(_) | Body::Cancellation(_) => {
                self.keyed(incoming, |known| Ok(restating(known)))
            }
            // All that it says is in its key.
            Body::UsageComplete(_) => self.keyed(incoming, |known| Ok(Decision::Known(known))),
            Body::Payee(_) | Body::Account(_) => self.merged(incoming),
            // The later of two assignments that begin on one day leaves the earlier no day.
            Body::Assignment(_) | Body::AssignmentEnd(_) => {
                self.keyed(incoming, |known| Ok(Decision::New { replaces: Vec::new(), contradicts: vec![known] }))
            }
            Body::OpeningBalance(_) => self.by_content(incoming).map(|decision| self.opening(incoming, decision)),
            Body::Adjustment(fact) => match &fact.adjustment {
                Some(adjustment) => self.keyed(incoming, |position| {
                    let adjustment = adjustment.clone();
                    Err(Refusal::AdjustmentDiffers { adjustment, position }.at(FieldPath::of("adjustment")))
                }),
                None => self.by_content(incoming),
            },
            Body::Signal(_) => self.by_content(incoming),
        }
    }
    /// The decision about a fact with an id of its own that the log has already; `None` for other facts. Refuses the fact if
    /// the id belongs to another one.
    fn same_id(&self, incoming: &Incoming) -> Result<Option<Decision>, Refused> {
        let Some(position) = incoming.id.and_then(|id| self.position_of(id)) else { return Ok(None) };
        let same = match (self.knowledge.fact_at(position), &incoming.fact.body) {
            (Some(known), Body::Retraction(_)) => {
                self.same(&known.fact, &self.with_the_id_meant(&known.fact, incoming))
            }
            (Some(known), _) => self.same(&known.fact, &incoming.fact),
            (None, Body::UsageSnapshot(usage)) => self.snapshot_says(position, UsageRef::of(usage)),
            (None, _) => false,
        };
        if same {
            return Ok(Some(Decision::Known(position)));
        }
        let id = incoming.id.expect("looked up above");
        Err(Refusal::IdTaken { id, position }.at(FieldPath::of("id")))
    }

    /// A retraction by natural key, with the key replaced by the id that it stood for when it was recorded.
    fn with_the_id_meant(&self, known: &Fact, incoming: &Incoming) -> Fact {
        let mut fact = incoming.fact.clone();
        if let (Body::Retraction(known), Body::Retraction(again)) = (&known.body, &mut fact.body)
            && let (Reference::Id(id), Reference::Key(key)) = (&known.retracts, &again.retracts)
            && let Some(meant) = self.position_of(*id).and_then(|position| self.knowledge.fact_at(position))
            && natural_key(&meant.fact.body).as_ref() == Some(key)
        {
            again.retracts = known.retracts.clone();
        }
        fact
    }
}
