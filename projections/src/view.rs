//! What is known at one size of the log: questions to the knowledge, answered by the facts in force there
//! (calculation.md 2).

pub mod reads;

use ledger::date::Day;
use ledger::exact::Exact;
use ledger::fact::{
    Account, Adjustment, Assignment, AssignmentEnd, Body, Booking, CancellationFact, CreditNote, ExchangeRate,
    OpeningBalance, Payee, QuotaFact, Signal, SplitTarget, Status, UsageComplete, VariantOf,
};
use ledger::field::{Attribute, FieldChange, Percent};
use ledger::id::{BookingId, Name, PayeeId};
use ledger::money::Currency;
use ledger::seal::Personal;

use crate::knowledge::{Contract, Knowledge, MeteredRun, StoredFact};
use crate::position::{FactIndex, Position};
use crate::usage::{KnownSnapshot, UsageColumn};
use crate::validity::Visibility;

/// The knowledge as of a size of the log.
#[derive(Copy, Clone)]
pub struct View<'k> {
    /// All facts that were ever folded in.
    pub knowledge: &'k Knowledge,
    /// The entries that the view takes into account.
    pub visibility: Visibility<'k>,
}

/// A fact of one kind, and where it is stored.
pub struct FactRef<'k, T> {
    /// The position of its entry.
    pub position: Position,
    /// The fact.
    pub fact: &'k T,
    /// The fact as it is stored.
    pub stored: &'k StoredFact,
}

impl<T> Copy for FactRef<'_, T> {}
impl<T> Clone for FactRef<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<'k> View<'k> {
    /// The view of everything below a size of the log.
    pub fn new(knowledge: &'k Knowledge, size: u64) -> View<'k> {
        View { knowledge, visibility: Visibility::below(size) }
    }

    /// Whether the entry at a position has effect in the view.
    pub fn in_force(&self, position: Position) -> bool {
        self.knowledge.in_force(position, self.visibility)
    }

    /// The facts of a list that are in force, in the order of the list.
    pub fn live(&self, list: &'k [FactIndex]) -> impl DoubleEndedIterator<Item = &'k StoredFact> + use<'k> {
        let view = *self;
        list.iter().map(move |index| view.knowledge.fact(*index)).filter(move |known| view.is_in_force(known))
    }

    fn is_in_force(&self, known: &StoredFact) -> bool {
        if known.validity.is_open() { self.visibility.admits(known.position) } else { self.in_force(known.position) }
    }

    /// The facts of a list that are in force and of the kind `T`.
    pub(crate) fn typed<T: VariantOf<Body> + 'k>(
        &self,
        list: &'k [FactIndex],
    ) -> impl DoubleEndedIterator<Item = FactRef<'k, T>> + use<'k, T> {
        self.live(list).filter_map(move |known| {
            T::of(&known.fact.body).map(|fact| FactRef { position: known.position, fact, stored: known })
        })
    }

    /// The facts of a list that are of the kind `T` and that the view includes, in force or not.
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

    // What was read ------------------------------------------------------------------------------------------------

    /// Counts a fact that matches as read: itself if it is in force, and in any case what ended it ([`reads`]).
    pub fn record_read(&self, position: Position) {
        if reads::is_recording() && self.visibility.includes(position) {
            if self.in_force(position) {
                reads::record(position);
            }
            self.record_enders(position);
        }
    }

    fn record_enders(&self, position: Position) {
        let validity = self.knowledge.validity(position);
        let enders = validity.into_iter().flat_map(|known| known.replaced_by.iter().chain(&known.retracted_by));
        for by in enders.copied().filter(|by| self.visibility.includes(*by)) {
            reads::record(by);
            self.record_enders(by);
        }
    }

