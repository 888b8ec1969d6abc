//! Target pay: a part of the assignment's annual target, by attainment of the period (calculation.md 6).

use ledger::exact::Exact;

use crate::calendar::PeriodSpan;
use crate::earning::curve;
use crate::earning::quota::{PeriodQuota, active_months};
use crate::measure::Cell;
use crate::plan::{Component, Curve};
use crate::why::{Formula, Step, StepKind};

/// The amount that the item of a target earns; 0 without a quota or goal to compute attainment with.
pub fn earned(
    cell: Cell<'_, '_>,
    component: &Component,
    (share, points, goal): (&Exact, &Curve, Option<&Exact>),
    value: &Exact,
    period: PeriodSpan,
    quota: Option<&PeriodQuota>,
) -> (Exact, Vec<Step>) {
    let Some(against) = goal.or(quota.map(|quota| &quota.amount)) else {
        let step = || Formula::default().number("no quota", &Exact::ZERO).step(StepKind::Attainment, &Exact::ZERO, []);
        return (Exact::ZERO, cell.context.explains().then(step).into_iter().collect());
    };
    let attainment = value / against;
    let pay = curve::at(points, &attainment);
    let annual = cell.term.assignment.fact.target.map_or(Exact::ZERO, |target| target.exact());
    let active = active_months(cell, component, period);
    let year = Exact::from(12);
    let earned = &(&(share * &annual) * &active) / &year * pay.clone();
    if !cell.context.explains() {
        return (earned, Vec::new());
    }
    let reached = Formula::default()
        .number("reached", value)
        .sign(" / ")
        .number(if goal.is_some() { "goal" } else { "quota" }, against);
    let formula =
        Formula::default().number("part of the target", share).sign(" * ").number("annual target", &annual).sign(" * ");
    let formula = formula
        .number("active months", &active)
        .sign(" / ")
        .number("months of a year", &year)
        .sign(" * ")
        .number("pay", &pay);
    let steps = vec![
        reached.step(StepKind::Attainment, &attainment, []),
        curve::how(points, &attainment, "attainment", Formula::default()).step(StepKind::Rate, &pay, []),
        formula.step(StepKind::Rate, &earned, [cell.term.assignment.position]),
    ];
    (earned, quota.and_then(|quota| quota.step.clone()).filter(|_| goal.is_none()).into_iter().chain(steps).collect())
}
