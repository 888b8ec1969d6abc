//! Who is credited with what: shares of bookings, of contracts day by day, and of signals (calculation.md 2, 4).

use std::collections::BTreeMap;

use ledger::date::Day;
use ledger::exact::Exact;
use ledger::fact::{Booking, Role, Share, Signal, Target};
use ledger::id::{AccountId, PayeeId};
use projections::knowledge::{Contract, narrowest};
use projections::life::Position;
use projections::view::{At, View};

use crate::item::Subject;

/// The sum of a payee's percents in these roles, as a fraction.
pub fn share(shares: &[Share], payee: &str, roles: &[Role]) -> Exact {
    let mine = shares.iter().filter(|share| share.payee.as_str() == payee && roles.contains(&share.role));
    mine.map(|share| share.percent.exact()).sum()
}

/// A stretch of days on which a payee's share of a contract does not change.
pub struct Stretch {
    pub from: Day,
    pub to: Day,
    pub share: Exact,
    /// The split that says so.
    pub split: Position,
}

/// A payee's share of a contract's usage on `from ..= to`, where it has one.
pub fn stretches(view: View<'_>, contract: &Contract, payee: &str, roles: &[Role], from: Day, to: Day) -> Vec<Stretch> {
    let on_contract = view.splits(&Target::Contract(contract.id.clone()));
    let on_account = view.splits(&Target::Account(contract.account.clone()));
    let dates = on_contract.iter().chain(&on_account).map(|split| split.fact.at).filter(|at| (from..=to).contains(at));
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
        let share = share(&split.fact.shares, payee, roles);
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
    /// Signals that name no payee.
    signals: BTreeMap<&'k str, Vec<Credited<'k, Signal>>>,
}

/// A booking or signal and the shares that hold on its date.
pub struct Credited<'k, T> {
    pub on: At<'k, T>,
    pub split: Position,
    pub shares: &'k [Share],
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
        index.entry(payee).or_default().push(Credited { on, split, shares });
    }
}

impl<'k> CreditIndex<'k> {
    /// Everything dated up to `day`.
    pub fn build(view: View<'k>, day: Day) -> CreditIndex<'k> {
        let mut index = CreditIndex::default();
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
            let split = shares_of_signal(view, signal).unwrap_or((signal.position, &[]));
            credit(&mut self.signals, signal, split, shares_ever(view, &subject_of_signal(view, signal)));
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
                Target::Contract(id) => view
                    .knowledge
                    .contract(id.as_str())
                    .filter(|contract| !contract.runs.is_empty())
                    .into_iter()
                    .collect(),
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

    pub fn bookings(&self, payee: &str) -> &[Credited<'k, Booking>] {
        self.bookings.get(payee).map_or(&[], Vec::as_slice)
    }

    pub fn contracts(&self, payee: &str) -> &[&'k Contract] {
        self.contracts.get(payee).map_or(&[], Vec::as_slice)
    }

    /// Signals that name no payee and of which this one has a share.
    pub fn signals(&self, payee: &str) -> &[Credited<'k, Signal>] {
        self.signals.get(payee).map_or(&[], Vec::as_slice)
    }
}

/// All shares that were ever recorded of what something is about.
fn shares_ever<'k>(view: View<'k>, subject: &Subject<'k>) -> impl Iterator<Item = &'k Share> + use<'k> {
    let credits = subject.booking.into_iter().flat_map(move |booking| view.credits_ever(&booking.fact.booking));
    let splits: Vec<_> = subject.things.iter().flat_map(|thing| view.splits_ever(thing)).collect();
    credits.chain(splits.into_iter().flat_map(|split| &split.shares))
}

/// A signal item has the booking that its signal names, and that booking's contract and account.
pub fn subject_of_signal<'k>(view: View<'k>, signal: At<'k, Signal>) -> Subject<'k> {
    let fact = signal.fact;
    if let Some(booking) = fact.booking.as_ref().and_then(|id| view.booking(id.as_str())) {
        return Subject::of_booking(booking);
    }
    if let Some(contract) = &fact.contract {
        let known = view.knowledge.contract(contract.as_str()).map(|contract| contract.account.clone());
        if let Some(account) = known.or_else(|| fact.account.clone()) {
            return Subject::of_contract(contract, &account);
        }
    }
    Subject { booking: None, things: narrowest(fact).into_iter().collect(), account: fact.account.clone() }
}

/// The shares of a signal on the thing that it is on (calculation.md 2).
fn shares_of_signal<'k>(view: View<'k>, signal: At<'k, Signal>) -> Option<(Position, &'k [Share])> {
    let (fact, day) = (signal.fact, signal.fact.at);
    if let Some(id) = &fact.booking {
        if let Some(booking) = view.booking(id.as_str()) {
            return view.shares_of_booking(booking, day);
        }
        // A booking that nobody has recorded has no contract or account but those that the signal names.
        if let Some(split) = view.split_on(&Target::Booking(id.clone()), day) {
            return Some(split);
        }
    }
    if let Some(id) = &fact.contract {
        let account = match view.knowledge.contract(id.as_str()) {
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
