//! The numbers of versions, and what has to stay from one version to the next.

use std::collections::BTreeSet;

use ledger::id::ComponentId;

use super::mid_month::usage_stays_for_a_month;
use super::mid_period::components_start_and_stop_with_a_period;
use super::place::place_of;
use crate::payment::installment::WHOLE;
use crate::plan::{Component, Plan};
use crate::read;
use crate::read::plan::PlanText;
use crate::read::report::Spot;
use crate::refusal::{LineTally, PlanRefusals, PlanReport, PlanWarnings, VersionRefusal, VersionWarning};

/// Looks up the lines posted of a component, or of one of its parts. `None` before the first close.
pub type PostedTally<'b> = &'b dyn Fn(&ComponentId, Option<&str>) -> Option<LineTally>;

/// Checks a version against `previous`, the published versions of the same plan. `text` is the text that `next` was
/// read from, `file` its name in messages. Returns refusals and warnings.
pub fn check_next(
    previous: &[Plan],
    next: &Plan,
    posted: PostedTally<'_>,
    file: &str,
    text: &str,
) -> (PlanRefusals, PlanWarnings) {
    let places = read::read(&mut PlanReport::of(text));
    let mut report = PlanReport::of(text);
    let last = previous.iter().filter(|plan| plan.id == next.id).max_by_key(|plan| plan.version);
    the_version_is_the_next(last, next, places.as_ref(), &mut report);
    let versions: Vec<&Plan> = previous.iter().filter(|plan| plan.id == next.id).collect();
    usage_stays_for_a_month(&versions, next, places.as_ref(), &mut report);
    components_start_and_stop_with_a_period(&versions, next, places.as_ref(), &mut report);
    if let Some(last) = last {
        the_currency_stays(last, next, places.as_ref(), &mut report);
        the_components_stay(last, next, posted, places.as_ref(), &mut report);
        the_parts_stay(last, next, posted, places.as_ref(), &mut report);
    }
    report.findings(file)
}

/// Versions are published in order and never reused, so that a line's version names one text.
fn the_version_is_the_next(last: Option<&Plan>, next: &Plan, places: Option<&PlanText>, report: &mut PlanReport<'_>) {
    let expected = last.map_or(1, |last| last.version.saturating_add(1));
    if next.version == expected {
        return;
    }
    let at = places.map_or(Spot::default(), |text| text.version.at);
    let (plan, last) = (next.id.clone(), last.map(|last| last.version));
    report.refuse(at, VersionRefusal::WrongVersion { plan, version: next.version, last, expected });
}

/// Running totals cross versions, and different currencies are never added.
fn the_currency_stays(last: &Plan, next: &Plan, places: Option<&PlanText>, report: &mut PlanReport<'_>) {
    if next.currency != last.currency {
        let at = places.map_or(Spot::default(), |text| text.currency.at);
        let (written, published) = (next.currency, last.currency);
        report.refuse(at, VersionRefusal::CurrencyChanged { written, published, last: last.version });
    }
}

/// Lines are named by component, so a new name for an old one reverses every line and earns it anew.
fn the_components_stay(
    last: &Plan,
    next: &Plan,
    posted: PostedTally<'_>,
    places: Option<&PlanText>,
    report: &mut PlanReport<'_>,
) {
    let (before, now) = (component_ids(last), component_ids(next));
    for dropped in before.difference(&now) {
        let at = places.map_or(Spot::default(), |text| text.version.at);
        let warning = VersionWarning::ComponentDropped {
            version: next.version,
            component: (*dropped).clone(),
            effective: next.effective,
            reversed: posted(dropped, None),
            new: now.difference(&before).map(ToString::to_string).collect(),
        };
        report.warn(at, warning);
    }
}

