//! What hangs on a fact that goes away by a correction or a retraction: the same checks on what would remain (facts.md).

use ledger::fact::{Body, Payee};
use ledger::id::PayeeId;
use ledger::key::natural_key;
use ledger::problem::Problem;
use plans::term::terms;
use projections::knowledge::Known;
use projections::life::{Lives, Position};
use projections::view::View;

/// How many of the facts that hang on another are listed.
const LISTED_MAX: usize = 10;

/// Everything that would no longer hold without the hidden entries of `after`. `instead` is what takes the place of `gone`.
pub fn hangs(before: View<'_>, after: View<'_>, gone: Position, instead: Option<&Body>) -> Vec<Problem> {
    let Some(known) = before.knowledge.fact_at(gone) else { return restored_usage(before, after, gone) };
    match &known.fact.body {
        Body::Payee(payee) => of_payee(before, after, payee, instead),
        Body::Assignment(assignment) => {
            of_assignment(before, after, &assignment.payee, assignment.plan.as_str(), instead)
        }
        Body::Booking(booking) => of_booking(before, after, booking.booking.as_str(), instead),
        Body::Retraction(_) => restored(before, after, gone),
        Body::Account(_) | Body::AssignmentEnd(_) | Body::Quota(_) | Body::Cancellation(_) | Body::UsageSnapshot(_) => {
            Vec::new()
        }
        Body::CreditSplit(_)
        | Body::Signal(_)
        | Body::ExchangeRate(_)
        | Body::OpeningBalance(_)
        | Body::Adjustment(_) => Vec::new(),
    }
}

fn listing(what: String, hanging: &[&Known]) -> Vec<Problem> {
    if hanging.is_empty() {
        return Vec::new();
    }
    let names = hanging.iter().take(LISTED_MAX).map(|known| {
        let name = natural_key(&known.fact.body).unwrap_or_else(|| known.id.to_string());
        format!("`{name}` (position {})", known.position)
    });
    let more = hanging.len().saturating_sub(LISTED_MAX);
    let tail = if more > 0 { format!(" and {more} more") } else { String::new() };
    let message = format!("{what}: {}{tail}", names.collect::<Vec<_>>().join(", "));
    vec![Problem::new("fact-hangs", message, "retract or correct these first")]
}

/// Every fact in force that names a payee.
fn naming<'k>(view: View<'k>, payee: &PayeeId) -> Vec<&'k Known> {
    let names = |known: &&Known| match &known.fact.body {
        Body::Assignment(fact) => fact.payee == *payee,
        Body::Booking(fact) => fact.credit.iter().flatten().any(|share| share.payee == *payee),
        Body::CreditSplit(fact) => fact.shares.iter().any(|share| share.payee == *payee),
        Body::Signal(fact) => fact.payee.as_ref() == Some(payee),
        Body::OpeningBalance(fact) => fact.payee == *payee,
        Body::Adjustment(fact) => fact.payee == *payee,
        Body::Payee(_) | Body::Account(_) | Body::AssignmentEnd(_) | Body::Quota(_) | Body::Cancellation(_) => false,
        Body::UsageSnapshot(_) | Body::ExchangeRate(_) | Body::Retraction(_) => false,
    };
    view.knowledge.facts().iter().filter(names).filter(|known| view.in_force(known.position)).collect()
}

fn of_payee(before: View<'_>, after: View<'_>, payee: &Payee, instead: Option<&Body>) -> Vec<Problem> {
    let stays = matches!(instead, Some(Body::Payee(new)) if new.payee == payee.payee);
    if stays || after.payee_exists(payee.payee.as_str()) {
        return Vec::new();
    }
    listing(
        format!("nothing else says that payee `{}` exists, and it is named by", payee.payee),
        &naming(before, &payee.payee),
    )
}

