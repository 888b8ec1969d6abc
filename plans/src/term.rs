//! The days of an assignment: its first day, what ends it early, and the chain of assignments that it continues
//! (calculation.md 3).

use ledger::date::{Day, Month};
use ledger::fact::{Assignment, Status};
use projections::view::{FactRef, View};

/// An assignment and the days on which it is in effect.
#[derive(Copy, Clone)]
pub struct Term<'k> {
    /// The assignment.
    pub assignment: FactRef<'k, Assignment>,
    /// Its first day.
    pub first: Day,
    /// Its last day, after everything that ends it early.
    pub last: Day,
    /// The first day of the next assignment to the same plan, whether it has a day or not; `None` if there is none.
    pub next_first: Option<Day>,
    /// The first day of the unbroken chain of assignments to the same plan that ends with this one.
    pub chain_first: Day,
}

impl<'k> Term<'k> {
    /// The id of the plan.
    pub fn plan(&self) -> &'k str {
        self.assignment.fact.plan.as_str()
    }

    /// Whether a day is one of its days.
    pub fn contains(&self, day: Day) -> bool {
        (self.first..=self.last).contains(&day)
    }

    /// The number of its days in a month.
    pub fn active_days(&self, month: Month) -> i32 {
        self.first.max(month.first()).days_to(self.last.min(month.last()))
    }

    /// The number of days in a month from its first day on, as if it had no end.
    pub fn days_from_first(&self, month: Month) -> i32 {
        self.first.max(month.first()).days_to(month.last())
    }

    /// The day from which the months of a ramp count (section 5 of the calculation page).
    pub fn ramp_from(&self) -> Day {
        self.assignment.fact.ramp_from.unwrap_or(self.chain_first)
    }
}

/// A payee's assignments that have at least one day, ordered by plan and first day.
pub fn terms<'k>(view: View<'k>, payee: &str) -> Vec<Term<'k>> {
    let mut assignments = view.assignments(payee);
    assignments.sort_by(|a, b| (&a.fact.plan, a.fact.at, a.position).cmp(&(&b.fact.plan, b.fact.at, b.position)));
    let mut terms: Vec<Term<'k>> = Vec::with_capacity(assignments.len());
    for (index, assignment) in assignments.iter().enumerate() {
        let next = assignments.get(index + 1).filter(|next| next.fact.plan == assignment.fact.plan);
        let first = assignment.fact.at;
        let last = last_day(view, payee, *assignment, next.map(|next| next.fact.at.previous()));
        if last < first {
            continue;
        }
        let before =
            terms.last().filter(|before| before.plan() == assignment.fact.plan.as_str() && before.last.next() >= first);
        terms.push(Term {
            assignment: *assignment,
            first,
            last,
            next_first: next.map(|next| next.fact.at),
            chain_first: before.map_or(first, |before| before.chain_first),
        });
    }
    terms
}

/// The last day of an assignment. An end counts as soon as it is recorded, even if the evaluation date is earlier.
fn last_day(view: View<'_>, payee: &str, assignment: FactRef<'_, Assignment>, before_next: Option<Day>) -> Day {
    let fact = assignment.fact;
    let ends = view.assignment_ends(payee, fact.plan.as_str()).into_iter().filter(|end| *end >= fact.at);
    let days = view.status_days(payee);
    let left = [fact.at]
        .into_iter()
        .chain(days.into_iter().filter(|day| *day > fact.at))
        .find(|day| view.status(payee, *day) == Status::Left);
    let candidates = ends.chain(fact.until).chain(before_next).chain(left.map(Day::previous));
    candidates.min().unwrap_or(Day::LAST)
}
