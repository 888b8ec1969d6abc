//! The made-up payee of a worked plan: one assignment, and nothing else in the book.

use std::collections::BTreeMap;

use ledger::date::Day;
use ledger::fact::{Assignment, Body, Fact};
use ledger::field::{Amount, Percent};
use ledger::id::{ComponentId, PayeeId};
use projections::knowledge::{Knowledge, LookupKeys};
use projections::view::View;
use uuid::Uuid;

use crate::context::Context;
use crate::incremental::region::Region;
use crate::measure::Cell;
use crate::plan::Plan;
use crate::rulebook::{Published, Rulebook};
use crate::term::terms;
use crate::why::Detail;

const PAYEE: &str = "example";

/// What the assignment of the made-up payee says.
pub(super) struct ExampleAssignment {
    pub at: Day,
    pub ramp_from: Option<Day>,
    pub quota: BTreeMap<ComponentId, Amount>,
    pub rates: BTreeMap<ComponentId, Percent>,
    pub target: Option<Amount>,
}

/// A book with one plan and one assignment to it.
pub(super) struct Example {
    knowledge: Knowledge,
    rules: Rulebook,
}

impl Example {
    pub fn of(plan: &Plan, assignment: ExampleAssignment) -> Example {
        let (mut knowledge, mut rules) = (Knowledge::default(), Rulebook::default());
        rules.publish(0, plan.clone());
        knowledge.skip();
        let ExampleAssignment { at, ramp_from, quota, rates, target } = assignment;
        let payee = PayeeId::new(PAYEE).expect("a name");
        let assignment = Assignment { at, payee, plan: plan.id.clone(), until: None, quota, rates, target, ramp_from };
        let fact = Fact { body: Body::Assignment(assignment), source: None, note: None };
        let keys = LookupKeys::of(&fact);
        knowledge.apply(fact, Uuid::nil(), &[], keys);
        Example { knowledge, rules }
    }

    /// Answers a question about the payee's items of a component, and the published plan.
    pub fn ask<T>(&self, component: &ComponentId, question: impl FnOnce(Cell<'_, '_>, &Published) -> T) -> T {
        let view = View::new(&self.knowledge, self.knowledge.size());
        let context = Context::new(view, &self.rules, Day::LAST, Detail::Figures);
        let term = terms(view, PAYEE).into_iter().next().expect("BUG: the example has no assignment");
        let published = self.rules.versions(term.plan(), view.visibility).next().expect("BUG: the example has no plan");
        let own = published.plan.component(component.as_str()).expect("BUG: the example lacks the component");
        let region = Region::everything();
        let cell = Cell {
            context: &context,
            payee: PAYEE,
            term,
            component: &own.id,
            within: None,
            region: &region,
            known: None,
        };
        question(cell, published)
    }
}
