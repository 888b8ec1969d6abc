//! Opens a dispute about a payee's statement of a closed month, or about one line of it.

use ledger::date::Month;
use ledger::fact::{DisputeRecord, DisputedLine, EntryRef, EvidenceFile, Record};
use ledger::id::PayeeId;
use projections::lines::LineName;

use crate::authority::makers::entry_ref;
use crate::book::Book;
use crate::disputes::entries::{append, text};
use crate::disputes::line::disputed_line;
use crate::disputes::refusal::{DisputeError, DisputeRefusal};
use crate::disputes::summary::DisputeRecorded;
use crate::pay::approval::{closed, must_be_known};
use crate::stamp::Stamp;

/// The most entries and files that one dispute names.
pub const EVIDENCE_MAX: usize = 100;

/// What somebody disputes, and why.
#[derive(Clone, Debug)]
pub struct DisputeRequest {
    /// Whose statement.
    pub payee: PayeeId,
    /// Of which closed month.
    pub period: Month,
    /// The line, percent-encoded as statements write it, or plain; the whole statement where it is `None`.
    pub line: Option<String>,
    /// What is wrong.
    pub reason: String,
    /// Positions of entries that show it.
    pub entries: Vec<u64>,
    /// Files that show it. Their content is not recorded.
    pub files: Vec<EvidenceFile>,
}

/// Opens a dispute. Refused as [`check`] says.
pub fn open(book: &mut Book, asked: &DisputeRequest, stamp: &Stamp) -> Result<DisputeRecorded, DisputeError> {
    let record = checked(book, asked)?;
    append(book, record.dispute, Record::Dispute(record), stamp)
}

/// Whether a dispute may be opened.
///
/// Refused with every reason: an unknown payee or line, a month that is not closed, a missing or long text, evidence that is not in the
/// log or too much, or an open dispute about the line. Fails if the log cannot be read.
pub fn check(book: &Book, asked: &DisputeRequest) -> Result<(), DisputeError> {
    checked(book, asked).map(drop)
}

/// The record of a dispute that may be opened.
fn checked(book: &Book, asked: &DisputeRequest) -> Result<DisputeRecord, DisputeError> {
    let DisputeRequest { payee, period, files, .. } = asked;
    let mut refused: Vec<DisputeRefusal> = Vec::new();
    let known = must_be_known(&book.state, Some(payee)).map_err(DisputeRefusal::Pay);
    let known = known.map_err(|refusal| refused.push(refusal));
    let close = closed(book, *period).map_err(|refusal| refused.push(DisputeRefusal::Pay(refusal)));
    let reason = text(&asked.reason).map_err(|refusal| refused.push(refusal));
    let count = asked.entries.len() + files.len();
    if count > EVIDENCE_MAX {
        refused.push(DisputeRefusal::TooMuchEvidence { count, most: EVIDENCE_MAX });
    }
    let size = book.size();
    let unknown = asked.entries.iter().filter(|position| **position >= size);
    refused.extend(unknown.map(|position| DisputeRefusal::PositionUnknown { position: *position, size }));
    let mut line = None;
    if let (Ok(()), Ok(closed)) = (known, close) {
        match asked.line.as_ref().map(|line| disputed_line(book, closed, payee, line)).transpose()? {
            Some(Ok(found)) => line = Some(found),
            Some(Err(refusal)) => refused.push(refusal),
            None => {}
        }
        if (line.is_some() || asked.line.is_none())
            && let Some(dispute) = already_open(book, payee, *period, line.as_ref())
        {
            let line = line.as_ref().map(LineName::from);
            refused.push(DisputeRefusal::AlreadyOpen { dispute, line });
        }
    }
    let (Ok(closed), Ok(reason), true) = (close, reason, refused.is_empty()) else {
        return Err(DisputeError::Refused(refused));
    };
    let close = entry_ref(book, u64::from(closed.position))?;
    let entries: Result<Vec<EntryRef>, _> = asked.entries.iter().map(|position| entry_ref(book, *position)).collect();
    let dispute = book.state.posted.disputes.all().len() as u64 + 1;
    let (payee, period, entries, files) = (payee.clone(), *period, entries?, files.clone());
    Ok(DisputeRecord { dispute, payee, period, close, line, reason, entries, files })
}

/// The number of the open dispute about a line of a payee's statement, or about the whole of it.
fn already_open(book: &Book, payee: &PayeeId, period: Month, line: Option<&DisputedLine>) -> Option<u64> {
    let mut about = book.state.posted.disputes.about(payee, period).filter(|dispute| dispute.is_open());
    about.find(|dispute| dispute.record.line.as_ref() == line).map(|dispute| dispute.number())
}
