//! Collects the changes that affect each payee: its own changes, and those of payees on whose credit it is paid as their manager
//! or teammate. Changes are stored with the payees they affect, because one change often affects many payees.

use std::collections::{BTreeMap, BTreeSet};

use ledger::id::{PayeeId, PlanId};
use plans::credit::hierarchy::CreditHierarchy;
use plans::incremental::change::Change;
use plans::plan::Credit;
use plans::rulebook::Rulebook;
use projections::view::View;

/// Payees, as their places in the ordered list of all payees.
pub type Payees = BTreeSet<usize>;

/// The payees affected by each change.
pub struct DirtySet<'k> {
    /// All known payees, ordered.
    payees: Vec<&'k PayeeId>,
    paid_on_others: PaidOnOthers,
    own: BTreeMap<Change, Payees>,
    credited: BTreeMap<Change, Payees>,
}

impl<'k> DirtySet<'k> {
    /// An empty set. Managers and teams are those of either view: before the changes and after.
    pub fn of(views: [View<'k>; 2], rules: &Rulebook) -> DirtySet<'k> {
        DirtySet::with(views.map(|view| (view, CreditHierarchy::of(view))), rules)
    }

    /// An empty set. Managers and teams are all that were ever recorded.
    pub fn ever(view: View<'k>, rules: &Rulebook) -> DirtySet<'k> {
        DirtySet::with([(view, CreditHierarchy::ever(view))], rules)
    }

    fn with<const N: usize>(views: [(View<'k>, CreditHierarchy<'k>); N], rules: &Rulebook) -> DirtySet<'k> {
        let payees: Vec<&PayeeId> = views[0].0.knowledge.payees.keys().collect();
        let paid_on_others = PaidOnOthers::of(&views, &payees, rules);
        DirtySet { payees, paid_on_others, own: BTreeMap::new(), credited: BTreeMap::new() }
    }

    /// The place of a payee; `None` if it is unknown.
    pub fn place(&self, payee: &PayeeId) -> Option<usize> {
        self.payees.binary_search(&payee).ok()
    }

    /// The payee at a place.
    pub fn payee(&self, place: usize) -> &'k PayeeId {
        self.payees[place]
    }

    /// The places of all payees.
    pub fn places(&self) -> std::ops::Range<usize> {
        0..self.payees.len()
    }

    /// Payees that are paid on the credit of others, as their managers or teammates.
    pub fn managers(&self) -> &Payees {
        &self.paid_on_others.payees
    }

    /// Adds a change that affects one payee.
    pub fn own(&mut self, payee: usize, change: Change) {
        self.own.entry(change).or_default().insert(payee);
    }

    /// Adds a change of a booking, contract, account or signal that these payees have credit of. It affects them, their managers
    /// and their teammates.
    pub fn credited(&mut self, payees: &Payees, change: Change) {
        if !payees.is_empty() {
            self.credited.entry(change).or_default().extend(payees);
        }
    }

    /// Takes the changes of each payee, and leaves an empty set.
    pub fn take_by_payee(&mut self) -> BTreeMap<PayeeId, BTreeSet<Change>> {
        let mut own = std::mem::take(&mut self.own);
        for (change, payees) in std::mem::take(&mut self.credited) {
            let dirty = own.entry(change).or_default();
            dirty.extend(payees.iter().flat_map(|payee| self.paid_on_others.members.get(payee)).flatten());
            dirty.extend(payees);
        }
        let mut changes: BTreeMap<usize, Vec<Change>> = BTreeMap::new();
        for (change, payees) in &own {
            payees.iter().for_each(|payee| changes.entry(*payee).or_default().push(change.clone()));
        }
        changes.into_iter().map(|(payee, changes)| (self.payees[payee].clone(), BTreeSet::from_iter(changes))).collect()
    }
}

/// Payees that are paid on the credit of others, as their managers or teammates.
#[derive(Default)]
struct PaidOnOthers {
    payees: Payees,
    /// For each payee, those that are paid on its credit.
    members: BTreeMap<usize, Payees>,
}

impl PaidOnOthers {
    fn of<'k>(views: &[(View<'k>, CreditHierarchy<'k>)], payees: &[&'k PayeeId], rules: &Rulebook) -> PaidOnOthers {
        let place = |id: &str| payees.binary_search_by(|payee| payee.as_str().cmp(id));
        let mut paid_on_others = PaidOnOthers::default();
        for (view, groups) in views {
            let credits = credits(*view, rules);
            for (number, payee) in payees.iter().enumerate() {
                let assigned = view.assignments_ever(payee.as_str());
                let credits = assigned.filter_map(|assignment| credits.get(&assignment.plan)).flatten();
                for credit in credits.collect::<BTreeSet<_>>() {
                    paid_on_others.payees.insert(number);
                    for member in groups.members_ever(payee.as_str(), credit.credit()) {
                        let member = place(member).expect("a group's members are known payees");
                        paid_on_others.members.entry(member).or_default().insert(number);
                    }
                }
            }
        }
        paid_on_others
    }
}

/// The group whose credit a component pays on.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum GroupCredit {
    Reports,
    Team,
}

impl GroupCredit {
    fn credit(self) -> &'static Credit {
        match self {
            GroupCredit::Reports => &Credit::Reports,
            GroupCredit::Team => &Credit::Team,
        }
    }
}

/// For each plan, the groups whose credit its components pay on.
fn credits(view: View<'_>, rules: &Rulebook) -> BTreeMap<PlanId, Vec<GroupCredit>> {
    let group = |credit: &Credit| match credit {
        Credit::Roles(_) => None,
        Credit::Reports => Some(GroupCredit::Reports),
        Credit::Team => Some(GroupCredit::Team),
    };
    let of_plan = |id: &PlanId| {
        let versions = rules.versions(id.as_str(), view.visibility).flat_map(|published| &published.plan.components);
        versions.filter_map(|component| group(&component.credit)).collect::<Vec<_>>()
    };
    rules.plans().map(|(id, _)| (id.clone(), of_plan(id))).collect()
}
