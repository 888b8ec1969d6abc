//! Whether a fact makes sense given the other facts: a column of checks for each kind, cheapest first (facts.md).

mod complete_day;
mod probable_duplicate;

use std::collections::BTreeSet;

use ledger::date::Day;
use ledger::exact::Exact;
use ledger::fact::{
    Adjustment, Assignment, AssignmentEnd, Body, BookedAmount, Booking, CancellationFact, CreditNote, CreditSplit,
    ExchangeRate, OpeningBalance, Payee, QuotaFact, Retraction, Role, Share, Signal, SplitTarget, UsageComplete,
    UsageSnapshot,
};
use ledger::field::{Amount, FieldChange};
use ledger::finding::{FieldPath, Finding};
use ledger::id::{AccountId, BookingId, ComponentId, PayeeId, PlanId};
use ledger::key::natural_key;
use ledger::money::Currency;
use ledger::nearest::nearest;
use plans::plan::{Earned, Quota, Rate};
use plans::rulebook::Rulebook;
use plans::term::terms;
use projections::credit_graph::CreditGraph;
use projections::knowledge::Knowledge;
use projections::knowledge::MeteredRun;
use projections::position::Position;
use projections::posted_state::PostedState;
use projections::usage::INTERVAL_DAYS_MAX;
use projections::view::View;

use crate::refusal::{CreditNoteRefusal, NonNegative, Overlap, Refusal, Warning};

pub use complete_day::complete_days_back;
pub use probable_duplicate::probable_duplicate;

/// The facts that a fact is validated against. The view hides the facts that it replaces.
pub struct ValidationContext<'a> {
    pub view: View<'a>,
    pub rules: &'a Rulebook,
    pub posted: &'a PostedState,
}

/// The result of validation.
#[derive(Default)]
pub struct Validation {
    /// Why the fact is refused; empty if it is valid.
    pub refusals: Vec<Finding<Refusal>>,
    /// What is doubtful about the fact. It is recorded all the same.
    pub warnings: Vec<Finding<Warning>>,
    /// The positions of usage that the fact replaces besides the facts it corrects (`replaces = "overlapping"`).
    pub gives_way: Vec<Position>,
}

impl Validation {
    fn refuse(&mut self, path: FieldPath, refusal: Refusal) {
        self.refusals.push(Finding::at(path, refusal));
    }

    fn warn(&mut self, path: FieldPath, warning: Warning) {
        self.warnings.push(Finding::at(path, warning));
    }
}

/// The longest term of a booking, in months.
pub const MONTHS_MAX: u16 = 120;

/// Validates a fact. All reasons to refuse it are found at once.
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
        Body::CreditNote(fact) => credit_note(context, fact, out),
        Body::UsageSnapshot(fact) => usage(context, fact, out),
        Body::CreditSplit(fact) => credit_split(context, fact, out),
        Body::Signal(fact) => signal(context, fact, out),
        Body::ExchangeRate(fact) => exchange_rate(fact, out),
        Body::OpeningBalance(fact) => opening_balance(context, fact, out),
        Body::Adjustment(fact) => adjustment(context, fact, out),
        Body::Retraction(fact) => retraction(fact, out),
        Body::UsageComplete(fact) => usage_complete(context, fact, out),
    }
    validation
}

// Payees ---------------------------------------------------------------------------------------------------------------

fn payee(context: &ValidationContext<'_>, fact: &Payee, out: &mut Validation) {
    if let FieldChange::Set(cap) = &fact.recovery_cap
        && !(Exact::ZERO..=Exact::ONE).contains(&cap.exact())
    {
        out.refuse(of("recovery_cap"), Refusal::RecoveryCapOutOfRange { cap: *cap });
    }
    if let FieldChange::Set(manager) = &fact.manager
        && let Some((day, chain)) = manager_loop(context.view, fact, manager)
    {
        out.refuse(of("manager"), Refusal::ManagerLoop { day, chain });
    }
}

