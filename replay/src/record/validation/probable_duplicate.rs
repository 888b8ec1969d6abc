//! Facts that are probably the same as another one in force, although nothing says so: both count.

use ledger::fact::{Adjustment, Body, Fact, Signal, UsageSnapshot, VariantOf};
use ledger::finding::{FieldPath, Finding};
use projections::knowledge::signal_source_digest;
use projections::view::View;

use crate::refusal::Warning;

/// Warns of an adjustment with the payee, amount, currency and date of another in force, of a signal with the source of another
/// in force, and of usage with the contract, days and amount of another in force, of which one names a meter and the other none.
pub fn probable_duplicate(view: View<'_>, fact: &Fact) -> Option<Finding<Warning>> {
    match &fact.body {
        Body::Adjustment(adjustment) => adjustment_twice(view, adjustment),
        Body::Signal(_) => signal_twice(view, fact),
        Body::Payee(_) | Body::Account(_) | Body::Assignment(_) | Body::AssignmentEnd(_) | Body::Quota(_) => None,
        Body::UsageSnapshot(usage) => usage_twice(view, usage),
        Body::Booking(_) | Body::Cancellation(_) | Body::CreditNote(_) => None,
        Body::CreditSplit(_) | Body::ExchangeRate(_) | Body::OpeningBalance(_) => None,
        Body::Retraction(_) | Body::UsageComplete(_) => None,
    }
}

fn adjustment_twice(view: View<'_>, fact: &Adjustment) -> Option<Finding<Warning>> {
    let money = |fact: &Adjustment| (fact.at, fact.currency, fact.amount.exact());
    let mut others = view.adjustments(fact.payee.as_str());
    let other = others.find(|other| money(other.fact) == money(fact))?;
    let twice = Warning::AdjustmentTwice { payee: fact.payee.clone(), position: other.position };
    Some(Finding::at(FieldPath::of("amount"), twice))
}

/// A source that names its meters from some day on sends known usage under other keys.
fn usage_twice(view: View<'_>, fact: &UsageSnapshot) -> Option<Finding<Warning>> {
    let contract = view.knowledge.contract_of(fact.contract(), fact.account.as_str())?;
    let others = view.runs_of(contract).filter(|metered| metered.run.meter.is_some() != fact.meter.is_some());
    let others = others.filter(|metered| metered.currency == fact.currency && !fact.amount.is_zero());
    let position = others.flat_map(|metered| view.snapshots(metered, fact.from, fact.to)).find_map(|snapshot| {
        let is_same = (snapshot.from, snapshot.to) == (fact.from, fact.to) && snapshot.amount == fact.amount.exact();
        is_same.then_some(snapshot.position)
    })?;
    let meter = view.knowledge.run_at(position)?.run.meter.clone();
    let path = FieldPath::of(if fact.meter.is_some() { "meter" } else { "amount" });
    Some(Finding::at(path, Warning::UsageTwice { contract: fact.contract().to_owned(), meter, position }))
}

fn signal_twice(view: View<'_>, fact: &Fact) -> Option<Finding<Warning>> {
    let source = fact.source.as_ref()?;
    let same = view.knowledge.signals_of_source(&signal_source_digest(fact)?).iter().copied();
    // Different sources may have one digest, in theory.
    let is_same = |position: &u32| {
        let known = view.knowledge.fact_at(*position).map(|known| &known.fact);
        known.is_some_and(|known| known.source.as_ref() == Some(source) && Signal::of(&known.body).is_some())
    };
    let position = same.filter(|position| view.in_force(*position)).find(is_same)?;
    Some(Finding::at(FieldPath::of("source"), Warning::SignalTwice { source: source.0.clone(), position }))
}
