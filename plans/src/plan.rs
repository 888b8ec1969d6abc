//! A plan as the calculation sees it: every key of plan.md with its default filled in. Only a checked text becomes one.

use std::collections::BTreeMap;

use ledger::date::{Day, Span};
use ledger::exact::{Exact, Rounding};
use ledger::fact::Role;
use ledger::id::{ComponentId, Name, PlanId};
use ledger::money::{Currency, Money};

/// One version of a plan. All amounts are in its currency.
#[derive(Clone, PartialEq, Debug)]
pub struct Plan {
    /// The plan's id. All its versions share it.
    pub id: PlanId,
    /// The number of this version, from 1.
    pub version: u32,
    /// The edition of the calculation rules that the plan is written in.
    pub edition: u16,
    /// A title for people; `None` if the text has none.
    pub title: Option<String>,
    /// The currency of every amount, quota, target and line of the plan (section 1 of the calculation page).
    pub currency: Currency,
    /// This version measures and rates items dated from this day on (section 3).
    pub effective: Day,
    /// The month in which the fiscal year begins, 1 to 12.
    pub year_start: u32,
    /// How amounts are rounded to the minor unit of the currency (section 1).
    pub rounding: Rounding,
    /// What happens to installments that fall due when the payee has left (section 7).
    pub after_leaving: After,
    /// Terms and conditions as text for people; the calculation does not read them.
    pub terms: Option<String>,
    /// The rules by which commission is earned, in the order of the text.
    pub components: Vec<Component>,
    /// Advances and guarantees, in the order of the text (section 10).
    pub draws: Vec<Draw>,
}

/// Whether something is still due after an end: the payee's leaving, the booking's cancellation.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum After {
    /// The installment is still due.
    Pay,
    /// The installment is forfeited.
    Forfeit,
}

/// One rule of a plan: what is measured, what it earns, and when that is paid.
#[derive(Clone, PartialEq, Debug)]
pub struct Component {
    /// The component's id. Running totals cross versions of the plan by it.
    pub id: ComponentId,
    /// A title for people.
    pub title: Option<String>,
    /// What yields the items (section 4).
    pub measure: Measure,
    /// The first day on which the component measures, if it is later than the assignment's (section 3).
    pub from: Option<Day>,
    /// The last day on which the component measures, if it is earlier than the assignment's.
    pub until: Option<Day>,
    /// Which items count: `where` in the text (section 4).
    pub filter: Filter,
    /// Whose credit counts for the payee (section 4).
    pub credit: Credit,
    /// The performance period, over which attainment and caps run.
    pub period: Period,
    /// The quota of a full period; `None`: the component has no quota (section 5).
    pub quota: Option<Quota>,
    /// The fraction of the quota that counts in each calendar month since the ramp began. Past the last entry it is
    /// 1, so an empty list means no ramp (section 5).
    pub ramp: Vec<Exact>,
    /// How the quota and the target pay of a month are reduced when the assignment covers only part of it.
    pub prorate: Prorate,
    /// How an item's value becomes an amount (section 6).
    pub earned: Earned,
    /// The most that one item earns; `None`: no limit.
    pub cap_item: Option<Money>,
    /// The most that all items of one performance period earn together; `None`: no limit.
    pub cap_period: Option<Money>,
    /// How a cancelled booking is valued (section 4).
    pub cancellation: Cancellation,
    /// What happens to installments that fall due when the booking is cancelled (section 7).
    pub after_cancellation: After,
    /// The fiscal period at whose end installments are due; `None`: on the day on which they fall due (section 7).
    pub due: Option<Period>,
    /// The parts in which the earned amount is paid (section 7). Empty: all of it on the item's date.
    pub installments: Vec<Installment>,
    /// What is taken back later, and why (section 8).
    pub clawbacks: Vec<Clawback>,
}

/// Whose credit counts for a payee (section 4 of the calculation page).
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Credit {
    /// The payee's own shares in these roles.
    Roles(Vec<Role>),
    /// Primary shares of everyone whose manager chain reaches the payee; not the payee's own.
    Reports,
    /// Primary shares of everyone in the payee's team, the payee included.
    Team,
}

