//! Which bookings, signals and contracts are credited to a payee, and with what share (calculation.md 2, 4).

use std::collections::BTreeSet;
use std::rc::Rc;

use ledger::date::Day;
use ledger::exact::Exact;
use ledger::fact::{Booking, CreditSplit, Share, Signal, SplitTarget, VariantOf};
use ledger::id::PayeeId;
use projections::credit_graph::CreditGraph;
use projections::knowledge::{Contract, narrowest};
use projections::position::{FactIndex, Position};
use projections::view::reads::{is_recording, recorded_if_found};
use projections::view::{FactRef, View};

use crate::credit::hierarchy::{CreditHierarchy, CreditShares};
use crate::credit::sources::{CreditSources, SourcesCache};
use crate::incremental::region::Region;
use crate::item::Subject;
use crate::plan::Credit;

/// An interval of days on which a payee's share of a contract is constant.
pub struct ShareInterval {
    /// The first day.
    pub from: Day,
    /// The last day.
    pub to: Day,
    /// The share, as a fraction.
    pub share: Exact,
    /// The entry that gives the share.
    pub split: Position,
}

/// The splits on a contract and on its account that are in force on any of some days. Those on the account count where the
/// contract has none.
pub struct ContractSplits<'k> {
    on_contract: Vec<FactRef<'k, CreditSplit>>,
    on_account: Vec<FactRef<'k, CreditSplit>>,
}

impl<'k> ContractSplits<'k> {
    /// Every one of them, those on the contract first, each list ascending by date.
    pub fn all(&self) -> impl Iterator<Item = &FactRef<'k, CreditSplit>> {
        self.on_contract.iter().chain(&self.on_account)
    }

    /// The split that counts on a day.
    pub fn in_force(&self, day: Day) -> Option<FactRef<'k, CreditSplit>> {
        let latest = |splits: &[FactRef<'k, CreditSplit>]| splits.iter().rfind(|split| split.fact.at <= day).copied();
        latest(&self.on_contract).or_else(|| latest(&self.on_account))
    }

    /// The shares on each interval inside `from ..= to` on which they are constant, ascending: its first and last day, and the
    /// shares; none where no split is in force.
    pub fn intervals(&self, (from, to): (Day, Day)) -> Vec<(Day, Day, &'k [Share])> {
        let mut starts: Vec<Day> =
            self.all().map(|split| split.fact.at).filter(|at| (from..=to).contains(at)).collect();
        starts.push(from);
        starts.sort_unstable();
        starts.dedup();
        let end = |index: usize| starts.get(index + 1).map_or(to, |next| next.previous());
        let shares = |day: Day| self.in_force(day).map_or(&[][..], |split| split.fact.shares.as_slice());
        starts.iter().enumerate().map(|(index, start)| (*start, end(index), shares(*start))).collect()
    }
}

/// The parts of some intervals that are inside `from ..= to`: first day, last day, and the interval. `intervals` are
/// ascending.
pub fn within(
    share_intervals: &[ShareInterval],
    from: Day,
    to: Day,
) -> impl Iterator<Item = (Day, Day, &ShareInterval)> {
    let first = share_intervals.partition_point(|interval| interval.to < from);
    let met = share_intervals[first..].iter().take_while(move |interval| interval.from <= to);
    met.map(move |interval| (interval.from.max(from), interval.to.min(to), interval))
}

/// Finds what is credited to a payee in one view, up to an evaluation date.
pub struct CreditIndex<'k> {
    view: View<'k>,
    /// The evaluation date. Bookings and signals dated later do not exist.
    day: Day,
    /// Managers and teams.
    pub hierarchy: CreditHierarchy<'k>,
    sources: SourcesCache<'k>,
}

/// A booking or signal and the shares in force on its date.
pub struct Credited<'k, T> {
    /// The booking or signal.
    pub on: FactRef<'k, T>,
    /// The entry that gives the shares.
    pub split: Position,
    /// The shares. They may be of other payees only: the item then has the value 0.
    pub shares: CreditShares<'k>,
}

