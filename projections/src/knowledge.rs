//! Everything that the facts say, and from where to where in the log they said it. Nothing is forgotten: what was known at
//! an earlier size is a view, not a replay (architecture.md, Knowledge).

mod candidates;
pub(crate) mod encoding;
mod in_force;
pub mod usage_buffer;

use std::collections::BTreeMap;
use std::sync::Arc;

use ledger::date::Day;
use ledger::fact::{Body, Booking, Fact, Share, SplitTarget, VariantOf};
use ledger::field::Amount;
use ledger::id::{AccountId, BookingId, ContractId, Name, PayeeId};
use ledger::key::{natural_key, usage_key};
use ledger::money::Currency;
use uuid::Uuid;

use crate::chunked_vec::ChunkedVec;
use crate::day_index::DayIndex;
use crate::position::{ENTRIES_MAX, FactIndex, Position, ShortList};
use crate::shared_map::SharedMap;
use crate::usage::UsageRun;
use crate::validity::Validity;

/// Any fact but usage, as it was recorded.
#[derive(Clone, Debug)]
pub struct StoredFact {
    pub position: Position,
    pub id: Uuid,
    /// The id of the first of its chain of corrections, by which its items are named (calculation.md 4).
    pub first_id: Uuid,
    pub fact: Fact,
    pub validity: Validity,
}

/// Contracts hang bookings and usage on an account.
#[derive(Clone, Debug)]
pub struct Contract {
    pub id: ContractId,
    pub account: AccountId,
    pub bookings: Vec<FactIndex>,
    /// Places in [`Knowledge::runs`].
    pub runs: Vec<u32>,
    /// The entry that named it first.
    pub since: Position,
    /// Another account has had a contract of this id, too.
    pub is_one_of_several: bool,
}

/// Where the contracts of one id stand.
#[derive(Clone, Debug)]
struct ContractPlaces {
    first: u32,
    others: Vec<u32>,
}

/// One meter's usage of one contract in one currency.
#[derive(Clone, Debug)]
pub struct MeteredRun {
    pub contract: u32,
    pub currency: Currency,
    pub run: UsageRun,
}

/// What is known of a payee, by kind.
#[derive(Clone, Debug, Default)]
pub struct PayeeFacts {
    pub facts: Vec<FactIndex>,
    pub assignments: Vec<FactIndex>,
    pub ends: Vec<FactIndex>,
    pub quotas: Vec<FactIndex>,
    pub openings: Vec<FactIndex>,
    pub adjustments: Vec<FactIndex>,
    pub signals: Vec<FactIndex>,
    /// Splits that name the payee.
    pub splits: Vec<FactIndex>,
    /// Bookings with credit of their own that name the payee.
    pub credits: Vec<FactIndex>,
    /// Bookings, in all their versions, that may count for the payee, and perhaps a few others.
    pub candidate_bookings: DayIndex,
    /// Signals on things that may count for the payee, and perhaps a few others; those that name it are in `signals`.
    pub candidate_signals: DayIndex,
}

#[derive(Clone, Debug, Default)]
pub struct Knowledge {
    size: u64,
    facts: Facts,
    /// The date of each fact, as a day's number; [`UNDATED`] where it has none. To be looked through in one go.
    fact_days: ChunkedVec<i32, NUMBERS_IN_CHUNK>,
    /// Whether something has ended each fact, at whatever size.
    fact_ended: ChunkedVec<bool, NUMBERS_IN_CHUNK>,
    /// By position: what the entry became.
    places: ChunkedVec<FactPlace, NUMBERS_IN_CHUNK>,
    ids: SharedMap<Uuid, Position>,
    contents: SharedMap<[u8; 16], ShortList>,
    keys: SharedMap<Box<str>, ShortList>,
    pub payees: Arc<BTreeMap<PayeeId, Arc<PayeeFacts>>>,
    pub accounts: SharedMap<AccountId, Vec<FactIndex>>,
    contracts: ChunkedVec<Contract, FACTS_IN_CHUNK>,
    /// By id: nearly always one, more where a contract was moved from one account to another.
    contract_places: SharedMap<Name, ContractPlaces>,
    runs: ChunkedVec<Arc<MeteredRun>, RUNS_IN_CHUNK>,
    bookings: SharedMap<BookingId, Vec<FactIndex>>,
    pub cancellations: SharedMap<BookingId, Vec<FactIndex>>,
    /// By date, of one date as they were recorded.
    pub(crate) splits: SharedMap<SplitTarget, Vec<FactIndex>>,
    /// By the narrowest thing that they name, and their own name; those that name only a payee are with the payee.
    pub signals: SharedMap<(SplitTarget, Name), Vec<FactIndex>>,
    /// Signals by each thing that they name, the narrowest or not.
    signals_naming: SharedMap<SplitTarget, Vec<FactIndex>>,
    /// Places in `contracts`.
    contracts_of: SharedMap<AccountId, Vec<u32>>,
    pub rates: Arc<BTreeMap<(Currency, Currency), Vec<FactIndex>>>,
}

