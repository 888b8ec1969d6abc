//! Refusals of plans and warnings about them, in words.

use crate::wording::missing::kind_name;
use crate::wording::problem::{Problem, one_of};
use ledger::date::Month;
use ledger::exact::Exact;
use ledger::finding::Finding;
use ledger::id::ComponentId;
use ledger::money::Currency;
use plans::plan::{Period, Quota};
use plans::refusal::{
    CliffGain, CliffUnit, ComponentChange, ConditionRefusal, CurveRefusal, DrawRefusal, EarningRefusal, GainUnit,
    InstallmentRefusal, KnownRate, LineTally, MeasureKind, MeasureRefusal, NameRefusal, PlanRefusal, PlanWarning,
    PointUnit, RateWarning, VersionRefusal, VersionWarning, WholePeriodTerms,
};

use crate::wording::toml::{more, toml_fault};
use crate::wording::{Wording, problem};

/// The refusals of a text as they are shown.
pub fn refusals(findings: &[Finding<PlanRefusal>]) -> Vec<Problem> {
    findings.iter().map(|finding| problem(finding, |refusal, _| plan_refusal(refusal))).collect()
}

/// The warnings about a text as they are shown.
pub fn warnings(findings: &[Finding<PlanWarning>]) -> Vec<Problem> {
    findings.iter().map(|finding| problem(finding, |warning, _| plan_warning(warning))).collect()
}

/// Why a plan is refused.
fn plan_refusal(refusal: &PlanRefusal) -> Wording {
    use PlanRefusal as R;
    let (code, message, help) = match refusal {
        R::Toml(fault) => return toml_fault(fault),
        R::TextTooLong { bytes, most } => (
            "plan-limit",
            format!("the plan has `{bytes}` bytes, more than {most}"),
            "write it in at most 1 MiB".to_owned(),
        ),
        R::Syntax { written, reason } => {
            let message = match written.as_str() {
                "" => format!("the text is not TOML here: {reason}"),
                shown => format!("`{shown}` is not TOML here: {reason}"),
            };
            let help = "mend the syntax; texts, percents and spans stand in quotes, like `rate = \"10%\"`";
            ("plan-syntax", message, help.to_owned())
        }
        R::KeyTwice { written } => (
            "plan-syntax",
            format!("`{written}` is there twice"),
            "keep one of them; several tables are headed `[[…]]`".to_owned(),
        ),
        R::UnknownEdition { edition, known } => (
            "plan-edition",
            format!("edition `{edition}` of the calculation rules is not known to this version of trueup"),
            format!("write `edition = {known}`"),
        ),
        R::TooManyAttributes { count, most } => (
            "plan-limit",
            format!("`where` names `{count}` attributes, more than {most}"),
            format!("write at most {most}"),
        ),
        R::EmptyFilter => {
            let help = "write what must hold, like { motion = \"new-logo\" }, or leave `where` out";
            ("plan-empty", "`where` says nothing".to_owned(), help.to_owned())
        }
        R::EmptyCap => ("plan-empty", "`cap` says nothing".to_owned(), "write `period`, `item` or both".to_owned()),
        R::DatesOutOfOrder { from, until } => (
            "plan-dates",
            format!("`until` {until} lies before `from` {from}"),
            "exchange them; both days count".to_owned(),
        ),
        R::Name(refusal) => return name(refusal),
        R::Earning(refusal) => return earning(refusal),
        R::Condition(refusal) => return condition(refusal),
        R::Measure(refusal) => return measure(refusal),
        R::Curve(refusal) => return curve(refusal),
        R::Installment(refusal) => return installment(refusal),
        R::Draw(refusal) => return draw(refusal),
        R::Version(refusal) => return version(refusal),
    };
    Wording::new(code, message, help)
}

