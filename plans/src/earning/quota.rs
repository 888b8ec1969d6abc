//! The quota of a performance period, with ramp and proration (calculation.md 5).

use ledger::date::Month;
use ledger::exact::Exact;
use projections::position::Position;

use crate::calendar::PeriodSpan;
use crate::measure::Cell;
use crate::plan::{Component, Prorate, Quota};
use crate::term::Term;
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
    let part = |month| QuotaMonth {
        month,
        ramp: ramp(cell, component, month),
        active: active_quota(&cell.term, component.prorate, period, month),
    };
    let parts: Vec<QuotaMonth> = period.each_month().map(part).collect();
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

/// The sum of the period's monthly active fractions, as target pay counts them.
pub fn active_months(cell: Cell<'_, '_>, component: &Component, period: PeriodSpan) -> Exact {
    period.each_month().map(|month| active(&cell.term, component.prorate, month)).sum()
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

/// The fraction of a month's quota that counts. From the start of the assignment it goes on past its end, so that who
/// leaves keeps the quota; but where the payee has another assignment to the plan that starts later in the period, that
/// one has its own part of the quota.
fn active_quota(term: &Term<'_>, prorate: Prorate, period: PeriodSpan, month: Month) -> Exact {
    let is_succeeded = term.next_first.is_some_and(|next| period.contains(next));
    match prorate {
        Prorate::Start if !is_succeeded => of_month(term.days_from_first(month), month),
        Prorate::Start | Prorate::Days | Prorate::None => active(term, prorate, month),
    }
}

/// The fraction of a month in which the assignment is active.
fn active(term: &Term<'_>, prorate: Prorate, month: Month) -> Exact {
    let days = term.active_days(month);
    match prorate {
        Prorate::Days | Prorate::Start => of_month(days, month),
        Prorate::None => Exact::from(i32::from(days > 0)),
    }
}

fn of_month(days: i32, month: Month) -> Exact {
    Exact::ratio(i128::from(days), i128::from(month.days()))
}

/// The entry for the calendar months since `ramp-from`: before it the first, past the end all of the quota.
fn ramp(cell: Cell<'_, '_>, component: &Component, month: Month) -> Exact {
    let since = month.number() - Month::of(cell.term.ramp_from()).number();
    let entry = component.ramp.get(since.max(0) as usize);
    entry.cloned().unwrap_or(Exact::ONE)
}
