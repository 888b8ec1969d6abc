//! Writes facts: gives them an id, seals their personal fields, appends them to the log and folds them into the new state.

use std::collections::BTreeMap;

use ledger::date::Day;
use ledger::entry::FACT_BYTES_MAX;
use ledger::fact::{Body, Fact, Incoming, MappingRecord, PolicyRole, Record, Reference, derived_id};
use ledger::finding::FieldPath;
use ledger::id::PayeeId;
use ledger::keyring::Keys;
use ledger::money::{Currency, Money};
use ledger::seal::{PersonKey, Personal};
use projections::knowledge::content_digest;
use projections::knowledge::usage_buffer::UsageRow;
use projections::position::{ENTRIES_MAX, Position};
use uuid::Uuid;

use crate::authority::makers::adjusted_amounts;
use crate::authority::{Act, must_be_allowed};
use crate::record::admission::OpenTexts;
use crate::record::fact_error::FactError;
use crate::record::usage_feed::UsageFeed;
use crate::refusal::{LimitRefusal, Refusal, Refused};
use crate::stamp::{Scribe, Stamp};
use crate::state::State;

/// Writes the entries of one append, and folds them into the state.
pub(super) struct EntryWriter<'a, 'l> {
    pub(super) state: &'a mut State,
    pub(super) keys: &'a Keys,
    scribe: Scribe<'l>,
    stamp: &'l Stamp,
    /// The ids that facts of this append have of their own, with their positions.
    pub(super) own_ids: BTreeMap<Uuid, Position>,
    /// The mapping that made the facts; `None` once it is written.
    pub(super) mapping: Option<MappingRecord>,
    new_keys: Vec<(PayeeId, PersonKey)>,
    /// The sizes of the adjustments of this append.
    adjusted: BTreeMap<Currency, Money>,
    content: Vec<u8>,
    scratch: Vec<u8>,
}

/// An append that is written and not committed yet.
pub(super) struct Uncommitted<'l> {
    pub(super) scribe: Scribe<'l>,
    /// New keys of persons. They must be on disk before the append is committed.
    pub(super) new_keys: Vec<(PayeeId, PersonKey)>,
}

/// An entry that was written.
pub(super) struct WrittenEntry {
    pub(super) position: Position,
    /// The earliest date of the fact and of those it replaces.
    pub(super) earliest: Option<Day>,
}

impl<'a, 'l> EntryWriter<'a, 'l> {
    pub(super) fn new(
        state: &'a mut State,
        keys: &'a Keys,
        scribe: Scribe<'l>,
        stamp: &'l Stamp,
    ) -> EntryWriter<'a, 'l> {
        EntryWriter {
            state,
            keys,
            scribe,
            stamp,
            own_ids: BTreeMap::new(),
            mapping: None,
            new_keys: Vec::new(),
            adjusted: BTreeMap::new(),
            content: Vec::new(),
            scratch: Vec::new(),
        }
    }

