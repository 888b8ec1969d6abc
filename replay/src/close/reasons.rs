//! Why a line is posted again: the kind of new entries that made the difference (calculation.md 9).
//!
//! A kind of entry is the reason of a difference if the line has another amount without the new entries of that kind. Kinds are tried
//! in the order of precedence. If no kind is the reason, it is a true-up.

use std::collections::{BTreeMap, BTreeSet};

use ledger::date::Day;
use ledger::fact::{Body, Nature, Reason};
use ledger::id::PayeeId;
use plans::incremental::dependencies::Dependencies;
use plans::incremental::recompute_scope::RecomputeScope;
use plans::rulebook::Rulebook;
use plans::why::Detail;
use projections::knowledge::{Knowledge, StoredFact};
use projections::lines::{LineName, PayeeCurrency};
use projections::position::Position;
use projections::posted_state::ClosedPeriod;
use projections::validity::Visibility;
use projections::view::View;

use crate::evaluation::full::{Components, Evaluation, PreviousClose, evaluate_some};
use crate::evaluation::incremental::PayeeScope;
use crate::evaluation::line_impact::LineImpact;
use crate::evaluation::schedule::CarryForwardByPayee;

/// The entries between the previous close and this one, and what both evaluated.
pub struct NewEntries<'n> {
    /// The facts.
    pub knowledge: &'n Knowledge,
    /// The plans.
    pub rules: &'n Rulebook,
    /// The previous close.
    pub last: &'n ClosedPeriod,
    /// The number of entries of the log that this close is computed from.
    pub size: u64,
    /// The last day of the month.
    pub day: Day,
    /// The engine number of this close.
    pub engine: u16,
    /// The scopes that this close evaluated; `None` if it evaluated everything. Hiding new entries changes nothing outside of them.
    pub payee_scopes: Option<&'n BTreeMap<PayeeId, PayeeScope>>,
    /// The values that the previous close left for this one.
    pub carried: &'n CarryForwardByPayee,
}

/// A line that is posted again.
pub struct RepostedLine {
    /// The payee and the currency.
    pub holder: PayeeCurrency,
    /// The name of the line.
    pub name: LineName,
    /// Whether it was earned, clawed back or adjusted by hand.
    pub nature: Nature,
    /// The amount that the payee is entitled to now, in minor units of the currency.
    pub entitled: i128,
    /// The amount that earlier closes posted, in minor units of the currency.
    pub before: i128,
}

/// The reason of each line, in the order of the lines.
pub fn reasons(new_entries: &NewEntries<'_>, lines: &[RepostedLine]) -> Vec<Reason> {
    if lines.is_empty() {
        return Vec::new();
    }
    let without_cancellations = new_entries.without(&new_entries.cancellations(), lines);
    let without_credit_notes = new_entries.without(&new_entries.credit_notes(), lines);
    let without_versions = new_entries.without(&new_entries.versions(), lines);
    let calculated = (new_entries.last.close.engine != new_entries.engine).then(|| new_entries.calculated(lines));
    let without_late = new_entries.without(&new_entries.late(), lines);
    let reason = |(index, line): (usize, &RepostedLine)| {
        let explains = |without: &AmountsWithout| without.is_affected[index] && without.amount(line) != line.entitled;
        let table = [
            (line.nature == Nature::Clawback, Reason::Clawback),
            (explains(&without_cancellations), Reason::Cancellation),
            (explains(&without_credit_notes), Reason::CreditNote),
            (explains(&without_versions), Reason::PlanChange),
            (calculated.as_ref().is_some_and(|then| then.amount(line) != line.before), Reason::Calculation),
            (explains(&without_late), Reason::Correction),
        ];
        table.into_iter().find(|(applies, _)| *applies).map_or(Reason::TrueUp, |(_, reason)| reason)
    };
    lines.iter().enumerate().map(reason).collect()
}

/// The amounts of lines without some entries, and which of the lines these entries can have changed.
struct AmountsWithout {
    is_affected: Vec<bool>,
    evaluation: Evaluation,
}

