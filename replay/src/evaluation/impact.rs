//! Which payees' items new entries reach: the table of architecture.md (What is recomputed), over-approximating on purpose.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use ledger::date::{Day, Month};
use ledger::fact::{Body, Booking, Signal, SplitTarget};
use ledger::field::FieldChange;
use ledger::id::{AccountId, BookingId, Name, PayeeId};
use plans::incremental::change::{Change, ChangeKind};
use plans::incremental::day_ranges::DayRanges;
use plans::incremental::dependencies::{gate_names, has_usage_gates};
use plans::rulebook::Rulebook;
use projections::credit_graph::CreditGraph;
use projections::knowledge::{Contract, Knowledge, StoredFact, narrowest};
use projections::position::Position;
use projections::validity::Validity;
use projections::view::View;

use crate::evaluation::dirty_set::{DirtySet, Payees};

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
pub struct Impact {
    pub changes: BTreeMap<PayeeId, BTreeSet<Change>>,
    /// Who has an adjustment that is new, or not what it was.
    pub adjusted: BTreeSet<PayeeId>,
    /// Nobody can say: everything is worked out.
    pub everything: bool,
}

pub fn impact_of(knowledge: &Knowledge, rules: &Rulebook, since: Since) -> Impact {
    let view = View::new(knowledge, since.to);
    let mut table = ImpactTable::of(view, rules, since, DirtySet::of([View::new(knowledge, since.from), view], rules));
    for (id, versions) in rules.plans() {
        if versions.iter().any(|published| since.is_new(published.position)) {
            table.whole_plan(id.as_str());
        }
    }
    for contract in knowledge.contracts().filter(|contract| since.is_new(contract.since)) {
        table.new_contract(contract);
    }
    let endings = Endings::of(knowledge, since.to);
    let acting = endings.acting(endings.enders().filter(|by| since.is_new(*by)));
    for known in changed_facts(knowledge, since, &acting) {
        table.fact(&known.fact.body);
    }
    let acts = |position: Position| since.is_new(position) || acting.binary_search(&position).is_ok();
    for metered in knowledge.runs() {
        let contract = knowledge.contract(metered.contract);
        // Of a contract that several accounts have had, usage of any day says whose it is.
        let day = if contract.is_one_of_several { Day::LAST } else { since.closed };
        table.usage(contract, metered.run.moved_by(day, (since.from, since.to), acts));
    }
    table.take()
}

/// Asks, of one set of entries after the other, what would be reached if they had never been recorded.
pub struct ImpactWithout<'k> {
    table: ImpactTable<'k>,
    endings: Endings,
}

impl<'k> ImpactWithout<'k> {
    pub fn of(knowledge: &'k Knowledge, rules: &'k Rulebook, since: Since) -> ImpactWithout<'k> {
        let view = View::new(knowledge, since.to);
        let table = ImpactTable::of(view, rules, since, DirtySet::ever(view, rules));
        ImpactWithout { table, endings: Endings::of(knowledge, since.to) }
    }

    /// What would be reached without these, ascending.
    pub fn entries(&mut self, entries: &[Position]) -> Impact {
        let knowledge = self.table.view.knowledge;
        let table = &mut self.table;
        let mut used: BTreeMap<u32, Vec<(Day, Day)>> = BTreeMap::new();
        for position in entries.iter().copied().chain(self.endings.acting(entries.iter().copied())) {
            if let Some(known) = knowledge.fact_at(position) {
                table.fact(&known.fact.body);
                if let Body::Booking(booking) = &known.fact.body {
                    let contract = knowledge.contract_of(booking.contract(), booking.account.as_str());
                    contract
                        .into_iter()
                        .filter(|contract| contract.since == position)
                        .for_each(|new| table.new_contract(new));
                }
            }
            let Some(metered) = knowledge.run_at(position) else { continue };
            let contract = knowledge.contract(metered.contract);
            if contract.since == position {
                table.new_contract(contract);
            }
            used.entry(metered.contract).or_default().extend(metered.run.interval_of(position));
        }
        for (contract, days) in used {
            table.usage(knowledge.contract(contract), days.into_iter());
        }
        table.take()
    }
}