/// What a component measures (section 4 of the calculation page).
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Measure {
    /// One item per booking.
    Booking {
        /// The value for quota, attainment, tiers and running totals.
        value: BookingValue,
        /// The amount that is paid on, in proportion to the value; `None`: the value itself.
        pays: Option<BookingValue>,
    },
    /// Usage of contracts, by month.
    Usage {
        /// Whether money or quantity is summed.
        value: UsageValue,
        /// Only usage of these meters counts; empty: of every meter.
        meters: Vec<Name>,
        /// Whether an item is a contract's month or a month over all contracts.
        per: Per,
    },
    /// One item per performance period: the run rate of usage above an earlier run rate.
    Growth {
        /// The window of a run rate.
        window: Span,
        /// Which earlier run rate is the baseline.
        against: Against,
        /// A fraction: the baseline counts this many times. 1 unless the plan says otherwise.
        retained: Exact,
        /// Only usage of these meters counts; empty: of every meter.
        meters: Vec<Name>,
    },
    /// One item per signal of a name.
    Signal {
        /// The name of the signals.
        name: Name,
        /// Whether signals are counted or their values summed.
        value: SignalValue,
    },
    /// One level per performance period: the readings of a metric.
    Metric {
        /// The name of the signals that carry the readings.
        name: Name,
        /// How the readings of an account become one number.
        take: Reading,
    },
    /// One level per performance period: usage of a window divided by usage of the window before.
    Retention {
        /// Whether growth of a contract makes up for losses of others.
        kind: Retention,
        /// The length of each of the two windows.
        over: Span,
        /// Only usage of these meters counts; empty: of every meter.
        meters: Vec<Name>,
    },
}

impl Measure {
    /// Whether the measure yields a level, which is compared with a goal, and not items that are added up.
    pub fn is_level(&self) -> bool {
        match self {
            Measure::Metric { .. } | Measure::Retention { .. } => true,
            Measure::Booking { .. } | Measure::Usage { .. } | Measure::Growth { .. } | Measure::Signal { .. } => false,
        }
    }
}

/// What one item of a usage measure is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Per {
    /// One contract in one calendar month.
    Contract,
    /// One calendar month, summed over all contracts.
    Month,
    /// One calendar month, summed over all contracts, as far as the sum is above this baseline.
    MonthAbove(Baseline),
}

/// The usage of a month that earns nothing (section 4 of the calculation page).
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Baseline {
    /// This much for a full month, in the unit of the measure; in proportion to its days for a part of one.
    Amount(Exact),
    /// This fraction of the usage of the previous performance period, spread over its months.
    PreviousPeriod(Exact),
}

/// The earlier run rate that growth is compared with (section 4 of the calculation page).
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Against {
    /// The run rate of the window before.
    Rolling,
    /// The run rate of the window that ends before the performance period.
    PeriodStart,
    /// The highest run rate at the day before the assignment and at the ends of its earlier performance periods.
    HighWater,
}

/// How the readings of one account become one number.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Reading {
    /// The last reading.
    Last,
    /// The mean of all readings.
    Average,
}

/// How a contract's later usage counts in retention.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Retention {
    /// As it is: a contract that grew makes up for one that shrank.
    Net,
    /// At most as much as its earlier usage.
    Gross,
}

/// The value of a booking's item, before the payee's share.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum BookingValue {
    /// Annual recurring revenue.
    Arr,
    /// Total contract value.
    Tcv,
    /// 1 for each booking.
    Count,
    /// The booking's amount of that name.
    Named(Name),
}

/// Which number of a usage snapshot is summed.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum UsageValue {
    /// The amount of money.
    Amount,
    /// The quantity, in the unit of the meter.
    Quantity,
}

/// The value of a signal's item, before the payee's share.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum SignalValue {
    /// 1 for each signal.
    Count,
    /// The signal's own value; 0 and a warning if it has none.
    Value,
}

/// `where`: which items count. Every list must allow the item; an empty list allows all.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Filter {
    /// Motions of the booking. An item without a booking does not pass if any are listed.
    pub motion: Vec<Name>,
    /// Products of the booking. An item without a booking does not pass if any are listed.
    pub product: Vec<Name>,
    /// Segments of the account on the item's date.
    pub segment: Vec<Name>,
    /// Regions of the account on the item's date.
    pub region: Vec<Name>,
    /// Allowed values by attribute. The booking's own attribute counts, else the account's on the item's date.
    pub attributes: BTreeMap<Name, Vec<Name>>,
}

/// The length of a performance period. Periods follow the plan's fiscal year.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Period {
    /// One month.
    Month,
    /// Three months.
    Quarter,
    /// Six months.
    Half,
    /// Twelve months.
    Year,
}

