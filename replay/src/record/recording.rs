//! One pass over an input: each fact is admitted, validated, written and folded into the state, or refused.
//!
//! The pass works on a state that becomes the book's own only when the append is committed.

use std::borrow::Cow;
use std::ops::ControlFlow;

use ledger::date::Day;
use ledger::fact::{Body, Corrects, Fact, FieldDifference, Incoming, Payload, PolicyRole, Reference};
use ledger::finding::{FieldPath, Finding};
use ledger::key::natural_key;
use ledger::line::FactLine;
use projections::position::Position;
use projections::shared_map::SharedMap;
use projections::view::View;
use uuid::Uuid;

use crate::authority::{Act, must_be_allowed};
use crate::book::Book;
use crate::error::BookError;
use crate::record::admission::{AdmissionContext, Decision, opened};
use crate::record::entry_writer::{EntryWriter, Uncommitted};
use crate::record::fact_error::{FactError, PassError};
use crate::record::input::reader::{self, ParsedLine, ReadError};
use crate::record::input::{FactFromRows, FactSource, MappedBatch, RecordInput, Source, mapped_unreadable};
use crate::record::options::{Commit, KeepRestatements, OnSuperseded, RecordOptions, Rejects, Versions, WhenKnown};
use crate::record::outcome::{RecordError, Recorded, Rejected, Report, weight};
use crate::record::persons::Persons;
use crate::record::references::broken_references;
use crate::record::superseded::{SupersededLine, SupersededLines};
use crate::record::usage_feed::{FeedEffect, UsageFeed};
use crate::record::validation::{ValidationContext, complete_days_back, probable_duplicate, validate};
use crate::record::versions::{
    LinePlace, LinePlaces, RESTATEMENTS_FIRST, Restatement, RestatementChange, Withdrawal, contradicted,
    corrects_in_effect, differences, differing, leave_contradictions,
};
use crate::refusal::{Refusal, Refused, Warning, of_fact};
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
    let act = Act::of(PolicyRole::Record, Vec::new());
    must_be_allowed(&book.state, stamp, &act)
        .map_err(|refusal| RecordError::Refused(vec![Refusal::from(refusal).into()]))?;
    let persons = Persons::of(book);
    let (size, last) = (book.state.size(), book.state.recorded);
    let signers = book.state.signers(stamp)?;
    let scribe = match options.commit {
        Commit::Append => Scribe::begin(&mut book.log, (stamp, signers), last, Some(size))?,
        Commit::DryRun => Scribe::rehearse(&mut book.log, stamp, last, size),
    };
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
        input,
        places: LinePlaces::default(),
        superseded: SupersededLines::default(),
        report: Report::new(options.rejects),
    };
    recording.input()?;
    let (recorded, Uncommitted { scribe, new_keys }, mut feed) = recording.finish();
    let mut recorded = expected(recorded?, options.expect_restated)?;
    // Without a new fact nothing is committed, the mapping neither.
    if recorded.new + recorded.restated == 0 || options.commit == Commit::DryRun {
        recorded.size = size;
        if options.commit == Commit::DryRun {
            feed.settle(&mut next.knowledge);
            recorded.tried = Some(Box::new(next));
        }
        return Ok(recorded);
    }
    recorded.size = scribe.next_position();
    // A key must be on disk before a field that is sealed with it.
    book.keys.add_all(new_keys).map_err(BookError::from)?;
    scribe.commit().map_err(BookError::from)?;
    book.publish(next, |state| feed.settle(&mut state.knowledge));
    Ok(recorded)
}

/// What was recorded, if it restates as many facts as were expected.
fn expected(recorded: Recorded, expected: Option<u64>) -> Result<Recorded, RecordError> {
    match expected {
        Some(expected) if expected != recorded.restated => {
            let restated = Box::new(recorded.restatements);
            Err(RecordError::Refused(vec![Refusal::RestatedDiffers { expected, restated }.into()]))
        }
        Some(_) | None => Ok(recorded),
    }
}

/// A fact that is valid.
struct ValidFact {
    /// The positions of all entries that it replaces.
    replaces: Vec<u64>,
    warnings: Vec<Finding<Warning>>,
    /// It is probably the same as another fact in force.
    duplicate: Option<Finding<Warning>>,
}

