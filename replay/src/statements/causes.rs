//! The causes of a retroactive adjustment: the entries recorded since the previous close, each with the part of the difference that
//! it made (calculation.md 9).
//!
//! The first cause is the passing of time. Then follow the new entries in the order of the log, grouped by kind and item. The lines
//! are evaluated again after each group, with all later groups hidden. So the steps begin at the posted amount and end at the
//! amount that is due.

use std::collections::{BTreeMap, BTreeSet};

use ledger::date::Day;
use ledger::fact::{Body, SplitTarget};
use ledger::id::{AccountId, BookingId, PayeeId, PlanId};
use ledger::key::natural_key;
use ledger::money::Money;
use plans::credit::sources::things_ever_credited;
use plans::plan::Credit;
use plans::rulebook::Rulebook;
use plans::why::Detail;
use projections::credit_graph::CreditedThings;
use projections::knowledge::{Knowledge, things_named};
use projections::lines::LineName;
use projections::position::Position;
use projections::posted_state::ClosedPeriod;
use projections::validity::Visibility;
use projections::view::View;

use crate::evaluation::full::evaluate_some;
use crate::evaluation::incremental::RecomputePlan;
use crate::evaluation::line_impact::LineImpact;
use crate::state::State;
use crate::statements::statement::{Cause, Figures, Line};

/// New entries of one kind, about one item.
struct EntryGroup {
    kind: String,
    item: String,
    /// The plan, if the entry is a plan version.
    plan: Option<PlanId>,
    positions: Vec<Position>,
}

/// Which new entries are tried as causes of a difference. Both choices give the same causes.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum CauseFilter {
    /// Only entries that can have changed the line.
    Relevant,
    /// All new entries. Much slower; tests compare the other choice with it.
    All,
}

/// The causes of each line of a statement, in the order of the lines; empty for a line that is posted for the first time.
pub(crate) fn causes<'b>(
    state: &'b State,
    closed: &'b ClosedPeriod,
    figures: &Figures,
    filter: CauseFilter,
    (line_impact, recompute_plan): (&mut Option<LineImpact<'b>>, &RecomputePlan<'b>),
) -> Vec<Vec<Cause>> {
    let before = state.posted.closes.iter().rev().find(|other| other.position < closed.position);
    let (Some(before), true) = (before, figures.lines.iter().any(|line| line.reason.is_some())) else {
        return figures.lines.iter().map(|_| Vec::new()).collect();
    };
    let groups = entry_groups(state, before.close.known, closed.close.known, &figures.holder.0);
    let (knowledge, rules) = (&state.knowledge, &state.rules);
    let new = || LineImpact::of(knowledge, rules, closed.close.known, closed.close.period.last());
    let line_impact = line_impact.get_or_insert_with(new);
    let causes =
        Steps::of(state, (before, closed), figures, &groups, (filter, line_impact, recompute_plan)).by_line(&groups);
    let fits = |(line, causes): (&Line, &Vec<Cause>)| {
        line.reason.is_none() || Money::sum(figures.holder.1, causes.iter().map(|cause| cause.amount)) == line.amount
    };
    if figures.lines.iter().zip(&causes).all(fits) {
        return causes;
    }
    debug_assert!(
        filter == CauseFilter::All,
        "BUG: an entry that changed a line was not tried as its cause: {causes:?}"
    );
    Steps::of(state, (before, closed), figures, &groups, (CauseFilter::All, line_impact, recompute_plan))
        .by_line(&groups)
}

/// The entries from one position up to another that can change a line of a payee, in groups, in the order of the log.
fn entry_groups(state: &State, from: u64, to: u64, payee: &PayeeId) -> Vec<EntryGroup> {
    let knowledge = &state.knowledge;
    let mine = Mine::of(View::new(knowledge, to), &state.rules, payee);
    let mut groups: BTreeMap<(String, String), EntryGroup> = BTreeMap::new();
    let mut add = |kind: &str, item: String, plan: Option<&PlanId>, position: Position| {
        let new =
            || EntryGroup { kind: kind.to_owned(), item: item.clone(), plan: plan.cloned(), positions: Vec::new() };
        groups.entry((kind.to_owned(), item.clone())).or_insert_with(new).positions.push(position)
    };
    for position in mine.usage(from, to) {
        let Some(metered) = knowledge.run_at(position) else { continue };
        add("usage-snapshot", knowledge.contract(metered.contract).id.to_string(), None, position);
    }
    for known in mine.facts(from, to).into_iter().filter_map(|position| knowledge.fact_at(position)) {
        add(known.fact.body.word(), item_of(&known.fact.body, known.id.to_string()), None, known.position);
    }
    for (id, versions) in state.rules.plans() {
        for published in versions.iter().filter(|published| (from..to).contains(&u64::from(published.position))) {
            add("plan", format!("{id} {}", published.plan.version), Some(id), published.position);
        }
    }
    let mut groups: Vec<EntryGroup> = groups.into_values().collect();
    groups.sort_by_key(|group| group.positions[0]);
    groups
}

