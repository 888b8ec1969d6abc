//! Audits a book: derives every close again from the facts known when it was made, and compares it with what the log has, line by line
//! and digest by digest; settlements, draws, balances, approvals, payouts and signatures too (docs/audit.md).
//!
//! Only the log is read. The state is folded from its first entry, close by close, and every close is evaluated in full: no snapshot,
//! no schedule and no carried value of a close is used.

mod acts;
mod close_check;
pub mod difference;
pub mod evidence;
mod line_chain;
mod posted_close;
pub mod sample;
mod scan;
mod trace;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use ledger::date::Month;
use ledger::entry::Entry;
use ledger::fact::{Approval, Payload, Record, Rejection};
use ledger::log::Log;
use projections::knowledge::Knowledge;
use projections::lines::name_of;

use crate::audit::acts::ActCheck;
use crate::audit::close_check::check_close;
use crate::audit::difference::{AuditDifference, DifferenceClass, DifferenceKind};
use crate::audit::line_chain::LineChain;
pub use crate::audit::posted_close::posting_of;
use crate::audit::posted_close::{PostedClose, entries_between, holder_of};
use crate::audit::scan::{AuditStop, CloseEnd, Scan, scan};
use crate::book::Book;
use crate::close::totals;
use crate::engine::ENGINE;
use crate::error::BookError;
use crate::fold::{Hashes, fold};
use crate::state::State;
use crate::verify::{Verification, VerifyError, verify};

/// What an audit looked at, and what it found.
pub struct Audit {
    /// The number of closes that were derived again.
    pub closes: u64,
    /// The number of their lines.
    pub lines: u64,
    /// The number of their settlements.
    pub settlements: u64,
    /// The number of approvals and rejections.
    pub decisions: u64,
    /// The number of payouts.
    pub payouts: u64,
    /// The positions of the lines, in the order of the log.
    pub posted: Vec<u64>,
    /// The engine number of this program.
    pub engine: u16,
    /// The number of signatures of entries; whether they are right is verified.
    pub signatures: u64,
    /// The engine numbers that the closes record.
    pub engines: BTreeSet<u16>,
    /// The log's bytes, hashes and signatures; `None` where they were not verified.
    pub verification: Option<Verification>,
    /// Everything that differs, in the order of the log.
    pub differences: Vec<AuditDifference>,
}

impl Audit {
    /// Whether something differs that the engine does not explain.
    pub fn is_altered(&self) -> bool {
        self.differences.iter().any(|difference| difference.class == DifferenceClass::Altered)
    }
}

/// Why an audit could not be made.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The log cannot be read.
    #[error(transparent)]
    Book(#[from] BookError),
    /// A file cannot be read.
    #[error(transparent)]
    Verify(#[from] VerifyError),
}

/// Audits a book: all of its closes, or that of one month. `folder` is where its bytes are verified; `None` leaves that out.
/// `progress` is told after each close how many there were, and how many there are.
///
/// Fails if the log cannot be read.
pub fn audit(
    book: &Book,
    period: Option<Month>,
    folder: Option<&Path>,
    progress: &mut (dyn FnMut(u64, u64) + Send),
) -> Result<Audit, AuditError> {
    audit_with(&book.log, period, folder, progress).map(|(audit, _)| audit)
}

/// Audits a book as [`audit`] does, without its state: it is let go first, so that a large book is not in memory twice. The book comes back
/// with the state that the audit folded from the log alone, in which no derived file has a part.
pub fn audit_alone(
    mut book: Book,
    period: Option<Month>,
    folder: Option<&Path>,
    progress: &mut (dyn FnMut(u64, u64) + Send),
) -> Result<(Book, Audit), AuditError> {
    (book.state, book.caches) = (Arc::default(), None);
    let (audit, mut state) = audit_with(&book.log, period, folder, progress)?;
    fold(&mut state, &book.log, book.log.size(), Hashes::Trusted)?;
    book.state = Arc::new(state);
    Ok((book, audit))
}

fn audit_with(
    log: &Log,
    period: Option<Month>,
    folder: Option<&Path>,
    progress: &mut (dyn FnMut(u64, u64) + Send),
) -> Result<(Audit, State), AuditError> {
    let (verified, audited) = std::thread::scope(|threads| {
        let verified = folder.map(|folder| threads.spawn(move || verify(folder)));
        let audited = audit_log(log, period, progress);
        let verified = verified.map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        (verified.transpose(), audited)
    });
    let (mut audit, state) = audited?;
    let verification = verified?;
    // As of an earlier size, what lies behind it is not asked about.
    let is_asked = |verification: &Verification, position: Option<u64>| match position {
        Some(position) => position < log.size(),
        None => verification.size == log.size(),
    };
    let problems = verification.iter().flat_map(|verification| {
        verification.problems.iter().filter(|problem| is_asked(verification, problem.position))
    });
    audit.differences.extend(problems.map(|problem| AuditDifference {
        what: DifferenceKind::Log { file: problem.file.clone(), byte: problem.byte },
        class: DifferenceClass::Altered,
        position: problem.position,
        period: None,
        holder: None,
        posted: problem.what.clone(),
        derived: String::new(),
        trace: None,
        taken_back: None,
    }));
    audit.verification = verification;
    Ok((audit, state))
}

fn audit_log(
    log: &Log,
    period: Option<Month>,
    progress: &mut (dyn FnMut(u64, u64) + Send),
) -> Result<(Audit, State), BookError> {
    let Scan { stops, signatures, .. } = scan(log)?;
    let closes = stops.iter().filter(|stop| matches!(stop, AuditStop::Close { .. })).count() as u64;
    let state = State { knowledge: Knowledge::with_room(log.size()), ..State::default() };
    let mut walk = AuditWalk { log, period, state, chain: LineChain::default(), audit: Audit::empty() };
    let mut done = 0;
    for stop in &stops {
        walk.stop(stop)?;
        if let AuditStop::Close { .. } = stop {
            done += 1;
            progress(done, closes);
        }
    }
    let AuditWalk { mut audit, state, .. } = walk;
    audit.signatures = signatures;
    audit.lines = audit.posted.len() as u64;
    if let Some(period) = period {
        audit.differences.retain(|difference| difference.period == Some(period));
    }
    Ok((audit, state))
}

impl Audit {
    fn empty() -> Audit {
        Audit {
            closes: 0,
            lines: 0,
            settlements: 0,
            decisions: 0,
            payouts: 0,
            posted: Vec::new(),
            engine: ENGINE,
            engines: BTreeSet::new(),
            signatures: 0,
            verification: None,
            differences: Vec::new(),
        }
    }
}

/// The walk over the log, and what was found on the way.
struct AuditWalk<'l> {
    log: &'l Log,
    /// The month whose close alone is audited.
    period: Option<Month>,
    state: State,
    chain: LineChain,
    audit: Audit,
}

