//! A plan as the calculation sees it: every key of plan.md with its default filled in. Only a checked text becomes one.

use std::collections::BTreeMap;

use ledger::date::{Day, Span};
use ledger::exact::{Exact, Rounding};
use ledger::fact::Role;
use ledger::id::{ComponentId, Name, PlanId};
use ledger::money::{Currency, Money};

#[derive(Clone, PartialEq, Debug)]
pub struct Plan {
    pub id: PlanId,
    pub version: u32,
    /// Of the calculation rules.
    pub edition: u16,
    pub title: Option<String>,
    pub currency: Currency,
    /// In force from this item date on.
    pub effective: Day,
    /// The month in which the fiscal year begins, 1 to 12.
    pub year_start: u32,
    pub rounding: Rounding,
    /// What happens to installments that fall due when the payee has left.
    pub after_leaving: After,
    pub terms: Option<String>,
    pub components: Vec<Component>,
    pub draws: Vec<Draw>,
}

/// Whether something is still due after an end: the payee's leaving, the booking's cancellation.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum After {
    Pay,
    Forfeit,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Component {
    pub id: ComponentId,
    pub title: Option<String>,
    pub measure: Measure,
    /// The component's own dates narrow the assignment's days for its items.
    pub from: Option<Day>,
    pub until: Option<Day>,
    pub filter: Filter,
    pub credit: Credit,
    pub period: Period,
    pub quota: Option<Quota>,
    /// The quota's part in each calendar month since `ramp-from`, as fractions; empty for all of it.
    pub ramp: Vec<Exact>,
    pub prorate: Prorate,
    pub earned: Earned,
    pub cap_item: Option<Money>,
    pub cap_period: Option<Money>,
    pub cancellation: Cancellation,
    pub after_cancellation: After,
    /// Empty: all of it, on the item's date.
    pub installments: Vec<Installment>,
    pub clawbacks: Vec<Clawback>,
}

/// Whose credit counts (calculation.md 4).
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Credit {
    /// The payee's own, in these roles.
    Roles(Vec<Role>),
    /// Primary shares of everyone whose manager chain reaches the payee.
    Reports,
    /// Primary shares of everyone in the payee's team, the payee included.
    Team,
}

/// What is measured (calculation.md 4).
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Measure {
    Booking(BookingValue),
    /// Of these meters, or of all when none is named.
    Usage {
        value: UsageValue,
        meters: Vec<Name>,
        per: Per,
    },
    /// The run rate above an earlier one.
    Growth {
        window: Span,
        against: Against,
        /// The part of the baseline that is taken for granted.
        retained: Exact,
        meters: Vec<Name>,
    },
    Signal {
        name: Name,
        value: SignalValue,
    },
    /// A level: what readings say.
    Metric {
        name: Name,
        take: Reading,
    },
    /// A level: what of a window's usage was there again in the next.
    Retention {
        kind: Retention,
        over: Span,
        meters: Vec<Name>,
    },
}

impl Measure {
    /// A level is held against a goal, not added up.
    pub fn is_level(&self) -> bool {
        match self {
            Measure::Metric { .. } | Measure::Retention { .. } => true,
            Measure::Booking(_) | Measure::Usage { .. } | Measure::Growth { .. } | Measure::Signal { .. } => false,
        }
    }
}

/// What one usage item is about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Per {
    Contract,
    Month,
    /// The month's sum above this.
    MonthAbove(Baseline),
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Baseline {
    /// For a full month.
    Amount(Exact),
    /// A fraction of the previous performance period.
    PreviousPeriod(Exact),
}

#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Against {
    Rolling,
    PeriodStart,
    HighWater,
}

#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Reading {
    Last,
    Average,
}

#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Retention {
    Net,
    Gross,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum BookingValue {
    Arr,
    Tcv,
    Count,
    /// The booking's amount of that name.
    Named(Name),
}

#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum UsageValue {
    Amount,
    Quantity,
}

#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum SignalValue {
    Count,
    Value,
}

/// `where`: what an item must be to count; an empty list lets everything through.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Filter {
    pub motion: Vec<Name>,
    pub product: Vec<Name>,
    pub segment: Vec<Name>,
    pub region: Vec<Name>,
    /// By the attribute's name.
    pub attributes: BTreeMap<Name, Vec<Name>>,
}

