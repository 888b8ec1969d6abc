//! One pass over an input: each fact is admitted, validated, written and folded into the state, or refused.
//!
//! The pass works on a state that becomes the book's own only when the append is committed.

use std::borrow::Cow;
use std::ops::ControlFlow;

use ledger::date::Day;
use ledger::fact::{Body, Corrects, Fact, Incoming, Payload, Reference};
use ledger::finding::{FieldPath, Finding};
use ledger::key::natural_key;
use ledger::line::FactLine;
use projections::position::Position;
use projections::shared_map::SharedMap;
use projections::view::View;
use uuid::Uuid;

use crate::book::Book;
use crate::error::BookError;
use crate::record::admission::{AdmissionContext, Decision};
use crate::record::entry_writer::{EntryWriter, Uncommitted, WrittenEntries};
use crate::record::fact_error::{FactError, PassError};
use crate::record::input::reader::{self, ParsedLine, ReadError};
use crate::record::input::{FactFromRows, FactSource, MappedBatch, RecordInput, Source, mapped_unreadable};
use crate::record::options::{OnSuperseded, RecordOptions, Rejects, WhenKnown};
use crate::record::outcome::{RecordError, Recorded, Rejected, Report, weight};
use crate::record::persons::Persons;
use crate::record::references::broken_references;
use crate::record::superseded::{SupersededLine, SupersededLines};
use crate::record::usage_feed::{FeedEffect, UsageFeed};
use crate::record::validation::{ValidationContext, complete_days_back, validate};
use crate::refusal::{CreditNoteRefusal, Refusal, Refused, Warning, of_fact};
use crate::stamp::{Scribe, Stamp};
use crate::state::State;

/// Ids of usage snapshots that have none of their own.
type UsageIds = SharedMap<Uuid, Position>;

/// Records an input in one append, or none of it.
pub(super) fn record_input(
    book: &mut Book,
    input: RecordInput<'_, '_>,
    options: RecordOptions,
    stamp: &Stamp,
) -> Result<Recorded, RecordError> {
    let mut outcome = record_once(book, input, options, stamp, None);
    if matches!(outcome, Err(Failed::UnknownId)) {
        // No index has the derived ids of usage: there are millions, and facts hardly ever name one.
        let ids = derived_usage_ids(book)?;
        outcome = record_once(book, input, options, stamp, Some(&ids));
    }
    outcome.map_err(|failed| match failed {
        Failed::Record(error) => error,
        Failed::UnknownId => unreachable!("BUG: ids of usage were looked for although they were given"),
    })
}

/// Why an append was not made.
enum Failed {
    Record(RecordError),
    UnknownId,
}

impl<E: Into<RecordError>> From<E> for Failed {
    fn from(error: E) -> Failed {
        Failed::Record(error.into())
    }
}

impl From<PassError> for Failed {
    fn from(error: PassError) -> Failed {
        match error {
            PassError::UnknownId => Failed::UnknownId,
            PassError::Failed(error) => Failed::Record(error.into()),
        }
    }
}

/// The ids of all usage snapshots that have none of their own, read from the log.
fn derived_usage_ids(book: &Book) -> Result<UsageIds, BookError> {
    let mut ids = SharedMap::default();
    book.entries(0, book.size(), |entry, _| {
        if matches!(&entry.payload, Payload::Fact(Fact { body: Body::UsageSnapshot(_), .. })) {
            ids.insert(entry.id, entry.position as Position);
        }
    })?;
    Ok(ids)
}

fn record_once(
    book: &mut Book,
    input: RecordInput<'_, '_>,
    options: RecordOptions,
    stamp: &Stamp,
    usage_ids: Option<&UsageIds>,
) -> Result<Recorded, Failed> {
    let persons = Persons::of(book);
    let size = book.log.size();
    let scribe = Scribe::begin(&mut book.log, stamp, book.state.recorded, Some(size))?;
    let closed = book.state.posted.last_close().map(|closed| closed.close.period.last());
    // A copy, which is dropped if the input is refused.
    let mut next = State::clone(&book.state);
    let mut recording = Recording {
        writer: EntryWriter::new(&mut next, &book.keys, scribe, stamp),
        options,
        usage_ids,
        closed,
        append_first: size,
        persons,
        feed: UsageFeed::default(),
        line_number: 0,
        superseded: SupersededLines::default(),
        report: Report::new(options.rejects),
    };
    recording.input(input)?;
    let (recorded, Uncommitted { scribe, new_keys }, mut feed) = recording.finish();
    let mut recorded = recorded?;
    // Without a new fact nothing is committed, the mapping neither.
    if recorded.new + recorded.restated == 0 {
        recorded.size = size;
        return Ok(recorded);
    }
    recorded.size = scribe.next_position();
    // A key must be on disk before a field that is sealed with it.
    book.keys.add_all(new_keys).map_err(BookError::from)?;
    scribe.commit().map_err(BookError::from)?;
    book.publish(next, |state| feed.settle(&mut state.knowledge));
    Ok(recorded)
}