/// Facts on their way into the log.
struct Recording<'a, 'l, 'i, 's> {
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
    input: RecordInput<'i, 's>,
    places: LinePlaces,
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

impl<'l> Recording<'_, 'l, '_, '_> {
    // Input --------------------------------------------------------------------------------------------------------

    fn input(&mut self) -> Result<(), PassError> {
        match self.input {
            RecordInput::Sources(sources) => {
                for (file, source) in (0..).zip(sources) {
                    if !self.report.is_enough() {
                        self.source(file, source)?;
                    }
                }
                Ok(())
            }
            RecordInput::Mapped(batch) => self.mapped(batch),
        }
    }

    fn source(&mut self, file: u32, source: &Source<'_>) -> Result<(), PassError> {
        let read = reader::each(source, |text, ParsedLine { number, fact, .. }| {
            self.line_number += 1;
            let place = LinePlace { file, line: u32::try_from(number).unwrap_or(u32::MAX) };
            match fact {
                Ok(incoming) => self.fact(incoming, FactSource::Line { file: &source.name, place, text })?,
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
        let is_conflict = refusals.iter().any(|refusal| matches!(refusal.what, Refusal::Conflict { .. }));
        let refusals = refusals.into_iter().map(|refusal| source.refusal(refusal)).collect();
        // Nobody can say which of the two lines is to be set aside.
        if is_conflict {
            self.report.add_all(refusals);
            return Ok(());
        }
        let text = if self.options.rejects == Rejects::SetAside { source.text()? } else { Cow::Borrowed("") };
        self.report.refuse(&text, refusals);
        Ok(())
    }

    fn record_fact(&mut self, mut incoming: Incoming, source: FactSource<'_>) -> Result<(), FactError> {
        if let Some(row) = self.feed.behind_all(&incoming, &self.writer.state.knowledge) {
            let written = self.writer.usage_row(incoming, row, &mut self.feed)?;
            self.places.add_written(written.position, source.line_place());
            self.report.recorded.new += 1;
            self.count_closed(written.earliest);
            return Ok(());
        }
        self.feed.settle(&mut self.writer.state.knowledge);
        if self.names_unknown_id(&incoming) {
            return Err(PassError::UnknownId.into());
        }
        // Before `decide`: without the person's key, personal fields cannot be compared with recorded ones.
        self.persons.may_seal(&incoming.fact, self.writer.keys, self.writer.state)?;
        match self.decide(&mut incoming, source)? {
            None => self.report.recorded.skipped += 1,
            Some(Decision::Known(position)) => {
                self.report.recorded.known += 1;
                if u64::from(position) < self.append_first {
                    self.places.add_known(position, source.line_place());
                }
                self.superseded.add_known(position, self.line_number);
            }
            Some(Decision::Superseded { equal, since }) => self.keep_superseded(equal, since, source)?,
            Some(Decision::New { replaces, contradicts }) => self.write(incoming, (replaces, contradicts), source)?,
        }
        Ok(())
    }

    /// Validates a fact, writes it and folds it in. The positions are those of the entries that it replaces and of the facts
    /// that it contradicts.
    fn write(
        &mut self,
        incoming: Incoming,
        (replaces, contradicts): (Vec<u64>, Vec<Position>),
        source: FactSource<'_>,
    ) -> Result<(), FactError> {
        let ValidFact { replaces, warnings, duplicate } = self.check(&incoming, replaces)?;
        self.writer.must_be_allowed(&incoming.fact.body, &replaces)?;
        self.report.warn(warnings.into_iter().map(|warning| source.warning(warning)));
        let effect = match duplicate {
            Some(duplicate) => {
                self.report.warn_of_duplicate(source.warning(duplicate));
                FeedEffect::of_duplicate(&incoming)
            }
            None => FeedEffect::of(&incoming, &replaces),
        };
        let restated = restated(&incoming.fact.body, &replaces, contradicts);
        let body = (!restated.is_empty()).then(|| incoming.fact.body.clone());
        let written = self.writer.fact(incoming, replaces)?;
        self.places.add_written(written.position, source.line_place());
        match body {
            Some(body) => self.add_restatement(body, written.position, restated),
            None => self.report.recorded.new += 1,
        }
        self.count_closed(written.earliest);
        self.feed.learn(&self.writer.state.knowledge, effect);
        Ok(())
    }

    /// Counts and keeps what a fact restates, which was just written.
    fn add_restatement(&mut self, body: Body, position: Position, replaces: Vec<Position>) {
        self.report.recorded.restated += 1;
        if matches!(body, Body::Retraction(_)) {
            return self.add_withdrawal(body, position, replaces);
        }
        let most = self.most_restatements();
        let (knowledge, texts) = (&self.writer.state.knowledge, &self.writer);
        let restatements = &mut self.report.recorded.restatements;
        restatements.add_sums(knowledge, position, &body, &replaces);
        restatements.add(most, || {
            let mut differences = differences(knowledge, &body, &replaces, |known| opened(known, texts));
            let stays = |position: &Position| knowledge.validity(*position).is_none();
            if replaces.iter().all(stays) {
                leave_contradictions(&body, &mut differences);
            }
            let change = RestatementChange::Replaced;
            Restatement { change, body, position: position.into(), replaces, differences }
        });
    }

    /// Keeps what a retraction changes, which was just written.
    fn add_withdrawal(&mut self, retraction: Body, position: Position, retracted: Vec<Position>) {
        let knowledge = &self.writer.state.knowledge;
        let of = retracted[0];
        let withdrawal = Withdrawal::of(knowledge, (of, position), |id| self.context().position_of(id));
        let (most, texts) = (self.most_restatements(), &self.writer);
        let restatements = &mut self.report.recorded.restatements;
        restatements.add_retracted_sums((position, of), &withdrawal);
        restatements.add(most, || {
            let change = withdrawal.change();
            let open = |body: Body| opened(&body, texts);
            let (old, new) = (withdrawal.old.map(open), withdrawal.new.map(open));
            let differences = match (&old, &new) {
                (Some(old), Some(new)) => old.differences(new),
                (Some(old), None) => old.values(),
                (None, Some(new)) => new.values().into_iter().map(FieldDifference::reversed).collect(),
                (None, None) => Vec::new(),
            };
            let body = new.or(old).unwrap_or(retraction);
            Restatement { change, body, position: position.into(), replaces: retracted, differences }
        });
    }

    /// How many restatements are kept.
    fn most_restatements(&self) -> usize {
        match self.options.restatements {
            KeepRestatements::First => RESTATEMENTS_FIRST,
            KeepRestatements::All => usize::MAX,
        }
    }

    fn count_closed(&mut self, earliest: Option<Day>) {
        let recorded = &mut self.report.recorded;
        let is_closed = earliest.is_some_and(|at| self.closed.is_some_and(|closed| at <= closed));
        recorded.into_closed += u64::from(is_closed);
    }

    /// Decides what to do with a fact; `None` if the mapping leaves it out because another one is known.
    fn decide(&self, incoming: &mut Incoming, source: FactSource<'_>) -> Result<Option<Decision>, Refused> {
        let (context, when_known) = (self.context(), source.when_known());
        let (plain, when_known) = match self.options.versions {
            Versions::Contradict => {
                let plain = context.decide(incoming);
                self.must_not_contradict(incoming, &plain, source)?;
                (plain, when_known)
            }
            Versions::Successive => {
                // A later version is nothing to refuse.
                let when_known = when_known.filter(|known| *known != WhenKnown::Refuse);
                (self.as_version(incoming, when_known), when_known)
            }
        };
        let Some(when_known) = when_known.filter(|_| incoming.corrects.is_none()) else { return plain.map(Some) };
        let may_be_known = match &plain {
            Ok(Decision::New { .. }) => true,
            Ok(Decision::Known(_) | Decision::Superseded { .. }) => false,
            Err(refused) => differing(&refused.what).is_some(),
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

    /// Refuses a fact that contradicts what another line of the input says, unless it restates that one.
    fn must_not_contradict(
        &self,
        incoming: &Incoming,
        decided: &Result<Decision, Refused>,
        source: FactSource<'_>,
    ) -> Result<(), Refused> {
        let may_restate = matches!(decided, Ok(Decision::New { replaces, .. }) if !replaces.is_empty());
        let is_superseded = matches!(decided, Ok(Decision::Superseded { .. }));
        for position in contradicted(&self.context(), incoming, decided) {
            // A line that was recorded before and is superseded is told as that.
            let line = if is_superseded { self.places.written(position) } else { self.places.line_of(position) };
            if let Some(line) = line.filter(|line| !(may_restate && source.restates(*line))) {
                return Err(self.conflict(incoming, position, line));
            }
        }
        Ok(())
    }

    /// The decision about a fact where lines are successive versions: an earlier line of the input that has replaced it does
    /// not count any more, and a later version corrects an earlier one where its kind asks for that.
    fn as_version(&self, incoming: &mut Incoming, when_known: Option<WhenKnown>) -> Result<Decision, Refused> {
        let mut context = self.context();
        let mut decided = context.decide(incoming);
        let contradicts = contradicted(&context, incoming, &decided);
        let is_ended_here = contradicts.iter().any(|since| u64::from(*since) >= self.append_first);
        match &decided {
            Ok(Decision::Superseded { .. }) if is_ended_here => {
                context.superseded = OnSuperseded::Restate;
                decided = context.decide(incoming);
            }
            Ok(Decision::Known(_)) if is_ended_here => {
                return Ok(Decision::New { replaces: Vec::new(), contradicts });
            }
            Ok(Decision::New { .. } | Decision::Known(_) | Decision::Superseded { .. }) | Err(_) => {}
        }
        if when_known.is_none() && corrects_in_effect(incoming, &decided) {
            incoming.corrects = Some(Corrects::Same);
            decided = context.decide(incoming);
        }
        decided
    }

    /// The refusal of a fact that contradicts the one at a position, which another line says.
    fn conflict(&self, incoming: &Incoming, position: Position, line: LinePlace) -> Refused {
        let body = &incoming.fact.body;
        let (knowledge, texts) = (&self.writer.state.knowledge, &self.writer);
        let mut differences = differences(knowledge, body, &[position], |known| opened(known, texts));
        leave_contradictions(body, &mut differences);
        let path = differences.first().map_or(FieldPath::root(), |one| FieldPath::of(one.field));
        let key = natural_key(body).expect("only facts with a key contradict each other");
        let file = self.input.file(line.file).to_owned();
        Refusal::Conflict { key, differences, file, line: line.line }.at(path)
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
    fn check(&self, incoming: &Incoming, mut replaces: Vec<u64>) -> Result<ValidFact, Vec<Finding<Refusal>>> {
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
        // Usage that replaces other usage was there before.
        let is_there = matches!(body, Body::UsageSnapshot(_)) && !replaces.is_empty();
        let duplicate = if is_there { None } else { probable_duplicate(context.view, &incoming.fact) };
        Ok(ValidFact { replaces, warnings: validation.warnings, duplicate })
    }

    /// Keeps a line that equals a fact which was replaced since, until all lines are read.
    fn keep_superseded(&mut self, equal: Position, since: Position, source: FactSource<'_>) -> Result<(), BookError> {
        let mut rejected = None;
        if self.options.superseded != OnSuperseded::Skip {
            let number = |position| number_of(&self.writer.state.knowledge.fact_at(position)?.fact.body);
            let numbers = number(equal).zip(number(since));
            let how = self.context().how_ended(since);
            let refusals = vec![source.refusal(Refusal::Superseded { equal, since, how, numbers }.into())];
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

/// The positions of the facts that a fact restates: those that it replaces or retracts, and those that it leaves in force, but
/// without the values that it contradicts. Opening balances are added up.
fn restated(body: &Body, replaces: &[u64], contradicts: Vec<Position>) -> Vec<Position> {
    match body {
        Body::Payee(_) | Body::Account(_) | Body::Assignment(_) if replaces.is_empty() => contradicts,
        Body::Payee(_)
        | Body::Account(_)
        | Body::Assignment(_)
        | Body::AssignmentEnd(_)
        | Body::Quota(_)
        | Body::Booking(_)
        | Body::Cancellation(_)
        | Body::CreditNote(_)
        | Body::UsageSnapshot(_)
        | Body::CreditSplit(_)
        | Body::Signal(_)
        | Body::ExchangeRate(_)
        | Body::OpeningBalance(_)
        | Body::Adjustment(_)
        | Body::Retraction(_)
        | Body::UsageComplete(_) => replaces.iter().map(|position| *position as Position).collect(),
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
        Body::Adjustment(_) => FieldPath::of("adjustment"),
        Body::Signal(_) | Body::OpeningBalance(_) | Body::Retraction(_) => FieldPath::root(),
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
