//! The usage of a booking, and the fraction of its commitment that it is: burn and consumption (calculation.md 2).

use ledger::date::{Day, Span};
use ledger::exact::Exact;
use ledger::fact::{BookedAmount, Booking};
use projections::knowledge::Contract;
use projections::position::Position;
use projections::usage::UsageColumn;
use projections::view::FactRef;

use crate::context::Context;
use crate::measure::cancelled_by;
use crate::payment::net_amount::{NetAmount, NetRange};
use crate::why::{Formula, Step, StepKind};

/// A booking's claim on the usage of its contract, on days on which it is in force with the same ARR.
struct Commitment {
    arr: Exact,
    from: Day,
    to: Day,
    /// Whether it is the booking of the question.
    mine: bool,
}

/// A fraction of a booking's commitment, and the step that explains it.
pub struct BookingFraction {
    pub value: Exact,
    /// What was used, and what was committed for it; `None` where nothing was.
    pub of: Option<(Exact, Exact)>,
    pub step: Option<Step>,
}

/// The burn of a booking on a day: usage in the window before it, divided by what was committed for the window's days
/// in term, on each day the ARR that credit notes had left; 1 if nothing was committed, 0 if only credit notes left
/// nothing. Usage is converted at the rate of `item_date`.
pub fn burn(
    context: &Context<'_>,
    booking: FactRef<'_, Booking>,
    day: Day,
    window: Span,
    item_date: Day,
) -> BookingFraction {
    let (from, to) = (window.before(day), day.previous());
    let (start, term_end) = booking.fact.term();
    let arr = NetAmount::of(context, booking, &BookedAmount::Arr);
    let promised = arr.ranges(from.max(start), to.min(term_end));
    if promised.is_empty() || !arr.booked.is_positive() {
        let step = context.explains().then(|| {
            let formula = Formula::default().number("nothing was promised", &Exact::ONE);
            formula.step(StepKind::Condition, &Exact::ONE, [booking.position])
        });
        return BookingFraction { value: Exact::ONE, of: None, step };
    }
    let left: Exact = promised.iter().map(|range| &range.left * &Exact::from(days_of(range))).sum();
    if left.is_zero() {
        let step = context.explains().then(|| {
            let formula = Formula::default().number("credit notes left nothing promised", &Exact::ZERO);
            formula.step(StepKind::Condition, &Exact::ZERO, [booking.position].into_iter().chain(arr.positions(to)))
        });
        return BookingFraction { value: Exact::ZERO, of: None, step };
    }
    let used = BookingUsage::of(context, booking, item_date).used(from, to);
    let promised_amount = left / Exact::from(DAYS_OF_YEAR);
    let value = &used / &promised_amount;
    let step = context.explains().then(|| {
        let formula = Formula::default().number(&format!("used {from}..{to}"), &used).sign(" / ");
        let from = [booking.position].into_iter().chain(arr.positions(to));
        promised_formula(formula, &arr, &promised).step(StepKind::Condition, &value, from)
    });
    BookingFraction { value, of: Some((used, promised_amount)), step }
}

/// What a year's ARR is divided by for one day.
const DAYS_OF_YEAR: i32 = 365;

fn days_of(range: &NetRange) -> i32 {
    range.from.days_to(range.to)
}

/// Appends what was promised: for each range of days its ARR x days / 365.
fn promised_formula(formula: Formula, arr: &NetAmount<'_>, promised: &[NetRange]) -> Formula {
    let several = promised.len() > 1;
    let mut formula = formula.sign(if several { "((" } else { "(" });
    for range in promised {
        let days = Exact::from(days_of(range));
        formula = arr.explain(formula.plus(), "arr", range.from).sign(" * ").number("days in term", &days);
    }
    let formula = if several { formula.sign(")") } else { formula };
    formula.sign(" / ").number("days of a year", &Exact::from(DAYS_OF_YEAR)).sign(")")
}