/// Items of a chunk of facts or contracts. A chunk that is shared is copied when one item of it changes.
const FACTS_IN_CHUNK: usize = 1 << 8;
/// Runs of a chunk.
const RUNS_IN_CHUNK: usize = 1 << 10;
/// Items of a chunk of numbers.
const NUMBERS_IN_CHUNK: usize = 1 << 14;

/// Facts in the order of the log.
type Facts = ChunkedVec<StoredFact, FACTS_IN_CHUNK>;

const UNDATED: i32 = i32::MIN;

fn day_of(body: &Body) -> i32 {
    body.at().map_or(UNDATED, Day::number)
}

/// Four bytes for each entry of the log.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
struct FactPlace(u32);

impl FactPlace {
    const NONE: FactPlace = FactPlace(u32::MAX);
    const RUN: u32 = 1 << 31;
}

enum PlaceKind {
    Nothing,
    Fact(usize),
    Run(usize),
}

impl FactPlace {
    fn found(self) -> PlaceKind {
        match self {
            FactPlace::NONE => PlaceKind::Nothing,
            FactPlace(place) if place & FactPlace::RUN != 0 => PlaceKind::Run((place & !FactPlace::RUN) as usize),
            FactPlace(place) => PlaceKind::Fact(place as usize),
        }
    }
}

/// By what a fact is looked for beside its id.
#[derive(Debug)]
pub struct LookupKeys {
    key: Option<Box<str>>,
    content: [u8; 16],
}

impl LookupKeys {
    pub fn of(fact: &Fact) -> LookupKeys {
        match &fact.body {
            // It is found by its interval.
            Body::UsageSnapshot(_) => LookupKeys { key: None, content: [0; 16] },
            body => LookupKeys { key: natural_key(body).map(String::into_boxed_str), content: content_digest(fact) },
        }
    }
}

/// A usage snapshot on its way in, borrowed from wherever it is.
#[derive(Copy, Clone, Debug)]
pub struct UsageRef<'a> {
    pub account: &'a str,
    pub contract: &'a str,
    pub meter: Option<&'a str>,
    pub from: Day,
    pub to: Day,
    pub amount: Amount,
    pub quantity: Option<Amount>,
    pub currency: Currency,
}

impl<'a> UsageRef<'a> {
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
    /// With room for so many entries.
    pub fn with_room(entries: u64) -> Knowledge {
        let entries = usize::try_from(entries.min(ENTRIES_MAX)).expect("as many as memory can hold");
        Knowledge { places: ChunkedVec::with_capacity(entries), ..Knowledge::default() }
    }

    /// How many entries were folded in.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Every fact but usage, in the order of the log.
    pub fn facts(&self) -> impl DoubleEndedIterator<Item = &StoredFact> + Clone {
        self.facts.iter()
    }

    pub fn fact(&self, index: FactIndex) -> &StoredFact {
        &self.facts[index as usize]
    }

    /// Facts recorded from one size on up to another.
    pub fn facts_between(&self, from: u64, to: u64) -> impl Iterator<Item = &StoredFact> + Clone {
        let place = |size: u64| self.facts.partition_point(|known| u64::from(known.position) < size);
        self.facts.between(place(from), place(to))
    }

    /// Facts recorded below a size that are dated `from ..= to`.
    pub fn facts_dated(&self, from: Day, to: Day, size: u64) -> impl Iterator<Item = &StoredFact> {
        let count = self.facts.partition_point(|known| u64::from(known.position) < size);
        let days = self.fact_days.between(0, count).zip(0..);
        days.filter(move |(day, _)| (from.number()..=to.number()).contains(*day)).map(|(_, index)| self.fact(index))
    }

    /// Facts that something has ended, at whatever size.
    pub fn ended_facts(&self) -> impl Iterator<Item = &StoredFact> {
        self.fact_ended.iter().zip(0..).filter(|(is_ended, _)| **is_ended).map(|(_, index)| self.fact(index))
    }

    /// The date of a fact that has one.
    pub fn day_of(&self, index: FactIndex) -> Option<Day> {
        let day = self.fact_days[index as usize];
        (day != UNDATED).then(|| Day::from_number(i64::from(day)).expect("the day of a fact"))
    }

