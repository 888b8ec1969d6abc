//! What opening, answering and resolving have in common: texts within their limit, open disputes, and the append.

use ledger::fact::Record;
use ledger::field::FreeText;
use projections::posted_state::disputes::Dispute;

use crate::book::Book;
use crate::disputes::refusal::{DisputeError, DisputeRefusal};
use crate::disputes::summary::DisputeRecorded;
use crate::stamp::Stamp;
use crate::state::State;

/// A text that is there and not too long.
pub(super) fn text(text: &str) -> Result<FreeText, DisputeRefusal> {
    let (bytes, most) = (text.len(), FreeText::BYTES_MAX);
    if text.trim().is_empty() {
        return Err(DisputeRefusal::TextMissing);
    }
    if bytes > most {
        return Err(DisputeRefusal::TextTooLong { bytes, most });
    }
    Ok(FreeText(text.to_owned()))
}

/// The dispute of a number that nobody has resolved.
pub(super) fn open_dispute(state: &State, number: u64) -> Result<&Dispute, DisputeRefusal> {
    let count = state.posted.disputes.all().len() as u64;
    let dispute = state.posted.disputes.numbered(number).ok_or(DisputeRefusal::Unknown { dispute: number, count })?;
    match &dispute.resolution {
        None => Ok(dispute),
        Some((position, resolution)) => {
            let (outcome, position) = (resolution.outcome, u64::from(*position));
            Err(DisputeRefusal::Resolved { dispute: number, outcome, position })
        }
    }
}

/// Appends an entry of a dispute.
pub(super) fn append(
    book: &mut Book,
    dispute: u64,
    record: Record,
    stamp: &Stamp,
) -> Result<DisputeRecorded, DisputeError> {
    let position = book.size();
    let size = book.append(vec![record], stamp)?;
    Ok(DisputeRecorded { dispute, position, size })
}
