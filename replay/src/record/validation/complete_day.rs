//! Warns of a fact that moves an account's complete day back: the day up to which all its usage was delivered (facts.md).

use std::collections::BTreeSet;

use ledger::date::Day;
use ledger::fact::{Body, Reference, UsageComplete, VariantOf};
use ledger::finding::{FieldPath, Finding};
use ledger::id::AccountId;
use projections::position::Position;
use projections::view::View;

use crate::refusal::Warning;

/// Whose usage is meant: that of one account; `None`: of everybody who has no such fact of their own.
type Whose = Option<AccountId>;

/// Whose complete day moves back if a fact is recorded that ends the entries at `gone`. `before` and `after` are the views
/// without and with that end; neither has the fact itself.
pub fn complete_days_back(
    (before, after): (View<'_>, View<'_>),
    gone: &[Position],
    body: &Body,
) -> Vec<Finding<Warning>> {
    let added = UsageComplete::of(body);
    let mut concerned: BTreeSet<Whose> = gone.iter().filter_map(|position| whose(before, *position)).collect();
    concerned.extend(added.map(|fact| fact.account.clone()));
    let path = FieldPath::of(if added.is_some() { "at" } else { "retracts" });
    let warning = |account: Whose| {
        let from = complete_day(before, &account, None)?;
        let to = complete_day(after, &account, added);
        let is_back = to.is_none_or(|to| to < from);
        is_back.then(|| Finding::at(path.clone(), Warning::CompleteDayBack { account, from, to }))
    };
    concerned.into_iter().filter_map(warning).collect()
}

/// Whose complete day the entry at a position is about: a `usage-complete` fact, or a retraction that ends in one.
fn whose(view: View<'_>, mut position: Position) -> Option<Whose> {
    loop {
        match &view.knowledge.fact_at(position)?.fact.body {
            Body::UsageComplete(fact) => return Some(fact.account.clone()),
            Body::Retraction(fact) => match &fact.retracts {
                Reference::Id(id) => position = view.knowledge.position_of(*id)?,
                Reference::Key(_) => return None,
            },
            Body::Payee(_) | Body::Account(_) | Body::Assignment(_) | Body::AssignmentEnd(_) => return None,
            Body::Quota(_) | Body::Booking(_) | Body::Cancellation(_) | Body::UsageSnapshot(_) => return None,
            Body::CreditSplit(_) | Body::Signal(_) | Body::ExchangeRate(_) | Body::OpeningBalance(_) => return None,
            Body::Adjustment(_) | Body::CreditNote(_) => return None,
        }
    }
}

/// The complete day in a view, with a fact that is not in it yet.
fn complete_day(view: View<'_>, whose: &Whose, added: Option<&UsageComplete>) -> Option<Day> {
    let everybody = &view.knowledge.complete_of_everybody;
    let added = added.filter(|fact| fact.account == *whose).map(|fact| fact.at);
    let Some(account) = whose else { return view.latest_complete(everybody).map(|known| known.fact.at).max(added) };
    let own = view.knowledge.complete_of.get(account).map_or(&[][..], Vec::as_slice);
    match view.latest_complete(own).map(|known| known.fact.at).max(added) {
        Some(day) => Some(day),
        None => view.latest_complete(everybody).map(|known| known.fact.at),
    }
}
