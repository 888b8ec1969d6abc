//! Items: what was sold, used or seen, one by one (calculation.md 4).

use ledger::date::Day;
use ledger::exact::Exact;
use ledger::fact::item_key::ItemKey;
use ledger::fact::{Booking, SplitTarget};
use ledger::id::{AccountId, ContractId};
use projections::view::FactRef;

use crate::plan::{Component, Plan};
use crate::rulebook::Published;
use crate::why::Step;

/// One thing that a component pays for, under the version of the plan that measures and rates it.
pub struct Item<'k> {
    /// The key, unique within payee and component.
    pub key: ItemKey,
    /// The date, which decides the assignment, the version and the performance period.
    pub date: Day,
    /// The measured value after the payee's share, in the plan's currency or in the unit of a count, quantity or
    /// level.
    pub value: Exact,
    /// The amount that is paid on, after the payee's share, if it is another one than the value (calculation.md 6).
    pub pays: Option<Exact>,
    /// The version of the plan.
    pub published: &'k Published,
    /// The component of that version.
    pub component: &'k Component,
    /// What the item is about.
    pub subject: Subject<'k>,
    /// The steps from facts to the value, if reasons were asked for.
    pub why: Vec<Step>,
}

/// The booking, contract and account that an item is about.
#[derive(Clone, Default)]
pub struct Subject<'k> {
    /// The booking, if it is about one.
    pub booking: Option<FactRef<'k, Booking>>,
    /// Its booking, contract and account: signals on any of them count for the item.
    pub things: Vec<SplitTarget>,
    /// The account; `None` if it is over several accounts, or about a payee.
    pub account: Option<AccountId>,
}

impl<'k> Item<'k> {
    /// The version of the plan that measures and rates the item.
    pub fn plan(&self) -> &'k Plan {
        &self.published.plan
    }
}

impl<'k> Subject<'k> {
    /// The subject of an item of a booking: the booking, its contract and its account.
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

    /// The subject of an item of a contract: the contract and its account.
    pub fn of_contract(contract: &ContractId, account: &AccountId) -> Subject<'k> {
        let things = vec![SplitTarget::Contract(contract.clone()), SplitTarget::Account(account.clone())];
        Subject { booking: None, things, account: Some(account.clone()) }
    }
}
