//! `curve`: points, in percents beside `target`, else in amounts.

use ledger::exact::Exact;

use crate::plan::{Curve, CurvePoint, CurveShape};
use crate::read::table::{TextField, TomlTable};
use crate::read::toml_fault::{ExpectedValue, TableKind};
use crate::read::value::{self, TomlValue};
use crate::refusal::PlanReport;

pub const POINTS_MAX: usize = 50;

pub const SHAPE: [(&str, CurveShape); 2] = [("line", CurveShape::Line), ("step", CurveShape::Step)];

#[derive(Clone, Debug)]
pub struct PointText {
    pub at: TextField<Coordinate>,
    pub pay: TextField<Coordinate>,
}

/// A percent or an amount. Which of them the curve needs depends on keys that are checked later.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Coordinate {
    Percent(Exact),
    Amount(Exact),
}

impl Coordinate {
    pub fn exact(&self) -> &Exact {
        match self {
            Coordinate::Percent(value) | Coordinate::Amount(value) => value,
        }
    }

    pub fn is_percent(&self) -> bool {
        matches!(self, Coordinate::Percent(_))
    }
}

pub fn points<'t>(value: &'t TomlValue<'t>, report: &mut PlanReport<'_>) -> Option<Vec<PointText>> {
    value::list(value, ExpectedValue::Points, POINTS_MAX, point, report)
}

fn point<'t>(value: &'t TomlValue<'t>, report: &mut PlanReport<'_>) -> Option<PointText> {
    let mut table = TomlTable::of(value, TableKind::Point, report)?;
    let at = table.need("at", coordinate, report);
    let pay = table.need("pay", coordinate, report);
    table.finish(report)?;
    Some(PointText { at, pay })
}

fn coordinate(value: &TomlValue<'_>, report: &mut PlanReport<'_>) -> Option<Coordinate> {
    match value.get_ref().as_str() {
        Some(text) if text.ends_with('%') => value::percent_from_zero(value, report).map(Coordinate::Percent),
        Some(_) | None => value::amount_from_zero(value, report).map(|amount| Coordinate::Amount(amount.exact())),
    }
}

pub fn curve(points: &[PointText], shape: CurveShape) -> Option<Curve> {
    let point = |text: &PointText| {
        Some(CurvePoint { at: text.at.value.as_ref()?.exact().clone(), pay: text.pay.value.as_ref()?.exact().clone() })
    };
    Some(Curve { points: points.iter().map(point).collect::<Option<_>>()?, shape })
}
