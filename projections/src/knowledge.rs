//! Everything that the facts of a log say, and by which entries each fact ended: how entries are folded in. Nothing
//! is forgotten, so what was known at an earlier size is a view and not a replay (ARCHITECTURE.md, Knowledge).

mod candidates;
pub(crate) mod encoding;
mod in_force;
mod queries;
pub mod usage_buffer;

use std::collections::BTreeMap;
use std::sync::Arc;

use ledger::date::Day;
use ledger::fact::{Body, Fact, Share, SplitTarget};
use ledger::field::Amount;
use ledger::id::{AccountId, BookingId, ContractId, Name, PayeeId};
use ledger::key::natural_key;
use ledger::money::Currency;
use uuid::Uuid;

use crate::chunked_vec::ChunkedVec;
use crate::day_index::DayIndex;
use crate::position::{ENTRIES_MAX, FactIndex, Position, ShortList};
use crate::shared_map::SharedMap;
use crate::usage::UsageRun;
use crate::validity::Validity;

/// A fact of any kind but usage, as it was recorded.
#[derive(Clone, Debug)]
pub struct StoredFact {
    /// The position of its entry in the log.
    pub position: Position,
    /// The fact's id.
    pub id: Uuid,
    /// The id of the first fact in its chain of corrections. Items of signals are named by it (calculation.md 4).
    pub first_id: Uuid,
    /// The fact.
    pub fact: Fact,
    /// The entries that replaced or retracted it.
    pub validity: Validity,
}

/// A contract: it connects bookings and usage with an account.
#[derive(Clone, Debug)]
pub struct Contract {
    /// The contract's id. Several accounts may have a contract of the same id.
    pub id: ContractId,
    /// The account that it belongs to.
    pub account: AccountId,
    /// Bookings on the contract, in all their versions, in the order of the log.
    pub bookings: Vec<FactIndex>,
    /// The contract's usage: indexes for [`Knowledge::run`].
    pub runs: Vec<u32>,
    /// The position of the first entry that named it.
    pub since: Position,
    /// Whether another account has had a contract of this id, too.
    pub shares_id: bool,
}

/// Indexes in [`Knowledge::contracts`] of the contracts with one id.
#[derive(Clone, Debug)]
struct ContractIndexes {
    first: u32,
    others: Vec<u32>,
}

/// The usage of one contract on one meter in one currency.
#[derive(Clone, Debug)]
pub struct MeteredRun {
    /// The contract: an index for [`Knowledge::contract`].
    pub contract: u32,
    /// The currency of the amounts.
    pub currency: Currency,
    /// The snapshots.
    pub run: UsageRun,
}

/// The facts about one payee, by kind. Each list is in the order of the log and has facts that ended, too.
#[derive(Clone, Debug, Default)]
pub struct PayeeFacts {
    /// `payee` facts.
    pub facts: Vec<FactIndex>,
    /// Assignments to plans.
    pub assignments: Vec<FactIndex>,
    /// Ends of assignments.
    pub ends: Vec<FactIndex>,
    /// Quotas.
    pub quotas: Vec<FactIndex>,
    /// Opening balances.
    pub openings: Vec<FactIndex>,
    /// Adjustments.
    pub adjustments: Vec<FactIndex>,
    /// Signals that name the payee.
    pub signals: Vec<FactIndex>,
    /// Credit splits that give the payee a share.
    pub splits: Vec<FactIndex>,
    /// Bookings whose own credit gives the payee a share.
    pub credits: Vec<FactIndex>,
    /// Bookings, in all their versions, that may count for the payee, by date. A few may not count after all.
    pub candidate_bookings: DayIndex,
    /// Signals that may count for the payee, by date, but not those that name it. A few may not count after all.
    pub candidate_signals: DayIndex,
}

