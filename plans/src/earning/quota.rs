//! The quota of a performance period, with ramp and proration (calculation.md 5).

use ledger::date::Month;
use ledger::exact::Exact;
use projections::position::Position;

use crate::calendar::PeriodSpan;
use crate::measure::Cell;
use crate::plan::{Component, Prorate, Quota};
use crate::why::{Formula, Step, StepKind};

/// A period's quota; never zero.
#[derive(Clone)]
pub struct PeriodQuota {
    pub amount: Exact,
    pub step: Option<Step>,
}

/// `None` where there is no quota, or it amounts to 0: percent tiers do not apply then.
pub fn period_quota(cell: Cell<'_, '_>, component: &Component, period: PeriodSpan) -> Option<PeriodQuota> {
    let (full, position) = full_quota(cell, component, period)?;
    let parts: Vec<QuotaMonth> = period.each_month().map(|month| part(cell, component, month)).collect();
    let months = Exact::from(period.months);
    let active: Exact = parts.iter().map(|part| &part.ramp * &part.active).sum();
    let amount = &full * &active * Exact::ratio(1, i128::from(period.months));
    if amount.is_zero() {
        return None;
    }
    let step = cell.context.explains().then(|| {
        let mut formula = Formula::default().number("quota of a full period", &full).sign(" * (");
        for part in &parts {
            formula = formula.plus().number(&format!("ramp {}", part.month), &part.ramp);
            formula = formula.sign(" * ").number(&format!("active {}", part.month), &part.active);
        }
        formula.sign(") / ").number("months", &months).step(StepKind::Quota, &amount, position)
    });
    Some(PeriodQuota { amount, step })
}

/// The sum of the period's monthly active fractions.
pub fn active_months(cell: Cell<'_, '_>, component: &Component, period: PeriodSpan) -> Exact {
    period.each_month().map(|month| part(cell, component, month).active).sum()
}

/// Per full period: the latest dated quota, else the assignment's own, or the amount that the plan writes.
fn full_quota(cell: Cell<'_, '_>, component: &Component, period: PeriodSpan) -> Option<(Exact, Option<Position>)> {
    match component.quota.as_ref()? {
        Quota::Amount(amount) => Some((amount.clone(), None)),
        Quota::Assigned => {
            let (term, view) = (&cell.term, cell.context.view);
            let latest = period.first_day().max(term.first).min(term.last);
            let dated = view.quota(cell.payee, term.plan(), component.id.as_str(), term.first, latest);
            let own = || {
                term.assignment
                    .fact
                    .quota
                    .get(&component.id)
                    .map(|amount| (amount.exact(), Some(term.assignment.position)))
            };
            dated.map(|quota| (quota.fact.amount.exact(), Some(quota.position))).or_else(own)
        }
    }
}

struct QuotaMonth {
    month: Month,
    ramp: Exact,
    active: Exact,
}

fn part(cell: Cell<'_, '_>, component: &Component, month: Month) -> QuotaMonth {
    let days = cell.term.active_days(month);
    let active = match component.prorate {
        Prorate::Days => Exact::ratio(i128::from(days), i128::from(month.days())),
        Prorate::None => Exact::from(i32::from(days > 0)),
    };
    QuotaMonth { month, ramp: ramp(cell, component, month), active }
}

/// The entry for the calendar months since `ramp-from`: before it the first, past the end all of the quota.
fn ramp(cell: Cell<'_, '_>, component: &Component, month: Month) -> Exact {
    let since = month.number() - Month::of(cell.term.ramp_from()).number();
    let entry = component.ramp.get(since.max(0) as usize);
    entry.cloned().unwrap_or(Exact::ONE)
}