    /// Every run, in the order in which usage named them first.
    pub fn runs(&self) -> impl Iterator<Item = &MeteredRun> + Clone {
        self.runs.iter().map(|run| &**run)
    }

    /// The fact at a position, if it is one and not usage.
    pub fn fact_at(&self, position: Position) -> Option<&StoredFact> {
        match self.places.get(position as usize)?.found() {
            PlaceKind::Fact(index) => Some(&self.facts[index]),
            PlaceKind::Nothing | PlaceKind::Run(_) => None,
        }
    }

    /// The run in which the usage snapshot at a position is.
    pub fn run_at(&self, position: Position) -> Option<&MeteredRun> {
        match self.places.get(position as usize)?.found() {
            PlaceKind::Run(index) => Some(&self.runs[index]),
            PlaceKind::Nothing | PlaceKind::Fact(_) => None,
        }
    }

    /// Ids of everything but usage whose id was derived.
    pub fn position_of(&self, id: Uuid) -> Option<Position> {
        self.ids.get(&id).copied()
    }

    /// Every fact that ever had this natural key; usage is found by its interval.
    pub fn with_key(&self, key: &str) -> &[FactIndex] {
        self.keys.get(key).map_or(&[], |list| list)
    }

    /// Positions of the facts with this content, personal fields aside.
    pub fn with_content(&self, digest: &[u8; 16]) -> &[Position] {
        self.contents.get(digest).map_or(&[], |list| list)
    }

    /// Every contract, in the order in which the log named them first.
    pub fn contracts(&self) -> impl Iterator<Item = &Contract> + Clone {
        self.contracts.iter()
    }

    /// The contract at a place that [`MeteredRun::contract`] gives.
    pub fn contract(&self, place: u32) -> &Contract {
        &self.contracts[place as usize]
    }

    /// The contract of this id that is this account's.
    pub fn contract_of(&self, id: &str, account: &str) -> Option<&Contract> {
        self.contracts_named(id).find(|contract| contract.account.as_str() == account)
    }

