//! A close as the log has it: its postings, the statements that they make, and postings that do not belong where they are.

use std::collections::BTreeMap;

use ledger::date::Month;
use ledger::entry::Entry;
use ledger::fact::{Manner, Payload, PeriodClose, Posting, Record};
use ledger::log::Log;
use projections::lines::{LineName, PayeeCurrency, WrittenLine, name_of};
use projections::posted_state::draw_name::DrawName;

use crate::audit::difference::DifferenceKind;
use crate::close::opening::{Opening, SettledLine};
use crate::error::BookError;
use crate::statements::posted_figures::PostedFigures;
use crate::statements::statement::Figures;

/// A close as the log has it.
pub(super) struct PostedClose {
    pub close: PeriodClose,
    /// The position of its first posting.
    pub first: u64,
    /// Its `period-close` entry.
    pub end: Entry,
    pub statements: Vec<Figures>,
    /// The number of lines and draws that no settlement follows.
    pub unsettled: usize,
    /// Its records without the `period-close`, at positions from `first` on.
    pub records: Vec<Record>,
    /// The entry of each line; of a line that is posted twice the last one.
    pub entries: BTreeMap<(PayeeCurrency, LineName), Entry>,
}

/// A posting that does not say the month of its close, or the payee of the settlement that follows it.
pub(super) struct Misplaced {
    pub position: u64,
    pub what: DifferenceKind,
    pub holder: PayeeCurrency,
    /// What it says.
    pub posted: String,
    /// What it would have to say.
    pub derived: String,
}

impl PostedClose {
    /// Reads the close whose entries are at positions from `first` to before `end`; its last entry is a `period-close`.
    pub(super) fn read(log: &Log, first: u64, end: u64) -> Result<PostedClose, BookError> {
        let (mut posted, mut records, mut entries) = (PostedFigures::default(), Vec::new(), BTreeMap::new());
        let mut last = None;
        for entry in entries_between(log, first, end)? {
            let Payload::Record(record) = &entry.payload else { continue };
            posted.take(record);
            match record {
                Record::PeriodClose(close) => last = Some((close.clone(), entry)),
                Record::Earning(_) | Record::Reversal(_) => {
                    let line = posting_of(record).expect("an earning and a reversal are postings");
                    records.push(record.clone());
                    entries.insert((holder_of(line), name_of(line)), entry);
                }
                other => records.push(other.clone()),
            }
        }
        let (close, end) = last.expect("BUG: a close without its last entry");
        let unsettled = posted.lines.len() + posted.draws.len();
        Ok(PostedClose { close, first, end, statements: posted.statements, unsettled, records, entries })
    }

    /// The records with their positions.
    pub(super) fn positioned(&self) -> impl DoubleEndedIterator<Item = (u64, &Record)> {
        self.records.iter().enumerate().map(|(index, record)| (self.first + index as u64, record))
    }

    /// The positions of its earnings and reversals.
    pub(super) fn lines(&self) -> impl Iterator<Item = u64> {
        let is_line = |record: &Record| matches!(record, Record::Earning(_) | Record::Reversal(_));
        self.positioned().filter(move |(_, record)| is_line(record)).map(|(position, _)| position)
    }

    /// The entry of a line.
    pub(super) fn entry(&self, holder: &PayeeCurrency, line: &LineName) -> Option<&Entry> {
        self.entries.get(&(holder.clone(), line.clone()))
    }

    /// The position of the settlement of a payee.
    pub(super) fn settlement(&self, holder: &PayeeCurrency) -> Option<u64> {
        let is_of = |record: &Record| match record {
            Record::Settlement(settled) => (&settled.payee, settled.currency) == (&holder.0, holder.1),
            _other => false,
        };
        self.positioned().find(|(_, record)| is_of(record)).map(|(position, _)| position)
    }

    /// The position of a draw of a payee.
    pub(super) fn draw(&self, holder: &PayeeCurrency, name: &str) -> Option<u64> {
        let is_named = |record: &Record| match record {
            Record::Draw(draw) => {
                (&draw.payee, draw.currency) == (&holder.0, holder.1) && DrawName::from(draw).to_string() == name
            }
            _other => false,
        };
        self.positioned().find(|(_, record)| is_named(record)).map(|(position, _)| position)
    }