    pub(super) fn finish(self) -> Uncommitted<'l> {
        Uncommitted { scribe: self.scribe, new_keys: self.new_keys }
    }

    /// Writes a fact that replaces the entries at `replaces`, and folds it in.
    pub(super) fn fact(&mut self, incoming: Incoming, replaces: Vec<u64>) -> Result<WrittenEntry, FactError> {
        let Incoming { mut fact, id, .. } = incoming;
        self.must_have_room()?;
        self.name_retracted(&mut fact, &replaces)?;
        self.write_mapping()?;
        let position = self.next_position();
        if let Some(own) = id {
            self.own_ids.insert(own, position);
        }
        let id = id.unwrap_or_else(|| self.derive_id(&fact, &replaces));
        let written = WrittenEntry { position, earliest: self.earliest(&fact, &replaces) };
        self.seal(&mut fact);
        let entry = self.scribe.fact(fact, id, replaces)?.ok_or_else(long)?;
        self.state.fold(entry);
        Ok(written)
    }

    /// Writes usage that continues its run, and folds it in.
    pub(super) fn usage_row(
        &mut self,
        incoming: Incoming,
        row: (u32, UsageRow),
        feed: &mut UsageFeed,
    ) -> Result<WrittenEntry, FactError> {
        self.must_have_room()?;
        self.write_mapping()?;
        let position = self.next_position();
        self.content.clear();
        incoming.fact.content(&mut self.content);
        let id = derived_id(&self.content, &[], 0, &mut self.scratch);
        let earliest = incoming.fact.body.at();
        if !self.scribe.row(incoming.fact, id)? {
            return Err(long().into());
        }
        self.state.recorded = self.scribe.recorded();
        feed.take(&mut self.state.knowledge, row);
        Ok(WrittenEntry { position, earliest })
    }

    /// Refuses an adjustment, a correction of one, and a retraction that withdraws or restores one, if the policy does not allow it to
    /// those who sign it. It is judged by the largest amount that is or was in force, and by the change, together with those of the
    /// same append before it.
    pub(super) fn must_be_allowed(&mut self, body: &Body, replaces: &[u64]) -> Result<(), Refused> {
        let amounts = adjusted_amounts(&self.state.knowledge, body, replaces);
        if amounts.is_empty() {
            return Ok(());
        }
        let mut adjusted = self.adjusted.clone();
        for amount in amounts {
            *adjusted.entry(amount.currency).or_insert(Money::zero(amount.currency)) += amount;
        }
        let act = Act::of(PolicyRole::Adjust, adjusted.values().copied().collect());
        must_be_allowed(self.state, self.stamp, &act).map_err(Refusal::from)?;
        self.adjusted = adjusted;
        Ok(())
    }

    /// The position of the next entry. The book has room for it.
    fn next_position(&self) -> Position {
        self.scribe.next_position() as Position
    }

    fn must_have_room(&self) -> Result<(), Refused> {
        if self.scribe.next_position() >= ENTRIES_MAX {
            return Err(Refusal::from(LimitRefusal::BookFull { most: ENTRIES_MAX }).into());
        }
        Ok(())
    }

    /// Replaces the key of a retraction by the id of the fact that the key means now.
    fn name_retracted(&self, fact: &mut Fact, replaces: &[u64]) -> Result<(), Refused> {
        if let Body::Retraction(retraction) = &mut fact.body
            && let Reference::Key(key) = &retraction.retracts
        {
            let Some(known) = self.state.knowledge.fact_at(replaces[0] as Position) else {
                return Err(Refusal::UsageRetractedByKey { key: key.clone() }.at(FieldPath::of("retracts")));
            };
            retraction.retracts = Reference::Id(known.id);
        }
        Ok(())
    }

    /// Writes the mapping before the first fact that it made.
    fn write_mapping(&mut self) -> Result<(), FactError> {
        if let Some(mapping) = self.mapping.take() {
            let entry = self.scribe.record(Record::Mapping(mapping))?;
            self.state.fold(entry);
        }
        Ok(())
    }

    /// The earliest date of a fact and of the facts that it replaces or retracts.
    fn earliest(&self, fact: &Fact, replaces: &[u64]) -> Option<Day> {
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
            Body::UsageSnapshot(usage) if replaces.is_empty() => knowledge.ended_snapshots(usage),
            Body::UsageSnapshot(_) => 0,
            _ => knowledge.with_content(&content_digest(fact)).len() as u64,
        };
        derived_id(&self.content, replaces, occurrence, &mut self.scratch)
    }

    /// Seals the personal fields with the person's key. A person without a key gets a new one.
    fn seal(&mut self, fact: &mut Fact) {
        let Some(person) = fact.body.person().cloned() else { return };
        let mut fields = fact.personal_fields();
        if fields.is_empty() {
            return;
        }
        let new = || self.new_keys.iter().find(|(payee, _)| *payee == person).map(|(_, key)| key);
        let key = match self.keys.of_payee(&person).or_else(new) {
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
}

impl OpenTexts for EntryWriter<'_, '_> {
    fn open(&self, text: &Personal) -> Option<String> {
        match text {
            Personal::Clear(text) => Some(text.clone()),
            Personal::Sealed { key, .. } => {
                let new = self.new_keys.iter().map(|(_, key)| key).find(|new| new.id == *key);
                text.open(self.keys.by_id(key).or(new)?)
            }
        }
    }
}

fn long() -> Refused {
    Refusal::from(LimitRefusal::FactTooLong { most: FACT_BYTES_MAX }).into()
}
