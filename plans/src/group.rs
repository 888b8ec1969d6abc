//! Whose primary shares a payee is paid on beside or instead of its own: reports and teams, day by day (calculation.md 4).

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use ledger::date::Day;
use ledger::exact::Exact;
use ledger::fact::{Role, Share};
use ledger::id::{Name, PayeeId};
use projections::view::View;

use crate::plan::Credit;

/// Managers and teams of all payees at one view, found once, when somebody is paid on them.
pub struct Groups<'k> {
    view: View<'k>,
    stated: Stated,
    all: OnceCell<All>,
}

/// Which statements of managers and teams count.
#[derive(Copy, Clone, PartialEq, Eq)]
enum Stated {
    InForce,
    /// Those that something has ended, too.
    Ever,
}

#[derive(Default)]
struct All {
    /// Who has ever had whom as manager.
    reports: BTreeMap<PayeeId, Vec<PayeeId>>,
    teams: BTreeMap<Name, Vec<PayeeId>>,
}

impl<'k> Groups<'k> {
    pub fn of(view: View<'k>) -> Groups<'k> {
        Groups { view, stated: Stated::InForce, all: OnceCell::new() }
    }

    /// Whoever was above whom, or in one team, at any size and whatever is left out.
    pub fn ever(view: View<'k>) -> Groups<'k> {
        Groups { view, stated: Stated::Ever, all: OnceCell::new() }
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

    fn all(&self) -> &All {
        self.all.get_or_init(|| {
            let view = self.view;
            let mut all = All::default();
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

    /// The same id, as the knowledge has it.
    fn known(&self, payee: &PayeeId) -> &'k str {
        let known = self.view.knowledge.payees.get_key_value(payee);
        known.expect("BUG: a payee of a group is unknown").0.as_str()
    }

    /// Everybody whose shares may count for a payee on some day, the payee included.
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
}

/// Days from which on the shares of these holders may count for a payee otherwise than before.
pub fn changes<'h>(
    view: View<'_>,
    holders: impl Iterator<Item = &'h PayeeId>,
    payee: &str,
    credit: &Credit,
) -> Vec<Day> {
    match credit {
        Credit::Roles(_) => Vec::new(),
        Credit::Team => {
            holders.flat_map(|holder| view.team_days(holder.as_str())).chain(view.team_days(payee)).collect()
        }
        Credit::Reports => {
            let mut seen: BTreeSet<PayeeId> = holders.cloned().collect();
            let mut open: Vec<PayeeId> = seen.iter().cloned().collect();
            let mut days = Vec::new();
            while let Some(below) = open.pop() {
                days.extend(view.manager_days(below.as_str()));
                let managers = view.managers_ever(below.as_str()).into_iter().map(|(_, manager)| manager);
                open.extend(managers.filter(|manager| seen.insert(manager.clone())));
            }
            days
        }
    }
}

/// Who holds the credit of something on a day.
#[derive(Copy, Clone)]
pub enum Holders<'k> {
    Split(&'k [Share]),
    /// A signal that names a payee is a primary credit of 100 % to that payee.
    Whole(&'k PayeeId),
}

/// What of it counts for a payee.
pub fn counted(view: View<'_>, holders: Holders<'_>, payee: &str, credit: &Credit, day: Day) -> Exact {
    let counts = |who: &PayeeId, role: Role| match credit {
        Credit::Roles(roles) => who.as_str() == payee && roles.contains(&role),
        Credit::Reports => role == Role::Primary && reports_to(view, who, payee, day),
        Credit::Team => role == Role::Primary && is_teammate(view, who.as_str(), payee, day),
    };
    match holders {
        Holders::Split(shares) => {
            shares.iter().filter(|share| counts(&share.payee, share.role)).map(|share| share.percent.exact()).sum()
        }
        Holders::Whole(who) if counts(who, Role::Primary) => Exact::ONE,
        Holders::Whole(_) => Exact::ZERO,
    }
}

/// Whether somebody's manager chain reaches a payee; the payee's own shares do not count.
fn reports_to(view: View<'_>, who: &PayeeId, payee: &str, day: Day) -> bool {
    let mut seen = BTreeSet::from([who.clone()]);
    let mut below = who.clone();
    while let Some(manager) = view.manager(below.as_str(), day) {
        if manager.as_str() == payee {
            return who.as_str() != payee;
        }
        if !seen.insert(manager.clone()) {
            return false;
        }
        below = manager;
    }
    false
}

fn is_teammate(view: View<'_>, who: &str, payee: &str, day: Day) -> bool {
    who == payee || view.team(payee, day).is_some_and(|team| view.team(who, day) == Some(team))
}
