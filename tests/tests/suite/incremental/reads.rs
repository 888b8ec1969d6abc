//! The impact table contains every cell that reads a fact (docs/testing.md).

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use ledger::date::Day;
use ledger::fact::{Assignment, AssignmentEnd, Body, VariantOf};
use ledger::id::{ComponentId, PayeeId, PlanId};
use plans::calendar::PeriodSpan;
use plans::context::Context;
use plans::entitlement::{Entitlement, adjustments, entitlement_of};
use plans::incremental::day_ranges::DayRanges;
use plans::incremental::recompute_scope::RecomputeScope;
use plans::incremental::region::Region;
use plans::plan::Period;
use plans::rulebook::Rulebook;
use plans::term::{Term, terms};
use plans::why::Detail;
use projections::knowledge::Knowledge;
use projections::position::Position;
use projections::view::View;
use projections::view::reads::recorded;
use replay::impact_probe::{ImpactProbe, ImpactRow};
use replay::state::State;

use super::{Step, recorded_without_closes, whatever_is_done};

/// Evaluates every cell of random histories, and records which facts it reads. If such a fact were the change, its impact by
/// the table would have to contain the cell. A cell here is a payee, an assignment, a component and a performance period;
/// beside these, each payee has its adjustments.
///
/// The test notices each row of the table that is missing: it computes all impacts again without the row, and each of
/// [`ImpactRow::ALL`] leaves some cell out in some history.
#[test]
fn what_a_cell_reads_has_an_impact_that_contains_it() {
    let unseen = RefCell::new(BTreeSet::from(ImpactRow::ALL));
    let (checked, cases) = whatever_is_done(|steps| check(steps, &mut unseen.borrow_mut()));
    eprintln!("{checked} reads of cells were checked");
    assert!(checked > 100 * cases, "only {checked} reads were checked");
    assert!(unseen.borrow().is_empty(), "nothing notices that these rows are missing: {:?}", unseen.borrow());
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Cell<'k> {
    Items { payee: &'k PayeeId, plan: &'k PlanId, first: Day, component: &'k ComponentId, span: PeriodSpan },
    Adjustments(&'k PayeeId),
}

/// One book at one day.
#[derive(Copy, Clone)]
struct BookAtDay<'k> {
    state: &'k State,
    knowledge: &'k Knowledge,
    rules: &'k Rulebook,
    view: View<'k>,
    day: Day,
}

fn check(steps: &[Step<'_>], unseen: &mut BTreeSet<ImpactRow>) -> Result<usize, String> {
    let keys = tempfile::tempdir().expect("a temporary folder");
    let (book, days) = recorded_without_closes(steps, &keys.path().join("keys"))?;
    let (knowledge, rules) = (book.state().knowledge(), book.state().rules());
    let view = View::new(knowledge, knowledge.size());
    // At the end of the history, and in its midst, where facts are dated later.
    let days = BTreeSet::from([days[days.len() / 2], days[days.len() - 1]]);
    let mut checked = 0;
    for day in days {
        let known = BookAtDay { state: book.state(), knowledge, rules, view, day };
        let reads = known.reads();
        checked += reads.values().map(BTreeSet::len).sum::<usize>();
        if let Some((position, cell)) = known.missed(&reads, None) {
            let fact = knowledge.fact_at(position).map(|known| &known.fact.body);
            return Err(format!("{cell:?} reads entry {position} and is not in its impact: {fact:?}"));
        }
        unseen.retain(|row| known.missed(&reads, Some(*row)).is_none());
    }
    Ok(checked)
}

impl<'k> BookAtDay<'k> {
    /// By entry, the cells that read it.
    fn reads(self) -> BTreeMap<Position, BTreeSet<Cell<'k>>> {
        let mut reads: BTreeMap<Position, BTreeSet<Cell<'k>>> = BTreeMap::new();
        let mut add = |cell: Cell<'k>, read: BTreeSet<Position>| {
            for position in read.into_iter().filter(|position| !self.is_behind(*position, &cell)) {
                reads.entry(position).or_default().insert(cell.clone());
            }
        };
        for payee in self.knowledge.payees.keys() {
            for term in terms(self.view, payee.as_str()) {
                for component in self.rules.component_ids(term.plan(), self.view.visibility) {
                    for span in self.spans(&term, component) {
                        let (plan, first) = (&term.assignment.fact.plan, term.first);
                        let read = self.read_by(payee, plan, (first, component), span);
                        add(Cell::Items { payee, plan, first, component, span }, read);
                    }
                }
            }
            let context = Context::new(self.view, self.rules, self.day, Detail::Figures);
            let ((), read) = recorded(|| adjustments(&context, payee.as_str(), &mut Entitlement::default()));
            add(Cell::Adjustments(payee), read);
        }
        reads
    }

    /// The performance periods of an assignment that have begun. None where versions of the component differ in their periods:
    /// there, any change affects everything.
    fn spans(self, term: &Term<'k>, component: &ComponentId) -> Vec<PeriodSpan> {
        let versions = self.rules.versions(term.plan(), self.view.visibility);
        let periods: BTreeSet<(i32, u32)> = versions
            .filter_map(|published| {
                let component = published.plan.component(component.as_str())?;
                Some((component.period.months(), published.plan.year_start))
            })
            .collect();
        let [(months, year_start)] = Vec::from_iter(periods)[..] else { return Vec::new() };
        let all = [Period::Month, Period::Quarter, Period::Half, Period::Year];
        let period = all.into_iter().find(|period| period.months() == months).expect("a period has such months");
        let mut spans = Vec::new();
        let mut day = term.first;
        while day <= term.last.min(self.day) {
            let span = PeriodSpan::of(period, year_start, day);
            spans.push(span);
            day = span.last_day().next();
        }
        spans
    }

    /// What one cell reads.
    fn read_by(
        self,
        payee: &'k PayeeId,
        plan: &PlanId,
        (first, component): (Day, &ComponentId),
        span: PeriodSpan,
    ) -> BTreeSet<Position> {
        let mut days = DayRanges::none();
        days.add(span.first_day(), span.capped_last_day());
        let region = || Region::on(days.clone());
        let scope = RecomputeScope { lines: region(), values: region(), changed: region(), runs: None, summed: None };
        let none = RecomputeScope::none();
        // What was looked up for another cell would not be read again.
        let context = Context::new(self.view, self.rules, self.day, Detail::Figures);
        let evaluate = || {
            entitlement_of(&context, payee.as_str(), None, |term, other| {
                let is_asked = term.assignment.fact.plan == *plan && term.first == first && other == component;
                if is_asked { &scope } else { &none }
            })
        };
        recorded(evaluate).1
    }

    /// Whether an entry only says that an assignment ends, or that the next one begins, behind the period of a cell. All
    /// assignments of a payee are read to find the days of one, and what cuts it behind the period decides nothing in it.
    fn is_behind(self, position: Position, cell: &Cell<'_>) -> bool {
        let Cell::Items { span, .. } = cell else { return false };
        let behind = |body: &Body| {
            let starts = Assignment::of(body).is_some_and(|assignment| assignment.at.previous() > span.last_day());
            let ends = AssignmentEnd::of(body).is_some_and(|end| end.at > span.last_day());
            starts || ends || matches!(body, Body::Retraction(_))
        };
        let ended = self.knowledge.ended_facts().filter(|known| {
            known.validity.replaced_by.contains(&position) || known.validity.retracted_by.contains(&position)
        });
        let itself = self.knowledge.fact_at(position);
        itself.is_some_and(|known| behind(&known.fact.body)) && ended.map(|known| &known.fact.body).all(behind)
    }

    /// A read of a cell that the impact of the entry does not contain, by the table without a row.
    fn missed<'r>(
        self,
        reads: &'r BTreeMap<Position, BTreeSet<Cell<'k>>>,
        row: Option<ImpactRow>,
    ) -> Option<(Position, &'r Cell<'k>)> {
        let mut probe = ImpactProbe::of(self.state, self.day, row);
        for (position, cells) in reads {
            probe.set_entry(*position);
            let missed = cells.iter().find(|cell| match cell {
                Cell::Adjustments(payee) => !probe.has_adjustments(payee),
                Cell::Items { payee, plan, component, span, .. } => {
                    !probe.has_items(payee, plan, component, (span.first_day(), span.last_day()))
                }
            });
            if let Some(cell) = missed {
                return Some((*position, cell));
            }
        }
        None
    }
}
