//! Everything of which a payee, or those on whose credit it is paid, were ever given credit: found once for all components.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;

use ledger::fact::{Body, Target};
use ledger::id::{AccountId, BookingId, ContractId};
use projections::knowledge::{Contract, FactIndex, Knowledge};
use projections::view::View;

use crate::group::Groups;
use crate::plan::Credit;

pub struct Given<'k> {
    /// The payee and those on whose credit it is paid, at any time.
    pub members: BTreeSet<&'k str>,
    /// What splits were on, one and the same perhaps several times.
    targets: Vec<&'k Target>,
    /// Contracts whose usage may count, ordered by id.
    pub contracts: Vec<&'k Contract>,
    /// Every version of every booking that may count, ascending.
    pub bookings: Vec<FactIndex>,
    signals: OnceCell<Vec<&'k [FactIndex]>>,
}

impl<'k> Given<'k> {
    fn of(view: View<'k>, members: BTreeSet<&'k str>) -> Given<'k> {
        let knowledge = view.knowledge;
        let (mut targets, mut bookings, mut contracts) = (Vec::new(), Vec::new(), Vec::new());
        let credits =
            members.iter().filter_map(|member| knowledge.payees.get(*member)).flat_map(|facts| &facts.credits);
        for index in credits {
            let known = knowledge.fact(*index);
            match &known.fact.body {
                _ if !view.sees.sees(known.position) => {}
                Body::Booking(_) => bookings.push(*index),
                Body::CreditSplit(split) => targets.push(&split.on),
                _ => {}
            }
        }
        for target in &targets {
            match target {
                Target::Booking(id) => bookings.extend(knowledge.bookings.get(id).into_iter().flatten()),
                Target::Contract(id) => contracts.extend(knowledge.contracts_named(id.as_str())),
                Target::Account(id) => contracts.extend(knowledge.contracts_of(id)),
            }
        }
        // Many splits are on one contract; no entry named two of them first.
        contracts.sort_by_key(|contract: &&Contract| contract.since);
        contracts.dedup_by(|a, b| std::ptr::eq(*a, *b));
        bookings.extend(contracts.iter().flat_map(|contract| &contract.bookings));
        bookings.sort();
        bookings.dedup();
        Given { members, targets, contracts: used(view, contracts), bookings, signals: OnceCell::new() }
    }

    /// Signals that name any of it, in lists of which several may have one and the same.
    pub fn signals(&self, knowledge: &'k Knowledge) -> &[&'k [FactIndex]] {
        self.signals.get_or_init(|| {
            let mut signals: Vec<&'k [FactIndex]> = Vec::new();
            let mut add = |target: &Target| match knowledge.signals_naming(target) {
                [] => {}
                named => signals.push(named),
            };
            for target in &self.targets {
                add(target);
                if let Target::Account(id) = target {
                    knowledge.contracts_of(id).for_each(|contract| add(&Target::Contract(contract.id.clone())));
                }
            }
            for index in &self.bookings {
                if let Body::Booking(booking) = &knowledge.fact(*index).fact.body {
                    add(&Target::Booking(booking.booking.clone()));
                }
            }
            signals
        })
    }
}

/// Of what a payee, or those on whose credit it is paid, were ever given credit, whatever has become of it.
#[derive(Default)]
pub struct Ever<'k> {
    pub accounts: BTreeSet<&'k AccountId>,
    /// By id: what stands on one may come to stand on another account.
    pub contracts: BTreeSet<&'k str>,
}

impl<'k> Ever<'k> {
    pub fn of<'c>(view: View<'k>, payee: &'k str, credits: impl Iterator<Item = &'c Credit>) -> Ever<'k> {
        let (knowledge, groups) = (view.knowledge, Groups::ever(view));
        let members: BTreeSet<&'k str> = credits.flat_map(|credit| groups.members_ever(payee, credit)).collect();
        let mut ever = Ever::default();
        for facts in members.iter().filter_map(|member| knowledge.payees.get(*member)) {
            for index in facts.credits.iter().chain(&facts.signals) {
                match &knowledge.fact(*index).fact.body {
                    Body::Booking(booking) => ever.booking(knowledge, &booking.booking),
                    Body::CreditSplit(split) => match &split.on {
                        Target::Booking(id) => ever.booking(knowledge, id),
                        Target::Contract(id) => ever.contract(knowledge, id.as_str()),
                        Target::Account(id) => drop(ever.accounts.insert(id)),
                    },
                    Body::Signal(signal) => {
                        signal.booking.iter().for_each(|id| ever.booking(knowledge, id));
                        signal.contract.iter().for_each(|id| ever.contract(knowledge, id.as_str()));
                        ever.accounts.extend(&signal.account);
                    }
                    _ => {}
                }
            }
        }
        for account in &ever.accounts {
            ever.contracts.extend(knowledge.contracts_of(account).map(|contract| contract.id.as_str()));
            for index in knowledge.signals_naming(&Target::Account((*account).clone())) {
                if let Body::Signal(signal) = &knowledge.fact(*index).fact.body {
                    ever.contracts.extend(signal.contract.as_ref().map(ContractId::as_str));
                }
            }
        }
        ever
    }

    /// In all its versions.
    fn booking(&mut self, knowledge: &'k Knowledge, id: &BookingId) {
        for index in knowledge.bookings.get(id).into_iter().flatten() {
            if let Body::Booking(booking) = &knowledge.fact(*index).fact.body {
                self.accounts.insert(&booking.account);
                self.contracts.insert(booking.contract());
            }
        }
    }

    fn contract(&mut self, knowledge: &'k Knowledge, id: &'k str) {
        self.contracts.insert(id);
        self.accounts.extend(knowledge.contracts_named(id).map(|contract| &contract.account));
    }
}

/// Those with usage. Splits that were replaced count here too: an item that comes to nothing is still an item. Of a contract
/// that went from one account to another, the one that is used counts.
fn used<'k>(view: View<'k>, mut contracts: Vec<&'k Contract>) -> Vec<&'k Contract> {
    contracts.retain(|contract| !contract.runs.is_empty());
    contracts.sort_by(|a, b| a.id.cmp(&b.id));
    contracts.dedup_by(|a, b| a.id == b.id);
    for contract in &mut contracts {
        if contract.is_one_of_several {
            *contract = view.contract(contract.id.as_str()).unwrap_or(contract);
        }
    }
    contracts
}

/// What was found of the payee that is being worked out.
#[derive(Default)]
pub struct Found<'k> {
    of: RefCell<(&'k str, [Option<Rc<Given<'k>>>; 3])>,
}

impl<'k> Found<'k> {
    pub fn get(&self, view: View<'k>, groups: &Groups<'k>, payee: &'k str, credit: &Credit) -> Rc<Given<'k>> {
        let place = match credit {
            Credit::Roles(_) => 0,
            Credit::Reports => 1,
            Credit::Team => 2,
        };
        let mut of = self.of.borrow_mut();
        if of.0 != payee {
            *of = (payee, Default::default());
        }
        of.1[place].get_or_insert_with(|| Rc::new(Given::of(view, groups.members_ever(payee, credit)))).clone()
    }
}
