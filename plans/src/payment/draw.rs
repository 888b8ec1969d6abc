//! Draws of one month: advances ahead of commission, and guarantees under it (calculation.md 10).

use ledger::date::{Day, Month};
use ledger::exact::Exact;
use ledger::fact::{Booking, Role};
use ledger::id::{Name, PlanId};
use ledger::money::{Currency, Money};
use projections::position::Position;

use crate::context::Context;
use crate::credit::index::Credited;
use crate::incremental::day_ranges::DayRanges;
use crate::incremental::region::Region;
use crate::measure::cancelled_by;
use crate::plan::{Credit, Draw, DrawKind, Plan};
use crate::term::{Term, terms};
use crate::why::{Formula, Step, StepKind};

/// A draw as it is given in the month of the evaluation date E.
#[derive(Clone, Debug)]
pub struct MonthsDraw {
    /// The plan.
    pub plan: PlanId,
    /// The draw's id.
    pub draw: Name,
    /// The id of the booking that it is given for, or the first day of the assignment.
    pub trigger: Name,
    /// The date of the booking or assignment.
    pub triggered: Day,
    /// The amount. Of a guarantee it is the floor, of which only the missing part is paid.
    pub amount: Money,
    /// Whether it is recovered from later commission.
    pub recoverable: bool,
    /// Recovery begins with the first close whose E is on or after this day.
    pub begins: Day,
    /// The fraction of the pay above the guarantee that each close recovers at most.
    pub rate: Exact,
    /// The steps from the plan to the amount, if reasons were asked for.
    pub why: Vec<Step>,
}

/// The draws of a payee in the month of E, each list ordered by plan, draw and trigger.
#[derive(Default)]
pub struct MonthsDraws {
    /// Advances.
    pub advances: Vec<MonthsDraw>,
    /// Guarantees, of which only the highest is given.
    pub guarantees: Vec<MonthsDraw>,
}

/// The draws of a payee in the month of E (calculation.md 10).
pub fn draws<'k>(context: &Context<'k>, payee: &'k str) -> MonthsDraws {
    let mut draws = MonthsDraws::default();
    let month = Month::of(context.day);
    for term in terms(context.view, payee).into_iter().filter(|term| term.active_days(month) > 0) {
        from_assignment(context, &term, month, &mut draws);
        let advancing = advancing(context, &term, month);
        if advancing.is_empty() {
            continue;
        }
        let primary = Credit::Roles(vec![Role::Primary]);
        for credited in context.credit.bookings_for(payee, &primary, &Region::on(advancing)) {
            from_booking(context, payee, &term, credited, month, &mut draws);
        }
    }
    let order = |draw: &MonthsDraw| (draw.plan.clone(), draw.draw.clone(), draw.trigger.clone());
    draws.advances.sort_by_key(order);
    draws.guarantees.sort_by_key(order);
    draws
}

/// The days on which a booking that brings an advance in this month can be signed.
fn advancing(context: &Context<'_>, term: &Term<'_>, month: Month) -> DayRanges {
    let mut dates = DayRanges::none();
    let versions = context.rules.versions(term.plan(), context.view.visibility);
    let draws = versions.flat_map(|published| &published.plan.draws);
    for draw in draws.filter(|draw| matches!(draw.kind, DrawKind::AdvanceOnBooking { .. })) {
        let from = draw.months.map_or(term.first, |months| month.first().plus_months(1 - i32::from(months)));
        dates.add(from.max(term.first), context.day);
    }
    dates
}

/// Whether a draw is given in `month`, the month of its trigger being the first.
fn runs(draw: &Draw, trigger: Day, month: Month) -> bool {
    let index = month.number() - Month::of(trigger).number();
    index >= 0 && draw.months.is_none_or(|months| index < i32::from(months))
}

fn from_assignment(context: &Context<'_>, term: &Term<'_>, month: Month, draws: &mut MonthsDraws) {
    let Some(published) = context.rules.in_force(term.plan(), term.first, context.view.visibility) else { return };
    let plan = &published.plan;
    for draw in &plan.draws {
        let (list, part) = match draw.kind {
            DrawKind::AdvanceOnBooking { .. } => continue,
            DrawKind::AdvanceOnAssignment if runs(draw, term.first, month) => (&mut draws.advances, None),
            DrawKind::AdvanceOnAssignment => continue,
            DrawKind::Guarantee => {
                let days = guaranteed_days(draw, term, month);
                if days == 0 {
                    continue;
                }
                let active = Exact::ratio(i128::from(days), i128::from(month.days()));
                (&mut draws.guarantees, Some(("active part of the month", active)))
            }
        };
        let trigger = Name::new(&term.first.to_string()).expect("a date is a name");
        let from = [published.position, term.assignment.position];
        let cause = DrawCause { trigger, triggered: term.first, part, from };
        list.push(months_draw(context, plan, draw, cause));
    }
}

