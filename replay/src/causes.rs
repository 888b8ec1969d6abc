//! What made a line come to another amount: the news since the previous close, one by one, each as the step that it made
//! (statement.md).
//!
//! Time goes first; then every item's facts of one kind, plan versions and nothing else, in the order of the log. What is
//! not yet told is hidden, so the steps begin at what was posted and end at what is due.

use std::collections::{BTreeMap, BTreeSet};

use ledger::date::Day;
use ledger::fact::{Body, Booking, OneOf, Target};
use ledger::id::{AccountId, BookingId, PayeeId};
use ledger::key::natural_key;
use ledger::money::Money;
use plans::context::Context;
use plans::credit::{CreditIndex, subject_of_signal};
use plans::picked::Picked;
use plans::plan::Credit;
use plans::rulebook::Rulebook;
use plans::why::Detail;
use projections::accounts::Closed;
use projections::knowledge::narrowest;
use projections::life::{Position, Sees};
use projections::view::View;

use crate::book::Book;
use crate::evaluate::{Evaluation, evaluate};
use crate::statement::{Cause, Figures, Line};

/// News of one item and kind.
struct Group {
    kind: String,
    item: String,
    positions: Vec<Position>,
}

impl Book {
    /// The causes of each line's difference, in the order of the lines; none for a line that is posted for the first time.
    pub(crate) fn causes(&self, closed: &Closed, figures: &Figures) -> Vec<Vec<Cause>> {
        let mut causes: Vec<Vec<Cause>> = figures.lines.iter().map(|_| Vec::new()).collect();
        let before = self.state.accounts.closes.iter().rev().find(|other| other.position < closed.position);
        let (Some(before), true) = (before, figures.lines.iter().any(|line| line.reason.is_some())) else {
            return causes;
        };
        let groups = self.news(before.close.known, closed.close.known, &figures.holder.0);
        let mut hidden: Vec<Position> = groups.iter().flat_map(|group| group.positions.iter().copied()).collect();
        hidden.sort();
        let size = closed.close.known;
        let mut last = self.amounts(figures, size, before.close.period.last(), &hidden);
        let frozen = self.state.accounts.freezes.iter().map(|(position, _)| *position);
        let frozen: Vec<Position> = frozen.filter(|position| u64::from(*position) < size).collect();
        let before_it = std::mem::replace(&mut last, figures.lines.iter().map(|line| line.before).collect());
        // What the previous close did not post: a freeze withheld it, or the program worked it out in another way.
        tell(figures, &mut causes, &mut last, before_it, || {
            let kind = if frozen.is_empty() { "engine" } else { "freeze" };
            (kind.to_owned(), String::new(), frozen.clone())
        });
        let time = self.amounts(figures, size, closed.close.period.last(), &hidden);
        tell(figures, &mut causes, &mut last, time, || ("time".to_owned(), String::new(), Vec::new()));
        for group in groups {
            hidden.retain(|position| !group.positions.contains(position));
            let now = self.amounts(figures, size, closed.close.period.last(), &hidden);
            tell(figures, &mut causes, &mut last, now, || {
                (group.kind.clone(), group.item.clone(), group.positions.clone())
            });
        }
        causes
    }

    /// What the lines come to without some entries.
    fn amounts(&self, figures: &Figures, size: u64, day: Day, hidden: &[Position]) -> Vec<Money> {
        let view = View { knowledge: &self.state.knowledge, sees: Sees { hidden, ..Sees::below(size) } };
        let context = Context::new(view, &self.state.rules, day, Detail::Figures);
        let evaluation = evaluate(&context, [&figures.holder.0].into_iter());
        figures.lines.iter().map(|line| amount(&evaluation, figures, line)).collect()
    }

    /// What was recorded in a stretch of the log and could matter to a payee, grouped, in the order of the log.
    fn news(&self, from: u64, to: u64, payee: &PayeeId) -> Vec<Group> {
        let reach = Reach::of(View::new(&self.state.knowledge, to), &self.state.rules, payee);
        let mut groups: BTreeMap<(String, String), Vec<Position>> = BTreeMap::new();
        let mut add = |kind: &str, item: String, position: Position| {
            groups.entry((kind.to_owned(), item)).or_default().push(position)
        };
        for position in from..to {
            let position = position as Position;
            if let Some(metered) = self.state.knowledge.run_at(position) {
                let contract = &self.state.knowledge.contracts()[metered.contract as usize];
                if reach.accounts.contains(&contract.account) {
                    add("usage-snapshot", contract.id.to_string(), position);
                }
            } else if let Some(known) = self.state.knowledge.fact_at(position)
                && reach.concerns(&known.fact.body)
            {
                add(known.fact.body.word(), self.item_of(&known.fact.body, known.id.to_string()), position);
            }
        }
        for (id, versions) in self.state.rules.plans() {
            for published in versions.iter().filter(|published| (from..to).contains(&u64::from(published.position))) {
                add("plan", format!("{id} {}", published.plan.version), published.position);
            }
        }
        let mut groups: Vec<Group> =
            groups.into_iter().map(|((kind, item), positions)| Group { kind, item, positions }).collect();
        groups.sort_by_key(|group| group.positions[0]);
        groups
    }

