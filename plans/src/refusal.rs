//! Why a plan is refused, and what in it is probably a mistake: as data, for any front end to put into words.
//!
//! Each comes as a [`ledger::finding::Finding`] with the path of the field and its place in the text. `written` is
//! the text there, shortened to one line; `key` is the key at fault. `first` and `second` are two keys of which only
//! one may be written. `component` is the component's id, `None` if it could not be read. Fractions are exact: 25 %
//! is 1/4.

use ledger::date::{Day, Month, Span};
use ledger::exact::Exact;
use ledger::finding::Finding;
use ledger::id::{ComponentId, Name, PlanId};
use ledger::money::{Currency, Money};

use crate::filter::ValueKind;
use crate::plan::{Period, Quota};
use crate::read::report::{TextRefusal, TextReport};
use crate::read::toml_fault::{TomlFault, TooMany};

/// Collects the refusals and warnings of one plan's text.
pub type PlanReport<'t> = TextReport<'t, PlanRefusal>;

/// A list of refusals of a text, in the order of the text.
pub type PlanRefusals = Vec<Finding<PlanRefusal>>;

/// A list of warnings about a text, in the order of the text.
pub type PlanWarnings = Vec<Finding<PlanWarning>>;

impl TextRefusal for PlanRefusal {
    type Warning = PlanWarning;
}

/// Why a text is not a plan, or not the next version of a published one.
#[derive(Clone, PartialEq, Debug)]
pub enum PlanRefusal {
    /// A key or a value is not what it must be.
    Toml(TomlFault),
    /// The text is longer than a plan may be.
    TextTooLong {
        /// Its length in bytes.
        bytes: usize,
        /// The greatest length in bytes.
        most: usize,
    },
    /// The text is not TOML.
    Syntax {
        /// The text at the mistake; empty at the end of the text.
        written: String,
        /// The sentence of the TOML parser.
        reason: String,
    },
    /// A key or a table is there twice.
    KeyTwice {
        /// The second of them.
        written: String,
    },
    /// The plan asks for another edition of the calculation rules than this program knows.
    UnknownEdition {
        /// The edition that is asked for.
        edition: u32,
        /// The edition that is known.
        known: u16,
    },
    /// One `where` names more attributes than it may.
    TooManyAttributes {
        /// How many it names.
        count: usize,
        /// How many it may name.
        most: usize,
    },
    /// A `where` without a key.
    EmptyFilter,
    /// A `cap` without a key.
    EmptyCap,
    /// A component ends before it begins.
    DatesOutOfOrder {
        /// Its first day.
        from: Day,
        /// Its last day.
        until: Day,
    },
    /// The parts of the plan, and their ids.
    Name(NameRefusal),
    /// How a component earns, or what it pays, is unclear.
    Earning(EarningRefusal),
    /// A condition (gate) of an installment or clawback.
    Condition(ConditionRefusal),
    /// What a component measures.
    Measure(MeasureRefusal),
    /// A curve, a target or a level.
    Curve(CurveRefusal),
    /// Shares, triggers and days of installments and clawbacks.
    Installment(InstallmentRefusal),
    /// A draw.
    Draw(DrawRefusal),
    /// The text does not follow the published versions of its plan.
    Version(VersionRefusal),
}

/// The unit of a curve's points.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum PointUnit {
    /// Percents, beside a `target`.
    Percent,
    /// Amounts in the plan's currency, without a `target`.
    Amount,
}

/// The kind of a measure: the key that names it.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum MeasureKind {
    /// Bookings.
    Booking,
    /// Signals.
    Signal,
    /// Usage by month.
    Usage,
    /// The growth of usage.
    Growth,
    /// The readings of a metric.
    Metric,
    /// The retention of usage.
    Retention,
}