/// The positions of all entries that a fact replaces, and the warnings about it.
type CheckedFact = (Vec<u64>, Vec<Finding<Warning>>);

/// Facts on their way into the log.
struct Recording<'a, 'l> {
    writer: EntryWriter<'a, 'l>,
    options: RecordOptions,
    usage_ids: Option<&'a UsageIds>,
    /// The last day of the last closed month.
    closed: Option<Day>,
    /// The log's size before this append.
    append_first: u64,
    persons: Persons,
    feed: UsageFeed,
    /// The number of the line, or of the mapped fact, in the whole input.
    line_number: u64,
    superseded: SupersededLines,
    report: Report,
}

/// Why a file is not read to its end.
enum Stop {
    Error(PassError),
    Enough,
}

impl From<PassError> for Stop {
    fn from(error: PassError) -> Stop {
        Stop::Error(error)
    }
}

impl<'l> Recording<'_, 'l> {
    // Input --------------------------------------------------------------------------------------------------------

    fn input(&mut self, input: RecordInput<'_, '_>) -> Result<(), PassError> {
        match input {
            RecordInput::Sources(sources) => {
                for source in sources {
                    if !self.report.is_enough() {
                        self.source(source)?;
                    }
                }
                Ok(())
            }
            RecordInput::Mapped(batch) => self.mapped(batch),
        }
    }

    fn source(&mut self, source: &Source<'_>) -> Result<(), PassError> {
        let read = reader::each(source, |text, ParsedLine { number, fact, .. }| {
            self.line_number += 1;
            match fact {
                Ok(incoming) => self.fact(incoming, FactSource::Line { file: &source.name, number, text })?,
                Err(refusals) => self.report.refuse(text, refusals),
            }
            if self.report.is_enough() { Err(Stop::Enough) } else { Ok(()) }
        });
        match read {
            Ok(Ok(()) | Err(Stop::Enough)) => Ok(()),
            Ok(Err(Stop::Error(error))) => Err(error),
            // A line that was not read whole cannot be set aside.
            Err(ReadError::Long(refused)) => {
                self.report.add(*refused);
                Ok(())
            }
            Err(ReadError::Io(error)) => {
                Err(BookError::Io { doing: format!("reading `{}`", source.name), source: error }.into())
            }
        }
    }

    fn mapped(&mut self, batch: &MappedBatch<'_>) -> Result<(), PassError> {
        self.writer.mapping = Some(batch.mapping.clone());
        for failed in batch.failed {
            self.report.refuse(&failed.line, failed.refusals.clone());
        }
        self.report.add_dropped(batch.failed_more);
        let mut outcome = Ok(());
        let read = batch.facts.each(&mut |fact| {
            outcome = self.mapped_fact(fact);
            if outcome.is_err() || self.report.is_enough() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        outcome.and(read.map_err(|error| mapped_unreadable(error).into()))
    }

    fn mapped_fact(&mut self, fact: &dyn FactFromRows) -> Result<(), PassError> {
        self.line_number += 1;
        let source = FactSource::Rows(fact);
        match Incoming::read(FactLine { file: "", number: 1, text: fact.json() }) {
            Ok(incoming) => self.fact(incoming, source),
            Err(refusals) => self.refuse(source, of_fact(refusals)),
        }
    }

    // One fact -----------------------------------------------------------------------------------------------------

    fn fact(&mut self, incoming: Incoming, source: FactSource<'_>) -> Result<(), PassError> {
        match self.record_fact(incoming, source) {
            Ok(()) => Ok(()),
            Err(FactError::Refused(refusals)) => self.refuse(source, refusals),
            Err(FactError::Stopped(error)) => Err(error),
        }
    }

    /// Refuses a fact, or sets aside the line or rows that it was made of.
    fn refuse(&mut self, source: FactSource<'_>, refusals: Vec<Finding<Refusal>>) -> Result<(), PassError> {
        let refusals = refusals.into_iter().map(|refusal| source.refusal(refusal)).collect();
        let text = if self.options.rejects == Rejects::SetAside { source.text()? } else { Cow::Borrowed("") };
        self.report.refuse(&text, refusals);
        Ok(())
    }

    fn record_fact(&mut self, mut incoming: Incoming, source: FactSource<'_>) -> Result<(), FactError> {
        if let Some(row) = self.feed.behind_all(&incoming) {
            let at = self.writer.usage_row(incoming, row, &mut self.feed)?;
            self.count(WrittenEntries { is_restated: false, earliest: at });
            return Ok(());
        }
        self.feed.settle(&mut self.writer.state.knowledge);
        if self.names_unknown_id(&incoming) {
            return Err(PassError::UnknownId.into());
        }
        // Before `decide`: without the person's key, personal fields cannot be compared with recorded ones.
        self.persons.may_seal(&incoming.fact, self.writer.keys, self.writer.state)?;
        match self.decide(&mut incoming, source.when_known())? {
            None => self.report.recorded.skipped += 1,
            Some(Decision::Known(position)) => {
                self.report.recorded.known += 1;
                self.superseded.add_known(position, self.line_number);
            }
            Some(Decision::Superseded { equal, since }) => self.keep_superseded(equal, since, source)?,
            Some(Decision::New { replaces }) => self.write(incoming, replaces, source)?,
        }
        Ok(())
    }

    /// Validates a fact, writes it and folds it in.
    fn write(&mut self, incoming: Incoming, replaces: Vec<u64>, source: FactSource<'_>) -> Result<(), FactError> {
        let (replaces, warnings) = self.check(&incoming, replaces)?;
        self.report.warn(warnings.into_iter().map(|warning| source.warning(warning)));
        let effect = FeedEffect::of(&incoming, &replaces);
        let written = self.writer.fact(incoming, replaces)?;
        self.count(written);
        self.feed.learn(&self.writer.state.knowledge, effect);
        Ok(())
    }

    fn count(&mut self, WrittenEntries { is_restated, earliest }: WrittenEntries) {
        let recorded = &mut self.report.recorded;
        let counter = if is_restated { &mut recorded.restated } else { &mut recorded.new };
        *counter += 1;
        let is_closed = earliest.is_some_and(|at| self.closed.is_some_and(|closed| at <= closed));
        recorded.into_closed += u64::from(is_closed);
    }

    /// Decides what to do with a fact; `None` if the mapping leaves it out because another one is known.
    fn decide(&self, incoming: &mut Incoming, when_known: Option<WhenKnown>) -> Result<Option<Decision>, Refused> {
        let context = self.context();
        let plain = context.decide(incoming);
        let Some(when_known) = when_known.filter(|_| incoming.corrects.is_none()) else { return plain.map(Some) };
        let may_be_known = match &plain {
            Ok(Decision::New { .. }) => true,
            Ok(Decision::Known(_) | Decision::Superseded { .. }) => false,
            Err(refused) => {
                matches!(
                    refused.what,
                    Refusal::BookingDiffers { .. } | Refusal::CreditNote(CreditNoteRefusal::Differs { .. })
                )
            }
        };
        if !may_be_known {
            return plain.map(Some);
        }
        // A fact with the same key is known if a correction by key would find one.
        let correction = Incoming { corrects: Some(Corrects::Same), ..incoming.clone() };
        match (context.decide(&correction), when_known) {
            (Err(refused), _) if names_nothing(&refused.what) => plain.map(Some),
            (Err(refused), WhenKnown::Correct) => Err(refused),
            (Ok(decision), WhenKnown::Correct) => {
                *incoming = correction;
                Ok(Some(decision))
            }
            (Ok(_) | Err(_), WhenKnown::Skip) => Ok(None),
            (Ok(_) | Err(_), WhenKnown::Refuse) => {
                let key = natural_key(&incoming.fact.body).expect("what has no key is not known by it");
                Err(Refusal::KnownDiffers { key }.at(key_path(&incoming.fact.body)))
            }
        }
    }

    /// Whether an id may be that of a usage snapshot, which only the log knows.
    fn names_unknown_id(&self, incoming: &Incoming) -> bool {
        let named = match (&incoming.corrects, &incoming.fact.body) {
            (Some(Corrects::Named(Reference::Id(id))), _) => Some(*id),
            (_, Body::Retraction(retraction)) => match &retraction.retracts {
                Reference::Id(id) => Some(*id),
                Reference::Key(_) => None,
            },
            _ => None,
        };
        let is_known =
            |id| self.writer.state.knowledge.position_of(id).is_some() || self.writer.own_ids.contains_key(&id);
        let is_unknown = |id: &Uuid| id.get_version_num() == 8 && !is_known(*id);
        self.usage_ids.is_none() && [incoming.id, named].iter().flatten().any(is_unknown)
    }

    fn context(&self) -> AdmissionContext<'_> {
        AdmissionContext {
            knowledge: &self.writer.state.knowledge,
            usage_ids: self.usage_ids,
            append_first: self.append_first,
            own_ids: &self.writer.own_ids,
            superseded: self.options.superseded,
            texts: &self.writer,
        }
    }

    /// Validates a fact, and checks that no other fact depends on those that it replaces.
    fn check(&self, incoming: &Incoming, mut replaces: Vec<u64>) -> Result<CheckedFact, Vec<Finding<Refusal>>> {
        let state: &State = self.writer.state;
        let gone: Vec<Position> = replaces.iter().map(|position| *position as Position).collect();
        let before = View::new(&state.knowledge, state.knowledge.size());
        let body = &incoming.fact.body;
        let is_retraction = matches!(body, Body::Retraction(_));
        let visibility =
            if is_retraction { before.visibility.hiding(&gone) } else { before.visibility.correcting(&gone) };
        let after = View { knowledge: &state.knowledge, visibility };
        // A fact is validated against a view without the facts that it replaces.
        let view = if is_retraction { before } else { after };
        let context = ValidationContext { view, rules: &state.rules, posted: &state.posted };
        let mut validation = validate(&context, body);
        for gone in &gone {
            validation.refusals.extend(broken_references(&context, (before, after), *gone, body));
        }
        if !validation.refusals.is_empty() {
            return Err(validation.refusals);
        }
        validation.warnings.extend(complete_days_back((before, after), &gone, body));
        replaces.extend(validation.gives_way.iter().map(|position| u64::from(*position)));
        replaces.sort();
        replaces.dedup();
        Ok((replaces, validation.warnings))
    }

    /// Keeps a line that equals a fact which was replaced since, until all lines are read.
    fn keep_superseded(&mut self, equal: Position, since: Position, source: FactSource<'_>) -> Result<(), BookError> {
        let mut rejected = None;
        if self.options.superseded != OnSuperseded::Skip {
            let number = |position| number_of(&self.writer.state.knowledge.fact_at(position)?.fact.body);
            let numbers = number(equal).zip(number(since));
            let refusals = vec![source.refusal(Refusal::Superseded { equal, since, numbers }.into())];
            let sets_aside = self.options.rejects == Rejects::SetAside;
            let line = if sets_aside { source.text()?.into_owned() } else { String::new() };
            let bytes = weight(&line, &refusals);
            // A line that is not set aside is only counted if there is no room for its refusals.
            if sets_aside || self.report.is_half_free(bytes) {
                if !self.report.keep(bytes) {
                    return Ok(());
                }
                rejected = Some(Box::new(Rejected { line, refusals }));
            }
        }
        if self.report.keep(size_of::<SupersededLine>()) {
            self.superseded.add(SupersededLine { line: self.line_number, equal, since, rejected });
        }
        Ok(())
    }

    /// The outcome, the append to commit, and usage that is not in its runs yet.
    fn finish(mut self) -> (Result<Recorded, RecordError>, Uncommitted<'l>, UsageFeed) {
        self.superseded.settle(self.options.superseded, &mut self.report);
        (self.report.finish(), self.writer.finish(), self.feed)
    }
}

