//! The facts and the usage in which something may be missing: those of the month, and those recorded since the last close; or
//! those of one recording.

use std::collections::BTreeSet;

use ledger::date::Day;
use ledger::fact::{AssignmentEnd, Body, Booking, CreditSplit, SplitTarget, VariantOf};
use plans::credit::coverage::Coverage;
use plans::incremental::day_ranges::DayRanges;
use projections::knowledge::{Contract, Knowledge, MeteredRun, StoredFact};
use projections::position::Position;
use projections::view::{FactRef, View};

/// Which facts and which usage are looked at.
#[derive(Copy, Clone)]
pub(super) struct FactWindow {
    /// Days of which every fact is looked at, whenever it was recorded; `None`: no such days.
    days: Option<(Day, Day)>,
    /// The first position from which on facts are looked at whatever their date.
    since: u64,
}

impl FactWindow {
    /// Everything up to a day.
    pub fn up_to(day: Day) -> FactWindow {
        FactWindow { days: Some((Day::FIRST, day)), since: 0 }
    }

    /// Everything after the last closed day, up to a day, and what was recorded from a position on.
    pub fn after(closed: Day, day: Day, since: u64) -> FactWindow {
        FactWindow { days: Some((closed.next(), day)), since }
    }

    /// What was recorded from a position on, of whatever date.
    pub fn recorded(since: u64) -> FactWindow {
        FactWindow { days: None, since }
    }

    /// The days of a run that are looked at, from the first used one to the last of each interval.
    pub fn days_of(self, view: View<'_>, run: &MeteredRun) -> DayRanges {
        let mut days = DayRanges::none();
        if let Some((from, to)) = self.days.and_then(|between| view.covered(run, between)) {
            days.add(from, to);
        }
        let behind = match self.days {
            None => Day::LAST,
            Some((first, _)) if first > Day::FIRST => first.previous(),
            Some(_) => return days,
        };
        let new = run.run.changed_between(behind, (self.since, view.visibility.size()), |_| false);
        for (from, to) in new.filter_map(|(from, to)| view.covered(run, (from, to.min(behind)))) {
            days.add(from, to);
        }
        days
    }
}

/// Where to look for what is missing.
pub(super) struct Scope<'k> {
    pub coverage: Coverage<'k>,
    pub window: FactWindow,
    /// The facts, ordered by date and position.
    pub facts: Vec<&'k StoredFact>,
}

impl<'k> Scope<'k> {
    /// The facts of a window, by what a coverage knows.
    pub fn of(coverage: Coverage<'k>, window: FactWindow) -> Scope<'k> {
        let (view, last) = (coverage.context.view, coverage.context.day);
        let (knowledge, size) = (view.knowledge, view.visibility.size());
        let dated = window.days.into_iter().flat_map(|(first, last)| knowledge.facts_dated(first, last, size));
        let new = knowledge.facts_between(window.since, size);
        let new = new.filter(|known| known.fact.body.at().is_some_and(|at| at <= last));
        let mut facts: Vec<&'k StoredFact> = dated.chain(new).collect();
        facts.sort_by_key(|known| (known.fact.body.at(), known.position));
        facts.dedup_by_key(|known| known.position);
        facts.retain(|known| view.in_force(known.position));
        Scope { coverage, window, facts }
    }

    pub fn view(&self) -> View<'k> {
        self.coverage.context.view
    }

    /// The last day that is looked at.
    pub fn day(&self) -> Day {
        self.coverage.context.day
    }

    fn knowledge(&self) -> &'k Knowledge {
        self.coverage.context.view.knowledge
    }

    /// Whether facts of a day are looked at whenever they were recorded.
    pub fn is_of_days(&self, day: Day) -> bool {
        self.window.days.is_some_and(|(first, last)| (first..=last).contains(&day))
    }

    /// Whether the entry at a position is looked at whatever its date.
    pub fn is_new(&self, position: Position) -> bool {
        u64::from(position) >= self.window.since
    }

    /// The facts of one kind.
    pub fn of_kind<T: VariantOf<Body> + 'k>(&self) -> impl Iterator<Item = FactRef<'k, T>> + use<'_, 'k, T> {
        self.facts
            .iter()
            .filter_map(|stored| Some(FactRef { position: stored.position, fact: T::of(&stored.fact.body)?, stored }))
    }

    /// The bookings, those that a split gives new shares of, and those of payees whose assignment has ended before. Cancelled ones are
    /// left out.
    pub fn bookings(&self) -> Vec<FactRef<'k, Booking>> {
        let (view, day) = (self.view(), self.day());
        let split = self.of_kind::<CreditSplit>().filter_map(|split| match &split.fact.on {
            SplitTarget::Booking(id) => view.booking_by(id.as_str(), day),
            SplitTarget::Contract(_) | SplitTarget::Account(_) => None,
        });
        let bookings = self.of_kind::<Booking>().chain(split).chain(self.bookings_of_ended());
        let mut bookings: Vec<FactRef<'k, Booking>> = bookings.collect();
        bookings.sort_by_key(|booking| (booking.fact.at, booking.position));
        bookings.dedup_by_key(|booking| booking.position);
        bookings.retain(|booking| view.cancellation_by(&booking.fact.booking, day).is_none());
        bookings
    }

    /// Bookings of payees whose assignment was ended before them by a fact that is new: they may have lost who was paid for them.
    fn bookings_of_ended(&self) -> impl Iterator<Item = FactRef<'k, Booking>> {
        let (view, last) = (self.view(), self.day());
        let ended = self.of_kind::<AssignmentEnd>().filter(|end| self.is_new(end.position));
        ended.flat_map(move |end| {
            let payee = view.knowledge.payees.get(&end.fact.payee);
            let dated =
                payee.into_iter().flat_map(move |payee| payee.candidate_bookings.dated(end.fact.at.next(), last));
            dated.filter_map(move |index| {
                let stored = view.knowledge.fact(index);
                let fact = Booking::of(&stored.fact.body)?;
                view.in_force(stored.position).then_some(FactRef { position: stored.position, fact, stored })
            })
        })
    }

    /// The contracts that may have usage to look at, or none where they should have some.
    pub fn contracts(&self) -> Vec<&'k Contract> {
        if self.window.days.is_some() {
            return self.knowledge().contracts().collect();
        }
        let mut contracts = BTreeSet::new();
        let mut last = None;
        let new = self.window.since..self.view().visibility.size();
        for run in new.filter_map(|position| self.knowledge().run_at(Position::try_from(position).ok()?)) {
            // Usage of one contract mostly comes together.
            if last != Some(run.contract) {
                last = Some(run.contract);
                contracts.insert(run.contract);
            }
        }
        contracts.into_iter().map(|place| self.knowledge().contract(place)).collect()
    }
}
