//! Facts in: files of them, or what a mapping made of somebody else's rows; whole or not at all, in one append (facts.md).

pub mod admission;
mod persons;
pub mod publish;
mod reader;
pub mod references;
mod usage_feed;
pub mod validation;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, BufRead};
use std::ops::ControlFlow;

use ledger::date::Day;
use ledger::entry::FACT_BYTES_MAX;
use ledger::fact::{Body, Corrects, Fact, Incoming, Mapping, Payload, Record, Reference, derived_id};
use ledger::field::Line;
use ledger::finding::TextLocation;
use ledger::id::PayeeId;
use ledger::key::natural_key;
use ledger::keyring::Keys;
use ledger::log::LogError;
use ledger::problem::Problem;
use ledger::seal::{PersonKey, Personal};
use projections::knowledge::content_digest;
use projections::knowledge::usage_buffer::UsageRow;
use projections::lookup::Lookup;
use projections::position::{ENTRIES_MAX, Position};
use projections::validity::Visibility;
use projections::view::View;
use uuid::Uuid;

use crate::book::{Book, BookError, State};
use crate::record::admission::{Decision, Desk, OpenTexts, Superseded};
use crate::record::persons::Persons;
use crate::record::reader::{Read, Unread};
use crate::record::references::hangs;
use crate::record::usage_feed::{Feed, Lesson};
use crate::record::validation::{Among, fits};
use crate::stamp::{Scribe, Stamp};

/// A file of facts, one a line. It may be read twice.
pub struct Source<'s> {
    pub name: String,
    pub open: Open<'s>,
}

/// Opens it, in whichever thread reads.
pub type Open<'s> = Box<dyn Fn() -> std::io::Result<Box<dyn BufRead + 's>> + Send + Sync + 's>;

/// Facts that a mapping made of somebody else's rows.
pub struct Made<'m> {
    /// Written before the first fact that is new: where nothing is new, nothing is written.
    pub mapping: Mapping,
    pub facts: &'m dyn MadeFacts,
    /// Rows of which nothing could be made, and how many more there were.
    pub failed: &'m [Rejected],
    pub failed_more: u64,
}

/// Facts in the order in which they go in. They may be read twice.
pub trait MadeFacts {
    /// Hands over one after the other, as long as more are wanted. The error is that of reading what was put by.
    fn each(&self, take: &mut dyn FnMut(&dyn MadeFact) -> ControlFlow<()>) -> io::Result<()>;
}

/// One of them.
pub trait MadeFact {
    /// As it would stand in a file of facts.
    fn json(&self) -> &str;
    fn when_known(&self) -> Option<WhenKnown>;
    /// Puts what is wrong with it to the cell that it comes from.
    fn place(&self, problem: Problem) -> Problem;
    /// The text of the rows that it was made of.
    fn rows(&self) -> io::Result<String>;
}

/// What to do with a fact when another one with the same natural key and other content is in force. Where nothing is
/// said, it is what recording does with its kind.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum WhenKnown {
    /// It takes the other one's place.
    Correct,
    /// It is left out.
    Skip,
    /// It is a problem.
    Refuse,
}

/// How a file is taken.
#[derive(Copy, Clone)]
pub struct Manner {
    pub superseded: Superseded,
    pub rejects: Rejects,
}

/// What happens to the good lines of a file that has bad ones.
#[derive(Copy, Clone, PartialEq, Eq)]
pub enum Rejects {
    /// Nothing is recorded.
    Refuse,
    /// They go in, and the bad ones are handed back.
    SetAside,
}

/// What came of it.
#[derive(Default, Debug)]
pub struct Recorded {
    pub new: u64,
    pub restated: u64,
    pub known: u64,
    /// Left out by `--skip-superseded`, or by a mapping's `when-known`.
    pub skipped: u64,
    /// Of the new and restated ones, those dated in closed months.
    pub into_closed: u64,
    pub size: u64,
    pub warnings: Vec<Problem>,
    /// Warnings beyond those that are told.
    pub more_warnings: u64,
    pub rejected: Vec<Rejected>,
}

/// A line that was set aside, and why.
#[derive(Clone, Debug)]
pub struct Rejected {
    pub line: String,
    pub problems: Vec<Problem>,
}