    /// The lines that an opening counted as settled, as its file would have them; `None` if the close is no opening.
    pub(super) fn opening(&self) -> Option<Opening> {
        let settled = |line: &Posting| SettledLine {
            payee: line.payee.clone(),
            currency: line.currency,
            name: WrittenLine::from(&name_of(line)),
            amount: line.amount,
            place: None,
        };
        let lines = self.records.iter().filter_map(|record| match record {
            Record::OpeningLine(opening) => Some(settled(&opening.line)),
            _other => None,
        });
        (self.close.manner == Some(Manner::Opening)).then(|| Opening::Lines(lines.collect()))
    }

    /// The differences that a freeze kept from being posted.
    pub(super) fn withheld(&self) -> impl Iterator<Item = (u64, &Posting)> {
        self.positioned().filter_map(|(position, record)| match record {
            Record::Withheld(withheld) => Some((position, &withheld.line)),
            _other => None,
        })
    }

    /// The postings that say another month than the close, or another payee or currency than the settlement that follows them.
    pub(super) fn misplaced(&self) -> Vec<Misplaced> {
        let (mut found, mut settled) = (Vec::new(), None);
        for (position, record) in self.positioned().rev() {
            let Some(placement) = Placement::of(record) else { continue };
            let holder = placement.holder.clone();
            let mut misplaced = |field, posted, derived| {
                let what = placement.kind(field);
                found.push(Misplaced { position, what, holder: holder.clone(), posted, derived });
            };
            if placement.period != self.close.period {
                misplaced("period", placement.period.to_string(), self.close.period.to_string());
            }
            match (placement.follows, &settled) {
                (Follows::NoSettlement, _) => {}
                (Follows::IsSettlement, _) => settled = Some(placement.holder),
                (Follows::Settlement, Some(settled)) if *settled != placement.holder => {
                    let words = |(payee, currency): &PayeeCurrency| format!("{payee} {currency}");
                    misplaced("payee", words(&placement.holder), words(settled));
                }
                // That a settlement is missing is said of the close.
                (Follows::Settlement, _) => {}
            }
        }
        found.reverse();
        found
    }
}

/// What a posting says about where it belongs.
struct Placement<'r> {
    record: &'r Record,
    period: Month,
    holder: PayeeCurrency,
    follows: Follows,
}

/// How a posting is placed beside settlements.
#[derive(Copy, Clone)]
enum Follows {
    /// A settlement of its payee follows it.
    Settlement,
    IsSettlement,
    /// It is before all statements.
    NoSettlement,
}

impl<'r> Placement<'r> {
    fn of(record: &'r Record) -> Option<Placement<'r>> {
        let (period, holder, follows) = match record {
            Record::Draw(draw) => (draw.period, (draw.payee.clone(), draw.currency), Follows::Settlement),
            Record::Settlement(settled) => {
                (settled.period, (settled.payee.clone(), settled.currency), Follows::IsSettlement)
            }
            other => {
                let line = posting_of(other)?;
                let is_settled = matches!(other, Record::Earning(_) | Record::Reversal(_));
                let follows = if is_settled { Follows::Settlement } else { Follows::NoSettlement };
                (line.period, holder_of(line), follows)
            }
        };
        Some(Placement { record, period, holder, follows })
    }

    fn kind(&self, field: &'static str) -> DifferenceKind {
        match (self.record, posting_of(self.record)) {
            (_, Some(line)) => DifferenceKind::LineField { line: name_of(line), field },
            (Record::Draw(draw), None) => DifferenceKind::Draw { draw: DrawName::from(draw).to_string(), field },
            (_, None) => DifferenceKind::Settlement { field },
        }
    }
}

/// The line of a record that is about one.
pub fn posting_of(record: &Record) -> Option<&Posting> {
    match record {
        Record::Earning(earning) => Some(&earning.line),
        Record::Reversal(reversal) => Some(&reversal.line),
        Record::Withheld(withheld) => Some(&withheld.line),
        Record::OpeningLine(opening) => Some(&opening.line),
        _other => None,
    }
}

/// The payee and the currency of a line.
pub(super) fn holder_of(line: &Posting) -> PayeeCurrency {
    (line.payee.clone(), line.currency)
}

/// The entries at positions from `first` to before `end`.
pub(super) fn entries_between(log: &Log, first: u64, end: u64) -> Result<Vec<Entry>, BookError> {
    let (mut frames, mut entries) = (log.frames(first), Vec::new());
    while let Some(frame) = frames.next()? {
        if frame.header.first >= end {
            break;
        }
        for (position, bytes) in frame.entries().filter(|(position, _)| (first..end).contains(position)) {
            entries.push(Entry::get(bytes).map_err(|source| BookError::Unreadable { position, source })?);
        }
    }
    Ok(entries)
}