impl AmountsWithout {
    fn amount(&self, line: &RepostedLine) -> i128 {
        self.evaluation.line(&line.holder, &line.name).map_or(0, |entitled| entitled.amount.minor)
    }
}

/// For each payee, the scopes that have to be evaluated to know the amounts of the lines.
fn asked<'l>(
    new_entries: &NewEntries<'_>,
    lines: impl Iterator<Item = &'l RepostedLine>,
) -> BTreeMap<&'l PayeeId, Components<'l>> {
    let mut dependencies_of: Components<'_, Dependencies<'_>> = BTreeMap::new();
    let mut asked: BTreeMap<&PayeeId, Components<'l>> = BTreeMap::new();
    for line in lines {
        let components = asked.entry(&line.holder.0).or_default();
        let Some(plan) = &line.name.plan else { continue };
        let component = (plan, &line.name.component);
        let versions = || new_entries.rules.versions(plan.as_str(), Visibility::below(new_entries.size));
        let dependencies =
            dependencies_of.entry(component).or_insert_with(|| Dependencies::of(versions(), &line.name.component));
        let scope = new_entries.scope_of(line, dependencies);
        let none = || RecomputeScope {
            summed: new_entries.close_scope_of(line).and_then(|scope| scope.summed.clone()),
            ..RecomputeScope::none()
        };
        components.entry(component).or_insert_with(none).extend(&scope);
    }
    asked
}

