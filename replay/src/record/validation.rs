//! Whether a fact fits context what is known: a column of checks for each kind, cheapest first (facts.md).

use ledger::date::Day;
use ledger::exact::Exact;
use ledger::fact::{
    Adjustment, Assignment, AssignmentEnd, Body, Booking, Cancellation, CreditSplit, ExchangeRate, OpeningBalance,
    Payee, Quota, Retraction, Role, Share, Signal, SplitTarget, UsageSnapshot,
};
use ledger::field::{Amount, FieldChange};
use ledger::id::{ComponentId, PayeeId};
use ledger::money::Currency;
use ledger::problem::{Problem, nearest};
use plans::plan::{Earned, Quota as PlanQuota, Rate};
use plans::rulebook::Rulebook;
use plans::term::terms;
use projections::credit_graph::CreditGraph;
use projections::position::Position;
use projections::posted_state::PostedState;
use projections::usage::INTERVAL_DAYS_MAX;
use projections::view::View;

/// Where a fact is to fit: the view hides what it takes the place of.
pub struct ValidationContext<'a> {
    pub view: View<'a>,
    pub rules: &'a Rulebook,
    pub posted: &'a PostedState,
}

/// What was found: problems refuse the fact, warnings only tell.
#[derive(Default)]
pub struct Validation {
    pub problems: Vec<Problem>,
    pub warnings: Vec<Problem>,
    /// More entries that give way (`replaces = "overlapping"`).
    pub gives_way: Vec<Position>,
}

impl Validation {
    fn refuse(&mut self, code: &'static str, message: String, help: impl Into<String>) {
        self.problems.push(Problem::new(code, message, help));
    }

    fn warn(&mut self, code: &'static str, message: String, help: impl Into<String>) {
        self.warnings.push(Problem::new(code, message, help));
    }
}

pub const MONTHS_MAX: u16 = 120;

/// Every problem of the fact at once.
pub fn validate(context: &ValidationContext<'_>, body: &Body) -> Validation {
    let mut validation = Validation::default();
    let out = &mut validation;
    match body {
        Body::Payee(fact) => payee(context, fact, out),
        Body::Account(_) => {}
        Body::Assignment(fact) => assignment(context, fact, out),
        Body::AssignmentEnd(fact) => assignment_end(context, fact, out),
        Body::Quota(fact) => quota(context, fact, out),
        Body::Booking(fact) => booking(context, fact, out),
        Body::Cancellation(fact) => cancellation(context, fact, out),
        Body::UsageSnapshot(fact) => usage(context, fact, out),
        Body::CreditSplit(fact) => credit_split(context, fact, out),
        Body::Signal(fact) => signal(context, fact, out),
        Body::ExchangeRate(fact) => exchange_rate(fact, out),
        Body::OpeningBalance(fact) => opening_balance(context, fact, out),
        Body::Adjustment(fact) => adjustment(context, fact, out),
        Body::Retraction(fact) => retraction(fact, out),
    }
    validation
}

// Payees ---------------------------------------------------------------------------------------------------------------

fn payee(context: &ValidationContext<'_>, fact: &Payee, out: &mut Validation) {
    if let FieldChange::Set(cap) = &fact.recovery_cap
        && !(Exact::ZERO..=Exact::ONE).contains(&cap.exact())
    {
        out.refuse(
            "fact-recovery-cap",
            format!("a recovery cap of `{cap}` is not between 0% and 100%"),
            "write how much of a month's pay may go into what is owed",
        );
    }
    if let FieldChange::Set(manager) = &fact.manager
        && let Some((day, chain)) = manager_loop(context.view, fact, manager)
    {
        let message = format!("on {day} `{}` would be its own manager: {}", fact.payee, chain.join(" under "));
        out.refuse("fact-manager-loop", message, "change or end one of these first");
    }
}

