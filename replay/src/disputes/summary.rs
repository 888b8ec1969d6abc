//! A dispute with who said what and when, as it is listed and shown beside the statements.

use ledger::date::Month;
use ledger::entry::recorded_text;
use ledger::fact::DisputeOutcome;
use ledger::id::PayeeId;
use ledger::json::JsonWriter;
use projections::lines::{LineName, PayeeCurrency};
use projections::posted_state::ClosedPeriod;
use projections::posted_state::disputes::Dispute;

use crate::authority::recorded::{RecordedEntry, recorded};
use crate::book::Book;
use crate::error::BookError;
use crate::state::State;

/// An entry that opened, answered or resolved a dispute.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct DisputeRecorded {
    /// The number of the dispute.
    pub dispute: u64,
    /// The position of the entry.
    pub position: u64,
    /// The size of the log afterwards.
    pub size: u64,
}

/// A dispute, with the entries that it consists of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DisputeSummary {
    /// Its number in the book.
    pub dispute: u64,
    /// Whose statement.
    pub payee: PayeeId,
    /// Of which closed month.
    pub period: Month,
    /// The line; the whole statement where it is `None`.
    pub line: Option<LineName>,
    /// The entry that opened it, with its reason.
    pub opened: RecordedEntry,
    /// The answers.
    pub answers: Vec<RecordedEntry>,
    /// How it ended; `None` while it is open.
    pub resolved: Option<ResolvedDispute>,
}

/// The end of a dispute.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ResolvedDispute {
    /// How it ended.
    pub outcome: DisputeOutcome,
    /// The entry that resolved it.
    pub entry: RecordedEntry,
    /// The entry that corrects what was wrong, where the dispute was accepted.
    pub by: Option<u64>,
    /// The month whose close was the first to know that entry; `None` before it.
    pub posted: Option<Month>,
}

impl DisputeSummary {
    /// `open`, or how it ended.
    pub fn state(&self) -> &'static str {
        self.resolved.as_ref().map_or("open", |resolved| resolved.outcome.as_str())
    }

    /// Writes it as an object.
    pub fn json(&self, out: &mut JsonWriter) {
        out.object(|out| self.members(out));
    }

    /// Writes its members into an object that is open.
    pub fn members(&self, out: &mut JsonWriter) {
        let resolved = self.resolved.as_ref();
        out.name("dispute").number(self.dispute);
        out.name("payee").text(&self.payee);
        out.name("period").text(self.period);
        out.name("line").maybe(self.line.as_ref());
        out.name("state").text(self.state());
        out.name("opened").text(recorded_text(self.opened.recorded));
        out.name("reason").text(self.opened.text.as_deref().unwrap_or_default());
        out.name("answers").number(self.answers.len() as u64);
        out.name("resolved").maybe(resolved.map(|resolved| recorded_text(resolved.entry.recorded)));
        match resolved.and_then(|resolved| resolved.by) {
            Some(by) => out.name("by").number(by),
            None => out.name("by").raw("null"),
        }
        out.name("posted").maybe(resolved.and_then(|resolved| resolved.posted));
    }
}

/// A dispute with who said what and when. Fails if the log cannot be read.
pub fn summary(book: &Book, dispute: &Dispute) -> Result<DisputeSummary, BookError> {
    let record = &dispute.record;
    let answers = dispute.answers.iter().map(|(position, _)| recorded(book, u64::from(*position)));
    let resolved = match &dispute.resolution {
        None => None,
        Some((position, resolution)) => {
            let by = dispute.corrected_by();
            let posted = by.and_then(|by| posting_close(&book.state, by)).map(|closed| closed.close.period);
            let entry = recorded(book, u64::from(*position))?;
            Some(ResolvedDispute { outcome: resolution.outcome, entry, by, posted })
        }
    };
    Ok(DisputeSummary {
        dispute: dispute.number(),
        payee: record.payee.clone(),
        period: record.period,
        line: record.line.as_ref().map(LineName::from),
        opened: recorded(book, u64::from(dispute.position))?,
        answers: answers.collect::<Result<_, _>>()?,
        resolved,
    })
}

/// The first close that knew an entry; `None` before it.
pub(super) fn posting_close(state: &State, position: u64) -> Option<&ClosedPeriod> {
    state.posted.closes.iter().find(|closed| closed.close.known > position)
}

/// The disputes that are shown beside the statement of a payee and currency: those about it, and those about earlier months that its
/// close posted the correction of. Fails if the log cannot be read.
pub(crate) fn beside(
    book: &Book,
    holder: &PayeeCurrency,
    closed: &ClosedPeriod,
) -> Result<Vec<DisputeSummary>, BookError> {
    let is_posted_here = |dispute: &Dispute| {
        let close = dispute.corrected_by().and_then(|by| posting_close(&book.state, by));
        close.is_some_and(|close| close.position == closed.position)
    };
    let is_shown = |dispute: &&Dispute| {
        let record = &dispute.record;
        record.payee == holder.0
            && record.line.as_ref().is_none_or(|line| line.currency == holder.1)
            && (record.period == closed.close.period || is_posted_here(dispute))
    };
    book.state.posted.disputes.all().iter().filter(is_shown).map(|dispute| summary(book, dispute)).collect()
}