    /// Every contract of this id: of other accounts too, where it was moved.
    pub fn contracts_named<'k>(&'k self, id: &str) -> impl Iterator<Item = &'k Contract> + use<'k> {
        let places = self.contract_places.get(id);
        let all = places.into_iter().flat_map(|places| [places.first].into_iter().chain(places.others.iter().copied()));
        all.map(|place| &self.contracts[place as usize])
    }

    pub fn run(&self, place: u32) -> &MeteredRun {
        &self.runs[place as usize]
    }

    /// Where all usage was recorded that a text may name: an account, a contract, or a natural key of usage.
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

    fn recorded<'k>(&'k self, contract: &'k Contract) -> impl Iterator<Item = (Position, (Day, Day))> + 'k {
        contract.runs.iter().flat_map(|place| self.run(*place).run.recorded())
    }

    /// How many snapshots of this interval and meter were ended: each had another id, and so will the next.
    pub fn ended_snapshots(&self, usage: &ledger::fact::UsageSnapshot) -> u64 {
        let Some(contract) = self.contract_of(usage.contract(), usage.account.as_str()) else { return 0 };
        let runs = contract.runs.iter().map(|place| &self.run(*place).run).filter(|run| run.meter == usage.meter);
        let ended = runs.flat_map(|run| run.ended_covering(usage.from, usage.to));
        ended.count() as u64
    }

    /// Folds in the next entry, a fact. Admission has decided everything before.
    pub fn apply(&mut self, fact: Fact, id: Uuid, replaces: &[u64], keys: LookupKeys) {
        match &fact.body {
            Body::UsageSnapshot(usage) => self.apply_usage(UsageRef::of(usage), id, replaces),
            _ => self.apply_fact(fact, id, replaces, keys),
        }
    }

    /// Steps over an entry that is no fact.
    pub fn skip(&mut self) {
        self.places.push(FactPlace::NONE);
        self.size += 1;
    }

    fn next_position(&self) -> Position {
        Position::try_from(self.size).expect("BUG: admission lets no book grow beyond ENTRIES_MAX")
    }

    /// Folds in a usage snapshot without making a fact of it first: there are millions.
    pub fn apply_usage(&mut self, usage: UsageRef<'_>, id: Uuid, replaces: &[u64]) {
        let position = self.next_position();
        for replaced in replaces {
            self.validity_mut(*replaced).replaced_by.push(position);
        }
        // Derived ids are version 8; they are found by interval, and cost no memory.
        if id.get_version_num() != 8 {
            self.ids.insert(id, position);
        }
        let place = self.run_place(usage);
        let run = &mut self.run_mut(place).run;
        run.insert(usage.from, usage.to, usage.amount, usage.quantity, position);
        self.places.push(FactPlace(place | FactPlace::RUN));
        self.size += 1;
    }

    /// The place of the run of a contract that is metered so.
    fn run_of(&self, contract: &Contract, usage: UsageRef<'_>) -> Option<u32> {
        let same = |run: &MeteredRun| {
            run.currency == usage.currency && run.run.meter.as_ref().map(Name::as_str) == usage.meter
        };
        contract.runs.iter().copied().find(|place| same(self.run(*place)))
    }

    /// Where usage like this has gone before, and the last day that anything covers of the same contract and meter.
    pub fn metered(&self, usage: UsageRef<'_>) -> Option<(u32, Day)> {
        let contract = self.contract_of(usage.contract, usage.account)?;
        let runs = contract.runs.iter().map(|place| &self.run(*place).run);
        let metered = runs.filter(|run| run.meter.as_ref().map(Name::as_str) == usage.meter);
        Some((self.run_of(contract, usage)?, metered.filter_map(UsageRun::last_day).max()?))
    }

    /// A run that is to be changed.
    fn run_mut(&mut self, place: u32) -> &mut MeteredRun {
        let run = self.runs.get_mut(place as usize).expect("BUG: a place of no run");
        Arc::make_mut(run)
    }

    /// A contract that is to be changed.
    fn contract_mut(&mut self, place: u32) -> &mut Contract {
        self.contracts.get_mut(place as usize).expect("BUG: a place of no contract")
    }

    /// What is known of a payee, to be added to.
    fn payee_mut(&mut self, id: &PayeeId) -> &mut PayeeFacts {
        let payees = Arc::make_mut(&mut self.payees);
        // Nearly every payee that a fact names is known.
        if !payees.contains_key(id) {
            payees.insert(id.clone(), Arc::default());
        }
        Arc::make_mut(payees.get_mut(id).expect("it was just put in"))
    }

    /// Merges what was put in while the entries were shared with a copy, if the copy is gone.
    pub fn merge(&mut self) {
        self.ids.merge();
        self.contents.merge();
        self.keys.merge();
        self.accounts.merge();
        self.contract_places.merge();
        self.bookings.merge();
        self.cancellations.merge();
        self.splits.merge();
        self.signals.merge();
        self.signals_naming.merge();
        self.contracts_of.merge();
    }

    fn run_place(&mut self, usage: UsageRef<'_>) -> u32 {
        let contract = self.contract_place(usage.contract, usage.account);
        if let Some(place) = self.run_of(&self.contracts[contract as usize], usage) {
            return place;
        }
        let place = u32::try_from(self.runs.len()).expect("fewer runs than entries");
        let meter = usage.meter.map(|meter| Name::new(meter).expect("only names of facts come here"));
        self.runs.push(Arc::new(MeteredRun { contract, currency: usage.currency, run: UsageRun::new(meter) }));
        self.contract_mut(contract).runs.push(place);
        place
    }

    fn contract_place(&mut self, id: &str, account: &str) -> u32 {
        let is_the_accounts = |place: &u32| self.contracts[*place as usize].account.as_str() == account;
        let new = u32::try_from(self.contracts.len()).expect("fewer contracts than entries");
        let places = match self.contract_places.get(id) {
            None => ContractPlaces { first: new, others: Vec::new() },
            Some(places) if is_the_accounts(&places.first) => return places.first,
            Some(places) => match places.others.iter().copied().find(is_the_accounts) {
                Some(place) => return place,
                None => {
                    let others: Vec<u32> = places.others.iter().copied().chain([new]).collect();
                    let first = places.first;
                    for place in others[..others.len() - 1].iter().chain([&first]) {
                        self.contract_mut(*place).is_one_of_several = true;
                    }
                    ContractPlaces { first, others }
                }
            },
        };
        let place = new;
        let name = |text| Name::new(text).expect("only names of facts come here");
        let (id, account) = (ContractId(name(id)), AccountId(name(account)));
        let first = places.first;
        self.contract_places.insert(id.0.clone(), places);
        self.contracts_of.or_insert(account.clone(), Vec::new).push(place);
        let since = self.next_position();
        let is_one_of_several = place != first;
        let (bookings, runs) = (Vec::new(), Vec::new());
        self.index_candidates_of_contract(&id, &account);
        self.contracts.push(Contract { id, account, bookings, runs, since, is_one_of_several });
        place
    }

    fn validity_mut(&mut self, position: u64) -> &mut Validity {
        let place = usize::try_from(position).ok().and_then(|position| self.places.get(position)).copied();
        match place.map(FactPlace::found) {
            Some(PlaceKind::Fact(index)) => {
                *self.fact_ended.get_mut(index).expect("each fact has a flag") = true;
                &mut self.facts.get_mut(index).expect("a fact's place is that of a fact").validity
            }
            Some(PlaceKind::Run(index)) => self.run_mut(index as u32).run.end_at(position as Position),
            Some(PlaceKind::Nothing) | None => unreachable!("BUG: entry {position} is no fact and cannot be replaced"),
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
        self.contents.or_insert(keys.content, ShortList::new).push(position);
        if let Some(key) = keys.key {
            self.keys.or_insert(key, ShortList::new).push(index);
        }
        self.file(&fact.body, index);
        self.fact_days.push(day_of(&fact.body));
        self.fact_ended.push(false);
        self.facts.push(StoredFact { position, id, first_id, fact, validity: Validity::default() });
        self.index_candidates(index);
        self.places.push(FactPlace(index));
        self.size += 1;
    }

    /// Puts a fact where it will be looked for.
    fn file(&mut self, body: &Body, index: FactIndex) {
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
                let contract = self.contract_place(fact.contract(), fact.account.as_str());
                self.contract_mut(contract).bookings.push(index);
                self.bookings.or_insert(fact.booking.clone(), Vec::new).push(index);
                self.file_credit(fact.credit.as_deref().unwrap_or_default(), index, |payee| &mut payee.credits);
            }
            Body::Cancellation(fact) => self.cancellations.or_insert(fact.booking.clone(), Vec::new).push(index),
            Body::CreditSplit(fact) => {
                let splits = self.splits.or_insert(fact.on.clone(), Vec::new);
                let days = &self.fact_days;
                let later = splits.iter().rev().take_while(|known| days[**known as usize] > fact.at.number());
                splits.insert(splits.len() - later.count(), index);
                self.file_credit(&fact.shares, index, |payee| &mut payee.splits);
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
            Body::Retraction(_) => {}
            Body::UsageSnapshot(_) => unreachable!("BUG: usage goes to its run"),
        }
    }
}

