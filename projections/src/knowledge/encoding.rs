//! The knowledge as flat bytes, for snapshots. Maps are written in the order of their keys; contracts in their order,
//! which is their index.

use std::collections::BTreeMap;
use std::hash::Hash;
use std::ops::Range;
use std::sync::Arc;

use ledger::fact::{Fact, Payload, SplitTarget};
use ledger::id::{AccountId, BookingId, ContractId, Name, PayeeId};
use ledger::money::Currency;
use uuid::Uuid;

use super::{Contract, ContractIndexes, Facts, Knowledge, MeteredRun, PackedTarget, PayeeFacts, StoredFact};
use crate::chunked_vec::ChunkedVec;
use crate::day_index::DayIndex;
use crate::encoding::{ColumnDecoder, Decoder, Encoder, GetPart, PutPart};
use crate::position::{FactIndex, Position, ShortList};
use crate::shared_map::SharedMap;
use crate::usage;

/// The number of facts in one part.
const FACTS_TOGETHER: usize = 1 << 16;
/// The number of runs in one part.
const RUNS_TOGETHER: usize = 1 << 10;

impl Knowledge {
    /// Writes the knowledge in parts, none of which needs much memory.
    pub fn write(&self, put: PutPart<'_>) {
        put(&|out| {
            out.one(self.size);
            out.one(self.facts.len() as u64);
            out.one(self.runs.len() as u64);
        });
        for first in (0..self.facts.len()).step_by(FACTS_TOGETHER) {
            put(&|out| write_facts(self.facts.between(first, first + FACTS_TOGETHER), out));
        }
        put(&|out| out.column(self.targets.iter().map(|place| place.0)));
        put(&|out| self.write_ids(out));
        put(&|out| self.write_names(out));
        for first in (0..self.runs.len()).step_by(RUNS_TOGETHER) {
            let runs = self.runs.between(first, first + RUNS_TOGETHER);
            put(&|out| write_runs(runs.clone().map(|run| &**run), out));
        }
    }

    fn write_ids(&self, out: &mut Encoder<'_>) {
        let ids = self.ids.sorted();
        out.column(ids.iter().map(|(id, _)| *id.as_bytes()));
        out.column(ids.iter().map(|(_, position)| **position));
        let contents = self.contents.sorted();
        out.column(contents.iter().map(|(digest, _)| **digest));
        out.lists(contents.iter().map(|(_, positions)| &***positions));
        let keys = self.keys.sorted();
        out.texts(keys.iter().map(|(key, _)| &***key));
        out.lists(keys.iter().map(|(_, indexes)| &***indexes));
    }

    fn write_names(&self, out: &mut Encoder<'_>) {
        self.write_payees(out);
        write_map(&self.accounts, AccountId::as_str, out);
        self.write_contracts(out);
        write_map(&self.bookings, BookingId::as_str, out);
        write_map(&self.cancellations, BookingId::as_str, out);
        write_map(&self.credit_notes, BookingId::as_str, out);
        write_targets(&self.splits, out);
        let signals = self.signals.sorted();
        write_kinds(signals.iter().map(|((target, _), _)| target), out);
        out.texts(signals.iter().map(|((target, _), _)| target.id()));
        out.texts(signals.iter().map(|((_, name), _)| name.as_str()));
        out.lists(signals.iter().map(|(_, list)| list.as_slice()));
        write_targets(&self.signals_naming, out);
        out.lists(std::iter::once(self.complete_of_everybody.as_slice()));
        write_map(&self.complete_of, AccountId::as_str, out);
        out.column(self.rates.keys().map(|(from, _)| code(*from)));
        out.column(self.rates.keys().map(|(_, to)| code(*to)));
        out.lists(self.rates.values().map(Vec::as_slice));
    }

