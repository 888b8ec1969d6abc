//! Builds a bridge between two points of a book: which lines differ, and which entries made the difference.

use std::collections::{BTreeMap, BTreeSet};

use ledger::date::{Day, Month};
use ledger::id::{AccountId, PayeeId};
use ledger::money::Money;
use plans::why::Detail;
use projections::lines::{LineName, PayeeCurrency, PostedLines};
use projections::posted_state::PostedState;
use projections::validity::Visibility;
use projections::view::View;

use crate::bridge::effect::effect_of;
use crate::bridge::entry_groups::{EntryGroup, entry_groups};
use crate::bridge::rows::{
    Bridge, BridgeCause, BridgeComponent, BridgeEnd, BridgeRow, CauseEffect, CauseGroup, EndAmounts,
};
use crate::bridge::steps::{BaseCause, CauseFilter, Moment, SteppedLines, Steps};
use crate::engine::ENGINE;
use crate::evaluation::full::{Evaluation, evaluate_all, evaluate_payees};
use crate::evaluation::impact::{CloseInterval, Impact, impact_of};
use crate::evaluation::incremental::RecomputePlan;
use crate::evaluation::line_impact::LineImpact;
use crate::evaluation::parallel;
use crate::state::State;
use crate::statements::statement::Cause;

/// A point of a book, with what closes had posted there if the amounts are posted ones.
#[derive(Copy, Clone)]
pub struct BridgePoint<'p> {
    /// The point.
    pub end: BridgeEnd,
    /// The state right after the close of its month; not used where amounts are derived.
    pub posted: &'p PostedState,
}

/// Which lines a bridge is about.
#[derive(Clone, Default)]
pub struct BridgeScope {
    /// The payees; all where it is `None`.
    pub payees: Option<BTreeSet<PayeeId>>,
    /// The months in which they are due; any where it is `None`.
    pub due: Option<(Month, Month)>,
}

/// A line at one end.
#[derive(Clone)]
struct EndLine {
    amount: Money,
    due: Day,
    account: Option<AccountId>,
}

type EndLines = BTreeMap<PayeeCurrency, BTreeMap<LineName, EndLine>>;

/// The bridge between two points. `state` has the entries of both.
pub fn diff(state: &State, from: BridgePoint<'_>, to: BridgePoint<'_>, scope: &BridgeScope) -> Bridge {
    let a = lines_at(state, from, scope);
    let b = match affected(state, (from, to), scope) {
        None => lines_at(state, to, scope),
        Some(payees) => {
            // Nobody else's lines can differ.
            let mut b: EndLines = a.clone();
            b.retain(|holder, _| !payees.contains(&holder.0));
            b.extend(lines_at(state, to, &BridgeScope { payees: Some(payees), ..scope.clone() }));
            b
        }
    };
    let holders: BTreeSet<&PayeeCurrency> = a.keys().chain(b.keys()).collect();
    let nothing = BTreeMap::new();
    let (mut differing, mut unchanged) = (Vec::new(), BTreeMap::new());
    for holder in holders {
        let ends = (a.get(holder).unwrap_or(&nothing), b.get(holder).unwrap_or(&nothing));
        let lines = DifferingLines::of(holder, ends, scope, &mut unchanged);
        if !lines.names.is_empty() {
            differing.push(lines);
        }
    }
    let causes = BridgeCauses::of(state, (from, to));
    let new_impact = || {
        let to = to.moment();
        std::cell::RefCell::new(LineImpact::of(&state.knowledge, &state.rules, to.known, to.day))
    };
    let rows = |impact: &std::cell::RefCell<LineImpact<'_>>, lines: &DifferingLines<'_>| {
        causes.rows(lines, &mut impact.borrow_mut())
    };
    let (rows, _) = parallel::each(&differing, new_impact, rows, |_| ());
    Bridge { from: from.end, to: to.end, rows: rows.into_iter().flatten().collect(), unchanged }
}

impl BridgePoint<'_> {
    fn moment(&self) -> Moment {
        Moment { known: self.end.known, day: self.end.period.last() }
    }
}

