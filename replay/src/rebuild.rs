//! The steps that rebuild a book: its facts as they can be recorded again, its plans, closes and freezes, in the order of the log.
//!
//! Recorded into an empty book of the same name, they give closes with the same digests. Ids stay what they are, and so does what each
//! entry replaces. Recorded times, authors, signatures, policies and the texts of mappings are not carried over.

use std::collections::{BTreeMap, BTreeSet};

use ledger::date::{Day, Month};
use ledger::entry::Entry;
use ledger::fact::{
    Body, Corrects, Fact, Manner, Payload, PeriodClose, Posting, Record, Reference, Replaces, UsageSnapshot, derived_id,
};
use ledger::field::{FreeText, Stored};
use ledger::id::{Name, PayeeId};
use ledger::json::JsonWriter;
use ledger::key::natural_key;
use ledger::keyring::Keys;
use ledger::seal::Personal;

use crate::book::Book;
use crate::error::BookError;

/// A step.
#[derive(Clone, Debug)]
pub enum RebuildStep {
    /// A book is made.
    Begin {
        /// Its name.
        name: Name,
        /// Its time zone, where it names one.
        timezone: Option<Name>,
    },
    /// A plan with this text is published.
    Publish(String),
    /// A fact is recorded, as a line of JSON; together with those of the steps before it.
    Fact(String),
    /// Facts after this step are recorded in another call than those before it.
    NextCall,
    /// A month is closed.
    Close(RebuildClose),
    /// Something is decided, paid, returned, repaid or written off.
    Pay(Box<RebuildPay>),
    /// A dispute is opened, answered or resolved, as the record says; positions are those of the rebuilt log, and texts have no control
    /// characters.
    Dispute(Box<Record>),
    /// Lines that are due by a day are frozen; or the freeze is lifted.
    Freeze {
        /// The day; `None` lifts the freeze.
        until: Option<Day>,
        /// The reason, without control characters.
        reason: String,
    },
}

/// How a month is closed.
#[derive(Clone, Debug)]
pub struct RebuildClose {
    /// The month.
    pub period: Month,
    /// The size of the rebuilt log that the close looks at, where it has to be said: it is less than all, or the close is an
    /// opening.
    pub known: Option<u64>,
    /// The digest that the close has.
    pub digest: [u8; 32],
    /// What counts as settled before the book began, of a close that is an opening.
    pub opening: Option<Vec<Posting>>,
    /// Whether it is the first close of the book.
    pub is_first: bool,
}

/// What a record about pay says. A payout is one step for all payees; results of payouts that were recorded together are recorded
/// together again.
#[derive(Clone, Debug)]
pub struct RebuildPay {
    /// The record, with texts without control characters.
    pub record: Record,
    /// The month of the payout that a result is of.
    pub period: Option<Month>,
    /// The position of the hold that is released, in the rebuilt log.
    pub hold: Option<u64>,
}

/// What is in a book and in none of the steps.
#[derive(Clone, Debug, Default)]
pub struct NotCarried {
    /// How many personal fields cannot be opened, by payee. `(sealed POSITION)` takes the place of each.
    pub sealed: BTreeMap<PayeeId, u64>,
    /// Records of the ledger itself that no step makes, by kind.
    pub records: BTreeMap<&'static str, u64>,
    /// How often a dispute names one of these records as evidence. It is opened without it.
    pub evidence: u64,
}

/// Calls `each` with every step. Fails if the log cannot be read, or if `each` does.
pub fn rebuild<E: From<BookError>>(
    book: &Book,
    mut each: impl FnMut(RebuildStep) -> Result<(), E>,
) -> Result<NotCarried, E> {
    let mut steps = Rebuilding::new(book);
    let mut failed = Ok(());
    book.entries(0, book.size(), |entry, _| {
        if failed.is_ok() {
            failed = steps.entry(entry).map_err(E::from).and_then(|found| found.into_iter().try_for_each(&mut each));
        }
    })?;
    failed.map(|()| steps.left_out)
}

