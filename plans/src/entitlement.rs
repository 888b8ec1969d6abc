//! What a payee is due: a column of stages from facts to lines (calculation.md 1-8).

use std::collections::BTreeMap;

use ledger::date::{Day, Month};
use ledger::exact::Exact;
use ledger::fact::Nature;
use ledger::fact::item_key::ItemKey;
use ledger::id::{AccountId, ComponentId, Name, PlanId};
use ledger::money::{Currency, Money};
use projections::lines::LineName;

use crate::calendar::PeriodSpan;
use crate::context::Context;
use crate::earning::cap::{item_cap, period_cap};
use crate::earning::quota::{PeriodQuota, period_quota};
use crate::earning::rate::{PeriodAmounts, earned};
use crate::earning::target;
use crate::evaluation_fault::{EarlyUsage, EvaluationFault, EvaluationGap, PaidWithoutQuota, UsageEndsEarly};
use crate::incremental::carry_forward::{KnownSums, PreviousTotals, ResumedTotals, RunningTotals, Sums, Total};
use crate::incremental::recompute_scope::RecomputeScope;
use crate::item::{Item, Subject};
use crate::measure::{Cell, items, target_reached};
use crate::payment::clawback::{ClawbackLine, clawbacks, next_clawback};
use crate::payment::due::due_day;
use crate::payment::forfeited::{ForfeitCause, Forfeited, JudgedCondition, judged};
use crate::payment::installment::{Release, cause_of, parts, whole};
use crate::plan::{Condition, Earned, Measure};
use crate::rulebook::Published;
use crate::term::{Term, terms};
use crate::why::{Detail, Formula, Step, StepKind};

/// The entitlement of one line: what it amounts to by the evaluation date E.
#[derive(Clone, Debug)]
pub struct Entitled {
    /// The amount, whatever was posted of it before.
    pub amount: Money,
    /// The date of the item; the later one where two assignments have it.
    pub date: Day,
    /// The account of the item; `None` where it is over several accounts, or of none.
    pub account: Option<AccountId>,
    /// The day on which it is due.
    pub due: Day,
    /// Whether it is earned, clawed back or adjusted.
    pub nature: Nature,
    /// The version of the plan that it is by; `None` for an adjustment.
    pub version: Option<u32>,
    /// The steps from facts to the amount, if reasons were asked for.
    pub why: Vec<Step>,
}

/// The result of evaluating one payee.
#[derive(Default)]
pub struct Entitlement {
    /// The lines by currency and name.
    pub lines: BTreeMap<(Currency, LineName), Entitled>,
    /// The attainment of each component in the performance period of E. Empty if only figures were asked for.
    pub attainment: Vec<Attainment>,
    /// Installments that are not due yet.
    pub pending: Vec<Pending>,
    /// Installments that will not be paid. Empty if only figures were asked for.
    pub forfeited: Vec<Forfeited>,
    /// Items that must be recomputed on a date although nothing changed, with the earliest such date.
    pub wake_ups: BTreeMap<WakeUpKey, Day>,
    /// Running totals of the performance period of E, unless it ends on E. The next close starts from them.
    pub totals: RunningTotals,
    /// The values of items that are a month's sum over contracts. The next close starts from them.
    pub sums: Sums,
}

/// Items to be recomputed together: those of a component and month, and of an account if items have one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct WakeUpKey {
    /// The plan.
    pub plan: PlanId,
    /// The component.
    pub component: ComponentId,
    /// The month in which the items are dated.
    pub month: Month,
    /// The account of the items; `None` if they are over several accounts, or of none.
    pub account: Option<AccountId>,
}

