//! Which payees' items new entries reach: the table of architecture.md (What is recomputed), over-approximating on purpose.

use std::collections::{BTreeMap, BTreeSet};

use ledger::date::Day;
use ledger::fact::{Body, Booking, OneOf, Signal, Target};
use ledger::field::Change;
use ledger::id::{PayeeId, PlanId};
use plans::group::Groups;
use plans::plan::Credit;
use plans::rulebook::Rulebook;
use plans::touch::Touch;
use projections::knowledge::{Contract, FactIndex, Knowledge, Known, narrowest};
use projections::life::Position;
use projections::view::View;

/// What happened between two closes: from the size that the one knew to that which the other knows, and between their days.
#[derive(Copy, Clone)]
pub struct Since {
    pub from: u64,
    pub to: u64,
    pub closed: Day,
    pub day: Day,
}

impl Since {
    fn is_new(&self, position: Position) -> bool {
        (self.from..self.to).contains(&u64::from(position))
    }
}

/// What was reached, by payee.
#[derive(Default)]
pub struct Reached {
    pub touches: BTreeMap<PayeeId, BTreeSet<Touch>>,
    /// Who has an adjustment that is new, or not what it was.
    pub adjusted: BTreeSet<PayeeId>,
    /// Nobody can say: everything is worked out.
    pub everything: bool,
}

pub fn reached(knowledge: &Knowledge, rules: &Rulebook, since: Since) -> Reached {
    let view = View::new(knowledge, since.to);
    let above = Above::of([View::new(knowledge, since.from), view], rules);
    let mut reach = Reach { view, since, above, reached: Reached::default() };
    for (id, versions) in rules.plans() {
        if versions.iter().any(|published| (since.from..since.to).contains(&u64::from(published.position))) {
            reach.whole_plan(id.as_str());
        }
    }
    for contract in knowledge.contracts().iter().filter(|contract| since.is_new(contract.since)) {
        reach.new_contract(contract);
    }
    let acting = acting(knowledge, since);
    for known in moved(knowledge, since, &acting) {
        reach.fact(&known.fact.body);
    }
    let acts = |position: Position| {
        (since.from..since.to).contains(&u64::from(position)) || acting.binary_search(&position).is_ok()
    };
    for metered in knowledge.runs() {
        for (from, to) in metered.run.moved_by(since.closed, (since.from, since.to), acts) {
            reach.usage(&knowledge.contracts()[metered.contract as usize], from, to);
        }
    }
    reach.reached
}

/// Entries from before that act otherwise now, for something new retracts or corrects them, and so on. Ascending.
fn acting(knowledge: &Knowledge, since: Since) -> Vec<Position> {
    let mut acting = acting_facts(knowledge, since);
    loop {
        let known = acting.len();
        let ended = knowledge.runs().iter().flat_map(|metered| metered.run.ended());
        let mut usage: Vec<Position> = Vec::new();
        for ended in ended.filter(|ended| u64::from(ended.snapshot.position) < since.to) {
            let life = &ended.life;
            let is_new = |by: &Position| since.is_new(*by) || acting.contains(by);
            if life.replaced_by.iter().chain(&life.retracted_by).any(is_new) {
                usage.push(ended.snapshot.position);
            }
        }
        acting.extend(usage);
        // One that holds again ends another, and so on: nearly always the first round finds all.
        if acting.len() == known {
            return acting.into_iter().collect();
        }
    }
}

fn acting_facts(knowledge: &Knowledge, since: Since) -> BTreeSet<Position> {
    let mut acting: BTreeSet<Position> = BTreeSet::new();
    // What ends an entry stands behind it: one pass from the end finds all of them.
    for known in knowledge.facts_between(0, since.to).iter().rev().filter(|known| !known.life.is_plain()) {
        let life = &known.life;
        let is_new = |by: &Position| (since.from..since.to).contains(&u64::from(*by)) || acting.contains(by);
        if life.replaced_by.iter().chain(&life.retracted_by).any(is_new) {
            acting.insert(known.position);
        }
    }
    acting
}

/// Facts that are new, have come into their time, or act otherwise than before.
fn moved<'k>(knowledge: &'k Knowledge, since: Since, acting: &[Position]) -> impl Iterator<Item = &'k Known> {
    let new = knowledge.facts_between(since.from, since.to).iter();
    let has_come = move |known: &&Known| known.fact.body.at().is_some_and(|at| since.closed < at && at <= since.day);
    let come = knowledge.facts_between(0, since.from).iter().filter(has_come);
    let acting: Vec<&Known> = acting.iter().filter_map(|position| knowledge.fact_at(*position)).collect();
    new.chain(come).chain(acting)
}

