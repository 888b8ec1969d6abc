//! Who is credited with what: shares of bookings, of contracts day by day, and of signals (calculation.md 2, 4).

use std::collections::BTreeMap;

use ledger::date::Day;
use ledger::exact::Exact;
use ledger::fact::{Booking, Share, Signal, Target};
use ledger::id::{AccountId, BookingId, PayeeId};
use projections::knowledge::{Contract, narrowest};
use projections::life::Position;
use projections::view::{At, View};

use crate::group::{Groups, Holders, counted};
use crate::item::Subject;
use crate::plan::Credit;

/// A stretch of days on which a payee's share of a contract does not change.
pub struct Stretch {
    pub from: Day,
    pub to: Day,
    pub share: Exact,
    /// The split that says so.
    pub split: Position,
}

/// A payee's share of a contract's usage on `from ..= to`, where it has one. `changes` are days from which on a group that
/// counts may be another.
pub fn stretches(
    view: View<'_>,
    contract: &Contract,
    payee: &str,
    credit: &Credit,
    changes: &[Day],
    (from, to): (Day, Day),
) -> Vec<Stretch> {
    let on_contract = view.splits(&Target::Contract(contract.id.clone()));
    let on_account = view.splits(&Target::Account(contract.account.clone()));
    let changes = changes.iter().copied().filter(|_| !matches!(credit, Credit::Roles(_)));
    let dates = on_contract
        .iter()
        .chain(&on_account)
        .map(|split| split.fact.at)
        .chain(changes)
        .filter(|at| (from..=to).contains(at));
    let mut starts: Vec<Day> = dates.chain([from]).collect();
    starts.sort();
    starts.dedup();
    let in_force = |day: Day| {
        let latest = |splits: &[At<'_, _>]| {
            splits.partition_point(|split: &At<'_, ledger::fact::CreditSplit>| split.fact.at <= day)
        };
        let contract_split = latest(&on_contract).checked_sub(1).map(|index| on_contract[index]);
        contract_split.or_else(|| latest(&on_account).checked_sub(1).map(|index| on_account[index]))
    };
    let ends = starts.iter().skip(1).map(|start| start.previous()).chain([to]);
    let stretches = starts.iter().zip(ends).filter_map(|(start, end)| {
        let split = in_force(*start)?;
        let share = counted(view, Holders::Split(&split.fact.shares), payee, credit, *start);
        (!share.is_zero()).then_some(Stretch { from: *start, to: end, share, split: split.position })
    });
    stretches.collect()
}

/// Where to look for a payee's items, found once for all payees.
#[derive(Default)]
pub struct CreditIndex<'k> {
    bookings: BTreeMap<&'k str, Vec<Credited<'k, Booking>>>,
    /// Contracts with usage of which a payee has, or had until a correction, a share at some time.
    contracts: BTreeMap<&'k str, Vec<&'k Contract>>,
    signals: BTreeMap<&'k str, Vec<Credited<'k, Signal>>>,
    pub groups: Groups<'k>,
}

/// A booking or signal and the shares that hold on its date.
pub struct Credited<'k, T> {
    pub on: At<'k, T>,
    /// The entry that says who holds the credit.
    pub split: Position,
    pub holders: Holders<'k>,
}

impl<T> Copy for Credited<'_, T> {}
impl<T> Clone for Credited<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

/// Puts a booking or signal with everybody who has a share of it, or had one until a correction.
fn credit<'k, T>(
    index: &mut BTreeMap<&'k str, Vec<Credited<'k, T>>>,
    on: At<'k, T>,
    (split, shares): (Position, &'k [Share]),
    ever: impl Iterator<Item = &'k Share>,
) {
    let mut payees: Vec<&'k str> = shares.iter().chain(ever).map(|share| share.payee.as_str()).collect();
    payees.sort();
    payees.dedup();
    for payee in payees {
        index.entry(payee).or_default().push(Credited { on, split, holders: Holders::Split(shares) });
    }
}