/// The first day up to E with `consumed(b, d) >= part`, by the TCV that credit notes have left on that day. Consumed is all
/// where no TCV was booked; where only credit notes left none, it is never reached.
pub fn first_consumed(
    context: &Context<'_>,
    booking: FactRef<'_, Booking>,
    part: &Exact,
    item_date: Day,
) -> Option<Day> {
    let start = booking.fact.start();
    let tcv = NetAmount::of(context, booking, &BookedAmount::Tcv);
    if !tcv.booked.is_positive() {
        // All of nothing is consumed on any day; the item's date is the first that counts.
        return Some(item_date);
    }
    if start > context.day {
        return None;
    }
    let usage = BookingUsage::of(context, booking, item_date);
    let falls = usage.falls(start, context.day);
    let mut ranges = tcv.ranges(start, context.day).into_iter().filter(|range| range.left.is_positive());
    ranges.find_map(|range| {
        let target = &range.left * part;
        if falls { usage.first_day_at(&target, start, &range) } else { usage.first_reaching(&target, start, &range) }
    })
}

/// The next day on which more of a booking may be consumed although nothing changes; `None` once its term is over.
pub fn more_consumed(context: &Context<'_>, booking: FactRef<'_, Booking>) -> Option<Day> {
    let (start, end) = booking.fact.term();
    (end > context.day).then(|| start.max(context.day.next()))
}

/// The step that explains the fraction of a booking's total contract value that was consumed by the end of a day.
pub fn consumed_step(context: &Context<'_>, booking: FactRef<'_, Booking>, day: Day, item_date: Day) -> Step {
    let (start, tcv) = (booking.fact.start(), NetAmount::of(context, booking, &BookedAmount::Tcv));
    if !tcv.booked.is_positive() {
        let formula = Formula::default().number("nothing was promised", &Exact::ONE);
        return formula.step(StepKind::Trigger, &Exact::ONE, [booking.position]);
    }
    let used = BookingUsage::of(context, booking, item_date).used(start, day);
    let formula = Formula::default().number(&format!("used {start}..{day}"), &used).sign(" / ");
    let from = snapshot_positions(context, booking, start, day).into_iter().chain([booking.position]);
    let consumed = used / tcv.left_on(day);
    tcv.explain(formula, "tcv", day).step(StepKind::Trigger, &consumed, from.chain(tcv.positions(day)))
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
        let commitments = known.flat_map(|other| {
            let (from, term_end) = other.fact.term();
            let to =
                cancelled_by(context, other, context.day).map_or(term_end, |(day, _)| term_end.min(day.previous()));
            let mine = other.position == booking.position;
            let ranges = NetAmount::of(context, other, &BookedAmount::Arr).ranges(from, to).into_iter();
            let committed = ranges.filter(|range| range.left.is_positive());
            committed.map(move |NetRange { from, to, left }| Commitment { arr: left, from, to, mine })
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

    /// The first day of a range by whose end this much was used since `start`. Only for usage that never falls.
    fn first_reaching(&self, target: &Exact, start: Day, range: &NetRange) -> Option<Day> {
        if self.used(start, range.to) < *target {
            return None;
        }
        let (mut low, mut high) = (range.from.number(), range.to.number());
        while low < high {
            let middle = low + (high - low) / 2;
            let day = Day::from_number(i64::from(middle)).expect("a day between two others");
            if self.used(start, day) < *target { low = middle + 1 } else { high = middle }
        }
        Day::from_number(i64::from(low))
    }

    /// The first day of a range by whose end this much was used since `start`, where usage may fall in between.
    fn first_day_at(&self, target: &Exact, start: Day, range: &NetRange) -> Option<Day> {
        let mut reached = if range.from > start { self.used(start, range.from.previous()) } else { Exact::ZERO };
        let bounds = self.bounds(range.from, range.to);
        for (index, from) in bounds.iter().enumerate() {
            let to = bounds.get(index + 1).map_or(range.to, |next| next.previous());
            let days = from.days_to(to);
            let used = self.used(*from, to);
            // Between two bounds each day has the same usage.
            let daily = &used * &Exact::ratio(1, i128::from(days));
            if &reached + &daily >= *target {
                return Some(*from);
            }
            if &reached + &used >= *target {
                let missing = (target - &reached) / daily;
                return Some(from.plus_days(whole_days(&missing) - 1));
            }
            reached += &used;
        }
        None
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
