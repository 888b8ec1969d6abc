//! What is known at one size of the log: questions to the knowledge, answered from the facts in force there.

use ledger::date::Day;
use ledger::exact::Exact;
use ledger::fact::{
    Account, Adjustment, Assignment, AssignmentEnd, Body, Booking, Cancellation, CreditSplit, ExchangeRate,
    OpeningBalance, Payee, Quota, Share, Signal, SplitTarget, Status, VariantOf,
};
use ledger::field::{Attribute, FieldChange, Percent};
use ledger::id::{AccountId, BookingId, ContractId, Name, PayeeId};
use ledger::money::Currency;

use crate::knowledge::{Contract, Knowledge, MeteredRun, StoredFact};
use crate::position::{FactIndex, Position};
use crate::usage::{UsageColumn, UsageEntry};
use crate::validity::Visibility;

/// The knowledge as of a size.
#[derive(Copy, Clone)]
pub struct View<'k> {
    pub knowledge: &'k Knowledge,
    pub visibility: Visibility<'k>,
}

/// A fact in force and where it stands.
pub struct FactRef<'k, T> {
    pub position: Position,
    pub fact: &'k T,
    pub stored: &'k StoredFact,
}

impl<T> Copy for FactRef<'_, T> {}
impl<T> Clone for FactRef<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<'k> View<'k> {
    pub fn new(knowledge: &'k Knowledge, size: u64) -> View<'k> {
        View { knowledge, visibility: Visibility::below(size) }
    }

    pub fn in_force(&self, position: Position) -> bool {
        self.knowledge.in_force(position, self.visibility)
    }

    /// Those of a list that are in force, in the order in which they were recorded.
    pub fn live(&self, list: &'k [FactIndex]) -> impl DoubleEndedIterator<Item = &'k StoredFact> + use<'k> {
        let view = *self;
        list.iter().map(move |index| view.knowledge.fact(*index)).filter(move |known| {
            if known.validity.is_open() {
                view.visibility.admits(known.position)
            } else {
                view.in_force(known.position)
            }
        })
    }

    /// Those of one kind, typed.
    fn typed<T: VariantOf<Body> + 'k>(
        &self,
        list: &'k [FactIndex],
    ) -> impl DoubleEndedIterator<Item = FactRef<'k, T>> + use<'k, T> {
        self.live(list).filter_map(move |known| {
            T::of(&known.fact.body).map(|fact| FactRef { position: known.position, fact, stored: known })
        })
    }

    // Payees and accounts ------------------------------------------------------------------------------------------

    /// The latest change of a payee's field on or before a day.
    fn payee_field<T: Clone + 'k>(
        &self,
        payee: &str,
        day: Day,
        field: impl Fn(&'k Payee) -> &'k FieldChange<T>,
    ) -> Option<T> {
        let facts = self.knowledge.payees.get(payee)?;
        let changes = self.typed::<Payee>(&facts.facts).filter(|at| at.fact.at <= day);
        latest_change(changes.map(|at| (at.fact.at, at.position, field(at.fact))))
    }

    pub fn status(&self, payee: &str, day: Day) -> Status {
        self.payee_field(payee, day, |fact| &fact.status).unwrap_or(Status::Active)
    }

    pub fn recovery_cap(&self, payee: &str, day: Day) -> Option<Percent> {
        self.payee_field(payee, day, |fact| &fact.recovery_cap)
    }

    pub fn manager(&self, payee: &str, day: Day) -> Option<PayeeId> {
        self.payee_field(payee, day, |fact| &fact.manager)
    }

    pub fn team(&self, payee: &str, day: Day) -> Option<Name> {
        self.payee_field(payee, day, |fact| &fact.team)
    }

    /// Every manager that a payee is stated to have, and from when on.
    pub fn managers_ever(&self, payee: &str) -> Vec<(Day, PayeeId)> {
        self.stated(payee, |fact| &fact.manager)
    }

