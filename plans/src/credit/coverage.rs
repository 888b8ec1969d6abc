//! Which components measure a booking, usage or a signal, and for whom: what nobody is paid for is found with it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use ledger::date::Day;
use ledger::fact::Share;
use ledger::id::{Name, PayeeId};
use projections::knowledge::MeteredRun;
use projections::view::View;

use crate::context::Context;
use crate::credit::hierarchy::CreditShares;
use crate::filter::passes;
use crate::item::Subject;
use crate::measure::measures_meter;
use crate::plan::{Component, Credit, Measure};
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
pub struct Coverage<'c, 'k> {
    context: &'c Context<'k>,
    terms: RefCell<BTreeMap<&'k str, Rc<[Term<'k>]>>>,
    in_force: RefCell<BTreeMap<Day, Rc<[&'k Component]>>>,
    /// Whether any component pays on the credit of others.
    is_credit_of_others: bool,
}

impl<'c, 'k> Coverage<'c, 'k> {
    /// The coverage by the facts and plans of a context.
    pub fn of(context: &'c Context<'k>) -> Coverage<'c, 'k> {
        let versions = context.rules.plans().flat_map(|(_, versions)| versions);
        let mut components = versions.flat_map(|published| &published.plan.components);
        let is_credit_of_others = components.any(|component| match component.credit {
            Credit::Reports | Credit::Team => true,
            Credit::Roles(_) => false,
        });
        Coverage { context, terms: RefCell::default(), in_force: RefCell::default(), is_credit_of_others }
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
        let holders = || shares.iter().map(|share| &share.payee);
        let pays = |payee: &'k str| self.pays(payee, thing, CreditShares::Split(shares));
        holders().any(|holder| pays(holder.as_str())) || holders().any(|holder| self.others(holder, thing).any(pays))
    }

    /// As [`Coverage::pays_anybody`], of a signal that names its payee.
    pub fn pays_whole(&self, thing: &Thing<'k>, payee: &'k PayeeId) -> bool {
        let pays = |who: &'k str| self.pays(who, thing, CreditShares::Whole(payee));
        pays(payee.as_str()) || self.others(payee, thing).any(pays)
    }

    /// Managers and the team of who has a share of a thing; nobody if no plan pays on the credit of others.
    fn others(&self, holder: &PayeeId, thing: &Thing<'k>) -> impl Iterator<Item = &'k str> + use<'k> {
        let hierarchy = &self.context.credit.hierarchy;
        let others = if self.is_credit_of_others { hierarchy.others_paid_on(holder, thing.day) } else { Vec::new() };
        others.into_iter()
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
