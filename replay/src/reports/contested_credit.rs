//! Bookings and contracts on which several people have or had a claim: more than one source of credit, shares of partners and overlays,
//! credit that changed after a close, and open disputes.

use std::collections::{BTreeMap, BTreeSet};

use ledger::date::{Day, Month};
use ledger::exact::Exact;
use ledger::fact::item_key::ItemKey;
use ledger::fact::{Body, Booking, Role, Share, SplitTarget};
use ledger::field::Amount;
use ledger::id::{AccountId, BookingId, ContractId};
use ledger::money::Currency;
use projections::credit_graph::{CreditGraph, CreditSource};
use projections::position::Position;
use projections::posted_state::ClosedPeriod;
use projections::posted_state::disputes::Dispute;
use projections::view::{FactRef, View};

use crate::state::State;

/// A booking, or the usage of a contract, with what is contested about its credit.
#[derive(Clone, Debug)]
pub struct ContestedCredit<'s> {
    /// The booking or contract.
    pub thing: SplitTarget,
    /// Its account.
    pub account: &'s AccountId,
    /// The day on which credit is judged: of a booking its date, of usage the last day of the month.
    pub day: Day,
    /// The ARR of a booking, as it was booked.
    pub arr: Option<(Amount, Currency)>,
    /// What gives credit on that day; the first counts.
    pub sources: Vec<CreditSource<'s>>,
    /// The last change of credit after a close.
    pub changed: Option<CreditChange>,
    /// The numbers of the open disputes about its lines, or that name one of its entries as evidence.
    pub disputes: Vec<u64>,
}

/// Credit that is not what a close knew.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CreditChange {
    /// The last closed month that knew other shares.
    pub period: Month,
    /// Those shares; none where nobody had credit.
    pub was: Vec<Share>,
}

/// How much of what was booked partners brought or took part in, in one currency.
#[derive(Clone, Debug)]
pub struct PartnerShare {
    /// The currency.
    pub currency: Currency,
    /// The ARR of all bookings of the 12 months.
    pub arr: Exact,
    /// The part of it that partners have credit of: of each booking at most all.
    pub sourced: Exact,
    /// The ARR of the bookings of which a partner has a share.
    pub influenced: Exact,
}

impl ContestedCredit<'_> {
    /// The shares that count.
    pub fn shares(&self) -> &[Share] {
        self.sources.first().map_or(&[], |source| source.shares)
    }

    /// The sum of the shares in a role, as a fraction.
    pub fn share_of(&self, role: Role) -> Exact {
        share_of(self.shares(), role)
    }

    /// Whether there is a second claim, a partner, an overlay, a change after a close, or a dispute.
    fn is_contested(&self) -> bool {
        let has_others = self.shares().iter().any(|share| share.role != Role::Primary);
        self.sources.len() > 1 || has_others || self.changed.is_some() || !self.disputes.is_empty()
    }
}

fn share_of(shares: &[Share], role: Role) -> Exact {
    shares.iter().filter(|share| share.role == role).map(|share| share.percent.exact()).sum()
}

/// The bookings that were signed up to the last day of a month, and the contracts with usage, on which there is more than one claim: by
/// what the state knows, bookings first, ordered by id.
pub fn contested_credit(state: &State, period: Month) -> Vec<ContestedCredit<'_>> {
    let (now, day) = (View::new(&state.knowledge, state.size()), period.last());
    let disputed = disputed(state);
    let of_thing =
        |thing: &SplitTarget| disputed.get(thing).map(|all| all.iter().copied().collect()).unwrap_or_default();
    let mut rows = Vec::new();
    for booking in state.knowledge.booking_ids().filter_map(|id| now.booking_by(id.as_str(), day)) {
        let fact = booking.fact;
        let thing = SplitTarget::Booking(fact.booking.clone());
        rows.push(ContestedCredit {
            account: &fact.account,
            day: fact.at,
            arr: Some((fact.arr, fact.currency)),
            sources: CreditGraph::of(now).sources_of_booking(booking, fact.at),
            changed: change_of_booking(state, (now, booking), period),
            disputes: of_thing(&thing),
            thing,
        });
    }
    let mut contracts: Vec<_> = state.knowledge.contracts().filter(|contract| !contract.runs.is_empty()).collect();
    contracts.sort_by_key(|contract| (&contract.id, &contract.account));
    for contract in contracts {
        let thing = SplitTarget::Contract(contract.id.clone());
        let (id, account) = (contract.id.as_str(), contract.account.as_str());
        rows.push(ContestedCredit {
            account: &contract.account,
            day,
            arr: None,
            sources: CreditGraph::of(now).sources_of_contract(id, account, day),
            changed: change_of_contract(state, (id, account), period),
            disputes: of_thing(&thing),
            thing,
        });
    }
    rows.retain(ContestedCredit::is_contested);
    rows
}