/// The first day, from the fact's date on, on which following managers leads back to the payee, and the payees of that loop.
/// Looks at each day on which a payee of the chain gets another manager.
fn manager_loop(view: View<'_>, fact: &Payee, manager: &PayeeId) -> Option<(Day, Vec<PayeeId>)> {
    let own = view.manager_days(fact.payee.as_str()).into_iter().find(|day| *day > fact.at);
    let mut days = vec![fact.at];
    let mut next = 0;
    while let Some(day) = days.get(next).copied() {
        next += 1;
        let mut chain = vec![fact.payee.clone(), manager.clone()];
        let mut above = manager.clone();
        while above != fact.payee {
            let later = view
                .manager_days(above.as_str())
                .into_iter()
                .filter(|later| *later > fact.at && own.is_none_or(|own| *later < own));
            days.extend(later.filter(|later| !days.contains(later)).collect::<Vec<_>>());
            match view.manager(above.as_str(), day) {
                Some(next) if !chain.contains(&next) || next == fact.payee => above = next,
                Some(_) | None => break,
            }
            chain.push(above.clone());
        }
        if above == fact.payee {
            return Some((day, chain));
        }
    }
    None
}

fn payee_exists(context: &ValidationContext<'_>, payee: &PayeeId, path: FieldPath, out: &mut Validation) {
    if !context.view.payee_exists(payee.as_str()) {
        let nearest = nearest_payee(payee, context.view.knowledge);
        out.refuse(path, Refusal::PayeeUnknown { payee: payee.clone(), nearest });
    }
}

// Assignments and quotas -----------------------------------------------------------------------------------------------

fn assignment(context: &ValidationContext<'_>, fact: &Assignment, out: &mut Validation) {
    payee_exists(context, &fact.payee, of("payee"), out);
    if fact.until.is_some_and(|until| until < fact.at) {
        out.refuse(of("until"), Refusal::AssignmentEndsBeforeStart);
    }
    for (component, amount) in &fact.quota {
        let path = of("quota").then(component.as_str());
        not_negative(NonNegative::Quota(component.clone()), *amount, path, out);
    }
    if let Some(target) = fact.target {
        not_negative(NonNegative::Target, target, of("target"), out);
    }
    if !plan_exists(context, &fact.plan, out) {
        return;
    }
    let quotas = fact.quota.keys().map(|component| (component, of("quota")));
    for (component, path) in quotas.chain(fact.rates.keys().map(|component| (component, of("rates")))) {
        component_exists(context, (&fact.plan, component), fact.at, path.then(component.as_str()), out);
    }
    fits_components(context, fact, out);
    let same_day = context
        .view
        .assignments(fact.payee.as_str())
        .into_iter()
        .find(|other| other.fact.plan == fact.plan && other.fact.at == fact.at);
    if let Some(other) = same_day {
        let (payee, plan, position) = (fact.payee.clone(), fact.plan.clone(), other.position);
        out.warn(of("at"), Warning::AssignmentSameDay { payee, plan, position });
    }
}

fn plan_exists(context: &ValidationContext<'_>, plan: &PlanId, out: &mut Validation) -> bool {
    let exists = context.rules.versions(plan.as_str(), context.view.visibility).next().is_some();
    if !exists {
        let near = nearest(plan.as_str(), context.rules.plans().map(|(id, _)| id.as_str()));
        out.refuse(of("plan"), Refusal::PlanUnknown { plan: plan.clone(), nearest: near.and_then(PlanId::new) });
    }
    exists
}

/// Refuses a component that no version of the plan has, and warns of one that only another version has.
fn component_exists(
    context: &ValidationContext<'_>,
    (plan, component): (&PlanId, &ComponentId),
    at: Day,
    path: FieldPath,
    out: &mut Validation,
) {
    let visibility = context.view.visibility;
    let has = |published: &plans::rulebook::Published| published.plan.component(component.as_str()).is_some();
    if context.rules.in_force(plan.as_str(), at, visibility).is_some_and(has) {
        return;
    }
    let (plan, component) = (plan.clone(), component.clone());
    if !context.rules.versions(plan.as_str(), visibility).any(has) {
        let known: Vec<ComponentId> =
            context.rules.component_ids(plan.as_str(), visibility).into_iter().cloned().collect();
        let near = nearest(component.as_str(), known.iter().map(ComponentId::as_str));
        let nearest = near.and_then(ComponentId::new);
        out.refuse(path, Refusal::ComponentUnknown { plan, component, nearest, known });
    } else {
        out.warn(path, Warning::ComponentOfOtherVersion { plan, component, at });
    }
}