/// What a payee has reached in the performance period of E, under one component and assignment.
pub struct Attainment {
    /// The currency of the plan.
    pub currency: Currency,
    /// The plan.
    pub plan: PlanId,
    /// The component.
    pub component: ComponentId,
    /// The name of the performance period, such as `2027-Q1`.
    pub period: String,
    /// The performance period.
    pub span: PeriodSpan,
    /// The first and the last day of the assignment in the period.
    pub days: (Day, Day),
    /// The sum of the items' values, or the level, so far.
    pub credited: Exact,
    /// The quota of the period, or the goal of a level; `None` if there is none.
    pub quota: Option<Exact>,
    /// The amount earned from the period's items, due or not.
    pub earned_to_date: Money,
}

/// An installment that is not due yet.
#[derive(Clone)]
pub struct Pending {
    /// The plan.
    pub plan: PlanId,
    /// The component.
    pub component: ComponentId,
    /// The key of the item.
    pub item: ItemKey,
    /// The id of the installment.
    pub part: Name,
    /// The amount that will be due.
    pub amount: Money,
    /// The day on which it is due, if one is known.
    pub on: Option<Day>,
    /// The trigger and the conditions that it waits for, in words.
    pub waiting_for: Vec<String>,
    /// The day on which its conditions were judged last, without deciding; `None` if they were not judged yet.
    pub judged_on: Option<Day>,
    /// The conditions as they were on that day. Empty if only figures were asked for.
    pub conditions: Vec<JudgedCondition>,
    /// The steps to the amount, if reasons were asked for.
    pub why: Vec<Step>,
}

/// The entitlement of one payee: everything that calculation.md 1-8 defines.
pub fn entitlement<'k>(context: &Context<'k>, payee: &'k str) -> Entitlement {
    let all = RecomputeScope::all();
    let mut result = entitlement_of(context, payee, None, |_, _| &all);
    adjustments(context, payee, &mut result);
    result
}

/// The entitlement of one payee as far as it has to be recomputed. `scope` gives the items of each component to
/// recompute; `last` is what the previous close left. Adjustments are not included.
pub fn entitlement_of<'k, 'w>(
    context: &Context<'k>,
    payee: &'k str,
    last: Option<PreviousTotals<'_, 'k>>,
    scope: impl Fn(&Term<'k>, &'k ComponentId) -> &'w RecomputeScope,
) -> Entitlement {
    let mut result = Entitlement::default();
    for term in terms(context.view, payee) {
        for component in context.rules.component_ids(term.plan(), context.view.visibility) {
            let scope = scope(&term, component);
            if scope.lines.is_empty() || !scope.values.meets(term.first, term.last) {
                continue;
            }
            let totals = last.and_then(|last| last.totals.months(term.plan(), component));
            let (region, resumed) = scope.resume(totals, term.first, context.day);
            let known = last.zip(scope.summed.as_ref());
            let known = known.and_then(|(last, changed)| KnownSums::of(last, term.plan(), component, changed));
            let cell = Cell { context, payee, term, component, within: None, region: &region, known };
            let items = items(cell);
            let (earnings, running) = earnings(cell, &items, &resumed);
            attainment(cell, &items, &earnings, &mut result);
            leave_totals(cell, scope, &items, &running, &mut result);
            if scope.summed.is_some() {
                let sums = items.iter().map(|item| ((term.first, Month::of(item.date)), item.value.clone()));
                result.sums.months_mut(&term.assignment.fact.plan, component).extend(sums);
            }
            for (item, earning) in items.iter().zip(earnings) {
                if scope.lines.contains(item.subject.account.as_ref(), item.date) {
                    release(cell, item, earning, &mut result);
                }
            }
        }
    }
    result
}

/// What an item earned, rounded and capped.
struct Earning {
    amount: Money,
    why: Vec<Step>,
}

/// Sums over the items up to each one, so that the sum of any range is one subtraction. The first items of a period
/// are missing where the running total of the previous close takes their place.
struct Running<'t> {
    values: Vec<Exact>,
    /// The amounts after the cap of each item, in minor units.
    left_minor: Vec<i128>,
    taken: &'t ResumedTotals<'t>,
}

