//! Who has credit of what (calculation.md 2, 4), asked in both directions: the payees that have a share of a booking,
//! contract, account or signal, and the things that a payee has a share of.
//!
//! *Ever* means: by any entry that the view includes, also one that a later entry replaced or retracted. A payee may
//! be listed more than once. *On a day* means: by the facts in force in the view.

use std::collections::BTreeSet;

use ledger::date::Day;
use ledger::fact::{Booking, CreditSplit, Share, Signal, SplitTarget, VariantOf};
use ledger::id::{AccountId, BookingId, ContractId, PayeeId};

use crate::knowledge::{Contract, Knowledge, PayeeFacts, things_named};
use crate::position::Position;
use crate::view::{FactRef, View, reads};

/// The shares that facts give to payees, as a graph of payees and things.
#[derive(Copy, Clone)]
pub struct CreditGraph<'k> {
    view: View<'k>,
}

/// A fact that gave a payee credit, by what it gave credit of.
#[derive(Copy, Clone)]
pub enum Grant<'k> {
    /// The credit of a booking itself, or a split on it.
    Booking(&'k BookingId),
    /// A split on a contract.
    Contract(&'k ContractId),
    /// A split on an account.
    Account(&'k AccountId),
    /// A signal that names the payee.
    Signal(&'k Signal),
}

/// A fact that gives credit of a booking or a contract on a day; of several the first in the order of calculation.md 2 counts alone.
#[derive(Copy, Clone, Debug)]
pub struct CreditSource<'k> {
    /// What it is: `booking` for a booking's own credit, or what it is a split on.
    pub source: &'static str,
    /// Its entry.
    pub position: Position,
    /// The shares that it gives.
    pub shares: &'k [Share],
}

impl<'k> CreditSource<'k> {
    fn of(source: &'static str, found: Option<(Position, &'k [Share])>) -> Option<CreditSource<'k>> {
        found.map(|(position, shares)| CreditSource { source, position, shares })
    }
}

/// Accounts and contracts of which some payees ever had a share.
#[derive(Default)]
pub struct CreditedThings<'k> {
    /// Accounts of the things that the payees were given credit of.
    pub accounts: BTreeSet<&'k AccountId>,
    /// By id, of whatever account: a contract may move from one account to another.
    pub contracts: BTreeSet<&'k str>,
}

