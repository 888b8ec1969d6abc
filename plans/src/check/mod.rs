//! Checks a plan as a compiler checks a program: first the shape of the text, then its meaning. All mistakes are
//! reported at once.

mod booking;
mod cliff;
mod curves;
mod decimals;
mod doubts;
mod draws;
pub(crate) mod earn;
mod gates;
mod ids;
mod quota;
mod shares;
mod tiers;
mod timing;
mod version;

#[cfg(test)]
pub(crate) mod example;
#[cfg(test)]
mod mutations;

use crate::plan::Plan;
use crate::read;
use crate::read::component::ComponentText;
use crate::read::plan::PlanText;
use crate::refusal::{PlanRefusals, PlanReport, PlanWarnings};

pub use crate::check::version::check_next;

/// The result of a check.
#[derive(Clone, PartialEq, Debug)]
pub struct Checked {
    /// The plan; `None` if there are errors.
    pub plan: Option<Plan>,
    /// Why the text is refused, in the order of the text.
    pub errors: PlanRefusals,
    /// What is valid but probably a mistake, in the order of the text.
    pub warnings: PlanWarnings,
}

/// A check of meaning. Values that could not be read were refused before, and are skipped.
type PlanCheck = fn(&PlanText, &mut PlanReport<'_>);
type ComponentCheck = fn(&ComponentText, &mut PlanReport<'_>);

const RULES: [PlanCheck; 13] = [
    ids::something_is_paid,
    ids::component_ids_differ,
    ids::draw_ids_differ,
    decimals::amounts_are_whole_minor_units,
    draws::an_advance_says_how_long_and_from_when,
    draws::a_guarantee_is_no_advance,
    draws::motions_need_bookings,
    draws::recovery_needs_something_recoverable,
    draws::recoverable_is_said,
    cliff::rates_rise,
    cliff::retroactive_tiers_are_cliffs,
    doubts::a_written_quota_is_above_zero,
    doubts::attributes_are_no_misspellings,
];

const COMPONENT_RULES: [ComponentCheck; 35] = [
    ids::part_ids_differ,
    ids::clawbacks_name_installments,
    shares::shares_are_all_of_it,
    earn::there_is_one_way_to_earn,
    earn::an_amount_is_for_a_count,
    earn::pays_goes_with_a_rate,
    earn::tiers_change_a_rate,
    earn::a_mode_is_of_tiers,
    curves::targets_have_what_they_need,
    curves::levels_have_target_and_goal,
    curves::shapes_and_modes_have_a_curve,
    curves::points_climb_in_one_unit,
    curves::rolling_growth_pays_again,
    tiers::thresholds_are_of_one_kind,
    tiers::thresholds_ascend,
    tiers::amounts_beside_a_quota_are_in_quotes,
    quota::ramp_and_prorate_have_a_quota,
    quota::percent_tiers_have_a_quota,
    quota::ramps_by_month_are_of_months,
    timing::dates_are_in_order,
    timing::an_installment_has_one_trigger,
    timing::a_clawback_has_one_trigger,
    timing::an_anchor_is_counted_from,
    timing::within_leaves_time,
    timing::otherwise_follows_a_condition,
    timing::growth_is_due_when_its_period_ends,
    booking::usage_has_no_booking,
    booking::only_bookings_are_restated,
    gates::gates_can_fail,
    gates::gates_look_at_days_in_term,
    doubts::consumed_is_as_fine_as_usage,
    doubts::clawbacks_reach_over_a_period,
    doubts::cancellations_are_dealt_with,
    doubts::rates_are_plausible,
    doubts::named_amounts_are_no_misspellings,
];

/// Checks the text of a plan that comes in. `file` is its name in messages.
pub fn check(file: &str, text: &str) -> Checked {
    checked(file, PlanReport::of(text))
}

/// Checks the text of a plan from a log. Its names follow the rule of the time when it was published.
pub fn check_published(file: &str, text: &str) -> Checked {
    checked(file, PlanReport::of_published(text))
}

fn checked(file: &str, mut report: PlanReport<'_>) -> Checked {
    let read = read::read(&mut report);
    if let Some(plan) = &read {
        RULES.iter().for_each(|rule| rule(plan, &mut report));
        for component in plan.components.items() {
            COMPONENT_RULES.iter().for_each(|rule| rule(component, &mut report));
        }
    }
    let plan = if report.has_refused() {
        None
    } else {
        Some(read.and_then(|text| text.plan()).expect("BUG: a text without mistakes is a plan"))
    };
    let (errors, warnings) = report.findings(file);
    assert!(plan.is_some() == errors.is_empty(), "BUG: a plan is refused without a reason");
    Checked { plan, errors, warnings }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::check::example::{HEAD, component, refused};
    use crate::plan::{Cancellation, Earned, Mode, Period, Prorate, Rate, Threshold, TierRate};
    use crate::read::toml_fault::{KeyHint, TableKind, TomlFault};
    use crate::refusal::PlanRefusal;
    use ledger::exact::{Exact, Rounding};
    use ledger::finding::Finding;
    use std::path::Path;

    #[test]
    fn what_is_not_written_has_its_default() {
        let plan = check("p.toml", &component("tiers = [{ from = 5, times = \"1.5\" }]")).plan.expect("a plan");
        assert_eq!((plan.year_start, plan.rounding), (1, Rounding::HalfUp));
        let part = &plan.components[0];
        assert_eq!((part.period, part.prorate, part.cancellation), (Period::Month, Prorate::Days, Cancellation::Keep));
        let Earned::Rate { base, tiers, mode } = &part.earned else { panic!("a rate") };
        assert_eq!((base, *mode), (&Rate::Written(Exact::ratio(1, 10)), Mode::Marginal));
        assert_eq!(tiers[0].from, Threshold::Amount(Exact::whole(5)));
        assert_eq!(tiers[0].rate, TierRate::Times(Exact::ratio(3, 2)));
    }

    #[test]
    fn every_mistake_is_told_at_once_in_the_order_of_the_text() {
        let text = "plan = \"p\"\nverison = 1\nedition = 2\ncurrency = \"usd\"\neffective = 2027-01-01\n\
                    [[component]]\nid = \" c\"\nmeasure = { boking = \"arr\" }\nrate = 10\nperiod = \"monthly\"\n";
        let expected = [
            ("plan-missing", "p"),
            ("plan-unknown-key", "verison"),
            ("plan-edition", "2"),
            ("plan-value", "\"usd\""),
            ("plan-value", "\" c\""),
            ("plan-unknown-key", "boking"),
            ("plan-value", "10"),
            ("plan-value", "\"monthly\""),
        ];
        assert_eq!(refused(text), expected.map(|(code, meant)| (code, meant.to_owned())));
        let near = |finding: Finding<PlanRefusal>| match finding.what {
            PlanRefusal::Toml(TomlFault::UnknownKey { hint: KeyHint::Nearest(near), .. }) => Some(near.to_owned()),
            PlanRefusal::Toml(TomlFault::Word { nearest, .. }) => nearest,
            _ => None,
        };
        let near: Vec<Option<String>> = check("p.toml", text).errors.into_iter().map(near).collect();
        assert_eq!(
            [&near[1], &near[5], &near[7]].map(Option::as_deref),
            [Some("version"), Some("booking"), Some("month")]
        );
    }

    #[test]
    fn required_keys_are_named() {
        for key in ["plan", "version", "edition", "currency", "effective"] {
            let kept = component("");
            let text: String =
                kept.lines().filter(|line| !line.starts_with(key)).map(|line| format!("{line}\n")).collect();
            let errors = check("p.toml", &text).errors;
            assert_eq!(errors.len(), 1, "{key}");
            assert_eq!(errors[0].what, PlanRefusal::Toml(TomlFault::MissingKey { key, table: TableKind::Plan }));
        }
        let empty = format!("{HEAD}[[component]]\n[[component.installment]]\n[[component.clawback]]\n[[draw]]\n");
        let missing = |name: &str| ("plan-missing", name.to_owned());
        let header = "[[component.installment]]";
        let expected = [
            missing("[[component]]"),
            missing("[[component]]"),
            ("plan-earn", "[[component]]".to_owned()),
            missing(header),
            missing(header),
            missing("[[component.clawback]]"),
            ("plan-trigger", "[[component.clawback]]".to_owned()),
            missing("[[draw]]"),
            missing("[[draw]]"),
            missing("[[draw]]"),
        ];
        assert_eq!(refused(&empty), expected);
    }

    /// The worked examples, read from where they are kept; elsewhere there is nothing to compare with.
    #[test]
    fn the_worked_examples_are_plans() {
        let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
        let Ok(folders) = std::fs::read_dir(shared.join("examples")) else {
            eprintln!("NOT TESTED: ../shared/examples is not there, so no plan of it was read");
            return;
        };
        let mut files: Vec<_> = folders
            .flat_map(|folder| std::fs::read_dir(folder.expect("a folder").path()).into_iter().flatten())
            .map(|file| file.expect("a file").path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
            .collect();
        files.push(shared.join("data/adventureworks/run/plan.toml"));
        for path in &files {
            let text = std::fs::read_to_string(path).expect("an example");
            let name = path.to_string_lossy();
            assert_eq!(check(&name, &text).errors, [], "{name}");
        }
    }
}