/// All facts of a log up to a size. A copy shares memory with the original.
#[derive(Clone, Debug, Default)]
pub struct Knowledge {
    size: u64,
    facts: Facts,
    /// The date of each fact as the number of a day, [`UNDATED`] where it has none: a column, so that it is searched
    /// fast.
    fact_days: ChunkedVec<i32, NUMBERS_IN_CHUNK>,
    /// Whether any entry ended the fact.
    fact_ended: ChunkedVec<bool, NUMBERS_IN_CHUNK>,
    /// By position: what the entry became.
    targets: ChunkedVec<PackedTarget, NUMBERS_IN_CHUNK>,
    ids: SharedMap<Uuid, Position>,
    /// Positions by the digest of the content, and those of signals by the digest of their source, too.
    contents: SharedMap<[u8; 16], ShortList>,
    keys: SharedMap<Box<str>, ShortList>,
    /// The facts about each payee that any fact names.
    pub payees: Arc<BTreeMap<PayeeId, Arc<PayeeFacts>>>,
    /// `account` facts by account, in the order of the log.
    pub accounts: SharedMap<AccountId, Vec<FactIndex>>,
    contracts: ChunkedVec<Contract, FACTS_IN_CHUNK>,
    /// Contracts by id: nearly always one, several if a contract was moved from one account to another.
    contract_indexes: SharedMap<Name, ContractIndexes>,
    runs: ChunkedVec<Arc<MeteredRun>, RUNS_IN_CHUNK>,
    bookings: SharedMap<BookingId, Vec<FactIndex>>,
    /// Cancellations by booking, in the order of the log.
    pub cancellations: SharedMap<BookingId, Vec<FactIndex>>,
    /// Credit notes by booking, in the order of the log.
    pub credit_notes: SharedMap<BookingId, Vec<FactIndex>>,
    /// Credit splits by what they are on, ordered by date, and in the order of the log within a date.
    pub(crate) splits: SharedMap<SplitTarget, Vec<FactIndex>>,
    /// Signals by the narrowest thing that they name and by name. Those that name only a payee are with the payee.
    pub signals: SharedMap<(SplitTarget, Name), Vec<FactIndex>>,
    /// Signals by every thing that they name, the narrowest or not.
    signals_naming: SharedMap<SplitTarget, Vec<FactIndex>>,
    /// By account, indexes in `contracts`.
    contracts_of: SharedMap<AccountId, Vec<u32>>,
    /// `usage-complete` facts about everybody's usage, in the order of the log.
    pub complete_of_everybody: Arc<Vec<FactIndex>>,
    /// `usage-complete` facts about the usage of one account, in the order of the log.
    pub complete_of: SharedMap<AccountId, Vec<FactIndex>>,
    /// Exchange rates by currencies, from and to, in the order of the log.
    pub rates: Arc<BTreeMap<(Currency, Currency), Vec<FactIndex>>>,
}

/// The number of facts or contracts in a chunk. A shared chunk is copied when one of its items changes.
const FACTS_IN_CHUNK: usize = 1 << 8;
/// The number of runs in a chunk.
const RUNS_IN_CHUNK: usize = 1 << 10;
/// The number of items in a chunk of numbers.
const NUMBERS_IN_CHUNK: usize = 1 << 14;

/// Facts in the order of the log.
type Facts = ChunkedVec<StoredFact, FACTS_IN_CHUNK>;

const UNDATED: i32 = i32::MIN;

fn day_of(body: &Body) -> i32 {
    body.at().map_or(UNDATED, Day::number)
}

/// An [`EntryTarget`] in four bytes, because there is one for each entry of the log.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
struct PackedTarget(u32);

impl PackedTarget {
    const NONE: PackedTarget = PackedTarget(u32::MAX);
    const RUN: u32 = 1 << 31;
}

/// What an entry became.
enum EntryTarget {
    /// It is not a fact.
    Nothing,
    /// A fact, by its index in `facts`.
    Fact(usize),
    /// A snapshot in a run, by the run's index in `runs`.
    Run(usize),
}

impl PackedTarget {
    fn unpack(self) -> EntryTarget {
        match self {
            PackedTarget::NONE => EntryTarget::Nothing,
            PackedTarget(place) if place & PackedTarget::RUN != 0 => {
                EntryTarget::Run((place & !PackedTarget::RUN) as usize)
            }
            PackedTarget(place) => EntryTarget::Fact(place as usize),
        }
    }
}

/// The keys under which a fact is found, beside its id. They can be computed in another thread than the fold.
#[derive(Debug)]
pub struct LookupKeys {
    key: Option<Box<str>>,
    content: [u8; 16],
    /// Of a signal with a source.
    source: Option<[u8; 16]>,
}

impl LookupKeys {
    /// The keys of a fact. A usage snapshot has none: it is found by contract, meter and interval.
    pub fn of(fact: &Fact) -> LookupKeys {
        match &fact.body {
            // It is found by its interval.
            Body::UsageSnapshot(_) => LookupKeys { key: None, content: [0; 16], source: None },
            body => {
                let key = natural_key(body).map(String::into_boxed_str);
                LookupKeys { key, content: content_digest(fact), source: signal_source_digest(fact) }
            }
        }
    }
}

