//! The usage of a booking, and the fraction of its commitment that it is: burn and consumption (calculation.md 2).

use ledger::date::{Day, Span};
use ledger::exact::Exact;
use ledger::fact::Booking;
use projections::knowledge::Contract;
use projections::position::Position;
use projections::usage::UsageColumn;
use projections::view::FactRef;

use crate::context::Context;
use crate::measure::cancelled_by;
use crate::why::{Formula, Step, StepKind};

/// A booking's claim on the usage of its contract.
struct Commitment {
    arr: Exact,
    /// The first day on which it is in force.
    from: Day,
    to: Day,
    /// Whether it is the booking of the question.
    mine: bool,
}

/// A fraction of a booking's commitment, and the step that explains it.
pub struct BookingFraction {
    pub value: Exact,
    pub step: Option<Step>,
}

/// The burn of a booking on a day: usage in the window before it, divided by what was committed for the window's days
/// in term; 1 if nothing was committed. Usage is converted at the rate of `item_date`.
pub fn burn(
    context: &Context<'_>,
    booking: FactRef<'_, Booking>,
    day: Day,
    window: Span,
    item_date: Day,
) -> BookingFraction {
    let (from, to) = (window.before(day), day.previous());
    let (start, term_end) = term(booking.fact);
    let days = from.max(start).days_to(to.min(term_end));
    let arr = booking.fact.arr.exact();
    if days == 0 || !arr.is_positive() {
        let step = context.explains().then(|| {
            let formula = Formula::default().number("nothing was promised", &Exact::ONE);
            formula.step(StepKind::Condition, &Exact::ONE, [booking.position])
        });
        return BookingFraction { value: Exact::ONE, step };
    }
    let used = BookingUsage::of(context, booking, item_date).used(from, to);
    let year = Exact::from(365);
    let value = &used / &(&arr * &Exact::from(days) / &year);
    let step = context.explains().then(|| {
        let formula = Formula::default()
            .number(&format!("used {from}..{to}"), &used)
            .sign(" / (")
            .number("arr", &arr)
            .sign(" * ");
        let formula =
            formula.number("days in term", &Exact::from(days)).sign(" / ").number("days of a year", &year).sign(")");
        formula.step(StepKind::Condition, &value, [booking.position])
    });
    BookingFraction { value, step }
}

/// The first day up to E with `consumed(b, d) >= part`; consumed is all where the tcv is not above 0.
pub fn first_consumed(
    context: &Context<'_>,
    booking: FactRef<'_, Booking>,
    part: &Exact,
    item_date: Day,
) -> Option<Day> {
    let start = booking.fact.start();
    let tcv = booking.fact.tcv();
    if !tcv.is_positive() {
        // All of nothing is consumed on any day; the item's date is the first that counts.
        return Some(item_date);
    }
    if start > context.day {
        return None;
    }
    let target = &tcv * part;
    let usage = BookingUsage::of(context, booking, item_date);
    if !usage.falls(start, context.day) {
        return usage.first_reaching(&target, start, context.day);
    }
    let mut reached = Exact::ZERO;
    let bounds = usage.bounds(start, context.day);
    for (index, from) in bounds.iter().enumerate() {
        let to = bounds.get(index + 1).map_or(context.day, |next| next.previous());
        let days = from.days_to(to);
        let used = usage.used(*from, to);
        // Between two bounds each day has the same usage.
        let daily = &used * &Exact::ratio(1, i128::from(days));
        if &reached + &daily >= target {
            return Some(*from);
        }
        if &reached + &used >= target {
            let missing = (&target - &reached) / daily;
            return Some(from.plus_days(whole_days(&missing) - 1));
        }
        reached += &used;
    }
    None
}

/// The next day on which more of a booking may be consumed although nothing changes; `None` once its term is over.
pub fn more_consumed(context: &Context<'_>, booking: FactRef<'_, Booking>) -> Option<Day> {
    let (start, end) = term(booking.fact);
    (end > context.day).then(|| start.max(context.day.next()))
}

/// The step that explains the fraction of a booking's total contract value that was consumed by the end of a day.
pub fn consumed_step(context: &Context<'_>, booking: FactRef<'_, Booking>, day: Day, item_date: Day) -> Step {
    let (start, tcv) = (booking.fact.start(), booking.fact.tcv());
    if !tcv.is_positive() {
        let formula = Formula::default().number("nothing was promised", &Exact::ONE);
        return formula.step(StepKind::Trigger, &Exact::ONE, [booking.position]);
    }
    let used = BookingUsage::of(context, booking, item_date).used(start, day);
    let formula = Formula::default().number(&format!("used {start}..{day}"), &used).sign(" / ").number("tcv", &tcv);
    let from = snapshot_positions(context, booking, start, day).into_iter().chain([booking.position]);
    formula.step(StepKind::Trigger, &(used / tcv), from)
}

/// A number of days, rounded up.
fn whole_days(days: &Exact) -> i32 {
    let down = days.round(0, ledger::exact::Rounding::Down).expect("fewer days than a stretch has");
    let up = if Exact::whole(down) < *days { down + 1 } else { down };
    i32::try_from(up).expect("fewer days than a stretch has")
}

fn falls(snapshot: &projections::usage::KnownSnapshot) -> bool {
    snapshot.amount.is_negative()
}

/// The first and the last day on which a booking is in term.
fn term(booking: &Booking) -> (Day, Day) {
    let start = booking.start();
    (start, start.plus_months(i32::from(booking.months())).previous())
}