    /// Reads what [`Knowledge::write`] wrote, beginning with part `first`. Also returns the number of the part behind
    /// it. `None` if the parts are not what `write` makes.
    pub fn read(get: GetPart<'_>, first: usize) -> Option<(Knowledge, usize)> {
        let mut memory = Vec::new();
        let (size, facts, runs) = whole(get, first, &mut memory, |reader| {
            let size = reader.one::<u64>()?;
            let mut count = || usize::try_from(reader.one::<u64>()?).ok().filter(|count| *count as u64 <= size);
            Some((size, count()?, count()?))
        })?;
        let behind_facts = first + 1 + facts.div_ceil(FACTS_TOGETHER);
        let behind = behind_facts + 3 + runs.div_ceil(RUNS_TOGETHER);
        // In two threads, because reading the facts takes as long as all the rest.
        std::thread::scope(|scope| {
            let read = scope.spawn(|| read_facts(get, first + 1..behind_facts, facts));
            let rest = Knowledge::read_rest(get, behind_facts..behind, (size, runs), &mut memory)?;
            let facts = read.join().ok().flatten()?;
            let fact_ended = facts.iter().map(|known| !known.validity.is_open()).collect();
            let fact_days = facts.iter().map(|known| super::day_of(&known.fact.body)).collect();
            Some((Knowledge { facts, fact_days, fact_ended, ..rest }, behind))
        })
    }

    /// Reads everything but the facts.
    fn read_rest(
        get: GetPart<'_>,
        mut parts: Range<usize>,
        (size, count): (u64, usize),
        memory: &mut Vec<u8>,
    ) -> Option<Knowledge> {
        let targets =
            whole(get, parts.next()?, memory, |reader| Some(reader.column()?.values().map(PackedTarget).collect()))?;
        let (ids, contents, keys) = whole(get, parts.next()?, memory, |reader| {
            Some((read_ids(reader)?, read_contents(reader)?, read_keys(reader)?))
        })?;
        let names = whole(get, parts.next()?, memory, Knowledge::read_names)?;
        let mut runs = ChunkedVec::default();
        for part in parts {
            runs.extend(whole(get, part, memory, read_runs)?);
        }
        let knowledge = Knowledge { size, targets, ids, contents, keys, runs, ..names };
        (knowledge.targets.len() as u64 == size && knowledge.runs.len() == count).then_some(knowledge)
    }

    fn read_names(reader: &mut Decoder<'_>) -> Option<Knowledge> {
        let payees = read_payees(reader)?;
        let accounts = read_map(reader, AccountId::new)?;
        let (contracts, contract_indexes) = read_contracts(reader)?;
        let mut contracts_of: SharedMap<AccountId, Vec<u32>> = SharedMap::with_capacity(contracts.len());
        for (contract, place) in contracts.iter().zip(0..) {
            contracts_of.or_insert(contract.account.clone(), Vec::new).push(place);
        }
        let bookings = read_map(reader, BookingId::new)?;
        let cancellations = read_map(reader, BookingId::new)?;
        let credit_notes = read_map(reader, BookingId::new)?;
        let (splits, signals) = (read_targets(reader)?, read_signals(reader)?);
        let signals_naming = read_targets(reader)?;
        let complete_of_everybody = Arc::new(reader.lists()?.next()?);
        let complete_of = read_map(reader, AccountId::new)?;
        let rates = read_rates(reader)?;
        Some(Knowledge {
            payees: Arc::new(payees),
            accounts,
            contracts: contracts.into_iter().collect(),
            contract_indexes,
            bookings,
            cancellations,
            credit_notes,
            splits,
            signals,
            signals_naming,
            contracts_of,
            complete_of_everybody,
            complete_of,
            rates: Arc::new(rates),
            ..Knowledge::default()
        })
    }

    fn write_payees(&self, out: &mut Encoder<'_>) {
        out.texts(self.payees.keys().map(PayeeId::as_str));
        for list in PAYEE_LISTS {
            out.lists(self.payees.values().map(|payee| list(payee).as_slice()));
        }
        for list in PAYEE_DATED {
            out.lists(self.payees.values().map(|payee| list(payee).keys()));
        }
    }

    fn write_contracts(&self, out: &mut Encoder<'_>) {
        out.texts(self.contracts.iter().map(|contract| contract.id.as_str()));
        out.texts(self.contracts.iter().map(|contract| contract.account.as_str()));
        out.lists(self.contracts.iter().map(|contract| contract.bookings.as_slice()));
        out.lists(self.contracts.iter().map(|contract| contract.runs.as_slice()));
        out.column(self.contracts.iter().map(|contract| contract.since));
    }
}