impl Knowledge {
    fn file_credit(&mut self, shares: &[Share], index: FactIndex, list: fn(&mut PayeeFacts) -> &mut Vec<FactIndex>) {
        for share in shares {
            let list = list(self.payee_mut(&share.payee));
            if list.last() != Some(&index) {
                list.push(index);
            }
        }
    }

    /// What ended the entry at a position; `None` where nothing has.
    pub fn validity(&self, position: Position) -> Option<&Validity> {
        match self.places.get(position as usize)?.found() {
            PlaceKind::Nothing => None,
            PlaceKind::Fact(index) => Some(&self.facts[index].validity).filter(|validity| !validity.is_open()),
            PlaceKind::Run(index) => self.runs[index].run.validity(position),
        }
    }

    /// Every contract that was ever this account's.
    pub fn contracts_of<'k>(&'k self, account: &AccountId) -> impl Iterator<Item = &'k Contract> + use<'k> {
        let places = self.contracts_of.get(account).into_iter().flatten();
        places.map(|place| &self.contracts[*place as usize])
    }

    /// Every version of a booking that was ever recorded, in the order of the log; what has ended some of them, too.
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

    /// Every signal that ever named this thing, a narrower one beside it or not.
    pub fn signals_naming(&self, target: &SplitTarget) -> &[FactIndex] {
        self.signals_naming.get(target).map_or(&[], Vec::as_slice)
    }
}

/// A signal is on the narrowest thing that it names (calculation.md 2).
pub fn narrowest(signal: &ledger::fact::Signal) -> Option<SplitTarget> {
    let booking = signal.booking.clone().map(SplitTarget::Booking);
    let contract = || signal.contract.clone().map(SplitTarget::Contract);
    let account = || signal.account.clone().map(SplitTarget::Account);
    booking.or_else(contract).or_else(account)
}

/// The booking, contract and account that a signal names.
pub fn things_named(signal: &ledger::fact::Signal) -> impl Iterator<Item = SplitTarget> {
    let booking = signal.booking.clone().map(SplitTarget::Booking);
    let contract = signal.contract.clone().map(SplitTarget::Contract);
    let account = signal.account.clone().map(SplitTarget::Account);
    [booking, contract, account].into_iter().flatten()
}

/// What names a content in the index: the first half of its BLAKE3 hash.
pub fn content_digest(fact: &Fact) -> [u8; 16] {
    let mut content = Vec::with_capacity(256);
    fact.content(&mut content);
    ledger::entry::digest(&content)
}
