//! A version against those published before it.

use std::collections::BTreeSet;

use ledger::problem::Problem;

use crate::installment::WHOLE;
use crate::plan::{Component, Plan};
use crate::read;
use crate::read::plan::PlanText;
use crate::read::report::{Report, Spot};

/// What a component or one of its parts has brought, in words; nothing, where nobody knows.
pub type Brought<'b> = &'b dyn Fn(&str, Option<&str>) -> Option<String>;

/// Errors and warnings of a checked version, with `previous` the published ones of the same plan; `text` is the text
/// that `next` was read from.
pub fn check_next(
    previous: &[Plan],
    next: &Plan,
    brought: Brought<'_>,
    file: &str,
    text: &str,
) -> (Vec<Problem>, Vec<Problem>) {
    let places = read::read(&mut Report::of(text));
    let mut report = Report::of(text);
    let last = previous.iter().filter(|plan| plan.id == next.id).max_by_key(|plan| plan.version);
    the_version_is_the_next(last, next, places.as_ref(), &mut report);
    if let Some(last) = last {
        the_currency_stays(last, next, places.as_ref(), &mut report);
        the_components_stay(last, next, brought, places.as_ref(), &mut report);
        the_parts_stay(last, next, brought, places.as_ref(), &mut report);
    }
    report.problems(file)
}

/// Versions are published in order and never reused, so that a line's version names one text.
fn the_version_is_the_next(last: Option<&Plan>, next: &Plan, places: Option<&PlanText>, report: &mut Report<'_>) {
    let expected = last.map_or(1, |last| last.version.saturating_add(1));
    if next.version == expected {
        return;
    }
    let message = match last {
        Some(last) if next.version <= last.version => {
            format!("version `{}` of `{}` was published already", next.version, next.id)
        }
        Some(last) => format!("version `{}` of `{}` does not follow version {}", next.version, next.id, last.version),
        None => format!("version `{}` of `{}` is not the first", next.version, next.id),
    };
    let at = places.map_or(Spot::default(), |text| text.version.at);
    report.refuse(at, "plan-version", message, format!("write `version = {expected}`"));
}

/// Running totals cross versions, and different currencies are never added.
fn the_currency_stays(last: &Plan, next: &Plan, places: Option<&PlanText>, report: &mut Report<'_>) {
    if next.currency != last.currency {
        let at = places.map_or(Spot::default(), |text| text.currency.at);
        let message = format!("`{}` is not the currency of version {}", next.currency, last.version);
        let help = format!("write `currency = \"{}\"`, or begin a plan of another id", last.currency);
        report.refuse(at, "plan-currency", message, help);
    }
}

/// Lines are named by component, so a new name for an old one reverses every line and earns it anew.
fn the_components_stay(
    last: &Plan,
    next: &Plan,
    brought: Brought<'_>,
    places: Option<&PlanText>,
    report: &mut Report<'_>,
) {
    let (before, now) = (component_ids(last), component_ids(next));
    for dropped in before.difference(&now) {
        let at = places.map_or(Spot::default(), |text| text.version.at);
        let message = format!(
            "version {} drops the component `{dropped}`: {}",
            next.version,
            reversed(next, brought(dropped, None))
        );
        report.warn(at, "plan-warn-dropped", message, renamed(&now, &before));
    }
}

/// The same of the parts of lines: installments and clawbacks.
fn the_parts_stay(last: &Plan, next: &Plan, brought: Brought<'_>, places: Option<&PlanText>, report: &mut Report<'_>) {
    for component in &next.components {
        let Some(old) = last.component(component.id.as_str()) else { continue };
        let (before, now) = (parts(old), parts(component));
        for dropped in before.difference(&now) {
            let message = format!(
                "version {} drops the part `{dropped}` of `{}`: {}",
                next.version,
                component.id,
                reversed(next, brought(component.id.as_str(), Some(dropped)))
            );
            report.warn(place_of(component, places), "plan-warn-dropped", message, renamed(&now, &before));
        }
    }
}

fn reversed(next: &Plan, brought: Option<String>) -> String {
    let brought = brought.map(|words| format!(" ({words})")).unwrap_or_default();
    format!("what was posted for items from {} on is reversed{brought}", next.effective)
}

fn renamed(now: &BTreeSet<&str>, before: &BTreeSet<&str>) -> String {
    let new: Vec<String> = now.difference(before).map(|id| format!("`{id}`")).collect();
    match new.is_empty() {
        true => "keep it, unless it is meant to end".to_owned(),
        false => format!("keep the old id if {} only renames it, or every line is earned anew", new.join(", ")),
    }
}

fn component_ids(plan: &Plan) -> BTreeSet<&str> {
    plan.components.iter().map(|component| component.id.as_str()).collect()
}

/// The parts that lines of the component have; one without installments has only `whole`.
fn parts(component: &Component) -> BTreeSet<&str> {
    let whole = component.installments.is_empty().then_some(WHOLE);
    let installments = component.installments.iter().map(|part| part.id.as_str());
    let clawbacks = component.clawbacks.iter().map(|part| part.id.as_str());
    whole.into_iter().chain(installments).chain(clawbacks).collect()
}

fn place_of(component: &Component, places: Option<&PlanText>) -> Spot {
    let texts = places.map_or(&[][..], |text| text.components.items());
    let text = texts.iter().find(|text| text.id.value.as_ref() == Some(&component.id));
    text.map_or(Spot::default(), |text| text.id.at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::check;
    use crate::check::example::{component, marked};

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
        (errors.iter().map(marked).collect(), warnings.iter().map(marked).collect())
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