/// What is valid in a plan, but probably a mistake.
#[derive(Clone, PartialEq, Debug)]
pub enum PlanWarning {
    /// There are more warnings than are listed.
    TooMany(TooMany),
    /// An installment waits for a fraction to be consumed. Usage is spread evenly over the days of a snapshot, so the
    /// day can be no more precise than the snapshots.
    ConsumedIsCoarse,
    /// A clawback can end before the performance period whose tiers or cap the item helped to reach.
    ShortClawback {
        /// The clawback's id, if it could be read.
        clawback: Option<Name>,
        /// How long after the anchor it can take something back.
        reach: Span,
    },
    /// A cancelled booking keeps what it earned: the component neither restates it nor claws it back.
    CancellationKept {
        /// The component.
        component: Option<ComponentId>,
    },
    /// The name of a booking's amount is `arr`, `tcv` or `count` in other letters.
    NameLikeWord {
        /// The name as it is written.
        name: Name,
        /// The word that was probably meant.
        word: String,
    },
    /// The entries of a ramp count for a month each, and the performance period is longer: an entry for each period was
    /// probably meant.
    RampByMonth {
        /// The component.
        component: Option<ComponentId>,
        /// The performance period.
        period: Period,
    },
    /// The quota is 0, which is the same as none: percent tiers never apply.
    ZeroQuota,
    /// The book has facts, and none of them has a value by which the plan selects.
    ValueUnseen {
        /// What the value is of.
        kind: ValueKind,
        /// The value as it is written.
        value: Name,
        /// The value of facts that is spelled nearly so, if there is one.
        nearest: Option<Name>,
    },
    /// A key of `where` is read as the name of an attribute, and is spelled much like another key.
    AttributeLikeKey {
        /// The key as it is written.
        attribute: Name,
        /// The key that was probably meant.
        nearest: String,
    },
    /// The draw does not say whether it is recoverable, and so is not.
    RecoverableUnsaid,
    /// A condition on burn is tested before the booking's term has begun, when burn counts as 100 %.
    BurnBeforeTerm {
        /// The window of the condition.
        window: Span,
    },
    /// Growth against a rolling baseline pays again for usage that fell and rose again.
    RollingGrowth,
    /// A rate, a tier or a curve.
    Rate(RateWarning),
    /// The effect of the version on lines that earlier versions earned.
    Version(VersionWarning),
}

impl From<TomlFault> for PlanRefusal {
    fn from(fault: TomlFault) -> PlanRefusal {
        PlanRefusal::Toml(fault)
    }
}

impl From<TooMany> for PlanWarning {
    fn from(more: TooMany) -> PlanWarning {
        PlanWarning::TooMany(more)
    }
}

/// The parts of the plan, and their ids.
#[derive(Clone, PartialEq, Debug)]
pub enum NameRefusal {
    /// The plan has neither a component nor a draw.
    NothingPaid,
    /// Two components, draws or parts of one component have the same id.
    DuplicateId {
        /// The id.
        id: String,
    },
    /// The id is `whole`, which names the only part of a component without installments.
    ReservedId,
    /// A clawback names an installment that its component does not have.
    UnknownInstallment {
        /// The name that is written.
        written: Name,
        /// The component.
        component: Option<ComponentId>,
        /// The id of an installment that is spelled much like it.
        nearest: Option<String>,
        /// The ids of the component's installments.
        known: Vec<String>,
    },
}

impl From<NameRefusal> for PlanRefusal {
    fn from(part: NameRefusal) -> PlanRefusal {
        PlanRefusal::Name(part)
    }
}

/// How a component earns, or what it pays, is unclear.
#[derive(Clone, PartialEq, Debug)]
pub enum EarningRefusal {
    /// The tier has both `rate` and `times`.
    TierWithTwoRates,
    /// The tier has neither `rate` nor `times`.
    TierWithoutRate,
    /// One threshold is a percent and another an amount.
    ThresholdUnits {
        /// The threshold that differs from the first.
        written: String,
    },
    /// The percents of a ramp count for more months than a ramp may have.
    RampTooLong {
        /// The most months.
        most: usize,
    },
    /// A threshold is not above the one before it.
    ThresholdsOutOfOrder {
        /// The threshold.
        written: String,
    },
    /// A threshold beside a quota is a bare number: a percent of the quota or an amount may be meant.
    BareThreshold {
        /// The number.
        written: String,
    },
    /// A threshold is a percent of the quota, and the component has no quota.
    PercentTierWithoutQuota {
        /// The threshold.
        written: String,
    },
    /// The component has no key that says how it earns.
    NothingEarned {
        /// The component.
        component: Option<ComponentId>,
    },
    /// The component has two keys that say how it earns.
    TwoWaysToEarn {
        /// The first key.
        first: &'static str,
        /// The second key.
        second: &'static str,
    },
    /// `pays` names another amount than is measured, and the component does not earn by a rate.
    PaysWithoutRate,
    /// `amount` is paid for each unit of a count, and the component measures no count.
    AmountWithoutCount,
    /// A key that changes a rate is written beside a fixed `amount`.
    NothingToRate {
        /// The key.
        key: &'static str,
    },
    /// `mode` is written without tiers.
    ModeWithoutTiers,
    /// A key that changes the quota is written without one.
    WithoutQuota {
        /// The key.
        key: &'static str,
    },
    /// An amount has more decimals than its currency.
    TooManyDecimals {
        /// The amount.
        written: String,
        /// The currency.
        currency: Currency,
    },
}

