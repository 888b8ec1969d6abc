//! Whether a fact is new, known already, restates another, or must be refused (facts.md). Nothing is guessed.
//!
//! Whether a fact makes sense is decided in `validation.rs`, whether others depend on what it takes away in `references.rs`.

use std::collections::BTreeMap;

use ledger::exact::Exact;
use ledger::fact::{Body, Corrects, Fact, Incoming, Reference};
use ledger::finding::FieldPath;
use ledger::key::{natural_key, usage_key};
use ledger::seal::Personal;
use projections::knowledge::{Knowledge, UsageRef, content_digest};
use projections::position::Position;
use projections::shared_map::SharedMap;
use projections::view::View;
use uuid::Uuid;

use crate::record::options::OnSuperseded;
use crate::refusal::{Ended, Refusal, Refused};

/// What admission looks at: everything known before this fact, earlier facts of the same append included.
pub struct AdmissionContext<'a> {
    pub knowledge: &'a Knowledge,
    /// Ids of usage that are in no index, where they were read from the log.
    pub usage_ids: Option<&'a SharedMap<Uuid, Position>>,
    /// Where the append begins: later positions are of the same command.
    pub append_first: u64,
    /// Ids that facts of this append brought with them.
    pub own_ids: &'a BTreeMap<Uuid, Position>,
    pub superseded: OnSuperseded,
    pub texts: &'a dyn OpenTexts,
}

/// Opens sealed texts where the key is there.
pub trait OpenTexts {
    fn open(&self, text: &Personal) -> Option<String>;
}

/// Retractions of retractions of retractions: more of them are no correction any more.
const RETRACTIONS_MAX: usize = 100;

/// What becomes of a fact.
#[derive(Debug)]
pub enum Decision {
    New {
        replaces: Vec<u64>,
    },
    /// Recorded at this position already.
    Known(Position),
    /// Equal to one that another entry has ended since.
    Superseded {
        equal: Position,
        since: Position,
    },
}

type Decided = Result<Decision, Refused>;