impl<'k> CreditIndex<'k> {
    /// Everything dated up to `day`.
    pub fn build(view: View<'k>, day: Day) -> CreditIndex<'k> {
        let mut index = CreditIndex { groups: Groups::build(view), ..CreditIndex::default() };
        index.add_bookings(view, day);
        index.add_contracts(view);
        index.add_signals(view, day);
        index
    }

    fn add_bookings(&mut self, view: View<'k>, day: Day) {
        for booking in view.bookings().filter(|booking| booking.fact.at <= day) {
            let split = view.shares_of_booking(booking, booking.fact.at).unwrap_or((booking.position, &[]));
            credit(&mut self.bookings, booking, split, shares_ever(view, &Subject::of_booking(booking)));
        }
    }

    fn add_signals(&mut self, view: View<'k>, day: Day) {
        let signals = view.knowledge.signals.keys().flat_map(|target| view.signals_on(target));
        for signal in signals.filter(|signal| signal.fact.at <= day && signal.fact.payee.is_none()) {
            let split = shares_of_signal(view, day, signal).unwrap_or((signal.position, &[]));
            credit(&mut self.signals, signal, split, shares_ever(view, &subject_of_signal(view, day, signal)));
        }
        for payee in view.knowledge.payees.keys() {
            let named = view.signals_to(payee.as_str()).filter(|signal| signal.fact.at <= day);
            let credited =
                named.map(|signal| Credited { on: signal, split: signal.position, holders: Holders::Whole(payee) });
            self.signals.entry(payee.as_str()).or_default().extend(credited);
        }
    }

    fn add_contracts(&mut self, view: View<'k>) {
        let mut of_account: BTreeMap<&AccountId, Vec<&'k Contract>> = BTreeMap::new();
        for contract in view.knowledge.contracts().iter().filter(|contract| !contract.runs.is_empty()) {
            of_account.entry(&contract.account).or_default().push(contract);
        }
        for target in view.knowledge.splits.keys() {
            let contracts = match target {
                Target::Booking(_) => continue,
                Target::Contract(id) => {
                    let named = view.knowledge.contracts_named(id.as_str());
                    named.filter(|contract| !contract.runs.is_empty()).collect()
                }
                Target::Account(id) => of_account.get(id).cloned().unwrap_or_default(),
            };
            // Splits that were replaced count here too: an item that comes to nothing is still an item.
            for share in view.splits_ever(target).flat_map(|split| &split.shares) {
                self.contracts.entry(share.payee.as_str()).or_default().extend(&contracts);
            }
        }
        for contracts in self.contracts.values_mut() {
            contracts.sort_by(|a, b| a.id.cmp(&b.id));
            contracts.dedup_by(|a, b| a.id == b.id);
        }
    }

    /// The bookings of which a payee is credited on some reading, its own first.
    pub fn bookings(&self, payee: &str) -> &[Credited<'k, Booking>] {
        self.bookings.get(payee).map_or(&[], Vec::as_slice)
    }

    /// The bookings that may count for a payee under this credit, each once, ordered by id.
    pub fn bookings_for(&self, view: View<'k>, payee: &'k str, credit: &Credit) -> Vec<Credited<'k, Booking>> {
        self.each_once(&self.bookings, view, payee, credit)
    }

    /// Signals that may count for a payee under this credit, each once.
    pub fn signals_for(&self, view: View<'k>, payee: &'k str, credit: &Credit) -> Vec<Credited<'k, Signal>> {
        self.each_once(&self.signals, view, payee, credit)
    }

    fn each_once<T>(
        &self,
        index: &BTreeMap<&'k str, Vec<Credited<'k, T>>>,
        view: View<'k>,
        payee: &'k str,
        credit: &Credit,
    ) -> Vec<Credited<'k, T>> {
        let members = self.groups.members_ever(view, payee, credit);
        let mut all: Vec<Credited<'k, T>> =
            members.iter().filter_map(|member| index.get(member)).flatten().copied().collect();
        all.sort_by_key(|credited| credited.on.position);
        all.dedup_by_key(|credited| credited.on.position);
        all
    }

    /// Contracts whose usage may count for a payee under this credit, ordered by id.
    pub fn contracts_for(&self, view: View<'k>, payee: &'k str, credit: &Credit) -> Vec<&'k Contract> {
        let members = self.groups.members_ever(view, payee, credit);
        let mut all: Vec<&'k Contract> =
            members.iter().filter_map(|member| self.contracts.get(member)).flatten().copied().collect();
        all.sort_by(|a, b| a.id.cmp(&b.id));
        all.dedup_by(|a, b| a.id == b.id);
        all
    }
}

/// All shares that were ever recorded of what something is about.
fn shares_ever<'k>(view: View<'k>, subject: &Subject<'k>) -> impl Iterator<Item = &'k Share> + use<'k> {
    let credits = subject.booking.into_iter().flat_map(move |booking| view.credits_ever(&booking.fact.booking));
    let splits: Vec<_> = subject.things.iter().flat_map(|thing| view.splits_ever(thing)).collect();
    credits.chain(splits.into_iter().flat_map(|split| &split.shares))
}

/// A signal item has the booking that its signal names, and that booking's contract and account.
pub fn subject_of_signal<'k>(view: View<'k>, day: Day, signal: At<'k, Signal>) -> Subject<'k> {
    let fact = signal.fact;
    if let Some(booking) = fact.booking.as_ref().and_then(|id| booking_by(view, day, id)) {
        return Subject::of_booking(booking);
    }
    if let Some(contract) = &fact.contract {
        let known = view.contract(contract.as_str()).map(|contract| contract.account.clone());
        if let Some(account) = known.or_else(|| fact.account.clone()) {
            return Subject::of_contract(contract, &account);
        }
    }
    Subject { booking: None, things: narrowest(fact).into_iter().collect(), account: fact.account.clone() }
}

/// A booking that is there on a day: what lies after it is not.
fn booking_by<'k>(view: View<'k>, day: Day, id: &BookingId) -> Option<At<'k, Booking>> {
    view.booking(id.as_str()).filter(|booking| booking.fact.at <= day)
}

/// The shares of a signal on the thing that it is on (calculation.md 2). A signal on a booking that is not there is nobody's.
fn shares_of_signal<'k>(view: View<'k>, by: Day, signal: At<'k, Signal>) -> Option<(Position, &'k [Share])> {
    let (fact, day) = (signal.fact, signal.fact.at);
    if let Some(id) = &fact.booking {
        return view.shares_of_booking(booking_by(view, by, id)?, day);
    }
    if let Some(id) = &fact.contract {
        let account = match view.contract(id.as_str()) {
            Some(contract) => contract.account.as_str(),
            None => fact.account.as_ref().map_or("", AccountId::as_str),
        };
        return view.shares_of_contract(id.as_str(), account, day);
    }
    view.shares_of_account(fact.account.as_ref()?.as_str(), day)
}

/// Everybody who can be paid anything: payees that a fact names.
pub fn payees<'k>(view: View<'k>) -> impl Iterator<Item = &'k PayeeId> {
    view.knowledge.payees.keys()
}
