//! Items: what was sold, used or seen, one by one (calculation.md 4).

use ledger::date::Day;
use ledger::exact::Exact;
use ledger::fact::{Booking, SplitTarget};
use ledger::id::{AccountId, ContractId};
use ledger::item_key::ItemKey;
use projections::view::FactRef;

use crate::plan::{Component, Plan};
use crate::rulebook::Published;
use crate::why::Step;

/// One thing that a component pays on, with the version of the plan that measures and rates it.
pub struct Item<'k> {
    pub key: ItemKey,
    pub date: Day,
    pub value: Exact,
    pub published: &'k Published,
    pub component: &'k Component,
    pub subject: Subject<'k>,
    pub why: Vec<Step>,
}

/// What an item is about.
#[derive(Clone, Default)]
pub struct Subject<'k> {
    pub booking: Option<FactRef<'k, Booking>>,
    /// The things whose signals count for it: its booking, contract and account.
    pub things: Vec<SplitTarget>,
    pub account: Option<AccountId>,
}

impl<'k> Item<'k> {
    pub fn plan(&self) -> &'k Plan {
        &self.published.plan
    }
}

impl<'k> Subject<'k> {
    pub fn of_booking(booking: FactRef<'k, Booking>) -> Subject<'k> {
        let fact = booking.fact;
        let contract = ContractId::new(fact.contract()).expect("a booking's contract is a name");
        let things = vec![
            SplitTarget::Booking(fact.booking.clone()),
            SplitTarget::Contract(contract),
            SplitTarget::Account(fact.account.clone()),
        ];
        Subject { booking: Some(booking), things, account: Some(fact.account.clone()) }
    }

    pub fn of_contract(contract: &ContractId, account: &AccountId) -> Subject<'k> {
        let things = vec![SplitTarget::Contract(contract.clone()), SplitTarget::Account(account.clone())];
        Subject { booking: None, things, account: Some(account.clone()) }
    }
}
