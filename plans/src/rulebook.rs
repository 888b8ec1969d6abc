//! The published versions of every plan, and which one is in force (calculation.md 3).

use std::collections::BTreeMap;

use ledger::date::Day;
use ledger::id::PlanId;
use projections::position::Position;
use projections::validity::Visibility;
use projections::view::reads;

use crate::plan::{Component, Plan};

/// A version of a plan, and the position of the log at which it was published.
#[derive(Clone, Debug)]
pub struct Published {
    /// The position of its entry.
    pub position: Position,
    /// The plan as it was checked.
    pub plan: Plan,
}

/// The published versions of every plan.
#[derive(Clone, Debug, Default)]
pub struct Rulebook {
    plans: BTreeMap<PlanId, Vec<Published>>,
}

impl Rulebook {
    /// Adds the next version of a plan. Publishing has checked that it is the next.
    pub fn publish(&mut self, position: Position, plan: Plan) {
        self.plans.entry(plan.id.clone()).or_default().push(Published { position, plan });
    }

    /// Every plan with its versions, in the order of ids and of publication.
    pub fn plans(&self) -> impl Iterator<Item = (&PlanId, &[Published])> {
        self.plans.iter().map(|(id, versions)| (id, versions.as_slice()))
    }

    /// The versions of a plan that are visible, in the order in which they were published.
    pub fn versions<'r>(
        &'r self,
        plan: &str,
        visibility: Visibility<'r>,
    ) -> impl DoubleEndedIterator<Item = &'r Published> {
        let versions = self.plans.get(plan).map_or(&[][..], Vec::as_slice);
        versions.iter().filter(move |published| visibility.includes(published.position))
    }

    /// The version in force on a day: the latest `effective` on or before the day; of equal dates the highest
    /// version. `None` before the first.
    pub fn in_force<'r>(&'r self, plan: &str, day: Day, visibility: Visibility<'r>) -> Option<&'r Published> {
        let started = self.versions(plan, visibility).filter(|published| published.plan.effective <= day);
        let latest = started.max_by_key(|published| (published.plan.effective, published.plan.version));
        latest.into_iter().for_each(|published| reads::record(published.position));
        latest
    }

    /// The ids of all components of the visible versions of a plan, ordered.
    pub fn component_ids<'r>(&'r self, plan: &str, visibility: Visibility<'r>) -> Vec<&'r ledger::id::ComponentId> {
        let ids = self.versions(plan, visibility).flat_map(|published| &published.plan.components);
        let mut ids: Vec<_> = ids.map(|component: &Component| &component.id).collect();
        ids.sort();
        ids.dedup();
        ids
    }
}
