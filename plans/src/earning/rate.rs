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
    /// The amount that is paid on, if it is another one than the value.
    pub pays: Option<Exact>,
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
            let (earned, formula) = match mode {
                Mode::Marginal => marginal(cell, &bands, standing.before.clone(), &standing.before + &standing.value),
                Mode::PerItem => marginal(cell, &bands, Exact::ZERO, standing.value.clone()),
                Mode::Retroactive => retroactive(cell, &bands, standing),
            };
            let (earned, formula) = match &standing.pays {
                Some(pays) => paid_on(pays, &standing.value, earned, formula),
                None => (earned, formula),
            };
            let step = cell.context.explains().then(|| formula.step(StepKind::Rate, &earned, []));
            (earned, step)
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
fn marginal(cell: Cell<'_, '_>, bands: &[Band], from: Exact, to: Exact) -> (Exact, Formula) {
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
    (earned, formula)
}

/// The band of the period's total for every item, from the first unit.
fn retroactive(cell: Cell<'_, '_>, bands: &[Band], standing: &PeriodAmounts<'_>) -> (Exact, Formula) {
    let reached = bands.iter().rev().find(|band| band.from.as_ref().is_none_or(|from| *from <= standing.total));
    let rate = &reached.expect("the first band has no threshold").rate;
    let earned = &standing.value * rate;
    let mut formula = Formula::default();
    if cell.context.explains() {
        let name = format!("rate at a total of {}", standing.total);
        formula = formula.number("value", &standing.value).sign(" * ").number(&name, rate);
    }
    (earned, formula)
}

/// The pay on another amount than the value: each part of the value that lies in a band pays on the part of that amount
/// in proportion. Where the value is 0, nothing is paid. `earned` is the pay on the value.
fn paid_on(pays: &Exact, value: &Exact, earned: Exact, formula: Formula) -> (Exact, Formula) {
    if value.is_zero() {
        let formula = Formula::default().number("paid on", pays).sign(" * ").number("value", value);
        return (Exact::ZERO, formula);
    }
    let formula = formula.in_parentheses().sign(" * ").number("paid on", pays).sign(" / ").number("value", value);
    (&(&earned * pays) / value, formula)
}