/// Computes a booking's part of its contract's usage, in the booking's currency.
struct BookingUsage<'c, 'k> {
    context: &'c Context<'k>,
    contract: Option<&'k Contract>,
    commitments: Vec<Commitment>,
    booking: FactRef<'k, Booking>,
    item_date: Day,
}

impl<'c, 'k> BookingUsage<'c, 'k> {
    fn of(context: &'c Context<'k>, booking: FactRef<'_, Booking>, item_date: Day) -> BookingUsage<'c, 'k> {
        let view = context.view;
        let contract = view.knowledge.contract_of(booking.fact.contract(), booking.fact.account.as_str());
        let booking = view.booking(booking.fact.booking.as_str()).expect("an item's booking is in force");
        let commits = |other: &Booking| other.at <= context.day && other.arr.exact().is_positive();
        let known = contract.into_iter().flat_map(|contract| view.bookings_matching(contract, commits));
        let commitments = known.map(|other| {
            let (from, term_end) = term(other.fact);
            let to =
                cancelled_by(context, other, context.day).map_or(term_end, |(day, _)| term_end.min(day.previous()));
            Commitment { arr: other.fact.arr.exact(), from, to, mine: other.position == booking.position }
        });
        BookingUsage { context, contract, commitments: commitments.collect(), booking, item_date }
    }

    /// The days in `from ..= to` on which the booking's part or the daily usage may change; `from` is the first.
    fn bounds(&self, from: Day, to: Day) -> Vec<Day> {
        let runs = self.contract.into_iter().flat_map(|contract| self.context.view.runs_of(contract));
        let snapshots = runs.flat_map(|run| self.context.view.snapshots(run, from, to));
        let usage = snapshots.flat_map(|snapshot| [snapshot.from, snapshot.to.next()]);
        let mut bounds: Vec<Day> =
            usage.chain(self.commitment_bounds()).chain([from]).filter(|day| (from..=to).contains(day)).collect();
        bounds.sort();
        bounds.dedup();
        bounds
    }

    /// Whether any usage in `from ..= to` is negative, so that the running sum may fall.
    fn falls(&self, from: Day, to: Day) -> bool {
        let mut runs = self.contract.into_iter().flat_map(|contract| self.context.view.runs_of(contract));
        runs.any(|run| run.run.has_negative() && self.context.view.snapshots(run, from, to).iter().any(falls))
    }

    /// The first day by whose end this much was used. Only for usage that never falls.
    fn first_reaching(&self, target: &Exact, from: Day, to: Day) -> Option<Day> {
        if self.used(from, to) < *target {
            return None;
        }
        let (mut low, mut high) = (from.number(), to.number());
        while low < high {
            let middle = low + (high - low) / 2;
            let day = Day::from_number(i64::from(middle)).expect("a day between two others");
            if self.used(from, day) < *target { low = middle + 1 } else { high = middle }
        }
        Day::from_number(i64::from(low))
    }

    fn commitment_bounds(&self) -> impl Iterator<Item = Day> + '_ {
        self.commitments.iter().flat_map(|commitment| [commitment.from, commitment.to.next()])
    }

    /// The booking's usage on `from ..= to`. Each day is divided in proportion to ARR among the bookings in force
    /// that day.
    fn used(&self, from: Day, to: Day) -> Exact {
        let mut starts: Vec<Day> =
            self.commitment_bounds().filter(|day| (from..=to).contains(day)).chain([from]).collect();
        starts.sort();
        starts.dedup();
        let mut used = Exact::ZERO;
        for (index, start) in starts.iter().enumerate() {
            let end = starts.get(index + 1).map_or(to, |next| next.previous());
            let part = self.part(*start);
            if !part.is_zero() {
                used += &(self.contract_usage(*start, end) * part);
            }
        }
        used
    }

    fn part(&self, day: Day) -> Exact {
        let in_force = || self.commitments.iter().filter(|commitment| (commitment.from..=commitment.to).contains(&day));
        let Some(mine) = in_force().find(|commitment| commitment.mine) else { return Exact::ZERO };
        let all: Exact = in_force().map(|commitment| commitment.arr.clone()).sum();
        &mine.arr / &all
    }

    fn contract_usage(&self, from: Day, to: Day) -> Exact {
        let context = self.context;
        let booking = self.booking.fact;
        // Only days up to E count.
        let to = to.min(context.day);
        if to < from {
            return Exact::ZERO;
        }
        let runs = self.contract.into_iter().flat_map(|contract| context.view.runs_of(contract));
        let sums = runs.map(|run| {
            let used = context.view.usage(run, from, to, UsageColumn::Amount);
            if used.is_zero() {
                return used;
            }
            used * context.rate(run.currency, booking.currency, self.item_date, &booking.booking).0
        });
        sums.sum()
    }
}

/// Positions of the snapshots of a booking's contract that cover any day of `from ..= to`.
pub fn snapshot_positions(context: &Context<'_>, booking: FactRef<'_, Booking>, from: Day, to: Day) -> Vec<Position> {
    let contract = context.view.knowledge.contract_of(booking.fact.contract(), booking.fact.account.as_str());
    let runs = contract.into_iter().flat_map(|contract| context.view.runs_of(contract));
    runs.flat_map(|run| context.view.snapshots(run, from, to)).map(|snapshot| snapshot.position).collect()
}
