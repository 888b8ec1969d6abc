//! Tiny plans for tests: a head, one component, and what a check says of them, as code and underlined text.

use ledger::finding::Finding;
use ledger::id::NameFault;

use crate::check::check;
use crate::read::toml_fault::TomlFault;
use crate::refusal::{
    ConditionRefusal, CurveRefusal, DrawRefusal, EarningRefusal, InstallmentRefusal, MeasureRefusal, NameRefusal,
    PlanRefusal, PlanWarning, RateWarning, VersionRefusal, VersionWarning,
};

pub const HEAD: &str = "plan = \"p\"\nversion = 1\nedition = 1\ncurrency = \"USD\"\neffective = 2027-01-01\n";

pub const COMPONENT: &str = "[[component]]\nid = \"c\"\nmeasure = { booking = \"arr\" }\nrate = \"10%\"\n";

type FoundCodes = Vec<(&'static str, String)>;

/// A plan whose only component has these keys more; a `rate` takes the place of its own.
pub fn component(keys: &str) -> String {
    let component =
        if keys.starts_with("rate") { COMPONENT.replace("rate = \"10%\"\n", "") } else { COMPONENT.to_owned() };
    format!("{HEAD}{component}{keys}\n")
}

/// The family of a refusal, named like its code at the edge, and the underlined text.
pub fn refusal_marked(finding: &Finding<PlanRefusal>) -> (&'static str, String) {
    (family(&finding.what), marked(finding))
}

/// The family of a warning, in the same way.
pub fn warning_marked(finding: &Finding<PlanWarning>) -> (&'static str, String) {
    (warning_family(&finding.what), marked(finding))
}

fn marked<R>(finding: &Finding<R>) -> String {
    let meant = finding
        .location
        .as_ref()
        .map(|place| place.excerpt.chars().skip(place.column - 1 - place.skipped).take(place.width));
    meant.map(Iterator::collect).unwrap_or_default()
}

fn family(refusal: &PlanRefusal) -> &'static str {
    use PlanRefusal as R;
    match refusal {
        R::Toml(fault) => toml_family(fault),
        R::Earning(refusal) => earning_family(refusal),
        R::TextTooLong { .. } | R::TooManyAttributes { .. } => "plan-limit",
        R::Syntax { .. } | R::KeyTwice { .. } => "plan-syntax",
        R::UnknownEdition { .. } => "plan-edition",
        R::EmptyFilter | R::EmptyCap => "plan-empty",
        R::Condition(ConditionRefusal::ConditionWithoutSubject)
        | R::Condition(ConditionRefusal::ConditionWithTwoSubjects { .. })
        | R::Condition(ConditionRefusal::ConditionWithoutTest)
        | R::Condition(ConditionRefusal::ConditionWithTwoTests) => "plan-condition",
        R::Measure(MeasureRefusal::MeasureWithoutKind { .. })
        | R::Measure(MeasureRefusal::MeasureWithTwoKinds { .. })
        | R::Measure(MeasureRefusal::BaselineUnclear)
        | R::Measure(MeasureRefusal::BaselineOfContract) => "plan-measure",
        R::Measure(MeasureRefusal::SignalWithoutValue) | R::Name(NameRefusal::NothingPaid) => "plan-missing",
        R::Name(NameRefusal::DuplicateId { .. }) => "plan-duplicate",
        R::Name(NameRefusal::ReservedId) => "plan-reserved",
        R::Name(NameRefusal::UnknownInstallment { .. }) => "plan-reverse",
        R::Curve(CurveRefusal::TargetWithoutCurve)
        | R::Curve(CurveRefusal::LevelWithoutTarget)
        | R::Curve(CurveRefusal::LevelWithoutGoal)
        | R::Curve(CurveRefusal::PointUnit { .. })
        | R::Curve(CurveRefusal::PointsOutOfOrder { .. }) => "plan-curve",
        R::Installment(InstallmentRefusal::SharesNotWhole { .. }) => "plan-shares",
        R::DatesOutOfOrder { .. } => "plan-dates",
        R::Installment(InstallmentRefusal::InstallmentWithTwoTriggers { .. })
        | R::Installment(InstallmentRefusal::ClawbackWithTwoTriggers { .. })
        | R::Installment(InstallmentRefusal::ClawbackWithoutTrigger) => "plan-trigger",
        R::Installment(InstallmentRefusal::NeverHappens { .. }) => "plan-never",
        R::Installment(InstallmentRefusal::DueBeforePeriodEnds { .. }) => "plan-due",
        R::Measure(MeasureRefusal::NeedsBooking { .. }) | R::Measure(MeasureRefusal::SignalRestated) => {
            "plan-no-booking"
        }
        R::Condition(ConditionRefusal::GateAlwaysOpen) | R::Condition(ConditionRefusal::ConditionNeverHolds) => {
            "plan-gate"
        }
        R::Draw(refusal) => draw_family(refusal),
        R::Version(VersionRefusal::WrongVersion { .. }) => "plan-version",
        R::Version(VersionRefusal::CurrencyChanged { .. }) => "plan-currency",
        R::Version(VersionRefusal::UsageChangedInMonth { .. }) => "plan-mid-month",
        R::Condition(ConditionRefusal::TestOfSignal { .. })
        | R::Measure(MeasureRefusal::KeyOfOtherMeasure { .. })
        | R::Curve(CurveRefusal::TargetWithoutQuota)
        | R::Curve(CurveRefusal::GoalWithoutLevel)
        | R::Curve(CurveRefusal::NoQuotaOfLevel { .. })
        | R::Curve(CurveRefusal::ShapeWithoutCurve)
        | R::Curve(CurveRefusal::TiersBesideCurve)
        | R::Curve(CurveRefusal::ModeBesideCurve)
        | R::Installment(InstallmentRefusal::AnchorWithoutSpan)
        | R::Installment(InstallmentRefusal::WithinWithoutEffect { .. })
        | R::Installment(InstallmentRefusal::OtherwiseWithoutCondition) => "plan-no-effect",
    }
}