/// Nothing was recorded.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    #[error("{} problems", .0.len())]
    Refused(Vec<Problem>),
    #[error(transparent)]
    Book(#[from] BookError),
    /// A fact names an id that is not in the index. Never leaves this file.
    #[error("an id has to be looked for in the log")]
    UnknownId,
}

impl From<LogError> for RecordError {
    fn from(error: LogError) -> RecordError {
        RecordError::Book(error.into())
    }
}

/// Problems that are reported at most; the rest is counted.
pub const PROBLEMS_MAX: usize = 100;
/// Warnings that are reported at most.
const WARNINGS_MAX: usize = 100;
/// Problems beyond those that are counted at most; then reading stops, for nothing will be recorded.
pub const COUNTED_MAX: u64 = 100_000;
/// The longest line of a file.
pub const LINE_BYTES_MAX: usize = 64 * 1024;
/// Bytes of what is kept of lines until all are read: those that are set aside, with their reasons, and those that equal
/// something which was replaced since.
pub const ASIDE_BYTES_MAX: usize = 64 << 20;

/// What is recorded.
#[derive(Copy, Clone)]
enum Input<'i, 's> {
    Sources(&'i [Source<'s>]),
    Made(&'i Made<'i>),
}

/// Where a fact comes from: for what is said about it.
#[derive(Copy, Clone)]
enum Origin<'o> {
    Line { file: &'o str, number: usize, text: &'o str },
    Rows(&'o dyn MadeFact),
}

impl<'o> Origin<'o> {
    fn place(self, problem: Problem) -> Problem {
        match self {
            Origin::Line { file, number, text } => {
                let (start, end) = spot(text, &problem.message);
                problem.at(file, number, text, start, end)
            }
            Origin::Rows(fact) => fact.place(problem),
        }
    }

    /// What is set aside when the fact is.
    fn text(self) -> Result<Cow<'o, str>, RecordError> {
        match self {
            Origin::Line { text, .. } => Ok(Cow::Borrowed(text)),
            Origin::Rows(fact) => fact.rows().map(Cow::Owned).map_err(|error| again(error).into()),
        }
    }

    fn when_known(self) -> Option<WhenKnown> {
        match self {
            Origin::Line { .. } => None,
            Origin::Rows(fact) => fact.when_known(),
        }
    }
}

/// Rows are put by until they are recorded.
fn again(source: io::Error) -> BookError {
    BookError::Io { doing: "reading what was made of the rows".to_owned(), source }
}