/// A usage snapshot whose texts are borrowed, so that millions of them need no memory of their own.
#[derive(Copy, Clone, Debug)]
pub struct UsageRef<'a> {
    /// The account's id.
    pub account: &'a str,
    /// The contract's id; the account's id if the fact names no contract.
    pub contract: &'a str,
    /// The meter; `None` if the fact names none.
    pub meter: Option<&'a str>,
    /// The first day of the interval.
    pub from: Day,
    /// The last day of the interval.
    pub to: Day,
    /// The amount used, in `currency`.
    pub amount: Amount,
    /// The quantity used, in the unit of the meter.
    pub quantity: Option<Amount>,
    /// The currency of the amount.
    pub currency: Currency,
}

impl<'a> UsageRef<'a> {
    /// Borrows the snapshot of a fact.
    pub fn of(fact: &'a ledger::fact::UsageSnapshot) -> UsageRef<'a> {
        UsageRef {
            account: fact.account.as_str(),
            contract: fact.contract(),
            meter: fact.meter.as_ref().map(Name::as_str),
            from: fact.from,
            to: fact.to,
            amount: fact.amount,
            quantity: fact.quantity,
            currency: fact.currency,
        }
    }
}

impl Knowledge {
    /// An empty knowledge with memory for so many entries.
    pub fn with_room(entries: u64) -> Knowledge {
        let entries = usize::try_from(entries.min(ENTRIES_MAX)).expect("as many as memory can hold");
        Knowledge { targets: ChunkedVec::with_capacity(entries), ..Knowledge::default() }
    }

    /// Folds in the next entry, a fact that admission has accepted. `replaces` are the positions of the entries that
    /// it corrects, restates or retracts.
    pub fn apply(&mut self, fact: Fact, id: Uuid, replaces: &[u64], keys: LookupKeys) {
        match &fact.body {
            Body::UsageSnapshot(usage) => self.apply_usage(UsageRef::of(usage), id, replaces),
            _ => self.apply_fact(fact, id, replaces, keys),
        }
    }

    /// Counts the next entry, which is not a fact.
    pub fn skip(&mut self) {
        self.targets.push(PackedTarget::NONE);
        self.size += 1;
    }

    fn next_position(&self) -> Position {
        Position::try_from(self.size).expect("BUG: admission lets no book grow beyond ENTRIES_MAX")
    }

    /// Folds in the next entry, a usage snapshot, without making a fact of it: there are millions. `replaces` as in
    /// [`Knowledge::apply`].
    pub fn apply_usage(&mut self, usage: UsageRef<'_>, id: Uuid, replaces: &[u64]) {
        let position = self.next_position();
        for replaced in replaces {
            self.validity_mut(*replaced).replaced_by.push(position);
        }
        // Derived ids are version 8; they are found by interval, and cost no memory.
        if id.get_version_num() != 8 {
            self.ids.insert(id, position);
        }
        let place = self.run_index(usage);
        let run = &mut self.run_mut(place).run;
        run.insert(usage.from, usage.to, usage.amount, usage.quantity, position);
        self.targets.push(PackedTarget(place | PackedTarget::RUN));
        self.size += 1;
    }

    /// The run at an index, to be changed.
    fn run_mut(&mut self, place: u32) -> &mut MeteredRun {
        let run = self.runs.get_mut(place as usize).expect("BUG: a place of no run");
        Arc::make_mut(run)
    }

    /// The contract at an index, to be changed.
    fn contract_mut(&mut self, place: u32) -> &mut Contract {
        self.contracts.get_mut(place as usize).expect("BUG: a place of no contract")
    }

    /// The facts about a payee, to be added to.
    fn payee_mut(&mut self, id: &PayeeId) -> &mut PayeeFacts {
        let payees = Arc::make_mut(&mut self.payees);
        // Nearly every payee that a fact names is known.
        if !payees.contains_key(id) {
            payees.insert(id.clone(), Arc::default());
        }
        Arc::make_mut(payees.get_mut(id).expect("it was just put in"))
    }

    /// Merges entries that were added while a copy shared the maps, if the copy is gone. Lookups are faster
    /// afterwards.
    pub fn merge(&mut self) {
        self.ids.merge();
        self.contents.merge();
        self.keys.merge();
        self.accounts.merge();
        self.contract_indexes.merge();
        self.bookings.merge();
        self.cancellations.merge();
        self.credit_notes.merge();
        self.splits.merge();
        self.signals.merge();
        self.signals_naming.merge();
        self.contracts_of.merge();
        self.complete_of.merge();
    }

