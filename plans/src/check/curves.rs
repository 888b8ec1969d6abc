//! Checks curves and targets: the keys that they need, and the order of their points.

use crate::plan::{Against, Measure, Mode};
use crate::read::component::ComponentText;
use crate::read::earning::curve::Coordinate;
use crate::read::table::{TextField, written};
use crate::refusal::{CurveRefusal, PlanReport, PlanWarning, PointUnit, RateWarning};

/// A target needs a curve, and a quota or, for a level, a goal. A goal needs a level.
pub fn targets_have_what_they_need(component: &ComponentText, report: &mut PlanReport<'_>) {
    let level = component.measure.value.as_ref().is_some_and(Measure::is_level);
    if let (Some(target), false) = (component.target.mark(), component.curve.is_written()) {
        report.refuse(target.key, CurveRefusal::TargetWithoutCurve);
    }
    if let (Some(target), false, false) = (component.target.mark(), level, component.quota.is_written()) {
        report.refuse(target.key, CurveRefusal::TargetWithoutQuota);
    }
    if let (Some(goal), false) = (component.goal.mark(), level && component.target.is_written()) {
        report.refuse(goal.key, CurveRefusal::GoalWithoutLevel);
    }
}

/// A level is compared with a goal. It is not added up or rated, so it has no quota.
pub fn levels_have_target_and_goal(component: &ComponentText, report: &mut PlanReport<'_>) {
    if !component.measure.value.as_ref().is_some_and(Measure::is_level) {
        return;
    }
    if !component.target.is_written() {
        report.refuse(component.measure.at, CurveRefusal::LevelWithoutTarget);
    } else if !component.goal.is_written() {
        report.refuse(component.measure.at, CurveRefusal::LevelWithoutGoal);
    }
    for key in written([component.quota.mark(), component.ramp.mark()]) {
        report.refuse(key.key, CurveRefusal::NoQuotaOfLevel { key: key.name });
    }
}

/// Refuses keys that change a rate or a curve which is not there.
pub fn shapes_and_modes_have_a_curve(component: &ComponentText, report: &mut PlanReport<'_>) {
    if let (Some(shape), false) = (component.shape.mark(), component.curve.is_written()) {
        report.refuse(shape.key, CurveRefusal::ShapeWithoutCurve);
    }
    if !component.curve.is_written() {
        return;
    }
    if let Some(tiers) = component.tiers.mark() {
        report.refuse(tiers.key, CurveRefusal::TiersBesideCurve);
    }
    let retroactive = component.mode.value == Some(Mode::Retroactive);
    if let (Some(mode), true) = (component.mode.mark(), component.target.is_written() || retroactive) {
        report.refuse(mode.key, CurveRefusal::ModeBesideCurve);
    }
}

/// Points are percents beside a target, else amounts, and ascend by `at`.
pub fn points_climb_in_one_unit(component: &ComponentText, report: &mut PlanReport<'_>) {
    let points = component.curve.items();
    let percents = component.target.is_written();
    for point in points {
        for said in [&point.at, &point.pay] {
            if said.value.as_ref().is_some_and(|value| value.is_percent() != percents) {
                let expected = if percents { PointUnit::Percent } else { PointUnit::Amount };
                report.refuse(said.at, CurveRefusal::PointUnit { written: report.shown(said.at), expected });
            }
        }
    }
    for pair in points.windows(2) {
        let [low, high] = pair else { continue };
        let exact = |said: &TextField<Coordinate>| said.value.as_ref().map(|value| value.exact().clone());
        if let (Some(below), Some(above)) = (exact(&low.at), exact(&high.at))
            && above <= below
        {
            report.refuse(high.at.at, CurveRefusal::PointsOutOfOrder { written: report.shown(high.at.at) });
        }
        if let (Some(below), Some(above)) = (exact(&low.pay), exact(&high.pay))
            && above < below
        {
            report.warn(high.pay.at, RateWarning::PaysLess { written: report.shown(high.pay.at) });
        }
    }
}