impl<'k> CreditGraph<'k> {
    /// The credit that a view includes.
    pub fn of(view: View<'k>) -> CreditGraph<'k> {
        CreditGraph { view }
    }

    /// The credit in everything that was ever recorded.
    pub fn of_all(knowledge: &'k Knowledge) -> CreditGraph<'k> {
        CreditGraph::of(View::new(knowledge, u64::MAX))
    }

    // Payees that ever had a share of a thing ------------------------------------------------------------------------

    /// Payees that a split on exactly this thing ever named.
    pub fn payees_of_splits(self, thing: &SplitTarget) -> impl Iterator<Item = &'k PayeeId> + use<'k> {
        let list = self.view.knowledge.splits.get(thing).map_or(&[][..], Vec::as_slice);
        self.view.recorded::<CreditSplit>(list).flat_map(|split| &split.fact.shares).map(|share| &share.payee)
    }

    /// Payees that the booking's own credit named, in any of its versions.
    fn payees_of_own_credit(self, booking: &str) -> impl Iterator<Item = &'k PayeeId> + use<'k> {
        let shares = self.view.booking_versions(booking).filter_map(|version| version.fact.credit.as_deref());
        shares.flatten().map(|share| &share.payee)
    }

    /// Payees that ever had a share of a booking on the contract and account of one of its versions: by the booking's own
    /// credit, or by a split on the booking, that contract or that account.
    pub fn payees_of_version(self, version: &Booking) -> impl Iterator<Item = &'k PayeeId> + use<'k> {
        let own = self.payees_of_own_credit(version.booking.as_str());
        let on_booking = self.payees_of_splits(&SplitTarget::Booking(version.booking.clone()));
        own.chain(on_booking).chain(self.payees_beyond(version))
    }

    /// Payees that ever had a share of a booking, on the contracts and accounts of all of its versions.
    pub fn payees_of_booking(self, id: &BookingId) -> impl Iterator<Item = &'k PayeeId> + use<'k> {
        let own = self.payees_of_own_credit(id.as_str());
        let on_booking = self.payees_of_splits(&SplitTarget::Booking(id.clone()));
        let versions = self.view.booking_versions(id.as_str());
        own.chain(on_booking).chain(versions.flat_map(move |version| self.payees_beyond(version.fact)))
    }

    /// Payees that splits on the contract or account of a version of a booking ever named.
    fn payees_beyond(self, version: &Booking) -> impl Iterator<Item = &'k PayeeId> + use<'k> {
        let contract = ContractId::new(version.contract()).expect("BUG: a booking's contract is no name");
        let on_contract = self.payees_of_splits(&SplitTarget::Contract(contract));
        on_contract.chain(self.payees_of_splits(&SplitTarget::Account(version.account.clone())))
    }

    /// Payees that ever had a share of a contract's usage: by a split on the contract or on its account.
    pub fn payees_of_contract(self, contract: &Contract) -> impl Iterator<Item = &'k PayeeId> + use<'k> {
        let on_contract = self.payees_of_splits(&SplitTarget::Contract(contract.id.clone()));
        on_contract.chain(self.payees_of_splits(&SplitTarget::Account(contract.account.clone())))
    }

    /// Payees that ever had a share of anything of an account: of the account itself, its contracts, their bookings, and
    /// of signals on any of these, payees that the signals name included.
    pub fn payees_of_account(self, account: &AccountId) -> impl Iterator<Item = &'k PayeeId> + use<'k> {
        let thing = SplitTarget::Account(account.clone());
        let of_contracts = self.view.knowledge.contracts_of(account).flat_map(move |contract| {
            let thing = SplitTarget::Contract(contract.id.clone());
            let of_bookings = self.view.versions_on(contract).flat_map(move |version| {
                let thing = SplitTarget::Booking(version.fact.booking.clone());
                self.payees_of_version(version.fact).chain(self.payees_of_signals(&thing))
            });
            self.payees_of_splits(&thing).chain(self.payees_of_signals(&thing)).chain(of_bookings)
        });
        // A signal may name a contract that is not there yet and has a split already.
        let beside = self.view.signals_naming(&thing).filter_map(|signal| signal.fact.contract.as_ref());
        let beside: BTreeSet<&'k ContractId> = beside.collect();
        let of_beside =
            beside.into_iter().flat_map(move |id| self.payees_of_splits(&SplitTarget::Contract(id.clone())));
        // Or a booking that is not there, or is of another account.
        let of_signals = self.view.signals_naming(&thing).flat_map(move |signal| self.payees_of_signal(signal.fact));
        let own = self.payees_of_splits(&thing).chain(self.payees_of_signals(&thing)).chain(of_signals);
        own.chain(of_contracts).chain(of_beside)
    }

    /// Payees that signals which name a thing name beside it.
    fn payees_of_signals(self, thing: &SplitTarget) -> impl Iterator<Item = &'k PayeeId> + use<'k> {
        self.view.signals_naming(thing).filter_map(|signal| signal.fact.payee.as_ref())
    }

    /// Payees that ever had a share of a signal that names no payee: of any thing that it names, of the accounts of
    /// its contract, and of any version of its booking.
    pub fn payees_of_signal(self, signal: &'k Signal) -> impl Iterator<Item = &'k PayeeId> + use<'k> {
        let named = things_named(signal).flat_map(move |thing| self.payees_of_splits(&thing));
        let contracts = signal.contract.iter().flat_map(move |id| self.view.knowledge.contracts_named(id.as_str()));
        let accounts =
            contracts.flat_map(move |contract| self.payees_of_splits(&SplitTarget::Account(contract.account.clone())));
        let booking = signal.booking.iter().flat_map(move |id| self.payees_of_booking(id));
        named.chain(accounts).chain(booking)
    }

    // Things of which a payee ever had a share -----------------------------------------------------------------------

    /// Every fact that ever gave a payee credit: splits, then bookings, then signals, each in the order of the log.
    pub fn grants(self, facts: &'k PayeeFacts) -> impl Iterator<Item = Grant<'k>> + use<'k> {
        let splits = self.view.recorded::<CreditSplit>(&facts.splits).map(|split| match &split.fact.on {
            SplitTarget::Booking(id) => Grant::Booking(id),
            SplitTarget::Contract(id) => Grant::Contract(id),
            SplitTarget::Account(id) => Grant::Account(id),
        });
        let bookings = self.view.recorded::<Booking>(&facts.credits).map(|known| Grant::Booking(&known.fact.booking));
        let signals = self.view.recorded::<Signal>(&facts.signals).map(|known| Grant::Signal(known.fact));
        splits.chain(bookings).chain(signals)
    }

    /// Contracts whose usage a payee ever had a share of: by a split on the contract or on its account. A contract is
    /// listed once for each such split.
    pub fn contracts_of_payee(self, facts: &'k PayeeFacts) -> impl Iterator<Item = &'k Contract> + use<'k> {
        let knowledge = self.view.knowledge;
        self.view.recorded::<CreditSplit>(&facts.splits).flat_map(move |split| {
            let (contract, account) = match &split.fact.on {
                SplitTarget::Contract(id) => (Some(id), None),
                SplitTarget::Account(id) => (None, Some(id)),
                SplitTarget::Booking(_) => (None, None),
            };
            let named = contract.into_iter().flat_map(move |id| knowledge.contracts_named(id.as_str()));
            named.chain(account.into_iter().flat_map(move |id| knowledge.contracts_of(id)))
        })
    }

    /// Accounts and contracts that any of these payees ever had a share of, with all contracts of such an account,
    /// and contracts that signals name beside it.
    pub fn things_of_payees<'p>(self, payees: impl Iterator<Item = &'p str>) -> CreditedThings<'k> {
        let knowledge = self.view.knowledge;
        let mut things = CreditedThings::default();
        for facts in payees.filter_map(|payee| knowledge.payees.get(payee)) {
            for grant in self.grants(facts) {
                match grant {
                    Grant::Booking(id) => self.add_booking(&mut things, id),
                    Grant::Contract(id) => self.add_contract(&mut things, id),
                    Grant::Account(id) => _ = things.accounts.insert(id),
                    Grant::Signal(signal) => {
                        signal.booking.iter().for_each(|id| self.add_booking(&mut things, id));
                        signal.contract.iter().for_each(|id| self.add_contract(&mut things, id));
                        things.accounts.extend(&signal.account);
                    }
                }
            }
        }
        for account in &things.accounts {
            things.contracts.extend(knowledge.contracts_of(account).map(|contract| contract.id.as_str()));
            let signals = self.view.signals_naming(&SplitTarget::Account((*account).clone()));
            things.contracts.extend(signals.filter_map(|signal| signal.fact.contract.as_ref()).map(ContractId::as_str));
        }
        things
    }

