//! What an item earns before rounding: rates, tiers, fixed amounts (calculation.md 6).

use ledger::exact::Exact;

use crate::earning::curve;
use crate::evaluation_fault::EvaluationFault;
use crate::measure::Cell;
use crate::plan::{Component, Curve, Earned, Mode, Rate, Threshold, Tier, TierRate};
use crate::why::{Formula, Step, StepKind};

/// An item's value within its performance period.
pub struct PeriodAmounts<'q> {
    /// The sum of the values of earlier items of the period.
    pub before: Exact,
    /// The value of the item.
    pub value: Exact,
    /// The sum of the values of all items of the period up to E. Complete only where rates apply from the first unit.
    pub total: Exact,
    pub quota: Option<&'q Exact>,
}

/// From its threshold on, this rate; the first band reaches below every threshold.
struct Band {
    from: Option<Exact>,
    rate: Exact,
}

/// The exact amount that the item earns, and the step that says so.
pub fn earned(cell: Cell<'_, '_>, component: &Component, standing: &PeriodAmounts<'_>) -> (Exact, Option<Step>) {
    match &component.earned {
        Earned::Amount(amount) => {
            let amount = amount.exact();
            let earned = &amount * &standing.value;
            let formula = || Formula::default().number("amount", &amount).sign(" * ").number("count", &standing.value);
            let step = cell.context.explains().then(|| formula().step(StepKind::Rate, &earned, []));
            (earned, step)
        }
        Earned::Curve { curve, mode } => by_curve(cell, curve, *mode, standing),
        // A target needs its period as well: see target.rs.
        Earned::Target { .. } => unreachable!("BUG: a target is not rated"),
        Earned::Rate { base, tiers, mode } => {
            let bands = bands(cell, component, base, tiers, standing.quota);
            let (from, to) = match mode {
                Mode::Marginal => (standing.before.clone(), &standing.before + &standing.value),
                Mode::PerItem => (Exact::ZERO, standing.value.clone()),
                Mode::Retroactive => return retroactive(cell, &bands, standing),
            };
            marginal(cell, &bands, from, to)
        }
    }
}

/// The rise of the curve while the running total passes over the item.
fn by_curve(cell: Cell<'_, '_>, points: &Curve, mode: Mode, standing: &PeriodAmounts<'_>) -> (Exact, Option<Step>) {
    let before = match mode {
        Mode::PerItem => Exact::ZERO,
        Mode::Marginal | Mode::Retroactive => standing.before.clone(),
    };
    let after = &before + &standing.value;
    let earned = curve::at(points, &after) - curve::at(points, &before);
    let step = cell.context.explains().then(|| {
        let formula = curve::how(points, &after, "total with this item", Formula::default()).sign(" - (");
        curve::how(points, &before, "total before", formula).sign(")").step(StepKind::Rate, &earned, [])
    });
    (earned, step)
}

/// Percent tiers do not apply without a quota: the base rate alone pays.
fn bands(cell: Cell<'_, '_>, component: &Component, base: &Rate, tiers: &[Tier], quota: Option<&Exact>) -> Vec<Band> {
    let base = match base {
        Rate::Written(rate) => rate.clone(),
        Rate::Assigned => assigned_rate(cell, component),
    };
    let applying = tiers.iter().filter_map(|tier| {
        let from = match &tier.from {
            Threshold::Amount(amount) => amount.clone(),
            Threshold::Quota(part) => part * quota?,
        };
        let rate = match &tier.rate {
            TierRate::Times(times) => &base * times,
            TierRate::Rate(rate) => rate.clone(),
        };
        Some(Band { from: Some(from), rate })
    });
    let mut bands: Vec<Band> = applying.collect();
    bands.insert(0, Band { from: None, rate: base });
    bands
}

fn assigned_rate(cell: Cell<'_, '_>, component: &Component) -> Exact {
    let assignment = cell.term.assignment.fact;
    if let Some(rate) = assignment.rates.get(&component.id) {
        return rate.exact();
    }
    let (payee, plan, at) = (assignment.payee.clone(), assignment.plan.clone(), cell.term.first);
    cell.context.fault(EvaluationFault::NoAssignedRate { payee, plan, component: component.id.clone(), at });
    Exact::ZERO
}

/// Each band's rate on the part of the item inside it; a negative value runs back down.
fn marginal(cell: Cell<'_, '_>, bands: &[Band], from: Exact, to: Exact) -> (Exact, Option<Step>) {
    let falls = to < from;
    let (low, high) = if falls { (&to, &from) } else { (&from, &to) };
    let mut earned = Exact::ZERO;
    let mut formula = Formula::default();
    for (index, band) in bands.iter().enumerate() {
        let next = bands.get(index + 1).and_then(|next| next.from.as_ref());
        let start = band.from.as_ref().map_or(low, |from| if from > low { from } else { low });
        let end = next.map_or(high, |next| if next < high { next } else { high });
        if end <= start {
            continue;
        }
        let inside = if falls { start - end } else { end - start };
        earned += &(&inside * &band.rate);
        if cell.context.explains() {
            let name = band.from.as_ref().map_or("part".to_owned(), |from| format!("part from {from}"));
            formula = formula.plus().number(&name, &inside).sign(" * ").number("rate", &band.rate);
        }
    }
    let step = cell.context.explains().then(|| formula.step(StepKind::Rate, &earned, []));
    (earned, step)
}

/// The band of the period's total for every item, from the first unit.
fn retroactive(cell: Cell<'_, '_>, bands: &[Band], standing: &PeriodAmounts<'_>) -> (Exact, Option<Step>) {
    let reached = bands.iter().rev().find(|band| band.from.as_ref().is_none_or(|from| *from <= standing.total));
    let rate = &reached.expect("the first band has no threshold").rate;
    let earned = &standing.value * rate;
    let formula = || {
        Formula::default()
            .number("value", &standing.value)
            .sign(" * ")
            .number(&format!("rate at a total of {}", standing.total), rate)
    };
    let step = cell.context.explains().then(|| formula().step(StepKind::Rate, &earned, []));
    (earned, step)
}
