//! Looks up facts, contracts, bookings and usage in the knowledge, in force or not. What is in force is for a view to say.

use ledger::date::Day;
use ledger::fact::{Booking, SplitTarget, VariantOf};
use ledger::id::{AccountId, BookingId, Name};
use ledger::key::usage_key;
use uuid::Uuid;

use super::{Contract, EntryTarget, Knowledge, MeteredRun, StoredFact, UNDATED, UsageRef};
use crate::position::{FactIndex, Position};
use crate::usage::{KnownSnapshot, UsageRun};
use crate::validity::Validity;

impl Knowledge {
    /// How many entries were folded in: the size of the log.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Every fact but usage, in the order of the log.
    pub fn facts(&self) -> impl DoubleEndedIterator<Item = &StoredFact> + Clone {
        self.facts.iter()
    }

    /// The fact at an index.
    pub fn fact(&self, index: FactIndex) -> &StoredFact {
        &self.facts[index as usize]
    }

    /// Facts at positions `from .. to`.
    pub fn facts_between(&self, from: u64, to: u64) -> impl Iterator<Item = &StoredFact> + Clone {
        let index = |size: u64| self.facts.partition_point(|known| u64::from(known.position) < size);
        self.facts.between(index(from), index(to))
    }

    /// Facts dated `from ..= to` at positions below `size`.
    pub fn facts_dated(&self, from: Day, to: Day, size: u64) -> impl Iterator<Item = &StoredFact> {
        let count = self.facts.partition_point(|known| u64::from(known.position) < size);
        let days = self.fact_days.between(0, count).zip(0..);
        days.filter(move |(day, _)| (from.number()..=to.number()).contains(*day)).map(|(_, index)| self.fact(index))
    }

    /// Facts that any entry ended.
    pub fn ended_facts(&self) -> impl Iterator<Item = &StoredFact> {
        self.fact_ended.iter().zip(0..).filter(|(is_ended, _)| **is_ended).map(|(_, index)| self.fact(index))
    }

    /// The date of a fact; `None` if its kind has no date.
    pub fn day_of(&self, index: FactIndex) -> Option<Day> {
        let day = self.fact_days[index as usize];
        (day != UNDATED).then(|| Day::from_number(i64::from(day)).expect("the day of a fact"))
    }

    /// Every run, in the order of its first snapshot.
    pub fn runs(&self) -> impl Iterator<Item = &MeteredRun> + Clone {
        self.runs.iter().map(|run| &**run)
    }

    /// The fact at a position; `None` if the entry is usage or no fact.
    pub fn fact_at(&self, position: Position) -> Option<&StoredFact> {
        match self.targets.get(position as usize)?.unpack() {
            EntryTarget::Fact(index) => Some(&self.facts[index]),
            EntryTarget::Nothing | EntryTarget::Run(_) => None,
        }
    }

    /// The run with the usage snapshot at a position; `None` if the entry is no usage.
    pub fn run_at(&self, position: Position) -> Option<&MeteredRun> {
        match self.targets.get(position as usize)?.unpack() {
            EntryTarget::Run(index) => Some(&self.runs[index]),
            EntryTarget::Nothing | EntryTarget::Fact(_) => None,
        }
    }

    /// The usage snapshot at a position, and its run; `None` if the entry is no usage.
    pub fn snapshot_at(&self, position: Position) -> Option<(&MeteredRun, KnownSnapshot)> {
        let run = self.run_at(position)?;
        Some((run, run.run.snapshot_at(position)?))
    }

    /// The position of the fact with an id. Usage is found only if its id was given by its source and not derived.
    pub fn position_of(&self, id: Uuid) -> Option<Position> {
        self.ids.get(&id).copied()
    }

    /// Every fact that ever had this natural key. Usage is not found by key, but by its interval.
    pub fn with_key(&self, key: &str) -> &[FactIndex] {
        self.keys.get(key).map_or(&[], |list| list)
    }

    /// Positions of the facts with this [`super::content_digest`]. Personal fields are not part of it.
    pub fn with_content(&self, digest: &[u8; 16]) -> &[Position] {
        self.contents.get(digest).map_or(&[], |list| list)
    }

    /// Positions of the signals with this [`super::signal_source_digest`].
    pub fn signals_of_source(&self, digest: &[u8; 16]) -> &[Position] {
        self.with_content(digest)
    }

    /// Every contract, in the order in which the log first names them.
    pub fn contracts(&self) -> impl Iterator<Item = &Contract> + Clone {
        self.contracts.iter()
    }

    /// The contract at an index, such as [`MeteredRun::contract`].
    pub fn contract(&self, index: u32) -> &Contract {
        &self.contracts[index as usize]
    }

    /// The contract of this id and account, if there is one.
    pub fn contract_of(&self, id: &str, account: &str) -> Option<&Contract> {
        self.contracts_named(id).find(|contract| contract.account.as_str() == account)
    }