/// Checks that an assignment names the rates and the target that the plan takes from it, and warns of others.
fn fits_components(context: &ValidationContext<'_>, fact: &Assignment, out: &mut Validation) {
    let visibility = context.view.visibility;
    let in_force = context.rules.in_force(fact.plan.as_str(), fact.at, visibility);
    let Some(published) = in_force.or_else(|| context.rules.versions(fact.plan.as_str(), visibility).next()) else {
        return;
    };
    target_fits(fact, &published.plan, out);
    for component in &published.plan.components {
        let (plan, id) = (fact.plan.clone(), component.id.clone());
        let (has_rate, has_quota) = (fact.rates.contains_key(&id), fact.quota.contains_key(&id));
        let takes_rate = matches!(&component.earned, Earned::Rate { base: Rate::Assigned, .. });
        let path = |field| of(field).then(id.as_str());
        if takes_rate && !has_rate {
            out.refuse(path("rates"), Refusal::RateMissing { plan: plan.clone(), component: id.clone() });
        }
        if !takes_rate && has_rate {
            out.warn(path("rates"), Warning::RateUnused { plan: plan.clone(), component: id.clone() });
        }
        if component.quota != Some(Quota::Assigned) && has_quota {
            out.warn(path("quota"), Warning::QuotaUnused { plan, component: id.clone() });
        }
    }
}

/// Checks that the assignment names a target pay if a component pays a part of it.
fn target_fits(fact: &Assignment, plan: &plans::plan::Plan, out: &mut Validation) {
    let mut components = plan.components.iter();
    let needs = components.find(|component| matches!(component.earned, Earned::Target { .. }));
    match (needs, fact.target) {
        (Some(component), None) => {
            let (plan, component) = (plan.id.clone(), component.id.clone());
            out.refuse(of("target"), Refusal::TargetMissing { plan, component });
        }
        (None, Some(_)) => out.warn(of("target"), Warning::TargetUnused { plan: plan.id.clone() }),
        (Some(_), Some(_)) | (None, None) => {}
    }
}

fn not_negative(of: NonNegative, amount: Amount, path: FieldPath, out: &mut Validation) {
    if amount.is_negative() {
        out.refuse(path, Refusal::AmountNegative { of, amount });
    }
}

fn in_assignment(context: &ValidationContext<'_>, payee: &PayeeId, plan: &PlanId, at: Day, out: &mut Validation) {
    if !context.view.payee_exists(payee.as_str()) {
        return payee_exists(context, payee, of("payee"), out);
    }
    let mut terms = terms(context.view, payee.as_str()).into_iter();
    if !terms.any(|term| term.plan() == plan.as_str() && term.contains(at)) {
        out.refuse(of("at"), Refusal::NotAssigned { payee: payee.clone(), plan: plan.clone(), at });
    }
}

fn assignment_end(context: &ValidationContext<'_>, fact: &AssignmentEnd, out: &mut Validation) {
    in_assignment(context, &fact.payee, &fact.plan, fact.at, out);
}

fn quota(context: &ValidationContext<'_>, fact: &QuotaFact, out: &mut Validation) {
    not_negative(NonNegative::Quota(fact.component.clone()), fact.amount, of("amount"), out);
    if plan_exists(context, &fact.plan, out) {
        component_exists(context, (&fact.plan, &fact.component), fact.at, of("component"), out);
        in_assignment(context, &fact.payee, &fact.plan, fact.at, out);
    }
}

// Bookings -------------------------------------------------------------------------------------------------------------