/// The lines of one payee and currency that differ.
struct DifferingLines<'d> {
    holder: &'d PayeeCurrency,
    names: Vec<&'d LineName>,
    a: Vec<Money>,
    b: Vec<Money>,
    accounts: Vec<Option<&'d AccountId>>,
    due: Vec<Day>,
}

impl<'d> DifferingLines<'d> {
    fn of(
        holder: &'d PayeeCurrency,
        (a, b): (&'d BTreeMap<LineName, EndLine>, &'d BTreeMap<LineName, EndLine>),
        scope: &BridgeScope,
        unchanged: &mut BTreeMap<(PayeeCurrency, BridgeComponent), (Money, usize)>,
    ) -> DifferingLines<'d> {
        let (accounts, due) = (Vec::new(), Vec::new());
        let mut lines = DifferingLines { holder, names: Vec::new(), a: Vec::new(), b: Vec::new(), accounts, due };
        let names: BTreeSet<&LineName> = a.keys().chain(b.keys()).collect();
        let zero = Money::zero(holder.1);
        for name in names {
            let (first, second) = (a.get(name), b.get(name));
            let amount = |line: Option<&EndLine>| line.map_or(zero, |line| line.amount);
            let Some(line) = second.or(first) else { continue };
            let is_due =
                |line: &EndLine| scope.due.is_none_or(|(from, to)| (from.first()..=to.last()).contains(&line.due));
            if !first.into_iter().chain(second).any(is_due) {
                continue;
            }
            if amount(first) == amount(second) {
                let key = (holder.clone(), (name.plan.clone(), name.component.clone()));
                let known = unchanged.entry(key).or_insert((zero, 0));
                *known = (known.0 + amount(first), known.1 + 1);
                continue;
            }
            lines.names.push(name);
            lines.a.push(amount(first));
            lines.b.push(amount(second));
            lines.accounts.push(line.account.as_ref());
            lines.due.push(line.due);
        }
        lines
    }
}

/// The payees whose lines new entries can have changed, between two derived ends of one day; `None` where all can differ.
fn affected(
    state: &State,
    (from, to): (BridgePoint<'_>, BridgePoint<'_>),
    scope: &BridgeScope,
) -> Option<BTreeSet<PayeeId>> {
    let are_derived = from.end.amounts == EndAmounts::Derived && to.end.amounts == EndAmounts::Derived;
    let day = to.end.period.last();
    if !are_derived || from.end.period != to.end.period {
        return None;
    }
    let interval = CloseInterval { from: from.end.known, to: to.end.known, closed: day, day };
    let impact = impact_of(&state.knowledge, &state.rules, interval);
    let payees = impact.changes.into_keys().chain(impact.adjusted).filter(|payee| is_in_scope(scope, payee));
    (!impact.everything).then(|| payees.collect())
}

fn lines_at(state: &State, point: BridgePoint<'_>, scope: &BridgeScope) -> EndLines {
    match point.end.amounts {
        EndAmounts::Posted => posted_lines(&point.posted.lines, scope),
        EndAmounts::Derived => derived_lines(evaluated(state, point.moment(), scope)),
    }
}

fn is_in_scope(scope: &BridgeScope, payee: &PayeeId) -> bool {
    scope.payees.as_ref().is_none_or(|payees| payees.contains(payee))
}

fn posted_lines(posted: &PostedLines, scope: &BridgeScope) -> EndLines {
    let mut all = EndLines::new();
    for (holder, lines) in posted.posted.iter().filter(|(holder, _)| is_in_scope(scope, &holder.0)) {
        let of = all.entry(holder.clone()).or_default();
        for (name, line) in lines {
            let account = line.account.clone();
            of.insert(name.clone(), EndLine { amount: line.entitled, due: line.due, account });
        }
    }
    all
}

fn evaluated(state: &State, moment: Moment, scope: &BridgeScope) -> Evaluation {
    let view = View::new(&state.knowledge, moment.known);
    match &scope.payees {
        None => evaluate_all(view, &state.rules, moment.day),
        Some(payees) => evaluate_payees(view, &state.rules, moment.day, |payee| payees.contains(payee)),
    }
}

