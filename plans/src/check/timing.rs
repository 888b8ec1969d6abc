//! Triggers, anchors and ends: each installment and clawback has its day, and no key about it does nothing.

use ledger::date::Span;

use crate::plan::{Anchor, Measure, Otherwise, Period};
use crate::read::component::ComponentText;
use crate::read::table::{TextField, written};
use crate::refusal::{InstallmentRefusal, PlanRefusal, PlanReport};

pub fn dates_are_in_order(component: &ComponentText, report: &mut PlanReport<'_>) {
    if let (Some(from), Some(until)) = (component.from.value, component.until.value)
        && until < from
    {
        report.refuse(component.until.at, PlanRefusal::DatesOutOfOrder { from, until });
    }
}

pub fn an_installment_has_one_trigger(component: &ComponentText, report: &mut PlanReport<'_>) {
    for part in component.installments.items() {
        let triggers = written([part.after.mark(), part.consumed.mark(), part.signal.mark()]);
        if let [first, second, ..] = triggers.as_slice() {
            let (first, second, key) = (first.name, second.name, second.key);
            report.refuse(key, InstallmentRefusal::InstallmentWithTwoTriggers { first, second });
        }
    }
}

pub fn a_clawback_has_one_trigger(component: &ComponentText, report: &mut PlanReport<'_>) {
    for part in component.clawbacks.items() {
        let triggers = written([part.after.mark(), part.signal.mark(), part.on.mark()]);
        match triggers.as_slice() {
            [] => report.refuse(part.spot, InstallmentRefusal::ClawbackWithoutTrigger),
            [_] => {}
            [first, second, ..] => {
                let (first, second, key) = (first.name, second.name, second.key);
                report.refuse(key, InstallmentRefusal::ClawbackWithTwoTriggers { first, second });
            }
        }
    }
}

/// What is counted from an anchor, of installments and clawbacks alike.
struct CountedFrom<'c> {
    after: &'c TextField<Span>,
    of: &'c TextField<Anchor>,
    within: &'c TextField<Span>,
    /// Whether the day is not known beforehand: it comes with usage, a signal, a cancellation, or by waiting.
    open: bool,
}

fn counted(component: &ComponentText) -> Vec<CountedFrom<'_>> {
    let installments = component.installments.items().iter().map(|part| CountedFrom {
        after: &part.after,
        of: &part.of,
        within: &part.within,
        open: part.consumed.is_written()
            || part.signal.is_written()
            || (part.when.is_written() && part.otherwise.value == Some(Otherwise::Wait)),
    });
    let clawbacks = component.clawbacks.items().iter().map(|part| CountedFrom {
        after: &part.after,
        of: &part.of,
        within: &part.within,
        open: part.signal.is_written() || part.on.is_written(),
    });
    installments.chain(clawbacks).collect()
}

pub fn an_anchor_is_counted_from(component: &ComponentText, report: &mut PlanReport<'_>) {
    for part in counted(component) {
        if let (Some(of), false, false) = (part.of.mark(), part.after.is_written(), part.within.is_written()) {
            report.refuse(of.key, InstallmentRefusal::AnchorWithoutSpan);
        }
    }
}

/// A limit before the earliest possible day prevents everything, and a limit that is never exceeded has no effect.
/// The latter is certain only if both spans count from the item's date: a booking may be signed long after its start.
pub fn within_leaves_time(component: &ComponentText, report: &mut PlanReport<'_>) {
    let no_start = matches!(component.measure.value, Some(Measure::Usage { .. }));
    for part in counted(component) {
        let Some(within) = part.within.value else { continue };
        let after = part.after.value.unwrap_or(Span::Days(0));
        let of_item = no_start || part.of.value == Some(Anchor::Item);
        let readable = part.after.value.is_some() == part.after.is_written();
        if part.after.value.is_some() && always_shorter(within, after) {
            report.refuse(part.within.at, InstallmentRefusal::NeverHappens { within, after });
        } else if readable && of_item && !part.open && never_shorter(within, after) {
            let key = part.within.key.unwrap_or(part.within.at);
            report.refuse(key, InstallmentRefusal::WithinWithoutEffect { within });
        }
    }
}

pub fn otherwise_follows_a_condition(component: &ComponentText, report: &mut PlanReport<'_>) {
    for part in component.installments.items() {
        if let (Some(otherwise), false) = (part.otherwise.mark(), part.when.is_written()) {
            report.refuse(otherwise.key, InstallmentRefusal::OtherwiseWithoutCondition);
        }
    }
}

/// Growth is measured anew until its performance period ends, so it cannot be due before.
pub fn growth_is_due_when_its_period_ends(component: &ComponentText, report: &mut PlanReport<'_>) {
    let (Some(Measure::Growth { .. }), Some(due)) = (&component.measure.value, component.due.value) else { return };
    let period = component.period.value.unwrap_or(Period::Month).months();
    if due.months() < period {
        report.refuse(component.due.at, InstallmentRefusal::DueBeforePeriodEnds { period });
    }
}

