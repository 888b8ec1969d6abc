//! Where an item is, by its key alone and without computing it (calculation.md 4).

use ledger::date::{Day, Month};
use ledger::fact::Booking;
use ledger::fact::item_key::{ItemKey, PeriodKey};
use ledger::id::{AccountId, BookingId, ContractId};
use projections::knowledge::Knowledge;
use projections::view::View;
use uuid::Uuid;

use super::region::Region;
use crate::calendar::PeriodSpan;
use crate::plan::{Component, Earned, Measure, Per};

/// The kind of key that all items of a component have, in every version of it.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum ItemKeyKind {
    /// A booking's id.
    Booking,
    /// A contract and a calendar month.
    ContractMonth,
    /// A calendar month or performance period.
    Period,
}

/// Reads the text of an item's key. `year_start` is the month in which the fiscal year begins, 1 to 12. `None` if
/// items of the component have no such key.
pub fn read_item(component: &Component, year_start: u32, text: &str) -> Option<ItemKey> {
    match ItemKeyKind::of_version(component) {
        Some(ItemKeyKind::Booking) => BookingId::new(text).map(ItemKey::Booking),
        Some(ItemKeyKind::ContractMonth) => {
            let (contract, month) = text.rsplit_once('@')?;
            Some(ItemKey::ContractMonth { contract: ContractId::new(contract)?, month: Month::parse(month)? })
        }
        Some(ItemKeyKind::Period) => match Month::parse(text) {
            Some(month) => Some(ItemKey::Month(month)),
            None => PeriodKey::parse(text, u8::try_from(year_start).ok()?).map(ItemKey::Period),
        },
        None => Uuid::try_parse(text).ok().map(ItemKey::Fact),
    }
}

/// The days on which an item may be dated, and its account.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct ItemLocation<'k> {
    /// The first day.
    pub from: Day,
    /// The last day.
    pub to: Day,
    /// The account; `None` if it is over several accounts.
    pub account: Option<&'k AccountId>,
}

impl ItemKeyKind {
    /// The kind that all versions share. `None` if they differ, or if keys are ids of facts, which say neither day
    /// nor account.
    pub fn of<'k>(versions: impl Iterator<Item = &'k Component>) -> Option<ItemKeyKind> {
        let mut kinds: Vec<Option<ItemKeyKind>> = versions.map(ItemKeyKind::of_version).collect();
        kinds.dedup();
        if let [kind] = kinds[..] { kind } else { None }
    }

    fn of_version(component: &Component) -> Option<ItemKeyKind> {
        if let Earned::Target { .. } = component.earned {
            return Some(ItemKeyKind::Period);
        }
        match &component.measure {
            Measure::Booking { .. } => Some(ItemKeyKind::Booking),
            Measure::Signal { .. } => None,
            Measure::Usage { per: Per::Contract, .. } => Some(ItemKeyKind::ContractMonth),
            Measure::Usage { .. } | Measure::Metric { .. } | Measure::Growth { .. } | Measure::Retention { .. } => {
                Some(ItemKeyKind::Period)
            }
        }
    }

    /// Whether a key is of this kind.
    pub fn is_of(self, key: &ItemKey) -> bool {
        match key {
            ItemKey::Booking(_) => self == ItemKeyKind::Booking,
            ItemKey::ContractMonth { .. } => self == ItemKeyKind::ContractMonth,
            ItemKey::Month(_) | ItemKey::Period(_) => self == ItemKeyKind::Period,
            ItemKey::Fact(_) => false,
        }
    }
}

/// Whether an item that this view has is in a region. An item whose key is a fact's id is in none.
pub fn is_in(key: &ItemKey, view: View<'_>, region: &Region) -> bool {
    match key {
        ItemKey::Booking(id) => {
            let booking = view.booking(id.as_str()).map(|booking| booking.fact);
            booking.is_some_and(|booking| region.contains(Some(&booking.account), booking.at))
        }
        // If a contract was moved from one account to another, the region has both.
        ItemKey::ContractMonth { contract, month } => view
            .contract(contract.as_str())
            .is_some_and(|contract| region.meets_of(&contract.account, month.first(), month.last())),
        ItemKey::Month(month) => region.all().meets(month.first(), month.last()),
        ItemKey::Period(period) => {
            let span = PeriodSpan::of_key(*period);
            region.all().meets(span.first_day(), span.last_day())
        }
        ItemKey::Fact(_) => false,
    }
}

/// Where the item is by any entry that was ever recorded, in force or not. Empty if its key is a fact's id.
pub fn locations<'k>(key: &ItemKey, knowledge: &'k Knowledge) -> Vec<ItemLocation<'k>> {
    match key {
        ItemKey::Booking(id) => {
            let versions = knowledge.booking_versions(id.as_str()).map(|(_, booking)| booking);
            let location =
                |fact: &'k Booking| ItemLocation { from: fact.at, to: fact.at, account: Some(&fact.account) };
            versions.map(location).collect()
        }
        ItemKey::ContractMonth { contract, month } => {
            let (from, to) = (month.first(), month.last());
            let contracts = knowledge.contracts_named(contract.as_str());
            contracts.map(|contract| ItemLocation { from, to, account: Some(&contract.account) }).collect()
        }
        ItemKey::Month(month) => vec![ItemLocation { from: month.first(), to: month.last(), account: None }],
        ItemKey::Period(period) => {
            let span = PeriodSpan::of_key(*period);
            vec![ItemLocation { from: span.first_day(), to: span.last_day(), account: None }]
        }
        ItemKey::Fact(_) => Vec::new(),
    }
}
