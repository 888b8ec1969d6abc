//! Draws: when they begin, how long they last, and how they come back.

use crate::read::draw::{DrawForm, DrawText, On};
use crate::read::plan::PlanText;
use crate::read::table::written;
use crate::refusal::{DrawRefusal, PlanReport, PlanWarning};

/// An advance needs an end, or it would be paid for ever, and a beginning, which cannot be guessed.
pub fn an_advance_says_how_long_and_from_when(plan: &PlanText, report: &mut PlanReport<'_>) {
    for draw in draws(plan, DrawForm::Advance) {
        if !draw.months.is_written() {
            report.refuse(draw.spot, DrawRefusal::AdvanceWithoutMonths);
        }
        if !draw.on.is_written() {
            report.refuse(draw.spot, DrawRefusal::AdvanceWithoutStart);
        }
    }
}

/// A guarantee is a floor under a month, not under a booking.
pub fn a_guarantee_is_no_advance(plan: &PlanText, report: &mut PlanReport<'_>) {
    for draw in draws(plan, DrawForm::Guarantee).filter(|draw| draw.on.value == Some(On::Booking)) {
        report.refuse(draw.on.at, DrawRefusal::GuaranteeOnBooking);
    }
}

pub fn motions_need_bookings(plan: &PlanText, report: &mut PlanReport<'_>) {
    for draw in plan.draws.items().iter().filter(|draw| draw.on.value != Some(On::Booking)) {
        let unreadable = draw.on.is_written() && draw.on.value.is_none();
        if let (Some(motion), false) = (draw.motion.mark(), unreadable) {
            report.refuse(motion.key, DrawRefusal::MotionWithoutBooking);
        }
    }
}

pub fn recovery_needs_something_recoverable(plan: &PlanText, report: &mut PlanReport<'_>) {
    let given = |draw: &&DrawText| draw.recoverable.value == Some(false) || !draw.recoverable.is_written();
    for draw in plan.draws.items().iter().filter(given) {
        for key in written([draw.recover_after.mark(), draw.recover_rate.mark()]) {
            report.refuse(key.key, DrawRefusal::NotRecoverable { key: key.name });
        }
    }
}

/// Warns if `recoverable` is not written, because then the payee keeps the money.
pub fn recoverable_is_said(plan: &PlanText, report: &mut PlanReport<'_>) {
    for draw in plan.draws.items().iter().filter(|draw| !draw.recoverable.is_written()) {
        report.warn(draw.spot, PlanWarning::RecoverableUnsaid);
    }
}

fn draws(plan: &PlanText, kind: DrawForm) -> impl Iterator<Item = &DrawText> {
    plan.draws.items().iter().filter(move |draw| draw.kind.value == Some(kind))
}

#[cfg(test)]
mod tests {
    use crate::check::check;
    use crate::check::example::{HEAD, found, refused};
    use crate::plan::DrawKind;

    fn draw(kind: &str, keys: &str) -> String {
        format!("{HEAD}[[draw]]\nid = \"d\"\nkind = \"{kind}\"\namount = \"2000.50\"\n{keys}\n")
    }

    #[test]
    fn draws_say_when_and_how_long() {
        for (kind, keys, code, meant) in [
            ("advance", "on = \"booking\"", "plan-missing", "[[draw]]"),
            ("advance", "months = 6", "plan-missing", "[[draw]]"),
            ("advance", "on = \"booking\"\nmonths = 0", "plan-value", "0"),
            ("advance", "on = \"booking\"\nmonths = 121", "plan-value", "121"),
            ("advance", "on = \"booking\"\nmonths = 6.0", "plan-value", "6.0"),
            ("advance", "on = \"assignment\"\nmonths = 6\nmotion = \"x\"", "plan-no-effect", "motion"),
            ("guarantee", "motion = [\"x\"]", "plan-no-effect", "motion"),
            ("guarantee", "on = \"booking\"", "plan-draw", "\"booking\""),
            ("guarantee", "recoverable = false\nrecover-after = \"1 month\"", "plan-no-effect", "recover-after"),
            ("guarantee", "recover-rate = \"50%\"", "plan-no-effect", "recover-rate"),
            ("guarantee", "recoverable = true\nrecover-rate = \"101%\"", "plan-value", "\"101%\""),
            ("guarantee", "recoverable = true\nrecover-after = \"30 days\"", "plan-value", "\"30 days\""),
            ("guarantee", "recoverable = \"yes\"", "plan-value", "\"yes\""),
            ("garantee", "recoverable = true", "plan-value", "\"garantee\""),
        ] {
            assert_eq!(refused(&draw(kind, keys)), [(code, meant.to_owned())], "{kind}: {keys}");
        }
        let zero = draw("guarantee", "").replace("\"2000.50\"", "0");
        assert_eq!(refused(&zero), [("plan-value", "0".to_owned())]);
    }

    #[test]
    fn a_guarantee_begins_with_the_assignment_and_lasts_as_long() {
        let checked = check("p.toml", &draw("guarantee", ""));
        let plan = checked.plan.expect("a plan");
        assert_eq!(plan.draws[0].kind, DrawKind::Guarantee);
        assert_eq!((plan.draws[0].months, plan.draws[0].recoverable), (None, false));
        assert_eq!(found(&draw("guarantee", "")).1, [("plan-warn-recoverable", "[[draw]]".to_owned())]);
        assert_eq!(found(&draw("guarantee", "recoverable = true\nmonths = 120")).1, []);
    }
}