fn booking(context: &ValidationContext<'_>, fact: &Booking, out: &mut Validation) {
    if !(1..=MONTHS_MAX).contains(&fact.months()) {
        out.refuse(of("months"), Refusal::TermOutOfRange { months: fact.months(), most: MONTHS_MAX });
    }
    if let Some(other) = context.view.booking(fact.booking.as_str()) {
        let (booking, position) = (fact.booking.clone(), other.position);
        out.refuse(of("booking"), Refusal::BookingIdTaken { booking, position });
    }
    let contract_path = if fact.contract.is_some() { of("contract") } else { of("account") };
    contract_of_account(context, fact.contract(), fact.account.as_str(), contract_path, out);
    let known = context.view.knowledge.contract_of(fact.contract(), fact.account.as_str());
    let other = known
        .and_then(|contract| context.view.bookings_of(contract).find(|other| other.fact.currency != fact.currency));
    if let Some(other) = other {
        let refusal = Refusal::ContractCurrencyDiffers {
            contract: fact.contract().to_owned(),
            booked: other.fact.currency,
            by: other.fact.booking.clone(),
            written: fact.currency,
        };
        out.refuse(of("currency"), refusal);
    }
    if let Some(shares) = &fact.credit {
        check_shares(context, shares, of("credit"), out);
    }
    let notes: Vec<&CreditNote> =
        context.view.credit_notes_by(&fact.booking, Day::LAST).map(|note| note.fact).collect();
    if !notes.is_empty() {
        notes_fit(fact, &notes, &booked_path, out);
    }
}

/// The path of one of a booking's amounts.
fn booked_path(amount: &BookedAmount) -> FieldPath {
    match amount {
        BookedAmount::Arr => of("arr"),
        BookedAmount::Tcv => of("tcv"),
        BookedAmount::Named(name) => of("amounts").then(name.as_str()),
    }
}

/// Refuses credit notes of a booking with a negative amount, and notes that take more of an amount than was booked.
fn notes_fit(
    booking: &Booking,
    notes: &[&CreditNote],
    path: &dyn Fn(&BookedAmount) -> FieldPath,
    out: &mut Validation,
) {
    let zero = || Exact::ZERO;
    let negative = booking.booked_amounts().find(|amount| booking.booked(amount).is_some_and(|all| all < zero()));
    if let Some(amount) = negative {
        let refusal = CreditNoteRefusal::OfNegative { booking: booking.booking.clone(), of: amount.clone() };
        return out.refuse(path(&amount), refusal.into());
    }
    let noted = notes.iter().flat_map(|note| note.amounts.keys().cloned().map(BookedAmount::Named));
    let amounts: BTreeSet<BookedAmount> = booking.booked_amounts().chain(noted).collect();
    for amount in amounts {
        let booked = booking.booked(&amount).unwrap_or_else(zero);
        let taken: Exact = notes.iter().map(|note| note.taken(booking, &amount)).sum();
        if taken > booked {
            let booking = booking.booking.clone();
            let refusal = CreditNoteRefusal::Exceed { booking, of: amount.clone(), booked, taken };
            out.refuse(path(&amount), refusal.into());
        }
    }
}

/// Refuses a contract of another account: it belongs to the account that its bookings and usage in force name.
fn contract_of_account(
    context: &ValidationContext<'_>,
    contract: &str,
    account: &str,
    path: FieldPath,
    out: &mut Validation,
) {
    let view = context.view;
    let others = view.knowledge.contracts_named(contract).filter(|other| other.account.as_str() != account);
    let mut in_use = others.filter(|other| view.bookings_of(other).next().is_some() || view.is_metered(other));
    if let Some(known) = in_use.next() {
        let (contract, owner) = (contract.to_owned(), known.account.clone());
        out.refuse(path, Refusal::ContractOfOtherAccount { contract, owner, written: account.to_owned() });
    }
}

fn cancellation(context: &ValidationContext<'_>, fact: &CancellationFact, out: &mut Validation) {
    if let Some(booking) = known_booking(context, &fact.booking, out)
        && fact.at < booking.at
    {
        let (signed, cancelled) = (booking.at, fact.at);
        out.refuse(of("at"), Refusal::CancelledBeforeSigned { booking: fact.booking.clone(), signed, cancelled });
    }
}