impl Running<'_> {
    /// The running total of an item's period before the item.
    fn before(&self, items: &[Item<'_>], period: PeriodSpan, day: Day, index: usize) -> Total {
        let (start, taken) = self.taken.before(period, day);
        let first = items.partition_point(|other| other.date < start);
        let (value, left_minor) = (self.value_between(first, index), self.left_minor[index] - self.left_minor[first]);
        match taken {
            Some(total) => Total { value: &total.value + &value, left_minor: total.left_minor + left_minor },
            None => Total { value, left_minor },
        }
    }

    fn value_between(&self, from: usize, to: usize) -> Exact {
        &self.values[to] - &self.values[from]
    }
}

/// Takes all items of a cell through quota, rate, rounding and caps. Running totals continue over versions of the
/// plan.
fn earnings<'t>(cell: Cell<'_, '_>, items: &[Item<'_>], taken: &'t ResumedTotals<'t>) -> (Vec<Earning>, Running<'t>) {
    let values = items.iter().scan(Exact::ZERO, |sum, item| {
        *sum += &item.value;
        Some(sum.clone())
    });
    let values = [Exact::ZERO].into_iter().chain(values).collect();
    let mut quotas: BTreeMap<(u32, PeriodSpan), Option<PeriodQuota>> = BTreeMap::new();
    let mut running = Running { values, left_minor: vec![0], taken };
    let mut earnings = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let plan = item.plan();
        let period = PeriodSpan::of(item.component.period, plan.year_start, item.date);
        let quota = quotas.entry((plan.version, period)).or_insert_with(|| period_quota(cell, item.component, period));
        let first = items.partition_point(|other| other.date < period.first_day());
        let last = items.partition_point(|other| other.date <= period.last_day());
        let before = running.before(items, period, item.date, index);
        let standing = PeriodAmounts {
            before: before.value,
            value: item.value.clone(),
            pays: item.pays.clone(),
            total: running.value_between(first, last),
            quota: quota.as_ref().map(|quota| &quota.amount),
        };
        note_missing_quota(cell, item, quota.as_ref());
        let mut why = item.why.clone();
        let (exact, steps) = before_rounding(cell, item, &standing, period, quota.as_ref());
        why.extend(steps);
        let rounded = rounded(cell, item, &exact, &mut why);
        let capped = item_cap(rounded, item.component.cap_item);
        let before = Money { minor: before.left_minor, currency: plan.currency };
        let amount = period_cap(before, capped, item.component.cap_period);
        if cell.context.explains() && (item.component.cap_item.is_some() || item.component.cap_period.is_some()) {
            why.extend(cap_steps(item, rounded, capped, before, amount));
        }
        running.left_minor.push(running.left_minor[index] + capped.minor);
        earnings.push(Earning { amount, why });
    }
    (earnings, running)
}

/// What a single item of a value earns in a performance period, rounded and capped, before installments. `published` is the
/// version that rates it.
pub(crate) fn earned_by_one_item(
    cell: Cell<'_, '_>,
    published: &Published,
    period: PeriodSpan,
    value: &Exact,
) -> Money {
    let component = published.plan.component(cell.component.as_str()).expect("BUG: a cell without its component");
    let pays = match component.measure {
        Measure::Booking { pays: Some(_), .. } => Some(value.clone()),
        _ => None,
    };
    let item = Item {
        key: period.key(published.plan.year_start),
        date: period.last_day(),
        value: value.clone(),
        pays,
        published,
        component,
        subject: Subject::default(),
        why: Vec::new(),
    };
    let (earnings, _) = earnings(cell, std::slice::from_ref(&item), &ResumedTotals::default());
    earnings[0].amount
}