    /// The index of the run that a snapshot belongs to. A missing one is added.
    fn run_index(&mut self, usage: UsageRef<'_>) -> u32 {
        let contract = self.contract_index(usage.contract, usage.account);
        if let Some(place) = self.run_of(&self.contracts[contract as usize], usage) {
            return place;
        }
        let place = u32::try_from(self.runs.len()).expect("fewer runs than entries");
        let meter = usage.meter.map(|meter| Name::new(meter).expect("only names of facts come here"));
        self.runs.push(Arc::new(MeteredRun { contract, currency: usage.currency, run: UsageRun::new(meter) }));
        self.contract_mut(contract).runs.push(place);
        place
    }

    /// The index of the contract of this id and account. A missing one is added.
    fn contract_index(&mut self, id: &str, account: &str) -> u32 {
        let is_the_accounts = |place: &u32| self.contracts[*place as usize].account.as_str() == account;
        let new = u32::try_from(self.contracts.len()).expect("fewer contracts than entries");
        let places = match self.contract_indexes.get(id) {
            None => ContractIndexes { first: new, others: Vec::new() },
            Some(places) if is_the_accounts(&places.first) => return places.first,
            Some(places) => match places.others.iter().copied().find(is_the_accounts) {
                Some(place) => return place,
                None => {
                    let others: Vec<u32> = places.others.iter().copied().chain([new]).collect();
                    let first = places.first;
                    for place in others[..others.len() - 1].iter().chain([&first]) {
                        self.contract_mut(*place).shares_id = true;
                    }
                    ContractIndexes { first, others }
                }
            },
        };
        let place = new;
        let name = |text| Name::new(text).expect("only names of facts come here");
        let (id, account) = (ContractId(name(id)), AccountId(name(account)));
        let first = places.first;
        self.contract_indexes.insert(id.0.clone(), places);
        self.contracts_of.or_insert(account.clone(), Vec::new).push(place);
        let since = self.next_position();
        let shares_id = place != first;
        let (bookings, runs) = (Vec::new(), Vec::new());
        self.index_candidates_of_contract(&id, &account);
        self.contracts.push(Contract { id, account, bookings, runs, since, shares_id });
        place
    }

    /// The validity of the fact or snapshot at a position. The entry is about to end.
    fn validity_mut(&mut self, position: u64) -> &mut Validity {
        let place = usize::try_from(position).ok().and_then(|position| self.targets.get(position)).copied();
        match place.map(PackedTarget::unpack) {
            Some(EntryTarget::Fact(index)) => {
                *self.fact_ended.get_mut(index).expect("each fact has a flag") = true;
                &mut self.facts.get_mut(index).expect("a fact's place is that of a fact").validity
            }
            Some(EntryTarget::Run(index)) => self.run_mut(index as u32).run.end_at(position as Position),
            Some(EntryTarget::Nothing) | None => {
                unreachable!("BUG: entry {position} is no fact and cannot be replaced")
            }
        }
    }

    fn apply_fact(&mut self, fact: Fact, id: Uuid, replaces: &[u64], keys: LookupKeys) {
        let position = self.next_position();
        let retracts = matches!(fact.body, Body::Retraction(_));
        for replaced in replaces {
            let validity = self.validity_mut(*replaced);
            if retracts { validity.retracted_by.push(position) } else { validity.replaced_by.push(position) }
        }
        let replaced = replaces.first().filter(|_| !retracts).and_then(|replaced| self.fact_at(*replaced as Position));
        let first_id = replaced.map_or(id, |replaced| replaced.first_id);
        let index = FactIndex::try_from(self.facts.len()).expect("fewer facts than entries");
        self.ids.insert(id, position);
        for digest in [keys.content].into_iter().chain(keys.source) {
            self.contents.or_insert(digest, ShortList::new).push(position);
        }
        if let Some(key) = keys.key {
            self.keys.or_insert(key, ShortList::new).push(index);
        }
        self.index_fact(&fact.body, index);
        self.fact_days.push(day_of(&fact.body));
        self.fact_ended.push(false);
        self.facts.push(StoredFact { position, id, first_id, fact, validity: Validity::default() });
        self.index_candidates(index);
        self.targets.push(PackedTarget(index));
        self.size += 1;
    }

