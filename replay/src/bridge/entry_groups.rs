//! New entries that can change what a payee is due, in groups of one kind and item, in the order of the log.

use std::collections::{BTreeMap, BTreeSet};

use ledger::fact::{Body, SplitTarget};
use ledger::id::{AccountId, BookingId, PayeeId, PlanId};
use ledger::key::natural_key;
use plans::credit::sources::things_ever_credited;
use plans::plan::Credit;
use plans::rulebook::Rulebook;
use projections::credit_graph::CreditedThings;
use projections::knowledge::{Knowledge, things_named};
use projections::position::Position;
use projections::view::View;

use crate::state::State;

/// New entries of one kind, about one item.
pub(crate) struct EntryGroup {
    /// The kind of the facts, or `plan`.
    pub kind: String,
    /// The item that they are about.
    pub item: String,
    /// The plan, if the entry is a plan version.
    pub plan: Option<PlanId>,
    /// Their positions, ascending.
    pub positions: Vec<Position>,
}

/// The entries from one position up to another that can change a line of a payee, in groups, in the order of the log.
pub(crate) fn entry_groups(state: &State, from: u64, to: u64, payee: &PayeeId) -> Vec<EntryGroup> {
    let knowledge = &state.knowledge;
    let mine = Mine::of(View::new(knowledge, to), &state.rules, payee);
    let mut groups: BTreeMap<(String, String), EntryGroup> = BTreeMap::new();
    let mut add = |kind: &str, item: String, plan: Option<&PlanId>, position: Position| {
        let new =
            || EntryGroup { kind: kind.to_owned(), item: item.clone(), plan: plan.cloned(), positions: Vec::new() };
        groups.entry((kind.to_owned(), item.clone())).or_insert_with(new).positions.push(position)
    };
    for position in mine.usage(from, to) {
        let Some(metered) = knowledge.run_at(position) else { continue };
        add("usage-snapshot", knowledge.contract(metered.contract).id.to_string(), None, position);
    }
    for known in mine.facts(from, to).into_iter().filter_map(|position| knowledge.fact_at(position)) {
        add(known.fact.body.word(), item_of(&known.fact.body, known.id.to_string()), None, known.position);
    }
    for (id, versions) in state.rules.plans() {
        for published in versions.iter().filter(|published| (from..to).contains(&u64::from(published.position))) {
            add("plan", format!("{id} {}", published.plan.version), Some(id), published.position);
        }
    }
    let mut groups: Vec<EntryGroup> = groups.into_values().collect();
    groups.sort_by_key(|group| group.positions[0]);
    groups
}

/// The item that a fact is about. A retraction is about the item of the fact that it retracts.
fn item_of(body: &Body, id: String) -> String {
    if let Body::Retraction(retraction) = body {
        return retraction.retracts.to_string();
    }
    natural_key(body).and_then(|key| key.split_once(':').map(|(_, item)| item.to_owned())).unwrap_or(id)
}

/// The kinds of credit that a payee is paid on: its own, and that of its reports or team if a plan says so.
fn credits(view: View<'_>, rules: &Rulebook, payee: &PayeeId) -> Vec<Credit> {
    let plans = view.assignments_ever(payee.as_str()).map(|assignment| &assignment.plan);
    let versions = plans.flat_map(|plan| rules.versions(plan.as_str(), view.visibility));
    let mut credits = vec![Credit::Roles(Vec::new())];
    for component in versions.flat_map(|published| &published.plan.components) {
        if !matches!(component.credit, Credit::Roles(_)) && !credits.contains(&component.credit) {
            credits.push(component.credit.clone());
        }
    }
    credits
}

/// The accounts, contracts and bookings that a payee ever had credit of.
struct Mine<'k> {
    knowledge: &'k Knowledge,
    payee: &'k PayeeId,
    ever: CreditedThings<'k>,
}

impl<'k> Mine<'k> {
    fn of(view: View<'k>, rules: &Rulebook, payee: &'k PayeeId) -> Mine<'k> {
        let credits = credits(view, rules, payee);
        Mine { knowledge: view.knowledge, payee, ever: things_ever_credited(view, payee.as_str(), credits.iter()) }
    }

    fn account(&self, account: &AccountId) -> bool {
        self.ever.accounts.contains(account)
    }

    fn contract(&self, id: &str) -> bool {
        self.ever.contracts.contains(id)
    }

    fn booking(&self, id: &BookingId) -> bool {
        let mut versions = self.knowledge.booking_versions(id.as_str());
        versions.any(|(_, booking)| self.account(&booking.account) || self.contract(booking.contract()))
    }

    fn target(&self, target: &SplitTarget) -> bool {
        match target {
            SplitTarget::Booking(id) => self.booking(id),
            SplitTarget::Account(id) => self.account(id),
            SplitTarget::Contract(id) => self.contract(id.as_str()),
        }
    }

    /// Usage recorded from one position up to another: that of the payee's contracts, and usage that replaced some of it, which can
    /// belong to another contract.
    fn usage(&self, from: u64, to: u64) -> BTreeSet<Position> {
        let contracts = self.ever.contracts.iter().flat_map(|id| self.knowledge.contracts_named(id));
        let runs = contracts.flat_map(|contract| &contract.runs).map(|place| &self.knowledge.run(*place).run);
        let usage = runs.flat_map(|run| {
            let instead = run.ended().flat_map(|ended| &ended.validity.replaced_by).copied();
            run.recorded_between(from, to).chain(instead.filter(move |by| (from..to).contains(&u64::from(*by))))
        });
        usage.collect()
    }

    /// Facts recorded from one position up to another that concern the payee, or that replaced such a fact.
    fn facts(&self, from: u64, to: u64) -> BTreeSet<Position> {
        let new = self.knowledge.facts_between(from, to);
        let new = new.filter(|known| self.concerns(&known.fact.body)).map(|known| known.position);
        let ended = self.knowledge.ended_facts().filter(|known| self.concerns(&known.fact.body));
        let instead = ended.flat_map(|known| &known.validity.replaced_by).copied();
        new.chain(instead.filter(|by| (from..to).contains(&u64::from(*by)))).collect()
    }

    /// Whether a fact can change a line of the payee. A fact about other payees only, or about a booking, contract or account that
    /// the payee never had credit of, cannot.
    fn concerns(&self, body: &Body) -> bool {
        match body {
            Body::Assignment(fact) => fact.payee == *self.payee,
            Body::AssignmentEnd(fact) => fact.payee == *self.payee,
            Body::Quota(fact) => fact.payee == *self.payee,
            Body::Adjustment(fact) => fact.payee == *self.payee,
            Body::OpeningBalance(fact) => fact.payee == *self.payee,
            Body::Account(fact) => self.account(&fact.account),
            Body::Booking(fact) => {
                self.account(&fact.account) || self.contract(fact.contract()) || self.booking(&fact.booking)
            }
            Body::Cancellation(fact) => self.booking(&fact.booking),
            Body::CreditNote(fact) => self.booking(&fact.booking),
            Body::CreditSplit(fact) => {
                self.target(&fact.on) || fact.shares.iter().any(|share| share.payee == *self.payee)
            }
            Body::Signal(fact) => fact.payee.is_some() || things_named(fact).any(|target| self.target(&target)),
            Body::UsageComplete(fact) => fact.account.as_ref().is_none_or(|account| self.account(account)),
            Body::Payee(_) | Body::UsageSnapshot(_) | Body::ExchangeRate(_) | Body::Retraction(_) => true,
        }
    }
}