impl Book {
    /// Records all facts of the sources in one append, or none of them.
    pub fn record(&mut self, sources: &[Source<'_>], manner: Manner, stamp: &Stamp) -> Result<Recorded, RecordError> {
        self.take(Input::Sources(sources), manner, stamp)
    }

    /// Records what a mapping made, and the mapping before it, in one append, or nothing of it.
    pub fn record_made(&mut self, made: &Made<'_>, manner: Manner, stamp: &Stamp) -> Result<Recorded, RecordError> {
        self.take(Input::Made(made), manner, stamp)
    }

    fn take(&mut self, input: Input<'_, '_>, manner: Manner, stamp: &Stamp) -> Result<Recorded, RecordError> {
        let mut outcome = self.record_knowing(input, manner, stamp, None);
        if matches!(outcome, Err(RecordError::UnknownId)) {
            // Derived ids of usage are in no index: there are millions, and hardly anybody names them.
            self.rebuild()?;
            let ids = self.derived_usage_ids()?;
            outcome = self.record_knowing(input, manner, stamp, Some(&ids));
        }
        if outcome.is_err() || self.state.knowledge.size() != self.log.size() {
            // What was folded did not come to be.
            self.rebuild()?;
        }
        outcome
    }

    /// The ids of all usage snapshots that have none of their own, read from the log.
    fn derived_usage_ids(&self) -> Result<Lookup<Uuid, Position>, BookError> {
        let mut ids = Lookup::default();
        self.entries(0, self.size(), |entry, _| {
            if matches!(&entry.payload, Payload::Fact(Fact { body: Body::UsageSnapshot(_), .. })) {
                ids.insert(entry.id, entry.position as Position);
            }
        })?;
        Ok(ids)
    }

    fn record_knowing(
        &mut self,
        input: Input<'_, '_>,
        manner: Manner,
        stamp: &Stamp,
        found_ids: Option<&Lookup<Uuid, Position>>,
    ) -> Result<Recorded, RecordError> {
        let keys_are_ours = self.keys_are_ours();
        let size = self.log.size();
        let last = self.state.recorded;
        let scribe = Scribe::begin(&mut self.log, stamp, last, Some(size))?;
        let closed = self.state.accounts.last_close().map(|closed| closed.close.period.last());
        let keys = &mut self.keys;
        let mut intake = Intake {
            state: &mut self.state,
            keys,
            scribe,
            stamp,
            manner,
            found_ids,
            closed,
            append_first: size,
            own_ids: BTreeMap::new(),
            mapping: None,
            persons: Persons::of(self.keys_fault.as_ref(), keys_are_ours),
            new_keys: Vec::new(),
            superseded: Vec::new(),
            told: BTreeMap::new(),
            line_number: 0,
            recorded: Recorded::default(),
            problems: Vec::new(),
            dropped_problems: 0,
            kept: Kept::default(),
            is_enough: false,
            content: Vec::new(),
            scratch: Vec::new(),
            feed: Feed::default(),
        };
        intake.input(input)?;
        intake.feed.settle(&mut intake.state.knowledge);
        intake.settle_superseded();
        intake.count_more_warnings();
        let Intake { scribe, keys, new_keys, mut recorded, mut problems, dropped_problems, .. } = intake;
        if !problems.is_empty() {
            if dropped_problems > 0 {
                problems.push(more(dropped_problems));
            }
            return Err(RecordError::Refused(problems));
        }
        // A mapping before facts of which none could be taken is not kept.
        if recorded.new + recorded.restated == 0 {
            recorded.size = size;
            return Ok(recorded);
        }
        recorded.size = scribe.next_position();
        // A key is on disk before anything that is sealed with it.
        keys.add_all(new_keys).map_err(BookError::from)?;
        scribe.commit()?;
        Ok(recorded)
    }
}

/// What is said of problems that are not told.
pub fn more(count: u64) -> Problem {
    let message = match count {
        1 => "1 more problem was found".to_owned(),
        COUNTED_MAX.. => format!("at least {count} more problems were found"),
        _ => format!("{count} more problems were found"),
    };
    Problem::new("record-more", message, "mend these first")
}

/// Too much would have to be kept until all lines are read.
pub fn aside_full() -> Problem {
    let message = format!(
        "the lines that cannot be recorded, and those that were replaced since, take more than {ASIDE_BYTES_MAX} bytes"
    );
    Problem::new("record-aside", message, "see whether it is the right file; record it in parts")
}

/// How much is kept of lines until all are read.
#[derive(Default)]
pub struct Kept(usize);

impl Kept {
    /// Whether there is room for a line and what is wrong with it.
    pub fn add(&mut self, line: &str, problems: &[Problem]) -> bool {
        self.add_bytes(weight(line, problems))
    }