fn derived_lines(evaluation: Evaluation) -> EndLines {
    let mut all = EndLines::new();
    for (payee, due) in evaluation.payees {
        for ((currency, name), line) in due.entitlement.lines {
            let one = EndLine { amount: line.amount, due: line.due, account: line.account };
            all.entry((payee.clone(), currency)).or_default().insert(name, one);
        }
    }
    all
}

/// Finds the causes of lines that differ.
struct BridgeCauses<'s, 'p> {
    state: &'s State,
    ends: (BridgePoint<'p>, BridgePoint<'p>),
    recompute_plan: RecomputePlan<'s>,
}

impl<'s, 'p> BridgeCauses<'s, 'p> {
    fn of(state: &'s State, ends: (BridgePoint<'p>, BridgePoint<'p>)) -> BridgeCauses<'s, 'p> {
        let Moment { known, day } = ends.1.moment();
        let interval = CloseInterval { from: known, to: known, closed: day, day };
        let recompute_plan = RecomputePlan::of(&state.knowledge, &state.rules, interval, Impact::default());
        BridgeCauses { state, ends, recompute_plan }
    }

    fn rows(&self, lines: &DifferingLines<'_>, impact: &mut LineImpact<'_>) -> Vec<BridgeRow> {
        let (from, to) = (self.ends.0.moment(), self.ends.1.moment());
        let groups = entry_groups(self.state, from.known, to.known, &lines.holder.0);
        if let (true, [only]) = (self.is_derived_at_one_day(), &groups[..]) {
            // Nothing else is new, so it made all of every difference.
            return self.rows_by(lines, only);
        }
        let (names, before) = (lines.names.clone(), lines.a.clone());
        let stepped = SteppedLines { holder: lines.holder, names, before };
        let due: BTreeMap<&LineName, Day> = lines.names.iter().copied().zip(lines.due.iter().copied()).collect();
        let base = |name: &LineName| base_of(self.ends.0, due.get(name).copied());
        let base: Option<&dyn Fn(&LineName) -> Option<BaseCause>> = match self.ends.0.end.amounts {
            EndAmounts::Posted => Some(&base),
            EndAmounts::Derived => None,
        };
        let mut by = |filter| {
            Steps::of((self.state, &self.recompute_plan), (from, to), &stepped, &groups, (filter, &mut *impact))
                .by_line(&groups, base)
        };
        let mut causes = by(CauseFilter::Relevant);
        if self.ends.1.end.amounts == EndAmounts::Derived && !is_explained(lines, &causes) {
            causes = by(CauseFilter::All);
        }
        let last = self.last_step(lines, &stepped, &causes);
        let row = |(index, causes): (usize, Vec<Cause>)| self.row(lines, index, causes, last[index].clone());
        causes.into_iter().enumerate().map(row).collect()
    }

    /// Whether both ends are derived, and of one day.
    fn is_derived_at_one_day(&self) -> bool {
        let (from, to) = (self.ends.0.end, self.ends.1.end);
        (from.amounts, to.amounts) == (EndAmounts::Derived, EndAmounts::Derived) && from.period == to.period
    }

    /// The rows of lines that one group of entries has changed.
    fn rows_by(&self, lines: &DifferingLines<'_>, group: &EntryGroup) -> Vec<BridgeRow> {
        let row = |index: usize| {
            let EntryGroup { kind, item, positions, .. } = group;
            let amount = lines.b[index] - lines.a[index];
            let cause = Cause { kind: kind.clone(), item: item.clone(), positions: positions.clone(), amount };
            self.row(lines, index, vec![cause], None)
        };
        (0..lines.names.len()).map(row).collect()
    }

