//! Usage of a month is one item, measured by one version: a version that pays for usage differently begins with a month
//! (calculation.md 3).

use std::collections::BTreeSet;

use ledger::date::Month;

use super::place::place_of_effective;
use crate::plan::{Component, Measure, Plan};
use crate::read::plan::PlanText;
use crate::refusal::{PlanReport, VersionRefusal};
use crate::rulebook::{InForce, terms_in_force};

/// Refuses a version if it and another one are in force on days of one month, and a component that measures usage
/// differs between them.
pub(super) fn usage_stays_for_a_month(
    previous: &[&Plan],
    next: &Plan,
    places: Option<&PlanText>,
    report: &mut PlanReport<'_>,
) {
    let plans: Vec<&Plan> = previous.iter().copied().chain([next]).collect();
    let terms = terms_in_force(plans.iter().map(|plan| (*plan, *plan)));
    let Some(mine) = terms.iter().find(|term| term.version.version == next.version) else { return };
    let mut refused = BTreeSet::new();
    for other in terms.iter().filter(|other| other.version.version != next.version) {
        let Some(month) = shared_month(mine, other) else { continue };
        for component in &next.components {
            let Some(theirs) = other.version.component(component.id.as_str()) else { continue };
            let of_usage = measures_usage(component) || measures_usage(theirs);
            if of_usage && !pays_alike((next, component), (other.version, theirs)) && refused.insert(&component.id) {
                let refusal = VersionRefusal::UsageChangedInMonth {
                    component: component.id.clone(),
                    other: other.version.version,
                    month,
                    effective: next.effective,
                };
                report.refuse(place_of_effective(places), refusal);
            }
        }
    }
}

/// A calendar month on days of which both are in force.
fn shared_month(one: &InForce<&Plan>, other: &InForce<&Plan>) -> Option<Month> {
    let (earlier, later) = if one.from <= other.from { (one, other) } else { (other, one) };
    let month = Month::of(later.from);
    (Month::of(earlier.to) >= month).then_some(month)
}

fn measures_usage(component: &Component) -> bool {
    matches!(component.measure, Measure::Usage { .. })
}

/// Whether nothing differs that can change a figure of the component.
fn pays_alike((plan, component): (&Plan, &Component), (other_plan, other): (&Plan, &Component)) -> bool {
    let untitled = |component: &Component| Component { title: None, ..component.clone() };
    let terms = |plan: &Plan| (plan.edition, plan.currency, plan.rounding, plan.year_start, plan.after_leaving);
    terms(plan) == terms(other_plan) && untitled(component) == untitled(other)
}

#[cfg(test)]
mod tests {
    use crate::check::check;
    use crate::check::check_next;
    use crate::check::example::{component, refusal_marked};
    use crate::plan::Plan;

    const USAGE: &str = "measure = { usage = \"amount\" }\nrate = \"10%\"\n";

    /// A version with a component `c`, whose keys and effective date are given.
    fn version(number: u32, effective: &str, keys: &str) -> String {
        let text = component("").replace("version = 1", &format!("version = {number}"));
        let head: String =
            text.lines().take_while(|line| *line != "[[component]]").map(|line| format!("{line}\n")).collect();
        format!("{}[[component]]\nid = \"c\"\n{keys}", head.replace("2027-01-01", effective))
    }

    fn refused(previous: &[&str], next: &str) -> bool {
        let plan = |text: &str| check("p.toml", text).plan.unwrap_or_else(|| panic!("no plan: {text}"));
        let previous: Vec<Plan> = previous.iter().map(|text| plan(text)).collect();
        let errors = check_next(&previous, &plan(next), &|_, _| None, "p.toml", next).0;
        let found: Vec<(&str, String)> = errors.iter().map(refusal_marked).collect();
        let effective = next.lines().find_map(|line| line.strip_prefix("effective = ")).expect("a date");
        assert!(found.iter().all(|(code, at)| (*code, at.as_str()) == ("plan-mid-month", effective)), "{found:?}");
        !found.is_empty()
    }

    #[test]
    fn usage_is_paid_by_one_rule_a_month() {
        let one = version(1, "2027-01-01", USAGE);
        let changed = USAGE.replace("10%", "12%");
        assert!(refused(&[&one], &version(2, "2027-03-16", &changed)));
        assert!(!refused(&[&one], &version(2, "2027-03-01", &changed)), "it begins with a month");
        assert!(!refused(&[&one], &version(2, "2027-03-16", USAGE)), "nothing changes");
        assert!(!refused(&[&one], &version(2, "2027-03-16", &format!("title = \"C\"\n{USAGE}"))), "only the title");
        assert!(!refused(&[&one], &version(2, "2027-03-16", &USAGE.replace("measure", "title = \"u\"\nmeasure"))));
        let renamed = version(2, "2027-03-16", &changed).replace("id = \"c\"", "id = \"d\"");
        assert!(!refused(&[&one], &renamed), "another id");
        let booked = "measure = { booking = \"arr\" }\nrate = \"10%\"\n";
        assert!(refused(&[&one], &version(2, "2027-03-16", booked)), "usage before it would never be paid");
        let bookings = version(1, "2027-01-01", booked);
        assert!(!refused(&[&bookings], &version(2, "2027-03-16", &booked.replace("10%", "12%"))));
    }

    #[test]
    fn the_plan_around_a_component_changes_its_figures() {
        let one = version(1, "2027-01-01", USAGE);
        let two = version(2, "2027-03-16", USAGE);
        let with = |key: &str| two.replace("[[component]]", &format!("{key}\n[[component]]"));
        assert!(refused(&[&one], &with("year-start = 2")));
        assert!(refused(&[&one], &with("rounding = \"half-even\"")));
        assert!(refused(&[&one], &with("after-leaving = \"forfeit\"")));
        assert!(!refused(&[&one], &with("terms = \"of the year\"")));
    }

    #[test]
    fn versions_that_are_not_neighbours_meet_in_a_month() {
        let one = version(1, "2027-01-01", USAGE);
        let without = version(2, "2027-03-10", USAGE).replace("id = \"c\"", "id = \"d\"");
        let changed = USAGE.replace("10%", "12%");
        assert!(refused(&[&one, &without], &version(3, "2027-03-20", &changed)));
        assert!(!refused(&[&one, &without], &version(3, "2027-04-20", &changed)));
        // A version that replaces another one from its first day on does not meet it.
        assert!(!refused(&[&version(1, "2027-03-10", USAGE)], &version(2, "2027-03-10", &changed)));
        // A version that is published late may end in the midst of a month, where an earlier one begins.
        assert!(refused(&[&version(1, "2027-03-10", USAGE)], &version(2, "2027-01-01", &changed)));
    }
}
