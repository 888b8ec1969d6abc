//! The one table from a change to the cells and dates that it can affect.
//!
//! After a close, posted equals entitled on every line, so a cell that no change affects needs no evaluation. The table
//! over-approximates on purpose: a row may name a payee, an account or a date that the change does not alter, which costs
//! time, but it must never leave one out, which would cost money. So it asks who *ever* had credit, not who has it now,
//! and a row that cannot tell affects everything. The judge is the full evaluation: `close --full` evaluates both ways
//! and refuses any difference.
//!
//! | change | affects |
//! |---|---|
//! | usage of a contract | usage items on its days of payees with credit of it; conditions on usage of its bookings |
//! | first entry of a contract | items of signals that named the contract before it existed |
//! | booking, cancellation, credit note | the booking's items and signals on it; conditions on usage of its contract's bookings |
//! | split | of a booking, its items; of a contract or an account, items from the day on, of old and new holders with managers and teams |
//! | payee | with a new status, all items of the payee; with a new manager or team, also those of everybody who is paid on the credit of others |
//! | account | items of the account from the day on, of payees who ever had credit of anything of it |
//! | assignment, its end, quota | the payee's items from the day on |
//! | signal | items of the signal; conditions of what it names |
//! | complete usage (the complete day of an account moves) | conditions on usage of the account's bookings with a day in term between the old and the new day; of everybody: of every account |
//! | exchange rate | everything, if the rate is dated in a closed month |
//! | plan version | all items of payees who ever had the plan |
//! | correction, retraction | the union of what the old and the new fact affect |
//! | adjustment | the payee's adjustments |
//!
//! The passing of time is not in the table: the wake-up schedule (`schedule.rs`) names the cells that it affects. Facts
//! that were recorded earlier and dated in the month to be closed count as changes of it.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use ledger::date::{Day, Month};
use ledger::fact::{
    Account, Body, Booking, CancellationFact, CreditNote, Payee, Reference, Signal, SplitTarget, UsageComplete,
};
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

/// The interval between two closes: the log sizes that each knew (K), and their last days (E).
#[derive(Copy, Clone)]
pub struct CloseInterval {
    pub from: u64,
    pub to: u64,
    pub closed: Day,
    pub day: Day,
}

impl CloseInterval {
    fn is_new(&self, position: Position) -> bool {
        (self.from..self.to).contains(&u64::from(position))
    }
}

/// A row of the table, so that a test can leave one out and see that the reads of cells miss it.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ImpactRow {
    /// Usage of a contract.
    Usage,
    /// The first entry of a contract.
    NewContract,
    /// Booking.
    Booking,
    /// Cancellation.
    Cancellation,
    /// Credit note.
    CreditNote,
    /// Split.
    Split,
    /// Payee: status, manager, team.
    Payee,
    /// Account: segment, region, attributes.
    Account,
    /// Assignment.
    Assignment,
    /// The end of an assignment.
    AssignmentEnd,
    /// Quota.
    Quota,
    /// Signal.
    Signal,
    /// Complete usage.
    UsageComplete,
    /// Exchange rate.
    ExchangeRate,
    /// Plan version.
    PlanVersion,
    /// Correction, retraction.
    Ended,
    /// Adjustment.
    Adjustment,
}

impl ImpactRow {
    /// Every row.
    pub const ALL: [ImpactRow; 17] = [
        ImpactRow::Usage,
        ImpactRow::NewContract,
        ImpactRow::Booking,
        ImpactRow::Cancellation,
        ImpactRow::CreditNote,
        ImpactRow::Split,
        ImpactRow::Payee,
        ImpactRow::Account,
        ImpactRow::Assignment,
        ImpactRow::AssignmentEnd,
        ImpactRow::Quota,
        ImpactRow::Signal,
        ImpactRow::UsageComplete,
        ImpactRow::ExchangeRate,
        ImpactRow::PlanVersion,
        ImpactRow::Ended,
        ImpactRow::Adjustment,
    ];