/// The first day from the fact's date on where following managers comes back to the payee. Each day on which somebody in
/// the chain gets another manager is looked at.
fn manager_loop(view: View<'_>, fact: &Payee, manager: &PayeeId) -> Option<(Day, Vec<String>)> {
    let own = view.manager_days(fact.payee.as_str()).into_iter().find(|day| *day > fact.at);
    let mut days = vec![fact.at];
    let mut next = 0;
    while let Some(day) = days.get(next).copied() {
        next += 1;
        let mut chain = vec![fact.payee.to_string(), manager.to_string()];
        let mut above = manager.clone();
        while above != fact.payee {
            let later = view
                .manager_days(above.as_str())
                .into_iter()
                .filter(|later| *later > fact.at && own.is_none_or(|own| *later < own));
            days.extend(later.filter(|later| !days.contains(later)).collect::<Vec<_>>());
            match view.manager(above.as_str(), day) {
                Some(next) if !chain.contains(&next.to_string()) || next == fact.payee => above = next,
                Some(_) | None => break,
            }
            chain.push(above.to_string());
        }
        if above == fact.payee {
            return Some((day, chain));
        }
    }
    None
}

fn payee_exists(context: &ValidationContext<'_>, payee: &PayeeId, out: &mut Validation) {
    if !context.view.payee_exists(payee.as_str()) {
        let near = nearest(payee.as_str(), context.view.knowledge.payees.keys().map(PayeeId::as_str));
        let help = near.map_or("record the `payee` fact first".to_owned(), |near| {
            format!("did you mean `{near}`? Otherwise record the `payee` fact first")
        });
        out.refuse("fact-payee-unknown", format!("there is no payee `{payee}`"), help);
    }
}

// Assignments and quotas -----------------------------------------------------------------------------------------------

fn assignment(context: &ValidationContext<'_>, fact: &Assignment, out: &mut Validation) {
    payee_exists(context, &fact.payee, out);
    if fact.until.is_some_and(|until| until < fact.at) {
        out.refuse(
            "fact-interval",
            "the assignment ends before it begins".into(),
            "`until` is its last day, on or after `at`",
        );
    }
    for (component, amount) in &fact.quota {
        not_negative("quota", component.as_str(), *amount, out);
    }
    if let Some(target) = fact.target {
        not_negative("target", "the year", target, out);
    }
    if !plan_exists(context, fact.plan.as_str(), out) {
        return;
    }
    for component in fact.quota.keys().chain(fact.rates.keys()) {
        component_exists(context, fact.plan.as_str(), component, fact.at, out);
    }
    needed_rates(context, fact, out);
    let same_day = context
        .view
        .assignments(fact.payee.as_str())
        .into_iter()
        .find(|other| other.fact.plan == fact.plan && other.fact.at == fact.at);
    if let Some(other) = same_day {
        let message = format!(
            "the assignment of `{}` to `{}` at position {} begins on the same day, and has no day left",
            fact.payee, fact.plan, other.position
        );
        out.warn(
            "fact-assignment-same-day",
            message,
            format!("retract position {} if this one replaces it", other.position),
        );
    }
}

fn plan_exists(context: &ValidationContext<'_>, plan: &str, out: &mut Validation) -> bool {
    let exists = context.rules.versions(plan, context.view.visibility).next().is_some();
    if !exists {
        let near = nearest(plan, context.rules.plans().map(|(id, _)| id.as_str()));
        let help = near.map_or("publish it first: `trueup plan publish FILE`".to_owned(), |near| {
            format!("did you mean `{near}`? Otherwise publish it first")
        });
        out.refuse("fact-plan-unknown", format!("there is no plan `{plan}`"), help);
    }
    exists
}

