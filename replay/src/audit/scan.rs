//! Reads the log once for the entries that an audit judges: closes, and whatever people approved, paid, published or had to sign.

use std::collections::BTreeSet;

use ledger::entry::Entry;
use ledger::fact::{Body, Payload, PolicyRole, Record};
use ledger::log::Log;
use ledger::row::PlainUsageReader;
use projections::position::Position;

use crate::error::BookError;

/// Entries of one append that are judged together, by the state before the first of them.
pub(super) enum AuditStop {
    /// The postings of a close, up to its `period-close` entry: the position of the first, and that behind the last.
    Close { first: u64, end: u64, last: CloseEnd },
    /// Records of other kinds, and adjustments and retractions.
    Acts(Vec<Entry>),
    /// Facts in a row that the same keys signed, while a rule of the policy asks for signatures of facts: the first one, and their number.
    Facts(Box<Entry>, u64),
}

/// Whether the last posting of a close is its `period-close` entry.
#[derive(Copy, Clone, PartialEq, Eq)]
pub(super) enum CloseEnd {
    PeriodClose,
    Missing,
}

/// Whether an entry is of the append of the entry before it.
#[derive(Copy, Clone, PartialEq, Eq)]
enum AppendOf {
    EntryBefore,
    Itself,
}

/// What was found, in the order of the log.
#[derive(Default)]
pub(super) struct Scan {
    pub stops: Vec<AuditStop>,
    /// The number of signatures.
    pub signatures: u64,
    /// The first position of the append that the last stop belongs to.
    append: u64,
    /// Whether the policy in force has a rule about facts.
    facts: FactRule,
    /// Positions of adjustments, and of retractions of them.
    adjusted: BTreeSet<Position>,
}

/// Whether the policy has a rule about facts.
#[derive(Copy, Clone, PartialEq, Eq, Default)]
enum FactRule {
    #[default]
    None,
    Some,
}

/// Reads the whole log.
pub(super) fn scan(log: &Log) -> Result<Scan, BookError> {
    let (mut scan, mut rows) = (Scan::default(), PlainUsageReader::default());
    let mut frames = log.frames(0);
    while let Some(frame) = frames.next()? {
        let append = frame.header.append_first;
        // A frame may reach beyond the size as of which the log is read.
        for (position, bytes) in frame.entries().filter(|(position, _)| *position < log.size()) {
            // Most entries are usage that nobody signed.
            if scan.facts == FactRule::None && rows.get(bytes).is_some() {
                continue;
            }
            let entry = Entry::get(bytes).map_err(|source| BookError::Unreadable { position, source })?;
            scan.signatures += entry.signatures.len() as u64;
            scan.take(entry, append);
        }
    }
    Ok(scan)
}

impl Scan {
    fn take(&mut self, entry: Entry, append: u64) {
        let is_same = std::mem::replace(&mut self.append, append) == append;
        let of = if is_same { AppendOf::EntryBefore } else { AppendOf::Itself };
        match &entry.payload {
            Payload::Fact(fact) => {
                let is_adjustment = match &fact.body {
                    Body::Adjustment(_) => true,
                    Body::Retraction(_) => entry.replaces.iter().any(|at| self.adjusted.contains(&(*at as Position))),
                    _other => false,
                };
                if is_adjustment {
                    self.adjusted.insert(entry.position as Position);
                    self.act(entry.clone(), of);
                }
                if self.facts == FactRule::Some {
                    self.fact(entry, of);
                }
            }
            Payload::Record(record) => {
                if let Record::Policy(policy) = record {
                    let is_about_facts = policy.rules.iter().any(|rule| rule.kind == PolicyRole::Record);
                    self.facts = if is_about_facts { FactRule::Some } else { FactRule::None };
                }
                if is_of_close(record) { self.posting(&entry, of) } else { self.act(entry, of) }
            }
        }
    }

    fn act(&mut self, entry: Entry, of: AppendOf) {
        match self.stops.last_mut() {
            Some(AuditStop::Acts(acts)) if of == AppendOf::EntryBefore => acts.push(entry),
            _ => self.stops.push(AuditStop::Acts(vec![entry])),
        }
    }

    fn posting(&mut self, entry: &Entry, of: AppendOf) {
        let is_end = matches!(entry.payload, Payload::Record(Record::PeriodClose(_)));
        let now = if is_end { CloseEnd::PeriodClose } else { CloseEnd::Missing };
        match self.stops.last_mut() {
            Some(AuditStop::Close { end, last, .. }) if of == AppendOf::EntryBefore && *last == CloseEnd::Missing => {
                (*end, *last) = (entry.position + 1, now);
            }
            _ => self.stops.push(AuditStop::Close { first: entry.position, end: entry.position + 1, last: now }),
        }
    }

    fn fact(&mut self, entry: Entry, of: AppendOf) {
        match self.stops.last_mut() {
            Some(AuditStop::Facts(first, count)) if of == AppendOf::EntryBefore && keys(first) == keys(&entry) => {
                *count += 1
            }
            _ => self.stops.push(AuditStop::Facts(Box::new(entry), 1)),
        }
    }
}

fn keys(entry: &Entry) -> BTreeSet<&[u8]> {
    entry.signatures.iter().map(|signature| &signature.key.0[..]).collect()
}

/// Whether a record is written by closes alone.
fn is_of_close(record: &Record) -> bool {
    match record {
        Record::Earning(_)
        | Record::Reversal(_)
        | Record::Draw(_)
        | Record::Settlement(_)
        | Record::OpeningLine(_)
        | Record::Withheld(_)
        | Record::PeriodClose(_) => true,
        Record::Book(_)
        | Record::Plan(_)
        | Record::Mapping(_)
        | Record::Author(_)
        | Record::Policy(_)
        | Record::Checkpoint(_)
        | Record::LogKey(_)
        | Record::Freeze(_)
        | Record::Approval(_)
        | Record::Rejection(_)
        | Record::Hold(_)
        | Record::Release(_)
        | Record::Payout(_)
        | Record::PayoutResult(_)
        | Record::Repayment(_)
        | Record::WriteOff(_)
        | Record::Dispute(_)
        | Record::DisputeAnswer(_)
        | Record::Resolution(_) => false,
    }
}