/// Reads a part to its end. `None` if bytes are left over.
fn whole<T>(
    get: GetPart<'_>,
    part: usize,
    memory: &mut Vec<u8>,
    read: impl FnOnce(&mut Decoder<'_>) -> Option<T>,
) -> Option<T> {
    get(part, memory)?;
    let mut reader = Decoder::new(memory);
    let read = read(&mut reader)?;
    reader.end().map(|()| read)
}

fn read_facts(get: GetPart<'_>, parts: Range<usize>, count: usize) -> Option<Facts> {
    let (mut facts, mut memory) = (Facts::with_capacity(count), Vec::new());
    for part in parts {
        facts.extend(whole(get, part, &mut memory, |reader| FactDecoder::read(reader)?.facts())?);
    }
    Some(facts).filter(|facts| facts.len() == count)
}

fn write_runs<'r>(runs: impl Iterator<Item = &'r MeteredRun> + Clone, out: &mut Encoder<'_>) {
    out.column(runs.clone().map(|run| run.contract));
    out.column(runs.clone().map(|run| code(run.currency)));
    usage::encoding::write(runs.map(|run| &run.run), out);
}

fn read_runs(reader: &mut Decoder<'_>) -> Option<Vec<Arc<MeteredRun>>> {
    let (mut of, mut currencies) = (reader.column()?, reader.column()?);
    let runs = usage::encoding::read(reader)?.into_iter();
    let mut metered = |run| Some(MeteredRun { contract: of.next()?, currency: currency(&mut currencies)?, run });
    runs.map(|run| metered(run).map(Arc::new)).collect()
}

const PAYEE_LISTS: [fn(&PayeeFacts) -> &Vec<FactIndex>; 9] = [
    |payee| &payee.facts,
    |payee| &payee.assignments,
    |payee| &payee.ends,
    |payee| &payee.quotas,
    |payee| &payee.openings,
    |payee| &payee.adjustments,
    |payee| &payee.signals,
    |payee| &payee.splits,
    |payee| &payee.credits,
];
const PAYEE_DATED: [fn(&PayeeFacts) -> &DayIndex; 2] =
    [|payee| &payee.candidate_bookings, |payee| &payee.candidate_signals];

/// The code of a currency, which never changes, while its number may.
pub(crate) fn code(currency: Currency) -> [u8; 3] {
    currency.code().as_bytes().try_into().expect("codes have three letters")
}

pub(crate) fn currency(codes: &mut ColumnDecoder<'_, [u8; 3]>) -> Option<Currency> {
    Currency::parse(std::str::from_utf8(&codes.next()?).ok()?)
}

fn write_facts<'f>(facts: impl Iterator<Item = &'f StoredFact> + Clone, out: &mut Encoder<'_>) {
    out.column(facts.clone().map(|known| known.position));
    out.column(facts.clone().map(|known| *known.id.as_bytes()));
    out.column(facts.clone().map(|known| *known.first_id.as_bytes()));
    let mut all = Vec::new();
    let mut ends = Vec::new();
    for known in facts.clone() {
        known.fact.whole(&mut all);
        ends.push(all.len() as u64);
    }
    out.column(ends.into_iter());
    out.bytes(&all);
    let ended = facts.enumerate().filter(|(_, known)| !known.validity.is_open());
    out.column(ended.clone().map(|(index, _)| index as FactIndex));
    usage::encoding::validities(ended.map(|(_, known)| &known.validity), out);
}

/// The columns of the facts of a part.
struct FactDecoder<'a> {
    positions: ColumnDecoder<'a, Position>,
    ids: ColumnDecoder<'a, [u8; 16]>,
    first_ids: ColumnDecoder<'a, [u8; 16]>,
    /// Where each one's bytes end in `all`.
    ends: ColumnDecoder<'a, u64>,
    all: &'a [u8],
    /// The facts that an entry ended, by index.
    ended: ColumnDecoder<'a, FactIndex>,
    validities: usage::encoding::ValidityDecoder<'a>,
}