/// In some version; one that only a later version adds is told.
fn component_exists(
    context: &ValidationContext<'_>,
    plan: &str,
    component: &ComponentId,
    at: Day,
    out: &mut Validation,
) {
    let visibility = context.view.visibility;
    let has = |published: &plans::rulebook::Published| published.plan.component(component.as_str()).is_some();
    if context.rules.in_force(plan, at, visibility).is_some_and(has) {
        return;
    }
    if !context.rules.versions(plan, visibility).any(has) {
        let known = context.rules.component_ids(plan, visibility);
        let near = nearest(component.as_str(), known.iter().map(|id| id.as_str()));
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("it has {}", ledger::problem::one_of(known.iter().map(|id| id.as_str()))),
        };
        out.refuse("fact-component-unknown", format!("plan `{plan}` has no component `{component}`"), help);
    } else {
        let message = format!(
            "the version of plan `{plan}` in force on {at} has no component `{component}`; another version has"
        );
        out.warn("fact-component-later", message, "it counts from that version's effective date on");
    }
}

/// A rate where the plan leaves it to the assignment.
fn needed_rates(context: &ValidationContext<'_>, fact: &Assignment, out: &mut Validation) {
    let visibility = context.view.visibility;
    let plan = fact.plan.as_str();
    let Some(published) =
        context.rules.in_force(plan, fact.at, visibility).or_else(|| context.rules.versions(plan, visibility).next())
    else {
        return;
    };
    needed_target(fact, &published.plan, out);
    for component in &published.plan.components {
        let assigned = matches!(&component.earned, Earned::Rate { base: Rate::Assigned, .. });
        if assigned && !fact.rates.contains_key(&component.id) {
            let message = format!(
                "component `{}` of plan `{plan}` pays the assignment's own rate, and there is none",
                component.id
            );
            out.refuse("fact-rate-missing", message, format!("add `\"rates\": {{\"{}\": \"…%\"}}`", component.id));
        }
        if !assigned && fact.rates.contains_key(&component.id) {
            let message = format!(
                "component `{}` of plan `{plan}` has its own rate: the one written here has no effect",
                component.id
            );
            out.warn("fact-rate-unused", message, "leave it out, or write `rate = \"assigned\"` in the plan");
        }
        if component.quota != Some(PlanQuota::Assigned) && fact.quota.contains_key(&component.id) {
            let message = format!(
                "component `{}` of plan `{plan}` takes no quota from assignments: the one written here has no effect",
                component.id
            );
            out.warn("fact-quota-unused", message, "leave it out, or write `quota = \"assigned\"` in the plan");
        }
    }
}

/// Target pay where a component pays a part of it.
fn needed_target(fact: &Assignment, plan: &plans::plan::Plan, out: &mut Validation) {
    let mut components = plan.components.iter();
    let needs = components.find(|component| matches!(component.earned, Earned::Target { .. }));
    match (needs, fact.target) {
        (Some(component), None) => {
            let message = format!(
                "component `{}` of plan `{}` pays a part of target pay, and there is none",
                component.id, plan.id
            );
            out.refuse("fact-target-missing", message, "add `\"target\": \"…\"`, the annual target pay");
        }
        (None, Some(_)) => {
            let message =
                format!("no component of plan `{}` pays by a target: the one written here has no effect", plan.id);
            out.warn("fact-target-unused", message, "leave it out, or write `target` in the plan");
        }
        (Some(_), Some(_)) | (None, None) => {}
    }
}

fn not_negative(what: &str, of: &str, amount: Amount, out: &mut Validation) {
    if amount.is_negative() {
        out.refuse(
            "fact-negative",
            format!("the {what} of `{of}` is negative: `{amount}`"),
            "write an amount of 0 or more",
        );
    }
}

fn in_assignment(context: &ValidationContext<'_>, payee: &PayeeId, plan: &str, at: Day, out: &mut Validation) {
    let assigned = terms(context.view, payee.as_str()).iter().any(|term| term.plan() == plan && term.contains(at));
    if !assigned {
        out.refuse(
            "fact-not-assigned",
            format!("`{payee}` is not assigned to plan `{plan}` on {at}"),
            "record the `assignment` first, or look at its dates with `trueup log --item`",
        );
    }
}

