//! Answers an open dispute.

use ledger::fact::{DisputeAnswer, Record};

use crate::authority::makers::entry_ref;
use crate::book::Book;
use crate::disputes::entries::{append, open_dispute, text};
use crate::disputes::refusal::DisputeError;
use crate::disputes::summary::DisputeRecorded;
use crate::stamp::Stamp;

/// Records what somebody says about the open dispute of a number.
///
/// Refused if there is none of this number, if it was resolved, or if the text is empty or too long.
pub fn answer(book: &mut Book, dispute: u64, said: &str, stamp: &Stamp) -> Result<DisputeRecorded, DisputeError> {
    let (found, said) = (open_dispute(&book.state, dispute), text(said));
    let (found, text) = match (found, said) {
        (Ok(found), Ok(said)) => (found, said),
        (found, said) => {
            let refused = found.err().into_iter().chain(said.err());
            return Err(DisputeError::Refused(refused.collect()));
        }
    };
    let (opening, payee) = (entry_ref(book, u64::from(found.position))?, found.record.payee.clone());
    append(book, dispute, Record::DisputeAnswer(DisputeAnswer { dispute, opening, payee, text }), stamp)
}