impl From<EarningRefusal> for PlanRefusal {
    fn from(part: EarningRefusal) -> PlanRefusal {
        PlanRefusal::Earning(part)
    }
}

/// A condition (gate) of an installment or clawback.
#[derive(Clone, PartialEq, Debug)]
pub enum ConditionRefusal {
    /// The condition has none of `burn`, `metric` and `signal`.
    ConditionWithoutSubject,
    /// The condition has two of `burn`, `metric` and `signal`.
    ConditionWithTwoSubjects {
        /// The first key.
        first: &'static str,
        /// The second key.
        second: &'static str,
    },
    /// The condition has neither `at-least` nor `below`.
    ConditionWithoutTest,
    /// The condition has both `at-least` and `below`.
    ConditionWithTwoTests,
    /// A condition on a signal has a bound, which it cannot use.
    TestOfSignal {
        /// The key of the bound.
        key: &'static str,
    },
    /// Burn is always at least 0 %, so the condition always holds.
    GateAlwaysOpen,
    /// Burn is never below 0 %, so the condition never holds.
    ConditionNeverHolds,
}

impl From<ConditionRefusal> for PlanRefusal {
    fn from(part: ConditionRefusal) -> PlanRefusal {
        PlanRefusal::Condition(part)
    }
}

/// What a component measures.
#[derive(Clone, PartialEq, Debug)]
pub enum MeasureRefusal {
    /// The measure has no key that names its kind.
    MeasureWithoutKind {
        /// The keys that name a kind.
        kinds: Vec<&'static str>,
    },
    /// The measure has two keys that name its kind.
    MeasureWithTwoKinds {
        /// The first key.
        first: &'static str,
        /// The second key.
        second: &'static str,
        /// The keys that name a kind.
        kinds: Vec<&'static str>,
    },
    /// A key that only measures of other kinds use.
    KeyOfOtherMeasure {
        /// The key.
        key: &'static str,
        /// The kinds that use it.
        of: &'static [&'static str],
    },
    /// The baseline is neither an amount nor a percent of the previous period.
    BaselineUnclear,
    /// A baseline is written for items per contract. It is of a month over all contracts.
    BaselineOfContract,
    /// A measure of signals does not say whether it counts them or sums their values.
    SignalWithoutValue,
    /// The key is about a booking, and items of this measure have none.
    NeedsBooking {
        /// The key.
        key: &'static str,
        /// The kind of the measure.
        measure: MeasureKind,
    },
    /// `cancellation = "restate"` is written for signals. Only bookings can be restated.
    SignalRestated,
}

impl From<MeasureRefusal> for PlanRefusal {
    fn from(part: MeasureRefusal) -> PlanRefusal {
        PlanRefusal::Measure(part)
    }
}

/// A curve, a target or a level.
#[derive(Clone, PartialEq, Debug)]
pub enum CurveRefusal {
    /// A target without a curve: nothing says what attainment pays.
    TargetWithoutCurve,
    /// A target without a quota to compute attainment with.
    TargetWithoutQuota,
    /// `goal` is written where no level is paid by a target.
    GoalWithoutLevel,
    /// A level (metric or retention) can only be paid by a target, and there is none.
    LevelWithoutTarget,
    /// A level (metric or retention) has no goal to compute attainment with.
    LevelWithoutGoal,
    /// A key of quotas is written for a level, which is compared with its goal.
    NoQuotaOfLevel {
        /// The key.
        key: &'static str,
    },
    /// `shape` is written without a curve.
    ShapeWithoutCurve,
    /// Tiers are written beside a curve.
    TiersBesideCurve,
    /// `mode` is written beside a target, or is `retroactive` beside a curve.
    ModeBesideCurve,
    /// A point of a curve has the wrong unit.
    PointUnit {
        /// The number.
        written: String,
        /// The unit that it must have.
        expected: PointUnit,
    },
    /// A point of a curve is not above the one before it.
    PointsOutOfOrder {
        /// The point's `at`.
        written: String,
    },
}

impl From<CurveRefusal> for PlanRefusal {
    fn from(part: CurveRefusal) -> PlanRefusal {
        PlanRefusal::Curve(part)
    }
}