/// Payees that are paid on the credit of others, as their managers or teammates.
#[derive(Default)]
struct Above<'k> {
    payees: BTreeSet<&'k PayeeId>,
    /// By member, those above it.
    members: BTreeMap<&'k str, BTreeSet<&'k PayeeId>>,
}

impl<'k> Above<'k> {
    /// As it was, or is.
    fn of(views: [View<'k>; 2], rules: &Rulebook) -> Above<'k> {
        let mut above = Above::default();
        for view in views {
            let credits = credits(view, rules);
            let groups = Groups::of(view);
            for payee in view.knowledge.payees.keys() {
                let assigned = view.assignments_ever(payee.as_str());
                let credits = assigned.filter_map(|assignment| credits.get(&assignment.plan)).flatten();
                for credit in credits.collect::<BTreeSet<_>>() {
                    above.payees.insert(payee);
                    for member in groups.members_ever(payee.as_str(), credit.credit()) {
                        above.members.entry(member).or_default().insert(payee);
                    }
                }
            }
        }
        above
    }
}

#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Group {
    Reports,
    Team,
}

impl Group {
    fn credit(self) -> &'static Credit {
        match self {
            Group::Reports => &Credit::Reports,
            Group::Team => &Credit::Team,
        }
    }
}

/// The groups whose credit each plan pays on.
fn credits(view: View<'_>, rules: &Rulebook) -> BTreeMap<PlanId, Vec<Group>> {
    let group = |credit: &Credit| match credit {
        Credit::Roles(_) => None,
        Credit::Reports => Some(Group::Reports),
        Credit::Team => Some(Group::Team),
    };
    let of_plan = |id: &PlanId| {
        let versions = rules.versions(id.as_str(), view.sees).flat_map(|published| &published.plan.components);
        versions.filter_map(|component| group(&component.credit)).collect::<Vec<_>>()
    };
    rules.plans().map(|(id, _)| (id.clone(), of_plan(id))).collect()
}

struct Reach<'k> {
    view: View<'k>,
    since: Since,
    above: Above<'k>,
    reached: Reached,
}

impl<'k> Reach<'k> {
    /// Something of a payee itself.
    fn own(&mut self, payee: &PayeeId, touch: Touch) {
        self.reached.touches.entry(payee.clone()).or_default().insert(touch);
    }

    /// Something that a payee has credit of: those who are paid on it too have it with him.
    fn credited(&mut self, payees: &BTreeSet<&'k PayeeId>, touch: &Touch) {
        for payee in payees {
            self.own(payee, touch.clone());
            for above in self.above.members.get(payee.as_str()).cloned().unwrap_or_default() {
                self.own(above, touch.clone());
            }
        }
    }

    fn whole_plan(&mut self, plan: &str) {
        for payee in self.view.knowledge.payees.keys() {
            if self.view.assignments_ever(payee.as_str()).any(|assignment| assignment.plan.as_str() == plan) {
                self.own(payee, Touch::All);
            }
        }
    }

    fn is_past(&self, day: Day) -> bool {
        day <= self.since.closed
    }

    fn fact(&mut self, body: &'k Body) {
        match body {
            Body::Payee(fact) => {
                if fact.status != Change::Keep {
                    self.own(&fact.payee, Touch::All);
                }
                if (fact.manager != Change::Keep || fact.team != Change::Keep) && self.is_past(fact.at) {
                    self.above.payees.clone().into_iter().for_each(|payee| self.own(payee, Touch::All));
                    self.own(&fact.payee, Touch::All);
                }
            }
            Body::Account(fact) if self.is_past(fact.at) => {
                let payees = self.of_account(&fact.account);
                self.credited(&payees, &Touch::From(fact.at));
            }
            Body::Assignment(fact) => self.own(&fact.payee, Touch::From(fact.at.previous().max(Day::FIRST))),
            Body::AssignmentEnd(fact) => self.own(&fact.payee, Touch::From(fact.at)),
            Body::Quota(fact) => self.own(&fact.payee, Touch::From(fact.at)),
            Body::Adjustment(fact) => drop(self.reached.adjusted.insert(fact.payee.clone())),
            Body::Booking(fact) => self.booking(fact),
            Body::Cancellation(fact) => {
                for booking in self.versions(&fact.booking) {
                    self.dated(booking);
                    if self.is_past(fact.at) {
                        self.usage_gates(booking.contract());
                    }
                }
            }
            Body::CreditSplit(fact) => self.split(&fact.on, fact.at),
            Body::Signal(fact) => self.signal(fact),
            Body::ExchangeRate(fact) => self.reached.everything |= self.is_past(fact.at),
            Body::Retraction(fact) => {
                let ledger::fact::Reference::Id(id) = &fact.retracts else { return };
                let retracted = self.view.knowledge.position_of(*id);
                if let Some(known) = retracted.and_then(|position| self.view.knowledge.fact_at(position)) {
                    self.fact(&known.fact.body);
                }
            }
            Body::Account(_) | Body::OpeningBalance(_) | Body::UsageSnapshot(_) => {}
        }
    }