/// Adds the running totals that the next close can start from: at the end of each recomputed month, if its period
/// goes on.
fn leave_totals(
    cell: Cell<'_, '_>,
    scope: &RecomputeScope,
    items: &[Item<'_>],
    running: &Running<'_>,
    result: &mut Entitlement,
) {
    let (Some((period, year_start)), day, term) = (scope.runs, cell.context.day, cell.term) else { return };
    let period = PeriodSpan::of(period, year_start, day);
    if period.last_day() <= day || term.last < period.first_day() || day < term.first {
        return;
    }
    let months =
        period.each_month().filter(|month| month.last() <= day && cell.region.meets(month.first(), month.last()));
    for month in months {
        let behind = items.partition_point(|item| item.date <= month.last());
        let total = running.before(items, period, month.last(), behind);
        result.totals.months_mut(&term.assignment.fact.plan, cell.component).insert((term.first, month), total);
    }
}

/// The exact amount that an item earns: by rate, amount, curve or target.
fn before_rounding(
    cell: Cell<'_, '_>,
    item: &Item<'_>,
    standing: &PeriodAmounts<'_>,
    period: PeriodSpan,
    quota: Option<&PeriodQuota>,
) -> (Exact, Vec<Step>) {
    if let Earned::Target { share, curve, goal } = &item.component.earned {
        return target::earned(cell, item.component, (share, curve, goal.as_ref()), &item.value, period, quota);
    }
    let (exact, step) = earned(cell, item.component, standing);
    let steps = if cell.context.explains() { standing_steps(standing, quota) } else { Vec::new() };
    (exact, steps.into_iter().chain(step).collect())
}

fn rounded(cell: Cell<'_, '_>, item: &Item<'_>, exact: &Exact, why: &mut Vec<Step>) -> Money {
    let plan = item.plan();
    let rounded = Money::round(exact, plan.currency, plan.rounding).unwrap_or_else(|| {
        let payee = cell.term.assignment.fact.payee.clone();
        cell.context.fault(EvaluationFault::EarningTooLarge { payee, item: item.key.to_string() });
        Money::zero(plan.currency)
    });
    if cell.context.explains() {
        why.push(Step::rounding(StepKind::Rounding, exact, plan.currency.digits(), &rounded.exact(), plan.rounding));
    }
    rounded
}

/// Notes that tiers or a target have no effect because the quota is missing.
fn note_missing_quota(cell: Cell<'_, '_>, item: &Item<'_>, quota: Option<&PeriodQuota>) {
    let needs = match &item.component.earned {
        Earned::Rate { tiers, .. } => tiers.iter().any(|tier| matches!(tier.from, crate::plan::Threshold::Quota(_))),
        Earned::Target { goal, .. } => goal.is_none(),
        Earned::Amount(_) | Earned::Curve { .. } => false,
    };
    if quota.is_none() && needs {
        let assignment = cell.term.assignment.fact;
        let paid = match item.component.earned {
            Earned::Target { .. } => PaidWithoutQuota::Nothing,
            Earned::Rate { .. } | Earned::Amount(_) | Earned::Curve { .. } => PaidWithoutQuota::BaseRate,
        };
        cell.context.note_gap(EvaluationGap::NoQuota {
            payee: assignment.payee.clone(),
            plan: assignment.plan.clone(),
            component: item.component.id.clone(),
            date: item.date,
            paid,
        });
    }
}

fn standing_steps(standing: &PeriodAmounts<'_>, quota: Option<&PeriodQuota>) -> Vec<Step> {
    let Some(quota) = quota else { return Vec::new() };
    let after = (&standing.before + &standing.value) / &quota.amount;
    let formula = Formula::default()
        .sign("(")
        .number("earlier items", &standing.before)
        .sign(" + ")
        .number("this item", &standing.value);
    let attainment = formula.sign(") / ").number("quota", &quota.amount).step(StepKind::Attainment, &after, []);
    quota.step.iter().cloned().chain([attainment]).collect()
}

fn cap_steps(item: &Item<'_>, rounded: Money, capped: Money, before: Money, amount: Money) -> Vec<Step> {
    let mut steps = Vec::new();
    if let Some(cap) = item.component.cap_item {
        let formula = Formula::default()
            .sign("min(")
            .number("earned", &rounded.exact())
            .sign(", ")
            .number("cap", &cap.exact())
            .sign(")");
        steps.push(formula.step(StepKind::Cap, &capped.exact(), [item.published.position]));
    }
    if let Some(cap) = item.component.cap_period {
        let formula = Formula::default()
            .sign("min(")
            .number("cap", &cap.exact())
            .sign(", ")
            .number("earlier items", &before.exact());
        let formula = formula
            .sign(" + ")
            .number("earned", &capped.exact())
            .sign(") - min(")
            .number("cap", &cap.exact())
            .sign(", ");
        steps.push(formula.number("earlier items", &before.exact()).sign(")").step(
            StepKind::Cap,
            &amount.exact(),
            [item.published.position],
        ));
    }
    steps
}

/// Turns the installments and clawbacks of an item into lines, pending amounts and wake-ups.
fn release(cell: Cell<'_, '_>, item: &Item<'_>, earning: Earning, result: &mut Entitlement) {
    let day = cell.context.day;
    let parts = parts(cell.context, cell.payee, item, earning.amount);
    let clawbacks = clawbacks(cell.context, item, &parts);
    let coming = parts.iter().filter_map(|part| match part.release {
        Release::Pending { again, .. } => again,
        Release::Due(judged) => Some(due_day(item, judged)).filter(|due| *due > day),
        Release::Forfeited(_) | Release::Lapsed => None,
    });
    let coming = coming.chain(clawbacks.lines.iter().map(|taken| taken.due).filter(|due| *due > day));
    let undecided = (!clawbacks.undecided.is_empty()).then(|| day.next());
    // Zero amounts schedule no wake-up.
    let comes_up = coming.chain(next_clawback(cell.context, item)).chain(undecided).min();
    if let Some(day) = comes_up.filter(|_| !earning.amount.is_zero()) {
        let (plan, component) = (item.plan().id.clone(), item.component.id.clone());
        let (month, account) = (Month::of(item.date), item.subject.account.clone());
        let known = result.wake_ups.entry(WakeUpKey { plan, component, month, account }).or_insert(day);
        *known = day.min(*known);
    }
    for waits in clawbacks.undecided {
        let waiting_for = vec![format!("usage through {}", waits.through)];
        let wait = Wait { on: Some(waits.on), judged_on: Some(waits.on), waiting_for };
        add_pending(cell, item, (waits.id, waits.at_most), wait, waits.why, result);
    }
    for taken in clawbacks.lines {
        let ClawbackLine { id: part, amount, due, early, why } = taken;
        note_early(cell, item, &part, early, -amount);
        add(cell, item, NewLine { part, amount, due, nature: Nature::Clawback, why }, result);
    }
    for part in parts {
        let why =
            if cell.context.explains() { earning.why.iter().cloned().chain(part.why).collect() } else { Vec::new() };
        let (amount, judged) = match part.release {
            Release::Due(judged) => (part.amount, judged),
            Release::Forfeited(judged) => {
                note_early(cell, item, &part.id, part.early, part.amount);
                forfeit(cell, item, (&part.id, part.amount), Some(judged), &why, result);
                (Money::zero(part.amount.currency), judged)
            }
            Release::Pending { on, judged_on, waiting_for, .. } => {
                let wait = Wait { on: on.map(|on| due_day(item, on)), judged_on, waiting_for };
                add_pending(cell, item, (part.id, part.amount), wait, why, result);
                continue;
            }
            Release::Lapsed => {
                forfeit(cell, item, (&part.id, part.amount), None, &why, result);
                continue;
            }
        };
        let due = due_day(item, judged);
        add(cell, item, NewLine { part: part.id, amount, due, nature: Nature::Earned, why }, result);
    }
}

/// Notes what a payee loses by a condition that was decided, on a day, on usage that ends before its window does.
fn note_early(cell: Cell<'_, '_>, item: &Item<'_>, part: &Name, early: Option<(Day, EarlyUsage)>, amount: Money) {
    let Some((on, usage)) = early else { return };
    if amount.is_positive() {
        cell.context.note_gap(EvaluationGap::UsageEndsEarly(UsageEndsEarly {
            payee: cell.term.assignment.fact.payee.clone(),
            plan: item.plan().id.clone(),
            component: item.component.id.clone(),
            item: item.key.clone(),
            part: part.clone(),
            on,
            usage,
            currency: amount.currency,
            lost_minor: amount.minor,
        }));
    }
}

/// Until when, and for what, something is pending.
struct Wait {
    /// The day on which it is due, if that is known.
    on: Option<Day>,
    /// The day on which its conditions were judged last, if they were.
    judged_on: Option<Day>,
    /// The trigger and the conditions, in words.
    waiting_for: Vec<String>,
}

/// Adds a pending amount. One of 0 only if reasons were asked for.
fn add_pending(
    cell: Cell<'_, '_>,
    item: &Item<'_>,
    (part, amount): (Name, Money),
    wait: Wait,
    why: Vec<Step>,
    result: &mut Entitlement,
) {
    if !is_shown(cell.context, amount) {
        return;
    }
    let Wait { on, judged_on, waiting_for } = wait;
    let conditions = match judged_on {
        Some(day) if cell.context.detail != Detail::Figures => {
            judged(cell.context, item, conditions_of(item, &part), day)
        }
        Some(_) | None => Vec::new(),
    };
    let (plan, component, item) = (item.plan().id.clone(), item.component.id.clone(), item.key.clone());
    let pending = Pending { plan, component, item, part, amount, on, waiting_for, judged_on, conditions, why };
    result.pending.push(pending);
}

/// The conditions of the installment or clawback of an id.
fn conditions_of<'c>(item: &Item<'c>, part: &Name) -> &'c [Condition] {
    let installment = item.component.installments.iter().find(|one| one.id == *part).map(|one| &one.when);
    let clawback = || item.component.clawbacks.iter().find(|one| one.id == *part).map(|one| &one.when);
    installment.or_else(clawback).map_or(&[], Vec::as_slice)
}