/// Which entries were ended by which: sorted by the one that did it.
struct Endings(Vec<(Position, Position)>);

impl Endings {
    /// Of all entries below a size.
    fn of(knowledge: &Knowledge, size: u64) -> Endings {
        let facts = knowledge.ended_facts().map(|known| (known.position, &known.validity));
        let usage = knowledge.runs().flat_map(|metered| metered.run.ended());
        let usage = usage.map(|ended| (ended.snapshot.position, &ended.validity));
        let ended = facts.chain(usage).filter(|(position, _)| u64::from(*position) < size);
        let by = |validity: &'_ Validity| {
            validity.replaced_by.iter().chain(&validity.retracted_by).copied().collect::<Vec<_>>()
        };
        let mut endings: Vec<(Position, Position)> =
            ended.flat_map(|(position, validity)| by(validity).into_iter().map(move |by| (by, position))).collect();
        endings.sort();
        Endings(endings)
    }

    fn enders(&self) -> impl Iterator<Item = Position> {
        self.0.iter().map(|(by, _)| *by)
    }

    /// Entries that act otherwise because of some, for one of these retracts or corrects them, and so on. Ascending.
    fn acting(&self, causes: impl Iterator<Item = Position>) -> Vec<Position> {
        let mut acting: BTreeSet<Position> = BTreeSet::new();
        let mut open: Vec<Position> = causes.collect();
        while let Some(cause) = open.pop() {
            let first = self.0.partition_point(|(by, _)| *by < cause);
            let ended = self.0[first..].iter().take_while(|(by, _)| *by == cause);
            open.extend(ended.map(|(_, ended)| *ended).filter(|ended| acting.insert(*ended)));
        }
        acting.into_iter().collect()
    }
}

/// Facts that are new, have come into their time, or act otherwise than before.
fn changed_facts<'k>(
    knowledge: &'k Knowledge,
    since: Since,
    acting: &[Position],
) -> impl Iterator<Item = &'k StoredFact> {
    let new = knowledge.facts_between(since.from, since.to);
    let come = knowledge.facts_dated(since.closed.next(), since.day, since.from);
    let acting: Vec<&StoredFact> = acting.iter().filter_map(|position| knowledge.fact_at(*position)).collect();
    new.chain(come).chain(acting)
}

/// Of which something is; none: nobody can say.
type Accounts<'k> = BTreeSet<&'k AccountId>;

struct ImpactTable<'k> {
    view: View<'k>,
    graph: CreditGraph<'k>,
    since: Since,
    dirty: DirtySet<'k>,
    adjusted: BTreeSet<PayeeId>,
    everything: bool,
    /// Signals and metrics on which some installment or clawback waits or depends.
    gate_names: BTreeSet<&'k Name>,
    /// Whether any of them looks at usage.
    usage_gates: bool,
    /// Who ever had credit of anything of an account, once it was asked.
    of_accounts: BTreeMap<&'k AccountId, Rc<Payees>>,
    /// Contracts on which gates were already asked for.
    gated: BTreeSet<&'k str>,
}