/// Shares, triggers and days of installments and clawbacks.
#[derive(Clone, PartialEq, Debug)]
pub enum InstallmentRefusal {
    /// The shares of the installments do not add up to 100 %.
    SharesNotWhole {
        /// The component.
        component: Option<ComponentId>,
        /// Their sum, as a fraction.
        sum: Exact,
    },
    /// The installment has two of `after`, `consumed` and `signal`.
    InstallmentWithTwoTriggers {
        /// The first key.
        first: &'static str,
        /// The second key.
        second: &'static str,
    },
    /// The clawback has two of `after`, `on` and `signal`.
    ClawbackWithTwoTriggers {
        /// The first key.
        first: &'static str,
        /// The second key.
        second: &'static str,
    },
    /// The clawback has none of `after`, `on` and `signal`.
    ClawbackWithoutTrigger,
    /// `of` says from where a span counts, and there is no span.
    AnchorWithoutSpan,
    /// `within` ends before `after` begins: the installment or clawback can never happen.
    NeverHappens {
        /// The time limit.
        within: Span,
        /// The span that it has to wait.
        after: Span,
    },
    /// The installment or clawback always happens within this limit.
    WithinWithoutEffect {
        /// The time limit.
        within: Span,
    },
    /// `otherwise` is written without a condition.
    OtherwiseWithoutCondition,
    /// Growth is due at the end of a period that is shorter than the performance period it is measured over.
    DueBeforePeriodEnds {
        /// The number of months of the performance period.
        period: i32,
    },
}

impl From<InstallmentRefusal> for PlanRefusal {
    fn from(part: InstallmentRefusal) -> PlanRefusal {
        PlanRefusal::Installment(part)
    }
}

/// A draw.
#[derive(Clone, PartialEq, Debug)]
pub enum DrawRefusal {
    /// The advance does not say for how many months it is given.
    AdvanceWithoutMonths,
    /// The advance does not say whether it begins with a booking or with the assignment.
    AdvanceWithoutStart,
    /// A guarantee is a floor under a month, and cannot begin with a booking.
    GuaranteeOnBooking,
    /// `motion` is written for a draw that is not given for bookings.
    MotionWithoutBooking,
    /// A key of recovery is written for a draw that is not recoverable.
    NotRecoverable {
        /// The key.
        key: &'static str,
    },
}

impl From<DrawRefusal> for PlanRefusal {
    fn from(part: DrawRefusal) -> PlanRefusal {
        PlanRefusal::Draw(part)
    }
}

/// The text does not follow the published versions of its plan.
#[derive(Clone, PartialEq, Debug)]
pub enum VersionRefusal {
    /// The version's number is not the one after the highest published version.
    WrongVersion {
        /// The plan.
        plan: PlanId,
        /// The number that is written.
        version: u32,
        /// The highest published version; `None`: none is published.
        last: Option<u32>,
        /// The number that it must have.
        expected: u32,
    },
    /// The version is in another currency than the published ones.
    CurrencyChanged {
        /// The version's currency.
        written: Currency,
        /// The currency of the published versions.
        published: Currency,
        /// The highest published version.
        last: u32,
    },
    /// A component that measures usage differs from that of a version that is in force on days of the same month.
    UsageChangedInMonth {
        /// The component.
        component: ComponentId,
        /// The other version.
        other: u32,
        /// The month.
        month: Month,
        /// The day from which on this version is in force.
        effective: Day,
    },
}

impl From<VersionRefusal> for PlanRefusal {
    fn from(part: VersionRefusal) -> PlanRefusal {
        PlanRefusal::Version(part)
    }
}

/// A rate, a tier or a curve.
#[derive(Clone, PartialEq, Debug)]
pub enum RateWarning {
    /// A tier lowers the rate as attainment rises.
    LowerRate {
        /// The tier's threshold, as it is written.
        threshold: String,
        /// The rate below it.
        from: KnownRate,
        /// The rate from it on.
        to: KnownRate,
    },
    /// A point of a curve pays less than the one before it.
    PaysLess {
        /// The point's `pay`.
        written: String,
    },
    /// A retroactive tier changes the rate of everything since the first unit, so its threshold is worth a lump sum.
    Cliff {
        /// The threshold, as it is written.
        threshold: String,
        /// The unit that reaches the threshold.
        next: CliffUnit,
        /// The lump sum.
        gain: CliffGain,
    },
    /// The fixed amount is negative.
    NegativeAmount {
        /// The component.
        component: Option<ComponentId>,
    },
    /// The rate is negative.
    NegativeRate {
        /// The component.
        component: Option<ComponentId>,
    },
    /// The rate of an amount of money is above 100 %.
    RateAboveAll {
        /// The component.
        component: Option<ComponentId>,
    },
}

