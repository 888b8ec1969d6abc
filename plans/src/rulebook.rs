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

/// A version of a plan and the days on which it is in force.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct InForce<T> {
    /// Its first day.
    pub from: Day,
    /// Its last day.
    pub to: Day,
    /// The version.
    pub version: T,
}

/// The days on which each version of one plan is in force, ascending: from `effective` to the day before the next one.
/// Of versions with one date only the highest is ever in force.
pub(crate) fn terms_in_force<'p, T: Copy>(versions: impl Iterator<Item = (&'p Plan, T)>) -> Vec<InForce<T>> {
    let mut versions: Vec<(&Plan, T)> = versions.collect();
    versions.sort_by_key(|(plan, _)| (plan.effective, plan.version));
    let mut terms: Vec<InForce<T>> = Vec::with_capacity(versions.len());
    for (plan, version) in versions {
        let from = plan.effective;
        terms.pop_if(|last| last.from == from);
        if let Some(last) = terms.last_mut() {
            last.to = from.previous();
        }
        terms.push(InForce { from, to: Day::LAST, version });
    }
    terms
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

    /// The days on which each visible version of a plan is in force, ascending.
    pub fn terms_in_force<'r>(&'r self, plan: &str, visibility: Visibility<'r>) -> Vec<InForce<&'r Published>> {
        let versions = self.versions(plan, visibility).map(|published| (&published.plan, published));
        let terms = terms_in_force(versions);
        terms.iter().for_each(|term| reads::record(term.version.position));
        terms
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::check;
    use crate::check::example::component;

    #[test]
    fn a_version_is_in_force_until_the_next_begins() {
        let plan = |version: u32, effective: &str| {
            let text = component("").replace("version = 1", &format!("version = {version}"));
            check("p.toml", &text.replace("2027-01-01", effective)).plan.expect("a plan")
        };
        let plans = [plan(1, "2027-03-01"), plan(2, "2027-02-01"), plan(3, "2027-03-01"), plan(4, "2027-05-16")];
        let terms = terms_in_force(plans.iter().map(|plan| (plan, plan.version)));
        let day = |text: &str| Day::parse(text).expect("a date");
        let of = |from: &str, to: Day, version: u32| InForce { from: day(from), to, version };
        let expected = [
            of("2027-02-01", day("2027-02-28"), 2),
            of("2027-03-01", day("2027-05-15"), 3),
            of("2027-05-16", Day::LAST, 4),
        ];
        assert_eq!(terms, expected);
    }
}