fn name(refusal: &NameRefusal) -> Wording {
    match refusal {
        NameRefusal::NothingPaid => {
            let message = "`component` is missing: the plan pays nothing";
            Wording::new("plan-missing", message, "add a `[[component]]` or a `[[draw]]`")
        }
        NameRefusal::DuplicateId { id } => {
            Wording::new("plan-duplicate", format!("the id `{id}` is there twice"), "choose another id for one")
        }
        NameRefusal::ReservedId => {
            let message = "`whole` is the part of a component without installments";
            Wording::new("plan-reserved", message, "choose another id")
        }
        NameRefusal::UnknownInstallment { written, component, nearest, known } => {
            let help = match nearest {
                Some(near) => format!("did you mean `{near}`?"),
                None if known.is_empty() => {
                    "write `reverse = \"all\"`, for the component has no installments".to_owned()
                }
                None => format!("write one of {}, or `reverse = \"all\"`", one_of(known.iter().map(String::as_str))),
            };
            Wording::new("plan-reverse", format!("`{written}` is no installment of `{}`", called(component)), help)
        }
    }
}

fn earning(refusal: &EarningRefusal) -> Wording {
    use EarningRefusal as R;
    let no_effect = "plan-no-effect";
    match refusal {
        R::TierWithTwoRates => Wording::new("plan-tiers", "`rate` is written beside `times` in one tier", ONE_RATE),
        R::TierWithoutRate => Wording::new("plan-tiers", "the tier has neither `rate` nor `times`", ONE_RATE),
        R::ThresholdUnits { written } => {
            let message = format!("`{written}` is of another kind than the first tier's threshold");
            Wording::new("plan-tiers", message, "write all thresholds in percent of the quota, or all as amounts")
        }
        R::ThresholdsOutOfOrder { written } => {
            let message = format!("`{written}` is not above the threshold before it");
            Wording::new("plan-tiers", message, "order the tiers by `from`, each threshold once")
        }
        R::RampTooLong { most } => {
            let message = format!("the percents of the ramp count for more than {most} months");
            Wording::new("plan-value", message, "write fewer percents, or a shorter `every`")
        }
        R::BareThreshold { written } => {
            let message = format!("`{written}` beside a quota can mean {written} % of it or an amount of {written}");
            let help = format!("write \"{written}%\" of quota, or \"{written}\" in quotes as an amount");
            Wording::new("plan-tiers", message, help)
        }
        R::PercentTierWithoutQuota { written } => {
            let help = "add `quota = \"assigned\"` or an amount, or write thresholds as amounts";
            Wording::new(no_effect, format!("`{written}` is a part of a quota, and there is none"), help)
        }
        R::NothingEarned { component } => {
            let help = "write a `rate` like \"10%\", an `amount` for each of a count, or a `curve`";
            Wording::new("plan-earn", format!("`{}` earns nothing", called(component)), help)
        }
        R::TwoWaysToEarn { first, second } => {
            let message = format!("`{second}` is written beside `{first}`: two ways to earn");
            Wording::new("plan-earn", message, "keep one; two components may measure the same")
        }
        R::PaysWithoutRate => {
            let help = "write a `rate`, with or without `tiers`, or leave `pays` out";
            Wording::new(no_effect, "`pays` goes with a `rate`", help)
        }
        R::AmountWithoutCount => {
            let help =
                "write a `rate`, or measure a count: { booking = \"count\" } or { signal = …, value = \"count\" }";
            Wording::new(no_effect, "`amount` is for each of a count, which this is not", help)
        }
        R::NothingToRate { key } => {
            let help = format!("write a `rate`, or leave `{key}` out");
            Wording::new(no_effect, format!("`{key}` does nothing beside `amount`"), help)
        }
        R::ModeWithoutTiers => {
            Wording::new(no_effect, "`mode` does nothing without `tiers`", "add tiers, or leave it out")
        }
        R::WithoutQuota { key } => {
            let help = "add `quota = \"assigned\"` or an amount, or leave it out";
            Wording::new(no_effect, format!("`{key}` does nothing without `quota`"), help)
        }
        R::TooManyDecimals { written, currency } => {
            let help = format!("write at most {} decimals", currency.digits());
            Wording::new("plan-decimals", format!("`{written}` is finer than {currency} can be paid"), help)
        }
    }
}