/// The number of days of the month on which a guarantee holds: those of the assignment, for N months from its first
/// day.
fn guaranteed_days(draw: &Draw, term: &Term<'_>, month: Month) -> i32 {
    let end = draw.months.map(|months| term.first.plus_months(i32::from(months)).previous());
    let last = end.map_or(term.last, |end| end.min(term.last));
    term.first.max(month.first()).days_to(last.min(month.last()))
}

/// From each booking of the draw's motions signed in the assignment: the amount times the payee's primary share.
fn from_booking(
    context: &Context<'_>,
    payee: &str,
    term: &Term<'_>,
    credited: Credited<'_, Booking>,
    month: Month,
    draws: &mut MonthsDraws,
) {
    let booking = credited.on.fact;
    if !term.contains(booking.at) || cancelled_by(context, credited.on, context.day).is_some() {
        return;
    }
    let primary = Credit::Roles(vec![Role::Primary]);
    let share = context.credit.hierarchy.counted(credited.shares, payee, &primary, booking.at);
    let Some(published) = context.rules.in_force(term.plan(), booking.at, context.view.visibility) else { return };
    if share.is_zero() {
        return;
    }
    for draw in published.plan.draws.iter().filter(|draw| runs(draw, booking.at, month)) {
        let DrawKind::AdvanceOnBooking { motions } = &draw.kind else { continue };
        if !motions.is_empty() && !booking.motion.as_ref().is_some_and(|motion| motions.contains(motion)) {
            continue;
        }
        let part = Some(("primary share", share.clone()));
        let from = [published.position, credited.on.position];
        let trigger = booking.booking.0.clone();
        let cause = DrawCause { trigger, triggered: booking.at, part, from };
        draws.advances.push(months_draw(context, &published.plan, draw, cause));
    }
}

/// Why a month's draw is given.
struct DrawCause<'p> {
    trigger: Name,
    triggered: Day,
    /// The factor of the draw's amount, with its name.
    part: Option<(&'p str, Exact)>,
    from: [Position; 2],
}

fn months_draw(context: &Context<'_>, plan: &Plan, draw: &Draw, cause: DrawCause<'_>) -> MonthsDraw {
    let DrawCause { trigger, triggered, part, from } = cause;
    let full = draw.amount.exact();
    let exact = part.as_ref().map_or(full.clone(), |(_, part)| &full * part);
    let amount = Money::round(&exact, plan.currency, plan.rounding).expect("no more than the plan writes");
    let mut why = Vec::new();
    if context.explains() {
        let formula = Formula::default().number("amount", &full);
        let formula = part.iter().fold(formula, |formula, (name, part)| formula.sign(" * ").number(name, part));
        why.push(formula.step(StepKind::Draw, &exact, from));
        why.push(Step::rounding(StepKind::Rounding, &exact, plan.currency.digits(), &amount.exact(), plan.rounding));
    }
    MonthsDraw {
        plan: plan.id.clone(),
        draw: draw.id.clone(),
        trigger,
        triggered,
        amount,
        recoverable: draw.recoverable,
        // Of a trigger at the end of time it begins there: no close comes later.
        begins: triggered.plus_months(i32::from(draw.recover_after_months)).min(Day::LAST),
        rate: draw.recover_rate.clone(),
        why,
    }
}

impl MonthsDraws {
    /// The guarantee in a currency: the highest; of equal ones one that is not recoverable, then the first by plan
    /// and draw. `None` if there is none.
    pub fn guarantee(&self, currency: Currency) -> Option<&MonthsDraw> {
        let mine = self.guarantees.iter().filter(|draw| draw.amount.currency == currency);
        mine.min_by_key(|draw| (-draw.amount.minor, draw.recoverable))
    }

    /// The advances in a currency that are above 0.
    pub fn advances(&self, currency: Currency) -> impl Iterator<Item = &MonthsDraw> {
        self.advances.iter().filter(move |draw| draw.amount.currency == currency && draw.amount.is_positive())
    }

    /// The currencies of all draws, some more than once.
    pub fn currencies(&self) -> impl Iterator<Item = Currency> {
        self.advances.iter().chain(&self.guarantees).map(|draw| draw.amount.currency)
    }
}
