//! Curves: points, and what lies between them (calculation.md 6).

use ledger::exact::Exact;

use crate::plan::{Curve, CurveShape};
use crate::why::Formula;

/// The curve at a value: 0 below the first point, the last point's value above the last.
pub fn at(curve: &Curve, value: &Exact) -> Exact {
    let above = curve.points.partition_point(|point| point.at <= *value);
    let Some(low) = above.checked_sub(1).map(|index| &curve.points[index]) else { return Exact::ZERO };
    match (curve.shape, curve.points.get(above)) {
        (CurveShape::Step, _) | (_, None) => low.pay.clone(),
        (CurveShape::Line, Some(high)) => {
            &low.pay + &((&high.pay - &low.pay) * (value - &low.at) / (&high.at - &low.at))
        }
    }
}

/// Appends the calculation of [`at`] to a formula. `name` is the name of the value.
pub fn how(curve: &Curve, value: &Exact, name: &str, formula: Formula) -> Formula {
    let above = curve.points.partition_point(|point| point.at <= *value);
    let Some(low) = above.checked_sub(1).map(|index| &curve.points[index]) else {
        return formula.number("below the first point", &Exact::ZERO);
    };
    match (curve.shape, curve.points.get(above)) {
        (CurveShape::Step, _) | (_, None) => formula.number(&format!("pay from {}", low.at), &low.pay),
        (CurveShape::Line, Some(high)) => {
            let formula = formula.number("pay below", &low.pay).sign(" + (").number("pay above", &high.pay).sign(" - ");
            let formula = formula.number("pay below", &low.pay).sign(") * (").number(name, value).sign(" - ");
            let formula =
                formula.number("point below", &low.at).sign(") / (").number("point above", &high.at).sign(" - ");
            formula.number("point below", &low.at).sign(")")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::CurvePoint;

    fn curve(shape: CurveShape) -> Curve {
        let point = |at, pay| CurvePoint { at: Exact::ratio(at, 100), pay: Exact::ratio(pay, 100) };
        Curve { points: vec![point(50, 0), point(100, 100), point(150, 200)], shape }
    }

    #[test]
    fn lines_are_interpolated_and_steps_held() {
        let percent = |value| Exact::ratio(value, 100);
        for (value, line, step) in
            [(49, 0, 0), (50, 0, 0), (75, 50, 0), (100, 100, 100), (120, 140, 100), (150, 200, 200), (900, 200, 200)]
        {
            assert_eq!(at(&curve(CurveShape::Line), &percent(value)), percent(line), "{value}");
            assert_eq!(at(&curve(CurveShape::Step), &percent(value)), percent(step), "{value}");
        }
    }
}
