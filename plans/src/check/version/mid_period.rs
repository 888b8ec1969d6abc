//! A component that a version adds or drops inside its performance period has fewer days for its items, and keeps its quota
//! and target pay (calculation.md 3, 5, 6).

use ledger::date::Day;

use super::place::{place_of, place_of_effective};
use crate::calendar::PeriodSpan;
use crate::plan::{Component, Earned, Plan};
use crate::read::plan::PlanText;
use crate::refusal::{ComponentChange, PlanReport, VersionWarning, WholePeriodTerms};
use crate::rulebook::terms_in_force;

/// Warns of each component that exists from the version's first day on, or up to the day before it, and of those that the
/// version after it adds or drops.
pub(super) fn components_start_and_stop_with_a_period(
    previous: &[&Plan],
    next: &Plan,
    places: Option<&PlanText>,
    report: &mut PlanReport<'_>,
) {
    let plans: Vec<&Plan> = previous.iter().copied().chain([next]).collect();
    let terms = terms_in_force(plans.iter().map(|plan| (*plan, *plan)));
    let Some(index) = terms.iter().position(|term| term.version.version == next.version) else { return };
    let before = index.checked_sub(1).map(|index| terms[index].version);
    added_and_dropped((before, next), terms[index].from, places, report);
    if let Some(after) = terms.get(index + 1) {
        added_and_dropped((Some(next), after.version), after.from, places, report);
    }
}

fn added_and_dropped(
    (before, after): (Option<&Plan>, &Plan),
    day: Day,
    places: Option<&PlanText>,
    report: &mut PlanReport<'_>,
) {
    let lacks = |plan: Option<&Plan>, component: &Component| {
        plan.is_none_or(|plan| plan.component(component.id.as_str()).is_none())
    };
    let added = after.components.iter().filter(|component| lacks(before, component));
    let added = added.map(|component| (after, component, ComponentChange::Added));
    let old = before.into_iter().flat_map(|before| before.components.iter().map(move |component| (before, component)));
    let dropped = old.filter(|(_, component)| lacks(Some(after), component));
    let dropped = dropped.map(|(before, component)| (before, component, ComponentChange::Dropped));
    for (plan, component, change) in added.chain(dropped) {
        let period = PeriodSpan::of(component.period, plan.year_start, day);
        // Where its own dates end before that day, or begin after it, the version changes nothing.
        let (nearest, at) = match change {
            ComponentChange::Added => (day, place_of(&component.id, places)),
            ComponentChange::Dropped => (day.previous(), place_of_effective(places)),
        };
        if period.first_day() == day || !component.exists_on(nearest) {
            continue;
        }
        let warning = VersionWarning::ChangedInsidePeriod {
            component: component.id.clone(),
            change,
            day,
            period: period.key(plan.year_start).to_string(),
            period_first: period.first_day(),
            stays: stays(component),
        };
        report.warn(at, warning);
    }
}

/// The quota and target pay of a whole period.
fn stays(component: &Component) -> WholePeriodTerms {
    let target = match &component.earned {
        Earned::Target { share, .. } => Some(share.clone()),
        Earned::Rate { .. } | Earned::Amount(_) | Earned::Curve { .. } => None,
    };
    WholePeriodTerms { quota: component.quota.clone(), target }
}

#[cfg(test)]
mod tests {
    use ledger::exact::Exact;

    use crate::check::check;
    use crate::check::check_next;
    use crate::check::example::component;
    use crate::plan::{Plan, Quota};
    use crate::refusal::{ComponentChange, PlanWarning, VersionWarning, WholePeriodTerms};

    /// A version with components `c` and, if its keys are given, `d`.
    fn version(number: u32, effective: &str, keys: &str, second: Option<&str>) -> String {
        let text = component(keys).replace("version = 1", &format!("version = {number}"));
        let second = second
            .map(|keys| format!("[[component]]\nid = \"d\"\nmeasure = {{ booking = \"arr\" }}\nrate = \"1%\"\n{keys}"));
        format!("{}{}", text.replace("2027-01-01", effective), second.unwrap_or_default())
    }

    /// Component, change, day and period of each warning.
    fn warned(previous: &[&str], next: &str) -> Vec<(String, ComponentChange, String, String)> {
        let plan = |text: &str| check("p.toml", text).plan.unwrap_or_else(|| panic!("no plan: {text}"));
        let previous: Vec<Plan> = previous.iter().map(|text| plan(text)).collect();
        let warnings = check_next(&previous, &plan(next), &|_, _| None, "p.toml", next).1;
        let changed = warnings.into_iter().filter_map(|warning| match warning.what {
            PlanWarning::Version(VersionWarning::ChangedInsidePeriod { component, change, day, period, .. }) => {
                Some((component.to_string(), change, day.to_string(), period))
            }
            _ => None,
        });
        changed.collect()
    }

    #[test]
    fn what_starts_or_stops_inside_a_period_is_told() {
        let found = |component: &str, change, day: &str, period: &str| {
            vec![(component.to_owned(), change, day.to_owned(), period.to_owned())]
        };
        let quarter = "period = \"quarter\"\n";
        let one = version(1, "2027-01-01", quarter, None);
        let added = |effective: &str| version(2, effective, quarter, Some(quarter));
        assert_eq!(warned(&[], &one), []);
        assert_eq!(warned(&[&one], &added("2027-04-01")), []);
        assert_eq!(
            warned(&[&one], &added("2027-05-01")),
            found("d", ComponentChange::Added, "2027-05-01", "2027-Q2"),
            "a month's first day is inside a quarter"
        );
        let both = version(1, "2027-01-01", quarter, Some(quarter));
        assert_eq!(
            warned(&[&both], &version(2, "2027-03-16", quarter, None)),
            found("d", ComponentChange::Dropped, "2027-03-16", "2027-Q1")
        );
        assert_eq!(
            warned(&[], &version(1, "2027-01-16", quarter, None)),
            found("c", ComponentChange::Added, "2027-01-16", "2027-Q1"),
            "a first version adds all it has"
        );
        let later = version(2, "2027-02-01", quarter, Some("period = \"quarter\"\nfrom = 2027-04-01\n"));
        assert_eq!(warned(&[&one], &later), [], "it starts by a date of its own");
        let before = version(2, "2026-10-01", quarter, Some(quarter));
        let moved = version(1, "2027-02-01", quarter, None);
        assert_eq!(
            warned(&[&moved], &before),
            found("d", ComponentChange::Dropped, "2027-02-01", "2027-Q1"),
            "the version after this one drops it"
        );
    }

    #[test]
    fn the_quota_and_target_pay_of_the_period_stay() {
        let keys = "period = \"year\"\nquota = \"1200\"\n";
        let text = version(1, "2027-03-01", keys, None);
        let plan = check("p.toml", &text).plan.expect("a plan");
        let warnings = check_next(&[], &plan, &|_, _| None, "p.toml", &text).1;
        let stays = warnings.into_iter().find_map(|warning| match warning.what {
            PlanWarning::Version(VersionWarning::ChangedInsidePeriod { stays, .. }) => Some(stays),
            _ => None,
        });
        let quota = Some(Quota::Amount(Exact::whole(1200)));
        assert_eq!(stays, Some(WholePeriodTerms { quota, target: None }));
    }
}