fn credit_note(context: &ValidationContext<'_>, fact: &CreditNote, out: &mut Validation) {
    let named = fact.amounts.iter().map(|(name, amount)| (BookedAmount::Named(name.clone()), *amount));
    let arr = fact.arr.map(|amount| (BookedAmount::Arr, amount));
    let tcv = fact.tcv.map(|amount| (BookedAmount::Tcv, amount));
    let amounts: Vec<(BookedAmount, Amount)> = arr.into_iter().chain(tcv).chain(named).collect();
    if amounts.is_empty() {
        return out.refuse(FieldPath::root(), CreditNoteRefusal::Empty.into());
    }
    for (of, amount) in &amounts {
        if amount.is_zero() || amount.is_negative() {
            out.refuse(booked_path(of), CreditNoteRefusal::NotPositive { amount: *amount }.into());
        }
    }
    let key = natural_key(&Body::CreditNote(fact.clone())).expect("credit notes have keys");
    if let Some(other) = context.view.live(context.view.knowledge.with_key(&key)).next() {
        let (credit_note, position) = (fact.credit_note.clone(), other.position);
        out.refuse(of("credit_note"), CreditNoteRefusal::Differs { credit_note, position }.into());
    }
    let Some(booking) = known_booking(context, &fact.booking, out) else { return };
    if fact.at < booking.at {
        let (booking, signed) = (fact.booking.clone(), booking.at);
        out.refuse(of("at"), CreditNoteRefusal::BeforeSigned { booking, signed, at: fact.at }.into());
    }
    let others = context.view.credit_notes_by(&fact.booking, Day::LAST);
    let notes: Vec<&CreditNote> = others.map(|note| note.fact).chain([fact]).collect();
    // What a note takes of the TCV without naming it comes from its ARR.
    let path =
        |of: &BookedAmount| booked_path(if amounts.iter().any(|(named, _)| named == of) { of } else { &amounts[0].0 });
    notes_fit(booking, &notes, &path, out);
    let left = |of: &BookedAmount| {
        notes.iter().fold(booking.booked(of).unwrap_or(Exact::ZERO), |left, note| left - note.taken(booking, of))
    };
    if out.refusals.is_empty() && booking.booked_amounts().all(|of| left(&of).is_zero()) {
        out.warn(FieldPath::root(), Warning::CreditNoteLeavesNothing { booking: fact.booking.clone() });
    }
}

/// The booking that a fact names. Refused if there is none.
fn known_booking<'k>(context: &ValidationContext<'k>, id: &BookingId, out: &mut Validation) -> Option<&'k Booking> {
    let known = context.view.booking(id.as_str());
    if known.is_none() {
        let ids = context.view.knowledge.booking_ids().map(|id| id.as_str());
        let near = nearest(id.as_str(), ids).and_then(BookingId::new);
        out.refuse(of("booking"), Refusal::BookingUnknown { booking: id.clone(), nearest: near });
    }
    known.map(|booking| booking.fact)
}

// Usage ----------------------------------------------------------------------------------------------------------------

fn usage(context: &ValidationContext<'_>, fact: &UsageSnapshot, out: &mut Validation) {
    if fact.to < fact.from {
        out.refuse(of("to"), Refusal::UsageEndsBeforeStart { from: fact.from, to: fact.to });
        return;
    }
    if fact.from.days_to(fact.to) > INTERVAL_DAYS_MAX {
        out.refuse(of("to"), Refusal::UsageIntervalTooLong { most: INTERVAL_DAYS_MAX });
        return;
    }
    let contract_path = if fact.contract.is_some() { of("contract") } else { of("account") };
    contract_of_account(context, fact.contract(), fact.account.as_str(), contract_path, out);
    let Some(contract) = context.view.knowledge.contract_of(fact.contract(), fact.account.as_str()) else { return };
    for metered in context.view.runs_of(contract) {
        if metered.currency != fact.currency && !context.view.snapshots(metered, Day::FIRST, Day::LAST).is_empty() {
            let contract = fact.contract().to_owned();
            let (metered, written) = (metered.currency, fact.currency);
            out.refuse(of("currency"), Refusal::UsageCurrencyDiffers { contract, metered, written });
        }
        if metered.run.meter == fact.meter && metered.currency == fact.currency && !is_behind_all(metered, fact) {
            overlaps(context, metered, fact, out);
        }
    }
}

/// Whether a snapshot is later than all others of its run, as nearly every one is.
fn is_behind_all(metered: &MeteredRun, fact: &UsageSnapshot) -> bool {
    metered.run.last_day().is_none_or(|last| last < fact.from)
}

