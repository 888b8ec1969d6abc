//! Which components measure a booking, usage or a signal, and for whom: what nobody is paid for is found with it.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use ledger::date::Day;
use ledger::fact::{Role, Share};
use ledger::id::{Name, PayeeId, PlanId};
use projections::knowledge::MeteredRun;
use projections::view::View;

use crate::context::Context;
use crate::credit::hierarchy::CreditShares;
use crate::filter::passes;
use crate::item::Subject;
use crate::measure::measures_meter;
use crate::plan::{Component, Credit, Filter, Measure};
use crate::rulebook::Published;
use crate::term::{Term, terms};

/// Something that a component may measure.
#[derive(Copy, Clone)]
pub enum Measurable<'k> {
    /// A booking.
    Booking,
    /// The usage of a contract on one meter.
    Usage(&'k MeteredRun),
    /// A signal of this name.
    Signal(&'k Name),
}

/// A thing on a day: what it is, and what it is about.
pub struct Thing<'k> {
    /// What it is.
    pub kind: Measurable<'k>,
    /// The booking, contract and account that it is about.
    pub subject: Subject<'k>,
    /// Its date.
    pub day: Day,
}

/// The components in force on each day, and the assignments of each payee, as far as they were looked up.
pub struct Coverage<'k> {
    /// What is known, and the plans.
    pub context: Context<'k>,
    terms: RefCell<BTreeMap<&'k str, Rc<[Term<'k>]>>>,
    in_force: RefCell<BTreeMap<Day, Rc<[&'k Component]>>>,
    all_usage: RefCell<BTreeMap<(&'k str, Day), bool>>,
    leads: RefCell<BTreeMap<KindName<'k>, Rc<Leads<'k>>>>,
}

/// A kind of things, without the meter of usage.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum KindName<'k> {
    Booking,
    Usage,
    Signal(&'k Name),
}

/// Payees who were ever assigned to a plan that pays for some kind of things on the credit of others.
#[derive(Default)]
struct Leads<'k> {
    /// On that of their reports.
    reports: BTreeSet<&'k str>,
    /// On that of their team.
    teams: BTreeSet<&'k str>,
}

impl<'k> Leads<'k> {
    fn of(context: &Context<'k>, kind: KindName<'k>) -> Leads<'k> {
        let mut leads = Leads::default();
        let plans_with = |credit: Credit| -> BTreeSet<&'k PlanId> {
            let is_it = |component: &Component| component.credit == credit && has_kind(&component.measure, kind);
            let has = |published: &Published| published.plan.components.iter().any(is_it);
            let plans = context.rules.plans().filter(|(_, versions)| versions.iter().any(has));
            plans.map(|(plan, _)| plan).collect()
        };
        let (reports, teams) = (plans_with(Credit::Reports), plans_with(Credit::Team));
        if reports.is_empty() && teams.is_empty() {
            return leads;
        }
        for payee in context.view.knowledge.payees.keys() {
            for assignment in context.view.assignments_ever(payee.as_str()) {
                if reports.contains(&assignment.plan) {
                    leads.reports.insert(payee.as_str());
                }
                if teams.contains(&assignment.plan) {
                    leads.teams.insert(payee.as_str());
                }
            }
        }
        leads
    }
}

impl<'k> Coverage<'k> {
    /// The coverage by the facts and plans of a context.
    pub fn of(context: Context<'k>) -> Coverage<'k> {
        let (terms, in_force, all_usage) = (RefCell::default(), RefCell::default(), RefCell::default());
        Coverage { context, terms, in_force, all_usage, leads: RefCell::default() }
    }

    fn view(&self) -> View<'k> {
        self.context.view
    }

    /// A payee's assignments.
    pub fn terms(&self, payee: &'k str) -> Rc<[Term<'k>]> {
        let mut known = self.terms.borrow_mut();
        known.entry(payee).or_insert_with(|| terms(self.context.view, payee).into()).clone()
    }

    /// Every component of a version that is in force on a day, and that exists on it, whoever is assigned.
    pub fn components_on(&self, day: Day) -> Rc<[&'k Component]> {
        let mut known = self.in_force.borrow_mut();
        let found = known.entry(day).or_insert_with(|| {
            let plans = self.context.rules.plans().map(|(plan, _)| plan.as_str());
            plans.flat_map(|plan| self.components_of(plan, day)).collect()
        });
        found.clone()
    }

    /// The components that the version of a plan in force on a day has on it.
    fn components_of(&self, plan: &str, day: Day) -> impl Iterator<Item = &'k Component> + use<'k> {
        let published = self.context.rules.in_force(plan, day, self.context.view.visibility);
        let components = published.into_iter().flat_map(|published| &published.plan.components);
        components.filter(move |component| component.exists_on(day))
    }

    /// Whether some component would measure a thing for somebody, whoever is assigned and whoever has credit.
    pub fn is_measured(&self, thing: &Thing<'k>) -> bool {
        self.components_on(thing.day).iter().any(|component| self.measures(component, thing))
    }

    fn measures(&self, component: &Component, thing: &Thing<'k>) -> bool {
        is_kind(&component.measure, thing.kind) && passes(&component.filter, self.view(), &thing.subject, thing.day)
    }