impl NewEntries<'_> {
    /// Evaluates the lines without some entries. Lines that the entries cannot have changed are not evaluated.
    fn without(&self, hidden: &[Position], lines: &[RepostedLine]) -> AmountsWithout {
        let is_affected = if hidden.is_empty() { vec![false; lines.len()] } else { self.affected(hidden, lines) };
        let affected = lines.iter().zip(&is_affected).filter(|(_, is_affected)| **is_affected);
        let asked = asked(self, affected.map(|(line, _)| line));
        AmountsWithout { evaluation: self.evaluate(&asked, self.size, self.day, hidden), is_affected }
    }

    /// Evaluates the lines with the facts of the previous close, by the present engine number.
    fn calculated(&self, lines: &[RepostedLine]) -> AmountsWithout {
        let evaluation = self.evaluate(&asked(self, lines.iter()), self.last.close.known, self.last_day(), &[]);
        AmountsWithout { is_affected: vec![true; lines.len()], evaluation }
    }

    /// For each line, whether some entries can have changed it.
    fn affected(&self, hidden: &[Position], lines: &[RepostedLine]) -> Vec<bool> {
        let is_plan = |position: &Position| {
            self.knowledge.fact_at(*position).is_none() && self.knowledge.run_at(*position).is_none()
        };
        if self.payee_scopes.is_none() || hidden.iter().any(is_plan) {
            return vec![true; lines.len()];
        }
        let names = lines.iter().map(|line| (&line.holder.0, &line.name));
        LineImpact::of(self.knowledge, self.rules, self.size, self.day).affected(hidden, names)
    }

    fn last_day(&self) -> Day {
        self.last.close.period.last()
    }

    /// The scope that determines a line, whichever entries are hidden: the dates that its item ever had, or all that the close evaluated.
    fn scope_of(&self, line: &RepostedLine, dependencies: &Dependencies<'_>) -> RecomputeScope {
        let around = dependencies.around_item(self.knowledge, &line.name.item);
        match self.payee_scopes {
            None => around.unwrap_or_else(RecomputeScope::all),
            Some(_) => around.or_else(|| self.close_scope_of(line).cloned()).unwrap_or_else(RecomputeScope::none),
        }
    }

    /// The scope in which this close evaluated a line's component.
    fn close_scope_of(&self, line: &RepostedLine) -> Option<&RecomputeScope> {
        let plan = line.name.plan.as_ref()?;
        self.payee_scopes?.get(&line.holder.0)?.scope(plan.as_str(), &line.name.component)
    }

    /// Evaluates these scopes without the hidden entries.
    fn evaluate(
        &self,
        asked: &BTreeMap<&PayeeId, Components<'_>>,
        size: u64,
        day: Day,
        hidden: &[Position],
    ) -> Evaluation {
        let view = View { knowledge: self.knowledge, visibility: Visibility::below(size).hiding(hidden) };
        let then = View::new(self.knowledge, self.last.close.known);
        let after = self.payee_scopes.map(|_| PreviousClose { carried: self.carried, then, closed: self.last_day() });
        evaluate_some(view, self.rules, (day, Detail::Figures), asked, after)
    }

    fn is_new(&self, position: Position) -> bool {
        (self.last.close.known..self.size).contains(&u64::from(position))
    }

    /// Facts recorded since the previous close.
    fn new_facts(&self) -> impl Iterator<Item = &StoredFact> {
        self.knowledge.facts_between(self.last.close.known, self.size)
    }

    /// Facts below the size of this close that were replaced or retracted.
    fn ended_facts(&self) -> impl Iterator<Item = &StoredFact> {
        self.knowledge.ended_facts().filter(|known| u64::from(known.position) < self.size)
    }

    /// Cancellations that were recorded or took effect since the previous close, and retractions of cancellations.
    fn cancellations(&self) -> Vec<Position> {
        self.of_kind(|body| matches!(body, Body::Cancellation(_)))
    }

    /// Credit notes that were recorded or took effect since the previous close, and retractions of credit notes.
    fn credit_notes(&self) -> Vec<Position> {
        self.of_kind(|body| matches!(body, Body::CreditNote(_)))
    }

    /// Facts of a kind that were recorded or took effect since the previous close, and retractions of such facts.
    fn of_kind(&self, is_of_kind: impl Fn(&Body) -> bool) -> Vec<Position> {
        let come = self.knowledge.facts_dated(self.last_day().next(), self.day, self.size);
        let new = self.new_facts().chain(come).filter(|known| is_of_kind(&known.fact.body));
        let undone = self.ended_facts().filter(|known| is_of_kind(&known.fact.body));
        let undone = undone.flat_map(|known| &known.validity.retracted_by).copied().filter(|by| self.is_new(*by));
        let found: BTreeSet<Position> = new.map(|known| known.position).chain(undone).collect();
        found.into_iter().collect()
    }

    /// Plan versions published since the previous close.
    fn versions(&self) -> Vec<Position> {
        let published = self.rules.plans().flat_map(|(_, versions)| versions).map(|published| published.position);
        let mut new: Vec<Position> = published.filter(|position| self.is_new(*position)).collect();
        new.sort();
        new
    }

    /// Facts recorded since the previous close that are dated in closed months, or that replace or retract such a fact.
    fn late(&self) -> Vec<Position> {
        let closed = self.last_day();
        let mut dates: BTreeMap<Position, Day> = BTreeMap::new();
        let mut add = |position: Position, day: Day| {
            if self.is_new(position) {
                dates.entry(position).and_modify(|known| *known = day.min(*known)).or_insert(day);
            }
        };
        for known in self.new_facts().chain(self.ended_facts()) {
            if let Some(at) = known.fact.body.at() {
                add(known.position, at);
                known.validity.replaced_by.iter().chain(&known.validity.retracted_by).for_each(|by| add(*by, at));
            }
        }
        for metered in self.knowledge.runs() {
            let run = &metered.run;
            run.new_since(self.last.close.known, closed).for_each(|(position, from)| add(position, from));
            for ended in run.ended() {
                let validity = &ended.validity;
                add(ended.snapshot.position, ended.snapshot.from);
                validity.replaced_by.iter().chain(&validity.retracted_by).for_each(|by| add(*by, ended.snapshot.from));
            }
        }
        dates.into_iter().filter(|(_, day)| *day <= closed).map(|(position, _)| position).collect()
    }
}