    /// The row of a fact. Opening balances have none, because they enter each close anew; usage has one, by contract.
    fn of(body: &Body) -> Option<ImpactRow> {
        Some(match body {
            Body::Booking(_) => ImpactRow::Booking,
            Body::Cancellation(_) => ImpactRow::Cancellation,
            Body::CreditNote(_) => ImpactRow::CreditNote,
            Body::CreditSplit(_) => ImpactRow::Split,
            Body::Payee(_) => ImpactRow::Payee,
            Body::Account(_) => ImpactRow::Account,
            Body::Assignment(_) => ImpactRow::Assignment,
            Body::AssignmentEnd(_) => ImpactRow::AssignmentEnd,
            Body::Quota(_) => ImpactRow::Quota,
            Body::Signal(_) => ImpactRow::Signal,
            Body::UsageComplete(_) => ImpactRow::UsageComplete,
            Body::ExchangeRate(_) => ImpactRow::ExchangeRate,
            Body::Retraction(_) => ImpactRow::Ended,
            Body::Adjustment(_) => ImpactRow::Adjustment,
            Body::UsageSnapshot(_) => ImpactRow::Usage,
            Body::OpeningBalance(_) => return None,
        })
    }
}

/// The cells that changes can affect, by payee.
#[derive(Default)]
pub struct Impact {
    pub changes: BTreeMap<PayeeId, BTreeSet<Change>>,
    /// Who has an adjustment that is new, or not what it was.
    pub adjusted: BTreeSet<PayeeId>,
    /// A change can affect any cell, so that the close evaluates everything.
    pub everything: bool,
}

/// The impact of everything that changed between two closes.
pub fn impact_of(knowledge: &Knowledge, rules: &Rulebook, interval: CloseInterval) -> Impact {
    let view = View::new(knowledge, interval.to);
    let before = View::new(knowledge, interval.from);
    let mut table = ImpactTable::of(view, rules, interval, DirtySet::of([before, view], rules));
    table.before = Some(before);
    for (id, versions) in rules.plans() {
        if versions.iter().any(|published| interval.is_new(published.position)) {
            table.whole_plan(id.as_str());
        }
    }
    for contract in knowledge.contracts().filter(|contract| interval.is_new(contract.since)) {
        table.new_contract(contract);
    }
    let endings = Endings::of(knowledge, interval.to);
    let acting = endings.acting(endings.enders().filter(|by| interval.is_new(*by)));
    for known in changed_facts(knowledge, interval, &acting) {
        table.fact(&known.fact.body);
    }
    let acts = |position: Position| interval.is_new(position) || acting.binary_search(&position).is_ok();
    for metered in knowledge.runs() {
        let contract = knowledge.contract(metered.contract);
        // If several accounts have had the contract, its usage of any day tells which account it belongs to.
        let day = if contract.shares_id { Day::LAST } else { interval.closed };
        table.usage(contract, metered.run.changed_between(day, (interval.from, interval.to), acts));
    }
    table.take()
}

/// The impact of hiding entries, for one set of entries after the other.
pub struct ImpactWithout<'k> {
    table: ImpactTable<'k>,
    endings: Endings,
}