    /// Whether a component of a plan that the payee is assigned to on a day measures all usage, of its own primary credit and without
    /// a look at what the usage is of. It is the same for every contract.
    pub fn pays_all_usage(&self, payee: &'k str, day: Day) -> bool {
        let key = (payee, day);
        if let Some(known) = self.all_usage.borrow().get(&key) {
            return *known;
        }
        let takes_all = |component: &Component| {
            let of_primary = match &component.credit {
                Credit::Roles(roles) => roles.contains(&Role::Primary),
                Credit::Reports | Credit::Team => false,
            };
            let of_all = match &component.measure {
                Measure::Usage { meters, .. } | Measure::Growth { meters, .. } | Measure::Retention { meters, .. } => {
                    meters.is_empty()
                }
                Measure::Booking { .. } | Measure::Signal { .. } | Measure::Metric { .. } => false,
            };
            of_primary && of_all && component.filter == Filter::default()
        };
        let terms = self.terms(payee);
        let mut on_day = terms.iter().filter(|term| term.contains(day));
        let pays = on_day.any(|term| self.components_of(term.plan(), day).any(takes_all));
        self.all_usage.borrow_mut().insert(key, pays);
        pays
    }

    /// Whether a component of a plan that the payee is assigned to measures a thing, with some of these shares.
    pub fn pays(&self, payee: &'k str, thing: &Thing<'k>, shares: CreditShares<'_>) -> bool {
        let hierarchy = &self.context.credit.hierarchy;
        let terms = self.terms(payee);
        let mut components = terms
            .iter()
            .filter(|term| term.contains(thing.day))
            .flat_map(|term| self.components_of(term.plan(), thing.day));
        components.any(|component| {
            self.measures(component, thing) && !hierarchy.counted(shares, payee, &component.credit, thing.day).is_zero()
        })
    }

    /// Whether a component measures a thing for anybody: for who has a share of it, or for a manager or a team of theirs.
    pub fn pays_anybody(&self, thing: &Thing<'k>, shares: &'k [Share]) -> bool {
        let own =
            |share: &'k Share| self.pays(share.payee.as_str(), thing, CreditShares::Split(std::slice::from_ref(share)));
        shares.iter().any(own) || self.pays_others(thing, shares)
    }

    /// Whether a component measures a thing for a manager or a team of those who have a share of it.
    pub fn pays_others(&self, thing: &Thing<'k>, shares: &'k [Share]) -> bool {
        let pays = |payee: &'k str| self.pays(payee, thing, CreditShares::Split(shares));
        shares.iter().any(|share| self.others(&share.payee, thing).any(pays))
    }

    /// As [`Coverage::pays_anybody`], of a signal that names its payee.
    pub fn pays_whole(&self, thing: &Thing<'k>, payee: &'k PayeeId) -> bool {
        let pays = |who: &'k str| self.pays(who, thing, CreditShares::Whole(payee));
        pays(payee.as_str()) || self.others(payee, thing).any(pays)
    }

    /// Those who may be paid on the share of a holder on the day of a thing: managers, and everybody who is paid on a team.
    fn others(&self, holder: &PayeeId, thing: &Thing<'k>) -> impl Iterator<Item = &'k str> + use<'k> {
        let leads = self.leads(thing.kind);
        let chain = if leads.reports.is_empty() {
            Rc::default()
        } else {
            self.context.credit.hierarchy.chain(holder, thing.day)
        };
        let managers = chain.iter().filter_map(|manager| leads.reports.get(manager.as_str()).copied());
        let others: Vec<&'k str> = managers.chain(leads.teams.iter().copied()).collect();
        others.into_iter()
    }

    fn leads(&self, kind: Measurable<'k>) -> Rc<Leads<'k>> {
        let kind = match kind {
            Measurable::Booking => KindName::Booking,
            Measurable::Usage(_) => KindName::Usage,
            Measurable::Signal(name) => KindName::Signal(name),
        };
        let mut known = self.leads.borrow_mut();
        known.entry(kind).or_insert_with(|| Rc::new(Leads::of(&self.context, kind))).clone()
    }
}

/// Whether a measure is of a kind of things, usage of any meter.
fn has_kind(measure: &Measure, kind: KindName<'_>) -> bool {
    match measure {
        Measure::Booking { .. } => kind == KindName::Booking,
        Measure::Usage { .. } | Measure::Growth { .. } | Measure::Retention { .. } => kind == KindName::Usage,
        Measure::Signal { name, .. } | Measure::Metric { name, .. } => kind == KindName::Signal(name),
    }
}

/// Whether a measure is of this kind of thing; of usage and signals, also of this meter and this name.
pub fn is_kind(measure: &Measure, kind: Measurable<'_>) -> bool {
    match measure {
        Measure::Booking { .. } => matches!(kind, Measurable::Booking),
        Measure::Usage { meters, .. } | Measure::Growth { meters, .. } | Measure::Retention { meters, .. } => {
            match kind {
                Measurable::Usage(run) => measures_meter(meters, run),
                Measurable::Booking | Measurable::Signal(_) => false,
            }
        }
        Measure::Signal { name, .. } | Measure::Metric { name, .. } => match kind {
            Measurable::Signal(signal) => signal == name,
            Measurable::Booking | Measurable::Usage(_) => false,
        },
    }
}
