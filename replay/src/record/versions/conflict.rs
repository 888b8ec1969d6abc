//! Which facts a line contradicts: facts in force that have its natural key and other content, where the line does not say
//! that it corrects them.

use ledger::fact::{Body, Incoming};
use projections::position::Position;

use crate::record::admission::{AdmissionContext, Decision};
use crate::refusal::{CreditNoteRefusal, Refusal, Refused};

/// The positions of the facts that a fact contradicts, by what was decided about it.
pub(in crate::record) fn contradicted(
    context: &AdmissionContext<'_>,
    incoming: &Incoming,
    decided: &Result<Decision, Refused>,
) -> Vec<Position> {
    match decided {
        Ok(Decision::New { contradicts, .. }) => contradicts.clone(),
        Ok(Decision::Superseded { since, .. }) if !is_explicit(incoming) && context.has_same_key(incoming, *since) => {
            vec![*since]
        }
        Ok(Decision::Superseded { .. }) => Vec::new(),
        Ok(Decision::Known(_)) => context.contradicted_when_known(incoming).into_iter().collect(),
        Err(refused) => differing(&refused.what).into_iter().collect(),
    }
}

/// The position of the fact in force under the natural key, if a fact is refused because its content differs.
pub(in crate::record) fn differing(refusal: &Refusal) -> Option<Position> {
    if let Refusal::BookingDiffers { position, .. }
    | Refusal::AdjustmentDiffers { position, .. }
    | Refusal::CreditNote(CreditNoteRefusal::Differs { position, .. }) = refusal
    {
        return Some(*position);
    }
    None
}

/// Whether a later version of a fact has to be recorded as its correction: its kind is not replaced by key alone.
pub(in crate::record) fn corrects_in_effect(incoming: &Incoming, decided: &Result<Decision, Refused>) -> bool {
    match decided {
        Ok(Decision::New { contradicts, .. }) => {
            matches!(incoming.fact.body, Body::OpeningBalance(_)) && !contradicts.is_empty()
        }
        Ok(Decision::Superseded { .. } | Decision::Known(_)) => false,
        Err(refused) => differing(&refused.what).is_some(),
    }
}

/// Whether a fact says itself which fact it ends.
fn is_explicit(incoming: &Incoming) -> bool {
    incoming.corrects.is_some() || matches!(incoming.fact.body, Body::Retraction(_))
}