fn earning_family(refusal: &EarningRefusal) -> &'static str {
    use EarningRefusal as R;
    match refusal {
        R::RampTooLong { .. } => "plan-value",
        R::TierWithTwoRates
        | R::TierWithoutRate
        | R::ThresholdUnits { .. }
        | R::BareThreshold { .. }
        | R::ThresholdsOutOfOrder { .. } => "plan-tiers",
        R::NothingEarned { .. } | R::TwoWaysToEarn { .. } => "plan-earn",
        R::TooManyDecimals { .. } => "plan-decimals",
        R::PaysWithoutRate
        | R::AmountWithoutCount
        | R::NothingToRate { .. }
        | R::ModeWithoutTiers
        | R::WithoutQuota { .. }
        | R::PercentTierWithoutQuota { .. } => "plan-no-effect",
    }
}

fn toml_family(fault: &TomlFault) -> &'static str {
    match fault {
        TomlFault::Value { .. } | TomlFault::Word { .. } => "plan-value",
        TomlFault::Name { fault: NameFault::Shape, .. } => "plan-value",
        TomlFault::Name { fault: NameFault::Unseen { .. }, .. } => "id-invisible",
        TomlFault::Name { fault: NameFault::Decomposed { .. }, .. } => "id-not-nfc",
        TomlFault::Duplicate { .. } => "plan-duplicate",
        TomlFault::EmptyList { .. } => "plan-empty",
        TomlFault::TooManyEntries { .. } => "plan-limit",
        TomlFault::MissingKey { .. } => "plan-missing",
        TomlFault::UnknownKey { .. } => "plan-unknown-key",
        TomlFault::TooMany(_) => "plan-many",
    }
}

fn draw_family(refusal: &DrawRefusal) -> &'static str {
    match refusal {
        DrawRefusal::AdvanceWithoutMonths | DrawRefusal::AdvanceWithoutStart => "plan-missing",
        DrawRefusal::GuaranteeOnBooking => "plan-draw",
        DrawRefusal::MotionWithoutBooking | DrawRefusal::NotRecoverable { .. } => "plan-no-effect",
    }
}

fn warning_family(warning: &PlanWarning) -> &'static str {
    use PlanWarning as W;
    match warning {
        W::TooMany(_) => "plan-many",
        W::Rate(RateWarning::LowerRate { .. }) | W::Rate(RateWarning::PaysLess { .. }) => "plan-warn-lower-tier",
        W::Rate(RateWarning::Cliff { .. }) => "plan-warn-cliff",
        W::ConsumedIsCoarse => "plan-warn-consumed",
        W::ShortClawback { .. } => "plan-warn-clawback-reach",
        W::CancellationKept { .. } => "plan-warn-cancellation",
        W::Rate(RateWarning::NegativeAmount { .. })
        | W::Rate(RateWarning::NegativeRate { .. })
        | W::Rate(RateWarning::RateAboveAll { .. }) => "plan-warn-rate",
        W::NameLikeWord { .. } => "plan-warn-name",
        W::RampByMonth { .. } => "plan-warn-ramp",
        W::ZeroQuota => "plan-warn-quota",
        W::AttributeLikeKey { .. } => "plan-warn-attribute",
        W::ValueUnseen { .. } => "plan-warn-unseen",
        W::RecoverableUnsaid => "plan-warn-recoverable",
        W::BurnBeforeTerm { .. } => "plan-warn-gate",
        W::RollingGrowth => "plan-warn-rolling",
        W::Version(VersionWarning::ComponentDropped { .. }) | W::Version(VersionWarning::PartDropped { .. }) => {
            "plan-warn-dropped"
        }
        W::Version(VersionWarning::ChangedInsidePeriod { .. }) => "plan-warn-mid-period",
        W::Version(VersionWarning::ClosedMonth { .. }) => "plan-warn-closed",
    }
}

/// The families and underlined texts of all refusals and warnings.
pub fn found(text: &str) -> (FoundCodes, FoundCodes) {
    let checked = check("p.toml", text);
    assert_eq!(checked.plan.is_some(), checked.errors.is_empty());
    (checked.errors.iter().map(refusal_marked).collect(), checked.warnings.iter().map(warning_marked).collect())
}

pub fn refused(text: &str) -> FoundCodes {
    found(text).0
}

/// Each of these keys in a component is refused so, and there.
pub fn refuses(table: &[(&str, &'static str, &str)]) {
    for (keys, code, meant) in table {
        let refused = refused(&component(keys));
        assert!(refused.contains(&(code, (*meant).to_owned())), "{keys}\n{refused:?}");
    }
}

/// Each of these keys in a component is warned about so, and there, and not refused.
pub fn warns(table: &[(&str, &'static str, &str)]) {
    for (keys, code, meant) in table {
        let (refused, warned) = found(&component(keys));
        assert_eq!(refused, [], "{keys}");
        assert!(warned.contains(&(code, (*meant).to_owned())), "{keys}\n{warned:?}");
    }
}

pub fn accepts(list: &[&str]) {
    for keys in list {
        assert_eq!(refused(&component(keys)), [], "{keys}");
    }
}