/// Warns of installments and clawbacks that the version drops: lines are named by them, too.
fn the_parts_stay(
    last: &Plan,
    next: &Plan,
    posted: PostedTally<'_>,
    places: Option<&PlanText>,
    report: &mut PlanReport<'_>,
) {
    for component in &next.components {
        let Some(old) = last.component(component.id.as_str()) else { continue };
        let (before, now) = (parts(old), parts(component));
        for dropped in before.difference(&now) {
            let warning = VersionWarning::PartDropped {
                version: next.version,
                component: component.id.clone(),
                part: (*dropped).to_owned(),
                effective: next.effective,
                reversed: posted(&component.id, Some(dropped)),
                new: now.difference(&before).map(ToString::to_string).collect(),
            };
            report.warn(place_of(&component.id, places), warning);
        }
    }
}

fn component_ids(plan: &Plan) -> BTreeSet<&ComponentId> {
    plan.components.iter().map(|component| &component.id).collect()
}

/// The parts that lines of the component have; one without installments has only `whole`.
fn parts(component: &Component) -> BTreeSet<&str> {
    let whole = component.installments.is_empty().then_some(WHOLE);
    let installments = component.installments.iter().map(|part| part.id.as_str());
    let clawbacks = component.clawbacks.iter().map(|part| part.id.as_str());
    whole.into_iter().chain(installments).chain(clawbacks).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::check;
    use crate::check::example::{component, refusal_marked, warning_marked};

    fn plan(text: &str) -> Plan {
        check("p.toml", text).plan.expect("a plan without mistakes")
    }

    fn version(number: u32, keys: &str) -> String {
        component(keys).replace("version = 1", &format!("version = {number}"))
    }

    type Found = (Vec<(&'static str, String)>, Vec<(&'static str, String)>);

    fn after(previous: &[&str], next: &str) -> Found {
        let previous: Vec<Plan> = previous.iter().map(|text| plan(text)).collect();
        let (errors, warnings) = check_next(&previous, &plan(next), &|_, _| None, "p.toml", next);
        (errors.iter().map(refusal_marked).collect(), warnings.iter().map(warning_marked).collect())
    }

    #[test]
    fn versions_follow_one_another() {
        let (one, two, three) = (version(1, ""), version(2, ""), version(3, ""));
        let refused = |number: &str| (vec![("plan-version", number.to_owned())], vec![]);
        assert_eq!(after(&[], &one), (vec![], vec![]));
        assert_eq!(after(&[], &two), refused("2"));
        assert_eq!(after(&[&one], &one), refused("1"));
        assert_eq!(after(&[&one], &three), refused("3"));
        assert_eq!(after(&[&two, &one], &three), (vec![], vec![]));
        let other = two.replace("plan = \"p\"", "plan = \"q\"");
        assert_eq!(after(&[&other], &one), (vec![], vec![]), "another plan's versions do not count");
        let earlier = two.replace("2027-01-01", "2026-01-01");
        assert_eq!(after(&[&one], &earlier), (vec![], vec![]), "an earlier date is allowed");
    }

    #[test]
    fn the_currency_is_for_ever() {
        let two = version(2, "").replace("USD", "EUR");
        assert_eq!(after(&[&version(1, "")], &two), (vec![("plan-currency", "\"EUR\"".to_owned())], vec![]));
    }

    #[test]
    fn what_is_dropped_or_renamed_is_told() {
        let part = |id: &str| format!("[[component.installment]]\nid = \"{id}\"\nshare = \"100%\"\n");
        let (one, two) = (version(1, &part("a")), version(2, &part("b")));
        assert_eq!(after(&[&one], &two), (vec![], vec![("plan-warn-dropped", "\"c\"".to_owned())]));
        let whole = version(1, "");
        assert_eq!(after(&[&whole], &two), (vec![], vec![("plan-warn-dropped", "\"c\"".to_owned())]));
        let renamed = version(2, "").replace("id = \"c\"", "id = \"d\"");
        assert_eq!(after(&[&whole], &renamed), (vec![], vec![("plan-warn-dropped", "2".to_owned())]));
        let back = "[[component.clawback]]\nid = \"b\"\nsignal = \"unpaid\"\n";
        assert_eq!(after(&[&whole], &version(2, back)), (vec![], vec![]), "what is added takes nothing away");
    }
}