fn assignment_end(context: &ValidationContext<'_>, fact: &AssignmentEnd, out: &mut Validation) {
    in_assignment(context, &fact.payee, fact.plan.as_str(), fact.at, out);
}

fn quota(context: &ValidationContext<'_>, fact: &Quota, out: &mut Validation) {
    not_negative("quota", fact.component.as_str(), fact.amount, out);
    if plan_exists(context, fact.plan.as_str(), out) {
        component_exists(context, fact.plan.as_str(), &fact.component, fact.at, out);
        in_assignment(context, &fact.payee, fact.plan.as_str(), fact.at, out);
    }
}

// Bookings -------------------------------------------------------------------------------------------------------------

fn booking(context: &ValidationContext<'_>, fact: &Booking, out: &mut Validation) {
    if !(1..=MONTHS_MAX).contains(&fact.months()) {
        out.refuse(
            "fact-months",
            format!("a term of {} months is not between 1 and {MONTHS_MAX}", fact.months()),
            "write the term in months",
        );
    }
    if let Some(other) = context.view.booking(fact.booking.as_str()) {
        out.refuse(
            "fact-booking-exists",
            format!("booking `{}` is recorded already at position {}", fact.booking, other.position),
            "give this one another id, or correct that one",
        );
    }
    contract_of_account(context, fact.contract(), fact.account.as_str(), out);
    let known = context.view.knowledge.contract_of(fact.contract(), fact.account.as_str());
    let other = known
        .and_then(|contract| context.view.bookings_of(contract).find(|other| other.fact.currency != fact.currency));
    if let Some(other) = other {
        let message = format!(
            "contract `{}` is booked in `{}` (booking `{}`), and this booking is in `{}`",
            fact.contract(),
            other.fact.currency,
            other.fact.booking,
            fact.currency
        );
        out.refuse("fact-contract-currency", message, "book it on a contract of its own");
    }
    if let Some(shares) = &fact.credit {
        check_shares(context, shares, out);
    }
}

/// A contract belongs to the account of whatever in force stands on it.
fn contract_of_account(context: &ValidationContext<'_>, contract: &str, account: &str, out: &mut Validation) {
    let view = context.view;
    let others = view.knowledge.contracts_named(contract).filter(|other| other.account.as_str() != account);
    let mut standing = others.filter(|other| view.bookings_of(other).next().is_some() || view.is_metered(other));
    if let Some(known) = standing.next() {
        let message = format!("contract `{contract}` is account `{}`'s, not `{account}`'s", known.account);
        out.refuse("fact-contract-account", message, "name the contract's own account, or another contract");
    }
}

fn cancellation(context: &ValidationContext<'_>, fact: &Cancellation, out: &mut Validation) {
    match context.view.booking(fact.booking.as_str()) {
        None => {
            let near = nearest(fact.booking.as_str(), context.view.knowledge.booking_ids().map(|id| id.as_str()));
            let help = near.map_or("record the booking first".to_owned(), |near| format!("did you mean `{near}`?"));
            out.refuse("fact-booking-unknown", format!("there is no booking `{}`", fact.booking), help);
        }
        Some(booking) if fact.at < booking.fact.at => {
            let message = format!(
                "booking `{}` was signed on {}, after this cancellation of {}",
                fact.booking, booking.fact.at, fact.at
            );
            out.refuse(
                "fact-cancelled-before",
                message,
                "`at` is the first day without the booking, on or after its own",
            );
        }
        Some(_) => {}
    }
}

// Usage ----------------------------------------------------------------------------------------------------------------

