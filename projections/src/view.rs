//! What is known at one size of the log: questions to the knowledge, answered from the facts in force there.

use ledger::date::Day;
use ledger::exact::Exact;
use ledger::fact::{
    Account, Adjustment, Assignment, AssignmentEnd, Body, Booking, Cancellation, ExchangeRate, OpeningBalance, Payee,
    Quota, Signal, SplitTarget, Status, VariantOf,
};
use ledger::field::{Attribute, FieldChange, Percent};
use ledger::id::{BookingId, Name, PayeeId};
use ledger::money::Currency;

use crate::knowledge::{Contract, Knowledge, MeteredRun, StoredFact};
use crate::position::{FactIndex, Position};
use crate::usage::{KnownSnapshot, UsageColumn};
use crate::validity::Visibility;

/// The knowledge as of a size.
#[derive(Copy, Clone)]
pub struct View<'k> {
    pub knowledge: &'k Knowledge,
    pub visibility: Visibility<'k>,
}

/// A fact in force and where it is.
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
        list.iter().map(move |index| view.knowledge.fact(*index)).filter(move |known| view.is_in_force(known))
    }

    fn is_in_force(&self, known: &StoredFact) -> bool {
        if known.validity.is_open() { self.visibility.admits(known.position) } else { self.in_force(known.position) }
    }

    /// Those of one kind that are in force, typed.
    pub(crate) fn typed<T: VariantOf<Body> + 'k>(
        &self,
        list: &'k [FactIndex],
    ) -> impl DoubleEndedIterator<Item = FactRef<'k, T>> + use<'k, T> {
        self.live(list).filter_map(move |known| {
            T::of(&known.fact.body).map(|fact| FactRef { position: known.position, fact, stored: known })
        })
    }

    /// Those of one kind that were ever recorded and that the view includes, in force or not.
    pub fn recorded<T: VariantOf<Body> + 'k>(
        &self,
        list: &'k [FactIndex],
    ) -> impl Iterator<Item = FactRef<'k, T>> + use<'k, T> {
        let view = *self;
        let known = list.iter().map(move |index| view.knowledge.fact(*index));
        let seen = known.filter(move |known| view.visibility.includes(known.position));
        seen.filter_map(|known| {
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
        let stated = self.recorded::<Payee>(&facts.facts).filter_map(|at| match field(at.fact) {
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
        let list = self.knowledge.payees.get(payee).map_or(&[][..], |facts| facts.assignments.as_slice());
        self.recorded::<Assignment>(list).map(|at| at.fact)
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

    /// The version of a booking that is in force.
    pub fn booking(&self, id: &str) -> Option<FactRef<'k, Booking>> {
        let mut versions = self.knowledge.booking_versions(id).rev();
        let (stored, fact) = versions.find(|(known, _)| self.is_in_force(known))?;
        Some(FactRef { position: stored.position, fact, stored })
    }

    /// The version of a booking that is in force, unless it is dated behind a day.
    pub fn booking_by(&self, id: &str, day: Day) -> Option<FactRef<'k, Booking>> {
        self.booking(id).filter(|booking| booking.fact.at <= day)
    }

    /// Every version of a booking that was ever recorded and that the view includes, in the order of the log.
    pub fn booking_versions(&self, id: &str) -> impl Iterator<Item = FactRef<'k, Booking>> + use<'k> {
        let view = *self;
        let versions = self.knowledge.booking_versions(id);
        let seen = versions.filter(move |(known, _)| view.visibility.includes(known.position));
        seen.map(|(stored, fact)| FactRef { position: stored.position, fact, stored })
    }

    /// Every version of any booking that was ever recorded on a contract and that the view includes.
    pub fn versions_on(&self, contract: &'k Contract) -> impl Iterator<Item = FactRef<'k, Booking>> + use<'k> {
        self.recorded(&contract.bookings)
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

    /// Every signal that ever named a thing, a narrower one beside it or not, and that the view includes.
    pub fn signals_naming(&self, thing: &SplitTarget) -> impl Iterator<Item = FactRef<'k, Signal>> + use<'k> {
        self.recorded(self.knowledge.signals_naming(thing))
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

    /// The contract of this id that something in force depends on; else any of that id.
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

    pub fn snapshots(&self, run: &MeteredRun, from: Day, to: Day) -> Vec<KnownSnapshot> {
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
