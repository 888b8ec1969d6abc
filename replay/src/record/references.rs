//! Referential integrity: refuses to replace or retract a fact that others depend on, and to retract an entry if that puts a
//! fact into force again that is not valid any more (facts.md).

use ledger::fact::{Body, Payee, UsageSnapshot};
use ledger::field::Amount;
use ledger::finding::{FieldPath, Finding};
use ledger::id::{BookingId, PayeeId, PlanId};
use ledger::key::natural_key;
use plans::term::terms;
use projections::knowledge::{Contract, MeteredRun, StoredFact};
use projections::position::Position;
use projections::posted_state::PostedState;
use projections::usage::KnownSnapshot;
use projections::validity::Validity;
use projections::view::View;

use crate::record::validation::{ValidationContext, validate};
use crate::refusal::{Dependents, EntryName, Refusal};

/// The most dependent facts that a refusal lists.
const LISTED_MAX: usize = 10;

/// The refusals for replacing or retracting the entry at `gone` by `body`. `before` and `after` are the views without and with
/// that change.
pub fn broken_references(
    context: &ValidationContext<'_>,
    (before, after): (View<'_>, View<'_>),
    gone: Position,
    body: &Body,
) -> Vec<Finding<Refusal>> {
    let is_retraction = matches!(body, Body::Retraction(_));
    let instead = Some(body).filter(|_| !is_retraction);
    let mut refusals = match before.knowledge.fact_at(gone).map(|known| &known.fact.body) {
        Some(Body::Payee(payee)) => of_payee(before, after, payee, instead),
        Some(Body::Assignment(fact)) => of_assignment(before, after, (&fact.payee, &fact.plan), instead),
        Some(Body::Booking(booking)) => of_booking(before, after, &booking.booking, instead),
        Some(Body::OpeningBalance(_)) => taken_over(context.posted),
        Some(Body::Account(_) | Body::AssignmentEnd(_) | Body::Quota(_) | Body::Cancellation(_)) => Vec::new(),
        Some(Body::CreditNote(_)) => Vec::new(),
        Some(Body::CreditSplit(_) | Body::Signal(_) | Body::ExchangeRate(_) | Body::Adjustment(_)) => Vec::new(),
        Some(Body::Retraction(_) | Body::UsageSnapshot(_) | Body::UsageComplete(_)) | None => Vec::new(),
    };
    // A correction replaces the fact that it corrects, so no earlier fact is in force again.
    if is_retraction {
        refusals.extend(restored(context, before, after, gone));
    }
    let path = FieldPath::of(if is_retraction { "retracts" } else { "corrects" });
    refusals.into_iter().map(|refusal| Finding::at(path.clone(), refusal)).collect()
}

/// Refuses to change an opening balance that the first close has entered into the balances.
fn taken_over(posted: &PostedState) -> Vec<Refusal> {
    let last = posted.last_close();
    last.map(|last| Refusal::OpeningBalanceTakenOver { closed: last.close.period }).into_iter().collect()
}

fn still_needed(by: Dependents, dependents: &[&StoredFact]) -> Vec<Refusal> {
    if dependents.is_empty() {
        return Vec::new();
    }
    let name = |known: &&StoredFact| EntryName {
        name: natural_key(&known.fact.body).unwrap_or_else(|| known.id.to_string()),
        position: known.position,
    };
    let first = dependents.iter().take(LISTED_MAX).map(name).collect();
    vec![Refusal::StillNeeded { by, first, more: dependents.len().saturating_sub(LISTED_MAX) }]
}

/// All facts in force that name a payee.
fn naming<'k>(view: View<'k>, payee: &PayeeId) -> Vec<&'k StoredFact> {
    let names = |known: &&StoredFact| match &known.fact.body {
        Body::Assignment(fact) => fact.payee == *payee,
        Body::Booking(fact) => fact.credit.iter().flatten().any(|share| share.payee == *payee),
        Body::CreditSplit(fact) => fact.shares.iter().any(|share| share.payee == *payee),
        Body::Signal(fact) => fact.payee.as_ref() == Some(payee),
        Body::OpeningBalance(fact) => fact.payee == *payee,
        Body::Adjustment(fact) => fact.payee == *payee,
        Body::Payee(_) | Body::Account(_) | Body::AssignmentEnd(_) | Body::Quota(_) | Body::Cancellation(_) => false,
        Body::UsageSnapshot(_) | Body::ExchangeRate(_) | Body::Retraction(_) | Body::CreditNote(_) => false,
        Body::UsageComplete(_) => false,
    };
    view.knowledge.facts().filter(names).filter(|known| view.in_force(known.position)).collect()
}

fn of_payee(before: View<'_>, after: View<'_>, payee: &Payee, instead: Option<&Body>) -> Vec<Refusal> {
    let stays = matches!(instead, Some(Body::Payee(new)) if new.payee == payee.payee);
    if stays || after.payee_exists(payee.payee.as_str()) {
        return Vec::new();
    }
    still_needed(Dependents::OfPayee(payee.payee.clone()), &naming(before, &payee.payee))
}