    /// Every team that a payee is stated to be in, and from when on.
    pub fn teams_ever(&self, payee: &str) -> Vec<(Day, Name)> {
        self.stated(payee, |fact| &fact.team)
    }

    /// Every manager that a payee was ever stated to have, in statements that something has ended too.
    pub fn managers_stated(&self, payee: &str) -> Vec<PayeeId> {
        self.stated_ever(payee, |fact| &fact.manager)
    }

    pub fn teams_stated(&self, payee: &str) -> Vec<Name> {
        self.stated_ever(payee, |fact| &fact.team)
    }

    fn stated_ever<T: Clone + 'k>(&self, payee: &str, field: impl Fn(&'k Payee) -> &'k FieldChange<T>) -> Vec<T> {
        let Some(facts) = self.knowledge.payees.get(payee) else { return Vec::new() };
        let known = facts.facts.iter().map(|index| self.knowledge.fact(*index));
        let known = known.filter(|known| self.visibility.includes(known.position));
        let stated = known.filter_map(|known| match field(Payee::of(&known.fact.body)?) {
            FieldChange::Set(value) => Some(value.clone()),
            FieldChange::Clear | FieldChange::Keep => None,
        });
        stated.collect()
    }

    fn stated<T: Clone + 'k>(&self, payee: &str, field: impl Fn(&'k Payee) -> &'k FieldChange<T>) -> Vec<(Day, T)> {
        let Some(facts) = self.knowledge.payees.get(payee) else { return Vec::new() };
        let stated = self.typed::<Payee>(&facts.facts).filter_map(|at| match field(at.fact) {
            FieldChange::Set(value) => Some((at.fact.at, value.clone())),
            FieldChange::Clear | FieldChange::Keep => None,
        });
        stated.collect()
    }

    /// Days from which on a payee's team was stated or cleared, ascending.
    pub fn team_days(&self, payee: &str) -> Vec<Day> {
        let Some(facts) = self.knowledge.payees.get(payee) else { return Vec::new() };
        let stated = self.typed::<Payee>(&facts.facts).filter(|at| at.fact.team != FieldChange::Keep);
        stated.map(|at| at.fact.at).collect()
    }

    /// Days from which on a payee's manager was stated, ascending.
    pub fn manager_days(&self, payee: &str) -> Vec<Day> {
        let Some(facts) = self.knowledge.payees.get(payee) else { return Vec::new() };
        let stated = self.typed::<Payee>(&facts.facts).filter(|at| at.fact.manager != FieldChange::Keep);
        let mut days: Vec<Day> = stated.map(|at| at.fact.at).collect();
        days.sort();
        days.dedup();
        days
    }

    /// Days from which on a payee's status was stated, ascending.
    pub fn status_days(&self, payee: &str) -> Vec<Day> {
        let Some(facts) = self.knowledge.payees.get(payee) else { return Vec::new() };
        let stated = self.typed::<Payee>(&facts.facts).filter(|at| at.fact.status != FieldChange::Keep);
        let mut days: Vec<Day> = stated.map(|at| at.fact.at).collect();
        days.sort();
        days.dedup();
        days
    }

    pub fn payee_exists(&self, payee: &str) -> bool {
        self.knowledge.payees.get(payee).is_some_and(|facts| self.live(&facts.facts).next().is_some())
    }

    fn account_field<T: Clone + 'k>(
        &self,
        account: &str,
        day: Day,
        field: impl Fn(&'k Account) -> Option<&'k FieldChange<T>>,
    ) -> Option<T> {
        let list = self.knowledge.accounts.get(account)?;
        let changes = self.typed::<Account>(list).filter(|at| at.fact.at <= day);
        latest_change(changes.filter_map(|at| field(at.fact).map(|change| (at.fact.at, at.position, change))))
    }

    pub fn segment(&self, account: &str, day: Day) -> Option<Name> {
        self.account_field(account, day, |fact| Some(&fact.segment))
    }

    pub fn region(&self, account: &str, day: Day) -> Option<Name> {
        self.account_field(account, day, |fact| Some(&fact.region))
    }

    pub fn account_attribute(&self, account: &str, name: &str, day: Day) -> Option<Attribute> {
        self.account_field(account, day, |fact| fact.attributes.get(name))
    }

    // Assignments and quotas ---------------------------------------------------------------------------------------

    pub fn assignments(&self, payee: &str) -> Vec<FactRef<'k, Assignment>> {
        let Some(facts) = self.knowledge.payees.get(payee) else { return Vec::new() };
        self.typed(&facts.assignments).collect()
    }

    /// All assignments of a payee that were ever recorded, those that something has ended too.
    pub fn assignments_ever(&self, payee: &str) -> impl Iterator<Item = &'k Assignment> + use<'k> {
        let view = *self;
        let list = self.knowledge.payees.get(payee).map_or(&[][..], |facts| facts.assignments.as_slice());
        let known = list.iter().map(move |index| view.knowledge.fact(*index));
        known
            .filter(move |known| view.visibility.includes(known.position))
            .filter_map(|known| Assignment::of(&known.fact.body))
    }

    /// Last days that assignment ends state for a plan.
    pub fn assignment_ends(&self, payee: &str, plan: &str) -> Vec<Day> {
        let Some(facts) = self.knowledge.payees.get(payee) else { return Vec::new() };
        let ends = self.typed::<AssignmentEnd>(&facts.ends).filter(|end| end.fact.plan.as_str() == plan);
        ends.map(|end| end.fact.at).collect()
    }

    /// The quota fact of a component with the latest date inside `from ..= to`.
    pub fn quota(&self, payee: &str, plan: &str, component: &str, from: Day, to: Day) -> Option<FactRef<'k, Quota>> {
        let facts = self.knowledge.payees.get(payee)?;
        let quotas = self.typed::<Quota>(&facts.quotas);
        quotas
            .filter(|at| at.fact.plan.as_str() == plan && at.fact.component.as_str() == component)
            .filter(|at| (from..=to).contains(&at.fact.at))
            .max_by_key(|at| (at.fact.at, at.position))
    }

    // Bookings -----------------------------------------------------------------------------------------------------

    /// Every booking in force, ordered by id.
    pub fn bookings(&self) -> impl Iterator<Item = FactRef<'k, Booking>> + use<'k> {
        let view = *self;
        let all = self.knowledge.bookings.sorted().into_iter();
        all.filter_map(move |(_, list)| view.typed(list).last())
    }

    pub fn booking(&self, id: &str) -> Option<FactRef<'k, Booking>> {
        self.typed(self.knowledge.bookings.get(id)?).last()
    }

    /// The booking of which a fact is some version, as it is in force.
    pub fn booking_behind(&self, index: FactIndex) -> Option<FactRef<'k, Booking>> {
        let known = self.knowledge.fact(index);
        let fact = Booking::of(&known.fact.body)?;
        // What nothing has ended is itself in force.
        if known.validity.is_open() {
            return self.visibility.admits(known.position).then_some(FactRef {
                position: known.position,
                fact,
                stored: known,
            });
        }
        self.booking(fact.booking.as_str())
    }

    pub fn bookings_of(&self, contract: &'k Contract) -> impl Iterator<Item = FactRef<'k, Booking>> + use<'k> {
        self.typed(&contract.bookings)
    }

    /// The cancellation of a booking, whenever it takes effect.
    pub fn cancellation(&self, booking: &BookingId) -> Option<FactRef<'k, Cancellation>> {
        let list = self.knowledge.cancellations.get(booking)?;
        let cancellations = self.typed::<Cancellation>(list);
        cancellations.max_by_key(|at| (at.fact.at, at.position))
    }

    // Credit -------------------------------------------------------------------------------------------------------

    /// Splits on one thing that are in force on any day of `from ..= to`, ascending.
    pub fn splits(&self, target: &SplitTarget, from: Day, to: Day) -> Vec<FactRef<'k, CreditSplit>> {
        let mut splits = Vec::new();
        for split in self.splits_back(target, to) {
            splits.push(split);
            if split.fact.at <= from {
                break;
            }
        }
        splits.reverse();
        splits
    }

    /// Splits on one thing dated up to a day, the latest first.
    fn splits_back(&self, target: &SplitTarget, to: Day) -> impl Iterator<Item = FactRef<'k, CreditSplit>> + use<'k> {
        let knowledge = self.knowledge;
        let list = knowledge.splits.get(target).map_or(&[][..], Vec::as_slice);
        let behind = list.partition_point(|index| knowledge.day_of(*index) <= Some(to));
        self.typed::<CreditSplit>(&list[..behind]).rev()
    }

    /// All splits on one thing that were ever recorded, those that something has ended too.
    pub fn splits_ever(&self, target: &SplitTarget) -> impl Iterator<Item = &'k CreditSplit> + use<'k> {
        let view = *self;
        let list = self.knowledge.splits.get(target).map_or(&[][..], Vec::as_slice);
        let seen = list
            .iter()
            .map(move |index| view.knowledge.fact(*index))
            .filter(move |known| view.visibility.includes(known.position));
        seen.filter_map(|known| CreditSplit::of(&known.fact.body))
    }

    /// The shares of a booking's own credit, in each of its versions that were ever recorded.
    pub fn credits_ever(&self, booking: &BookingId) -> impl Iterator<Item = &'k [Share]> + use<'k> {
        let view = *self;
        let list = self.knowledge.bookings.get(booking).map_or(&[][..], Vec::as_slice);
        let seen = list
            .iter()
            .map(move |index| view.knowledge.fact(*index))
            .filter(move |known| view.visibility.includes(known.position));
        seen.filter_map(|known| Booking::of(&known.fact.body)?.credit.as_deref())
    }

    /// The split on exactly this thing that is in force on a day.
    pub fn split_on(&self, target: &SplitTarget, day: Day) -> Option<(Position, &'k [Share])> {
        let split = self.splits_back(target, day).next()?;
        Some((split.position, &split.fact.shares))
    }

    /// The split that counts for a booking on a day: its own, else its contract's, else its account's (calculation.md 2).
    pub fn shares_of_booking(&self, booking: FactRef<'k, Booking>, day: Day) -> Option<(Position, &'k [Share])> {
        let fact = booking.fact;
        let own = self.split_on(&SplitTarget::Booking(fact.booking.clone()), day);
        // The booking's credit is a split on it, dated as the booking.
        let credit = fact.credit.as_deref().filter(|_| fact.at <= day).map(|shares| (booking.position, shares));
        let own = match (own, credit) {
            (Some(split), Some(credit)) => {
                let dated = self.knowledge.fact_at(split.0).and_then(|known| known.fact.body.at());
                Some(if (dated, split.0) >= (Some(fact.at), credit.0) { split } else { credit })
            }
            (own, credit) => own.or(credit),
        };
        own.or_else(|| self.shares_of_contract(fact.contract(), fact.account.as_str(), day))
    }

    pub fn shares_of_contract(&self, contract: &str, account: &str, day: Day) -> Option<(Position, &'k [Share])> {
        let on_contract = ContractId::new(contract).and_then(|id| self.split_on(&SplitTarget::Contract(id), day));
        on_contract.or_else(|| self.shares_of_account(account, day))
    }

    pub fn shares_of_account(&self, account: &str, day: Day) -> Option<(Position, &'k [Share])> {
        self.split_on(&SplitTarget::Account(AccountId::new(account)?), day)
    }

    // Signals ------------------------------------------------------------------------------------------------------

    /// Signals of a name on one thing, in the order in which they were recorded.
    pub fn signals_on(&self, target: &SplitTarget, name: &Name) -> impl Iterator<Item = FactRef<'k, Signal>> + use<'k> {
        let list = self.knowledge.signals.get(&(target.clone(), name.clone()));
        self.typed(list.map_or(&[], Vec::as_slice))
    }

    /// Those of a list of signals that are in force.
    pub fn signals(&self, list: &[FactIndex]) -> impl Iterator<Item = FactRef<'k, Signal>> {
        let view = *self;
        let known = list.iter().map(move |index| view.knowledge.fact(*index));
        let live = known.filter(move |known| view.in_force(known.position));
        live.filter_map(|known| {
            Signal::of(&known.fact.body).map(|fact| FactRef { position: known.position, fact, stored: known })
        })
    }

    /// Signals that name this payee.
    pub fn signals_to(&self, payee: &str) -> impl Iterator<Item = FactRef<'k, Signal>> + use<'k> {
        self.typed(self.knowledge.payees.get(payee).map_or(&[], |facts| facts.signals.as_slice()))
    }

    // Money --------------------------------------------------------------------------------------------------------

    /// The rate in force on a day for exactly this pair and direction.
    pub fn rate(&self, from: Currency, to: Currency, day: Day) -> Option<(Position, Exact)> {
        let list = self.knowledge.rates.get(&(from, to))?;
        let rates = self.typed::<ExchangeRate>(list).filter(|at| at.fact.at <= day);
        rates.max_by_key(|at| (at.fact.at, at.position)).map(|at| (at.position, at.fact.rate.exact()))
    }

    pub fn adjustments(&self, payee: &str) -> impl Iterator<Item = FactRef<'k, Adjustment>> + use<'k> {
        let list = self.knowledge.payees.get(payee).map_or(&[][..], |facts| facts.adjustments.as_slice());
        self.typed(list)
    }

    /// The opening balances of a payee that have come by a day. Each is an event of its own.
    pub fn opening_balances(
        &self,
        payee: &str,
        day: Day,
    ) -> impl DoubleEndedIterator<Item = FactRef<'k, OpeningBalance>> + use<'k> {
        let list = self.knowledge.payees.get(payee).map_or(&[][..], |facts| facts.openings.as_slice());
        self.typed::<OpeningBalance>(list).filter(move |at| at.fact.at <= day)
    }

    /// The contract of this id that something in force stands on; else any of that id.
    pub fn contract(&self, id: &str) -> Option<&'k Contract> {
        let mut named = self.knowledge.contracts_named(id).filter(|contract| self.visibility.includes(contract.since));
        let first = named.next()?;
        // Nearly always there is only one.
        let Some(second) = named.next() else { return Some(first) };
        let all = [first, second].into_iter().chain(named);
        let used = |contract: &&'k Contract| self.bookings_of(contract).next().is_some() || self.is_metered(contract);
        all.into_iter().find(used).or(Some(first))
    }

    /// Whether any usage of a contract is in force.
    pub fn is_metered(&self, contract: &'k Contract) -> bool {
        self.runs_of(contract).any(|run| !self.snapshots(run, Day::FIRST, Day::LAST).is_empty())
    }

    // Usage --------------------------------------------------------------------------------------------------------

    pub fn runs_of(&self, contract: &'k Contract) -> impl Iterator<Item = &'k MeteredRun> + use<'k> {
        let knowledge = self.knowledge;
        contract.runs.iter().map(move |place| knowledge.run(*place))
    }

    pub fn usage(&self, run: &MeteredRun, from: Day, to: Day, reading: UsageColumn) -> Exact {
        run.run.sum(from, to, reading, self.visibility, |position| self.in_force(position))
    }

    pub fn snapshots(&self, run: &MeteredRun, from: Day, to: Day) -> Vec<UsageEntry> {
        run.run.snapshots(from, to, self.visibility, |position| self.in_force(position))
    }
}

/// The change that holds: of the latest date, and of one date the last recorded.
fn latest_change<'k, T: Clone + 'k>(changes: impl Iterator<Item = (Day, Position, &'k FieldChange<T>)>) -> Option<T> {
    let named = changes.filter(|(_, _, change)| !matches!(change, FieldChange::Keep));
    match named.max_by_key(|(day, position, _)| (*day, *position))?.2 {
        FieldChange::Set(value) => Some(value.clone()),
        FieldChange::Clear | FieldChange::Keep => None,
    }
}