    /// Counts the facts of a list that match as read.
    pub(crate) fn record_matching<T: VariantOf<Body> + 'k>(&self, list: &[FactIndex], matches: impl Fn(&'k T) -> bool) {
        if reads::is_recording() {
            let known = list.iter().map(|index| self.knowledge.fact(*index));
            let matching = known.filter(|known| T::of(&known.fact.body).is_some_and(&matches));
            matching.for_each(|known| self.record_read(known.position));
        }
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
        self.record_matching(&facts.facts, |fact: &'k Payee| {
            fact.at <= day && !matches!(field(fact), FieldChange::Keep)
        });
        let changes = self.typed::<Payee>(&facts.facts).filter(|at| at.fact.at <= day);
        latest_change(changes.map(|at| (at.fact.at, at.position, field(at.fact))))
    }

    /// A payee's status on a day; active if no fact says otherwise.
    pub fn status(&self, payee: &str, day: Day) -> Status {
        self.payee_field(payee, day, |fact| &fact.status).unwrap_or(Status::Active)
    }

    /// The fraction of a payee's gross that may be recovered for the clawback balance, on a day; `None` if no fact
    /// gives it.
    pub fn recovery_cap(&self, payee: &str, day: Day) -> Option<Percent> {
        self.payee_field(payee, day, |fact| &fact.recovery_cap)
    }

    /// A payee's manager on a day.
    pub fn manager(&self, payee: &str, day: Day) -> Option<PayeeId> {
        self.payee_field(payee, day, |fact| &fact.manager)
    }

    /// A payee's team on a day.
    pub fn team(&self, payee: &str, day: Day) -> Option<Name> {
        self.payee_field(payee, day, |fact| &fact.team)
    }

    /// A payee's role on a day.
    pub fn payee_role(&self, payee: &str, day: Day) -> Option<Name> {
        self.payee_field(payee, day, |fact| &fact.role)
    }

    /// A payee's region on a day.
    pub fn payee_region(&self, payee: &str, day: Day) -> Option<Name> {
        self.payee_field(payee, day, |fact| &fact.region)
    }

    /// A payee's name on a day, sealed as it is stored.
    pub fn payee_name(&self, payee: &str, day: Day) -> Option<Personal> {
        self.payee_field(payee, day, |fact| &fact.name)
    }

    /// A payee's email address on a day, sealed as it is stored.
    pub fn payee_email(&self, payee: &str, day: Day) -> Option<Personal> {
        self.payee_field(payee, day, |fact| &fact.email)
    }

    /// A payee's title on a day, sealed as it is stored.
    pub fn payee_title(&self, payee: &str, day: Day) -> Option<Personal> {
        self.payee_field(payee, day, |fact| &fact.title)
    }

    /// A payee's attribute on a day; `None` if no fact gives it.
    pub fn payee_attribute(&self, payee: &str, name: &str, day: Day) -> Option<Attribute> {
        self.payee_field(payee, day, |fact| fact.attributes.get(name).unwrap_or(&FieldChange::Keep))
    }

    /// Every manager that facts in force give a payee, and from which day on.
    pub fn managers_ever(&self, payee: &str) -> Vec<(Day, PayeeId)> {
        self.stated(payee, |fact| &fact.manager)
    }

    /// Every team that facts in force give a payee, and from which day on.
    pub fn teams_ever(&self, payee: &str) -> Vec<(Day, Name)> {
        self.stated(payee, |fact| &fact.team)
    }

    /// Every manager that a fact ever gave a payee, in force or not.
    pub fn managers_stated(&self, payee: &str) -> Vec<PayeeId> {
        self.stated_ever(payee, |fact| &fact.manager)
    }

    /// Every team that a fact ever gave a payee, in force or not.
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

    /// Days on which a payee's team changes, ascending by recording.
    pub fn team_days(&self, payee: &str) -> Vec<Day> {
        let Some(facts) = self.knowledge.payees.get(payee) else { return Vec::new() };
        let stated = self.typed::<Payee>(&facts.facts).filter(|at| at.fact.team != FieldChange::Keep);
        stated.map(|at| at.fact.at).collect()
    }

    /// Days on which a payee's manager changes, ascending.
    pub fn manager_days(&self, payee: &str) -> Vec<Day> {
        let Some(facts) = self.knowledge.payees.get(payee) else { return Vec::new() };
        let stated = self.typed::<Payee>(&facts.facts).filter(|at| at.fact.manager != FieldChange::Keep);
        let mut days: Vec<Day> = stated.map(|at| at.fact.at).collect();
        days.sort();
        days.dedup();
        days
    }

    /// Days on which a payee's status changes, ascending.
    pub fn status_days(&self, payee: &str) -> Vec<Day> {
        let Some(facts) = self.knowledge.payees.get(payee) else { return Vec::new() };
        let stated = self.typed::<Payee>(&facts.facts).filter(|at| at.fact.status != FieldChange::Keep);
        let mut days: Vec<Day> = stated.map(|at| at.fact.at).collect();
        days.sort();
        days.dedup();
        days
    }

    /// Whether any `payee` fact about the payee is in force.
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
        let is_stated = |fact: &'k Account| field(fact).is_some_and(|change| !matches!(change, FieldChange::Keep));
        self.record_matching(list, |fact: &'k Account| fact.at <= day && is_stated(fact));
        let changes = self.typed::<Account>(list).filter(|at| at.fact.at <= day);
        latest_change(changes.filter_map(|at| field(at.fact).map(|change| (at.fact.at, at.position, change))))
    }

    /// An account's segment on a day.
    pub fn segment(&self, account: &str, day: Day) -> Option<Name> {
        self.account_field(account, day, |fact| Some(&fact.segment))
    }

    /// An account's region on a day.
    pub fn region(&self, account: &str, day: Day) -> Option<Name> {
        self.account_field(account, day, |fact| Some(&fact.region))
    }

    /// An account's attribute on a day; `None` if no fact gives it.
    pub fn account_attribute(&self, account: &str, name: &str, day: Day) -> Option<Attribute> {
        self.account_field(account, day, |fact| fact.attributes.get(name))
    }

    // Assignments and quotas ---------------------------------------------------------------------------------------

    /// A payee's assignments in force, in the order of the log.
    pub fn assignments(&self, payee: &str) -> Vec<FactRef<'k, Assignment>> {
        let Some(facts) = self.knowledge.payees.get(payee) else { return Vec::new() };
        self.record_matching(&facts.assignments, |_: &Assignment| true);
        self.typed(&facts.assignments).collect()
    }

    /// A payee's assignments that were ever recorded, in force or not.
    pub fn assignments_ever(&self, payee: &str) -> impl Iterator<Item = &'k Assignment> + use<'k> {
        let list = self.knowledge.payees.get(payee).map_or(&[][..], |facts| facts.assignments.as_slice());
        self.recorded::<Assignment>(list).map(|at| at.fact)
    }

    /// The last days that `assignment-end` facts give for a payee on a plan.
    pub fn assignment_ends(&self, payee: &str, plan: &str) -> Vec<Day> {
        let Some(facts) = self.knowledge.payees.get(payee) else { return Vec::new() };
        self.record_matching(&facts.ends, |end: &AssignmentEnd| end.plan.as_str() == plan);
        let ends = self.typed::<AssignmentEnd>(&facts.ends).filter(|end| end.fact.plan.as_str() == plan);
        ends.map(|end| end.fact.at).collect()
    }

    /// The latest quota fact of a component dated `from ..= to`.
    pub fn quota(
        &self,
        payee: &str,
        plan: &str,
        component: &str,
        from: Day,
        to: Day,
    ) -> Option<FactRef<'k, QuotaFact>> {
        let facts = self.knowledge.payees.get(payee)?;
        let matches = |quota: &QuotaFact| {
            let is_of_component = quota.plan.as_str() == plan && quota.component.as_str() == component;
            is_of_component && (from..=to).contains(&quota.at)
        };
        self.record_matching(&facts.quotas, matches);
        let quotas = self.typed::<QuotaFact>(&facts.quotas);
        quotas.filter(|at| matches(at.fact)).max_by_key(|at| (at.fact.at, at.position))
    }

    // Bookings -----------------------------------------------------------------------------------------------------

    /// The version of a booking in force; `None` if there is none.
    pub fn booking(&self, id: &str) -> Option<FactRef<'k, Booking>> {
        self.record_versions(id, Day::LAST);
        self.version_in_force(id)
    }

    /// Counts the version of a booking in force as read, and those behind it that are not, if they are dated by a day.
    fn record_versions(&self, id: &str, day: Day) {
        if !reads::is_recording() {
            return;
        }
        for (known, fact) in self.knowledge.booking_versions(id).rev() {
            if fact.at <= day {
                self.record_read(known.position);
            }
            if self.is_in_force(known) {
                break;
            }
        }
    }

    fn version_in_force(&self, id: &str) -> Option<FactRef<'k, Booking>> {
        let mut versions = self.knowledge.booking_versions(id).rev();
        let (stored, fact) = versions.find(|(known, _)| self.is_in_force(known))?;
        Some(FactRef { position: stored.position, fact, stored })
    }

    /// The version of a booking in force, unless it is dated after `day`.
    pub fn booking_by(&self, id: &str, day: Day) -> Option<FactRef<'k, Booking>> {
        self.record_versions(id, day);
        self.version_in_force(id).filter(|booking| booking.fact.at <= day)
    }

    /// Every version of a booking that the view includes, in the order of the log, in force or not.
    pub fn booking_versions(&self, id: &str) -> impl Iterator<Item = FactRef<'k, Booking>> + use<'k> {
        let view = *self;
        let versions = self.knowledge.booking_versions(id);
        let seen = versions.filter(move |(known, _)| view.visibility.includes(known.position));
        seen.map(|(stored, fact)| FactRef { position: stored.position, fact, stored })
    }

    /// Every version of any booking on a contract that the view includes, in force or not.
    pub fn versions_on(&self, contract: &'k Contract) -> impl Iterator<Item = FactRef<'k, Booking>> + use<'k> {
        self.recorded(&contract.bookings)
    }

    /// The version in force of the booking that the fact at an index is a version of. The caller, who knows whose booking it
    /// is, records whether it was read.
    pub fn booking_behind(&self, index: FactIndex) -> Option<FactRef<'k, Booking>> {
        let known = self.knowledge.fact(index);
        let fact = Booking::of(&known.fact.body)?;
        // A fact that no entry ended is itself in force.
        if known.validity.is_open() {
            return self.visibility.admits(known.position).then_some(FactRef {
                position: known.position,
                fact,
                stored: known,
            });
        }
        self.version_in_force(fact.booking.as_str())
    }

    /// The bookings in force on a contract.
    pub fn bookings_of(&self, contract: &'k Contract) -> impl Iterator<Item = FactRef<'k, Booking>> + use<'k> {
        self.typed(&contract.bookings)
    }

    /// The bookings of a contract that are in force and match.
    pub fn bookings_matching<'m>(
        &self,
        contract: &'k Contract,
        matches: impl Fn(&Booking) -> bool + Copy + 'm,
    ) -> impl Iterator<Item = FactRef<'k, Booking>> + 'm
    where
        'k: 'm,
    {
        self.record_matching(&contract.bookings, matches);
        self.bookings_of(contract).filter(move |booking| matches(booking.fact))
    }

    /// The cancellation of a booking, unless it takes effect behind a day.
    pub fn cancellation_by(&self, booking: &BookingId, day: Day) -> Option<FactRef<'k, CancellationFact>> {
        let list = self.knowledge.cancellations.get(booking)?;
        self.record_matching(list, |cancellation: &CancellationFact| cancellation.at <= day);
        let cancellations = self.typed::<CancellationFact>(list);
        cancellations.max_by_key(|at| (at.fact.at, at.position)).filter(|cancellation| cancellation.fact.at <= day)
    }

    /// The credit notes of a booking in force that are dated up to a day, in the order of the log.
    pub fn credit_notes_by(
        &self,
        booking: &BookingId,
        day: Day,
    ) -> impl Iterator<Item = FactRef<'k, CreditNote>> + use<'k> {
        let list = self.knowledge.credit_notes.get(booking).map_or(&[][..], Vec::as_slice);
        self.record_matching(list, |note: &CreditNote| note.at <= day);
        self.typed::<CreditNote>(list).filter(move |note| note.fact.at <= day)
    }

    // Signals ------------------------------------------------------------------------------------------------------

    /// Signals of a name on one thing that have come by a day, in the order in which they were recorded.
    pub fn signals_on(
        &self,
        target: &SplitTarget,
        name: &Name,
        day: Day,
    ) -> impl Iterator<Item = FactRef<'k, Signal>> + use<'k> {
        let list = self.knowledge.signals.get(&(target.clone(), name.clone())).map_or(&[][..], Vec::as_slice);
        self.record_matching(list, |signal: &Signal| signal.at <= day);
        self.typed::<Signal>(list).filter(move |signal| signal.fact.at <= day)
    }

    /// Those of a list of signals that are in force. Whether they count as read is for the caller to say, who knows whose they
    /// are.
    pub fn signals(&self, list: &[FactIndex]) -> impl Iterator<Item = FactRef<'k, Signal>> {
        let view = *self;
        let known = list.iter().map(move |index| view.knowledge.fact(*index));
        let live = known.filter(move |known| view.in_force(known.position));
        live.filter_map(|known| {
            Signal::of(&known.fact.body).map(|fact| FactRef { position: known.position, fact, stored: known })
        })
    }

    /// Every signal that names a thing, even beside a narrower one, and that the view includes, in force or not.
    pub fn signals_naming(&self, thing: &SplitTarget) -> impl Iterator<Item = FactRef<'k, Signal>> + use<'k> {
        self.recorded(self.knowledge.signals_naming(thing))
    }

    /// Signals that name this payee and are dated on days that match.
    pub fn signals_to<'m>(
        &self,
        payee: &str,
        matches: impl Fn(Day) -> bool + Copy + 'm,
    ) -> impl Iterator<Item = FactRef<'k, Signal>> + 'm
    where
        'k: 'm,
    {
        let list = self.knowledge.payees.get(payee).map_or(&[][..], |facts| facts.signals.as_slice());
        self.record_matching(list, |signal: &Signal| matches(signal.at));
        self.typed::<Signal>(list).filter(move |signal| matches(signal.fact.at))
    }

    // Money --------------------------------------------------------------------------------------------------------

    /// The rate in force on a day for exactly this pair and direction.
    pub fn rate(&self, from: Currency, to: Currency, day: Day) -> Option<(Position, Exact)> {
        let list = self.knowledge.rates.get(&(from, to))?;
        self.record_matching(list, |rate: &ExchangeRate| rate.at <= day);
        let rates = self.typed::<ExchangeRate>(list).filter(|at| at.fact.at <= day);
        rates.max_by_key(|at| (at.fact.at, at.position)).map(|at| (at.position, at.fact.rate.exact()))
    }

    /// A payee's adjustments in force.
    pub fn adjustments(&self, payee: &str) -> impl Iterator<Item = FactRef<'k, Adjustment>> + use<'k> {
        let list = self.knowledge.payees.get(payee).map_or(&[][..], |facts| facts.adjustments.as_slice());
        self.record_matching(list, |_: &Adjustment| true);
        self.typed(list)
    }

    /// A payee's opening balances in force that are dated up to a day. Each counts by itself.
    pub fn opening_balances(
        &self,
        payee: &str,
        day: Day,
    ) -> impl DoubleEndedIterator<Item = FactRef<'k, OpeningBalance>> + use<'k> {
        let list = self.knowledge.payees.get(payee).map_or(&[][..], |facts| facts.openings.as_slice());
        self.typed::<OpeningBalance>(list).filter(move |at| at.fact.at <= day)
    }

    /// The contract of an id. Of several, the one with a booking or usage in force; else the first.
    pub fn contract(&self, id: &str) -> Option<&'k Contract> {
        if reads::is_recording() {
            self.record_contracts(id);
        }
        let mut named = self.knowledge.contracts_named(id).filter(|contract| self.visibility.includes(contract.since));
        let first = named.next()?;
        // Nearly always there is only one.
        let Some(second) = named.next() else { return Some(first) };
        let all = [first, second].into_iter().chain(named);
        let used = |contract: &&'k Contract| self.bookings_of(contract).next().is_some() || self.is_metered(contract);
        all.into_iter().find(used).or(Some(first))
    }

    /// The entries that decide which contract an id names: what named each first; and where there are several, whatever
    /// is on them.
    fn record_contracts(&self, id: &str) {
        for contract in self.knowledge.contracts_named(id) {
            if self.visibility.includes(contract.since) {
                reads::record(contract.since);
            }
            if contract.shares_id {
                self.record_matching(&contract.bookings, |_: &Booking| true);
                self.runs_of(contract).for_each(|run| self.record_usage(run, Day::FIRST, Day::LAST));
            }
        }
    }

    /// Whether any usage of a contract is in force.
    pub fn is_metered(&self, contract: &'k Contract) -> bool {
        self.runs_of(contract).any(|run| !self.snapshots(run, Day::FIRST, Day::LAST).is_empty())
    }

    // Usage --------------------------------------------------------------------------------------------------------

    /// The usage of a contract, by meter and currency.
    pub fn runs_of(&self, contract: &'k Contract) -> impl Iterator<Item = &'k MeteredRun> + use<'k> {
        let knowledge = self.knowledge;
        contract.runs.iter().map(move |place| knowledge.run(*place))
    }

    /// The usage of a run on `from ..= to`, by the snapshots in force, each spread evenly over its days.
    pub fn usage(&self, run: &MeteredRun, from: Day, to: Day, reading: UsageColumn) -> Exact {
        self.record_usage(run, from, to);
        run.run.sum(from, to, reading, self.visibility, |position| self.in_force(position))
    }

    /// The snapshots of a run in force that cover any day of `from ..= to`, by first day.
    pub fn snapshots(&self, run: &MeteredRun, from: Day, to: Day) -> Vec<KnownSnapshot> {
        self.record_usage(run, from, to);
        run.run.snapshots(from, to, self.visibility, |position| self.in_force(position))
    }

    /// The first and the last day of `from ..= to` that usage of a run covers; `None` if there is none. It does not count as read:
    /// no figure may depend on it.
    pub fn covered(&self, run: &MeteredRun, days: (Day, Day)) -> Option<(Day, Day)> {
        run.run.covered(days, self.visibility, |position| self.in_force(position))
    }

    /// The day up to which all usage of an account has been delivered, and the fact that says so. The account's own facts
    /// count if any is in force, else those about everybody; of those the latest day. `None`: the account is not tracked.
    /// A fact counts whatever the day of the evaluation.
    pub fn complete_day(&self, account: &str) -> Option<FactRef<'k, UsageComplete>> {
        let own = self.knowledge.complete_of.get(account).map_or(&[][..], Vec::as_slice);
        self.latest_complete(own).or_else(|| self.latest_complete(&self.knowledge.complete_of_everybody))
    }

    /// The latest of a list of `usage-complete` facts in force.
    pub fn latest_complete(&self, list: &'k [FactIndex]) -> Option<FactRef<'k, UsageComplete>> {
        let latest = self.typed::<UsageComplete>(list).max_by_key(|known| (known.fact.at, known.position));
        // An earlier fact decides nothing while a later one is in force. Where none is, what ended them decides.
        let decides = |fact: &UsageComplete| latest.is_none_or(|latest| fact.at >= latest.fact.at);
        self.record_matching(list, decides);
        latest
    }

    /// Counts snapshots that meet `from ..= to` as read.
    fn record_usage(&self, run: &MeteredRun, from: Day, to: Day) {
        if reads::is_recording() {
            let meets = |(_, (first, last)): &(Position, (Day, Day))| *first <= to && *last >= from;
            run.run.recorded().filter(meets).for_each(|(position, _)| self.record_read(position));
        }
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
