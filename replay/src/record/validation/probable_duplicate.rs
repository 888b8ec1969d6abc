//! Facts that are probably the same as another one in force, although nothing says so: both count.

use ledger::fact::{Adjustment, Body, Fact, Signal, VariantOf};
use ledger::finding::{FieldPath, Finding};
use projections::knowledge::signal_source_digest;
use projections::view::View;

use crate::refusal::Warning;

/// Warns of an adjustment with the payee, amount, currency and date of another in force, and of a signal with the source of
/// another in force.
pub fn probable_duplicate(view: View<'_>, fact: &Fact) -> Option<Finding<Warning>> {
    match &fact.body {
        Body::Adjustment(adjustment) => adjustment_twice(view, adjustment),
        Body::Signal(_) => signal_twice(view, fact),
        Body::Payee(_) | Body::Account(_) | Body::Assignment(_) | Body::AssignmentEnd(_) | Body::Quota(_) => None,
        Body::Booking(_) | Body::Cancellation(_) | Body::CreditNote(_) | Body::UsageSnapshot(_) => None,
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
