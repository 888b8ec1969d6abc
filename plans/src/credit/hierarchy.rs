//! Managers and teams: whose primary shares count for a payee by `credit = "reports"` or `"team"`, day by day
//! (calculation.md 4).

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use ledger::date::Day;
use ledger::exact::Exact;
use ledger::fact::{Role, Share};
use ledger::id::{Name, PayeeId};
use projections::shared_map::SharedMap;
use projections::view::View;

use crate::plan::Credit;

/// Manager chains and teams of all payees in one view. They are computed when a payee first needs them.
pub struct CreditHierarchy<'k> {
    view: View<'k>,
    stated: Stated,
    all: OnceCell<TeamMembers>,
    found: RefCell<Chains>,
}

/// Chains that were computed before: a manager needs them for every contract.
#[derive(Default)]
struct Chains {
    chain_days: SharedMap<PayeeId, Rc<[Day]>>,
    chains: SharedMap<(Day, PayeeId), Rc<[PayeeId]>>,
}

/// Which facts about managers and teams count.
#[derive(Copy, Clone, PartialEq, Eq)]
enum Stated {
    /// Facts that are in force in the view.
    InForce,
    /// Every fact that the view includes, also those that a later entry replaced or retracted.
    Ever,
}

#[derive(Default)]
struct TeamMembers {
    /// By manager, the payees who have had that manager at any time.
    reports: BTreeMap<PayeeId, Vec<PayeeId>>,
    /// By team, the payees who have been in it at any time.
    teams: BTreeMap<Name, Vec<PayeeId>>,
}