/// Whether a pending or forfeited amount is in the result. One of 0 is only if reasons were asked for: somebody may ask why.
fn is_shown(context: &Context<'_>, amount: Money) -> bool {
    !amount.is_zero() || context.explains()
}

/// Adds what is forfeited on a day, or for good.
fn forfeit(
    cell: Cell<'_, '_>,
    item: &Item<'_>,
    (part, amount): (&Name, Money),
    on: Option<Day>,
    why: &[Step],
    result: &mut Entitlement,
) {
    let context = cell.context;
    if context.detail == Detail::Figures || !is_shown(context, amount) {
        return;
    }
    let written = item.component.installments.iter().find(|installment| installment.id == *part);
    let installment = &written.cloned().unwrap_or_else(whole);
    let cause = cause_of(context, cell.payee, item, installment, on);
    // Where time or an end decided, a condition of that day decided nothing.
    let conditions = match cause {
        ForfeitCause::Conditions => judged(context, item, &installment.when, on.unwrap_or(context.day)),
        ForfeitCause::Late | ForfeitCause::Ended => Vec::new(),
    };
    result.forfeited.push(Forfeited {
        plan: item.plan().id.clone(),
        component: item.component.id.clone(),
        item: item.key.clone(),
        part: part.clone(),
        amount,
        on,
        cause,
        conditions,
        why: why.to_vec(),
    });
}

