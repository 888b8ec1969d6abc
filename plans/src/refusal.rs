//! Why a plan is refused, and what in it is probably not meant: as data, for any front end to put into words.
//!
//! Each comes as a [`ledger::finding::Finding`] with the path of the field at fault and the place in the text. `written` is
//! the text there, shortened to one line; `key` is the key at fault. Fractions are exact: 25 % is 1/4.

use ledger::date::{Day, Month, Span};
use ledger::exact::Exact;
use ledger::finding::Finding;
use ledger::id::{ComponentId, Name, PlanId};
use ledger::money::{Currency, Money};

use crate::read::report::{TextRefusal, TextReport};
use crate::read::toml_fault::{TomlFault, TooMany};

/// What was found in a plan's text.
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
    TextTooLong {
        bytes: usize,
        most: usize,
    },
    /// The text is not TOML. `reason` is what the TOML parser says.
    Syntax {
        written: String,
        reason: String,
    },
    KeyTwice {
        written: String,
    },
    UnknownEdition {
        edition: u32,
        known: u16,
    },
    TooManyAttributes {
        count: usize,
        most: usize,
    },
    EmptyFilter,
    EmptyCap,
    DatesOutOfOrder {
        from: Day,
        until: Day,
    },
    /// What a plan consists of, and the ids in it.
    Name(NameRefusal),
    /// How a component earns, or what it pays, is unclear.
    Earning(EarningRefusal),
    /// A condition of an installment or clawback.
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
    /// Beside a target.
    Percent,
    Amount,
}

/// What a component measures.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum MeasureKind {
    Booking,
    Signal,
    Usage,
    Growth,
    Metric,
    Retention,
}