    fn add_bytes(&mut self, bytes: usize) -> bool {
        self.0 += bytes;
        self.0 <= ASIDE_BYTES_MAX
    }
}

/// What a line takes that is kept with what is wrong with it.
fn weight(line: &str, problems: &[Problem]) -> usize {
    let text = |problem: &Problem| {
        let excerpt = problem
            .place
            .as_ref()
            .map_or(0, |place| size_of::<TextLocation>() + place.excerpt.len() + place.file.len());
        size_of::<Problem>() + problem.message.len() + problem.help.len() + excerpt
    };
    size_of::<Rejected>() + line.len() + problems.iter().map(text).sum::<usize>()
}

fn full() -> Problem {
    let message = format!("the book has {ENTRIES_MAX} entries, the most that one may have");
    Problem::new("record-full", message, "begin another book")
}

fn long() -> Problem {
    let message = format!("the fact takes more than {FACT_BYTES_MAX} bytes");
    Problem::new("fact-long", message, "shorten its texts or lists")
}

/// A line that equals something which was replaced since.
struct SupersededLine {
    line: u64,
    /// What it equals.
    equal: Position,
    since: Position,
    /// Where nothing is said of it there is none.
    rejected: Option<Box<Rejected>>,
}

/// Where a line says what a message is about: the first thing in backticks that stands in quotes; else all of it.
fn spot(text: &str, message: &str) -> (usize, usize) {
    let things = message.split('`').skip(1).step_by(2);
    let quoted = things.map(|thing| format!("\"{thing}\""));
    let found = quoted.filter_map(|quoted| text.find(&quoted).map(|start| (start, start + quoted.len()))).next();
    found.unwrap_or((0, text.len()))
}

/// `said` is what the fact and the one in its place come to, where that is one number.
fn superseded(equal: Position, since: Position, said: Option<(String, String)>) -> Problem {
    let message = match said {
        Some((was, is)) if was != is => {
            format!("this was {was} at position {equal}, and {is} since position {since}")
        }
        Some(_) | None => format!("this was recorded at position {equal} and replaced at position {since} since"),
    };
    let help = "use --restate if it is meant to hold again, or --skip-superseded to leave it out";
    Problem::new("fact-superseded", message, help)
}

/// The number of a fact that has one above all.
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
        | Body::UsageSnapshot(_)
        | Body::CreditSplit(_)
        | Body::Signal(_)
        | Body::OpeningBalance(_)
        | Body::Adjustment(_)
        | Body::Retraction(_) => None,
    }
}

/// Why the lines of a file are not looked at to the end.
enum Halt {
    Failed(RecordError),
    Enough,
}

impl From<RecordError> for Halt {
    fn from(error: RecordError) -> Halt {
        Halt::Failed(error)
    }
}

/// Facts on their way into the log.
struct Intake<'a> {
    state: &'a mut State,
    keys: &'a mut Keys,
    scribe: Scribe<'a>,
    stamp: &'a Stamp,
    manner: Manner,
    found_ids: Option<&'a Lookup<Uuid, Position>>,
    closed: Option<Day>,
    append_first: u64,
    /// Ids that facts of this append brought with them.
    own_ids: BTreeMap<Uuid, Position>,
    /// The mapping that made the facts, until it is written.
    mapping: Option<Mapping>,
    persons: Persons<'a>,
    new_keys: Vec<(PayeeId, PersonKey)>,
    superseded: Vec<SupersededLine>,
    /// The last line that told each position that was known already; kept only from the first superseded line on.
    told: BTreeMap<Position, u64>,
    line_number: u64,
    recorded: Recorded,
    problems: Vec<Problem>,
    dropped_problems: u64,
    /// What is kept of lines until all are read.
    kept: Kept,
    /// Nothing will be recorded, and enough is known to say why.
    is_enough: bool,
    content: Vec<u8>,
    scratch: Vec<u8>,
    feed: Feed,
}

