//! What made a line come to another amount: the news since the previous close, one by one, each as the step that it made
//! (statement.md).
//!
//! Time goes first; then every item's facts of one kind, plan versions and nothing else, in the order of the log. What is
//! not yet told is hidden, so the steps begin at what was posted and end at what is due.

use std::collections::BTreeMap;

use ledger::date::Day;
use ledger::fact::Body;
use ledger::id::PayeeId;
use ledger::key::natural_key;
use ledger::money::Money;
use plans::context::Context;
use plans::why::Detail;
use projections::accounts::Closed;
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
        let mut groups: BTreeMap<(String, String), Vec<Position>> = BTreeMap::new();
        let mut add = |kind: &str, item: String, position: Position| {
            groups.entry((kind.to_owned(), item)).or_default().push(position)
        };
        for position in from..to {
            let position = position as Position;
            if let Some(metered) = self.state.knowledge.run_at(position) {
                let contract = &self.state.knowledge.contracts()[metered.contract as usize];
                add("usage-snapshot", contract.id.to_string(), position);
            } else if let Some(known) = self.state.knowledge.fact_at(position)
                && concerns(&known.fact.body, payee)
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

/// Facts about other payees alone change nothing for this one.
fn concerns(body: &Body, payee: &PayeeId) -> bool {
    match body {
        Body::Assignment(fact) => fact.payee == *payee,
        Body::AssignmentEnd(fact) => fact.payee == *payee,
        Body::Quota(fact) => fact.payee == *payee,
        Body::Adjustment(fact) => fact.payee == *payee,
        Body::OpeningBalance(fact) => fact.payee == *payee,
        Body::Payee(_) | Body::Account(_) | Body::Booking(_) | Body::Cancellation(_) | Body::UsageSnapshot(_) => true,
        Body::CreditSplit(_) | Body::Signal(_) | Body::ExchangeRate(_) | Body::Retraction(_) => true,
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