impl<'k> CreditHierarchy<'k> {
    /// The hierarchy by the facts in force in a view.
    pub fn of(view: View<'k>) -> CreditHierarchy<'k> {
        CreditHierarchy { view, stated: Stated::InForce, all: OnceCell::new(), found: RefCell::default() }
    }

    /// The hierarchy by every fact that the view includes, in force or not. It has too many payees rather than too
    /// few.
    pub fn ever(view: View<'k>) -> CreditHierarchy<'k> {
        CreditHierarchy { view, stated: Stated::Ever, all: OnceCell::new(), found: RefCell::default() }
    }

    fn managers(&self, payee: &str) -> Vec<PayeeId> {
        match self.stated {
            Stated::InForce => self.view.managers_ever(payee).into_iter().map(|(_, manager)| manager).collect(),
            Stated::Ever => self.view.managers_stated(payee),
        }
    }

    fn teams(&self, payee: &str) -> Vec<Name> {
        match self.stated {
            Stated::InForce => self.view.teams_ever(payee).into_iter().map(|(_, team)| team).collect(),
            Stated::Ever => self.view.teams_stated(payee),
        }
    }

    fn all(&self) -> &TeamMembers {
        self.all.get_or_init(|| {
            let view = self.view;
            let mut all = TeamMembers::default();
            for payee in view.knowledge.payees.keys() {
                for manager in self.managers(payee.as_str()) {
                    all.reports.entry(manager).or_default().push(payee.clone());
                }
                for team in self.teams(payee.as_str()) {
                    all.teams.entry(team).or_default().push(payee.clone());
                }
            }
            all
        })
    }

    /// The payee's id as the knowledge stores it, which lives as long as the view.
    fn known(&self, payee: &PayeeId) -> &'k str {
        let known = self.view.knowledge.payees.get_key_value(payee);
        known.expect("BUG: a payee of a hierarchy is unknown").0.as_str()
    }

    /// The payee and everybody whose shares may count for it on any day.
    pub fn members_ever(&self, payee: &'k str, credit: &Credit) -> BTreeSet<&'k str> {
        let mut members = BTreeSet::from([payee]);
        match credit {
            Credit::Roles(_) => {}
            Credit::Reports => {
                let mut open = vec![payee];
                while let Some(above) = open.pop() {
                    let below = self.all().reports.get(above).into_iter().flatten();
                    open.extend(below.map(|below| self.known(below)).filter(|below| members.insert(below)));
                }
            }
            Credit::Team => {
                let teams = self.teams(payee);
                let mates = teams.iter().filter_map(|team| self.all().teams.get(team)).flatten();
                members.extend(mates.map(|mate| self.known(mate)));
            }
        }
        members
    }

    /// The days on which the shares of these holders may begin or cease to count for a payee.
    pub fn changes<'h>(&self, holders: impl Iterator<Item = &'h PayeeId>, payee: &str, credit: &Credit) -> Vec<Day> {
        match credit {
            Credit::Roles(_) => Vec::new(),
            Credit::Team => {
                let days = holders.flat_map(|holder| self.view.team_days(holder.as_str()));
                days.chain(self.view.team_days(payee)).collect()
            }
            Credit::Reports => holders.flat_map(|holder| self.chain_days(holder).to_vec()).collect(),
        }
    }

    /// The days on which the manager chain of a payee may change.
    fn chain_days(&self, payee: &PayeeId) -> Rc<[Day]> {
        if let Some(days) = self.found.borrow().chain_days.get(payee) {
            return days.clone();
        }
        let mut seen = BTreeSet::from([payee.clone()]);
        let (mut open, mut days) = (vec![payee.clone()], Vec::new());
        while let Some(below) = open.pop() {
            days.extend(self.view.manager_days(below.as_str()));
            let managers = self.view.managers_ever(below.as_str()).into_iter().map(|(_, manager)| manager);
            open.extend(managers.filter(|manager| seen.insert(manager.clone())));
        }
        let days: Rc<[Day]> = days.into();
        self.found.borrow_mut().chain_days.insert(payee.clone(), days.clone());
        days
    }

    /// The fraction of a thing's credit that counts for a payee on a day (calculation.md 2, 4).
    pub fn counted(&self, holders: CreditShares<'_>, payee: &str, credit: &Credit, day: Day) -> Exact {
        let counts = |who: &PayeeId, role: Role| match credit {
            Credit::Roles(roles) => who.as_str() == payee && roles.contains(&role),
            Credit::Reports => role == Role::Primary && self.reports_to(who, payee, day),
            Credit::Team => role == Role::Primary && self.is_teammate(who.as_str(), payee, day),
        };
        match holders {
            CreditShares::Split(shares) => {
                shares.iter().filter(|share| counts(&share.payee, share.role)).map(|share| share.percent.exact()).sum()
            }
            CreditShares::Whole(who) if counts(who, Role::Primary) => Exact::ONE,
            CreditShares::Whole(_) => Exact::ZERO,
        }
    }

    /// Whether the manager chain of `who` contains a payee. The payee's own shares do not count as a report's.
    fn reports_to(&self, who: &PayeeId, payee: &str, day: Day) -> bool {
        who.as_str() != payee && self.chain(who, day).iter().any(|above| above.as_str() == payee)
    }

    /// The managers above `who` on a day, the nearest first.
    pub fn chain(&self, who: &PayeeId, day: Day) -> Rc<[PayeeId]> {
        let key = (day, who.clone());
        if let Some(chain) = self.found.borrow().chains.get(&key) {
            return chain.clone();
        }
        let mut chain: Vec<PayeeId> = Vec::new();
        while let Some(manager) = self.view.manager(chain.last().unwrap_or(who).as_str(), day) {
            // Stop at management cycles.
            if manager == *who || chain.contains(&manager) {
                break;
            }
            chain.push(manager);
        }
        let chain: Rc<[PayeeId]> = chain.into();
        self.found.borrow_mut().chains.insert(key, chain.clone());
        chain
    }

    fn is_teammate(&self, who: &str, payee: &str, day: Day) -> bool {
        let view = self.view;
        who == payee || view.team(payee, day).is_some_and(|team| view.team(who, day) == Some(team))
    }
}

/// The credit of a booking, contract, account or signal on a day.
#[derive(Copy, Clone)]
pub enum CreditShares<'k> {
    /// The shares of a credit split or of a booking's own credit.
    Split(&'k [Share]),
    /// All of it to the payee that a signal names, as primary credit.
    Whole(&'k PayeeId),
}