impl From<RateWarning> for PlanWarning {
    fn from(part: RateWarning) -> PlanWarning {
        PlanWarning::Rate(part)
    }
}

/// The effect of a version on lines that earlier versions earned.
#[derive(Clone, PartialEq, Debug)]
pub enum VersionWarning {
    /// The version lacks a component of the version before it. Lines of items from the effective date on are
    /// reversed.
    ComponentDropped {
        /// The new version.
        version: u32,
        /// The component that it lacks.
        component: ComponentId,
        /// The day from which on it is in force.
        effective: Day,
        /// The lines that were posted of the component; `None` before the first close.
        reversed: Option<LineTally>,
        /// Ids of components that only the new version has: the component may have been renamed.
        new: Vec<String>,
    },
    /// The version lacks an installment or clawback of the version before it. Its lines of items from the effective
    /// date on are reversed.
    PartDropped {
        /// The new version.
        version: u32,
        /// The component.
        component: ComponentId,
        /// The id of the installment or clawback that it lacks.
        part: String,
        /// The day from which on it is in force.
        effective: Day,
        /// The lines that were posted of the part; `None` before the first close.
        reversed: Option<LineTally>,
        /// Ids of parts that only the new version has.
        new: Vec<String>,
    },
    /// The version, or the one after it, adds or drops a component inside the component's performance period.
    ChangedInsidePeriod {
        /// The component.
        component: ComponentId,
        /// Whether it is added or dropped.
        change: ComponentChange,
        /// The first day on which it exists, or no longer exists.
        day: Day,
        /// The name of the performance period.
        period: String,
        /// The first day of the performance period.
        period_first: Day,
        /// What the component keeps for the whole period.
        stays: WholePeriodTerms,
    },
    /// The version takes effect before the end of the last closed month.
    ClosedMonth {
        /// The plan.
        plan: PlanId,
        /// The new version.
        version: u32,
        /// The day from which on it is in force.
        effective: Day,
        /// The last closed month.
        closed: Month,
        /// The posted lines whose amount it changes, if they were evaluated.
        changed: Option<LineTally>,
    },
}

impl From<VersionWarning> for PlanWarning {
    fn from(part: VersionWarning) -> PlanWarning {
        PlanWarning::Version(part)
    }
}

/// Whether a version adds or drops a component.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum ComponentChange {
    /// It exists from the version on.
    Added,
    /// It existed up to the version.
    Dropped,
}

/// What a component keeps for a whole performance period, on however few of its days it exists.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WholePeriodTerms {
    /// The quota of a full period; `None`: the component has none.
    pub quota: Option<Quota>,
    /// The fraction of the annual target pay; `None`: the component pays none.
    pub target: Option<Exact>,
}

/// A rate as far as the text of a plan gives it: `fraction` plus `assigned` times the rate of the assignment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KnownRate {
    /// The part that the plan gives, as a fraction.
    pub fraction: Exact,
    /// How many times the assignment's rate is added.
    pub assigned: Exact,
}

impl KnownRate {
    /// The difference: this rate minus another.
    pub fn less(&self, other: &KnownRate) -> KnownRate {
        KnownRate { fraction: &self.fraction - &other.fraction, assigned: &self.assigned - &other.assigned }
    }
}

/// The unit that reaches the threshold of a cliff.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum CliffUnit {
    /// One more of a count or quantity.
    Unit,
    /// One more unit of the plan's currency; `None` if that could not be read.
    Money(Option<Currency>),
}

/// The lump sum at a cliff: `fraction` plus `assigned` times the rate of the assignment, in `unit`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CliffGain {
    /// The part that the plan gives, in the unit.
    pub fraction: Exact,
    /// How many of the unit are multiplied by the assignment's rate.
    pub assigned: Exact,
    /// The unit of both.
    pub unit: GainUnit,
}

/// The unit of the amounts of a [`CliffGain`].
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum GainUnit {
    /// The plan's currency; `None` if that could not be read.
    Money(Option<Currency>),
    /// Percents of the quota.
    QuotaPercent,
    /// Percents of what the period's items are paid on, where that is another amount than the value.
    PaysPercent,
}

/// A number of posted lines and their sum.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct LineTally {
    /// How many lines.
    pub lines: usize,
    /// The sum of their amounts.
    pub amount: Money,
}