/// An installment or clawback of an item, before it is added to the lines.
struct NewLine {
    part: Name,
    amount: Money,
    due: Day,
    nature: Nature,
    why: Vec<Step>,
}

/// Adds to a line. The line of two assignments to one plan is their sum, and is due on the earlier of the two days. A part
/// that is due after E, at the end of a longer period, is no line yet but a pending amount.
fn add(cell: Cell<'_, '_>, item: &Item<'_>, line: NewLine, result: &mut Entitlement) {
    let NewLine { part, amount, due, nature, why } = line;
    if due > cell.context.day {
        let wait = Wait { on: Some(due), judged_on: None, waiting_for: Vec::new() };
        return add_pending(cell, item, (part, amount), wait, why, result);
    }
    let plan = item.plan();
    let name = LineName {
        plan: Some(plan.id.clone()),
        component: item.component.id.clone(),
        item: item.key.clone(),
        part: Some(part),
    };
    let (date, account) = (item.date, item.subject.account.clone());
    let fresh = Entitled { amount, date, account, due, nature, version: Some(plan.version), why };
    let key = (plan.currency, name);
    match result.lines.get_mut(&key) {
        None => drop(result.lines.insert(key, fresh)),
        Some(known) => {
            if cell.context.explains() {
                let sum = known.amount + amount;
                let formula = Formula::default().number("one assignment", &known.amount.exact()).sign(" + ");
                let formula = formula.number("another", &amount.exact());
                known.why.extend(fresh.why);
                known.why.push(formula.step(StepKind::Change, &sum.exact(), []));
            }
            known.amount += amount;
            known.date = known.date.max(date);
            known.due = known.due.min(due);
            known.version = known.version.max(fresh.version);
        }
    }
}