/// Refuses an interval that overlaps one in force, unless that one lies wholly inside and the fact says that it replaces
/// such intervals.
fn overlaps(context: &ValidationContext<'_>, metered: &MeteredRun, fact: &UsageSnapshot, out: &mut Validation) {
    for snapshot in context.view.snapshots(metered, fact.from, fact.to) {
        let inside = snapshot.from >= fact.from && snapshot.to <= fact.to;
        if inside && fact.replaces.is_some() {
            out.gives_way.push(snapshot.position);
            continue;
        }
        let overlap = if inside { Overlap::Inside } else { Overlap::Partial };
        let contract = fact.contract().to_owned();
        let (from, to, position) = (snapshot.from, snapshot.to, snapshot.position);
        out.refuse(of("from"), Refusal::UsageOverlaps { contract, from, to, position, overlap });
    }
}

// Credit ---------------------------------------------------------------------------------------------------------------

fn credit_split(context: &ValidationContext<'_>, fact: &CreditSplit, out: &mut Validation) {
    let view = context.view;
    check_shares(context, &fact.shares, of("shares"), out);
    let wider = match &fact.on {
        SplitTarget::Booking(id) => view.booking(id.as_str()).and_then(|booking| {
            if fact.at > booking.fact.at {
                let warning = Warning::SplitAfterBooking { booking: id.clone(), signed: booking.fact.at, at: fact.at };
                out.warn(of("at"), warning);
            }
            CreditGraph::of(view).shares_of_contract(booking.fact.contract(), booking.fact.account.as_str(), fact.at)
        }),
        SplitTarget::Contract(id) => view
            .contract(id.as_str())
            .and_then(|contract| CreditGraph::of(view).shares_of_account(contract.account.as_str(), fact.at)),
        SplitTarget::Account(_) => None,
    };
    let Some((position, shares)) = wider else { return };
    for role in [Role::Primary, Role::Overlay, Role::Partner] {
        let pays = |shares: &[Share]| shares.iter().any(|share| share.role == role);
        if pays(shares) && !pays(&fact.shares) {
            out.warn(of("shares"), Warning::SplitDropsRole { position, role });
        }
    }
}

fn check_shares(context: &ValidationContext<'_>, shares: &[Share], path: FieldPath, out: &mut Validation) {
    let mut primary = Exact::ZERO;
    for (index, share) in shares.iter().enumerate() {
        let path = path.clone().index(index);
        payee_exists(context, &share.payee, path.clone().then("payee"), out);
        let percent = share.percent.exact();
        if shares[..index].iter().any(|other| (&other.payee, other.role) == (&share.payee, share.role)) {
            let (payee, role) = (share.payee.clone(), share.role);
            out.warn(path.clone().then("payee"), Warning::ShareTwice { payee, role });
        }
        if !percent.is_positive() || (share.role != Role::Primary && percent > Exact::ONE) {
            out.refuse(path.then("percent"), Refusal::ShareOutOfRange { percent: share.percent });
        }
        if share.role == Role::Primary {
            primary += &percent;
        }
    }
    if primary > Exact::ONE {
        out.refuse(path, Refusal::SharesAboveWhole { sum: primary });
    } else if primary < Exact::ONE {
        out.warn(path, Warning::SharesBelowWhole { sum: primary });
    }
}

/// How many days after the last usage it may be said to be complete without a warning. A mistaken year is more.
const AHEAD_DAYS_MAX: i32 = 92;

fn usage_complete(context: &ValidationContext<'_>, fact: &UsageComplete, out: &mut Validation) {
    let knowledge = context.view.knowledge;
    let last_day = |run: &MeteredRun| run.run.last_day();
    let used = match &fact.account {
        // An account's own contracts alone: a feed may say it of every account.
        Some(account) => {
            knowledge.contracts_of(account).flat_map(|c| context.view.runs_of(c)).filter_map(last_day).max()
        }
        None => knowledge.runs().filter_map(last_day).max(),
    };
    if let Some(used) = used
        && used.plus_days(AHEAD_DAYS_MAX) < fact.at
    {
        out.warn(of("at"), Warning::CompleteDayAhead { account: fact.account.clone(), at: fact.at, used });
    }
    let Some(account) = &fact.account else { return };
    if !account_exists(context.view, account) {
        let named = knowledge.accounts.sorted().into_iter().map(|(id, _)| id.as_str());
        let known = named.chain(knowledge.contracts().map(|contract| contract.account.as_str()));
        let nearest = nearest(account.as_str(), known).and_then(AccountId::new);
        out.refuse(of("account"), Refusal::AccountUnknown { account: account.clone(), nearest });
    }
}

