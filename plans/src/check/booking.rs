//! Refuses keys about a booking where items have none.
//!
//! Burn, consumption, terms and cancellations belong to a booking. Usage has no booking. A signal may name one, so
//! these keys are accepted for signals.

use crate::plan::{Anchor, Cancellation, Condition, Measure, Take};
use crate::read::component::ComponentText;
use crate::read::payment::clawback::ClawbackText;
use crate::read::payment::condition::ConditionText;
use crate::read::payment::installment::InstallmentText;
use crate::read::report::Spot;
use crate::read::table::{TextField, WrittenKey};
use crate::refusal::{MeasureKind, MeasureRefusal, PlanReport};

/// Without a commitment burn is 100 %, so a gate on the burn of usage would always be open.
pub fn usage_has_no_booking(component: &ComponentText, report: &mut PlanReport<'_>) {
    let Some(measure) = component.measure.value.as_ref().filter(|measure| !may_have_booking(measure)) else { return };
    let kind = kind(measure);
    let filter = component.filter.value.as_ref();
    let mut needs: Vec<(&'static str, Spot)> = Vec::new();
    needs.extend(filter.into_iter().flat_map(|filter| [filter.motion.mark(), filter.product.mark()]).filter_map(key));
    needs.extend([component.cancellation.mark(), component.after_cancellation.mark()].into_iter().filter_map(key));
    component.installments.items().iter().for_each(|part| needs.extend(of_installment(part)));
    component.clawbacks.items().iter().for_each(|part| needs.extend(of_clawback(part)));
    for (name, spot) in needs {
        report.refuse(spot, MeasureRefusal::NeedsBooking { key: name, measure: kind });
    }
}

/// `restate` values a cancelled booking at 0. A signal is no booking, even if it names one.
pub fn only_bookings_are_restated(component: &ComponentText, report: &mut PlanReport<'_>) {
    if let (Some(Measure::Signal { .. }), Some(Cancellation::Restate)) =
        (&component.measure.value, component.cancellation.value)
    {
        report.refuse(component.cancellation.at, MeasureRefusal::SignalRestated);
    }
}

fn may_have_booking(measure: &Measure) -> bool {
    match measure {
        Measure::Booking { .. } | Measure::Signal { .. } => true,
        Measure::Usage { .. } | Measure::Growth { .. } | Measure::Metric { .. } | Measure::Retention { .. } => false,
    }
}

fn kind(measure: &Measure) -> MeasureKind {
    match measure {
        Measure::Booking { .. } => MeasureKind::Booking,
        Measure::Signal { .. } => MeasureKind::Signal,
        Measure::Usage { .. } => MeasureKind::Usage,
        Measure::Growth { .. } => MeasureKind::Growth,
        Measure::Metric { .. } => MeasureKind::Metric,
        Measure::Retention { .. } => MeasureKind::Retention,
    }
}

fn key(mark: Option<WrittenKey>) -> Option<(&'static str, Spot)> {
    mark.map(|mark| (mark.name, mark.key))
}

fn of_installment(part: &InstallmentText) -> Vec<(&'static str, Spot)> {
    key(part.consumed.mark()).into_iter().chain(start(&part.of)).chain(burn(part.when.items())).collect()
}

fn of_clawback(part: &ClawbackText) -> Vec<(&'static str, Spot)> {
    let take = match part.take_back.value {
        Some(Take::RemainingMonths) => Some(("remaining-months", part.take_back.at)),
        Some(Take::Unconsumed(_)) => Some(("unconsumed", part.take_back.at)),
        Some(Take::Share(_)) | None => None,
    };
    key(part.on.mark()).into_iter().chain(take).chain(start(&part.of)).chain(burn(part.when.items())).collect()
}

fn start(of: &TextField<Anchor>) -> Option<(&'static str, Spot)> {
    match of.value {
        Some(Anchor::Start) => Some(("of = \"start\"", of.at)),
        Some(Anchor::Item) | None => None,
    }
}

fn burn(conditions: &[ConditionText]) -> impl Iterator<Item = (&'static str, Spot)> {
    conditions.iter().filter_map(|text| match text.condition {
        Condition::Burn { .. } => Some(("burn", text.spot)),
        Condition::Metric { .. } | Condition::Signal(_) => None,
    })
}

#[cfg(test)]
mod tests {
    use crate::check::example::{HEAD, refused};

    fn under(measure: &str, keys: &str) -> Vec<(&'static str, String)> {
        refused(&format!("{HEAD}[[component]]\nid = \"c\"\nmeasure = {measure}\nrate = \"5%\"\n{keys}\n"))
    }

    #[test]
    fn usage_knows_no_booking() {
        let part = "[[component.installment]]\nid = \"a\"\nshare = \"100%\"\n";
        let back = "[[component.clawback]]\nid = \"b\"\n";
        let burn = "{ burn = \"90 days\", at-least = \"25%\" }";
        for (keys, meant) in [
            ("where = { motion = \"renewal\" }".to_owned(), "motion"),
            ("where = { product = [\"p\"], segment = \"s\" }".to_owned(), "product"),
            ("cancellation = \"keep\"".to_owned(), "cancellation"),
            ("after-cancellation = \"pay\"".to_owned(), "after-cancellation"),
            (format!("{part}consumed = \"75%\""), "consumed"),
            (format!("{part}after = \"90 days\"\nof = \"start\""), "\"start\""),
            (format!("{part}after = \"90 days\"\nwhen = [{burn}]"), burn),
            (format!("{back}on = \"cancellation\""), "on"),
            (format!("{back}signal = \"s\"\ntake-back = \"remaining-months\""), "\"remaining-months\""),
            (
                format!("{back}signal = \"s\"\ntake-back = {{ unconsumed = \"6 months\" }}"),
                "{ unconsumed = \"6 months\" }",
            ),
        ] {
            assert_eq!(under("{ usage = \"amount\" }", &keys), [("plan-no-booking", meant.to_owned())], "{keys}");
            assert_eq!(under("{ signal = \"s\", value = \"value\" }", &keys), [], "{keys}");
            assert_eq!(under("{ booking = \"arr\" }", &keys), [], "{keys}");
        }
    }

    #[test]
    fn only_bookings_are_restated() {
        let restate = "cancellation = \"restate\"";
        assert_eq!(under("{ booking = \"arr\" }", restate), []);
        for (measure, meant) in
            [("{ usage = \"amount\" }", "cancellation"), ("{ signal = \"s\", value = \"value\" }", "\"restate\"")]
        {
            assert_eq!(under(measure, restate), [("plan-no-booking", meant.to_owned())]);
        }
    }
}