/// What a plan may say and probably does not mean.
#[derive(Clone, PartialEq, Debug)]
pub enum PlanWarning {
    /// There are more warnings than are listed.
    TooMany(TooMany),
    /// Usage is spread over the days of its snapshots, and so is the day on which a part is consumed.
    ConsumedIsCoarse,
    /// The clawback ends before the performance period does.
    ShortClawback {
        clawback: Option<Name>,
        reach: Span,
    },
    CancellationKept {
        component: Option<ComponentId>,
    },
    /// The name of a booking's amount is one of the three words in another case.
    NameLikeWord {
        name: Name,
        word: String,
    },
    ZeroQuota,
    AttributeLikeKey {
        attribute: Name,
        nearest: String,
    },
    RecoverableUnsaid,
    BurnBeforeTerm {
        window: Span,
    },
    RollingGrowth,
    /// A rate, a tier or a curve.
    Rate(RateWarning),
    /// What the version does to what was posted by the ones before.
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

/// What a plan consists of, and the ids in it.
#[derive(Clone, PartialEq, Debug)]
pub enum NameRefusal {
    /// Neither a component nor a draw.
    NothingPaid,
    DuplicateId {
        id: String,
    },
    /// `whole` names all of a component that has no installments.
    ReservedId,
    UnknownInstallment {
        written: Name,
        component: Option<ComponentId>,
        nearest: Option<String>,
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
    TierWithTwoRates,
    TierWithoutRate,
    ThresholdUnits { written: String },
    ThresholdsOutOfOrder { written: String },
    PercentTierWithoutQuota { written: String },
    NothingEarned { component: Option<ComponentId> },
    TwoWaysToEarn { first: &'static str, second: &'static str },
    AmountWithoutCount,
    NothingToRate { key: &'static str },
    ModeWithoutTiers,
    WithoutQuota { key: &'static str },
    TooManyDecimals { written: String, currency: Currency },
}

impl From<EarningRefusal> for PlanRefusal {
    fn from(part: EarningRefusal) -> PlanRefusal {
        PlanRefusal::Earning(part)
    }
}

/// A condition of an installment or clawback.
#[derive(Clone, PartialEq, Debug)]
pub enum ConditionRefusal {
    ConditionWithoutSubject,
    ConditionWithTwoSubjects {
        first: &'static str,
        second: &'static str,
    },
    ConditionWithoutTest,
    ConditionWithTwoTests,
    /// A condition on a signal has no bound.
    TestOfSignal {
        key: &'static str,
    },
    /// A gate that is always open.
    GateAlwaysOpen,
    /// A condition that never holds.
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
    MeasureWithoutKind {
        kinds: Vec<&'static str>,
    },
    MeasureWithTwoKinds {
        first: &'static str,
        second: &'static str,
        kinds: Vec<&'static str>,
    },
    /// A key that only measures of other kinds take.
    KeyOfOtherMeasure {
        key: &'static str,
        of: &'static [&'static str],
    },
    BaselineUnclear,
    BaselineOfContract,
    SignalWithoutValue,
    /// The key looks at a booking, and items of this measure have none.
    NeedsBooking {
        key: &'static str,
        measure: MeasureKind,
    },
    /// `cancellation = "restate"` of signals.
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
    TargetWithoutCurve,
    TargetWithoutQuota,
    GoalWithoutLevel,
    LevelWithoutTarget,
    LevelWithoutGoal,
    /// A level is measured against its goal, so it has no quota and no ramp.
    NoQuotaOfLevel {
        key: &'static str,
    },
    ShapeWithoutCurve,
    TiersBesideCurve,
    ModeBesideCurve,
    PointUnit {
        written: String,
        expected: PointUnit,
    },
    PointsOutOfOrder {
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
    SharesNotWhole {
        component: Option<ComponentId>,
        sum: Exact,
    },
    InstallmentWithTwoTriggers {
        first: &'static str,
        second: &'static str,
    },
    ClawbackWithTwoTriggers {
        first: &'static str,
        second: &'static str,
    },
    ClawbackWithoutTrigger,
    AnchorWithoutSpan,
    /// The end is before the first day that could count.
    NeverHappens {
        within: Span,
        after: Span,
    },
    WithinWithoutEffect {
        within: Span,
    },
    OtherwiseWithoutCondition,
}

impl From<InstallmentRefusal> for PlanRefusal {
    fn from(part: InstallmentRefusal) -> PlanRefusal {
        PlanRefusal::Installment(part)
    }
}

/// A draw.
#[derive(Clone, PartialEq, Debug)]
pub enum DrawRefusal {
    AdvanceWithoutMonths,
    AdvanceWithoutStart,
    GuaranteeOnBooking,
    MotionWithoutBooking,
    NotRecoverable { key: &'static str },
}

impl From<DrawRefusal> for PlanRefusal {
    fn from(part: DrawRefusal) -> PlanRefusal {
        PlanRefusal::Draw(part)
    }
}

/// The text does not follow the published versions of its plan.
#[derive(Clone, PartialEq, Debug)]
pub enum VersionRefusal {
    /// `last` is the highest published version.
    WrongVersion {
        plan: PlanId,
        version: u32,
        last: Option<u32>,
        expected: u32,
    },
    CurrencyChanged {
        written: Currency,
        published: Currency,
        last: u32,
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
    /// A tier lowers the rate as more is reached.
    LowerRate {
        threshold: String,
        from: KnownRate,
        to: KnownRate,
    },
    /// A point of a curve pays less than the one before.
    PaysLess {
        written: String,
    },
    /// A retroactive tier pays everything below its threshold anew.
    Cliff {
        threshold: String,
        next: CliffUnit,
        gain: CliffGain,
    },
    NegativeAmount {
        component: Option<ComponentId>,
    },
    NegativeRate {
        component: Option<ComponentId>,
    },
    RateAboveAll {
        component: Option<ComponentId>,
    },
}

impl From<RateWarning> for PlanWarning {
    fn from(part: RateWarning) -> PlanWarning {
        PlanWarning::Rate(part)
    }
}

/// What the version does to what was posted by the ones before.
#[derive(Clone, PartialEq, Debug)]
pub enum VersionWarning {
    /// A component of the last version that the next does not have. `reversed` is what was posted of it; `new` are components
    /// that only the next version has.
    ComponentDropped {
        version: u32,
        component: ComponentId,
        effective: Day,
        reversed: Option<LineTally>,
        new: Vec<String>,
    },
    /// An installment or clawback, in the same way.
    PartDropped {
        version: u32,
        component: ComponentId,
        part: String,
        effective: Day,
        reversed: Option<LineTally>,
        new: Vec<String>,
    },
    /// The version takes effect before the end of the last closed month. `changed` is what it changes of posted lines.
    ClosedMonth { plan: PlanId, version: u32, effective: Day, closed: Month, changed: Option<LineTally> },
}

impl From<VersionWarning> for PlanWarning {
    fn from(part: VersionWarning) -> PlanWarning {
        PlanWarning::Version(part)
    }
}

/// A rate as far as the plan's text tells: a fraction, and so many times the rate of the assignment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KnownRate {
    pub fraction: Exact,
    pub assigned: Exact,
}

impl KnownRate {
    /// This rate without another.
    pub fn less(&self, other: &KnownRate) -> KnownRate {
        KnownRate { fraction: &self.fraction - &other.fraction, assigned: &self.assigned - &other.assigned }
    }
}

/// What one more of, at a cliff, pays everything anew.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum CliffUnit {
    Unit,
    /// `None` where the plan's currency could not be read.
    Money(Option<Currency>),
}

/// What a cliff is worth: amounts of the unit, of which `assigned` is times the rate of the assignment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CliffGain {
    pub fraction: Exact,
    pub assigned: Exact,
    pub unit: GainUnit,
}

/// What the amounts of a [`CliffGain`] are of.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum GainUnit {
    Money(Option<Currency>),
    /// Percents of the quota.
    QuotaPercent,
}

/// How many posted lines, and what they amount to.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct LineTally {
    pub lines: usize,
    pub amount: Money,
}