impl Period {
    /// The number of months.
    pub fn months(self) -> i32 {
        match self {
            Period::Month => 1,
            Period::Quarter => 3,
            Period::Half => 6,
            Period::Year => 12,
        }
    }
}

/// Where the quota of a full performance period is from (section 5 of the calculation page).
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Quota {
    /// From the latest `quota` fact, else from the assignment.
    Assigned,
    /// From the plan: the same for everybody, in the unit of the measured value.
    Amount(Exact),
}

/// How a month counts that the assignment covers only in part (section 5 of the calculation page).
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Prorate {
    /// By the fraction of its days.
    Days,
    /// For the quota, only the start of the assignment cuts a month: months after its end count in full. Target pay
    /// counts by days.
    Start,
    /// In full.
    None,
}

/// How an item's value becomes an amount (section 6 of the calculation page).
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Earned {
    /// Value times a rate.
    Rate {
        /// The rate below every tier.
        base: Rate,
        /// Other rates from a threshold on, ascending by threshold.
        tiers: Vec<Tier>,
        /// Which part of the running total a tier's rate applies to.
        mode: Mode,
    },
    /// A fixed amount for each unit of a count.
    Amount(Money),
    /// A part of the assignment's annual target pay, by the attainment of the period.
    Target {
        /// The fraction of the target pay that this component pays out of.
        share: Exact,
        /// Attainment to payout, both as fractions.
        curve: Curve,
        /// What a level is divided by to get the attainment; `None` for measures that have a quota instead.
        goal: Option<Exact>,
    },
    /// The rise of a curve while the running total of the period passes over the item.
    Curve {
        /// Running total to amount earned.
        curve: Curve,
        /// `Marginal`, or `PerItem` where every item starts from zero.
        mode: Mode,
    },
}

/// A function given by points; 0 below the first point, constant above the last (section 6 of the calculation page).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Curve {
    /// The points, ascending by `at`. There is at least one.
    pub points: Vec<CurvePoint>,
    /// The value between two points.
    pub shape: CurveShape,
}

/// One point of a curve. Fractions beside a target, else amounts in the plan's currency.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CurvePoint {
    /// Where: an attainment or a running total.
    pub at: Exact,
    /// The value of the curve there.
    pub pay: Exact,
}

/// The value of a curve between two points.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum CurveShape {
    /// Interpolated.
    Line,
    /// That of the lower point.
    Step,
}

/// The base rate of a component.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Rate {
    /// The rate that the assignment gives for this component.
    Assigned,
    /// A fraction: 10 % is 1/10.
    Written(Exact),
}

/// From a threshold on, another rate.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tier {
    /// The threshold. A value exactly at it is in this tier.
    pub from: Threshold,
    /// The rate of this tier.
    pub rate: TierRate,
}

/// Where a tier begins.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Threshold {
    /// At this fraction of the quota. Without a quota the tier does not apply.
    Quota(Exact),
    /// At this running total, in the unit of the item's value.
    Amount(Exact),
}

/// The rate of a tier.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TierRate {
    /// So many times the base rate.
    Times(Exact),
    /// This fraction.
    Rate(Exact),
}

/// Which part of the running total of a period a tier's rate applies to (section 6 of the calculation page).
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Mode {
    /// Each tier's rate applies to the part of the item inside the tier.
    Marginal,
    /// The tier that the period's total reaches applies to all its items.
    Retroactive,
    /// As `Marginal`, with a running total that begins at zero for every item.
    PerItem,
}

/// How an item of a cancelled booking is valued (section 4 of the calculation page).
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Cancellation {
    /// As it was sold.
    Keep,
    /// At 0, once the cancellation is in effect.
    Restate,
}

/// A part of the earned amount, and when it becomes due (section 7 of the calculation page).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Installment {
    /// The installment's id, unique in its component. It is part of the names of lines.
    pub id: Name,
    /// The fraction of the earned amount. The last installment takes the rest instead, so that nothing is lost in
    /// rounding.
    pub share: Exact,
    /// The event that makes it due.
    pub trigger: Trigger,
    /// The day from which `after` and `within` count.
    pub anchor: Anchor,
    /// If it is triggered, or its conditions hold, later than this after the anchor, it is forfeited; `None`: no
    /// limit.
    pub within: Option<Span>,
    /// Conditions, all of which must hold on the day of the trigger.
    pub when: Vec<Condition>,
    /// What happens if they do not.
    pub otherwise: Otherwise,
}