    /// What a fact is about; a retraction is about what it retracts.
    fn item_of(&self, body: &Body, id: String) -> String {
        if let Body::Retraction(retraction) = body {
            return retraction.retracts.to_string();
        }
        natural_key(body).and_then(|key| key.split_once(':').map(|(_, item)| item.to_owned())).unwrap_or(id)
    }
}

/// Whose credit a payee is paid on, its own in any case.
fn credits(view: View<'_>, rules: &Rulebook, payee: &PayeeId) -> Vec<Credit> {
    let plans = view.assignments_ever(payee.as_str()).map(|assignment| &assignment.plan);
    let versions = plans.flat_map(|plan| rules.versions(plan.as_str(), view.sees));
    let mut credits = vec![Credit::Roles(Vec::new())];
    for component in versions.flat_map(|published| &published.plan.components) {
        if !matches!(component.credit, Credit::Roles(_)) && !credits.contains(&component.credit) {
            credits.push(component.credit.clone());
        }
    }
    credits
}

/// What can change anything for a payee.
struct Reach<'k> {
    view: View<'k>,
    payee: &'k PayeeId,
    /// Accounts of which it, its reports or its team have had credit.
    accounts: BTreeSet<AccountId>,
}

impl<'k> Reach<'k> {
    fn of(view: View<'k>, rules: &Rulebook, payee: &'k PayeeId) -> Reach<'k> {
        let index = CreditIndex::build(view, Day::LAST);
        let all = Picked::everything();
        let mut accounts = BTreeSet::new();
        for credit in credits(view, rules, payee) {
            let id = payee.as_str();
            accounts.extend(index.given(id, &credit).contracts.iter().map(|contract| contract.account.clone()));
            let bookings = index.bookings_for(id, &credit, &all).into_iter();
            accounts.extend(bookings.map(|booking| booking.on.fact.account.clone()));
            let signals = index.signals_for(id, &credit, &all).into_iter();
            accounts.extend(signals.filter_map(|signal| subject_of_signal(view, Day::LAST, signal.on).account));
        }
        Reach { view, payee, accounts }
    }

    fn account(&self, account: &AccountId) -> bool {
        self.accounts.contains(account)
    }

    fn booking(&self, id: &BookingId) -> bool {
        let ever = self.view.knowledge.bookings.get(id).into_iter().flatten();
        let mut bookings = ever.filter_map(|index| Booking::of(&self.view.knowledge.fact(*index).fact.body));
        bookings.any(|booking| self.account(&booking.account))
    }

    fn target(&self, target: &Target) -> bool {
        match target {
            Target::Booking(id) => self.booking(id),
            Target::Account(id) => self.account(id),
            Target::Contract(id) => {
                self.view.knowledge.contracts_named(id.as_str()).any(|contract| self.account(&contract.account))
            }
        }
    }

    /// Facts about other payees alone, or about what this one never had credit of, change nothing for it.
    fn concerns(&self, body: &Body) -> bool {
        match body {
            Body::Assignment(fact) => fact.payee == *self.payee,
            Body::AssignmentEnd(fact) => fact.payee == *self.payee,
            Body::Quota(fact) => fact.payee == *self.payee,
            Body::Adjustment(fact) => fact.payee == *self.payee,
            Body::OpeningBalance(fact) => fact.payee == *self.payee,
            Body::Account(fact) => self.account(&fact.account),
            Body::Booking(fact) => self.account(&fact.account),
            Body::Cancellation(fact) => self.booking(&fact.booking),
            Body::CreditSplit(fact) => {
                self.target(&fact.on) || fact.shares.iter().any(|share| share.payee == *self.payee)
            }
            Body::Signal(fact) => fact.payee.is_some() || narrowest(fact).is_none_or(|target| self.target(&target)),
            Body::Payee(_) | Body::UsageSnapshot(_) | Body::ExchangeRate(_) | Body::Retraction(_) => true,
        }
    }
}

fn amount(evaluation: &Evaluation, figures: &Figures, line: &Line) -> Money {
    evaluation.line(&figures.holder, &line.name).map_or(Money::zero(figures.holder.1), |entitled| entitled.amount)
}

/// Notes the step that some news made in each line that was posted before.
fn tell(
    figures: &Figures,
    causes: &mut [Vec<Cause>],
    last: &mut Vec<Money>,
    now: Vec<Money>,
    of: impl Fn() -> (String, String, Vec<Position>),
) {
    for (index, line) in figures.lines.iter().enumerate() {
        let step = now[index] - last[index];
        if line.reason.is_some() && !step.is_zero() {
            let (kind, item, positions) = of();
            causes[index].push(Cause { kind, item, positions, amount: step });
        }
    }
    *last = now;
}