    /// Where the last amount is a posted one: what explains that it is not what is derived there, by line.
    fn last_step(
        &self,
        lines: &DifferingLines<'_>,
        stepped: &SteppedLines<'_>,
        causes: &[Vec<Cause>],
    ) -> Vec<Option<Cause>> {
        let none = vec![None; lines.names.len()];
        if self.ends.1.end.amounts == EndAmounts::Derived {
            return none;
        }
        let bases: Vec<_> = lines.due.iter().map(|due| base_of(self.ends.1, Some(*due))).collect();
        if bases.iter().all(Option::is_none) {
            return none;
        }
        let derived = self.derived(stepped);
        let step = |index: usize| {
            let BaseCause { kind, positions } = bases[index].clone()?;
            let sum = Money::sum(lines.holder.1, causes[index].iter().map(|cause| cause.amount));
            // Only what the derived amount differs by; the rest stays unexplained.
            let amount = (lines.b[index] - derived[index]).clone();
            let is_rest = !amount.is_zero() && lines.a[index] + sum != lines.b[index];
            is_rest.then(|| Cause { kind: kind.to_owned(), item: String::new(), positions, amount })
        };
        (0..lines.names.len()).map(step).collect()
    }

    /// The amounts that are derived at the second point.
    fn derived(&self, lines: &SteppedLines<'_>) -> Vec<Money> {
        let Moment { known, day } = self.ends.1.moment();
        let asked = BTreeMap::from([(&lines.holder.0, self.recompute_plan.scopes_around(lines.names.iter().copied()))]);
        let view = View { knowledge: &self.state.knowledge, visibility: Visibility::below(known) };
        let of = (day, Detail::Figures);
        let evaluation = crate::evaluation::full::evaluate_some(view, &self.state.rules, of, &asked, None);
        let zero = Money::zero(lines.holder.1);
        let amount = |name: &&LineName| evaluation.line(lines.holder, name).map_or(zero, |line| line.amount);
        lines.names.iter().map(amount).collect()
    }

    fn row(&self, lines: &DifferingLines<'_>, index: usize, causes: Vec<Cause>, last: Option<Cause>) -> BridgeRow {
        let (name, account) = (lines.names[index], lines.accounts[index]);
        let cause = |cause: Cause| {
            let group = group_of(&cause.kind);
            let effect = match group {
                CauseGroup::Facts if cause.kind != FREEZE => {
                    effect_of(&self.state.knowledge, &cause.positions, name, account)
                }
                CauseGroup::Facts | CauseGroup::Time | CauseGroup::Engine | CauseGroup::Rules => CauseEffect::Own,
            };
            let Cause { kind, item, positions, amount } = cause;
            BridgeCause { group, effect, kind, item, positions, amount }
        };
        let causes = causes.into_iter().chain(last).map(cause).collect();
        let (holder, line) = (lines.holder.clone(), name.clone());
        BridgeRow { holder, line, a: lines.a[index], b: lines.b[index], causes }
    }
}

const FREEZE: &str = "freeze";
const ENGINE_KIND: &str = "engine";

fn group_of(kind: &str) -> CauseGroup {
    match kind {
        "time" => CauseGroup::Time,
        ENGINE_KIND => CauseGroup::Engine,
        "plan" => CauseGroup::Rules,
        _facts => CauseGroup::Facts,
    }
}

/// What explains that posted amounts are not what is derived: an earlier engine number, or a freeze that the line falls under.
fn base_of(point: BridgePoint<'_>, due: Option<Day>) -> Option<BaseCause> {
    if point.end.amounts == EndAmounts::Derived {
        return None;
    }
    let last = point.posted.last_close()?;
    if let Some((position, until)) = point.posted.frozen(last.close.known)
        && due.is_some_and(|due| due <= until)
    {
        return Some(BaseCause { kind: FREEZE, positions: vec![position] });
    }
    (last.close.engine != ENGINE).then(|| BaseCause { kind: ENGINE_KIND, positions: Vec::new() })
}

/// Whether the causes of all lines sum to their differences.
fn is_explained(lines: &DifferingLines<'_>, causes: &[Vec<Cause>]) -> bool {
    causes.iter().enumerate().all(|(index, causes)| {
        let sum = Money::sum(lines.holder.1, causes.iter().map(|cause| cause.amount));
        lines.a[index] + sum == lines.b[index]
    })
}