    /// Every contract of this id. There are several, of different accounts, if a contract was moved.
    pub fn contracts_named<'k>(&'k self, id: &str) -> impl Iterator<Item = &'k Contract> + use<'k> {
        let indexes = self.contract_indexes.get(id);
        let all =
            indexes.into_iter().flat_map(|indexes| [indexes.first].into_iter().chain(indexes.others.iter().copied()));
        all.map(|index| &self.contracts[index as usize])
    }

    /// The run at an index, such as in [`Contract::runs`].
    pub fn run(&self, index: u32) -> &MeteredRun {
        &self.runs[index as usize]
    }

    /// Positions of all usage that a text may mean: an account's, a contract's, or that of a natural key of usage.
    pub fn usage_named(&self, text: &str) -> Vec<Position> {
        let account = AccountId::new(text);
        let mine = account.iter().flat_map(|account| self.contracts_of(account));
        let named = mine.chain(self.contracts_named(text)).flat_map(|contract| self.recorded(contract));
        let named = named.map(|(position, _)| position);
        let key = usage_key(text);
        let keyed = key.iter().flat_map(|(account, contract, _, from, to)| {
            let all = self.contract_of(contract, account).into_iter().flat_map(|contract| self.recorded(contract));
            all.filter(|(_, days)| *days == (*from, *to)).map(|(position, _)| position)
        });
        named.chain(keyed).collect()
    }

    /// Every snapshot of a contract that was ever recorded: its position, and its first and last day.
    fn recorded<'k>(&'k self, contract: &'k Contract) -> impl Iterator<Item = (Position, (Day, Day))> + 'k {
        contract.runs.iter().flat_map(|index| self.run(*index).run.recorded())
    }

    /// How many snapshots of this contract, meter and interval have ended. Derived ids contain this number, so each
    /// is new.
    pub fn ended_snapshots(&self, usage: &ledger::fact::UsageSnapshot) -> u64 {
        let Some(contract) = self.contract_of(usage.contract(), usage.account.as_str()) else { return 0 };
        let runs = contract.runs.iter().map(|index| &self.run(*index).run).filter(|run| run.meter == usage.meter);
        let ended = runs.flat_map(|run| run.ended_covering(usage.from, usage.to));
        ended.count() as u64
    }

    /// The index of the contract's run with the meter and currency of a snapshot.
    pub(super) fn run_of(&self, contract: &Contract, usage: UsageRef<'_>) -> Option<u32> {
        let same = |run: &MeteredRun| {
            run.currency == usage.currency && run.run.meter.as_ref().map(Name::as_str) == usage.meter
        };
        contract.runs.iter().copied().find(|index| same(self.run(*index)))
    }

    /// The index of the run that a snapshot belongs to, and the last day that any snapshot of its contract and meter
    /// covers. `None` if there is no such run.
    pub fn metered(&self, usage: UsageRef<'_>) -> Option<(u32, Day)> {
        let contract = self.contract_of(usage.contract, usage.account)?;
        let runs = contract.runs.iter().map(|index| &self.run(*index).run);
        let metered = runs.filter(|run| run.meter.as_ref().map(Name::as_str) == usage.meter);
        Some((self.run_of(contract, usage)?, metered.filter_map(UsageRun::last_day).max()?))
    }

    /// As [`Knowledge::metered`], if only its own run can contradict a snapshot: no other account ever had a contract of this
    /// name, and all usage of the contract ever recorded is in this currency. `None` otherwise.
    pub fn metered_alone(&self, usage: UsageRef<'_>) -> Option<(u32, Day)> {
        let mut contracts = self.contracts_named(usage.contract);
        let contract = contracts.next().filter(|contract| contract.account.as_str() == usage.account)?;
        let is_alone = contracts.next().is_none();
        let mut runs = contract.runs.iter().map(|index| self.run(*index));
        let in_currency = runs.all(|run| run.currency == usage.currency);
        if is_alone && in_currency { self.metered(usage) } else { None }
    }

    /// Whether other usage of the contract reaches a snapshot's first day, of which one names a meter and the other none.
    pub fn is_metered_otherwise(&self, usage: UsageRef<'_>) -> bool {
        let contract = self.contract_of(usage.contract, usage.account);
        let runs = contract.into_iter().flat_map(|contract| &contract.runs).map(|index| &self.run(*index).run);
        let mut others = runs.filter(|run| run.meter.is_some() != usage.meter.is_some());
        others.any(|run| run.last_day().is_some_and(|last| last >= usage.from))
    }

    /// What ended the entry at a position; `None` if nothing did.
    pub fn validity(&self, position: Position) -> Option<&Validity> {
        match self.targets.get(position as usize)?.unpack() {
            EntryTarget::Nothing => None,
            EntryTarget::Fact(index) => Some(&self.facts[index].validity).filter(|validity| !validity.is_open()),
            EntryTarget::Run(index) => self.runs[index].run.validity(position),
        }
    }

    /// Every contract that this account ever had.
    pub fn contracts_of<'k>(&'k self, account: &AccountId) -> impl Iterator<Item = &'k Contract> + use<'k> {
        let indexes = self.contracts_of.get(account).into_iter().flatten();
        indexes.map(|index| &self.contracts[*index as usize])
    }

    /// Every version of a booking that was ever recorded, in the order of the log, in force or not.
    pub fn booking_versions<'k>(
        &'k self,
        id: &str,
    ) -> impl DoubleEndedIterator<Item = (&'k StoredFact, &'k Booking)> + Clone + use<'k> {
        let versions = self.bookings.get(id).map_or(&[][..], Vec::as_slice).iter().map(|index| self.fact(*index));
        versions.map(|known| (known, Booking::of(&known.fact.body).expect("BUG: a booking's version is no booking")))
    }

    /// The ids of all bookings that were ever recorded, ordered.
    pub fn booking_ids(&self) -> impl Iterator<Item = &BookingId> {
        self.bookings.sorted().into_iter().map(|(id, _)| id)
    }

    /// Every signal that ever named this thing, even beside a narrower one.
    pub fn signals_naming(&self, target: &SplitTarget) -> &[FactIndex] {
        self.signals_naming.get(target).map_or(&[], Vec::as_slice)
    }
}
