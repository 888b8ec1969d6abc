//! For each payee, an index by date of the bookings and signals that may count for it.
//!
//! These are the ones that name the payee, and the ones on anything that it was ever given a share of. The index
//! grows as facts are folded in, so that a close looks only at facts of its days. It may have too many facts: the
//! credit graph says who has a share in a view.

use std::collections::BTreeSet;
use std::sync::Arc;

use ledger::fact::{Body, Booking, SplitTarget};
use ledger::id::{AccountId, ContractId, PayeeId};

use super::Knowledge;
use crate::credit_graph::{CreditGraph, payees_of_fact};
use crate::position::FactIndex;

/// Bookings and signals, and the payees for whom they may count.
#[derive(Default)]
struct Candidates {
    payees: BTreeSet<PayeeId>,
    bookings: Vec<FactIndex>,
    signals: Vec<FactIndex>,
}

impl Knowledge {
    /// Adds what a new fact makes a candidate, to the payees for whom it may count.
    pub(super) fn index_candidates(&mut self, index: FactIndex) {
        let candidates = match &self.fact(index).fact.body {
            Body::Booking(booking) => self.candidates_of_booking(booking),
            Body::CreditSplit(split) => {
                let earlier = self.splits.get(&split.on).into_iter().flatten().filter(|known| **known != index);
                let known: BTreeSet<&PayeeId> =
                    earlier.flat_map(|split| payees_of_fact(&self.fact(*split).fact.body)).collect();
                let payees = split.shares.iter().map(|share| &share.payee).filter(|payee| !known.contains(payee));
                self.candidates_on(payees.cloned().collect(), &split.on)
            }
            Body::Signal(signal) => {
                let payees = CreditGraph::of_all(self).payees_of_signal(signal).cloned().collect();
                Candidates { payees, bookings: Vec::new(), signals: vec![index] }
            }
            Body::Payee(_)
            | Body::Account(_)
            | Body::Assignment(_)
            | Body::AssignmentEnd(_)
            | Body::Quota(_)
            | Body::OpeningBalance(_)
            | Body::Adjustment(_)
            | Body::Cancellation(_)
            | Body::CreditNote(_)
            | Body::ExchangeRate(_)
            | Body::Retraction(_)
            | Body::UsageComplete(_)
            | Body::UsageSnapshot(_) => return,
        };
        self.add_candidates(candidates);
    }

    /// A signal may name a contract before anything is on it. When the contract appears, its signals become
    /// candidates for payees with credit of its account.
    pub(super) fn index_candidates_of_contract(&mut self, id: &ContractId, account: &AccountId) {
        let signals = self.signals_naming(&SplitTarget::Contract(id.clone())).to_vec();
        if !signals.is_empty() {
            let on_account = CreditGraph::of_all(self).payees_of_splits(&SplitTarget::Account(account.clone()));
            let payees = on_account.cloned().collect();
            self.add_candidates(Candidates { payees, bookings: Vec::new(), signals });
        }
    }

    fn add_candidates(&mut self, Candidates { payees, bookings, signals }: Candidates) {
        let Knowledge { payees: known, fact_days, .. } = self;
        let dated = |index: FactIndex| fact_days[index as usize];
        let known = Arc::make_mut(known);
        for payee in payees {
            let payee = known.get_mut(&payee).expect("BUG: a payee with a share is unknown");
            let payee = Arc::make_mut(payee);
            bookings.iter().for_each(|index| payee.candidate_bookings.insert(dated(*index), *index));
            signals.iter().for_each(|index| payee.candidate_signals.insert(dated(*index), *index));
        }
    }

    /// All versions of a booking and the signals that name it, for every payee that ever had a share of any version.
    fn candidates_of_booking(&self, booking: &Booking) -> Candidates {
        let id = &booking.booking;
        Candidates {
            payees: CreditGraph::of_all(self).payees_of_booking(id).cloned().collect(),
            bookings: self.bookings.get(id).cloned().unwrap_or_default(),
            signals: self.signals_naming(&SplitTarget::Booking(id.clone())).to_vec(),
        }
    }

    /// The bookings and signals on a thing or on anything below it, for payees that are new to it.
    fn candidates_on(&self, payees: BTreeSet<PayeeId>, thing: &SplitTarget) -> Candidates {
        let mut candidates = Candidates { payees, ..Candidates::default() };
        if candidates.payees.is_empty() {
            return candidates;
        }
        candidates.signals.extend(self.signals_naming(thing));
        match thing {
            SplitTarget::Booking(id) => candidates.bookings.extend(self.bookings.get(id).into_iter().flatten()),
            SplitTarget::Contract(id) => {
                let contracts = self.contracts_named(id.as_str());
                candidates.bookings.extend(contracts.flat_map(|contract| &contract.bookings));
            }
            SplitTarget::Account(id) => {
                for contract in self.contracts_of(id) {
                    candidates.signals.extend(self.signals_naming(&SplitTarget::Contract(contract.id.clone())));
                    candidates.bookings.extend(&contract.bookings);
                }
            }
        }
        for index in &candidates.bookings {
            if let Body::Booking(booking) = &self.fact(*index).fact.body {
                candidates.signals.extend(self.signals_naming(&SplitTarget::Booking(booking.booking.clone())));
            }
        }
        candidates
    }
}
