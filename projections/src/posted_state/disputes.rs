//! Disputes: what payees disagree with, what was said about it, and how it ended (docs/disputes.md). No figure depends on them.

use std::collections::BTreeMap;

use ledger::date::Month;
use ledger::fact::{DisputeAnswer, DisputeOutcome, DisputeRecord, Payload, Record, Resolution};
use ledger::id::PayeeId;

use crate::encoding::{Decoder, Encoder};
use crate::position::Position;

/// A dispute.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Dispute {
    /// The entry that opened it.
    pub position: Position,
    /// What that entry says.
    pub record: DisputeRecord,
    /// The answers, in the order of the log.
    pub answers: Vec<(Position, DisputeAnswer)>,
    /// How it ended; `None` while it is open.
    pub resolution: Option<(Position, Resolution)>,
}

impl Dispute {
    /// Its number in the book.
    pub fn number(&self) -> u64 {
        self.record.dispute
    }

    /// Whether nobody has resolved it.
    pub fn is_open(&self) -> bool {
        self.resolution.is_none()
    }

    /// How it ended; `None` while it is open.
    pub fn outcome(&self) -> Option<DisputeOutcome> {
        self.resolution.as_ref().map(|(_, resolution)| resolution.outcome)
    }

    /// The entry that corrects what it is about; `None` unless it was accepted.
    pub fn corrected_by(&self) -> Option<u64> {
        Some(self.resolution.as_ref()?.1.by.as_ref()?.position)
    }
}

/// The disputes of a book up to a size of its log.
#[derive(Clone, Debug, Default)]
pub struct Disputes {
    /// In the order of the log: the one with the number n is at n - 1.
    all: Vec<Dispute>,
    /// The number of each dispute by the position of the entry that opened it.
    opened: BTreeMap<u64, usize>,
    /// Those that the entry at a position corrects.
    corrected: BTreeMap<u64, Vec<usize>>,
}

impl Disputes {
    /// Folds in a record. Records about something else change nothing.
    pub fn apply(&mut self, record: &Record, position: Position) {
        if let Record::Dispute(record) = record {
            self.opened.insert(u64::from(position), self.all.len());
            let record = record.clone();
            self.all.push(Dispute { position, record, answers: Vec::new(), resolution: None });
        }
        if let Record::DisputeAnswer(answer) = record
            && let Some(index) = self.opened.get(&answer.opening.position)
        {
            self.all[*index].answers.push((position, answer.clone()));
        }
        if let Record::Resolution(resolution) = record
            && let Some(index) = self.opened.get(&resolution.opening.position)
        {
            self.all[*index].resolution = Some((position, resolution.clone()));
            if let Some(by) = &resolution.by {
                self.corrected.entry(by.position).or_default().push(*index);
            }
        }
    }

    /// All of them, by number.
    pub fn all(&self) -> &[Dispute] {
        &self.all
    }

    /// The dispute with a number; `None` if there is none.
    pub fn numbered(&self, number: u64) -> Option<&Dispute> {
        let index = usize::try_from(number.checked_sub(1)?).ok()?;
        self.all.get(index)
    }

    /// Those that nobody has resolved, by number.
    pub fn open(&self) -> impl Iterator<Item = &Dispute> {
        self.all.iter().filter(|dispute| dispute.is_open())
    }

    /// Those of a payee about the statements of a month, by number.
    pub fn about<'d>(&'d self, payee: &'d PayeeId, period: Month) -> impl Iterator<Item = &'d Dispute> {
        self.all.iter().filter(move |one| one.record.payee == *payee && one.record.period == period)
    }

    /// Those that the entry at a position corrects, by number.
    pub fn corrected_with(&self, position: u64) -> impl Iterator<Item = &Dispute> {
        self.corrected.get(&position).into_iter().flatten().map(|index| &self.all[*index])
    }

    /// The entries of the disputes that an entry is about: those that opened, answered and resolved them, and the correction.
    pub fn entries_around(&self, position: u64) -> impl Iterator<Item = u64> {
        self.with_entry(position).flat_map(|dispute| {
            let answers = dispute.answers.iter().map(|(at, _)| u64::from(*at));
            let resolved = dispute.resolution.iter().map(|(at, _)| u64::from(*at));
            [u64::from(dispute.position)].into_iter().chain(answers).chain(resolved).chain(dispute.corrected_by())
        })
    }

    /// Those that the entry at a position opened, answered, resolved or corrected, by number.
    fn with_entry(&self, position: u64) -> impl Iterator<Item = &Dispute> {
        self.all.iter().filter(move |dispute| {
            let answered = dispute.answers.iter().any(|(at, _)| u64::from(*at) == position);
            let resolved = dispute.resolution.as_ref().is_some_and(|(at, _)| u64::from(*at) == position);
            u64::from(dispute.position) == position || answered || resolved || dispute.corrected_by() == Some(position)
        })
    }

    /// Writes all of it.
    pub fn write(&self, out: &mut Encoder<'_>) {
        let mut all: Vec<(Position, Record)> = Vec::new();
        for dispute in &self.all {
            all.push((dispute.position, Record::Dispute(dispute.record.clone())));
            all.extend(dispute.answers.iter().map(|(at, answer)| (*at, Record::DisputeAnswer(answer.clone()))));
            all.extend(dispute.resolution.iter().map(|(at, end)| (*at, Record::Resolution(end.clone()))));
        }
        all.sort_by_key(|(position, _)| *position);
        out.column(all.iter().map(|(position, _)| *position));
        let content = |(_, record): &(Position, Record)| {
            let mut bytes = Vec::new();
            record.content(&mut bytes);
            bytes
        };
        let stored: Vec<Vec<u8>> = all.iter().map(content).collect();
        out.lists(stored.iter().map(Vec::as_slice));
    }

    /// Reads what [`Disputes::write`] wrote. `None` if the bytes are not that.
    pub fn read(reader: &mut Decoder<'_>) -> Option<Disputes> {
        let (mut positions, mut records) = (reader.column::<Position>()?, reader.texts()?);
        let mut disputes = Disputes::default();
        for _ in 0..records.len() {
            match Payload::whole(records.bytes()?) {
                Ok(Payload::Record(record)) if is_of_disputes(&record) => disputes.apply(&record, positions.next()?),
                Ok(Payload::Record(_) | Payload::Fact(_)) | Err(_) => return None,
            }
        }
        Some(disputes)
    }
}

/// Whether a record opens, answers or resolves a dispute.
fn is_of_disputes(record: &Record) -> bool {
    matches!(record, Record::Dispute(_) | Record::DisputeAnswer(_) | Record::Resolution(_))
}
