//! Builds a bridge between two points of a book: which lines differ, and which entries made the difference.

use std::collections::{BTreeMap, BTreeSet};

use ledger::date::{Day, Month};
use ledger::finding::Finding;
use ledger::id::{AccountId, PayeeId};
use ledger::money::Money;
use plans::evaluation_fault::EvaluationFault;
use plans::why::Detail;
use projections::lines::{LineName, PayeeCurrency, PostedLines};
use projections::position::Position;
use projections::posted_state::PostedState;
use projections::validity::Visibility;
use projections::view::View;

use crate::bridge::effect::effect_of;
use crate::bridge::entry_groups::{EntryGroup, entry_groups};
use crate::bridge::rows::{Bridge, BridgeCause, BridgeComponent, BridgeEnd, BridgeRow, CauseEffect, CauseGroup};
use crate::bridge::steps::{BaseCause, CauseFilter, EvaluationPoint, SteppedLines, Steps};
use crate::close::refusal::CloseFault;
use crate::engine::ENGINE;
use crate::evaluation::full::{Evaluation, evaluate_all, evaluate_payees};
use crate::evaluation::impact::{CloseInterval, Impact, impact_of};
use crate::evaluation::incremental::RecomputePlan;
use crate::evaluation::line_impact::LineImpact;
use crate::evaluation::parallel;
use crate::state::State;
use crate::statements::statement::Cause;

/// A point of a book.
#[derive(Copy, Clone)]
pub struct BridgePoint<'p> {
    /// The point.
    pub end: BridgeEnd,
    /// What is posted there; `None` where amounts are derived.
    pub posted: Option<PostedPoint<'p>>,
}

/// What closes had posted at a point.
#[derive(Copy, Clone)]
pub struct PostedPoint<'p> {
    /// The lines.
    pub lines: &'p PostedLines,
    /// The engine number of the last close.
    pub engine: u16,
    /// The freeze that the last close applied: its position, and the last frozen day.
    pub freeze: Option<(Position, Day)>,
}

impl PostedPoint<'_> {
    /// The freeze that a line falls under. It goes by the day on which the line was posted as due; one of which nothing is posted
    /// goes by the day on which it would be due.
    fn freeze_of(&self, holder: &PayeeCurrency, name: &LineName, due: Day) -> Option<Position> {
        let (position, until) = self.freeze?;
        let posted = self.lines.posted.get(holder).and_then(|lines| lines.get(name));
        let due = posted.filter(|posted| !posted.entitled.is_zero()).map_or(due, |posted| posted.due);
        (due <= until).then_some(position)
    }
}