fn usage(context: &ValidationContext<'_>, fact: &UsageSnapshot, out: &mut Validation) {
    if fact.to < fact.from {
        out.refuse(
            "fact-interval",
            format!("the interval ends on {} before it begins on {}", fact.to, fact.from),
            "`from` and `to` are its first and its last day",
        );
        return;
    }
    if fact.from.days_to(fact.to) > INTERVAL_DAYS_MAX {
        out.refuse("fact-interval", format!("the interval has more than {INTERVAL_DAYS_MAX} days"), "split it");
        return;
    }
    contract_of_account(context, fact.contract(), fact.account.as_str(), out);
    let Some(contract) = context.view.knowledge.contract_of(fact.contract(), fact.account.as_str()) else { return };
    for metered in context.view.runs_of(contract) {
        if metered.currency != fact.currency && !context.view.snapshots(metered, Day::FIRST, Day::LAST).is_empty() {
            let message = format!(
                "contract `{}` is metered in `{}`, and this snapshot is in `{}`",
                fact.contract(),
                metered.currency,
                fact.currency
            );
            out.refuse("fact-usage-currency", message, "write all of a contract's usage in one currency");
        }
        if metered.run.meter == fact.meter && metered.currency == fact.currency && !quiet(metered, fact) {
            overlaps(context, metered, fact, out);
        }
    }
}

/// Nearly every snapshot comes behind all others of its run.
fn quiet(metered: &projections::knowledge::MeteredRun, fact: &UsageSnapshot) -> bool {
    metered.run.last_day().is_none_or(|last| last < fact.from)
}

/// Intervals that overlap one in force, unless the fact says that those which lie wholly inside give way.
fn overlaps(
    context: &ValidationContext<'_>,
    metered: &projections::knowledge::MeteredRun,
    fact: &UsageSnapshot,
    out: &mut Validation,
) {
    for snapshot in context.view.snapshots(metered, fact.from, fact.to) {
        let inside = snapshot.from >= fact.from && snapshot.to <= fact.to;
        if inside && fact.replaces.is_some() {
            out.gives_way.push(snapshot.position);
            continue;
        }
        let message = format!(
            "usage of `{}` on {}..{} is in force at position {} and overlaps",
            fact.contract(),
            snapshot.from,
            snapshot.to,
            snapshot.position
        );
        let help = match inside {
            true => "add `\"replaces\": \"overlapping\"` if it gives way to this one, or retract it",
            false => "retract it, or send intervals that do not overlap: only one that lies wholly inside can give way",
        };
        out.refuse("fact-usage-overlap", message, help);
    }
}

// Credit ---------------------------------------------------------------------------------------------------------------

fn credit_split(context: &ValidationContext<'_>, fact: &CreditSplit, out: &mut Validation) {
    check_shares(context, &fact.shares, out);
    let wider = match &fact.on {
        SplitTarget::Booking(id) => context.view.booking(id.as_str()).and_then(|booking| {
            if fact.at > booking.fact.at {
                let message = format!("the split is dated {}, after booking `{id}` was signed on {}: it does not change what the booking earns", fact.at, booking.fact.at);
                out.warn("fact-split-after-booking", message, "date it as the booking, if the booking's credit is meant");
            }
            CreditGraph::of(context.view).shares_of_contract(booking.fact.contract(), booking.fact.account.as_str(), fact.at)
        }),
        SplitTarget::Contract(id) => context.view.contract(id.as_str()).and_then(|contract| CreditGraph::of(context.view).shares_of_account(contract.account.as_str(), fact.at)),
        SplitTarget::Account(_) => None,
    };
    let Some((position, shares)) = wider else { return };
    for role in [Role::Primary, Role::Overlay, Role::Partner] {
        let pays = |shares: &[Share]| shares.iter().any(|share| share.role == role);
        if pays(shares) && !pays(&fact.shares) {
            let message = format!(
                "the wider split at position {position} pays the role `{role}`, and this one, which counts alone, does not"
            );
            out.warn("fact-split-drops-role", message, "repeat that role here, if it is still to be paid");
        }
    }
}