/// The event that makes an installment due. It is never due before the item's date.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Trigger {
    /// The item's date.
    ItemDate,
    /// This long after the anchor.
    After(Span),
    /// The first day on which at least this fraction of the booking's total contract value is consumed.
    Consumed(Exact),
    /// The first signal of this name for the item, on or after its date.
    Signal(Name),
}

/// The day from which spans of an installment or clawback count.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Anchor {
    /// The booking's start; of items without a booking, the item's date.
    Start,
    /// The item's date.
    Item,
}

/// A condition (gate) of an installment or clawback (section 7 of the calculation page).
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Condition {
    /// The consumption rate (burn) of the booking in the window before the day.
    Burn {
        /// The length of the window.
        window: Span,
        /// The bound, as a fraction of what was committed.
        test: LevelTest,
    },
    /// The latest reading of a metric up to the day; without a reading the condition does not hold.
    Metric {
        /// The name of the signals that carry the readings.
        name: Name,
        /// The bound, in the unit of the readings.
        test: LevelTest,
    },
    /// Any signal of this name for the item, up to the day.
    Signal(Name),
}

/// On which side of a bound a value must be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LevelTest {
    /// At the bound or above.
    AtLeast(Exact),
    /// Below the bound.
    Below(Exact),
}

/// What happens to an installment whose conditions do not hold on the day of its trigger.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Otherwise {
    /// It is forfeited.
    Forfeit,
    /// Tried again on the first day of each following month.
    Wait,
}

/// A reversal of installments by a rule of the plan: one negative line per item (section 8 of the calculation page).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Clawback {
    /// The clawback's id, unique in its component. It is part of the names of lines.
    pub id: Name,
    /// The event that sets it off.
    pub trigger: ClawbackTrigger,
    /// The day from which `after` and `within` count.
    pub anchor: Anchor,
    /// Set off later than this after the anchor, it takes nothing back; `None`: no limit.
    pub within: Option<Span>,
    /// Conditions, all of which must hold on its date. There is no second try.
    pub when: Vec<Condition>,
    /// Indexes of the installments that it takes from; `None`: from all.
    pub reverse: Option<Vec<usize>>,
    /// How much of what is left of them it takes.
    pub take: Take,
}

/// The event that sets off a clawback. Its date is never before the item's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ClawbackTrigger {
    /// This long after the anchor.
    After(Span),
    /// The first signal of this name for the item, on or after its date.
    Signal(Name),
    /// The cancellation of the booking.
    Cancellation,
}

/// How much a clawback takes of what is left of the installments that it names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Take {
    /// This fraction.
    Share(Exact),
    /// The fraction of the booking's term that remains, in complete months.
    RemainingMonths,
    /// 1 less the consumption rate (burn) in the window before the clawback's date, at least 0.
    Unconsumed(Span),
}

/// Money paid ahead of commission, or a floor under it (section 10 of the calculation page).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Draw {
    /// The draw's id, unique in its plan.
    pub id: Name,
    /// What it is given for.
    pub kind: DrawKind,
    /// The amount of one full month, in the plan's currency.
    pub amount: Money,
    /// For how many calendar months it is given, the trigger's month being the first; `None`: as long as the
    /// assignment lasts.
    pub months: Option<u16>,
    /// Whether later commission is reduced until the draw is paid back.
    pub recoverable: bool,
    /// Recovery begins with the first close this many months after the trigger's date, or later.
    pub recover_after_months: u16,
    /// The fraction of the pay above the guarantee that each close recovers at most.
    pub recover_rate: Exact,
}

/// What a draw is given for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DrawKind {
    /// An advance for each booking that is signed in the assignment: the amount times the payee's primary share.
    AdvanceOnBooking {
        /// Only bookings of these motions; empty: of any motion.
        motions: Vec<Name>,
    },
    /// An advance from the assignment's first day on.
    AdvanceOnAssignment,
    /// A floor under the commission of each month.
    Guarantee,
}

impl Component {
    /// Whether a day is inside the component's own dates.
    pub fn exists_on(&self, day: Day) -> bool {
        self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day <= until)
    }
}

impl Plan {
    /// The component of this id; `None` if this version has none.
    pub fn component(&self, id: &str) -> Option<&Component> {
        self.components.iter().find(|component| component.id.as_str() == id)
    }
}