/// The item that a fact is about. A retraction is about the item of the fact that it retracts.
fn item_of(body: &Body, id: String) -> String {
    if let Body::Retraction(retraction) = body {
        return retraction.retracts.to_string();
    }
    natural_key(body).and_then(|key| key.split_once(':').map(|(_, item)| item.to_owned())).unwrap_or(id)
}

/// Evaluates the reposted lines of a statement after each group of new entries.
struct Steps<'c> {
    state: &'c State,
    closes: (&'c ClosedPeriod, &'c ClosedPeriod),
    figures: &'c Figures,
    /// For each group, the lines that it can have changed.
    affected_lines: Vec<Vec<usize>>,
    recompute_plan: &'c RecomputePlan<'c>,
}

impl<'c> Steps<'c> {
    fn of(
        state: &'c State,
        closes: (&'c ClosedPeriod, &'c ClosedPeriod),
        figures: &'c Figures,
        groups: &[EntryGroup],
        (filter, line_impact, recompute_plan): (CauseFilter, &mut LineImpact<'_>, &'c RecomputePlan<'c>),
    ) -> Steps<'c> {
        let again = figures.lines.iter().enumerate().filter(|(_, line)| line.reason.is_some());
        let again: Vec<(usize, &LineName)> = again.map(|(index, line)| (index, &line.name)).collect();
        let all = || again.iter().map(|(index, _)| *index);
        let of_group = |group: &EntryGroup| match (&group.plan, filter) {
            (_, CauseFilter::All) => all().collect(),
            (Some(plan), CauseFilter::Relevant) => {
                all().filter(|index| figures.lines[*index].name.plan.as_ref() == Some(plan)).collect()
            }
            (None, CauseFilter::Relevant) => {
                let lines = again.iter().map(|(_, name)| (&figures.holder.0, *name));
                let affected = line_impact.affected(&group.positions, lines);
                all().zip(affected).filter(|(_, is_affected)| *is_affected).map(|(index, _)| index).collect()
            }
        };
        let affected_lines = groups.iter().map(of_group).collect();
        Steps { state, closes, figures, affected_lines, recompute_plan }
    }

    /// The causes of each line. The steps begin at the posted amount and end at the amount that is due.
    fn by_line(&self, groups: &[EntryGroup]) -> Vec<Vec<Cause>> {
        let (figures, size) = (self.figures, self.closes.1.close.known);
        let (closed, day) = (self.closes.0.close.period.last(), self.closes.1.close.period.last());
        let mut causes: Vec<Vec<Cause>> = figures.lines.iter().map(|_| Vec::new()).collect();
        let all: Vec<usize> = (0..figures.lines.len()).filter(|index| figures.lines[*index].reason.is_some()).collect();
        // Each new entry with the number of its group, in the order of the log.
        let moving = groups.iter().enumerate().filter(|(place, _)| !self.affected_lines[*place].is_empty());
        let mut new_entries: Vec<(Position, usize)> =
            moving.flat_map(|(place, group)| group.positions.iter().map(move |position| (*position, place))).collect();
        new_entries.sort();
        let behind = |last: Option<usize>| -> Vec<Position> {
            new_entries
                .iter()
                .filter(|(_, place)| last.is_none_or(|last| *place > last))
                .map(|(position, _)| *position)
                .collect()
        };
        let mut last: Vec<Money> = figures.lines.iter().map(|line| line.before).collect();
        let mut record = |now: Vec<(usize, Money)>, kind: &str, item: &str, positions: &[Position]| {
            for (index, amount) in now {
                let step = amount - last[index];
                if !step.is_zero() {
                    let (kind, item, positions) = (kind.to_owned(), item.to_owned(), positions.to_vec());
                    causes[index].push(Cause { kind, item, positions, amount: step });
                }
                last[index] = amount;
            }
        };
        let frozen = self.state.posted.freezes.iter().map(|(position, _)| *position);
        let frozen: Vec<Position> = frozen.filter(|position| u64::from(*position) < size).collect();
        // A difference without any new entry: a freeze withheld it, or the engine number was raised.
        let kind = if frozen.is_empty() { "engine" } else { "freeze" };
        record(self.amounts(&all, closed, &behind(None)), kind, "", &frozen);
        record(self.amounts(&all, day, &behind(None)), "time", "", &[]);
        for (place, group) in groups.iter().enumerate().filter(|(place, _)| !self.affected_lines[*place].is_empty()) {
            let now = self.amounts(&self.affected_lines[place], day, &behind(Some(place)));
            record(now, &group.kind, &group.item, &group.positions);
        }
        causes
    }

    /// The amounts of some of the lines, by their numbers, without the hidden entries.
    fn amounts(&self, lines: &[usize], day: Day, hidden: &[Position]) -> Vec<(usize, Money)> {
        let (state, holder) = (self.state, &self.figures.holder);
        let visibility = Visibility::below(self.closes.1.close.known).hiding(hidden);
        let names = lines.iter().map(|index| &self.figures.lines[*index].name);
        let asked = BTreeMap::from([(&holder.0, self.recompute_plan.scopes_around(names))]);
        let view = View { knowledge: &state.knowledge, visibility };
        let evaluation = evaluate_some(view, &state.rules, (day, Detail::Figures), &asked, None);
        let amount = |index: usize| {
            let entitled = evaluation.line(holder, &self.figures.lines[index].name);
            entitled.map_or(Money::zero(holder.1), |entitled| entitled.amount)
        };
        lines.iter().map(|index| (*index, amount(*index))).collect()
    }
}