impl Intake<'_> {
    fn input(&mut self, input: Input<'_, '_>) -> Result<(), RecordError> {
        match input {
            Input::Sources(sources) => {
                sources.iter().try_for_each(|source| if self.is_enough { Ok(()) } else { self.source(source) })
            }
            Input::Made(made) => self.made(made),
        }
    }

    fn made(&mut self, made: &Made<'_>) -> Result<(), RecordError> {
        self.mapping = Some(made.mapping.clone());
        made.failed.iter().for_each(|failed| self.refuse(&failed.line, failed.problems.clone()));
        self.dropped_problems += made.failed_more;
        let mut outcome = Ok(());
        let read = made.facts.each(&mut |fact| {
            outcome = self.made_fact(fact);
            if outcome.is_err() || self.is_enough { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        outcome.and(read.map_err(|error| again(error).into()))
    }

    fn made_fact(&mut self, fact: &dyn MadeFact) -> Result<(), RecordError> {
        self.line_number += 1;
        let origin = Origin::Rows(fact);
        let mut problems = Vec::new();
        let mut line = Line { file: "", number: 1, text: fact.json(), problems: &mut problems };
        match Incoming::read(&mut line) {
            Some(incoming) => self.fact(incoming, origin),
            None => self.refuse_origin(origin, problems),
        }
    }

    fn source(&mut self, source: &Source<'_>) -> Result<(), RecordError> {
        let read = reader::each(source, |text, Read { number, fact, .. }| {
            self.line_number += 1;
            match fact {
                Ok(incoming) => self.fact(incoming, Origin::Line { file: &source.name, number, text })?,
                Err(problems) => self.refuse(text, problems),
            }
            if self.is_enough { Err(Halt::Enough) } else { Ok(()) }
        });
        match read {
            Ok(Ok(()) | Err(Halt::Enough)) => Ok(()),
            Ok(Err(Halt::Failed(error))) => Err(error),
            // What was not read cannot be set aside.
            Err(Unread::Long(problem)) => {
                self.tell(problem);
                Ok(())
            }
            Err(Unread::Io(error)) => {
                Err(BookError::Io { doing: format!("reading `{}`", source.name), source: error }.into())
            }
        }
    }

    /// Refuses a fact, or sets aside what it was made of.
    fn refuse_origin(&mut self, origin: Origin<'_>, problems: Vec<Problem>) -> Result<(), RecordError> {
        let problems = problems.into_iter().map(|problem| origin.place(problem)).collect();
        let text = if self.manner.rejects == Rejects::SetAside { origin.text()? } else { Cow::Borrowed("") };
        self.refuse(&text, problems);
        Ok(())
    }

    /// Refuses a line, or sets it aside.
    fn refuse(&mut self, line: &str, problems: Vec<Problem>) {
        if self.manner.rejects == Rejects::Refuse {
            return problems.into_iter().for_each(|problem| self.tell(problem));
        }
        if self.keep(weight(line, &problems)) {
            self.recorded.rejected.push(Rejected { line: line.to_owned(), problems });
        }
    }

    /// Whether there is room for something that is kept until all lines are read. If not, nothing is recorded.
    fn keep(&mut self, bytes: usize) -> bool {
        let has_room = self.kept.add_bytes(bytes);
        if !has_room && !self.is_enough {
            self.is_enough = true;
            self.problems.push(aside_full());
        }
        has_room
    }

    fn tell(&mut self, problem: Problem) {
        match self.problems.len() < PROBLEMS_MAX {
            true => self.problems.push(problem),
            false => self.dropped_problems += 1,
        }
        self.is_enough |= self.dropped_problems >= COUNTED_MAX;
    }

    fn fact(&mut self, mut incoming: Incoming, origin: Origin<'_>) -> Result<(), RecordError> {
        if let Some(row) = self.feed.behind_all(&incoming) {
            return match self.admit_row(incoming, row)? {
                Ok(()) => Ok(()),
                Err(problem) => self.refuse_origin(origin, vec![problem]),
            };
        }
        self.feed.settle(&mut self.state.knowledge);
        if self.names_unknown_id(&incoming) {
            return Err(RecordError::UnknownId);
        }
        // First, for without its key nothing personal can be compared with what is known, either.
        if let Err(problem) = self.persons.may_seal(&incoming.fact, self.keys, self.state)? {
            return self.refuse_origin(origin, vec![problem]);
        }
        let decision = match self.decide(&mut incoming, origin.when_known()) {
            Ok(Some(decision)) => decision,
            Ok(None) => {
                self.recorded.skipped += 1;
                return Ok(());
            }
            Err(problem) => return self.refuse_origin(origin, vec![problem]),
        };
        let replaces = match decision {
            Decision::Known(position) => {
                self.recorded.known += 1;
                if !self.superseded.is_empty() {
                    self.told.insert(position, self.line_number);
                }
                return Ok(());
            }
            Decision::Superseded { equal, since } => {
                return self.supersede(equal, since, origin);
            }
            Decision::New { replaces } => replaces,
        };
        match self.check(&incoming, replaces) {
            Err(problems) => self.refuse_origin(origin, problems)?,
            Ok((replaces, warnings)) => {
                let room = WARNINGS_MAX.saturating_sub(self.recorded.warnings.len());
                self.recorded.more_warnings += warnings.len().saturating_sub(room) as u64;
                self.recorded.warnings.extend(warnings.into_iter().take(room).map(|warning| origin.place(warning)));
                let lesson = Lesson::of(&incoming, replaces.is_empty());
                match self.admit(incoming, replaces)? {
                    Ok(()) => self.feed.learn(&self.state.knowledge, lesson),
                    Err(problem) => self.refuse_origin(origin, vec![problem])?,
                }
            }
        }
        Ok(())
    }

    /// Keeps a line that equals something which was replaced since, until it is known what stands behind it.
    fn supersede(&mut self, equal: Position, since: Position, origin: Origin<'_>) -> Result<(), RecordError> {
        let mut rejected = None;
        if self.manner.superseded != Superseded::Skip {
            let number = |position| number_of(&self.state.knowledge.fact_at(position)?.fact.body);
            let said = number(equal).zip(number(since));
            let problems = vec![origin.place(superseded(equal, since, said))];
            let line =
                if self.manner.rejects == Rejects::SetAside { origin.text()?.into_owned() } else { String::new() };
            let bytes = weight(&line, &problems);
            // What is not set aside is counted, where there is no room to say why it is refused.
            if self.manner.rejects == Rejects::SetAside || self.kept.0 + bytes <= ASIDE_BYTES_MAX / 2 {
                if !self.keep(bytes) {
                    return Ok(());
                }
                rejected = Some(Box::new(Rejected { line, problems }));
            }
        }
        if self.keep(size_of::<SupersededLine>()) {
            self.superseded.push(SupersededLine { line: self.line_number, equal, since, rejected });
            self.told.insert(equal, self.line_number);
        }
        Ok(())
    }

    /// What becomes of a fact; `None` where a mapping leaves it out because another one is known.
    fn decide(&self, incoming: &mut Incoming, when_known: Option<WhenKnown>) -> Result<Option<Decision>, Problem> {
        let desk = self.desk();
        let plain = desk.decide(incoming);
        let Some(when_known) = when_known.filter(|_| incoming.corrects.is_none()) else { return plain.map(Some) };
        let may_be_known = match &plain {
            Ok(Decision::New { .. }) => true,
            Ok(Decision::Known(_) | Decision::Superseded { .. }) => false,
            Err(problem) => problem.code == "fact-booking-exists",
        };
        if !may_be_known {
            return plain.map(Some);
        }
        // What it would correct is what is known under its key.
        let correction = Incoming { corrects: Some(Corrects::Same), ..incoming.clone() };
        match (desk.decide(&correction), when_known) {
            (Err(problem), _) if problem.code == "fact-corrects-nothing" => plain.map(Some),
            (Err(problem), WhenKnown::Correct) => Err(problem),
            (Ok(decision), WhenKnown::Correct) => {
                *incoming = correction;
                Ok(Some(decision))
            }
            (Ok(_) | Err(_), WhenKnown::Skip) => Ok(None),
            (Ok(_) | Err(_), WhenKnown::Refuse) => {
                let key = natural_key(&incoming.fact.body).expect("what has no key is not known by it");
                Err(Problem::new(
                    "map-known",
                    format!("`{key}` is recorded already with other content"),
                    "write `when-known = \"correct\"` in the mapping if the rows are right, or \"skip\" to keep what is known",
                ))
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
        let unknown = |id: &Uuid| {
            let known = self.state.knowledge.position_of(*id).is_some() || self.own_ids.contains_key(id);
            id.get_version_num() == 8 && !known
        };
        self.found_ids.is_none() && [incoming.id, named].iter().flatten().any(unknown)
    }

    fn desk(&self) -> Desk<'_> {
        Desk {
            knowledge: &self.state.knowledge,
            rules: &self.state.rules,
            accounts: &self.state.accounts,
            found_ids: self.found_ids,
            append_first: self.append_first,
            own_ids: &self.own_ids,
            superseded: self.manner.superseded,
            texts: self,
        }
    }
}

impl OpenTexts for Intake<'_> {
    fn open(&self, text: &Personal) -> Option<String> {
        match text {
            Personal::Clear(text) => Some(text.clone()),
            Personal::Sealed { key, .. } => {
                let mine = self.new_keys.iter().map(|(_, key)| key).find(|new| new.id == *key);
                text.open(self.keys.by_id(key).or(mine)?)
            }
        }
    }
}

impl Intake<'_> {
    /// The checks of a fact among the others; gives what it replaces in all, and warnings.
    fn check(&self, incoming: &Incoming, mut replaces: Vec<u64>) -> Result<(Vec<u64>, Vec<Problem>), Vec<Problem>> {
        let state = &*self.state;
        let gone: Vec<Position> = replaces.iter().map(|position| *position as Position).collect();
        let before = View::new(&state.knowledge, state.knowledge.size());
        let body = &incoming.fact.body;
        let retracts = matches!(body, Body::Retraction(_));
        let visibility = match retracts {
            true => Visibility { hidden: &gone, ..before.visibility },
            false => Visibility { corrected: &gone, ..before.visibility },
        };
        let after = View { knowledge: &state.knowledge, visibility };
        // What a fact replaces is not there any more when it is looked at.
        let among =
            Among { view: if retracts { before } else { after }, rules: &state.rules, accounts: &state.accounts };
        let mut verdict = fits(&among, body);
        for gone in &gone {
            verdict.problems.extend(hangs(&among, (before, after), *gone, body));
        }
        if !verdict.problems.is_empty() {
            return Err(verdict.problems);
        }
        replaces.extend(verdict.gives_way.iter().map(|position| u64::from(*position)));
        replaces.sort();
        replaces.dedup();
        Ok((replaces, verdict.warnings))
    }

    /// The same of usage behind all that is known of its run.
    fn admit_row(&mut self, incoming: Incoming, row: (u32, UsageRow)) -> Result<Result<(), Problem>, RecordError> {
        if self.scribe.next_position() >= ENTRIES_MAX {
            return Ok(Err(full()));
        }
        self.write_mapping()?;
        self.content.clear();
        incoming.fact.content(&mut self.content);
        let id = derived_id(&self.content, &[], 0, &mut self.scratch);
        let at = incoming.fact.body.at();
        if !self.scribe.row(incoming.fact, id)? {
            return Ok(Err(long()));
        }
        self.state.recorded = self.scribe.recorded();
        self.feed.take(&mut self.state.knowledge, row);
        self.recorded.new += 1;
        self.count_into_closed(at);
        Ok(Ok(()))
    }

    /// The mapping that made the facts comes before the first of them.
    fn write_mapping(&mut self) -> Result<(), RecordError> {
        if let Some(mapping) = self.mapping.take() {
            let entry = self.scribe.record(Record::Mapping(mapping))?;
            self.state.fold(entry);
        }
        Ok(())
    }

    fn count_into_closed(&mut self, at: Option<Day>) {
        self.recorded.into_closed += u64::from(at.is_some_and(|at| self.closed.is_some_and(|closed| at <= closed)));
    }

    /// Writes the entry and folds it in. The inner error refuses the line.
    fn admit(&mut self, incoming: Incoming, replaces: Vec<u64>) -> Result<Result<(), Problem>, RecordError> {
        let Incoming { mut fact, id, .. } = incoming;
        if self.scribe.next_position() >= ENTRIES_MAX {
            return Ok(Err(full()));
        }
        if let Body::Retraction(retraction) = &mut fact.body
            && let Reference::Key(key) = &retraction.retracts
        {
            match self.state.knowledge.fact_at(replaces[0] as Position) {
                Some(known) => retraction.retracts = Reference::Id(known.id),
                None => {
                    return Ok(Err(Problem::new(
                        "fact-reference-unknown",
                        format!("usage has to be retracted by its id, and `{key}` is a key"),
                        "`trueup log --item` tells the id",
                    )));
                }
            }
        }
        self.write_mapping()?;
        if let Some(own) = id {
            self.own_ids.insert(own, self.scribe.next_position() as Position);
        }
        let id = id.unwrap_or_else(|| self.derive_id(&fact, &replaces));
        let (is_restated, at) =
            (!replaces.is_empty() && !matches!(fact.body, Body::Retraction(_)), self.reach(&fact, &replaces));
        self.seal(&mut fact);
        let Some(entry) = self.scribe.fact(fact, id, replaces)? else { return Ok(Err(long())) };
        self.state.fold(entry);
        let counter = if is_restated { &mut self.recorded.restated } else { &mut self.recorded.new };
        *counter += 1;
        self.count_into_closed(at);
        Ok(Ok(()))
    }

    /// The earliest date that a fact touches: its own, or that of what it replaces or retracts.
    fn reach(&self, fact: &Fact, replaces: &[u64]) -> Option<Day> {
        let knowledge = &self.state.knowledge;
        let replaced = replaces.iter().filter_map(|position| match knowledge.fact_at(*position as Position) {
            Some(known) => known.fact.body.at(),
            None => knowledge
                .run_at(*position as Position)
                .and_then(|run| run.run.interval_of(*position as Position))
                .map(|(from, _)| from),
        });
        fact.body.at().into_iter().chain(replaced).min()
    }

    fn derive_id(&mut self, fact: &Fact, replaces: &[u64]) -> Uuid {
        self.content.clear();
        fact.content(&mut self.content);
        let knowledge = &self.state.knowledge;
        let occurrence = match &fact.body {
            Body::UsageSnapshot(usage) => match replaces.is_empty() {
                true => knowledge.ended_snapshots(usage),
                false => 0,
            },
            _ => knowledge.with_content(&content_digest(fact)).len() as u64,
        };
        derived_id(&self.content, replaces, occurrence, &mut self.scratch)
    }

    /// Seals what is personal with the person's key, a new one for a person that has none.
    fn seal(&mut self, fact: &mut Fact) {
        let Some(person) = fact.body.person().cloned() else { return };
        let mut fields = fact.personal_fields();
        if fields.is_empty() {
            return;
        }
        let known = self
            .keys
            .of_payee(&person)
            .or_else(|| self.new_keys.iter().find(|(payee, _)| *payee == person).map(|(_, key)| key));
        let key = match known {
            Some(key) => key.clone(),
            None => {
                let key = self.stamp.person_key(self.new_keys.len() as u64);
                self.new_keys.push((person, key.clone()));
                key
            }
        };
        let position = self.scribe.next_position();
        for (number, field) in fields.iter_mut().enumerate() {
            if let Personal::Clear(text) = &**field {
                **field = Personal::seal(text, &key, self.stamp.seed.nonce(position, number as u32));
            }
        }
    }

    fn count_more_warnings(&mut self) {
        let more = self.recorded.more_warnings;
        if more > 0 {
            let help = "look at these first; the others are of the same kinds";
            self.recorded.warnings.push(Problem::new("record-more", format!("{more} more warnings were found"), help));
        }
    }

    /// A file that tells a whole history tells what replaced a line behind it. Such lines are known; others are refused.
    fn settle_superseded(&mut self) {
        let mut told = std::mem::take(&mut self.told);
        for late in std::mem::take(&mut self.superseded).into_iter().rev() {
            if told.get(&late.since).is_some_and(|line| *line > late.line) {
                self.recorded.known += 1;
                continue;
            }
            // What is refused tells nothing.
            if told.get(&late.equal) == Some(&late.line) {
                told.remove(&late.equal);
            }
            match (self.manner.superseded, late.rejected) {
                (Superseded::Skip, _) => self.recorded.skipped += 1,
                (Superseded::Refuse | Superseded::Restate, Some(rejected)) => match self.manner.rejects {
                    Rejects::SetAside => self.recorded.rejected.push(*rejected),
                    Rejects::Refuse => rejected.problems.into_iter().for_each(|problem| self.tell(problem)),
                },
                (Superseded::Refuse | Superseded::Restate, None) => self.dropped_problems += 1,
            }
        }
        self.problems.sort_by_key(|problem| problem.place.as_ref().map(|place| (place.file.clone(), place.line)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_kept_as_far_as_may_be_and_no_byte_more() {
        let problem = [Problem::new("x", "message", "help")];
        for (more, has_room) in [(0, true), (1, false)] {
            let mut kept = Kept::default();
            assert!(kept.add("line", &problem));
            let line = "x".repeat(ASIDE_BYTES_MAX - weight("line", &problem) - weight("", &problem) + more);
            assert_eq!(kept.add(&line, &problem), has_room);
        }
    }
}