/// Ends and quotas of the assignment, if it does not cover their date any more.
fn of_assignment(
    before: View<'_>,
    after: View<'_>,
    (payee, plan): (&PayeeId, &PlanId),
    instead: Option<&Body>,
) -> Vec<Refusal> {
    let Some(facts) = before.knowledge.payees.get(payee) else { return Vec::new() };
    let (was, is) = (terms(before, payee.as_str()), terms(after, payee.as_str()));
    let dependents = before.live(&facts.ends).chain(before.live(&facts.quotas)).filter(|known| {
        let (of_plan, at) = match &known.fact.body {
            Body::AssignmentEnd(end) => (&end.plan, end.at),
            Body::Quota(quota) => (&quota.plan, quota.at),
            _ => return false,
        };
        let covered = match instead {
            Some(Body::Assignment(new)) => {
                new.payee == *payee && new.plan == *of_plan && new.at <= at && new.until.is_none_or(|until| at <= until)
            }
            Some(_) | None => false,
        };
        let inside = |terms: &[plans::term::Term<'_>]| {
            terms.iter().any(|term| term.plan() == of_plan.as_str() && term.contains(at))
        };
        of_plan == plan && inside(&was) && !inside(&is) && !covered
    });
    let by = Dependents::OfAssignment(payee.clone(), plan.clone());
    still_needed(by, &dependents.collect::<Vec<_>>())
}

/// Cancellations and credit notes of the booking, if it is gone or is signed later than they are; credit notes also if the
/// booking is in another currency, because their amounts are in the one it had.
fn of_booking(before: View<'_>, after: View<'_>, booking: &BookingId, instead: Option<&Body>) -> Vec<Refusal> {
    let stays = match (instead, after.booking(booking.as_str())) {
        (Some(Body::Booking(new)), _) if new.booking == *booking => Some(new),
        (_, Some(left)) => Some(left.fact),
        _ => None,
    };
    let signed = stays.map(|booking| booking.at);
    let was = before.booking(booking.as_str()).map(|booking| booking.fact.currency);
    let other_currency = stays.map(|booking| booking.currency) != was;
    let is_early = |known: &&StoredFact| known.fact.body.at() < signed || signed.is_none();
    let cancellations = before.knowledge.cancellations.get(booking.as_str()).map_or(&[][..], Vec::as_slice);
    let notes = before.knowledge.credit_notes.get(booking.as_str()).map_or(&[][..], Vec::as_slice);
    let notes = before.live(notes).filter(|known| is_early(known) || other_currency);
    let dependents: Vec<&StoredFact> = before.live(cancellations).filter(is_early).chain(notes).collect();
    still_needed(Dependents::OfBooking(booking.clone()), &dependents)
}

/// Facts that are in force again after the retraction must be valid given the facts recorded since.
fn restored(context: &ValidationContext<'_>, before: View<'_>, after: View<'_>, gone: Position) -> Vec<Refusal> {
    let knowledge = before.knowledge;
    let ended_by_gone =
        |validity: &Validity| validity.replaced_by.contains(&gone) || validity.retracted_by.contains(&gone);
    let facts = knowledge.facts().filter(|known| ended_by_gone(&known.validity) && after.in_force(known.position));
    let mut back: Vec<(Position, Body)> = facts.map(|known| (known.position, known.fact.body.clone())).collect();
    // A retraction can change a payee's manager without putting a fact of that payee into force again.
    if let Some(Body::Payee(payee)) = knowledge.fact_at(gone).map(|known| &known.fact.body) {
        let facts = knowledge.payees.get(&payee.payee).map_or(&[][..], |facts| facts.facts.as_slice());
        back.extend(after.live(facts).map(|known| (known.position, known.fact.body.clone())));
    }
    for contract in contracts_of(before, gone) {
        for metered in before.runs_of(contract) {
            let ended = metered.run.ended().filter(|ended| ended_by_gone(&ended.validity));
            let again = ended.filter(|ended| after.in_force(ended.snapshot.position));
            back.extend(again.map(|ended| (ended.snapshot.position, usage_again(contract, metered, &ended.snapshot))));
        }
    }
    back.into_iter().flat_map(|(position, body)| valid_again(context, after, position, &body)).collect()
}

/// The contracts whose usage can be in force again: the snapshot's own; for the retraction of a retraction, all.
fn contracts_of<'k>(view: View<'k>, gone: Position) -> Vec<&'k Contract> {
    match (view.knowledge.run_at(gone), view.knowledge.fact_at(gone).map(|known| &known.fact.body)) {
        (Some(metered), _) => vec![view.knowledge.contract(metered.contract)],
        (None, Some(Body::Retraction(_))) => view.knowledge.contracts().collect(),
        (None, _) => Vec::new(),
    }
}

/// The snapshot as a fact. The amount is left out, because validation does not depend on it.
fn usage_again(contract: &Contract, metered: &MeteredRun, snapshot: &KnownSnapshot) -> Body {
    Body::UsageSnapshot(UsageSnapshot {
        account: contract.account.clone(),
        contract: Some(contract.id.clone()),
        meter: metered.run.meter.clone(),
        from: snapshot.from,
        to: snapshot.to,
        amount: Amount(ledger::wire::Decimal::ZERO),
        quantity: None,
        currency: metered.currency,
        replaces: None,
    })
}

fn valid_again(context: &ValidationContext<'_>, after: View<'_>, position: Position, body: &Body) -> Vec<Refusal> {
    let itself = [position];
    let visibility = after.visibility.correcting(&itself);
    let view = View { knowledge: after.knowledge, visibility };
    let context = ValidationContext { view, rules: context.rules, posted: context.posted };
    let kind = body.word();
    let again = |found: Finding<Refusal>| Refusal::InvalidAgain { kind, position, why: Box::new(found.what) };
    validate(&context, body).refusals.into_iter().map(again).collect()
}
