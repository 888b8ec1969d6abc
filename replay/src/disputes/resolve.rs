//! Resolves a dispute: accepted with the entry that corrects what was wrong, rejected, or withdrawn.

use ledger::fact::{Body, DisputeOutcome, Payload, PolicyRole, Record, Resolution};
use ledger::id::PayeeId;
use projections::position::Position;
use projections::posted_state::disputes::Dispute;
use projections::validity::Visibility;

use crate::authority::makers::entry_ref;
use crate::authority::{Act, must_be_allowed};
use crate::book::Book;
use crate::disputes::entries::{append, open_dispute, text};
use crate::disputes::refusal::{CorrectionFault, DisputeError, DisputeRefusal};
use crate::disputes::summary::DisputeRecorded;
use crate::error::BookError;
use crate::stamp::Stamp;

/// Ends the open dispute of a number. `by` is the position of the entry that corrects what an accepted dispute is about.
///
/// Refused with every reason: an unknown or resolved dispute, a missing or long text, an accepted dispute without an entry that corrects
/// something, or another one with it; or if a rule of the policy asks for signatures of those who record facts.
pub fn resolve(
    book: &mut Book,
    dispute: u64,
    (outcome, by): (DisputeOutcome, Option<u64>),
    said: &str,
    stamp: &Stamp,
) -> Result<DisputeRecorded, DisputeError> {
    let mut refused = Vec::new();
    let found = open_dispute(&book.state, dispute).map_err(|refusal| refused.push(refusal));
    let said = text(said).map_err(|refusal| refused.push(refusal));
    match (outcome, by) {
        (DisputeOutcome::Accepted, None) => refused.push(DisputeRefusal::CorrectionMissing),
        (DisputeOutcome::Rejected | DisputeOutcome::Withdrawn, Some(_)) => {
            refused.push(DisputeRefusal::CorrectionUnused { outcome })
        }
        (DisputeOutcome::Rejected | DisputeOutcome::Withdrawn, None) => {}
        (DisputeOutcome::Accepted, Some(position)) if position >= book.size() => {
            refused.push(DisputeRefusal::PositionUnknown { position, size: book.size() })
        }
        (DisputeOutcome::Accepted, Some(position)) => {
            let found = found.ok();
            let fault = found.map(|found| correction_fault(book, found, position)).transpose()?.flatten();
            refused.extend(fault.map(|fault| DisputeRefusal::Correction { position, fault }));
        }
    }
    let (Ok(found), Ok(text), true) = (found, said, refused.is_empty()) else {
        return Err(DisputeError::Refused(refused));
    };
    must_be_allowed(&book.state, stamp, &Act::of(PolicyRole::Record, Vec::new()))?;
    let (opening, payee) = (entry_ref(book, u64::from(found.position))?, found.record.payee.clone());
    let by = by.map(|position| entry_ref(book, position)).transpose()?;
    append(book, dispute, Record::Resolution(Resolution { dispute, opening, payee, outcome, by, text }), stamp)
}

/// Why the entry at a position corrects nothing of a dispute; `None` if it may. Fails if the log cannot be read.
fn correction_fault(book: &Book, dispute: &Dispute, position: u64) -> Result<Option<CorrectionFault>, BookError> {
    let opened = u64::from(dispute.position);
    let payload = book.entry(position)?.payload;
    let kind = payload.word();
    let of_payee = match &payload {
        Payload::Fact(fact) => match &fact.body {
            Body::Adjustment(adjustment) => Some(&adjustment.payee),
            _ => None,
        },
        Payload::Record(Record::Plan(_)) => None,
        Payload::Record(Record::WriteOff(write_off)) => Some(&write_off.payee),
        Payload::Record(_) => return Ok(Some(CorrectionFault::Kind { kind })),
    };
    if position <= opened {
        return Ok(Some(CorrectionFault::Before { opened }));
    }
    if let Some(other) = of_payee.filter(|payee| **payee != dispute.record.payee) {
        return Ok(Some(CorrectionFault::OtherPayee { payee: PayeeId::clone(other) }));
    }
    let position = Position::try_from(position).expect("BUG: a position of the log beyond ENTRIES_MAX");
    let ended_by = book.state.knowledge.ended_by(position, Visibility::below(book.size()));
    Ok(ended_by.map(|by| CorrectionFault::Ended { by: u64::from(by) }))
}