/// The kinds of credit that a payee is paid on: its own, and that of its reports or team if a plan says so.
fn credits(view: View<'_>, rules: &Rulebook, payee: &PayeeId) -> Vec<Credit> {
    let plans = view.assignments_ever(payee.as_str()).map(|assignment| &assignment.plan);
    let versions = plans.flat_map(|plan| rules.versions(plan.as_str(), view.visibility));
    let mut credits = vec![Credit::Roles(Vec::new())];
    for component in versions.flat_map(|published| &published.plan.components) {
        if !matches!(component.credit, Credit::Roles(_)) && !credits.contains(&component.credit) {
            credits.push(component.credit.clone());
        }
    }
    credits
}

/// The accounts, contracts and bookings that a payee ever had credit of.
struct Mine<'k> {
    knowledge: &'k Knowledge,
    payee: &'k PayeeId,
    ever: CreditedThings<'k>,
}

impl<'k> Mine<'k> {
    fn of(view: View<'k>, rules: &Rulebook, payee: &'k PayeeId) -> Mine<'k> {
        let credits = credits(view, rules, payee);
        Mine { knowledge: view.knowledge, payee, ever: things_ever_credited(view, payee.as_str(), credits.iter()) }
    }

    fn account(&self, account: &AccountId) -> bool {
        self.ever.accounts.contains(account)
    }

    fn contract(&self, id: &str) -> bool {
        self.ever.contracts.contains(id)
    }

    fn booking(&self, id: &BookingId) -> bool {
        let mut versions = self.knowledge.booking_versions(id.as_str());
        versions.any(|(_, booking)| self.account(&booking.account) || self.contract(booking.contract()))
    }

    fn target(&self, target: &SplitTarget) -> bool {
        match target {
            SplitTarget::Booking(id) => self.booking(id),
            SplitTarget::Account(id) => self.account(id),
            SplitTarget::Contract(id) => self.contract(id.as_str()),
        }
    }

    /// Usage recorded from one position up to another: that of the payee's contracts, and usage that replaced some of it, which can
    /// belong to another contract.
    fn usage(&self, from: u64, to: u64) -> BTreeSet<Position> {
        let contracts = self.ever.contracts.iter().flat_map(|id| self.knowledge.contracts_named(id));
        let runs = contracts.flat_map(|contract| &contract.runs).map(|place| &self.knowledge.run(*place).run);
        let usage = runs.flat_map(|run| {
            let instead = run.ended().flat_map(|ended| &ended.validity.replaced_by).copied();
            run.recorded_between(from, to).chain(instead.filter(move |by| (from..to).contains(&u64::from(*by))))
        });
        usage.collect()
    }

    /// Facts recorded from one position up to another that concern the payee, or that replaced such a fact.
    fn facts(&self, from: u64, to: u64) -> BTreeSet<Position> {
        let new = self.knowledge.facts_between(from, to);
        let new = new.filter(|known| self.concerns(&known.fact.body)).map(|known| known.position);
        let ended = self.knowledge.ended_facts().filter(|known| self.concerns(&known.fact.body));
        let instead = ended.flat_map(|known| &known.validity.replaced_by).copied();
        new.chain(instead.filter(|by| (from..to).contains(&u64::from(*by)))).collect()
    }

    /// Whether a fact can change a line of the payee. A fact about other payees only, or about a booking, contract or account that
    /// the payee never had credit of, cannot.
    fn concerns(&self, body: &Body) -> bool {
        match body {
            Body::Assignment(fact) => fact.payee == *self.payee,
            Body::AssignmentEnd(fact) => fact.payee == *self.payee,
            Body::Quota(fact) => fact.payee == *self.payee,
            Body::Adjustment(fact) => fact.payee == *self.payee,
            Body::OpeningBalance(fact) => fact.payee == *self.payee,
            Body::Account(fact) => self.account(&fact.account),
            Body::Booking(fact) => {
                self.account(&fact.account) || self.contract(fact.contract()) || self.booking(&fact.booking)
            }
            Body::Cancellation(fact) => self.booking(&fact.booking),
            Body::CreditNote(fact) => self.booking(&fact.booking),
            Body::CreditSplit(fact) => {
                self.target(&fact.on) || fact.shares.iter().any(|share| share.payee == *self.payee)
            }
            Body::Signal(fact) => fact.payee.is_some() || things_named(fact).any(|target| self.target(&target)),
            Body::UsageComplete(fact) => fact.account.as_ref().is_none_or(|account| self.account(account)),
            Body::Payee(_) | Body::UsageSnapshot(_) | Body::ExchangeRate(_) | Body::Retraction(_) => true,
        }
    }
}