impl<T> Copy for Credited<'_, T> {}
impl<T> Clone for Credited<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<'k> CreditIndex<'k> {
    /// The index of a view for the evaluation date `day`.
    pub fn build(view: View<'k>, day: Day) -> CreditIndex<'k> {
        CreditIndex { view, day, hierarchy: CreditHierarchy::of(view), sources: SourcesCache::default() }
    }

    /// The payee and those whose credit counts for it, and their contracts.
    pub fn sources(&self, payee: &'k str, credit: &Credit) -> Rc<CreditSources<'k>> {
        self.sources.get(&self.hierarchy, payee, credit)
    }

    /// The splits that can give shares of a contract's usage on `from ..= to`.
    pub fn splits_of(&self, contract: &Contract, (from, to): (Day, Day)) -> ContractSplits<'k> {
        let graph = CreditGraph::of(self.view);
        let on_contract = graph.splits_between(&SplitTarget::Contract(contract.id.clone()), from, to);
        // Splits on the account count only where the contract has no split. If it has one from the first day on, they
        // never do.
        let on_account = if on_contract.first().is_some_and(|split| split.fact.at <= from) {
            Vec::new()
        } else {
            graph.splits_between(&SplitTarget::Account(contract.account.clone()), from, to)
        };
        ContractSplits { on_contract, on_account }
    }

    /// The intervals inside `from ..= to` on which a payee has a share of a contract's usage, ascending.
    pub fn share_intervals(
        &self,
        contract: &Contract,
        payee: &str,
        credit: &Credit,
        (from, to): (Day, Day),
    ) -> Vec<ShareInterval> {
        let splits = self.splits_of(contract, (from, to));
        let holders = splits.all().flat_map(|split| &split.fact.shares).map(|share| &share.payee);
        let mut starts = self.hierarchy.changes(holders, payee, credit);
        starts.extend(splits.all().map(|split| split.fact.at));
        starts.retain(|at| (from..=to).contains(at));
        starts.push(from);
        starts.sort_unstable();
        starts.dedup();
        let mut share_intervals: Vec<ShareInterval> = Vec::new();
        for (index, start) in starts.iter().enumerate() {
            let Some(split) = splits.in_force(*start) else { continue };
            let end = starts.get(index + 1).map_or(to, |next| next.previous());
            let share = self.hierarchy.counted(CreditShares::Split(&split.fact.shares), payee, credit, *start);
            if share.is_zero() {
                continue;
            }
            match share_intervals.last_mut() {
                // The manager or team of some payee changed, without an effect on this share.
                Some(last) if last.to.next() == *start && (&last.share, last.split) == (&share, split.position) => {
                    last.to = end
                }
                Some(_) | None => {
                    share_intervals.push(ShareInterval { from: *start, to: end, share, split: split.position })
                }
            }
        }
        share_intervals
    }

    /// The bookings in a region, as they are in force, that may count for a payee.
    pub fn bookings_of(&self, sources: &CreditSources<'k>, region: &Region) -> Vec<FactRef<'k, Booking>> {
        let (view, knowledge) = (self.view, self.view.knowledge);
        let mut found: Vec<FactIndex> = Vec::new();
        for (from, to) in region.all().ranges() {
            let to = self.day.min(*to);
            sources.facts(knowledge).for_each(|facts| found.extend(facts.candidate_bookings.dated(*from, to)));
        }
        for (account, dates) in region.accounts() {
            let bookings = knowledge.contracts_of(account).flat_map(|contract| &contract.bookings).copied();
            found.extend(bookings.filter(|index| knowledge.day_of(*index).is_some_and(|day| dates.contains(day))));
        }
        // A booking is found by the date and account of any version. Below, only the version in force must be in the
        // region.
        found.sort_unstable();
        found.dedup();
        self.record_ended(&found, sources);
        let in_force = found.into_iter().filter_map(|index| view.booking_behind(index));
        let mut bookings: Vec<FactRef<'k, Booking>> = in_force.collect();
        bookings.sort_by_key(|booking| booking.position);
        bookings.dedup_by_key(|booking| booking.position);
        let looked_at = |booking: &FactRef<'k, Booking>| region.contains(Some(&booking.fact.account), booking.fact.at);
        bookings.retain(|booking| booking.fact.at <= self.day && looked_at(booking));
        bookings
    }

    /// The bookings in a region that are credited to a payee, or were before a correction.
    pub fn bookings_for(&self, payee: &'k str, credit: &Credit, region: &Region) -> Vec<Credited<'k, Booking>> {
        let (view, sources) = (self.view, self.sources(payee, credit));
        let dated = self.bookings_of(&sources, region).into_iter();
        let credited = |booking: FactRef<'k, Booking>| {
            view.record_read(booking.position);
            let (split, shares) =
                CreditGraph::of(view).shares_of_booking(booking, booking.fact.at).unwrap_or((booking.position, &[]));
            let ever = || is_credited(view, &Subject::of_booking(booking), &sources.members);
            let counts = any_of(&sources.members, shares) || ever();
            counts.then_some(Credited { on: booking, split, shares: CreditShares::Split(shares) })
        };
        dated.filter_map(|booking| recorded_if_found(|| credited(booking))).collect()
    }

    /// Counts bookings and signals that something has ended as read, where one of the sources ever had a share of them: they
    /// are not there because of what ended them.
    fn record_ended(&self, found: &[FactIndex], sources: &CreditSources<'k>) {
        if !is_recording() {
            return;
        }
        let view = self.view;
        let known = found.iter().map(|index| view.knowledge.fact(*index)).filter(|known| !known.validity.is_open());
        for stored in known {
            let position = stored.position;
            let body = &stored.fact.body;
            let booking = Booking::of(body).map(|fact| Subject::of_booking(FactRef { position, fact, stored }));
            let signal =
                || Signal::of(body).map(|fact| subject_of_signal(view, self.day, FactRef { position, fact, stored }));
            recorded_if_found(|| {
                view.record_read(position);
                if Signal::of(body).is_some_and(|signal| !may_share(view, signal, &sources.members)) {
                    return None;
                }
                let subject = booking.or_else(signal)?;
                is_credited(view, &subject, &sources.members).then_some(())
            });
        }
    }

    /// The signals that are credited to a payee, or were before a correction, dated on days of the region.
    pub fn signals_for(&self, payee: &'k str, credit: &Credit, region: &Region) -> Vec<Credited<'k, Signal>> {
        let (view, knowledge) = (self.view, self.view.knowledge);
        let sources = self.sources(payee, credit);
        let mut found: Vec<FactIndex> = Vec::new();
        for (from, to) in region.ranges() {
            let to = self.day.min(*to);
            sources.facts(knowledge).for_each(|facts| found.extend(facts.candidate_signals.dated(*from, to)));
        }
        found.sort_unstable();
        found.dedup();
        self.record_ended(&found, &sources);
        let there = |day: Day| day <= self.day && region.meets(day, day);
        let unnamed = view.signals(&found).filter(|signal| signal.fact.payee.is_none());
        // While reads are recorded, signals that can amount to nothing are left out: nothing that they read decides anything.
        let unnamed = unnamed.filter(|signal| !is_recording() || may_share(view, signal.fact, &sources.members));
        let mine = |signal: FactRef<'k, Signal>| {
            view.record_read(signal.position);
            let (split, shares) =
                CreditGraph::of(view).shares_of_signal(signal.fact, self.day).unwrap_or((signal.position, &[]));
            let ever = || is_credited(view, &subject_of_signal(view, self.day, signal), &sources.members);
            let counts = any_of(&sources.members, shares) || ever();
            counts.then_some(Credited { on: signal, split, shares: CreditShares::Split(shares) })
        };
        let mut credited: Vec<Credited<'k, Signal>> =
            unnamed.filter_map(|signal| recorded_if_found(|| mine(signal))).collect();
        for member in &sources.members {
            let Some((payee, _)) = knowledge.payees.get_key_value(*member) else { continue };
            let named = view.signals_to(member, there);
            credited.extend(named.map(|signal| Credited {
                on: signal,
                split: signal.position,
                shares: CreditShares::Whole(payee),
            }));
        }
        credited.sort_by_key(|credited| credited.on.position);
        credited
    }
}

fn any_of(payees: &BTreeSet<&str>, shares: &[Share]) -> bool {
    shares.iter().any(|share| payees.contains(share.payee.as_str()))
}

/// Whether one of these payees ever had a share of what an item is about.
fn is_credited(view: View<'_>, subject: &Subject<'_>, payees: &BTreeSet<&str>) -> bool {
    let (graph, is_one) = (CreditGraph::of(view), |payee: &PayeeId| payees.contains(payee.as_str()));
    match subject.booking {
        Some(booking) => graph.payees_of_version(booking.fact).any(is_one),
        None => subject.things.iter().any(|thing| graph.payees_of_splits(thing).any(is_one)),
    }
}

/// Whether one of these can have a share of a signal: one that names a booking is its holders', whether the booking is there or
/// not.
fn may_share(view: View<'_>, signal: &Signal, payees: &BTreeSet<&str>) -> bool {
    let is_one = |payee: &PayeeId| payees.contains(payee.as_str());
    signal.booking.as_ref().is_none_or(|booking| CreditGraph::of(view).payees_of_booking(booking).any(is_one))
}

/// What a signal is about: its booking with that booking's contract and account, else its contract, else its account.
pub fn subject_of_signal<'k>(view: View<'k>, day: Day, signal: FactRef<'k, Signal>) -> Subject<'k> {
    let fact = signal.fact;
    if let Some(booking) = fact.booking.as_ref().and_then(|id| view.booking_by(id.as_str(), day)) {
        return Subject::of_booking(booking);
    }
    if let Some(contract) = &fact.contract {
        let known = view.contract(contract.as_str()).map(|contract| contract.account.clone());
        if let Some(account) = known.or_else(|| fact.account.clone()) {
            return Subject::of_contract(contract, &account);
        }
    }
    Subject { booking: None, things: narrowest(fact).into_iter().collect(), account: fact.account.clone() }
}

/// Everybody who can be paid: the payees that any fact names.
pub fn payees<'k>(view: View<'k>) -> impl Iterator<Item = &'k PayeeId> {
    view.knowledge.payees.keys()
}