impl<'k> ImpactWithout<'k> {
    pub fn of(knowledge: &'k Knowledge, rules: &'k Rulebook, interval: CloseInterval) -> ImpactWithout<'k> {
        let view = View::new(knowledge, interval.to);
        let table = ImpactTable::of(view, rules, interval, DirtySet::ever(view, rules));
        ImpactWithout { table, endings: Endings::of(knowledge, interval.to) }
    }

    /// By the table without one of its rows, if one is to be left out.
    pub fn without_row(mut self, left_out: Option<ImpactRow>) -> ImpactWithout<'k> {
        self.table.left_out = left_out;
        self
    }

    /// The impact of hiding a version of a plan.
    pub fn version_of(&mut self, plan: &str) -> Impact {
        self.table.whole_plan(plan);
        self.table.take()
    }

    /// The impact of hiding these entries, ascending.
    pub fn entries(&mut self, entries: &[Position]) -> Impact {
        let knowledge = self.table.view.knowledge;
        let table = &mut self.table;
        let mut used: BTreeMap<u32, Vec<(Day, Day)>> = BTreeMap::new();
        let ended = if table.has(ImpactRow::Ended) { self.endings.acting(entries.iter().copied()) } else { Vec::new() };
        for position in entries.iter().copied().chain(ended) {
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

/// Which entry replaced or retracted which: sorted by the one that did it.
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

    /// Entries whose effect some causes change, because they retract or correct them, directly or through others.
    /// Ascending. This is the row "correction, retraction": the old fact affects its cells like the new one.
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

/// Facts that are new, that are dated between the two closes, or whose effect changed.
fn changed_facts<'k>(
    knowledge: &'k Knowledge,
    interval: CloseInterval,
    acting: &[Position],
) -> impl Iterator<Item = &'k StoredFact> {
    let new = knowledge.facts_between(interval.from, interval.to);
    let come = knowledge.facts_dated(interval.closed.next(), interval.day, interval.from);
    let acting: Vec<&StoredFact> = acting.iter().filter_map(|position| knowledge.fact_at(*position)).collect();
    new.chain(come).chain(acting)
}

/// Accounts that an item may belong to; empty means any account.
type Accounts<'k> = BTreeSet<&'k AccountId>;

/// The table, and the impact that its rows have collected so far.
struct ImpactTable<'k> {
    view: View<'k>,
    /// The view before the changes; `None` if any entries may be hidden.
    before: Option<View<'k>>,
    graph: CreditGraph<'k>,
    interval: CloseInterval,
    dirty: DirtySet<'k>,
    adjusted: BTreeSet<PayeeId>,
    everything: bool,
    /// Signals and metrics that an installment or a clawback of some plan depends on.
    gate_names: BTreeSet<&'k Name>,
    /// Whether an installment or a clawback of some plan depends on usage.
    usage_gates: bool,
    /// Payees who ever had credit of anything of an account, filled when first needed.
    of_accounts: BTreeMap<&'k AccountId, Rc<Payees>>,
    /// Contracts whose conditions on usage are in the impact already.
    gated: BTreeSet<&'k str>,
    /// The accounts whose complete day was looked at; `None` is everybody.
    completed: BTreeSet<Option<&'k AccountId>>,
    left_out: Option<ImpactRow>,
}