/// Ends and quotas need the assignment on their date.
fn of_assignment(
    before: View<'_>,
    after: View<'_>,
    payee: &PayeeId,
    plan: &str,
    instead: Option<&Body>,
) -> Vec<Problem> {
    let Some(facts) = before.knowledge.payees.get(payee) else { return Vec::new() };
    let (was, is) = (terms(before, payee.as_str()), terms(after, payee.as_str()));
    let hanging = before.live(&facts.ends).chain(before.live(&facts.quotas)).filter(|known| {
        let (of_plan, at) = match &known.fact.body {
            Body::AssignmentEnd(end) => (end.plan.as_str(), end.at),
            Body::Quota(quota) => (quota.plan.as_str(), quota.at),
            _ => return false,
        };
        let covered = match instead {
            Some(Body::Assignment(new)) => {
                new.payee == *payee
                    && new.plan.as_str() == of_plan
                    && new.at <= at
                    && new.until.is_none_or(|until| at <= until)
            }
            Some(_) | None => false,
        };
        let inside =
            |terms: &[plans::term::Term<'_>]| terms.iter().any(|term| term.plan() == of_plan && term.contains(at));
        of_plan == plan && inside(&was) && !inside(&is) && !covered
    });
    listing(format!("no assignment of `{payee}` to `{plan}` would be left for"), &hanging.collect::<Vec<_>>())
}

/// A cancellation needs its booking, signed on or before it.
fn of_booking(before: View<'_>, after: View<'_>, booking: &str, instead: Option<&Body>) -> Vec<Problem> {
    let signed = match (instead, after.booking(booking)) {
        (Some(Body::Booking(new)), _) if new.booking.as_str() == booking => Some(new.at),
        (_, Some(left)) => Some(left.fact.at),
        _ => None,
    };
    let list = before.knowledge.cancellations.get(booking).map_or(&[][..], Vec::as_slice);
    let hanging = before.live(list).filter(|known| known.fact.body.at() < signed || signed.is_none());
    listing(format!("booking `{booking}` is cancelled by"), &hanging.collect::<Vec<_>>())
}

/// A retraction that goes away brings back what it had retracted, which must fit again.
fn restored(before: View<'_>, after: View<'_>, gone: Position) -> Vec<Problem> {
    let facts = before.knowledge.facts().iter();
    let back = facts.filter(|known| known.life.retracted_by.contains(&gone) && after.in_force(known.position));
    let mut problems = Vec::new();
    for known in back {
        if let Body::Booking(booking) = &known.fact.body
            && let Some(other) = before.booking(booking.booking.as_str())
        {
            problems
                .extend(listing(format!("booking `{}` would be there twice, beside", booking.booking), &[other.known]));
        }
    }
    problems.extend(restored_usage(before, after, gone));
    problems
}

/// Usage that would be in force again must not overlap what took its days meanwhile.
fn restored_usage(before: View<'_>, after: View<'_>, gone: Position) -> Vec<Problem> {
    let knowledge = before.knowledge;
    let mut problems = Vec::new();
    for contract in knowledge.contracts() {
        for metered in before.runs_of(contract) {
            let ended = metered
                .run
                .ended()
                .iter()
                .filter(|ended| ended.life.replaced_by.contains(&gone) || ended.life.retracted_by.contains(&gone));
            let back = ended.filter(|ended| knowledge.in_force(ended.snapshot.position, after.sees));
            for ended in back {
                let (snapshot, of) = (&ended.snapshot, &contract.id);
                let other = before.runs_of(contract).filter(|other| other.run.meter == metered.run.meter);
                let mut others = other
                    .flat_map(|other| after.snapshots(other, snapshot.from, snapshot.to))
                    .filter(|other| other.position != snapshot.position);
                if let Some(other) = others.next() {
                    let message = format!(
                        "usage of `{of}` on {}..{} (position {}) would hold again, and overlaps position {}",
                        snapshot.from, snapshot.to, snapshot.position, other.position
                    );
                    problems.push(Problem::new("fact-hangs", message, "retract that one first"));
                }
            }
        }
    }
    problems
}
