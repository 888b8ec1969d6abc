//! The facts and the usage in which something may be missing: those of the month, and those recorded since the last close; or
//! those of one recording.

use std::collections::BTreeSet;

use ledger::date::Day;
use ledger::fact::{Body, Booking, CreditSplit, Signal, SplitTarget, VariantOf};
use plans::context::Context;
use plans::credit::coverage::Coverage;
use plans::incremental::day_ranges::DayRanges;
use projections::knowledge::{Contract, Knowledge, MeteredRun, StoredFact};
use projections::position::Position;
use projections::view::{FactRef, View};

/// Where to look for what is missing.
pub(super) struct Scope<'c, 'k> {
    pub context: &'c Context<'k>,
    pub coverage: Coverage<'c, 'k>,
    /// Days of which every fact is looked at, whenever it was recorded; `None`: no such days.
    days: Option<(Day, Day)>,
    /// The first position from which on facts are looked at whatever their date.
    since: u64,
    /// The facts, ordered by date and position.
    pub facts: Vec<&'k StoredFact>,
}

/// Days on which usage of a contract and meter is known.
pub(super) struct UsedDays<'k> {
    pub contract: &'k Contract,
    pub run: &'k MeteredRun,
    pub from: Day,
    pub to: Day,
}

impl<'c, 'k> Scope<'c, 'k> {
    /// The facts dated after the last closed day, up to the day of the context, and earlier ones from a position on.
    pub fn of_close(context: &'c Context<'k>, closed: Option<Day>, since: u64) -> Scope<'c, 'k> {
        let first = closed.map_or(Day::FIRST, Day::next);
        Scope::with(context, Some((first, context.day)), since)
    }

    /// The facts from a position on.
    pub fn of_recorded(context: &'c Context<'k>, since: u64) -> Scope<'c, 'k> {
        Scope::with(context, None, since)
    }

    fn with(context: &'c Context<'k>, days: Option<(Day, Day)>, since: u64) -> Scope<'c, 'k> {
        let (knowledge, size) = (context.view.knowledge, context.view.visibility.size());
        let dated = days.into_iter().flat_map(|(first, last)| knowledge.facts_dated(first, last, size));
        let new = knowledge.facts_between(since, size);
        let new = new.filter(|known| known.fact.body.at().is_some_and(|at| at <= context.day));
        let mut facts: Vec<&'k StoredFact> = dated.chain(new).collect();
        facts.sort_by_key(|known| (known.fact.body.at(), known.position));
        facts.dedup_by_key(|known| known.position);
        facts.retain(|known| context.view.in_force(known.position));
        Scope { context, coverage: Coverage::of(context), days, since, facts }
    }

    pub fn view(&self) -> View<'k> {
        self.context.view
    }

    fn knowledge(&self) -> &'k Knowledge {
        self.context.view.knowledge
    }

    /// Whether facts of a day are looked at whenever they were recorded.
    pub fn is_of_days(&self, day: Day) -> bool {
        self.days.is_some_and(|(first, last)| (first..=last).contains(&day))
    }

    /// Whether the entry at a position is looked at whatever its date.
    pub fn is_new(&self, position: Position) -> bool {
        u64::from(position) >= self.since
    }

    /// The facts of one kind.
    pub fn of_kind<T: VariantOf<Body> + 'k>(&self) -> impl Iterator<Item = FactRef<'k, T>> + use<'_, 'k, T> {
        self.facts
            .iter()
            .filter_map(|stored| Some(FactRef { position: stored.position, fact: T::of(&stored.fact.body)?, stored }))
    }

    /// The bookings, and those that a split gives new shares of. Cancelled ones are left out.
    pub fn bookings(&self) -> Vec<FactRef<'k, Booking>> {
        let (view, day) = (self.view(), self.context.day);
        let split = self.of_kind::<CreditSplit>().filter_map(|split| match &split.fact.on {
            SplitTarget::Booking(id) => view.booking_by(id.as_str(), day),
            SplitTarget::Contract(_) | SplitTarget::Account(_) => None,
        });
        let mut bookings: Vec<FactRef<'k, Booking>> = self.of_kind::<Booking>().chain(split).collect();
        bookings.sort_by_key(|booking| (booking.fact.at, booking.position));
        bookings.dedup_by_key(|booking| booking.position);
        bookings.retain(|booking| view.cancellation_by(&booking.fact.booking, day).is_none());
        bookings
    }

    /// The signals.
    pub fn signals(&self) -> impl Iterator<Item = FactRef<'k, Signal>> + use<'_, 'k> {
        self.of_kind::<Signal>()
    }

    /// The days with usage that is looked at. Those of a contract are together, and ascend within each meter.
    pub fn usage(&self) -> Vec<UsedDays<'k>> {
        let contracts: Vec<&'k Contract> = match self.days {
            Some(_) => self.knowledge().contracts().filter(|contract| !contract.runs.is_empty()).collect(),
            None => self.contracts_recorded(),
        };
        let mut used = Vec::new();
        for contract in contracts {
            for run in self.view().runs_of(contract) {
                let days = self.days_of(run);
                used.extend(days.ranges().iter().map(|(from, to)| UsedDays { contract, run, from: *from, to: *to }));
            }
        }
        used
    }

    /// The contracts with usage from a position on.
    fn contracts_recorded(&self) -> Vec<&'k Contract> {
        let mut contracts = BTreeSet::new();
        let mut last = None;
        let new = self.since..self.view().visibility.size();
        for run in new.filter_map(|position| self.knowledge().run_at(Position::try_from(position).ok()?)) {
            // Usage of one contract mostly comes together.
            if last != Some(run.contract) {
                last = Some(run.contract);
                contracts.insert(run.contract);
            }
        }
        contracts.into_iter().map(|place| self.knowledge().contract(place)).collect()
    }

    /// The days of a run that are looked at, from the first used one to the last of each interval.
    fn days_of(&self, run: &MeteredRun) -> DayRanges {
        let mut days = DayRanges::none();
        let view = self.view();
        if let Some((from, to)) = self.days.and_then(|between| view.covered(run, between)) {
            days.add(from, to);
        }
        let behind = match self.days {
            None => Day::LAST,
            Some((first, _)) if first > Day::FIRST => first.previous(),
            Some(_) => return days,
        };
        let new = run.run.changed_between(behind, (self.since, view.visibility.size()), |_| false);
        for covered in new.filter_map(|(from, to)| view.covered(run, (from, to.min(behind)))) {
            days.add(covered.0, covered.1);
        }
        days
    }
}