    /// Adds the accounts and contracts of all versions of a booking.
    fn add_booking(self, things: &mut CreditedThings<'k>, id: &BookingId) {
        for version in self.view.booking_versions(id.as_str()) {
            things.accounts.insert(&version.fact.account);
            things.contracts.insert(version.fact.contract());
        }
    }

    fn add_contract(self, things: &mut CreditedThings<'k>, id: &'k ContractId) {
        things.contracts.insert(id.as_str());
        things.accounts.extend(self.view.knowledge.contracts_named(id.as_str()).map(|contract| &contract.account));
    }

    // Shares on a day ------------------------------------------------------------------------------------------------

    /// Splits on exactly this thing that are in force on any day of `from ..= to`, ascending by date.
    pub fn splits_between(self, thing: &SplitTarget, from: Day, to: Day) -> Vec<FactRef<'k, CreditSplit>> {
        self.record_splits(thing, from, to);
        let mut splits = Vec::new();
        for split in self.splits_back(thing, to) {
            splits.push(split);
            if split.fact.at <= from {
                break;
            }
        }
        splits.reverse();
        splits
    }

    /// Counts splits as read that decide who has credit on `from ..= to`: the one in force on the first day, and all that are
    /// dated behind it.
    fn record_splits(self, thing: &SplitTarget, from: Day, to: Day) {
        if !reads::is_recording() {
            return;
        }
        let first = self.splits_back(thing, from).next().map(|split| split.fact.at);
        let list = self.view.knowledge.splits.get(thing).map_or(&[][..], Vec::as_slice);
        self.view
            .record_matching(list, |split: &CreditSplit| split.at <= to && first.is_none_or(|first| split.at >= first));
    }

    /// Splits in force on exactly this thing dated up to a day, the latest first.
    fn splits_back(self, thing: &SplitTarget, to: Day) -> impl Iterator<Item = FactRef<'k, CreditSplit>> + use<'k> {
        let knowledge = self.view.knowledge;
        let list = knowledge.splits.get(thing).map_or(&[][..], Vec::as_slice);
        let behind = list.partition_point(|index| knowledge.day_of(*index) <= Some(to));
        self.view.typed::<CreditSplit>(&list[..behind]).rev()
    }

    /// The shares of the split on exactly this thing that is in force on a day, and its position.
    fn split_on(self, thing: &SplitTarget, day: Day) -> Option<(Position, &'k [Share])> {
        self.record_splits(thing, day, day);
        let split = self.splits_back(thing, day).next()?;
        Some((split.position, &split.fact.shares))
    }

    /// Everything that gives credit of a booking on a day, what is in force first: its own credit and the splits on it, on its contract and
    /// on its account.
    pub fn sources_of_booking(self, booking: FactRef<'k, Booking>, day: Day) -> Vec<CreditSource<'k>> {
        let fact = booking.fact;
        let own = fact.credit.as_deref().filter(|_| fact.at <= day).map(|shares| (booking.position, shares));
        let on_booking = self.split_on(&SplitTarget::Booking(fact.booking.clone()), day);
        let winner = self.shares_of_booking(booking, day).map(|(position, _)| position);
        let mut sources: Vec<CreditSource<'k>> =
            [CreditSource::of("booking", own), CreditSource::of("split on booking", on_booking)]
                .into_iter()
                .flatten()
                .collect();
        sources.extend(self.sources_of_contract(fact.contract(), fact.account.as_str(), day));
        sources.sort_by_key(|source| Some(source.position) != winner);
        sources
    }

    /// Everything that gives credit of a contract's usage on a day, what is in force first: the splits on it and on its account.
    pub fn sources_of_contract(self, contract: &str, account: &str, day: Day) -> Vec<CreditSource<'k>> {
        let on_contract = ContractId::new(contract).and_then(|id| self.split_on(&SplitTarget::Contract(id), day));
        let on_account = self.shares_of_account(account, day);
        [CreditSource::of("split on contract", on_contract), CreditSource::of("split on account", on_account)]
            .into_iter()
            .flatten()
            .collect()
    }

    /// The shares of a booking in force on a day, and the position of the entry that gives them: its own, else its
    /// contract's, else its account's (calculation.md 2). `None` if there are none.
    pub fn shares_of_booking(self, booking: FactRef<'k, Booking>, day: Day) -> Option<(Position, &'k [Share])> {
        let fact = booking.fact;
        let own = self.split_on(&SplitTarget::Booking(fact.booking.clone()), day);
        // The booking's credit is a split on it, dated as the booking.
        let credit = fact.credit.as_deref().filter(|_| fact.at <= day).map(|shares| (booking.position, shares));
        let own = match (own, credit) {
            (Some(split), Some(credit)) => {
                let dated = self.view.knowledge.fact_at(split.0).and_then(|known| known.fact.body.at());
                Some(if (dated, split.0) >= (Some(fact.at), credit.0) { split } else { credit })
            }
            (own, credit) => own.or(credit),
        };
        own.or_else(|| self.shares_of_contract(fact.contract(), fact.account.as_str(), day))
    }

    /// The shares of a contract in force on a day, and the position of the entry that gives them: its own, else its
    /// account's.
    pub fn shares_of_contract(self, contract: &str, account: &str, day: Day) -> Option<(Position, &'k [Share])> {
        let on_contract = ContractId::new(contract).and_then(|id| self.split_on(&SplitTarget::Contract(id), day));
        on_contract.or_else(|| self.shares_of_account(account, day))
    }

    /// The shares of an account in force on a day, and the position of the entry that gives them.
    pub fn shares_of_account(self, account: &str, day: Day) -> Option<(Position, &'k [Share])> {
        self.split_on(&SplitTarget::Account(AccountId::new(account)?), day)
    }

    /// The shares of a signal on the narrowest thing that it names, on the signal's date, and the position of the
    /// entry that gives them (calculation.md 2). `None` if it is on a booking that is not in force or is dated after
    /// `by`.
    pub fn shares_of_signal(self, signal: &Signal, by: Day) -> Option<(Position, &'k [Share])> {
        if let Some(id) = &signal.booking {
            return self.shares_of_booking(self.view.booking_by(id.as_str(), by)?, signal.at);
        }
        if let Some(id) = &signal.contract {
            let account = match self.view.contract(id.as_str()) {
                Some(contract) => contract.account.as_str(),
                None => signal.account.as_ref().map_or("", AccountId::as_str),
            };
            return self.shares_of_contract(id.as_str(), account, signal.at);
        }
        self.shares_of_account(signal.account.as_ref()?.as_str(), signal.at)
    }
}

/// Payees to whom a fact gives a share: a split, or a booking with credit of its own.
pub fn payees_of_fact(body: &ledger::fact::Body) -> impl Iterator<Item = &PayeeId> {
    let split = CreditSplit::of(body).map(|split| split.shares.as_slice());
    let shares = split.or_else(|| Booking::of(body)?.credit.as_deref()).unwrap_or_default();
    shares.iter().map(|share| &share.payee)
}