impl AuditWalk<'_> {
    fn stop(&mut self, stop: &AuditStop) -> Result<(), BookError> {
        match stop {
            AuditStop::Close { first, end, last } => {
                fold(&mut self.state, self.log, *first, Hashes::Trusted)?;
                match last {
                    CloseEnd::PeriodClose => self.close(*first, *end),
                    CloseEnd::Missing => {
                        let entries = entries_between(self.log, *first, *end)?;
                        self.audit.differences.extend(entries.iter().map(without_close));
                        Ok(())
                    }
                }
            }
            AuditStop::Acts(entries) => self.acts(entries),
            AuditStop::Facts(first, count) => {
                fold(&mut self.state, self.log, first.position, Hashes::Trusted)?;
                let check = ActCheck { log: self.log, state: &self.state };
                check.signers_of_facts(first, *count, &mut self.audit.differences);
                Ok(())
            }
        }
    }

    fn close(&mut self, first: u64, end: u64) -> Result<(), BookError> {
        let posted = PostedClose::read(self.log, first, end)?;
        let month = posted.close.period;
        // The close before it says which lines were off already, and later ones whether they were taken back.
        let is_wanted = self
            .period
            .is_none_or(|period| month.next() == period || month == period || (month > period && self.chain.is_open()));
        if !is_wanted {
            return Ok(());
        }
        if self.period.is_none_or(|period| month == period) {
            let audit = &mut self.audit;
            audit.closes += 1;
            audit.posted.extend(posted.lines());
            audit.settlements += posted.statements.len() as u64;
            audit.engines.insert(posted.close.engine);
        }
        let found = &mut self.audit.differences;
        check_close(&self.state, &posted, &mut self.chain, found);
        let pays = totals(&posted.statements).iter().map(|total| total.pay).collect();
        ActCheck { log: self.log, state: &self.state }.signers_of_close(&posted.end, pays, found);
        Ok(())
    }

    fn acts(&mut self, entries: &[Entry]) -> Result<(), BookError> {
        let Some(first) = entries.first() else { return Ok(()) };
        fold(&mut self.state, self.log, first.position, Hashes::Trusted)?;
        ActCheck { log: self.log, state: &self.state }.signers(entries, &mut self.audit.differences)?;
        for entry in entries {
            fold(&mut self.state, self.log, entry.position, Hashes::Trusted)?;
            ActCheck { log: self.log, state: &self.state }.payment(entry, &mut self.audit.differences)?;
            match &entry.payload {
                Payload::Record(Record::Approval(Approval { period, .. }))
                | Payload::Record(Record::Rejection(Rejection { period, .. })) => {
                    self.audit.decisions += self.counted(*period);
                }
                Payload::Record(Record::Payout(payout)) => self.audit.payouts += self.counted(payout.period),
                Payload::Record(_) | Payload::Fact(_) => {}
            }
        }
        Ok(())
    }

    /// 1 for an entry about a month that is audited.
    fn counted(&self, period: Month) -> u64 {
        u64::from(self.period.is_none_or(|audited| audited == period))
    }
}

/// A posting that is of no close: no `period-close` ends its append.
fn without_close(entry: &Entry) -> AuditDifference {
    let line = match &entry.payload {
        Payload::Record(record) => posting_of(record),
        Payload::Fact(_) => None,
    };
    AuditDifference {
        what: DifferenceKind::Close { field: "end" },
        class: DifferenceClass::Altered,
        position: Some(entry.position),
        period: line.map(|line| line.period),
        holder: line.map(holder_of),
        posted: line.map(|line| format!("{} {}", name_of(line), line.amount)).unwrap_or_default(),
        derived: String::new(),
        trace: None,
        taken_back: None,
    }
}