/// Whether an account, a booking or usage in force names an account.
fn account_exists(view: View<'_>, account: &AccountId) -> bool {
    let facts = view.knowledge.accounts.get(account).map_or(&[][..], Vec::as_slice);
    let is_used = |contract| view.bookings_of(contract).next().is_some() || view.is_metered(contract);
    view.live(facts).next().is_some() || view.knowledge.contracts_of(account).any(is_used)
}

// Other facts ----------------------------------------------------------------------------------------------------------

fn signal(context: &ValidationContext<'_>, fact: &Signal, out: &mut Validation) {
    if fact.account.is_none() && fact.contract.is_none() && fact.booking.is_none() && fact.payee.is_none() {
        out.refuse(of("signal"), Refusal::SignalOfNothing { signal: fact.signal.clone() });
    }
    if let Some(payee) = &fact.payee {
        payee_exists(context, payee, of("payee"), out);
    }
}

fn exchange_rate(fact: &ExchangeRate, out: &mut Validation) {
    if fact.rate.is_zero() || fact.rate.is_negative() {
        out.refuse(of("rate"), Refusal::RateNotPositive { rate: fact.rate });
    }
    if fact.from == fact.to {
        out.refuse(of("to"), Refusal::RateToItself { currency: fact.from });
    }
}

fn opening_balance(context: &ValidationContext<'_>, fact: &OpeningBalance, out: &mut Validation) {
    payee_exists(context, &fact.payee, of("payee"), out);
    if let Some(last) = context.posted.last_close() {
        out.refuse(FieldPath::root(), Refusal::OpeningBalanceAfterClose { closed: last.close.period });
    }
    if fact.owed.is_none() && fact.draw.is_none() {
        out.refuse(FieldPath::root(), Refusal::OpeningBalanceEmpty);
    }
    let mut others = context.view.opening_balances(fact.payee.as_str(), Day::LAST);
    if let Some(other) = others.rfind(|other| other.fact.currency == fact.currency) {
        let (payee, currency, position) = (fact.payee.clone(), fact.currency, other.position);
        out.warn(of("payee"), Warning::OpeningBalanceSecond { payee, currency, position });
    }
    for (of_what, name, amount) in [(NonNegative::Owed, "owed", fact.owed), (NonNegative::Draw, "draw", fact.draw)] {
        if let Some(amount) = amount {
            not_negative(of_what, amount, of(name), out);
            as_fine_as(amount, fact.currency, of(name), out);
        }
    }
}

fn adjustment(context: &ValidationContext<'_>, fact: &Adjustment, out: &mut Validation) {
    payee_exists(context, &fact.payee, of("payee"), out);
    as_fine_as(fact.amount, fact.currency, of("amount"), out);
    if fact.reason.0.trim().is_empty() {
        out.refuse(of("reason"), Refusal::AdjustmentWithoutReason);
    }
}

fn as_fine_as(amount: Amount, currency: Currency, path: FieldPath, out: &mut Validation) {
    if amount.decimals() > currency.digits() {
        out.refuse(path, Refusal::TooManyDecimals { amount, currency });
    }
}

fn retraction(fact: &Retraction, out: &mut Validation) {
    if fact.reason.0.trim().is_empty() {
        out.refuse(of("reason"), Refusal::RetractionWithoutReason);
    }
}

/// The payee whose id is nearest to what was written.
fn nearest_payee(written: &PayeeId, knowledge: &Knowledge) -> Option<PayeeId> {
    nearest(written.as_str(), knowledge.payees.keys().map(PayeeId::as_str)).and_then(PayeeId::new)
}

/// The path of a field of the fact itself.
fn of(field: &str) -> FieldPath {
    FieldPath::of(field)
}