/// The performance period.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Period {
    Month,
    Quarter,
    Half,
    Year,
}

impl Period {
    pub fn months(self) -> i32 {
        match self {
            Period::Month => 1,
            Period::Quarter => 3,
            Period::Half => 6,
            Period::Year => 12,
        }
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Quota {
    Assigned,
    /// Per full period, in the plan's currency.
    Amount(Exact),
}

#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Prorate {
    Days,
    None,
}

/// What an item earns (calculation.md 6).
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Earned {
    Rate {
        base: Rate,
        tiers: Vec<Tier>,
        mode: Mode,
    },
    /// For each unit of a count.
    Amount(Money),
    /// A part of the assignment's annual target pay, by attainment.
    Target {
        /// A fraction of the target pay.
        share: Exact,
        curve: Curve,
        /// What a level is held against; other measures have a quota.
        goal: Option<Exact>,
    },
    /// By points in amounts of the running total.
    Curve {
        curve: Curve,
        /// `Marginal`, or `PerItem` where every item starts from zero.
        mode: Mode,
    },
}

/// Points, ascending, and what lies between them (calculation.md 6).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Curve {
    pub points: Vec<Point>,
    pub shape: CurveShape,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Point {
    pub at: Exact,
    pub pay: Exact,
}

#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum CurveShape {
    Line,
    Step,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Rate {
    /// The assignment's own.
    Assigned,
    /// A fraction: 10 % is 1/10.
    Written(Exact),
}

/// From its threshold on, another rate; ascending.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tier {
    pub from: Threshold,
    pub rate: TierRate,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Threshold {
    /// A fraction of the quota.
    Quota(Exact),
    /// A running total, in the unit of the item's value.
    Amount(Exact),
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TierRate {
    Times(Exact),
    Rate(Exact),
}

#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Mode {
    Marginal,
    Retroactive,
    PerItem,
}

#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Cancellation {
    Keep,
    Restate,
}

/// A part of what was earned, and when it is released (calculation.md 7).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Installment {
    pub id: Name,
    /// A fraction.
    pub share: Exact,
    pub trigger: Trigger,
    pub anchor: Anchor,
    pub within: Option<Span>,
    /// All of them hold.
    pub when: Vec<Condition>,
    pub otherwise: Otherwise,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Trigger {
    ItemDate,
    After(Span),
    /// The first day with at least this fraction of the tcv consumed.
    Consumed(Exact),
    Signal(Name),
}

#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Anchor {
    /// The booking's start; of items without a booking, the item's date.
    Start,
    Item,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Condition {
    Burn { window: Span, test: LevelTest },
    Metric { name: Name, test: LevelTest },
    Signal(Name),
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LevelTest {
    AtLeast(Exact),
    Below(Exact),
}

#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Otherwise {
    Forfeit,
    /// Tried again on the first day of each following month.
    Wait,
}

/// What is taken back of an item (calculation.md 8).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Clawback {
    pub id: Name,
    pub trigger: ClawbackTrigger,
    pub anchor: Anchor,
    pub within: Option<Span>,
    pub when: Vec<Condition>,
    /// The installments by their place in the list; all of them when none is named.
    pub reverse: Option<Vec<usize>>,
    pub take: Take,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ClawbackTrigger {
    After(Span),
    Signal(Name),
    Cancellation,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Take {
    /// A fraction of what is left.
    Share(Exact),
    RemainingMonths,
    /// What was not burned in the window before.
    Unconsumed(Span),
}

/// Money given ahead of commission, or a floor under it (calculation.md 10).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Draw {
    pub id: Name,
    pub kind: DrawKind,
    pub amount: Money,
    /// How many calendar months, the trigger's being the first; `None`: as long as the assignment lasts.
    pub months: Option<u16>,
    pub recoverable: bool,
    pub recover_after_months: u16,
    /// A fraction.
    pub recover_rate: Exact,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DrawKind {
    /// From each booking of one of these motions (any, when none is named), times the payee's primary share.
    AdvanceOnBooking {
        motions: Vec<Name>,
    },
    AdvanceOnAssignment,
    Guarantee,
}

impl Plan {
    pub fn component(&self, id: &str) -> Option<&Component> {
        self.components.iter().find(|component| component.id.as_str() == id)
    }
}