const ONE_RATE: &str = "write `rate` for its own rate, or `times` for so many times the base rate";
const ONE_SUBJECT: &str = "write exactly one of `burn`, `metric` or `signal`; several conditions are a list";
const ONE_TEST: &str = "write exactly one of `at-least` or `below`; both together are two conditions in a list";
const ABOVE_ZERO: &str = "write a bound above 0 %, or leave the condition out";

fn condition(refusal: &ConditionRefusal) -> Wording {
    use ConditionRefusal as R;
    match refusal {
        R::ConditionWithoutSubject => Wording::new("plan-condition", "the condition looks at nothing", ONE_SUBJECT),
        R::ConditionWithTwoSubjects { first, second } => {
            let message = format!("`{second}` is written beside `{first}` in one condition");
            Wording::new("plan-condition", message, ONE_SUBJECT)
        }
        R::ConditionWithoutTest => Wording::new("plan-condition", "the condition has no test", ONE_TEST),
        R::ConditionWithTwoTests => {
            Wording::new("plan-condition", "`below` is written beside `at-least` in one condition", ONE_TEST)
        }
        R::TestOfSignal { key } => {
            let help = format!("leave `{key}` out: any such signal will do");
            Wording::new("plan-no-effect", format!("`{key}` does nothing beside `signal`"), help)
        }
        R::GateAlwaysOpen => {
            Wording::new("plan-gate", "burn is always at least `0%`: the gate cannot fail", ABOVE_ZERO)
        }
        R::ConditionNeverHolds => {
            Wording::new("plan-gate", "burn is never below `0%`: the condition cannot hold", ABOVE_ZERO)
        }
    }
}

