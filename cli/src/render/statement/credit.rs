//! What an item counts for, as a seller would check it: its credit, the baseline under it, the attainment it is paid by,
//! what a cap left of it; and how far the payee is in the period.

use ledger::exact::Exact;
use ledger::fact::item_key::ItemKey;
use ledger::money::Money;
use plans::entitlement::Attainment;
use plans::plan::{Component, Earned, Measure, Plan, SignalValue};
use plans::why::{Step, StepKind};
use replay::statements::statement::{Line, two_decimals};

use crate::render::amount::{amount, grouped, rounded_percent};
use crate::render::statement::item::BookView;

/// Behind the item's name; nothing where that says it already.
pub fn words(line: &Line, why: &[Step], component: Option<&Component>, view: BookView<'_>) -> String {
    let summed = why.iter().filter(|step| is_sum(step)).count();
    match component.map(|component| (&component.earned, &component.measure)) {
        None => String::new(),
        Some(_) if summed > 0 => format!(", the sum of {} assignments", summed + 1),
        Some((Earned::Target { goal, .. }, _)) => target(why, if goal.is_some() { "goal" } else { "quota" }),
        Some((Earned::Rate { .. } | Earned::Amount(_) | Earned::Curve { .. }, measure)) => {
            credit(line, why, measure, view)
        }
    }
}

/// Two assignments with one name are one line.
fn is_sum(step: &Step) -> bool {
    step.step == StepKind::Change && step.inputs.len() > 1
}

fn target(why: &[Step], against: &str) -> String {
    let mut rates = why.iter().filter(|step| step.step == StepKind::Rate).map(|step| &step.out);
    let reached = why.iter().find(|step| step.step == StepKind::Attainment);
    match (reached, rates.next()) {
        (Some(reached), Some(pay)) => {
            let on_target = rates.next().filter(|_| !pay.is_zero()).map(|earned| earned / pay);
            let of = on_target
                .map_or_else(String::new, |full| format!(" of the target pay of {}", grouped(&two_decimals(&full))));
            format!(
                ", {} of the {against} reached, which pays {}{of}",
                rounded_percent(&reached.out),
                rounded_percent(pay)
            )
        }
        (Some(_), None) => format!(", no {against}, which pays nothing"),
        (None, _) => String::new(),
    }
}

fn credit(line: &Line, why: &[Step], measure: &Measure, view: BookView<'_>) -> String {
    let is_item = |step: &&Step| matches!(step.step, StepKind::Credit | StepKind::Baseline);
    let steps: Vec<&Step> = why.iter().take_while(is_item).collect();
    let (Some(first), Some(last)) = (steps.first(), steps.last()) else { return String::new() };
    let credited = grouped(&two_decimals(&last.out));
    let is_converted = first.inputs.iter().any(|(name, _)| name.starts_with("exchange rate"));
    let credited = if is_converted { format!("{credited} {}", line.amount.currency) } else { credited };
    if steps.iter().any(|step| step.step == StepKind::Baseline) {
        let what = if matches!(measure, Measure::Growth { .. }) { "run rate" } else { "used" };
        let before = grouped(&two_decimals(&first.out));
        let baseline = grouped(&two_decimals(&(&first.out - &last.out)));
        return if last.out.is_zero() {
            format!(", {what} {before} is not above the baseline")
        } else {
            format!(", {what} {before} less the baseline of {baseline}, credited {credited}")
        };
    }
    if let (Measure::Booking { value, pays: Some(pays) }, [by, on]) = (measure, &steps[..]) {
        let is_said = |amount, step: &Step| {
            let ItemKey::Booking(booking) = &line.name.item else { return false };
            !is_converted && view.booked(booking, amount).as_ref() == Some(&step.out)
        };
        let number = |step: &Step| grouped(&two_decimals(&step.out));
        let is_said = is_said(value, by) && is_said(pays, on);
        return if is_said { String::new() } else { format!(", credited {}, paid on {}", number(by), number(on)) };
    }
    let is_said = !is_converted && said(line, measure, view).is_some_and(|said| said == last.out);
    if is_said { String::new() } else { format!(", credited {credited}") }
}

/// What the item's name says of its worth.
fn said(line: &Line, measure: &Measure, view: BookView<'_>) -> Option<Exact> {
    match (measure, &line.name.item) {
        (Measure::Booking { value, .. }, ItemKey::Booking(booking)) => view.booked(booking, value),
        (Measure::Signal { value: SignalValue::Count, .. }, _) => Some(Exact::ONE),
        (Measure::Signal { value: SignalValue::Value, .. }, ItemKey::Fact(id)) => view.signal_value(*id),
        _ => None,
    }
}

/// What a cap took away of what was earned; two assignments have no one such number.
pub fn capped(why: &[Step], currency: ledger::money::Currency) -> Option<String> {
    let first = why.iter().position(|step| step.step == StepKind::Cap)?;
    let last = why.iter().rposition(|step| step.step == StepKind::Cap)?;
    let (before, after) = (&why.get(first.checked_sub(1)?)?.out, &why[last].out);
    let money = |value: &Exact| Money::round(value, currency, ledger::exact::Rounding::HalfUp).map(amount);
    let is_summed = why.iter().any(is_sum);
    (before != after && !is_summed).then_some(())?;
    Some(format!("the cap leaves {} of {} earned", money(after)?, money(before)?))
}

/// How far the payee is. A level, as a score or a retention, is reached and not credited.
pub fn attainment(row: &Attainment, rows: &[&Attainment], plan: Option<&Plan>) -> String {
    let component = plan.and_then(|plan| plan.component(row.component.as_str()));
    let measure = component.map(|component| &component.measure);
    let is_level = measure.is_some_and(Measure::is_level);
    let number = |value: &Exact| match measure {
        Some(Measure::Retention { .. }) => rounded_percent(value),
        Some(_) | None => grouped(&two_decimals(value)),
    };
    let of = row.quota.as_ref().map_or_else(String::new, |quota| {
        let word = if is_level { "goal" } else { "quota" };
        format!(" of the {word} of {}, which is {}", number(quota), rounded_percent(&(&row.credited / quota)))
    });
    let word = if is_level { "reached" } else { "credited" };
    let (credited, earned) = (number(&row.credited), amount(row.earned_to_date));
    let has_installments = component.is_some_and(|component| !component.installments.is_empty());
    let earned = if has_installments {
        format!("{earned} of commission, pending and forfeited included")
    } else {
        format!("{earned} earned")
    };
    format!("In {} so far{}: {credited} {word}{of}; {earned}.", period(row, plan), assigned(row, rows))
}

/// A fiscal period carries the year in which it ends, and few sellers know its months by heart.
fn period(row: &Attainment, plan: Option<&Plan>) -> String {
    let is_fiscal = plan.is_some_and(|plan| plan.year_start != 1) && row.span.months > 1;
    if is_fiscal {
        format!("fiscal {} ({} to {})", row.period, row.span.first, row.span.first.plus(row.span.months - 1))
    } else {
        row.period.clone()
    }
}

/// Where two assignments meet in a period, each has its own row.
fn assigned(row: &Attainment, rows: &[&Attainment]) -> String {
    match rows.len() {
        0 | 1 => String::new(),
        _ => format!(" (assigned {} to {})", row.days.0, row.days.1),
    }
}