impl<'k> ImpactTable<'k> {
    fn of(view: View<'k>, rules: &'k Rulebook, interval: CloseInterval, dirty: DirtySet<'k>) -> ImpactTable<'k> {
        let versions = || rules.plans().flat_map(|(id, _)| rules.versions(id.as_str(), view.visibility));
        let components = || versions().flat_map(|published| &published.plan.components);
        ImpactTable {
            view,
            before: None,
            graph: CreditGraph::of(view),
            interval,
            dirty,
            adjusted: BTreeSet::new(),
            everything: false,
            gate_names: components().flat_map(gate_names).collect(),
            usage_gates: components().any(has_usage_gates),
            of_accounts: BTreeMap::new(),
            gated: BTreeSet::new(),
            completed: BTreeSet::new(),
            left_out: None,
        }
    }

    fn has(&self, row: ImpactRow) -> bool {
        self.left_out != Some(row)
    }

    /// Takes the collected impact and starts an empty one.
    fn take(&mut self) -> Impact {
        self.gated.clear();
        self.completed.clear();
        Impact {
            changes: self.dirty.take_by_payee(),
            adjusted: std::mem::take(&mut self.adjusted),
            everything: std::mem::take(&mut self.everything),
        }
    }

    // The rows, in the order of the table ------------------------------------------------------------------------------

    /// The row of a fact.
    fn fact(&mut self, body: &'k Body) {
        if !ImpactRow::of(body).is_some_and(|row| self.has(row)) {
            return;
        }
        match body {
            Body::Booking(fact) => self.booking(fact),
            Body::Cancellation(fact) => self.cancellation(fact),
            Body::CreditNote(fact) => self.credit_note(fact),
            Body::CreditSplit(fact) => self.split(&fact.on, fact.at),
            Body::Payee(fact) => self.payee(fact),
            Body::Account(fact) => self.account(fact),
            Body::Assignment(fact) => self.own(&fact.payee, ChangeKind::From(fact.at.previous().max(Day::FIRST))),
            Body::AssignmentEnd(fact) => self.own(&fact.payee, ChangeKind::From(fact.at)),
            Body::Quota(fact) => self.own(&fact.payee, ChangeKind::From(fact.at)),
            Body::Signal(fact) => self.signal(fact),
            Body::UsageComplete(fact) => self.usage_complete(fact),
            Body::ExchangeRate(fact) => self.everything |= self.is_past(fact.at),
            Body::Retraction(fact) => self.retraction(&fact.retracts),
            Body::Adjustment(fact) => drop(self.adjusted.insert(fact.payee.clone())),
            // Opening balances enter each close anew, and usage has a row of its own, by contract.
            Body::OpeningBalance(_) | Body::UsageSnapshot(_) => {}
        }
    }

    /// Usage of a contract on some days -> usage items on these days of payees with credit of the contract; conditions on
    /// usage of the contract's bookings.
    fn usage(&mut self, contract: &'k Contract, days: impl Iterator<Item = (Day, Day)>) {
        let mut used = DayRanges::none();
        days.for_each(|(from, to)| used.add(from, to));
        if used.is_empty() || !self.has(ImpactRow::Usage) {
            return;
        }
        let payees = self.of_usage(contract);
        for (from, to) in used.ranges() {
            self.dirty.credited(&payees, ChangeKind::Used(*from, *to).for_account(&contract.account));
        }
        self.usage_gates(contract.id.as_str());
        self.changed_contract(contract.id.as_str());
    }

    /// A contract's first entry -> items of signals that named the contract before it existed.
    fn new_contract(&mut self, contract: &'k Contract) {
        if !self.has(ImpactRow::NewContract) {
            return;
        }
        let payees = self.of_account(&contract.account);
        self.signalled(&SplitTarget::Contract(contract.id.clone()), &payees, ItemChange::Item);
    }

    /// Booking -> its items and those of signals on it; if it is dated in a closed month, conditions on usage of the
    /// contract's bookings, because the booking takes its part of the contract's usage.
    fn booking(&mut self, booking: &'k Booking) {
        self.items_of(booking);
        // It takes its part of the contract's usage from the others.
        if self.is_past(booking.at.min(booking.start())) {
            self.usage_gates(booking.contract());
        }
        self.changed_contract(booking.contract());
    }

    /// Cancellation of a booking -> the same as the booking: its items, signals on it, and conditions on usage of the
    /// contract's bookings.
    fn cancellation(&mut self, cancellation: &'k CancellationFact) {
        self.less_of(&cancellation.booking, cancellation.at);
    }

    /// Credit note on a booking -> the same as its cancellation: less is left of what was booked, and of what the booking
    /// takes of its contract's usage.
    fn credit_note(&mut self, note: &'k CreditNote) {
        self.less_of(&note.booking, note.at);
    }

    /// The items of a booking of which less is left from a day on, and what its share of the contract's usage decides.
    fn less_of(&mut self, booking: &BookingId, at: Day) {
        for booking in self.versions(booking) {
            self.items_of(booking);
            if self.is_past(at) {
                self.usage_gates(booking.contract());
            }
        }
    }

    /// Split -> of a booking, the booking's items; of a contract or an account, items from the day on, of old and new
    /// holders.
    fn split(&mut self, on: &'k SplitTarget, at: Day) {
        match on {
            SplitTarget::Booking(id) => self.versions(id).for_each(|booking| self.items_of(booking)),
            SplitTarget::Contract(id) if self.is_past(at) => {
                let holders: Payees = self.splits(on).collect();
                for contract in self.view.knowledge.contracts_named(id.as_str()) {
                    let payees = self.of_account(&contract.account).union(&holders).copied().collect();
                    self.dirty.credited(&payees, ChangeKind::From(at).for_account(&contract.account));
                }
                // Signals may name a contract that is not there.
                self.signalled(on, &holders, ItemChange::Item);
            }
            SplitTarget::Account(id) if self.is_past(at) => {
                let payees = self.of_account(id);
                self.dirty.credited(&payees, ChangeKind::From(at).for_account(id));
            }
            SplitTarget::Contract(_) | SplitTarget::Account(_) => {}
        }
    }

    /// Payee -> with a new status, all items of the payee; with a new manager or team, all items of the payee and of
    /// everybody who is paid on the credit of others.
    fn payee(&mut self, fact: &'k Payee) {
        if fact.status != FieldChange::Keep {
            self.own(&fact.payee, ChangeKind::All);
        }
        if (fact.manager != FieldChange::Keep || fact.team != FieldChange::Keep) && self.is_past(fact.at) {
            for manager in self.dirty.managers().clone() {
                self.dirty.own(manager, ChangeKind::All.for_any_account());
            }
            self.own(&fact.payee, ChangeKind::All);
        }
    }

    /// Account (segment, region, attributes) -> items of the account from the day on, of payees who ever had credit of
    /// anything of it.
    fn account(&mut self, fact: &'k Account) {
        if self.is_past(fact.at) {
            let payees = self.of_account(&fact.account);
            self.dirty.credited(&payees, ChangeKind::From(fact.at).for_account(&fact.account));
        }
    }

    /// Signal -> items of the signal itself; if a plan's conditions name it, conditions of everything that it names.
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
            self.dirty.credited(&holders, what.for_account(&contract.account));
        }
    }

    /// Complete usage -> conditions on usage of bookings of the account, or of every account, that are in term on a day
    /// between its old and its new complete day. What was undecided has such a day.
    fn usage_complete(&mut self, fact: &'k UsageComplete) {
        if !self.usage_gates || !self.completed.insert(fact.account.as_ref()) {
            return;
        }
        let knowledge = self.view.knowledge;
        let accounts: BTreeSet<&AccountId> = match &fact.account {
            Some(account) => [account].into(),
            None => knowledge.contracts().map(|contract| &contract.account).collect(),
        };
        for account in accounts {
            let Some((from, to)) = self.complete_days_between(account) else { continue };
            for contract in knowledge.contracts_of(account) {
                let bookings = self.bookings(contract).filter(|booking| {
                    let (start, end) = booking.term();
                    start <= to && from <= end
                });
                bookings.collect::<Vec<_>>().into_iter().for_each(|booking| self.usage_gates_of(booking));
            }
        }
    }

    /// The days that were complete before and are not now, or the other way round. `None` if the complete day is the same.
    /// An account that is not tracked counts as complete for ever.
    fn complete_days_between(&self, account: &AccountId) -> Option<(Day, Day)> {
        let Some(before) = self.before else { return Some((Day::FIRST, Day::LAST)) };
        let day = |view: View<'_>| view.complete_day(account.as_str()).map_or(Day::LAST, |known| known.fact.at);
        let (was, is) = (day(before), day(self.view));
        (was != is).then(|| (was.min(is).next(), was.max(is)))
    }

    /// Plan version -> all items of payees who ever had the plan.
    fn whole_plan(&mut self, plan: &str) {
        if !self.has(ImpactRow::PlanVersion) {
            return;
        }
        for place in self.dirty.places() {
            let payee = self.dirty.payee(place);
            if self.view.assignments_ever(payee.as_str()).any(|assignment| assignment.plan.as_str() == plan) {
                self.dirty.own(place, ChangeKind::All.for_any_account());
            }
        }
    }

    /// Retraction -> what the retracted fact affects.
    fn retraction(&mut self, retracts: &'k Reference) {
        let Reference::Id(id) = retracts else { return };
        let retracted = self.view.knowledge.position_of(*id);
        if let Some(known) = retracted.and_then(|position| self.view.knowledge.fact_at(position)) {
            self.fact(&known.fact.body);
        }
    }

    // What the rows share ----------------------------------------------------------------------------------------------

    /// A change of a payee's own items, whatever their account.
    fn own(&mut self, payee: &PayeeId, what: ChangeKind) {
        if let Some(payee) = self.dirty.place(payee) {
            self.dirty.own(payee, what.for_any_account());
        }
    }

    /// A change of items of one day, for the payees with credit of them. Days after the last close need no change: the
    /// month to be closed is evaluated in any case.
    fn credited(&mut self, payees: &Payees, change: ItemChange<'k>, day: Day, accounts: &Accounts<'k>) {
        if !self.is_past(day) {
            return;
        }
        let what = change.on(Month::of(day).first());
        for account in accounts {
            self.dirty.credited(payees, what.clone().for_account(account));
        }
        if accounts.is_empty() {
            self.dirty.credited(payees, what.for_any_account());
        }
    }

    /// Whether a day is in a closed month.
    fn is_past(&self, day: Day) -> bool {
        day <= self.interval.closed
    }

    /// The items of a booking, and of signals on it.
    fn items_of(&mut self, booking: &'k Booking) {
        let payees = self.of_booking(booking);
        self.credited(&payees, ItemChange::Item, booking.at, &[&booking.account].into());
        self.signalled(&SplitTarget::Booking(booking.booking.clone()), &payees, ItemChange::Item);
    }

    /// Items of signals on something: of the payees with credit of it, of the payee that the signal names, and of those with
    /// credit of whatever the signal names beside it, who may have the item as long as the thing is not there or has no split.
    fn signalled(&mut self, thing: &SplitTarget, payees: &Payees, change: ItemChange<'k>) {
        for signal in self.signals(thing).filter(|signal| self.is_past(signal.at)).collect::<Vec<_>>() {
            let accounts = self.accounts(signal);
            self.credited(payees, change, signal.at, &accounts);
            let named: Payees =
                self.named(signal).into_iter().chain(self.places(self.graph.payees_of_signal(signal))).collect();
            self.credited(&named, change, signal.at, &accounts);
        }
    }

    /// The payee that a signal names.
    fn named(&self, signal: &Signal) -> Option<usize> {
        self.dirty.place(signal.payee.as_ref()?)
    }

    /// The accounts that a signal's item may belong to.
    fn accounts(&self, signal: &'k Signal) -> Accounts<'k> {
        let knowledge = self.view.knowledge;
        let bookings = signal.booking.iter().flat_map(|id| self.versions(id)).map(|booking| &booking.account);
        let contracts = signal.contract.iter().flat_map(|id| knowledge.contracts_named(id.as_str()));
        bookings.chain(contracts.map(|contract| &contract.account)).chain(&signal.account).collect()
    }

    /// Where several accounts have had the contract, a new entry can move it to another account: all of their items.
    fn changed_contract(&mut self, id: &str) {
        let contracts: Vec<&Contract> = self.view.knowledge.contracts_named(id).collect();
        if contracts.len() > 1 {
            for contract in contracts {
                let payees = self.of_account(&contract.account);
                self.dirty.credited(&payees, ChangeKind::From(Day::FIRST).for_any_account());
            }
        }
    }

    /// Conditions on usage of everything sold on a contract.
    fn usage_gates(&mut self, contract: &'k str) {
        if !self.usage_gates || !self.gated.insert(contract) {
            return;
        }
        let contracts = self.view.knowledge.contracts_named(contract);
        for booking in contracts.flat_map(|contract| self.bookings(contract)).collect::<Vec<_>>() {
            self.usage_gates_of(booking);
        }
    }

    /// Conditions on usage of one booking.
    fn usage_gates_of(&mut self, booking: &'k Booking) {
        let payees = self.of_booking(booking);
        self.credited(&payees, ItemChange::UsageGates, booking.at, &[&booking.account].into());
        self.signalled(&SplitTarget::Booking(booking.booking.clone()), &payees, ItemChange::UsageGates);
    }

    // Payees who ever had credit -----------------------------------------------------------------------------------------

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

    /// Every version of a booking.
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

/// What changed of an item that was sold or signalled on a day.
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
