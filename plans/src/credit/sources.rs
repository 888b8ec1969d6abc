//! The payees whose credit counts for one payee, and the contracts that they were ever credited with. Computed once
//! for all components of the payee.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;

use ledger::id::PayeeId;
use projections::credit_graph::{CreditGraph, CreditedThings};
use projections::knowledge::{Contract, Knowledge, PayeeFacts};
use projections::view::View;
use projections::view::reads::is_recording;

use crate::credit::hierarchy::CreditHierarchy;
use crate::plan::Credit;

/// The payees whose shares may count for one payee, and their contracts.
pub struct CreditSources<'k> {
    /// The payee and everybody whose shares may count for it on any day.
    pub members: BTreeSet<&'k str>,
    contracts: OnceCell<Vec<&'k Contract>>,
}

impl<'k> CreditSources<'k> {
    /// What is known of each member.
    pub fn facts(&self, knowledge: &'k Knowledge) -> impl Iterator<Item = &'k PayeeFacts> {
        self.members.iter().filter_map(|member| knowledge.payees.get(*member).map(|facts| &**facts))
    }

    /// Contracts whose usage may count, ordered by id. Each id is there once.
    pub fn contracts(&self, view: View<'k>) -> &[&'k Contract] {
        self.contracts.get_or_init(|| {
            let graph = CreditGraph::of(view);
            let granted = self.facts(view.knowledge).flat_map(|facts| graph.contracts_of_payee(facts));
            let mut contracts: Vec<&'k Contract> = granted.collect();
            // Several splits may be on one contract. An entry creates at most one contract, so `since` tells them
            // apart.
            contracts.sort_by_key(|contract| contract.since);
            contracts.dedup_by(|a, b| std::ptr::eq(*a, *b));
            let mut used = used(view, contracts);
            if is_recording() {
                // An id may stand for a contract of an account of which none of the members ever had credit. It amounts to
                // nothing, so that nothing that it makes the evaluation read decides anything.
                let is_member = |payee: &PayeeId| self.members.contains(payee.as_str());
                used.retain(|contract| graph.payees_of_contract(contract).any(is_member));
            }
            used
        })
    }
}

/// Accounts and contracts that a payee, or anybody whose credit counts for it, was ever credited with, by any entry
/// of the log, in force or not.
pub fn things_ever_credited<'k, 'c>(
    view: View<'k>,
    payee: &'k str,
    credits: impl Iterator<Item = &'c Credit>,
) -> CreditedThings<'k> {
    let hierarchy = CreditHierarchy::ever(view);
    let members: BTreeSet<&'k str> = credits.flat_map(|credit| hierarchy.members_ever(payee, credit)).collect();
    CreditGraph::of_all(view.knowledge).things_of_payees(members.into_iter())
}

/// The contracts with usage. Splits that were replaced count here too, because an item of value 0 is still an item.
/// Of contracts with one id in several accounts, the one that is in use counts.
fn used<'k>(view: View<'k>, mut contracts: Vec<&'k Contract>) -> Vec<&'k Contract> {
    contracts.retain(|contract| !contract.runs.is_empty());
    contracts.sort_by(|a, b| a.id.cmp(&b.id));
    contracts.dedup_by(|a, b| a.id == b.id);
    for contract in &mut contracts {
        if contract.shares_id {
            *contract = view.contract(contract.id.as_str()).unwrap_or(contract);
        }
    }
    contracts
}

/// The sources of the payee that is being evaluated, by kind of credit.
#[derive(Default)]
pub struct SourcesCache<'k> {
    of: RefCell<(&'k str, [Option<Rc<CreditSources<'k>>>; 3])>,
}

impl<'k> SourcesCache<'k> {
    /// The sources of a payee. They are computed unless this payee was the last one.
    pub fn get(&self, hierarchy: &CreditHierarchy<'k>, payee: &'k str, credit: &Credit) -> Rc<CreditSources<'k>> {
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
                let members = hierarchy.members_ever(payee, credit);
                Rc::new(CreditSources { members, contracts: OnceCell::new() })
            })
            .clone()
    }
}