/// Whether `a` ends before `b` from whatever day both are counted.
fn always_shorter(a: Span, b: Span) -> bool {
    match (a, b) {
        (Span::Days(a), Span::Days(b)) | (Span::Months(a), Span::Months(b)) => a < b,
        (Span::Days(_), Span::Months(_)) | (Span::Months(_), Span::Days(_)) => days(a).1 < days(b).0,
    }
}

/// Whether `a` ends with `b` or later, from whatever day both are counted.
fn never_shorter(a: Span, b: Span) -> bool {
    match (a, b) {
        (Span::Days(a), Span::Days(b)) | (Span::Months(a), Span::Months(b)) => a >= b,
        (Span::Days(_), Span::Months(_)) | (Span::Months(_), Span::Days(_)) => days(a).0 >= days(b).1,
    }
}

/// How many days a span has at least and at most.
fn days(span: Span) -> (u32, u32) {
    match span {
        Span::Days(days) => (u32::from(days), u32::from(days)),
        Span::Months(months) => (u32::from(months) * 28, u32::from(months) * 31),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::example::{HEAD, accepts, refused, refuses};

    const PART: &str = "[[component.installment]]\nid = \"a\"\nshare = \"100%\"\n";
    const BACK: &str = "[[component.clawback]]\nid = \"b\"\n";

    #[test]
    fn each_part_has_one_day() {
        refuses(&[
            (&format!("{PART}after = \"1 day\"\nsignal = \"s\""), "plan-trigger", "signal"),
            (&format!("{PART}after = \"1 day\"\nconsumed = \"5%\""), "plan-trigger", "consumed"),
            (&format!("{BACK}after = \"1 day\"\non = \"cancellation\""), "plan-trigger", "on"),
            (BACK, "plan-trigger", "[[component.clawback]]"),
            (&format!("{BACK}on = \"cancelation\""), "plan-value", "\"cancelation\""),
            (&format!("{PART}after = \"1 week\""), "plan-value", "\"1 week\""),
            (&format!("{PART}consumed = \"0%\""), "plan-value", "\"0%\""),
        ]);
    }

    #[test]
    fn keys_about_the_day_do_something() {
        refuses(&[
            (&format!("{PART}of = \"item\""), "plan-no-effect", "of"),
            (&format!("{BACK}signal = \"s\"\nof = \"item\""), "plan-no-effect", "of"),
            (&format!("{PART}otherwise = \"wait\""), "plan-no-effect", "otherwise"),
            (&format!("{PART}after = \"90 days\"\nwithin = \"89 days\""), "plan-never", "\"89 days\""),
            (&format!("{BACK}after = \"12 months\"\nwithin = \"300 days\""), "plan-never", "\"300 days\""),
            (&format!("{PART}of = \"item\"\nafter = \"90 days\"\nwithin = \"90 days\""), "plan-no-effect", "within"),
            (&format!("{PART}of = \"item\"\nwithin = \"90 days\""), "plan-no-effect", "within"),
            ("from = 2027-02-01\nuntil = 2027-01-31", "plan-dates", "2027-01-31"),
        ]);
        let waits = "when = { metric = \"csat\", at-least = 5 }\notherwise = \"wait\"\n";
        accepts(&[
            "from = 2027-02-01\nuntil = \"2027-02-01\"",
            &format!("{PART}within = \"90 days\""),
            &format!("{PART}after = \"90 days\"\nwithin = \"90 days\""),
            &format!("{PART}of = \"item\"\nafter = \"90 days\"\nwithin = \"180 days\"\n{waits}"),
            &format!("{PART}of = \"item\"\nsignal = \"s\"\nwithin = \"90 days\""),
            &format!("{BACK}on = \"cancellation\"\nof = \"item\"\nwithin = \"90 days\""),
        ]);
    }

    #[test]
    fn growth_is_due_no_sooner_than_its_period_ends() {
        let growth = |keys: &str| {
            refused(&format!(
                "{HEAD}[[component]]\nid = \"c\"\nmeasure = {{ growth = \"90 days\" }}\nrate = \"5%\"\n{keys}\n"
            ))
        };
        let short = growth("period = \"half\"\ndue = \"quarter-end\"");
        assert_eq!(short, [("plan-due", "\"quarter-end\"".to_owned())]);
        for keys in ["due = \"quarter-end\"", "period = \"half\"\ndue = \"half-end\"", "due = \"year-end\""] {
            assert_eq!(growth(keys), [], "{keys}");
        }
        refuses(&[("due = \"month-end\"", "plan-value", "\"month-end\"")]);
    }

    #[test]
    fn spans_in_two_units_are_compared_only_where_it_is_sure() {
        let (quarter, days) = (Span::Months(3), Span::Days);
        assert!(always_shorter(days(83), quarter));
        assert!(!always_shorter(days(90), quarter));
        assert!(!never_shorter(days(92), quarter));
        assert!(never_shorter(days(93), quarter));
    }
}
