//! A payee, those on whose credit it is paid, and the contracts of which any of them was ever given credit: found once for
//! all components.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;

use ledger::fact::{Body, CreditSplit, SplitTarget, VariantOf};
use ledger::id::{AccountId, BookingId, ContractId};
use projections::knowledge::{Contract, Knowledge, PayeeFacts};
use projections::view::View;

use crate::group::Groups;
use crate::plan::Credit;

pub struct Given<'k> {
    /// The payee and those on whose credit it is paid, at any time.
    pub members: BTreeSet<&'k str>,
    contracts: OnceCell<Vec<&'k Contract>>,
}

impl<'k> Given<'k> {
    /// What is known of each of the members.
    pub fn facts(&self, knowledge: &'k Knowledge) -> impl Iterator<Item = &'k PayeeFacts> {
        self.members.iter().filter_map(|member| knowledge.payees.get(*member))
    }

    /// Contracts whose usage may count, ordered by id.
    pub fn contracts(&self, view: View<'k>) -> &[&'k Contract] {
        self.contracts.get_or_init(|| {
            let knowledge = view.knowledge;
            let splits = self.facts(knowledge).flat_map(|facts| &facts.splits).map(|index| knowledge.fact(*index));
            let mut contracts: Vec<&'k Contract> = Vec::new();
            for known in splits.filter(|known| view.visibility.includes(known.position)) {
                match CreditSplit::of(&known.fact.body).map(|split| &split.on) {
                    Some(SplitTarget::Contract(id)) => contracts.extend(knowledge.contracts_named(id.as_str())),
                    Some(SplitTarget::Account(id)) => contracts.extend(knowledge.contracts_of(id)),
                    Some(SplitTarget::Booking(_)) | None => {}
                }
            }
            // Many splits are on one contract; no entry named two of them first.
            contracts.sort_by_key(|contract: &&Contract| contract.since);
            contracts.dedup_by(|a, b| std::ptr::eq(*a, *b));
            used(view, contracts)
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
            for index in facts.splits.iter().chain(&facts.credits).chain(&facts.signals) {
                match &knowledge.fact(*index).fact.body {
                    Body::Booking(booking) => ever.booking(knowledge, &booking.booking),
                    Body::CreditSplit(split) => match &split.on {
                        SplitTarget::Booking(id) => ever.booking(knowledge, id),
                        SplitTarget::Contract(id) => ever.contract(knowledge, id.as_str()),
                        SplitTarget::Account(id) => drop(ever.accounts.insert(id)),
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
            for index in knowledge.signals_naming(&SplitTarget::Account((*account).clone())) {
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
    pub fn get(&self, groups: &Groups<'k>, payee: &'k str, credit: &Credit) -> Rc<Given<'k>> {
        let place = match credit {
            Credit::Roles(_) => 0,
            Credit::Reports => 1,
            Credit::Team => 2,
        };
        let mut of = self.of.borrow_mut();
        if of.0 != payee {
            *of = (payee, Default::default());
        }
        of.1[place]
            .get_or_insert_with(|| {
                let members = groups.members_ever(payee, credit);
                Rc::new(Given { members, contracts: OnceCell::new() })
            })
            .clone()
    }
}
