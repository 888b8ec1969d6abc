//! What an auditor files for a line: the posting, the statement that it is on, the entries that it rests on, and those that closed, approved,
//! paid and confirmed it.

use std::collections::BTreeSet;

use ledger::entry::Entry;
use ledger::fact::{Payload, Record};
use projections::lines::{PayeeCurrency, name_of};
use projections::posted_state::ClosedPeriod;
use projections::posted_state::payables::PortionDecision;

use crate::audit::posted_close::{holder_of, posting_of};
use crate::book::Book;
use crate::error::BookError;
use crate::statements::build::{add_status, statements};
use crate::statements::statement::Statement;
use crate::statements::to_date::add_to_date;

/// A line and everything that it rests on.
pub struct LineEvidence {
    /// The posting.
    pub posting: Entry,
    /// The statement of its payee, and the index of the line in it; `None` where the log has the posting on no statement.
    pub statement: Option<(Statement, usize)>,
    /// The positions of the entries.
    pub entries: EvidenceEntries,
}

/// Positions of the entries that a line rests on, and of those that closed, approved, paid and confirmed it; each ascending.
#[derive(Default)]
pub struct EvidenceEntries {
    /// The facts that the steps and the causes name.
    pub facts: BTreeSet<u64>,
    /// The versions of plans: that of the line, and those that the steps and the causes name.
    pub plans: BTreeSet<u64>,
    /// The `period-close`.
    pub close: BTreeSet<u64>,
    /// Approvals and rejections.
    pub decisions: BTreeSet<u64>,
    /// Payouts.
    pub payouts: BTreeSet<u64>,
    /// What the bank or payroll confirmed of them.
    pub confirmations: BTreeSet<u64>,
}

/// The evidence for the line at a position. Fails if the log cannot be read.
pub fn evidence(book: &Book, position: u64) -> Result<LineEvidence, BookError> {
    let posting = book.entry(position)?;
    let mut entries = EvidenceEntries::default();
    let line = match &posting.payload {
        Payload::Record(record) => posting_of(record).cloned(),
        Payload::Fact(_) => None,
    };
    let state = book.state();
    let line = line.filter(|line| state.knowledge().payees.contains_key(&line.payee));
    let closed = line.as_ref().and_then(|line| state.closed(line.period));
    let Some((line, closed)) = line.zip(closed) else {
        return Ok(LineEvidence { posting, statement: None, entries });
    };
    let holder = holder_of(&line);
    entries.close.insert(u64::from(closed.position));
    entries.paid(book, &holder, closed);
    let versions = state.rules().plans().filter(|(plan, _)| Some(*plan) == line.plan.as_ref());
    let mut versions = versions.flat_map(|(_, versions)| versions);
    let version = versions.find(|published| Some(published.plan.version) == line.version);
    entries.plans.extend(version.map(|published| u64::from(published.position)));
    let mut statements = statements(book, closed, Some(&holder.0))?;
    add_to_date(book, closed, Some(&holder.0), &mut statements)?;
    add_status(book, closed, &mut statements)?;
    let statement = statements.into_iter().find(|statement| statement.figures.holder == holder);
    let name = name_of(&line);
    let statement = statement.and_then(|statement| {
        let index = statement.figures.lines.iter().position(|line| line.name == name)?;
        Some((statement, index))
    });
    if let Some((statement, index)) = &statement {
        let steps = statement.whys[*index].iter().flat_map(|step| &step.from);
        let causes = statement.causes[*index].iter().flat_map(|cause| &cause.positions);
        let named: BTreeSet<u64> = steps.chain(causes).map(|position| u64::from(*position)).collect();
        for position in named {
            match book.entry(position)?.payload {
                Payload::Fact(_) => entries.facts.insert(position),
                Payload::Record(Record::Plan(_)) => entries.plans.insert(position),
                Payload::Record(_) => false,
            };
        }
    }
    Ok(LineEvidence { posting, statement, entries })
}

impl EvidenceEntries {
    /// Adds who decided about a statement, and what was paid of it.
    fn paid(&mut self, book: &Book, holder: &PayeeCurrency, closed: &ClosedPeriod) {
        let payables = &book.state().posted_state().payables;
        let period = closed.close.period;
        for portion in payables.portions(holder).iter().filter(|portion| portion.period == period) {
            match portion.decision {
                PortionDecision::Approved(at) | PortionDecision::Rejected(at) => self.decisions.insert(u64::from(at)),
                PortionDecision::Open => false,
            };
        }
        for payout in payables.payouts(holder) {
            for (_, _, approval) in payout.portions.iter().filter(|(month, _, _)| *month == period) {
                self.decisions.insert(u64::from(*approval));
                self.payouts.insert(u64::from(payout.position));
                self.confirmations.extend(payout.results.iter().map(|(at, _)| u64::from(*at)));
            }
        }
    }
}