/// What tells records about payouts of one append from those of others: they follow each other, and have one time.
#[derive(Copy, Clone, PartialEq, Eq)]
struct PaidRecord {
    word: &'static str,
    period: Month,
    position: u64,
    recorded: u64,
}

/// The way through the log.
struct Rebuilding<'b> {
    book: &'b Book,
    /// The positions of entries that no step makes, ascending.
    missing: Vec<u64>,
    /// Lines of the close that is being read that were settled before the book began.
    opening: Vec<Posting>,
    /// Natural keys of payees and accounts in the facts of this call. Two facts of one key in one call would be versions of each
    /// other, and in calls of their own they may both be in force.
    keys: BTreeSet<String>,
    closes: u64,
    /// The last record about a payout.
    paid: Option<PaidRecord>,
    scratch: Vec<u8>,
    left_out: NotCarried,
}

impl<'b> Rebuilding<'b> {
    fn new(book: &'b Book) -> Rebuilding<'b> {
        Rebuilding {
            book,
            missing: Vec::new(),
            opening: Vec::new(),
            keys: BTreeSet::new(),
            closes: 0,
            paid: None,
            scratch: Vec::new(),
            left_out: NotCarried::default(),
        }
    }

    fn entry(&mut self, entry: Entry) -> Result<Vec<RebuildStep>, BookError> {
        let position = entry.position;
        let record = match &entry.payload {
            Payload::Fact(_) => return self.fact(entry),
            Payload::Record(record) => record,
        };
        let step = match record {
            Record::Book(book) => RebuildStep::Begin { name: book.name.clone(), timezone: book.timezone.clone() },
            Record::Plan(plan) => RebuildStep::Publish(plan.text.0.clone()),
            Record::Freeze(freeze) => {
                RebuildStep::Freeze { until: freeze.until, reason: on_one_line(&freeze.reason).0 }
            }
            Record::Approval(_)
            | Record::Rejection(_)
            | Record::Hold(_)
            | Record::Release(_)
            | Record::Payout(_)
            | Record::PayoutResult(_)
            | Record::Repayment(_)
            | Record::WriteOff(_) => {
                self.keys.clear();
                return self.pay(record, position, entry.recorded);
            }
            Record::Dispute(_) | Record::DisputeAnswer(_) | Record::Resolution(_) => {
                RebuildStep::Dispute(Box::new(self.dispute(record)))
            }
            Record::Mapping(_) | Record::Author(_) | Record::Policy(_) | Record::Checkpoint(_) | Record::LogKey(_) => {
                self.missing.push(position);
                *self.left_out.records.entry(record.word()).or_default() += 1;
                return Ok(Vec::new());
            }
            Record::OpeningLine(opening) => {
                self.opening.push(opening.line.clone());
                return Ok(Vec::new());
            }
            Record::PeriodClose(close) => RebuildStep::Close(self.close(close, position)),
            // The close makes them.
            Record::Earning(_)
            | Record::Reversal(_)
            | Record::Draw(_)
            | Record::Settlement(_)
            | Record::Withheld(_) => {
                return Ok(Vec::new());
            }
        };
        self.keys.clear();
        Ok(vec![step])
    }

    fn pay(&mut self, record: &Record, position: u64, recorded: u64) -> Result<Vec<RebuildStep>, BookError> {
        let mut pay = RebuildPay { record: record.clone(), period: None, hold: None };
        match &mut pay.record {
            Record::Payout(payout) => {
                if self.is_same_append(PaidRecord { word: record.word(), period: payout.period, position, recorded }) {
                    return Ok(Vec::new());
                }
            }
            Record::PayoutResult(result) => {
                result.reference = result.reference.as_ref().map(on_one_line);
                let Payload::Record(Record::Payout(payout)) = self.book.entry(result.payout.position)?.payload else {
                    unreachable!("BUG: a result that is of no payout")
                };
                pay.period = Some(payout.period);
                let paid = PaidRecord { word: record.word(), period: payout.period, position, recorded };
                let is_same_append = self.is_same_append(paid);
                let step = RebuildStep::Pay(Box::new(pay));
                return Ok(if is_same_append { vec![step] } else { vec![RebuildStep::NextCall, step] });
            }
            Record::Release(release) => {
                pay.hold = Some(self.rebuilt_size(release.hold.position));
                release.reason = release.reason.as_ref().map(on_one_line);
            }
            Record::Approval(approval) => approval.comment = approval.comment.as_ref().map(on_one_line),
            Record::Rejection(rejection) => rejection.reason = on_one_line(&rejection.reason),
            Record::Hold(hold) => hold.reason = on_one_line(&hold.reason),
            Record::Repayment(repayment) => repayment.reference = repayment.reference.as_ref().map(on_one_line),
            Record::WriteOff(write_off) => write_off.reason = on_one_line(&write_off.reason),
            Record::Book(_) | Record::Plan(_) | Record::Mapping(_) | Record::Author(_) => {}
            Record::Policy(_) | Record::Earning(_) | Record::Reversal(_) | Record::Draw(_) | Record::Settlement(_) => {}
            Record::PeriodClose(_) | Record::OpeningLine(_) | Record::Withheld(_) | Record::Freeze(_) => {}
            Record::Checkpoint(_) | Record::LogKey(_) => {}
            Record::Dispute(_) | Record::DisputeAnswer(_) | Record::Resolution(_) => {}
        }
        Ok(vec![RebuildStep::Pay(Box::new(pay))])
    }

    /// A record about a dispute, as it is in the rebuilt log.
    fn dispute(&mut self, record: &Record) -> Record {
        let mut record = record.clone();
        if let Record::Dispute(dispute) = &mut record {
            let count = dispute.entries.len();
            dispute.entries.retain(|entry| self.missing.binary_search(&entry.position).is_err());
            self.left_out.evidence += (count - dispute.entries.len()) as u64;
            for entry in &mut dispute.entries {
                entry.position = self.rebuilt_size(entry.position);
            }
            for file in &mut dispute.files {
                file.name = on_one_line(&file.name);
            }
            dispute.reason = on_one_line(&dispute.reason);
        }
        if let Record::DisputeAnswer(answer) = &mut record {
            answer.text = on_one_line(&answer.text);
        }
        if let Record::Resolution(resolution) = &mut record {
            if let Some(by) = &mut resolution.by {
                by.position = self.rebuilt_size(by.position);
            }
            resolution.text = on_one_line(&resolution.text);
        }
        record
    }

    /// Whether a record about a payout was recorded together with the one before.
    fn is_same_append(&mut self, paid: PaidRecord) -> bool {
        let before = self.paid.replace(paid);
        before.is_some_and(|before| PaidRecord { position: before.position + 1, ..before } == paid)
    }

    fn close(&mut self, close: &PeriodClose, position: u64) -> RebuildClose {
        let closes = &self.book.state().posted_state().closes;
        let closed = closes.iter().find(|closed| u64::from(closed.position) == position);
        let first = u64::from(closed.expect("BUG: a close that the state does not have").first);
        let lines = std::mem::take(&mut self.opening);
        let opening = (close.manner == Some(Manner::Opening)).then_some(lines);
        // A digest alone does not say what counted as settled.
        let says_known = close.known < first || opening.is_some();
        self.closes += 1;
        RebuildClose {
            period: close.period,
            known: says_known.then(|| self.rebuilt_size(close.known)),
            digest: close.digest,
            opening,
            is_first: self.closes == 1,
        }
    }

    /// The size of the rebuilt log that has the same facts as this one at a size.
    fn rebuilt_size(&self, size: u64) -> u64 {
        size - self.missing.partition_point(|position| *position < size) as u64
    }

    // Facts --------------------------------------------------------------------------------------------------------

    fn fact(&mut self, entry: Entry) -> Result<Vec<RebuildStep>, BookError> {
        let corrects = self.corrects(&entry)?;
        let has_own_id = self.has_own_id(&entry);
        let Entry { position, id, payload, .. } = entry;
        let Payload::Fact(mut fact) = payload else { unreachable!("BUG: a record among facts") };
        let mut steps = Vec::new();
        if let Body::Payee(_) | Body::Account(_) | Body::OpeningBalance(_) = &fact.body {
            let key = natural_key(&fact.body).expect("these kinds have keys");
            if self.keys.contains(&key) {
                self.keys.clear();
                steps.push(RebuildStep::NextCall);
            }
            self.keys.insert(key);
        }
        self.open(&mut fact, position);
        let mut line = JsonWriter::new();
        line.object(|out| {
            fact.show(out);
            if has_own_id {
                out.name("id").text(id);
            }
            if let Some(corrects) = &corrects {
                corrects.show(out.name("corrects"));
            }
        });
        steps.push(RebuildStep::Fact(line.finish()));
        Ok(steps)
    }

    /// Whether a fact has to say its id: another one would be derived where it is recorded again. Opening balances say theirs,
    /// because in one call two of a day would be versions of each other.
    fn has_own_id(&mut self, entry: &Entry) -> bool {
        let Payload::Fact(fact) = &entry.payload else { return false };
        let mut content = Vec::new();
        fact.content(&mut content);
        matches!(fact.body, Body::OpeningBalance(_)) || entry.id != derived_id(&content, &[], 0, &mut self.scratch)
    }

    /// What a fact has to say that it corrects: a fact that it replaces, if there is one of another natural key, which would stay in
    /// force otherwise. Usage that gives way to other usage is not named.
    fn corrects(&self, entry: &Entry) -> Result<Option<Corrects>, BookError> {
        let Payload::Fact(Fact { body, .. }) = &entry.payload else { return Ok(None) };
        if matches!(body, Body::Retraction(_)) {
            return Ok(None);
        }
        let key = natural_key(body);
        let mut corrects = None;
        for position in &entry.replaces {
            let replaced = self.book.entry(*position)?;
            let Payload::Fact(Fact { body: other, .. }) = &replaced.payload else { continue };
            let has_same_key = key.is_some() && natural_key(other) == key;
            let named = match (other, body) {
                (Body::UsageSnapshot(_), _) if has_same_key => Corrects::Same,
                (Body::UsageSnapshot(other), Body::UsageSnapshot(usage)) if gives_way(other, usage) => continue,
                // No index has the ids of usage.
                (Body::UsageSnapshot(_), _) => {
                    Corrects::Named(Reference::Key(natural_key(other).expect("usage has a natural key")))
                }
                _ => Corrects::Named(Reference::Id(replaced.id)),
            };
            if corrects.is_none() || !has_same_key {
                corrects = Some(named);
            }
        }
        Ok(corrects)
    }

    /// Opens the personal fields of a fact. Where the key is missing, a text that is different for each fact takes the place of the
    /// field: a fact that would equal another one is not recorded, and positions would not be the same.
    fn open(&mut self, fact: &mut Fact, position: u64) {
        let person = fact.body.person().cloned();
        for field in fact.personal_fields() {
            let opened = opened(field, self.book.keys());
            if opened.is_none()
                && let Some(person) = &person
            {
                *self.left_out.sealed.entry(person.clone()).or_default() += 1;
            }
            *field = Personal::Clear(opened.unwrap_or_else(|| format!("(sealed {position})")));
        }
    }
}

/// A text that fits a line of a file.
fn on_one_line(text: &FreeText) -> FreeText {
    FreeText(text.0.chars().map(|c| if c.is_control() { ' ' } else { c }).collect())
}

fn opened(field: &Personal, keys: &Keys) -> Option<String> {
    match field {
        Personal::Clear(text) => Some(text.clone()),
        Personal::Sealed { key, .. } => keys.by_id(key).and_then(|key| field.open(key)),
    }
}

/// Whether usage gives way to other usage without being named: it lies inside of it, and that one says that it takes its place.
fn gives_way(other: &UsageSnapshot, usage: &UsageSnapshot) -> bool {
    usage.replaces == Some(Replaces::Overlapping)
        && (other.contract(), &other.account, &other.meter) == (usage.contract(), &usage.account, &usage.meter)
        && usage.from <= other.from
        && other.to <= usage.to
}