impl<'a> AdmissionContext<'a> {
    pub fn view(&self) -> View<'a> {
        View::new(self.knowledge, self.knowledge.size())
    }

    /// The column: own id, correction or retraction, then the natural key or the content.
    pub fn decide(&self, incoming: &Incoming) -> Decided {
        if let Some(decision) = self.same_id(incoming)? {
            return Ok(decision);
        }
        if let Some(corrects) = &incoming.corrects {
            return self.correction(incoming, corrects);
        }
        match &incoming.fact.body {
            Body::UsageSnapshot(usage) => self.usage(incoming, UsageRef::of(usage)),
            Body::Retraction(retraction) => self.retraction(incoming, &retraction.retracts),
            Body::Booking(booking) => self.keyed(incoming, |position| {
                let booking = booking.booking.clone();
                Err(Refusal::BookingDiffers { booking, position }.at(FieldPath::of("booking")))
            }),
            Body::Quota(_) | Body::CreditSplit(_) | Body::ExchangeRate(_) | Body::Cancellation(_) => {
                self.keyed(incoming, |since| self.replacing(&[since]))
            }
            Body::Payee(_) | Body::Account(_) => self.merged(incoming),
            Body::Assignment(_) | Body::AssignmentEnd(_) => self.keyed(incoming, |_| Ok(fresh())),
            Body::Signal(_) | Body::Adjustment(_) | Body::OpeningBalance(_) => self.by_content(incoming),
        }
    }

    // The same id --------------------------------------------------------------------------------------------------

    /// A fact with an id of its own that the log has already.
    fn same_id(&self, incoming: &Incoming) -> Result<Option<Decision>, Refused> {
        let Some(position) = incoming.id.and_then(|id| self.position_of(id)) else { return Ok(None) };
        let same = match (self.knowledge.fact_at(position), &incoming.fact.body) {
            (Some(known), Body::Retraction(_)) => {
                self.same(&known.fact, &self.with_the_id_meant(&known.fact, incoming))
            }
            (Some(known), _) => self.same(&known.fact, &incoming.fact),
            (None, Body::UsageSnapshot(usage)) => self.snapshot_says(position, UsageRef::of(usage)),
            (None, _) => false,
        };
        if same {
            return Ok(Some(Decision::Known(position)));
        }
        let id = incoming.id.expect("looked up above");
        Err(Refusal::IdTaken { id, position }.at(FieldPath::of("id")))
    }

    /// A retraction by key is kept with the id of what the key meant when it came.
    fn with_the_id_meant(&self, known: &Fact, incoming: &Incoming) -> Fact {
        let mut fact = incoming.fact.clone();
        if let (Body::Retraction(known), Body::Retraction(again)) = (&known.body, &mut fact.body)
            && let (Reference::Id(id), Reference::Key(key)) = (&known.retracts, &again.retracts)
            && let Some(meant) = self.position_of(*id).and_then(|position| self.knowledge.fact_at(position))
            && natural_key(&meant.fact.body).as_ref() == Some(key)
        {
            again.retracts = known.retracts.clone();
        }
        fact
    }

    fn position_of(&self, id: Uuid) -> Option<Position> {
        let own = || self.own_ids.get(&id).copied();
        self.knowledge.position_of(id).or_else(own).or_else(|| self.usage_ids?.get(&id).copied())
    }

    // By natural key -----------------------------------------------------------------------------------------------

    /// Kinds with one fact in force for each key. `other` decides about other content than the one in force at a position.
    fn keyed(&self, incoming: &Incoming, other: impl FnOnce(Position) -> Decided) -> Decided {
        let key = natural_key(&incoming.fact.body).expect("these kinds have keys");
        let view = self.view();
        let list = self.knowledge.with_key(&key);
        let in_force: Vec<_> = view.live(list).collect();
        if let Some(known) = in_force.iter().find(|known| self.same(&known.fact, &incoming.fact)) {
            return Ok(Decision::Known(known.position));
        }
        if let Some(decision) = self.ended(list.iter().map(|index| self.knowledge.fact(*index).position), incoming) {
            return Ok(decision);
        }
        match in_force.last() {
            Some(known) => other(known.position),
            None => Ok(fresh()),
        }
    }

    /// Payees and accounts change what they name: facts of one date stand beside each other.
    fn merged(&self, incoming: &Incoming) -> Decided {
        let key = natural_key(&incoming.fact.body).expect("these kinds have keys");
        let list = self.knowledge.with_key(&key);
        let view = self.view();
        let equal = view.live(list).rfind(|known| self.same(&known.fact, &incoming.fact));
        if let Some(equal) = equal {
            let mut later = view.live(list).filter(|known| known.position > equal.position);
            // A later fact of the same date has said something else of the same field.
            return Ok(
                match later.rfind(|known| contradicts(&self.opened(&known.fact.body), &self.opened(&equal.fact.body))) {
                    Some(since) if !self.is_meant(incoming) => {
                        Decision::Superseded { equal: equal.position, since: since.position }
                    }
                    Some(_) => fresh(),
                    None => Decision::Known(equal.position),
                },
            );
        }
        let ended = self.ended(list.iter().map(|index| self.knowledge.fact(*index).position), incoming);
        Ok(ended.unwrap_or_else(fresh))
    }

    /// Kinds without a key are equal when all their content is.
    fn by_content(&self, incoming: &Incoming) -> Decided {
        let same = self.knowledge.with_content(&content_digest(&incoming.fact));
        let equal = |position: &&Position| {
            let known = self.knowledge.fact_at(**position);
            known.is_some_and(|known| self.same(&known.fact, &incoming.fact))
        };
        // With an id of its own it is another event, however equal.
        if incoming.id.is_some() {
            return Ok(fresh());
        }
        let view = self.view();
        // One of this append that has an id of its own is told apart by it.
        let told_apart = |position: &&Position| {
            u64::from(**position) < self.append_first || !self.own_ids.values().any(|own| own == *position)
        };
        if let Some(position) = same.iter().filter(equal).filter(told_apart).find(|position| view.in_force(**position))
        {
            if u64::from(*position) < self.append_first {
                return Ok(Decision::Known(*position));
            }
            return Err(Refusal::RecordedTwice { kind: incoming.fact.body.word() }.into());
        }
        Ok(self.ended(same.iter().copied(), incoming).unwrap_or_else(fresh))
    }

    /// With an id of its own, or by `--restate`, a fact is recorded although it equals one that was replaced since.
    fn is_meant(&self, incoming: &Incoming) -> bool {
        incoming.id.is_some() || self.superseded == OnSuperseded::Restate
    }

    /// Equal to one that was itself replaced, corrected or retracted since.
    fn ended(&self, positions: impl Iterator<Item = Position>, incoming: &Incoming) -> Option<Decision> {
        if self.is_meant(incoming) {
            return None;
        }
        let fact = &incoming.fact;
        let visibility = self.view().visibility;
        let equal = positions
            .filter(|position| self.knowledge.fact_at(*position).is_some_and(|known| self.same(&known.fact, fact)));
        let ended = equal.filter_map(|equal| Some((equal, self.knowledge.ended_by(equal, visibility)?)));
        ended.last().map(|(equal, since)| Decision::Superseded { equal, since })
    }

    // Usage, by interval -------------------------------------------------------------------------------------------

    fn usage(&self, incoming: &Incoming, usage: UsageRef<'_>) -> Decided {
        let found = self.interval(usage);
        if let Some(position) = found.in_force
            && found.says_the_same
        {
            return Ok(Decision::Known(position));
        }
        if let Some((equal, since)) = found.equal_ended
            && !self.is_meant(incoming)
        {
            return Ok(Decision::Superseded { equal, since });
        }
        match found.in_force {
            Some(position) => self.replacing(&[position]),
            None => Ok(fresh()),
        }
    }

    /// What is known of exactly this contract, meter and interval.
    fn interval(&self, usage: UsageRef<'_>) -> Interval {
        let mut found = Interval::default();
        let Some(contract) = self.knowledge.contract_of(usage.contract, usage.account) else { return found };
        let view = self.view();
        for metered in view.runs_of(contract) {
            let run = &metered.run;
            if run.meter.as_ref().map(ledger::id::Name::as_str) != usage.meter {
                continue;
            }
            let same_currency = metered.currency == usage.currency;
            for index in run.meeting(usage.from, usage.to).filter(|index| run.covers(*index, usage.from, usage.to)) {
                found.in_force = Some(run.position(index));
                found.says_the_same = same_currency && run.says(index, usage.amount, usage.quantity);
            }
            for ended in run.ended_covering(usage.from, usage.to) {
                let says = (&ended.snapshot.amount, &ended.snapshot.quantity)
                    == (&usage.amount.exact(), &usage.quantity.map(|quantity| quantity.exact()));
                let position = ended.snapshot.position;
                match self.knowledge.ended_by(position, view.visibility) {
                    None => (found.in_force, found.says_the_same) = (Some(position), says && same_currency),
                    Some(since) if says && same_currency => {
                        found.equal_ended = found.equal_ended.max(Some((position, since)))
                    }
                    Some(_) => {}
                }
            }
        }
        found
    }

    fn snapshot_says(&self, position: Position, usage: UsageRef<'_>) -> bool {
        let Some(metered) = self.knowledge.run_at(position) else { return false };
        let says = |amount: &Exact, quantity: &Option<Exact>| {
            (amount, quantity) == (&usage.amount.exact(), &usage.quantity.map(|quantity| quantity.exact()))
        };
        let contract = self.knowledge.contract_of(usage.contract, usage.account);
        let same_run =
            contract.is_some_and(|contract| self.view().runs_of(contract).any(|run| std::ptr::eq(run, metered)));
        let columns =
            metered.run.meeting(usage.from, usage.to).filter(|index| metered.run.position(*index) == position);
        let snapshots = columns.map(|index| metered.run.snapshot(index));
        let ended = metered.run.ended_covering(usage.from, usage.to).map(|ended| ended.snapshot.clone());
        let ended = ended.filter(|snapshot| snapshot.position == position);
        let mut all = snapshots.chain(ended);
        let meter = metered.run.meter.as_ref().map(ledger::id::Name::as_str);
        same_run
            && meter == usage.meter
            && metered.currency == usage.currency
            && all.any(|snapshot| {
                (snapshot.from, snapshot.to) == (usage.from, usage.to) && says(&snapshot.amount, &snapshot.quantity)
            })
    }

    // Corrections and retractions ----------------------------------------------------------------------------------

    fn correction(&self, incoming: &Incoming, corrects: &Corrects) -> Decided {
        if let Some(decision) = self.corrected_by_key(incoming, corrects) {
            return Ok(decision);
        }
        let target = match corrects {
            Corrects::Same => self.same_key_in_force(incoming)?,
            Corrects::Named(reference) => self.resolve(reference, corrects_path())?,
        };
        let word = incoming.fact.body.word();
        let (kind, equal) = match self.knowledge.fact_at(target) {
            Some(known) => (known.fact.body.word(), self.same_to_the_letter(&known.fact, &incoming.fact)),
            None => (
                "usage-snapshot",
                matches!(&incoming.fact.body, Body::UsageSnapshot(usage) if self.snapshot_says(target, UsageRef::of(usage))),
            ),
        };
        if kind != word {
            let refusal = Refusal::CorrectsOtherKind { written: word, known: kind, position: target };
            return Err(refusal.at(corrects_path()));
        }
        if matches!(incoming.fact.body, Body::Retraction(_)) {
            return Err(Refusal::RetractionCorrected.at(corrects_path()));
        }
        let Some(since) = self.knowledge.ended_by(target, self.view().visibility) else {
            if let (false, Some(superseded)) = (equal, self.recorded_before(incoming)) {
                return Ok(superseded);
            }
            // A correction with an id of its own may be named later, however little it changes.
            let known = equal && incoming.id.is_none();
            return if known { Ok(Decision::Known(target)) } else { self.replacing_with_same_key(incoming, target) };
        };
        self.corrected_before(incoming, target, since)
    }

    /// A correction by key names what is in force when it comes; it may leave the key, or another fact may come under it. An
    /// equal one that something of this key gave way to is this one fed again.
    fn corrected_by_key(&self, incoming: &Incoming, corrects: &Corrects) -> Option<Decision> {
        let key = match corrects {
            Corrects::Same => natural_key(&incoming.fact.body)?,
            Corrects::Named(Reference::Key(key)) => key.clone(),
            Corrects::Named(Reference::Id(_)) => return None,
        };
        if incoming.id.is_some() {
            return None;
        }
        if let (Body::UsageSnapshot(usage), Corrects::Named(reference)) = (&incoming.fact.body, corrects) {
            let is_gone = self.resolve(reference, corrects_path()).is_err();
            let there = is_gone.then(|| self.usage(incoming, UsageRef::of(usage)).ok()).flatten();
            return there.filter(|there| !matches!(there, Decision::New { .. }));
        }
        let facts = self.knowledge.with_key(&key).iter().map(|index| self.knowledge.fact(*index));
        let equal = facts.flat_map(|known| &known.validity.replaced_by).copied().filter(|by| {
            let known = self.knowledge.fact_at(*by);
            known.is_some_and(|known| self.same_to_the_letter(&known.fact, &incoming.fact))
        });
        let since = |equal: Position| self.knowledge.ended_by(equal, self.view().visibility);
        // One in force comes first.
        let equal = equal.max_by_key(|equal| (since(*equal).is_none(), *equal))?;
        match since(equal) {
            None => Some(Decision::Known(equal)),
            Some(since) => (!self.is_meant(incoming)).then_some(Decision::Superseded { equal, since }),
        }
    }

    /// Whether an equal fact was recorded before, and ended since.
    fn recorded_before(&self, incoming: &Incoming) -> Option<Decision> {
        if self.is_meant(incoming) {
            return None;
        }
        if let Body::UsageSnapshot(usage) = &incoming.fact.body {
            let (equal, since) = self.interval(UsageRef::of(usage)).equal_ended?;
            return Some(Decision::Superseded { equal, since });
        }
        match natural_key(&incoming.fact.body) {
            Some(key) => {
                let list = self.knowledge.with_key(&key).iter();
                self.ended(list.map(|index| self.knowledge.fact(*index).position), incoming)
            }
            None => {
                let same = self.knowledge.with_content(&content_digest(&incoming.fact));
                self.ended(same.iter().copied(), incoming)
            }
        }
    }

    /// The correction may have been recorded before; if so it is known, or was itself ended.
    fn corrected_before(&self, incoming: &Incoming, target: Position, since: Position) -> Decided {
        let same = match self.knowledge.fact_at(since) {
            Some(known) => self.same(&known.fact, &incoming.fact),
            None => {
                matches!(&incoming.fact.body, Body::UsageSnapshot(usage) if self.snapshot_says(since, UsageRef::of(usage)))
            }
        };
        if same {
            return Ok(match self.knowledge.ended_by(since, self.view().visibility) {
                None => Decision::Known(since),
                Some(later) => Decision::Superseded { equal: since, since: later },
            });
        }
        let how = self.how_ended(since);
        Err(Refusal::CorrectedSince { target, since, how }.at(corrects_path()))
    }

    fn how_ended(&self, since: Position) -> Ended {
        match self.knowledge.fact_at(since).map(|known| &known.fact.body) {
            Some(Body::Retraction(_)) => Ended::Retracted,
            Some(_) | None => Ended::Replaced,
        }
    }

    fn same_key_in_force(&self, incoming: &Incoming) -> Result<Position, Refused> {
        let nothing = |key: &str| Refusal::NothingToCorrect { key: key.to_owned() }.at(corrects_path());
        if let Body::UsageSnapshot(usage) = &incoming.fact.body {
            let key = natural_key(&incoming.fact.body).unwrap_or_default();
            return self.interval(UsageRef::of(usage)).in_force.ok_or_else(|| nothing(&key));
        }
        let Some(key) = natural_key(&incoming.fact.body) else {
            return Err(Refusal::NoNaturalKey { kind: incoming.fact.body.word() }.at(corrects_path()));
        };
        self.keyed_in_force(&key, corrects_path())?.ok_or_else(|| nothing(&key))
    }

    fn keyed_in_force(&self, key: &str, path: FieldPath) -> Result<Option<Position>, Refused> {
        let in_force: Vec<Position> =
            self.view().live(self.knowledge.with_key(key)).map(|known| known.position).collect();
        match in_force[..] {
            [] => Ok(None),
            [position] => Ok(Some(position)),
            _ => Err(Refusal::ReferenceAmbiguous { key: key.to_owned(), positions: in_force }.at(path)),
        }
    }

    /// The position that an id or a key means. `path` is where it is written.
    fn resolve(&self, reference: &Reference, path: FieldPath) -> Result<Position, Refused> {
        let found = match reference {
            Reference::Id(id) => self.position_of(*id).filter(|position| {
                self.knowledge.fact_at(*position).is_some() || self.knowledge.run_at(*position).is_some()
            }),
            Reference::Key(key) => match usage_key(key) {
                Some(parts) => self.usage_in_force(&parts),
                None => self.keyed_in_force(key, path.clone())?,
            },
        };
        found.ok_or_else(|| Refusal::ReferenceUnknown { reference: reference.clone() }.at(path))
    }

    fn usage_in_force(
        &self,
        parts: &(String, String, Option<String>, ledger::date::Day, ledger::date::Day),
    ) -> Option<Position> {
        let (account, contract, meter, from, to) = parts;
        let contract = self.knowledge.contract_of(contract, account)?;
        let view = self.view();
        let runs = view
            .runs_of(contract)
            .filter(|run| run.run.meter.as_ref().map(ledger::id::Name::as_str) == meter.as_deref());
        let mut exact = runs
            .flat_map(|run| view.snapshots(run, *from, *to))
            .filter(|snapshot| (snapshot.from, snapshot.to) == (*from, *to));
        exact.next().map(|snapshot| snapshot.position)
    }

    fn retraction(&self, incoming: &Incoming, reference: &Reference) -> Decided {
        if let (Reference::Key(key), false) = (reference, self.is_meant(incoming))
            && let Some(known) = self.retracted_by_key(incoming, key)
        {
            return Ok(Decision::Known(known));
        }
        let retracts_path = || FieldPath::of("retracts");
        let target = self.resolve(reference, retracts_path())?;
        let Some(since) = self.knowledge.ended_by(target, self.view().visibility) else {
            return match self.retracted_before(incoming, target) {
                Some(superseded) => Ok(superseded),
                None if self.depth(target) >= RETRACTIONS_MAX => {
                    let refusal = Refusal::RetractionsTooDeep { position: target, most: RETRACTIONS_MAX };
                    Err(refusal.at(retracts_path()))
                }
                None => Ok(Decision::New { replaces: vec![u64::from(target)] }),
            };
        };
        match self.knowledge.fact_at(since).map(|known| &known.fact) {
            Some(known) if same_words(known, &incoming.fact) => Ok(Decision::Known(since)),
            _ => {
                let how = self.how_ended(since);
                Err(Refusal::RetractedSince { target, since, how }.at(retracts_path()))
            }
        }
    }

    /// A retraction by key names what is in force when it comes. One with the same reason, that something of this key bears
    /// and after which nothing of this key came, is this one fed again.
    fn retracted_by_key(&self, incoming: &Incoming, key: &str) -> Option<Position> {
        let facts = || self.knowledge.with_key(key).iter().map(|index| self.knowledge.fact(*index));
        let last = facts().map(|known| known.position).max()?;
        let visibility = self.view().visibility;
        let retractions = facts().flat_map(|known| &known.validity.retracted_by).copied();
        let same =
            |by: &Position| self.knowledge.fact_at(*by).is_some_and(|known| same_words(&known.fact, &incoming.fact));
        retractions.filter(|by| *by > last && self.knowledge.acts(*by, visibility)).find(same)
    }

    /// An equal retraction of the same thing that was itself retracted since.
    fn retracted_before(&self, incoming: &Incoming, target: Position) -> Option<Decision> {
        if self.is_meant(incoming) {
            return None;
        }
        let validity = self.knowledge.validity(target)?;
        let equal = validity
            .retracted_by
            .iter()
            .copied()
            .rev()
            .find(|by| self.knowledge.fact_at(*by).is_some_and(|known| same_words(&known.fact, &incoming.fact)))?;
        let since = self.knowledge.ended_by(equal, self.view().visibility)?;
        Some(Decision::Superseded { equal, since })
    }

    /// How many retractions lie on one another below a position.
    fn depth(&self, mut position: Position) -> usize {
        let mut depth = 0;
        while let Some(Body::Retraction(retraction)) = self.knowledge.fact_at(position).map(|known| &known.fact.body) {
            depth += 1;
            let Reference::Id(id) = retraction.retracts else { break };
            let Some(below) = self.position_of(id).filter(|_| depth <= RETRACTIONS_MAX) else { break };
            position = below;
        }
        depth
    }

    fn replacing(&self, positions: &[Position]) -> Decided {
        let mut replaces: Vec<u64> = positions.iter().map(|position| u64::from(*position)).collect();
        replaces.sort();
        replaces.dedup();
        Ok(Decision::New { replaces })
    }

    /// A correction may move to a key under which something else is in force, which then gives way too.
    fn replacing_with_same_key(&self, incoming: &Incoming, target: Position) -> Decided {
        let other = match &incoming.fact.body {
            Body::UsageSnapshot(usage) => self.interval(UsageRef::of(usage)).in_force,
            Body::Quota(_) | Body::CreditSplit(_) | Body::ExchangeRate(_) | Body::Cancellation(_) => {
                let key = natural_key(&incoming.fact.body).expect("these kinds have keys");
                self.view().live(self.knowledge.with_key(&key)).last().map(|known| known.position)
            }
            Body::Payee(_)
            | Body::Account(_)
            | Body::Assignment(_)
            | Body::AssignmentEnd(_)
            | Body::OpeningBalance(_) => None,
            Body::Booking(_) | Body::Signal(_) | Body::Adjustment(_) | Body::Retraction(_) => None,
        };
        let positions: Vec<Position> = [target].into_iter().chain(other).collect();
        self.replacing(&positions)
    }

    // Equality -----------------------------------------------------------------------------------------------------

    /// Where it is known from, and a note, make no other fact of one that has a natural key.
    fn same(&self, known: &Fact, incoming: &Fact) -> bool {
        match natural_key(&known.body) {
            Some(_) => self.same_body(&known.body, &incoming.body),
            None => self.same_to_the_letter(known, incoming),
        }
    }

    fn same_to_the_letter(&self, known: &Fact, incoming: &Fact) -> bool {
        let note = |fact: &Fact| fact.note.as_ref().map(|note| self.texts.open(note));
        self.same_body(&known.body, &incoming.body) && known.source == incoming.source && note(known) == note(incoming)
    }

    fn same_body(&self, known: &Body, incoming: &Body) -> bool {
        match known {
            Body::Payee(_) => self.opened(known) == self.opened(incoming),
            _ => known == incoming,
        }
    }

    /// The same with its sealed texts opened, where the keys are there.
    fn opened(&self, body: &Body) -> Body {
        let mut fact = Fact { body: body.clone(), source: None, note: None };
        for field in fact.personal_fields() {
            if let Some(text) = self.texts.open(field) {
                *field = Personal::Clear(text);
            }
        }
        fact.body
    }
}