impl<'a> FactDecoder<'a> {
    fn read(reader: &mut Decoder<'a>) -> Option<FactDecoder<'a>> {
        Some(FactDecoder {
            positions: reader.column()?,
            ids: reader.column()?,
            first_ids: reader.column()?,
            ends: reader.column()?,
            all: reader.bytes()?,
            ended: reader.column()?,
            validities: usage::encoding::ValidityDecoder::read(reader)?,
        })
    }

    fn facts(mut self) -> Option<Vec<StoredFact>> {
        let mut facts = Vec::with_capacity(self.positions.len());
        let mut start = 0;
        while let Some(position) = self.positions.next() {
            let end = usize::try_from(self.ends.next()?).ok()?;
            let fact = fact(self.all.get(start..end)?)?;
            start = end;
            let (id, first_id) = (Uuid::from_bytes(self.ids.next()?), Uuid::from_bytes(self.first_ids.next()?));
            facts.push(StoredFact { position, id, first_id, fact, validity: Default::default() });
        }
        while let Some(index) = self.ended.next() {
            facts.get_mut(index as usize)?.validity = self.validities.next()?;
        }
        Some(facts)
    }
}

fn fact(bytes: &[u8]) -> Option<Fact> {
    match Payload::whole(bytes) {
        Ok(Payload::Fact(fact)) => Some(fact),
        Ok(Payload::Record(_)) | Err(_) => None,
    }
}

fn read_ids(reader: &mut Decoder<'_>) -> Option<SharedMap<Uuid, Position>> {
    let (mut ids, mut positions) = (reader.column::<[u8; 16]>()?, reader.column::<Position>()?);
    let mut lookup = SharedMap::with_capacity(ids.len());
    while let Some(id) = ids.next() {
        lookup.insert(Uuid::from_bytes(id), positions.next()?);
    }
    Some(lookup)
}

fn read_contents(reader: &mut Decoder<'_>) -> Option<SharedMap<[u8; 16], ShortList>> {
    let (mut digests, mut positions) = (reader.column::<[u8; 16]>()?, reader.lists()?);
    let mut lookup = SharedMap::with_capacity(digests.len());
    while let Some(digest) = digests.next() {
        lookup.insert(digest, positions.short()?);
    }
    Some(lookup)
}

fn read_keys(reader: &mut Decoder<'_>) -> Option<SharedMap<Box<str>, ShortList>> {
    let (mut keys, mut indexes) = (reader.texts()?, reader.lists()?);
    let mut lookup = SharedMap::with_capacity(keys.len());
    for _ in 0..keys.len() {
        lookup.insert(keys.next()?.into(), indexes.short()?);
    }
    Some(lookup)
}

fn write_map<K: Ord + Eq + Hash>(map: &SharedMap<K, Vec<FactIndex>>, text: fn(&K) -> &str, out: &mut Encoder<'_>) {
    let all = map.sorted();
    out.texts(all.iter().map(|(key, _)| text(key)));
    out.lists(all.iter().map(|(_, list)| list.as_slice()));
}

fn read_map<K: Eq + Hash>(
    reader: &mut Decoder<'_>,
    key: fn(&str) -> Option<K>,
) -> Option<SharedMap<K, Vec<FactIndex>>> {
    let (mut keys, mut lists) = (reader.texts()?, reader.lists()?);
    let mut map = SharedMap::with_capacity(keys.len());
    for _ in 0..keys.len() {
        map.insert(key(keys.next()?)?, lists.next()?);
    }
    Some(map)
}

fn read_payees(reader: &mut Decoder<'_>) -> Option<BTreeMap<PayeeId, Arc<PayeeFacts>>> {
    let mut payees = reader.texts()?;
    let count = payees.len();
    let mut lists = Vec::with_capacity(PAYEE_LISTS.len());
    for _ in PAYEE_LISTS {
        lists.push(reader.lists()?);
    }
    let (mut bookings, mut signals) = (reader.lists()?, reader.lists()?);
    let mut next = |_| {
        let payee = PayeeId::new(payees.next()?)?;
        let mut list = lists.iter_mut();
        let mut list = || list.next()?.next();
        let facts = PayeeFacts {
            facts: list()?,
            assignments: list()?,
            ends: list()?,
            quotas: list()?,
            openings: list()?,
            adjustments: list()?,
            signals: list()?,
            splits: list()?,
            credits: list()?,
            candidate_bookings: DayIndex::from_keys(bookings.next()?)?,
            candidate_signals: DayIndex::from_keys(signals.next()?)?,
        };
        Some((payee, Arc::new(facts)))
    };
    (0..count).map(&mut next).collect()
}

type Contracts = (Vec<Contract>, SharedMap<Name, ContractIndexes>);

fn read_contracts(reader: &mut Decoder<'_>) -> Option<Contracts> {
    let (mut ids, mut accounts) = (reader.texts()?, reader.texts()?);
    let (mut bookings, mut places) = (reader.lists()?, reader.lists()?);
    let mut since = reader.column::<Position>()?;
    let mut contracts = Vec::with_capacity(ids.len());
    let mut by_id: SharedMap<Name, ContractIndexes> = SharedMap::with_capacity(ids.len());
    for place in 0..u32::try_from(ids.len()).ok()? {
        let (id, account) = (ContractId::new(ids.next()?)?, AccountId::new(accounts.next()?)?);
        match by_id.get_mut(id.as_str()) {
            Some(known) => known.others.push(place),
            None => by_id.insert(id.0.clone(), ContractIndexes { first: place, others: Vec::new() }),
        }
        let (bookings, runs) = (bookings.next()?, places.next()?);
        contracts.push(Contract { id, account, bookings, runs, since: since.next()?, shares_id: false });
    }
    for contract in &mut contracts {
        let places = by_id.get(contract.id.as_str());
        contract.shares_id = places.is_some_and(|places| !places.others.is_empty());
    }
    Some((contracts, by_id))
}

fn write_kinds<'t>(targets: impl Iterator<Item = &'t SplitTarget>, out: &mut Encoder<'_>) {
    out.column(targets.map(|target| match target {
        SplitTarget::Booking(_) => 1u8,
        SplitTarget::Contract(_) => 2,
        SplitTarget::Account(_) => 3,
    }));
}