    // What was sold and used ---------------------------------------------------------------------------------------

    fn booking(&mut self, booking: &'k Booking) {
        self.dated(booking);
        // It takes its part of the contract's usage from the others.
        if self.is_past(booking.at.min(booking.start())) {
            self.usage_gates(booking.contract());
        }
    }

    /// The items of a booking, and of signals on it.
    fn dated(&mut self, booking: &'k Booking) {
        let payees = self.of_booking(booking);
        self.credited(&payees, &Touch::Dated(booking.at));
        self.signalled(&Target::Booking(booking.booking.clone()), &payees, &|signal| Touch::Dated(signal.at));
    }

    /// Items of signals that name something: of those who have credit of it, and of whom the signal itself names.
    fn signalled(&mut self, thing: &Target, payees: &BTreeSet<&'k PayeeId>, touch: &dyn Fn(&Signal) -> Touch) {
        for signal in self.signals(thing) {
            let mut payees = payees.clone();
            payees.extend(self.named(signal));
            self.credited(&payees, &touch(signal));
        }
    }

    /// The payee that a signal names.
    fn named(&self, signal: &'k Signal) -> Option<&'k PayeeId> {
        let payees = &self.view.knowledge.payees;
        payees.get_key_value(signal.payee.as_ref()?).map(|(payee, _)| payee)
    }

    /// A contract that was not there makes items of signals that named it before.
    fn new_contract(&mut self, contract: &'k Contract) {
        let payees = self.of_account(&contract.account);
        self.signalled(&Target::Contract(contract.id.clone()), &payees, &|signal| Touch::Dated(signal.at));
    }

    /// Gates on usage of everything that was sold on a contract.
    fn usage_gates(&mut self, contract: &str) {
        let contracts = self.view.knowledge.contracts_named(contract);
        let bookings: Vec<&Booking> = contracts.flat_map(|contract| self.bookings(contract)).collect();
        for booking in bookings {
            let payees = self.of_booking(booking);
            self.credited(&payees, &Touch::UsageGates(booking.at));
            self.signalled(&Target::Booking(booking.booking.clone()), &payees, &|signal| Touch::UsageGates(signal.at));
        }
    }

    fn usage(&mut self, contract: &'k Contract, from: Day, to: Day) {
        let payees = self.of_usage(contract);
        self.credited(&payees, &Touch::Used(from, to));
        self.usage_gates(contract.id.as_str());
    }

    fn split(&mut self, on: &'k Target, at: Day) {
        match on {
            Target::Booking(id) => self.versions(id).into_iter().for_each(|booking| self.dated(booking)),
            Target::Contract(id) if self.is_past(at) => {
                for contract in self.view.knowledge.contracts_named(id.as_str()) {
                    let payees = self.of_account(&contract.account);
                    self.credited(&payees, &Touch::From(at));
                }
                let payees = self.splits(on).collect();
                self.credited(&payees, &Touch::From(at));
            }
            Target::Account(id) if self.is_past(at) => {
                let payees = self.of_account(id);
                self.credited(&payees, &Touch::From(at));
            }
            Target::Contract(_) | Target::Account(_) => {}
        }
    }

    // Signals ------------------------------------------------------------------------------------------------------

    fn signal(&mut self, signal: &'k Signal) {
        let named: BTreeSet<&PayeeId> = self.named(signal).into_iter().collect();
        self.credited(&named, &Touch::Dated(signal.at));
        let Some(thing) = narrowest(signal) else { return };
        let knowledge = self.view.knowledge;
        let (contracts, mut bookings): (Vec<&Contract>, Vec<&Booking>) = match &thing {
            Target::Booking(id) => (Vec::new(), self.versions(id)),
            Target::Contract(id) => (knowledge.contracts_named(id.as_str()).collect(), Vec::new()),
            Target::Account(id) => (knowledge.contracts_of(id).collect(), Vec::new()),
        };
        bookings.extend(contracts.iter().flat_map(|contract| self.bookings(contract)));
        let mut payees: BTreeSet<&PayeeId> = self.splits(&thing).collect();
        payees.extend(contracts.iter().flat_map(|contract| self.of_account(&contract.account)));
        payees.extend(bookings.iter().flat_map(|booking| self.of_booking(booking)));
        // A narrower thing that is not there leaves the signal to those which it names beside it.
        payees.extend(signal.account.iter().flat_map(|account| self.of_account(account)));
        self.credited(&payees, &Touch::Dated(signal.at));
        let fresh = !self.is_past(signal.at);
        let gates = |of: Option<Day>| Touch::SignalGates { name: signal.signal.clone(), of, fresh };
        for booking in bookings {
            let holders = self.of_booking(booking);
            self.credited(&holders, &gates(Some(booking.at)));
            self.signalled(&Target::Booking(booking.booking.clone()), &holders, &|other| gates(Some(other.at)));
        }
        self.signalled(&thing, &payees, &|other| gates(Some(other.at)));
        for contract in contracts {
            self.signalled(&Target::Contract(contract.id.clone()), &payees, &|other| gates(Some(other.at)));
            let holders = self.of_usage(contract);
            self.credited(&holders, &gates(None));
        }
    }

    // Who ever had a share -----------------------------------------------------------------------------------------

    fn splits(&self, target: &Target) -> impl Iterator<Item = &'k PayeeId> + use<'k> {
        self.view.splits_ever(target).flat_map(|split| &split.shares).map(|share| &share.payee)
    }

    fn of_usage(&self, contract: &Contract) -> BTreeSet<&'k PayeeId> {
        let on_contract = self.splits(&Target::Contract(contract.id.clone()));
        on_contract.chain(self.splits(&Target::Account(contract.account.clone()))).collect()
    }