/// The closes of months up to one, the last first.
fn closes_back(state: &State, period: Month) -> impl Iterator<Item = &ClosedPeriod> {
    state.posted.closes.iter().rev().filter(move |closed| closed.close.period <= period)
}

/// The last close that knew other shares of a booking than those in force now.
fn change_of_booking(
    state: &State,
    (now, booking): (View<'_>, FactRef<'_, Booking>),
    period: Month,
) -> Option<CreditChange> {
    let shares = |view, booking: FactRef<'_, Booking>| {
        let found = CreditGraph::of(view).shares_of_booking(booking, booking.fact.at);
        found.map_or_else(Vec::new, |(_, shares)| shares.to_vec())
    };
    let id = booking.fact.booking.as_str();
    let is = shares(now, booking);
    closes_back(state, period).find_map(|closed| {
        let view = View::new(&state.knowledge, closed.close.known);
        let was = shares(view, view.booking_by(id, closed.close.period.last())?);
        (was != is).then_some(CreditChange { period: closed.close.period, was })
    })
}

/// The last close that knew other shares of a contract on its last day than those in force on that day now.
fn change_of_contract(state: &State, (id, account): (&str, &str), period: Month) -> Option<CreditChange> {
    let shares = |size, day| {
        let found = CreditGraph::of(View::new(&state.knowledge, size)).shares_of_contract(id, account, day);
        found.map_or_else(Vec::new, |(_, shares)| shares.to_vec())
    };
    closes_back(state, period).find_map(|closed| {
        let day = closed.close.period.last();
        let was = shares(closed.close.known, day);
        (was != shares(state.size(), day)).then_some(CreditChange { period: closed.close.period, was })
    })
}

/// The open disputes by the booking or contract that they are about.
fn disputed(state: &State) -> BTreeMap<SplitTarget, BTreeSet<u64>> {
    let mut found: BTreeMap<SplitTarget, BTreeSet<u64>> = BTreeMap::new();
    for dispute in state.posted.disputes.open() {
        for thing in things_of(state, dispute) {
            found.entry(thing).or_default().insert(dispute.number());
        }
    }
    found
}

/// What a dispute is about: the item of its line, and what the entries that it names as evidence are about.
fn things_of(state: &State, dispute: &Dispute) -> Vec<SplitTarget> {
    let of_booking = |id: &BookingId| SplitTarget::Booking(id.clone());
    let of_contract = |id: &ContractId| SplitTarget::Contract(id.clone());
    let line = dispute.record.line.as_ref().and_then(|line| match &line.item {
        ItemKey::Booking(booking) => Some(of_booking(booking)),
        ItemKey::ContractMonth { contract, .. } => Some(of_contract(contract)),
        ItemKey::Month(_) | ItemKey::Period(_) | ItemKey::Fact(_) => None,
    });
    let positions = dispute.record.entries.iter().filter_map(|entry| Position::try_from(entry.position).ok());
    let evidence = positions.filter_map(|position| {
        if let Some(run) = state.knowledge.run_at(position) {
            return Some(of_contract(&state.knowledge.contract(run.contract).id));
        }
        match &state.knowledge.fact_at(position)?.fact.body {
            Body::Booking(booking) => Some(of_booking(&booking.booking)),
            Body::Cancellation(cancellation) => Some(of_booking(&cancellation.booking)),
            Body::CreditNote(note) => Some(of_booking(&note.booking)),
            Body::CreditSplit(split) => Some(split.on.clone()),
            _ => None,
        }
    });
    line.into_iter().chain(evidence).collect()
}

/// What partners brought and took part in of the bookings that were signed in the 12 months to the last day of a month and are not
/// cancelled by then, by currency.
pub fn partner_shares(state: &State, period: Month) -> Vec<PartnerShare> {
    let (now, last) = (View::new(&state.knowledge, state.size()), period.last());
    let first = period.first().plus_months(-11);
    let mut shares: BTreeMap<Currency, PartnerShare> = BTreeMap::new();
    for booking in state.knowledge.booking_ids().filter_map(|id| now.booking_by(id.as_str(), last)) {
        let fact = booking.fact;
        if fact.at < first || now.cancellation_by(&fact.booking, last).is_some() {
            continue;
        }
        let found = CreditGraph::of(now).shares_of_booking(booking, fact.at);
        let partner = found.map_or(Exact::ZERO, |(_, shares)| share_of(shares, Role::Partner));
        let zero = || PartnerShare {
            currency: fact.currency,
            arr: Exact::ZERO,
            sourced: Exact::ZERO,
            influenced: Exact::ZERO,
        };
        let sum = shares.entry(fact.currency).or_insert_with(zero);
        let arr = fact.arr.exact();
        sum.arr = &sum.arr + &arr;
        sum.sourced = &sum.sourced + &(&arr * &partner.clone().min(Exact::whole(1)));
        if !partner.is_zero() {
            sum.influenced = &sum.influenced + &arr;
        }
    }
    shares.into_values().collect()
}