impl<'k> ImpactTable<'k> {
    fn of(view: View<'k>, rules: &'k Rulebook, since: Since, dirty: DirtySet<'k>) -> ImpactTable<'k> {
        let versions = || rules.plans().flat_map(|(id, _)| rules.versions(id.as_str(), view.visibility));
        let components = || versions().flat_map(|published| &published.plan.components);
        ImpactTable {
            view,
            graph: CreditGraph::of(view),
            since,
            dirty,
            adjusted: BTreeSet::new(),
            everything: false,
            gate_names: components().flat_map(gate_names).collect(),
            usage_gates: components().any(has_usage_gates),
            of_accounts: BTreeMap::new(),
            gated: BTreeSet::new(),
        }
    }

    /// What was reached; and begins anew.
    fn take(&mut self) -> Impact {
        self.gated.clear();
        Impact {
            changes: self.dirty.take_by_payee(),
            adjusted: std::mem::take(&mut self.adjusted),
            everything: std::mem::take(&mut self.everything),
        }
    }

    /// Something of a payee itself.
    fn own(&mut self, payee: &PayeeId, what: ChangeKind) {
        if let Some(payee) = self.dirty.place(payee) {
            self.dirty.own(payee, what.of_any());
        }
    }

    /// What was sold or signalled on a day, for those who have credit of it. The month to be closed is worked out in any
    /// case.
    fn credited(&mut self, payees: &Payees, change: ItemChange<'k>, day: Day, accounts: &Accounts<'k>) {
        if !self.is_past(day) {
            return;
        }
        let what = change.on(Month::of(day).first());
        for account in accounts {
            self.dirty.credited(payees, what.clone().of(account));
        }
        if accounts.is_empty() {
            self.dirty.credited(payees, what.of_any());
        }
    }

    fn whole_plan(&mut self, plan: &str) {
        for place in self.dirty.places() {
            let payee = self.dirty.payee(place);
            if self.view.assignments_ever(payee.as_str()).any(|assignment| assignment.plan.as_str() == plan) {
                self.dirty.own(place, ChangeKind::All.of_any());
            }
        }
    }

    fn is_past(&self, day: Day) -> bool {
        day <= self.since.closed
    }

    fn fact(&mut self, body: &'k Body) {
        match body {
            Body::Payee(fact) => {
                if fact.status != FieldChange::Keep {
                    self.own(&fact.payee, ChangeKind::All);
                }
                if (fact.manager != FieldChange::Keep || fact.team != FieldChange::Keep) && self.is_past(fact.at) {
                    self.dirty
                        .managers()
                        .clone()
                        .into_iter()
                        .for_each(|payee| self.dirty.own(payee, ChangeKind::All.of_any()));
                    self.own(&fact.payee, ChangeKind::All);
                }
            }
            Body::Account(fact) if self.is_past(fact.at) => {
                let payees = self.of_account(&fact.account);
                self.dirty.credited(&payees, ChangeKind::From(fact.at).of(&fact.account));
            }
            Body::Assignment(fact) => self.own(&fact.payee, ChangeKind::From(fact.at.previous().max(Day::FIRST))),
            Body::AssignmentEnd(fact) => self.own(&fact.payee, ChangeKind::From(fact.at)),
            Body::Quota(fact) => self.own(&fact.payee, ChangeKind::From(fact.at)),
            Body::Adjustment(fact) => drop(self.adjusted.insert(fact.payee.clone())),
            Body::Booking(fact) => self.booking(fact),
            Body::Cancellation(fact) => {
                for booking in self.versions(&fact.booking) {
                    self.items_of(booking);
                    if self.is_past(fact.at) {
                        self.usage_gates(booking.contract());
                    }
                }
            }
            Body::CreditSplit(fact) => self.split(&fact.on, fact.at),
            Body::Signal(fact) => self.signal(fact),
            Body::ExchangeRate(fact) => self.everything |= self.is_past(fact.at),
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
        self.items_of(booking);
        // It takes its part of the contract's usage from the others.
        if self.is_past(booking.at.min(booking.start())) {
            self.usage_gates(booking.contract());
        }
        self.changed_contract(booking.contract());
    }

    /// The items of a booking, and of signals on it.
    fn items_of(&mut self, booking: &'k Booking) {
        let payees = self.of_booking(booking);
        self.credited(&payees, ItemChange::Item, booking.at, &[&booking.account].into());
        self.signalled(&SplitTarget::Booking(booking.booking.clone()), &payees, ItemChange::Item);
    }

    /// Items of signals that name something: of those who have credit of it, and of whom the signal itself names.
    fn signalled(&mut self, thing: &SplitTarget, payees: &Payees, change: ItemChange<'k>) {
        for signal in self.signals(thing).filter(|signal| self.is_past(signal.at)).collect::<Vec<_>>() {
            let accounts = self.accounts(signal);
            self.credited(payees, change, signal.at, &accounts);
            let mut named: Payees = self.named(signal).into_iter().collect();
            if let (SplitTarget::Contract(_), Some(account)) = (thing, &signal.account) {
                // As long as the contract is not there, or has no split, it is theirs who have credit of this account.
                named.extend(self.splits(&SplitTarget::Account(account.clone())));
            }
            self.credited(&named, change, signal.at, &accounts);
        }
    }

    /// The payee that a signal names.
    fn named(&self, signal: &Signal) -> Option<usize> {
        self.dirty.place(signal.payee.as_ref()?)
    }

    /// Every account of which a signal's item may be.
    fn accounts(&self, signal: &'k Signal) -> Accounts<'k> {
        let knowledge = self.view.knowledge;
        let bookings = signal.booking.iter().flat_map(|id| self.versions(id)).map(|booking| &booking.account);
        let contracts = signal.contract.iter().flat_map(|id| knowledge.contracts_named(id.as_str()));
        bookings.chain(contracts.map(|contract| &contract.account)).chain(&signal.account).collect()
    }

    /// A contract that was not there makes items of signals that named it before.
    fn new_contract(&mut self, contract: &'k Contract) {
        let payees = self.of_account(&contract.account);
        self.signalled(&SplitTarget::Contract(contract.id.clone()), &payees, ItemChange::Item);
    }

    /// Of a contract that several accounts have had, something new may make another count.
    fn changed_contract(&mut self, id: &str) {
        let contracts: Vec<&Contract> = self.view.knowledge.contracts_named(id).collect();
        if contracts.len() > 1 {
            for contract in contracts {
                let payees = self.of_account(&contract.account);
                self.dirty.credited(&payees, ChangeKind::From(Day::FIRST).of_any());
            }
        }
    }

    /// Gates on usage of everything that was sold on a contract.
    fn usage_gates(&mut self, contract: &'k str) {
        if !self.usage_gates || !self.gated.insert(contract) {
            return;
        }
        let contracts = self.view.knowledge.contracts_named(contract);
        for booking in contracts.flat_map(|contract| self.bookings(contract)).collect::<Vec<_>>() {
            let payees = self.of_booking(booking);
            self.credited(&payees, ItemChange::UsageGates, booking.at, &[&booking.account].into());
            self.signalled(&SplitTarget::Booking(booking.booking.clone()), &payees, ItemChange::UsageGates);
        }
    }

    /// Usage of a contract on these stretches of days.
    fn usage(&mut self, contract: &'k Contract, days: impl Iterator<Item = (Day, Day)>) {
        let mut used = DayRanges::none();
        days.for_each(|(from, to)| used.add(from, to));
        if used.is_empty() {
            return;
        }
        let payees = self.of_usage(contract);
        for (from, to) in used.ranges() {
            self.dirty.credited(&payees, ChangeKind::Used(*from, *to).of(&contract.account));
        }
        self.usage_gates(contract.id.as_str());
        self.changed_contract(contract.id.as_str());
    }

    fn split(&mut self, on: &'k SplitTarget, at: Day) {
        match on {
            SplitTarget::Booking(id) => self.versions(id).for_each(|booking| self.items_of(booking)),
            SplitTarget::Contract(id) if self.is_past(at) => {
                let holders: Payees = self.splits(on).collect();
                for contract in self.view.knowledge.contracts_named(id.as_str()) {
                    let payees = self.of_account(&contract.account).union(&holders).copied().collect();
                    self.dirty.credited(&payees, ChangeKind::From(at).of(&contract.account));
                }
                // Signals may name a contract that is not there.
                self.signalled(on, &holders, ItemChange::Item);
            }
            SplitTarget::Account(id) if self.is_past(at) => {
                let payees = self.of_account(id);
                self.dirty.credited(&payees, ChangeKind::From(at).of(id));
            }
            SplitTarget::Contract(_) | SplitTarget::Account(_) => {}
        }
    }

    // Signals ------------------------------------------------------------------------------------------------------

    fn signal(&mut self, signal: &'k Signal) {
        let gates = ItemChange::SignalGates { name: &signal.signal, fresh: !self.is_past(signal.at) };
        let is_gate = self.gate_names.contains(&signal.signal);
        if !is_gate && !self.is_past(signal.at) {
            return;
        }
        let accounts = self.accounts(signal);
        let named = self.named(signal).into_iter().collect();
        self.credited(&named, ItemChange::Item, signal.at, &accounts);
        let Some(thing) = narrowest(signal) else { return };
        let knowledge = self.view.knowledge;
        let (contracts, mut bookings): (Vec<&Contract>, Vec<&Booking>) = match &thing {
            SplitTarget::Booking(id) => (Vec::new(), self.versions(id).collect()),
            SplitTarget::Contract(id) => (knowledge.contracts_named(id.as_str()).collect(), Vec::new()),
            SplitTarget::Account(id) => (knowledge.contracts_of(id).collect(), Vec::new()),
        };
        bookings.extend(contracts.iter().flat_map(|contract| self.bookings(contract)));
        let mut payees: Payees = self.splits(&thing).collect();
        for contract in &contracts {
            payees.extend(self.of_account(&contract.account).iter());
        }
        payees.extend(bookings.iter().flat_map(|booking| self.of_booking(booking)));
        // A narrower thing that is not there leaves the signal to those which it names beside it.
        if let Some(id) = &signal.contract {
            payees.extend(self.splits(&SplitTarget::Contract(id.clone())));
            for contract in knowledge.contracts_named(id.as_str()) {
                payees.extend(self.of_account(&contract.account).iter());
            }
        }
        if let Some(account) = &signal.account {
            payees.extend(self.of_account(account).iter());
        }
        self.credited(&payees, ItemChange::Item, signal.at, &accounts);
        if !is_gate {
            return;
        }
        for booking in bookings {
            let holders = self.of_booking(booking);
            self.credited(&holders, gates, booking.at, &[&booking.account].into());
            self.signalled(&SplitTarget::Booking(booking.booking.clone()), &holders, gates);
        }
        self.signalled(&thing, &payees, gates);
        for contract in contracts {
            self.signalled(&SplitTarget::Contract(contract.id.clone()), &payees, gates);
            let holders = self.of_usage(contract);
            let ItemChange::SignalGates { name, fresh } = gates else { continue };
            let what = ChangeKind::SignalGates { name: name.clone(), of: None, fresh };
            self.dirty.credited(&holders, what.of(&contract.account));
        }
    }

    // Who ever had a share -----------------------------------------------------------------------------------------

    fn places(&self, payees: impl Iterator<Item = &'k PayeeId>) -> impl Iterator<Item = usize> {
        payees.filter_map(|payee| self.dirty.place(payee))
    }

    fn splits(&self, target: &SplitTarget) -> impl Iterator<Item = usize> {
        self.places(self.graph.payees_of_splits(target))
    }

    fn of_usage(&self, contract: &Contract) -> Payees {
        self.places(self.graph.payees_of_contract(contract)).collect()
    }

    fn of_booking(&self, booking: &Booking) -> Payees {
        self.places(self.graph.payees_of_version(booking)).collect()
    }

    fn of_account(&mut self, account: &'k AccountId) -> Rc<Payees> {
        if let Some(known) = self.of_accounts.get(account) {
            return known.clone();
        }
        let payees: Rc<Payees> = Rc::new(self.places(self.graph.payees_of_account(account)).collect());
        self.of_accounts.insert(account, payees.clone());
        payees
    }

    // Facts of all time --------------------------------------------------------------------------------------------

    /// All that a booking ever was.
    fn versions(&self, id: &BookingId) -> impl Iterator<Item = &'k Booking> + use<'k> {
        self.view.booking_versions(id.as_str()).map(|version| version.fact)
    }

    fn bookings(&self, contract: &'k Contract) -> impl Iterator<Item = &'k Booking> + use<'k> {
        self.view.versions_on(contract).map(|version| version.fact)
    }

    fn signals(&self, target: &SplitTarget) -> impl Iterator<Item = &'k Signal> + use<'k> {
        self.view.signals_naming(target).map(|signal| signal.fact)
    }
}

/// What happened to something that was sold or signalled on a day.
#[derive(Copy, Clone)]
enum ItemChange<'k> {
    Item,
    UsageGates,
    SignalGates { name: &'k Name, fresh: bool },
}

impl ItemChange<'_> {
    fn on(self, day: Day) -> ChangeKind {
        match self {
            ItemChange::Item => ChangeKind::Dated(day),
            ItemChange::UsageGates => ChangeKind::UsageGates(day),
            ItemChange::SignalGates { name, fresh } => {
                ChangeKind::SignalGates { name: name.clone(), of: Some(day), fresh }
            }
        }
    }
}