/// Whether a correction by key was refused because nothing has that key.
fn names_nothing(refusal: &Refusal) -> bool {
    matches!(refusal, Refusal::NothingToCorrect { .. } | Refusal::NoNaturalKey { .. })
}

/// The first field of a fact's natural key.
fn key_path(body: &Body) -> FieldPath {
    match body {
        Body::Payee(_) | Body::Assignment(_) | Body::AssignmentEnd(_) | Body::Quota(_) => FieldPath::of("payee"),
        Body::Account(_) | Body::UsageSnapshot(_) => FieldPath::of("account"),
        Body::Booking(_) | Body::Cancellation(_) => FieldPath::of("booking"),
        Body::CreditNote(_) => FieldPath::of("credit_note"),
        Body::CreditSplit(_) => FieldPath::of("on"),
        Body::ExchangeRate(_) => FieldPath::of("from"),
        Body::UsageComplete(_) => FieldPath::of("at"),
        Body::Signal(_) | Body::OpeningBalance(_) | Body::Adjustment(_) | Body::Retraction(_) => FieldPath::root(),
    }
}

/// The amount of a fact, for kinds that have one amount.
fn number_of(body: &Body) -> Option<String> {
    match body {
        Body::Quota(fact) => Some(fact.amount.to_string()),
        Body::ExchangeRate(fact) => Some(fact.rate.to_string()),
        Body::Booking(fact) => Some(format!("{} {}", fact.arr, fact.currency)),
        Body::Payee(_)
        | Body::Account(_)
        | Body::Assignment(_)
        | Body::AssignmentEnd(_)
        | Body::Cancellation(_)
        | Body::CreditNote(_)
        | Body::UsageSnapshot(_)
        | Body::CreditSplit(_)
        | Body::Signal(_)
        | Body::OpeningBalance(_)
        | Body::Adjustment(_)
        | Body::Retraction(_)
        | Body::UsageComplete(_) => None,
    }
}