fn target(kind: u8, id: &str) -> Option<SplitTarget> {
    match kind {
        1 => BookingId::new(id).map(SplitTarget::Booking),
        2 => ContractId::new(id).map(SplitTarget::Contract),
        3 => AccountId::new(id).map(SplitTarget::Account),
        _ => None,
    }
}

fn write_targets(map: &SharedMap<SplitTarget, Vec<FactIndex>>, out: &mut Encoder<'_>) {
    write_kinds(map.sorted().into_iter().map(|(target, _)| target), out);
    write_map(map, SplitTarget::id, out);
}

fn read_targets(reader: &mut Decoder<'_>) -> Option<SharedMap<SplitTarget, Vec<FactIndex>>> {
    let (mut kinds, mut ids, mut lists) = (reader.column::<u8>()?, reader.texts()?, reader.lists()?);
    let mut targets = SharedMap::with_capacity(ids.len());
    for _ in 0..ids.len() {
        targets.insert(target(kinds.next()?, ids.next()?)?, lists.next()?);
    }
    Some(targets)
}

fn read_signals(reader: &mut Decoder<'_>) -> Option<SharedMap<(SplitTarget, Name), Vec<FactIndex>>> {
    let (mut kinds, mut ids, mut names) = (reader.column::<u8>()?, reader.texts()?, reader.texts()?);
    let mut lists = reader.lists()?;
    let mut signals = SharedMap::with_capacity(ids.len());
    for _ in 0..ids.len() {
        let target = target(kinds.next()?, ids.next()?)?;
        signals.insert((target, Name::new(names.next()?)?), lists.next()?);
    }
    Some(signals)
}

fn read_rates(reader: &mut Decoder<'_>) -> Option<BTreeMap<(Currency, Currency), Vec<FactIndex>>> {
    let (mut from, mut to, mut lists) = (reader.column()?, reader.column()?, reader.lists()?);
    (0..lists.len()).map(|_| Some(((currency(&mut from)?, currency(&mut to)?), lists.next()?))).collect()
}
