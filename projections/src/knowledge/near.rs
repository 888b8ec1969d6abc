//! Which bookings and signals may count for a payee: those that name it, and those on anything of which it was ever given a
//! share. They are found as facts come in, so that a close looks at those of its days and not through all that a payee was
//! ever given. There may be too many: who has a share, and from where to where in the log, is asked of the facts themselves.

use std::collections::BTreeSet;

use ledger::fact::{Body, Booking, CreditSplit, Signal, SplitTarget, VariantOf};
use ledger::id::{AccountId, BookingId, ContractId, PayeeId};

use super::{Knowledge, things_named};
use crate::position::FactIndex;

/// Facts, and payees to whom they are to be near.
#[derive(Default)]
struct Near {
    payees: BTreeSet<PayeeId>,
    bookings: Vec<FactIndex>,
    signals: Vec<FactIndex>,
}

impl Knowledge {
    /// Of a fact that was just filed.
    pub(super) fn bring_near(&mut self, index: FactIndex) {
        let near = match &self.fact(index).fact.body {
            Body::Booking(booking) => self.near_booking(booking),
            Body::CreditSplit(split) => {
                let earlier = self.splits.get(&split.on).into_iter().flatten().filter(|known| **known != index);
                let known: BTreeSet<&PayeeId> = earlier.flat_map(|split| self.payees_of(*split)).collect();
                let payees = self.payees_of(index).filter(|payee| !known.contains(payee));
                self.near_thing(payees.cloned().collect(), &split.on)
            }
            Body::Signal(signal) => {
                Near { payees: self.payees_near(signal).cloned().collect(), bookings: Vec::new(), signals: vec![index] }
            }
            Body::Payee(_)
            | Body::Account(_)
            | Body::Assignment(_)
            | Body::AssignmentEnd(_)
            | Body::Quota(_)
            | Body::OpeningBalance(_)
            | Body::Adjustment(_)
            | Body::Cancellation(_)
            | Body::ExchangeRate(_)
            | Body::Retraction(_)
            | Body::UsageSnapshot(_) => return,
        };
        self.bring(near);
    }

    /// Signals may name a contract before anything is on it.
    pub(super) fn bring_near_contract(&mut self, id: &ContractId, account: &AccountId) {
        let signals = self.signals_naming(&SplitTarget::Contract(id.clone())).to_vec();
        if !signals.is_empty() {
            let payees = self.payees_on(&SplitTarget::Account(account.clone())).cloned().collect();
            self.bring(Near { payees, bookings: Vec::new(), signals });
        }
    }

    fn bring(&mut self, Near { payees, bookings, signals }: Near) {
        let Knowledge { payees: known, fact_days, .. } = self;
        let dated = |index: FactIndex| fact_days[index as usize];
        for payee in payees {
            let payee = known.get_mut(&payee).expect("a payee is known with the first fact that names it");
            bookings.iter().for_each(|index| payee.bookings.insert(dated(*index), *index));
            signals.iter().for_each(|index| payee.near_signals.insert(dated(*index), *index));
        }
    }

    /// All versions of a booking, and what names it: near to whoever has credit of any.
    fn near_booking(&self, booking: &Booking) -> Near {
        let id = &booking.booking;
        Near {
            payees: self.payees_of_booking(id).cloned().collect(),
            bookings: self.versions(id).to_vec(),
            signals: self.signals_naming(&SplitTarget::Booking(id.clone())).to_vec(),
        }
    }

    /// What is on a thing, however far below it.
    fn near_thing(&self, payees: BTreeSet<PayeeId>, thing: &SplitTarget) -> Near {
        let mut near = Near { payees, ..Near::default() };
        if near.payees.is_empty() {
            return near;
        }
        near.signals.extend(self.signals_naming(thing));
        match thing {
            SplitTarget::Booking(id) => near.bookings.extend(self.versions(id)),
            SplitTarget::Contract(id) => {
                let contracts = self.contracts_named(id.as_str());
                near.bookings.extend(contracts.flat_map(|contract| &contract.bookings));
            }
            SplitTarget::Account(id) => {
                for contract in self.contracts_of(id) {
                    near.signals.extend(self.signals_naming(&SplitTarget::Contract(contract.id.clone())));
                    near.bookings.extend(&contract.bookings);
                }
            }
        }
        for index in &near.bookings {
            if let Body::Booking(booking) = &self.fact(*index).fact.body {
                near.signals.extend(self.signals_naming(&SplitTarget::Booking(booking.booking.clone())));
            }
        }
        near
    }

    fn payees_near<'k>(&'k self, signal: &Signal) -> impl Iterator<Item = &'k PayeeId> + use<'k> {
        let contracts = signal.contract.iter().flat_map(|id| self.contracts_named(id.as_str()));
        let accounts = contracts.map(|contract| SplitTarget::Account(contract.account.clone()));
        let things: Vec<SplitTarget> = things_named(signal).chain(accounts).collect();
        let of_booking = signal.booking.iter().flat_map(|id| self.payees_of_booking(id));
        let of_booking: Vec<&PayeeId> = of_booking.collect();
        things.into_iter().flat_map(|thing| self.payees_on(&thing)).chain(of_booking)
    }

    /// Whoever was ever given a share of a booking, in any of its versions.
    fn payees_of_booking<'k>(&'k self, id: &BookingId) -> impl Iterator<Item = &'k PayeeId> + use<'k> {
        let mut things = vec![SplitTarget::Booking(id.clone())];
        for index in self.versions(id) {
            if let Body::Booking(booking) = &self.fact(*index).fact.body {
                let contract = ContractId::new(booking.contract()).expect("a booking's contract is a name");
                things.extend([SplitTarget::Contract(contract), SplitTarget::Account(booking.account.clone())]);
            }
        }
        let own = self.versions(id).iter().flat_map(|index| self.payees_of(*index));
        own.chain(things.into_iter().flat_map(|thing| self.payees_on(&thing)))
    }

    fn versions(&self, id: &BookingId) -> &[FactIndex] {
        self.bookings.get(id).map_or(&[], Vec::as_slice)
    }

    /// Whoever was ever given a share of a thing by a split on it.
    fn payees_on<'k>(&'k self, thing: &SplitTarget) -> impl Iterator<Item = &'k PayeeId> + use<'k> {
        let splits = self.splits.get(thing).into_iter().flatten();
        splits.flat_map(|split| self.payees_of(*split))
    }

    /// Those to whom a fact gives a share.
    fn payees_of(&self, index: FactIndex) -> impl Iterator<Item = &PayeeId> {
        let body = &self.fact(index).fact.body;
        let split = CreditSplit::of(body).map(|split| split.shares.as_slice());
        let shares = split.or_else(|| Booking::of(body)?.credit.as_deref()).unwrap_or_default();
        shares.iter().map(|share| &share.payee)
    }
}