/// Growth against a rolling baseline pays again for usage that fell and rose again.
pub fn rolling_growth_pays_again(component: &ComponentText, report: &mut PlanReport<'_>) {
    if let Some(Measure::Growth { against: Against::Rolling, .. }) = component.measure.value {
        report.warn(component.measure.at, PlanWarning::RollingGrowth);
    }
}

#[cfg(test)]
mod tests {
    use crate::check::example::{HEAD, found, refused};

    const POINTS: &str = "[{ at = \"0%\", pay = \"0%\" }, { at = \"100%\", pay = \"100%\" }]";
    const METRIC: &str = "{ metric = \"csat\" }";
    const ARR: &str = "{ booking = \"arr\" }";

    fn text(measure: &str, keys: &str) -> String {
        format!("{HEAD}[[component]]\nid = \"c\"\nmeasure = {measure}\n{keys}\n")
    }

    #[test]
    fn targets_and_levels_have_what_they_need() {
        let curve = format!("curve = {POINTS}");
        for (measure, keys, code, meant) in [
            (ARR, "quota = 5\ntarget = \"50%\"".to_owned(), "plan-curve", "target"),
            (ARR, format!("target = \"50%\"\n{curve}"), "plan-no-effect", "target"),
            (ARR, format!("quota = 5\ntarget = \"50%\"\ngoal = \"5\"\n{curve}"), "plan-no-effect", "goal"),
            (METRIC, "rate = \"5%\"".to_owned(), "plan-curve", METRIC),
            (METRIC, format!("target = \"50%\"\n{curve}"), "plan-curve", METRIC),
            (METRIC, format!("target = \"50%\"\ngoal = 0\n{curve}"), "plan-value", "0"),
            (METRIC, format!("target = \"50%\"\ngoal = 4\nquota = 5\n{curve}"), "plan-no-effect", "quota"),
            (ARR, "rate = \"5%\"\nshape = \"step\"".to_owned(), "plan-no-effect", "shape"),
            (ARR, format!("quota = 5\ntarget = \"5%\"\nmode = \"per-item\"\n{curve}"), "plan-no-effect", "mode"),
            (ARR, "curve = [{ at = \"0\", pay = \"0%\" }]".to_owned(), "plan-curve", "\"0%\""),
            (
                ARR,
                "curve = [{ at = \"5\", pay = \"0\" }, { at = \"5\", pay = \"9\" }]".to_owned(),
                "plan-curve",
                "\"5\"",
            ),
            (ARR, "curve = [{ at = \"5\" }]".to_owned(), "plan-missing", "{ at = \"5\" }"),
        ] {
            let refused = refused(&text(measure, &keys));
            assert!(refused.contains(&(code, meant.to_owned())), "{keys}\n{refused:?}");
        }
        for (measure, keys) in [
            (METRIC, format!("target = \"50%\"\ngoal = \"4.5\"\nshape = \"step\"\n{curve}")),
            ("{ retention = \"net\", over = \"6 months\" }", format!("target = \"50%\"\ngoal = \"110%\"\n{curve}")),
            (ARR, format!("target = \"100%\"\nquota = \"assigned\"\n{curve}")),
            (ARR, "curve = [{ at = \"0\", pay = \"0\" }, { at = \"5\", pay = \"9\" }]\nmode = \"per-item\"".to_owned()),
        ] {
            assert_eq!(refused(&text(measure, &keys)), [], "{keys}");
        }
    }

    #[test]
    fn rolling_growth_is_pointed_at() {
        let warned = |measure: &str| found(&text(measure, "rate = \"5%\"")).1;
        assert_eq!(warned("{ growth = \"90 days\" }"), [("plan-warn-rolling", "{ growth = \"90 days\" }".to_owned())]);
        assert_eq!(warned("{ growth = \"90 days\", against = \"high-water\" }"), []);
    }
}