    fn of_booking(&self, booking: &Booking) -> BTreeSet<&'k PayeeId> {
        let own = self.view.credits_ever(&booking.booking).map(|share| &share.payee);
        let on_booking = self.splits(&Target::Booking(booking.booking.clone()));
        let contract = ledger::id::ContractId::new(booking.contract()).into_iter();
        let on_contract = contract.flat_map(|contract| self.splits(&Target::Contract(contract)));
        own.chain(on_booking).chain(on_contract).chain(self.splits(&Target::Account(booking.account.clone()))).collect()
    }

    fn of_account(&self, account: &ledger::id::AccountId) -> BTreeSet<&'k PayeeId> {
        let mut payees: BTreeSet<&PayeeId> = self.splits(&Target::Account(account.clone())).collect();
        for contract in self.view.knowledge.contracts_of(account) {
            payees.extend(self.splits(&Target::Contract(contract.id.clone())));
            payees.extend(self.to(&Target::Contract(contract.id.clone())));
            for booking in self.bookings(contract) {
                payees.extend(self.of_booking(booking));
                payees.extend(self.to(&Target::Booking(booking.booking.clone())));
            }
        }
        payees.extend(self.to(&Target::Account(account.clone())));
        payees
    }

    /// Whom signals about something name.
    fn to(&self, thing: &Target) -> Vec<&'k PayeeId> {
        self.signals(thing).into_iter().filter_map(|signal| self.named(signal)).collect()
    }

    // Facts of all time --------------------------------------------------------------------------------------------

    fn each<T: OneOf<Body> + 'k>(&self, list: &'k [FactIndex]) -> Vec<&'k T> {
        let knowledge = self.view.knowledge;
        let known = list.iter().map(|index| knowledge.fact(*index));
        let seen = known.filter(|known| self.view.sees.sees(known.position));
        seen.filter_map(|known| T::of(&known.fact.body)).collect()
    }

    /// All that a booking ever was.
    fn versions(&self, id: &ledger::id::BookingId) -> Vec<&'k Booking> {
        self.each(self.view.knowledge.bookings.get(id).map_or(&[], Vec::as_slice))
    }

    fn bookings(&self, contract: &'k Contract) -> Vec<&'k Booking> {
        self.each(&contract.bookings)
    }

    fn signals(&self, target: &Target) -> Vec<&'k Signal> {
        self.each(self.view.knowledge.signals_naming(target))
    }
}