/// Adds the adjustments of a payee that are dated up to E. Each is a line that is named by its fact's id and due on
/// its date.
pub fn adjustments(context: &Context<'_>, payee: &str, result: &mut Entitlement) {
    for adjustment in context.view.adjustments(payee).filter(|adjustment| adjustment.fact.at <= context.day) {
        let fact = adjustment.fact;
        let amount = projections::lines::money(fact.amount, fact.currency);
        let component = ComponentId::new("adjustment").expect("a name");
        let name = LineName { plan: None, component, item: ItemKey::Fact(adjustment.stored.id), part: None };
        let formula = || {
            Formula::default().number("amount", &amount.exact()).step(
                StepKind::Change,
                &amount.exact(),
                [adjustment.position],
            )
        };
        let why = if context.explains() { vec![formula()] } else { Vec::new() };
        let (date, account, due) = (fact.at, None, fact.at);
        let line = Entitled { amount, date, account, due, nature: Nature::Adjustment, version: None, why };
        result.lines.insert((fact.currency, name), line);
    }
}

/// Adds the attainment in the performance period of E, if the assignment has begun.
fn attainment(cell: Cell<'_, '_>, items: &[Item<'_>], earnings: &[Earning], result: &mut Entitlement) {
    let context = cell.context;
    if context.detail == Detail::Figures || !cell.term.contains(context.day.min(cell.term.last)) {
        return;
    }
    let Some(published) = context.rules.in_force(cell.term.plan(), context.day, context.view.visibility) else {
        return;
    };
    let Some(component) = published.plan.component(cell.component.as_str()) else { return };
    let period = PeriodSpan::of(component.period, published.plan.year_start, context.day);
    let inside = || items.iter().zip(earnings).filter(|(item, _)| period.contains(item.date));
    let (credited, against) = match &component.earned {
        Earned::Target { goal, .. } => {
            let reached = target_reached(cell, context.day).filter(|(reached, _)| *reached == period);
            (reached.map_or(Exact::ZERO, |(_, value)| value), goal.clone())
        }
        Earned::Rate { .. } | Earned::Amount(_) | Earned::Curve { .. } => {
            (inside().map(|(item, _)| item.value.clone()).sum(), None)
        }
    };
    let quota = against.or_else(|| period_quota(cell, component, period).map(|quota| quota.amount));
    if credited.is_zero() && quota.is_none() {
        return;
    }
    result.attainment.push(Attainment {
        currency: published.plan.currency,
        plan: published.plan.id.clone(),
        component: component.id.clone(),
        period: period.key(published.plan.year_start).to_string(),
        span: period,
        days: (cell.term.first.max(period.first_day()), cell.term.last.min(period.last_day())),
        credited,
        quota,
        earned_to_date: Money::sum(published.plan.currency, inside().map(|(_, earning)| earning.amount)),
    });
}