/// What is known of an interval of one meter.
#[derive(Default)]
struct Interval {
    in_force: Option<Position>,
    says_the_same: bool,
    /// One that said the same and what ended it.
    equal_ended: Option<(Position, Position)>,
}

fn corrects_path() -> FieldPath {
    FieldPath::of("corrects")
}

fn fresh() -> Decision {
    Decision::New { replaces: Vec::new() }
}

/// Two retractions of one thing with one reason.
fn same_words(known: &Fact, incoming: &Fact) -> bool {
    match (&known.body, &incoming.body) {
        (Body::Retraction(known), Body::Retraction(incoming)) => known.reason == incoming.reason,
        _ => false,
    }
}

/// Whether `later` says something else of a field that `earlier` names.
fn contradicts(later: &Body, earlier: &Body) -> bool {
    use ledger::field::FieldChange;
    fn other<T: PartialEq>(later: &FieldChange<T>, earlier: &FieldChange<T>) -> bool {
        !matches!(later, FieldChange::Keep) && !matches!(earlier, FieldChange::Keep) && later != earlier
    }
    let attributes = |later: &std::collections::BTreeMap<_, FieldChange<_>>,
                      earlier: &std::collections::BTreeMap<_, FieldChange<_>>| {
        later.iter().any(|(name, change): (&ledger::id::Name, &FieldChange<ledger::field::Attribute>)| {
            earlier.get(name).is_some_and(|before| before != change)
        })
    };
    match (later, earlier) {
        (Body::Payee(a), Body::Payee(b)) => {
            other(&a.role, &b.role)
                || other(&a.manager, &b.manager)
                || other(&a.team, &b.team)
                || other(&a.region, &b.region)
                || other(&a.currency, &b.currency)
                || other(&a.recovery_cap, &b.recovery_cap)
                || other(&a.status, &b.status)
                || other(&a.name, &b.name)
                || other(&a.email, &b.email)
                || other(&a.title, &b.title)
                || attributes(&a.attributes, &b.attributes)
        }
        (Body::Account(a), Body::Account(b)) => {
            other(&a.name, &b.name)
                || other(&a.segment, &b.segment)
                || other(&a.region, &b.region)
                || attributes(&a.attributes, &b.attributes)
        }
        _ => false,
    }
}
