//! Items under a target: one per performance period, named by it, at the date that a level has (calculation.md 6).

use ledger::date::Day;
use ledger::exact::Exact;

use super::cell::{Cell, TargetPeriod};
use super::days::{CountedPeriod, periods};
use super::measured::measured_items;
use super::{metric, retention};
use crate::calendar::PeriodSpan;
use crate::incremental::region::Region;
use crate::item::{Item, Subject};
use crate::plan::{Component, Earned, Measure};
use crate::why::{Formula, Step, StepKind};

pub(super) fn items<'k>(cell: Cell<'_, 'k>) -> Vec<Item<'k>> {
    let visibility = cell.context.view.visibility;
    let versions = cell.context.rules.versions(cell.term.plan(), visibility);
    let mut components = versions.filter_map(|published| published.plan.component(cell.component.as_str()));
    if cell.within.is_some() || !components.any(is_target) {
        return Vec::new();
    }
    // The date is that of the whole period, however early E is.
    let horizon = cell.term.last.min(cell.context.day.plus_months(12));
    let periods = periods(cell, horizon, is_target);
    periods.iter().filter(|counted| counted.date <= cell.context.day).map(|counted| item(cell, counted)).collect()
}

fn is_target(component: &Component) -> bool {
    matches!(component.earned, Earned::Target { .. })
}

fn item<'k>(cell: Cell<'_, 'k>, counted: &CountedPeriod<'k>) -> Item<'k> {
    let (value, why) = value(cell, counted);
    Item {
        key: counted.period.key(counted.published.plan.year_start),
        date: counted.date,
        value,
        pays: None,
        published: counted.published,
        component: counted.component,
        subject: Subject::default(),
        why,
    }
}

/// A level, or the sum of the values of the items that the measure yields by then.
fn value<'k>(cell: Cell<'_, 'k>, counted: &CountedPeriod<'k>) -> (Exact, Vec<Step>) {
    let level = match &counted.component.measure {
        Measure::Metric { name, take } => metric::level(cell, counted, name, *take),
        Measure::Retention { kind, over, meters } => retention::level(cell, counted, *kind, *over, meters),
        Measure::Booking { .. } | Measure::Usage { .. } | Measure::Growth { .. } | Measure::Signal { .. } => {
            return sum(cell, counted);
        }
    };
    (level.0, level.1.into_iter().collect())
}

fn sum<'k>(cell: Cell<'_, 'k>, counted: &CountedPeriod<'k>) -> (Exact, Vec<Step>) {
    let within = TargetPeriod {
        first: counted.period.first_day(),
        last: counted.date,
        published: counted.published,
        component: counted.component,
    };
    let mut region = Region::nothing();
    region.add(None, within.first, within.last);
    let items = measured_items(Cell { within: Some(within), region: &region, known: None, ..cell });
    let total: Exact = items.iter().map(|item| item.value.clone()).sum();
    let mut why = Vec::new();
    if cell.context.explains() {
        let mut formula = Formula::default();
        for item in items {
            formula = formula.plus().number(&item.key.to_string(), &item.value);
            why.extend(item.why);
        }
        why.push(formula.step(StepKind::Credit, &total, [counted.published.position]));
    }
    (total, why)
}

/// What a payee has reached in the target's period with a day: the sum or the level up to E.
pub fn reached<'k>(cell: Cell<'_, 'k>, day: Day) -> Option<(PeriodSpan, Exact)> {
    let periods = periods(cell, cell.last_day(), is_target);
    let counted = periods.into_iter().find(|counted| counted.period.contains(day))?;
    Some((counted.period, value(cell, &counted).0))
}