    /// Adds a fact to the maps by which it is found.
    fn index_fact(&mut self, body: &Body, index: FactIndex) {
        let payee = |knowledge: &mut Knowledge, id: &PayeeId, list: fn(&mut PayeeFacts) -> &mut Vec<FactIndex>| {
            list(knowledge.payee_mut(id)).push(index);
        };
        match body {
            Body::Payee(fact) => payee(self, &fact.payee, |payee| &mut payee.facts),
            Body::Assignment(fact) => payee(self, &fact.payee, |payee| &mut payee.assignments),
            Body::AssignmentEnd(fact) => payee(self, &fact.payee, |payee| &mut payee.ends),
            Body::Quota(fact) => payee(self, &fact.payee, |payee| &mut payee.quotas),
            Body::OpeningBalance(fact) => payee(self, &fact.payee, |payee| &mut payee.openings),
            Body::Adjustment(fact) => payee(self, &fact.payee, |payee| &mut payee.adjustments),
            Body::Account(fact) => self.accounts.or_insert(fact.account.clone(), Vec::new).push(index),
            Body::Booking(fact) => {
                let contract = self.contract_index(fact.contract(), fact.account.as_str());
                self.contract_mut(contract).bookings.push(index);
                self.bookings.or_insert(fact.booking.clone(), Vec::new).push(index);
                self.index_credit(fact.credit.as_deref().unwrap_or_default(), index, |payee| &mut payee.credits);
            }
            Body::Cancellation(fact) => self.cancellations.or_insert(fact.booking.clone(), Vec::new).push(index),
            Body::CreditNote(fact) => self.credit_notes.or_insert(fact.booking.clone(), Vec::new).push(index),
            Body::CreditSplit(fact) => {
                let splits = self.splits.or_insert(fact.on.clone(), Vec::new);
                let days = &self.fact_days;
                let later = splits.iter().rev().take_while(|known| days[**known as usize] > fact.at.number());
                splits.insert(splits.len() - later.count(), index);
                self.index_credit(&fact.shares, index, |payee| &mut payee.splits);
            }
            Body::Signal(fact) => {
                if let Some(target) = narrowest(fact) {
                    self.signals.or_insert((target, fact.signal.clone()), Vec::new).push(index);
                }
                for target in things_named(fact) {
                    self.signals_naming.or_insert(target, Vec::new).push(index);
                }
                if let Some(id) = &fact.payee {
                    payee(self, id, |payee| &mut payee.signals);
                }
            }
            Body::ExchangeRate(fact) => {
                let rates = Arc::make_mut(&mut self.rates);
                rates.entry((fact.from, fact.to)).or_default().push(index);
            }
            Body::UsageComplete(fact) => match &fact.account {
                Some(account) => self.complete_of.or_insert(account.clone(), Vec::new).push(index),
                None => Arc::make_mut(&mut self.complete_of_everybody).push(index),
            },
            Body::Retraction(_) => {}
            Body::UsageSnapshot(_) => unreachable!("BUG: usage goes to its run"),
        }
    }

    fn index_credit(&mut self, shares: &[Share], index: FactIndex, list: fn(&mut PayeeFacts) -> &mut Vec<FactIndex>) {
        for share in shares {
            let list = list(self.payee_mut(&share.payee));
            if list.last() != Some(&index) {
                list.push(index);
            }
        }
    }
}

/// What a signal is on: the narrowest thing that it names, a booking before a contract before an account
/// (calculation.md 2). `None` if it names only a payee.
pub fn narrowest(signal: &ledger::fact::Signal) -> Option<SplitTarget> {
    let booking = signal.booking.clone().map(SplitTarget::Booking);
    let contract = || signal.contract.clone().map(SplitTarget::Contract);
    let account = || signal.account.clone().map(SplitTarget::Account);
    booking.or_else(contract).or_else(account)
}

/// The booking, contract and account that a signal names, as far as it names them.
pub fn things_named(signal: &ledger::fact::Signal) -> impl Iterator<Item = SplitTarget> {
    let booking = signal.booking.clone().map(SplitTarget::Booking);
    let contract = signal.contract.clone().map(SplitTarget::Contract);
    let account = signal.account.clone().map(SplitTarget::Account);
    [booking, contract, account].into_iter().flatten()
}

/// The digest of a fact's content, by which equal facts are found: the first half of its BLAKE3 hash.
pub fn content_digest(fact: &Fact) -> [u8; 16] {
    let mut content = Vec::with_capacity(256);
    fact.content(&mut content);
    ledger::entry::digest(&content)
}

/// The digest by which signals of one source are found; `None` for other facts, and for signals without a source.
pub fn signal_source_digest(fact: &Fact) -> Option<[u8; 16]> {
    let source = fact.source.as_ref().filter(|_| matches!(fact.body, Body::Signal(_)))?;
    // A content begins with the byte of a CBOR map, never with a letter.
    Some(ledger::entry::digest(&[b"signal source ", source.0.as_bytes()].concat()))
}