fn measure(refusal: &MeasureRefusal) -> Wording {
    use MeasureRefusal as R;
    let exactly_one = |kinds: &[&'static str]| format!("write exactly one of {}", one_of(kinds.iter().copied()));
    match refusal {
        R::MeasureWithoutKind { kinds } => {
            Wording::new("plan-measure", "`measure` measures nothing", exactly_one(kinds))
        }
        R::MeasureWithTwoKinds { first, second, kinds } => {
            let message = format!("`{second}` is written beside `{first}` in one measure");
            Wording::new("plan-measure", message, exactly_one(kinds))
        }
        R::KeyOfOtherMeasure { key, of } => {
            let help = format!("leave `{key}` out; it goes with {}", and(of));
            Wording::new("plan-no-effect", format!("`{key}` does nothing in this measure"), help)
        }
        R::BaselineUnclear => {
            let help =
                "write { amount = \"5000\" } for a full month, or { percent = \"90%\", of = \"previous-period\" }";
            Wording::new("plan-measure", "`baseline` is neither an amount nor a percent of a period", help)
        }
        R::BaselineOfContract => {
            let help = "leave `per` out, or write `per = \"month\"`";
            Wording::new("plan-measure", "a baseline is of a month, over all contracts", help)
        }
        R::SignalWithoutValue => {
            let help = "add `value = \"count\"` for one each, or `value = \"value\"` for what the signal says";
            Wording::new("plan-missing", "`value` is missing beside `signal`", help)
        }
        R::NeedsBooking { key, measure } => {
            let measure = match measure {
                MeasureKind::Booking => "a booking",
                MeasureKind::Signal => "a signal",
                MeasureKind::Usage => "usage",
                MeasureKind::Growth => "growth",
                MeasureKind::Metric => "a metric",
                MeasureKind::Retention => "retention",
            };
            let message = format!("`{key}` looks at a booking, and {measure} has none");
            Wording::new("plan-no-booking", message, "leave it out, or measure bookings")
        }
        R::SignalRestated => {
            let message = "`restate` values a cancelled booking at nothing, and this measures signals";
            let help = "leave `cancellation` out; a clawback `on = \"cancellation\"` takes back what was earned";
            Wording::new("plan-no-booking", message, help)
        }
    }
}

fn curve(refusal: &CurveRefusal) -> Wording {
    use CurveRefusal as R;
    let (code, no_effect) = ("plan-curve", "plan-no-effect");
    match refusal {
        R::TargetWithoutCurve => {
            let help = "add `curve = [{ at = \"0%\", pay = \"0%\" }, { at = \"100%\", pay = \"100%\" }]`";
            Wording::new(code, "`target` says nothing of what attainment pays", help)
        }
        R::TargetWithoutQuota => {
            let message = "`target` has no quota to be held against, and pays nothing";
            Wording::new(no_effect, message, "add `quota = \"assigned\"` or an amount")
        }
        R::GoalWithoutLevel => {
            let help = "leave it out; `goal` goes with a level (metric, retention) and `target`";
            Wording::new(no_effect, "`goal` does nothing here", help)
        }
        R::LevelWithoutTarget => {
            let help = "add `target = \"…%\"`, `goal` and `curve`";
            Wording::new(code, "a level is paid by a target, and there is none", help)
        }
        R::LevelWithoutGoal => {
            let help = "add `goal = \"40\"`, what pays the curve at 100 %";
            Wording::new(code, "a level is held against a goal, and there is none", help)
        }
        R::NoQuotaOfLevel { key } => {
            let message = format!("`{key}` does nothing for a level, which is held against its goal");
            Wording::new(no_effect, message, format!("leave `{key}` out"))
        }
        R::ShapeWithoutCurve => {
            Wording::new(no_effect, "`shape` does nothing without `curve`", "leave it out, or add a curve")
        }
        R::TiersBesideCurve => Wording::new(no_effect, "`tiers` do nothing beside `curve`", "leave out one of them"),
        R::ModeBesideCurve => {
            let help = "leave it out; beside a curve in amounts it may be \"marginal\" or \"per-item\"";
            Wording::new(no_effect, "`mode` does nothing here", help)
        }
        R::PointUnit { written, expected } => {
            let wanted = match expected {
                PointUnit::Percent => "percents beside `target`",
                PointUnit::Amount => "amounts without `target`",
            };
            Wording::new(code, format!("`{written}`: points are {wanted}"), format!("write {wanted}"))
        }
        R::PointsOutOfOrder { written } => {
            let message = format!("`{written}` is not above the point before it");
            Wording::new(code, message, "order the points by `at`, each once")
        }
    }
}

fn installment(refusal: &InstallmentRefusal) -> Wording {
    use InstallmentRefusal as R;
    let no_effect = "plan-no-effect";
    match refusal {
        R::SharesNotWhole { component, sum } => {
            let message = format!("the shares of `{}` sum to {}, not 100 %", called(component), percent(sum));
            let help = if *sum < Exact::ONE {
                format!("add {} to them", percent(&(&Exact::ONE - sum)))
            } else {
                format!("take {} from them", percent(&(sum - &Exact::ONE)))
            };
            Wording::new("plan-shares", message, help)
        }
        R::InstallmentWithTwoTriggers { first, second } => {
            let help = "write one of `after`, `consumed` or `signal`; none is the item's date";
            Wording::new("plan-trigger", format!("`{second}` is written beside `{first}`: two triggers"), help)
        }
        R::ClawbackWithTwoTriggers { first, second } => {
            let help = "write one of `after`, `signal` or `on = \"cancellation\"`";
            Wording::new("plan-trigger", format!("`{second}` is written beside `{first}`: two triggers"), help)
        }
        R::ClawbackWithoutTrigger => {
            let help = "write one of `after`, `signal` or `on = \"cancellation\"`";
            Wording::new("plan-trigger", "the clawback has no trigger and never happens", help)
        }
        R::AnchorWithoutSpan => {
            let help = "add `after` or `within`, or leave `of` out";
            Wording::new(no_effect, "`of` does nothing without `after` or `within`", help)
        }
        R::NeverHappens { within, after } => {
            let message = format!("`within` {within} ends before `after` {after}: it never happens");
            Wording::new("plan-never", message, "write a longer `within`, or leave it out")
        }
        R::WithinWithoutEffect { within } => {
            let message = format!("`within` {within} does nothing: the day is always earlier");
            Wording::new(no_effect, message, "leave `within` out")
        }
        R::DueBeforePeriodEnds { period } => {
            let help = "write `due` for a period that is at least as long, or leave it out";
            Wording::new(
                "plan-due",
                format!("`due` ends before the {period} months over which growth is measured"),
                help,
            )
        }
        R::OtherwiseWithoutCondition => {
            let help = "add a condition, or leave `otherwise` out";
            Wording::new(no_effect, "`otherwise` does nothing without `when`", help)
        }
    }
}

fn draw(refusal: &DrawRefusal) -> Wording {
    use DrawRefusal as R;
    match refusal {
        R::AdvanceWithoutMonths => {
            Wording::new("plan-missing", "`months` is missing in an advance", "add `months = …`, like `months = 6`")
        }
        R::AdvanceWithoutStart => {
            Wording::new("plan-missing", "`on` is missing in an advance", "add `on = …`, like `on = \"booking\"`")
        }
        R::GuaranteeOnBooking => {
            let help = "write `on = \"assignment\"`, or `kind = \"advance\"`";
            Wording::new("plan-draw", "a guarantee cannot begin with a `booking`", help)
        }
        R::MotionWithoutBooking => {
            let help = "write `on = \"booking\"`, or leave `motion` out";
            Wording::new("plan-no-effect", "`motion` does nothing without `on = \"booking\"`", help)
        }
        R::NotRecoverable { key } => {
            let message = format!("`{key}` does nothing in a draw that is not recoverable");
            Wording::new("plan-no-effect", message, format!("write `recoverable = true`, or leave `{key}` out"))
        }
    }
}

fn version(refusal: &VersionRefusal) -> Wording {
    match refusal {
        VersionRefusal::WrongVersion { plan, version, last, expected } => {
            let message = match last {
                Some(last) if version <= last => format!("version `{version}` of `{plan}` was published already"),
                Some(last) => format!("version `{version}` of `{plan}` does not follow version {last}"),
                None => format!("version `{version}` of `{plan}` is not the first"),
            };
            Wording::new("plan-version", message, format!("write `version = {expected}`"))
        }
        VersionRefusal::CurrencyChanged { written, published, last } => {
            let help = format!("write `currency = \"{published}\"`, or begin a plan of another id");
            Wording::new("plan-currency", format!("`{written}` is not the currency of version {last}"), help)
        }
        VersionRefusal::UsageChangedInMonth { component, other, month, effective } => {
            let message = format!(
                "`{component}` measures usage, differs from version {other}, and both are in force on days of {month}"
            );
            let next = Month::of(*effective).next().first();
            let how = if Month::of(*effective).first() == *effective {
                format!("pay for it as version {other} does")
            } else {
                format!("let the version begin with a month, like `effective = {next}`")
            };
            let help = format!("{how}, or leave `{component}` out and add a component of another id");
            Wording::new("plan-mid-month", message, help)
        }
    }
}

/// What a plan says and probably does not mean.
fn plan_warning(warning: &PlanWarning) -> Wording {
    use PlanWarning as W;
    match warning {
        W::TooMany(left_out) => more(*left_out),
        W::ConsumedIsCoarse => {
            let message = "`consumed` falls on a day, and usage is spread evenly over the days of its snapshots";
            let help = "record usage by the week or finer, or the day may be the wrong one";
            Wording::new("plan-warn-consumed", message, help)
        }
        W::ShortClawback { clawback, reach } => {
            let clawback = clawback.as_ref().map_or("?", |id| id.as_str());
            let message = format!("`{clawback}` reaches {reach}, less than the performance period");
            let help =
                "write a shorter `period` or a longer reach, or what is lost late keeps the tiers that it reached";
            Wording::new("plan-warn-clawback-reach", message, help)
        }
        W::CancellationKept { component } => {
            let message = format!("what `{}` has paid is kept when a booking is cancelled", called(component));
            let help =
                "add a clawback `on = \"cancellation\"` or write `cancellation = \"restate\"`, unless that is meant";
            Wording::new("plan-warn-cancellation", message, help)
        }
        W::NameLikeWord { name, word } => {
            let help = format!("did you mean `booking = \"{word}\"`?");
            Wording::new("plan-warn-name", format!("`{name}` is read as the name of an amount"), help)
        }
        W::RampByMonth { component, period } => {
            let (word, months) = (period_word(*period), period.months());
            let component = called(component);
            let message = format!("each entry of the ramp of `{component}` is for a month, and its quota for a {word}");
            let help =
                format!("for an entry each {word}, write `ramp = {{ every = \"{months} months\", percents = [...] }}`");
            Wording::new("plan-warn-ramp", message, help)
        }
        W::ZeroQuota => {
            let message = "a quota of `0` is none: percent tiers never apply";
            Wording::new("plan-warn-quota", message, "write what is expected, or \"assigned\"")
        }
        W::AttributeLikeKey { attribute, nearest } => {
            let message = format!("`{attribute}` is read as the name of an attribute");
            Wording::new("plan-warn-attribute", message, format!("did you mean `{nearest}`?"))
        }
        W::ValueUnseen { kind, value, nearest } => {
            let message = format!("no fact of the book has the {} `{value}`", kind_name(kind));
            let help = match nearest {
                Some(nearest) => format!("did you mean `{nearest}`?"),
                None => "write what the facts have, if it is meant to select any of them".to_owned(),
            };
            Wording::new("plan-warn-unseen", message, help)
        }
        W::RecoverableUnsaid => {
            let message = "the draw does not say whether it is `recoverable`: what it gives is kept for good";
            Wording::new("plan-warn-recoverable", message, "write `recoverable = true` or `recoverable = false`")
        }
        W::BurnBeforeTerm { window } => {
            let message = format!("`burn` of {window} is looked at before the term begins, and counts as 100 % then");
            Wording::new("plan-warn-gate", message, "add `after`, so that there are days to look at")
        }
        W::RollingGrowth => {
            let help = "write `against = \"high-water\"` or \"period-start\", if only what is new is meant";
            Wording::new("plan-warn-rolling", "`rolling` growth pays every upswing again, after each fall", help)
        }
        W::Rate(warning) => rate_warning(warning),
        W::Version(warning) => version_warning(warning),
    }
}

fn rate_warning(warning: &RateWarning) -> Wording {
    use RateWarning as W;
    match warning {
        W::LowerRate { threshold, from, to } => {
            let message = format!("the tier from `{threshold}` lowers the rate, from {} to {}", rate(from), rate(to));
            Wording::new("plan-warn-lower-tier", message, "raise it, if the rate is meant to rise")
        }
        W::PaysLess { written } => {
            Wording::new("plan-warn-lower-tier", format!("`{written}` pays less for more"), "check that this is meant")
        }
        W::Cliff { threshold, next, gain } => {
            let next = match next {
                CliffUnit::Unit => "unit",
                CliffUnit::Money(currency) => money(*currency),
            };
            let message = format!("a cliff at `{threshold}`: one more {next} there is worth {}", cliff_gain(gain));
            let help = "`mode = \"marginal\"` pays each rate on its own band; leave it if the cliff is meant";
            Wording::new("plan-warn-cliff", message, help)
        }
        W::NegativeAmount { component } => {
            let message = format!("the amount of `{}` is negative: each one costs the payee", called(component));
            Wording::new("plan-warn-rate", message, "leave the sign out, unless that is meant")
        }
        W::NegativeRate { component } => {
            let message = format!("the rate of `{}` is negative: what is sold costs the payee", called(component));
            Wording::new("plan-warn-rate", message, "check the decimal point, unless that is meant")
        }
        W::RateAboveAll { component } => {
            let message = format!("the rate of `{}` pays more than all of what was sold", called(component));
            Wording::new("plan-warn-rate", message, "check the decimal point, unless that is meant")
        }
    }
}

fn version_warning(warning: &VersionWarning) -> Wording {
    use VersionWarning as W;
    let reversed = |effective, reversed: &Option<LineTally>| {
        let amount = reversed.as_ref().map(|tally| format!(" ({})", lines(tally))).unwrap_or_default();
        format!("what was posted for items from {effective} on is reversed{amount}")
    };
    match warning {
        W::ComponentDropped { version, component, effective, reversed: tally, new } => {
            let what = reversed(effective, tally);
            let message = format!("version {version} drops the component `{component}`: {what}");
            Wording::new("plan-warn-dropped", message, renamed(new))
        }
        W::PartDropped { version, component, part, effective, reversed: tally, new } => {
            let what = reversed(effective, tally);
            let message = format!("version {version} drops the part `{part}` of `{component}`: {what}");
            Wording::new("plan-warn-dropped", message, renamed(new))
        }
        W::ChangedInsidePeriod { component, change, day, period, period_first, stays } => {
            let does = match change {
                ComponentChange::Added => "starts on",
                ComponentChange::Dropped => "ends before",
            };
            let message = format!("`{component}` {does} {day}, inside its performance period {period}{}", whole(stays));
            let help = format!("let it begin and end with a period, like on {period_first}, unless that is meant");
            Wording::new("plan-warn-mid-period", message, help)
        }
        W::ClosedMonth { plan, version, effective, closed, changed } => {
            let changed = changed.as_ref().map(|tally| format!("; it changes {}", lines(tally))).unwrap_or_default();
            let message = format!(
                "version {version} of plan `{plan}` takes effect on {effective}, and {closed} is closed{changed}"
            );
            let next = closed.next();
            let help = format!("the close of {next} will post the differences; `trueup preview {next}` shows them");
            Wording::new("plan-warn-closed", message, help)
        }
    }
}

/// What a component keeps for the whole period.
fn whole(stays: &WholePeriodTerms) -> String {
    let quota = stays.quota.as_ref().map(|quota| match quota {
        Quota::Assigned => "the assigned quota".to_owned(),
        Quota::Amount(amount) => format!("the quota of {amount}"),
    });
    let target = stays.target.as_ref().map(|share| format!("{} of the target pay", percent(share)));
    let kept: Vec<String> = quota.into_iter().chain(target).collect();
    match kept[..] {
        [] => String::new(),
        _ => format!(": {} of the whole period stays", kept.join(" and ")),
    }
}

fn renamed(new: &[String]) -> String {
    if new.is_empty() {
        return "keep it, unless it is meant to end".to_owned();
    }
    let new: Vec<String> = new.iter().map(|id| format!("`{id}`")).collect();
    format!("keep the old id if {} only renames it, or every line is earned anew", new.join(", "))
}

/// `3 lines, -120.00 USD in all`.
fn lines(tally: &LineTally) -> String {
    let word = if tally.lines == 1 { "line" } else { "lines" };
    format!("{} {word}, {} {} in all", tally.lines, tally.amount.text(), tally.amount.currency)
}

/// `usage, growth and retention`.
fn and(words: &[&str]) -> String {
    match words.split_last() {
        None => String::new(),
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

/// A component whose id could not be read is called `?`.
fn period_word(period: Period) -> &'static str {
    match period {
        Period::Month => "month",
        Period::Quarter => "quarter",
        Period::Half => "half-year",
        Period::Year => "year",
    }
}

fn called(component: &Option<ComponentId>) -> &str {
    component.as_ref().map_or("?", ComponentId::as_str)
}

/// A fraction as a percent: `33.3 %`.
fn percent(fraction: &Exact) -> String {
    format!("{} %", fraction * &Exact::whole(100))
}

fn rate(rate: &KnownRate) -> String {
    if rate.assigned.is_zero() { percent(&rate.fraction) } else { format!("{} x the assigned rate", rate.assigned) }
}

fn money(currency: Option<Currency>) -> &'static str {
    currency.map_or("", |currency| currency.code())
}

fn cliff_gain(gain: &CliffGain) -> String {
    let unit = match gain.unit {
        GainUnit::Money(currency) => money(currency),
        GainUnit::QuotaPercent => "% of the quota",
        GainUnit::PaysPercent => "% of what the period's items are paid on",
    };
    let (fraction, assigned) = (&gain.fraction, &gain.assigned);
    match (fraction.is_zero(), assigned.is_zero()) {
        (_, true) => format!("{fraction} {unit}"),
        (true, false) => format!("{assigned} {unit} x the assigned rate"),
        (false, false) => format!("{fraction} {unit} and {assigned} {unit} x the assigned rate"),
    }
}
