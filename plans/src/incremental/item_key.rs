//! The key of an item, read from the name of a posted line, and where the item is without computing it again
//! (calculation.md 4).

use ledger::date::{Day, Month};
use ledger::fact::Booking;
use ledger::id::AccountId;
use projections::knowledge::Knowledge;
use projections::view::View;

use super::region::Region;
use crate::calendar::PeriodSpan;
use crate::plan::{Component, Earned, Measure, Per};

/// By what all items of a component are named, in every version of it.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum ItemKeyKind {
    /// By the booking's id.
    Booking,
    /// By contract and calendar month.
    ContractMonth,
    /// By a calendar month or performance period.
    Period,
}

/// The key of one item.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ItemKey<'n> {
    /// `K-1`.
    Booking(&'n str),
    /// `C-2@2027-03`.
    ContractMonth { contract: &'n str, month: Month },
    /// `2027-03`, `2027-Q1`, `2027-H1` or `2027`.
    Period(PeriodSpan),
}

/// Days on which an item may be, both included, and its account then; `None`: of no single account.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct ItemLocation<'k> {
    pub from: Day,
    pub to: Day,
    pub account: Option<&'k AccountId>,
}

impl ItemKeyKind {
    /// The kind that all versions share. `None` where they differ, or where a version names items by a fact's id, which
    /// tells neither a day nor an account.
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
            Measure::Booking(_) => Some(ItemKeyKind::Booking),
            Measure::Signal { .. } => None,
            Measure::Usage { per: Per::Contract, .. } => Some(ItemKeyKind::ContractMonth),
            Measure::Usage { .. } | Measure::Metric { .. } | Measure::Growth { .. } | Measure::Retention { .. } => {
                Some(ItemKeyKind::Period)
            }
        }
    }

    /// Reads the item of a line's name; `year_start` is the month in which the fiscal year begins. `None` where the text
    /// is no key of this kind.
    pub fn read(self, item: &str, year_start: u32) -> Option<ItemKey<'_>> {
        match self {
            ItemKeyKind::Booking => Some(ItemKey::Booking(item)),
            ItemKeyKind::ContractMonth => {
                let (contract, month) = item.rsplit_once('@')?;
                Some(ItemKey::ContractMonth { contract, month: Month::parse(month)? })
            }
            ItemKeyKind::Period => PeriodSpan::parse(item, year_start).map(ItemKey::Period),
        }
    }
}

impl ItemKey<'_> {
    /// Whether the item, if this view has it, is in a region.
    pub fn is_in(&self, view: View<'_>, region: &Region) -> bool {
        match self {
            ItemKey::Booking(id) => {
                let booking = view.booking(id).map(|booking| booking.fact);
                booking.is_some_and(|booking| region.contains(Some(&booking.account), booking.at))
            }
            // Where a contract went from one account to another, the region has both.
            ItemKey::ContractMonth { contract, month } => view
                .contract(contract)
                .is_some_and(|contract| region.meets_of(&contract.account, month.first(), month.last())),
            ItemKey::Period(span) => region.all().meets(span.first_day(), span.last_day()),
        }
    }

    /// Where the item is in any version of what it is made of, whatever replaced or retracted that.
    pub fn locations<'k>(&self, knowledge: &'k Knowledge) -> Vec<ItemLocation<'k>> {
        match self {
            ItemKey::Booking(id) => {
                let versions = knowledge.booking_versions(id).map(|(_, booking)| booking);
                let location =
                    |fact: &'k Booking| ItemLocation { from: fact.at, to: fact.at, account: Some(&fact.account) };
                versions.map(location).collect()
            }
            ItemKey::ContractMonth { contract, month } => {
                let (from, to) = (month.first(), month.last());
                let contracts = knowledge.contracts_named(contract);
                contracts.map(|contract| ItemLocation { from, to, account: Some(&contract.account) }).collect()
            }
            ItemKey::Period(span) => vec![ItemLocation { from: span.first_day(), to: span.last_day(), account: None }],
        }
    }
}
