//! Where the item of a posted line stood, told from its name without working it out again (calculation.md 4).

use ledger::date::{Day, Month};
use ledger::fact::{Body, Booking};
use ledger::id::{AccountId, BookingId};
use projections::knowledge::Knowledge;
use projections::view::View;

use crate::calendar::PeriodSpan;
use crate::picked::Picked;
use crate::plan::{Component, Earned, Measure, Per};

/// How the items of a component are named in all its versions.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Naming {
    /// By the booking's id.
    Booking,
    /// By contract and month.
    Contract,
    /// By a month or performance period.
    Time,
}

impl Naming {
    /// `None` where versions differ, or an item is named by a fact's id.
    pub fn of<'k>(versions: impl Iterator<Item = &'k Component>) -> Option<Naming> {
        let mut namings: Vec<Option<Naming>> = versions.map(Naming::of_version).collect();
        namings.dedup();
        if let [naming] = namings[..] { naming } else { None }
    }

    fn of_version(component: &Component) -> Option<Naming> {
        if let Earned::Target { .. } = component.earned {
            return Some(Naming::Time);
        }
        match &component.measure {
            Measure::Booking(_) => Some(Naming::Booking),
            Measure::Signal { .. } => None,
            Measure::Usage { per: Per::Contract, .. } => Some(Naming::Contract),
            Measure::Usage { .. } | Measure::Metric { .. } | Measure::Growth { .. } | Measure::Retention { .. } => {
                Some(Naming::Time)
            }
        }
    }

    /// Whether a line of this name stood, if it did at this view, among what is picked.
    pub fn stood_in(self, view: View<'_>, item: &str, year_start: u32, picked: &Picked) -> bool {
        match self {
            Naming::Booking => {
                let booking = view.booking(item).map(|booking| booking.fact);
                booking.is_some_and(|booking| picked.contains(Some(&booking.account), booking.at))
            }
            Naming::Contract => {
                let Some((contract, month)) = item.rsplit_once('@') else { return false };
                let Some(month) = Month::parse(month) else { return false };
                // Of one that went from one account to another, both are picked.
                let contract = view.contract(contract);
                contract.is_some_and(|contract| picked.meets_of(&contract.account, month.first(), month.last()))
            }
            Naming::Time => {
                let span = PeriodSpan::parse(item, year_start);
                span.is_some_and(|span| picked.all().meets(span.first_day(), span.last_day()))
            }
        }
    }

    /// Where an item of this name stands in any version of what it is.
    pub fn ever<'k>(self, knowledge: &'k Knowledge, item: &str, year_start: u32) -> Vec<Stood<'k>> {
        match self {
            Naming::Booking => {
                let id = BookingId::new(item);
                let versions = id.iter().flat_map(|id| versions(knowledge, id));
                versions.map(|fact| (fact.at, fact.at, Some(&fact.account))).collect()
            }
            Naming::Contract => {
                let Some((contract, month)) = item.rsplit_once('@') else { return Vec::new() };
                let Some(month) = Month::parse(month) else { return Vec::new() };
                let contracts = knowledge.contracts_named(contract);
                contracts.map(|contract| (month.first(), month.last(), Some(&contract.account))).collect()
            }
            Naming::Time => {
                let span = PeriodSpan::parse(item, year_start);
                span.map(|span| (span.first_day(), span.last_day(), None)).into_iter().collect()
            }
        }
    }
}

/// Days on which an item may stand, and its account there.
pub type Stood<'k> = (Day, Day, Option<&'k AccountId>);

fn versions<'k>(knowledge: &'k Knowledge, id: &BookingId) -> impl Iterator<Item = &'k Booking> {
    let known = knowledge.bookings.get(id).into_iter().flatten().map(|index| knowledge.fact(*index));
    known.filter_map(|known| match &known.fact.body {
        Body::Booking(booking) => Some(booking),
        _ => None,
    })
}