fn check_shares(context: &ValidationContext<'_>, shares: &[Share], out: &mut Validation) {
    let mut primary = Exact::ZERO;
    for share in shares {
        payee_exists(context, &share.payee, out);
        let percent = share.percent.exact();
        if !percent.is_positive() || (share.role != Role::Primary && percent > Exact::ONE) {
            out.refuse(
                "fact-share",
                format!("a share of `{}` is not above 0% and up to 100%", share.percent),
                "write each share as a percent, like \"60%\"",
            );
        }
        if share.role == Role::Primary {
            primary += &percent;
        }
    }
    if primary > Exact::ONE {
        out.refuse(
            "fact-shares",
            format!("primary shares sum to {}%", primary * Exact::whole(100)),
            "primary shares come to at most 100%",
        );
    } else if primary < Exact::ONE {
        out.warn(
            "fact-shares-below",
            format!("primary shares sum to {}%: the rest is credited to nobody", primary * Exact::whole(100)),
            "check that this is meant",
        );
    }
}

// The rest -------------------------------------------------------------------------------------------------------------

fn signal(context: &ValidationContext<'_>, fact: &Signal, out: &mut Validation) {
    if fact.account.is_none() && fact.contract.is_none() && fact.booking.is_none() && fact.payee.is_none() {
        out.refuse(
            "fact-signal-of-nothing",
            format!("signal `{}` names nothing that it is about", fact.signal),
            "add `account`, `contract`, `booking` or `payee`",
        );
    }
    if let Some(payee) = &fact.payee {
        payee_exists(context, payee, out);
    }
}

fn exchange_rate(fact: &ExchangeRate, out: &mut Validation) {
    if fact.rate.is_zero() || fact.rate.is_negative() {
        out.refuse(
            "fact-rate",
            format!("a rate of `{}` is not above 0", fact.rate),
            "write how many units of `to` one unit of `from` is worth",
        );
    }
    if fact.from == fact.to {
        out.refuse("fact-rate-same", format!("`{}` needs no rate to itself", fact.from), "name two currencies");
    }
}

fn opening_balance(context: &ValidationContext<'_>, fact: &OpeningBalance, out: &mut Validation) {
    payee_exists(context, &fact.payee, out);
    if let Some(last) = context.posted.last_close() {
        let message =
            format!("{} is closed already, and opening balances come before the first close", last.close.period);
        out.refuse("fact-opening-late", message, "record an `adjustment` instead");
    }
    if fact.owed.is_none() && fact.draw.is_none() {
        out.refuse("fact-field-missing", "neither `owed` nor `draw` is given".into(), "write at least one of them");
    }
    let mut others = context.view.opening_balances(fact.payee.as_str(), Day::LAST);
    if let Some(other) = others.rfind(|other| other.fact.currency == fact.currency) {
        let message = format!(
            "`{}` has an opening balance in {} already, at position {}: they are added up",
            fact.payee, fact.currency, other.position
        );
        out.warn(
            "fact-opening-second",
            message,
            "correct the other one (`corrects`) if this is meant to take its place",
        );
    }
    for (name, amount) in [("owed", fact.owed), ("draw", fact.draw)] {
        if let Some(amount) = amount {
            not_negative("opening balance", name, amount, out);
            as_fine_as(amount, fact.currency, out);
        }
    }
}

fn adjustment(context: &ValidationContext<'_>, fact: &Adjustment, out: &mut Validation) {
    payee_exists(context, &fact.payee, out);
    as_fine_as(fact.amount, fact.currency, out);
    if fact.reason.0.trim().is_empty() {
        out.refuse("fact-reason", "the reason is empty".into(), "write why the payee is given or charged this");
    }
}

fn as_fine_as(amount: Amount, currency: Currency, out: &mut Validation) {
    if amount.decimals() > currency.digits() {
        out.refuse(
            "fact-too-fine",
            format!("`{amount}` has more decimals than {currency} has ({})", currency.digits()),
            "round it",
        );
    }
}

fn retraction(fact: &Retraction, out: &mut Validation) {
    if fact.reason.0.trim().is_empty() {
        out.refuse("fact-reason", "the reason is empty".into(), "write why it is retracted");
    }
}