impl<'p> PostedPoint<'p> {
    /// What was posted up to and with the last close of a state.
    pub fn of(posted: &'p PostedState) -> PostedPoint<'p> {
        let last = posted.last_close();
        PostedPoint {
            lines: &posted.lines,
            engine: last.map_or(ENGINE, |last| last.close.engine),
            freeze: last.and_then(|last| posted.frozen(last.close.known)),
        }
    }
}

/// Which lines a bridge is about.
#[derive(Clone, Default)]
pub struct BridgeScope {
    /// The payees; all where it is `None`.
    pub payees: Option<BTreeSet<PayeeId>>,
    /// The months in which they are due; any where it is `None`.
    pub due: Option<(Month, Month)>,
    /// Which entries are tried as causes.
    pub filter: CauseFilter,
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
    let mut faults = BTreeSet::new();
    let a = lines_at(state, from, scope, &mut faults);
    let b = match affected(state, (from, to), scope) {
        None => lines_at(state, to, scope, &mut faults),
        Some(payees) => {
            // Nobody else's lines can differ.
            let mut b: EndLines = a.clone();
            b.retain(|holder, _| !payees.contains(&holder.0));
            let scope = BridgeScope { payees: Some(payees), ..scope.clone() };
            b.extend(lines_at(state, to, &scope, &mut faults));
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
    let causes = BridgeCauses::of(state, (from, to), scope.filter);
    let new_impact = || {
        let to = to.evaluated_at();
        std::cell::RefCell::new(LineImpact::of(&state.knowledge, &state.rules, to.known, to.day))
    };
    let rows = |impact: &std::cell::RefCell<LineImpact<'_>>, lines: &DifferingLines<'_>| {
        causes.rows(lines, &mut impact.borrow_mut())
    };
    let (rows, _) = parallel::each(&differing, new_impact, rows, |_| ());
    let faults = faults.into_iter().map(|fault| Finding::new(CloseFault::Evaluation(fault))).collect();
    Bridge { from: from.end, to: to.end, rows: rows.into_iter().flatten().collect(), unchanged, faults }
}

impl BridgePoint<'_> {
    fn evaluated_at(&self) -> EvaluationPoint {
        EvaluationPoint { known: self.end.known, day: self.end.period.last() }
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

/// Whether both ends are derived, and of one day.
fn are_derived_at_one_day(from: BridgePoint<'_>, to: BridgePoint<'_>) -> bool {
    from.posted.is_none() && to.posted.is_none() && from.end.period == to.end.period
}

/// The payees whose lines new entries can have changed, between two derived ends of one day; `None` where all can differ.
fn affected(
    state: &State,
    (from, to): (BridgePoint<'_>, BridgePoint<'_>),
    scope: &BridgeScope,
) -> Option<BTreeSet<PayeeId>> {
    if scope.filter == CauseFilter::All || !are_derived_at_one_day(from, to) {
        return None;
    }
    let day = to.end.period.last();
    let interval = CloseInterval { from: from.end.known, to: to.end.known, closed: day, day };
    let impact = impact_of(&state.knowledge, &state.rules, interval);
    let payees = impact.changes.into_keys().chain(impact.adjusted).filter(|payee| is_in_scope(scope, payee));
    (!impact.everything).then(|| payees.collect())
}

fn lines_at(
    state: &State,
    point: BridgePoint<'_>,
    scope: &BridgeScope,
    faults: &mut BTreeSet<EvaluationFault>,
) -> EndLines {
    if let Some(posted) = point.posted {
        return posted_lines(posted.lines, scope);
    }
    let evaluation = evaluated(state, point.evaluated_at(), scope);
    faults.extend(evaluation.findings.faults.iter().cloned());
    derived_lines(evaluation)
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

fn evaluated(state: &State, moment: EvaluationPoint, scope: &BridgeScope) -> Evaluation {
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
    filter: CauseFilter,
    recompute_plan: RecomputePlan<'s>,
}

impl<'s, 'p> BridgeCauses<'s, 'p> {
    fn of(state: &'s State, ends: (BridgePoint<'p>, BridgePoint<'p>), filter: CauseFilter) -> BridgeCauses<'s, 'p> {
        let EvaluationPoint { known, day } = ends.1.evaluated_at();
        let interval = CloseInterval { from: known, to: known, closed: day, day };
        let recompute_plan = RecomputePlan::of(&state.knowledge, &state.rules, interval, Impact::default());
        BridgeCauses { state, ends, filter, recompute_plan }
    }

    fn rows(&self, lines: &DifferingLines<'_>, impact: &mut LineImpact<'_>) -> Vec<BridgeRow> {
        let (from, to) = (self.ends.0.evaluated_at(), self.ends.1.evaluated_at());
        let groups = entry_groups(self.state, from.known, to.known, &lines.holder.0);
        if let [only] = &groups[..]
            && self.filter == CauseFilter::Relevant
            && are_derived_at_one_day(self.ends.0, self.ends.1)
        {
            // Nothing else that concerns the payee is new, so it made all of every difference.
            return self.rows_by(lines, only);
        }
        let bases = self.ends.0.posted.map(|_| self.bases(self.ends.0, lines));
        let stepped = SteppedLines { holder: lines.holder, names: lines.names.clone(), before: lines.a.clone(), bases };
        let causes =
            Steps::of((self.state, &self.recompute_plan), (from, to), &stepped, &groups, (self.filter, impact))
                .by_line(&groups);
        let last = self.last_step(lines, &stepped, &causes);
        let row = |(index, causes): (usize, Vec<Cause>)| self.row(lines, index, causes, last[index].clone());
        causes.into_iter().enumerate().map(row).collect()
    }

    /// What explains that what is posted at an end is not what is derived there, by line.
    fn bases(&self, end: BridgePoint<'_>, lines: &DifferingLines<'_>) -> Vec<Option<BaseCause>> {
        let base = |(name, due): (&&LineName, &Day)| base_of(end, (lines.holder, name), *due);
        lines.names.iter().zip(&lines.due).map(base).collect()
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
        let bases = self.bases(self.ends.1, lines);
        if bases.iter().all(Option::is_none) {
            return vec![None; lines.names.len()];
        }
        let derived = self.derived(stepped);
        let step = |index: usize| {
            let BaseCause { kind, positions } = bases[index].clone()?;
            let sum = Money::sum(lines.holder.1, causes[index].iter().map(|cause| cause.amount));
            // Only what the derived amount differs by; the rest stays unexplained.
            let amount = lines.b[index] - derived[index];
            let is_rest = !amount.is_zero() && lines.a[index] + sum != lines.b[index];
            is_rest.then(|| Cause { kind: kind.to_owned(), item: String::new(), positions, amount })
        };
        (0..lines.names.len()).map(step).collect()
    }

    /// The amounts that are derived at the second point.
    fn derived(&self, lines: &SteppedLines<'_>) -> Vec<Money> {
        let EvaluationPoint { known, day } = self.ends.1.evaluated_at();
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
        let (holder, line, due) = (lines.holder.clone(), name.clone(), lines.due[index]);
        BridgeRow { holder, line, due, a: lines.a[index], b: lines.b[index], causes }
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
fn base_of(point: BridgePoint<'_>, (holder, name): (&PayeeCurrency, &LineName), due: Day) -> Option<BaseCause> {
    let posted = point.posted?;
    if let Some(position) = posted.freeze_of(holder, name, due) {
        return Some(BaseCause { kind: FREEZE, positions: vec![position] });
    }
    (posted.engine != ENGINE).then(|| BaseCause { kind: ENGINE_KIND, positions: Vec::new() })
}
