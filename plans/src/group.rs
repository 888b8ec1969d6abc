//! Whose primary shares a payee is paid on beside or instead of its own: reports and teams, day by day (calculation.md 4).

use std::collections::{BTreeMap, BTreeSet};

use ledger::date::Day;
use ledger::exact::Exact;
use ledger::fact::{Role, Share};
use ledger::id::PayeeId;
use projections::view::View;

use crate::plan::Credit;

/// Managers and teams of all payees at one view, found once.
#[derive(Default)]
pub struct Groups<'k> {
    /// Who has ever had whom as manager.
    reports: BTreeMap<PayeeId, Vec<&'k str>>,
    teams: BTreeMap<String, Vec<&'k str>>,
    /// Days from which on somebody's manager or team is another.
    pub days: Vec<Day>,
}

impl<'k> Groups<'k> {
    pub fn build(view: View<'k>) -> Groups<'k> {
        let mut groups = Groups::default();
        for payee in view.knowledge.payees.keys() {
            let (managers, teams) = (view.managers_ever(payee.as_str()), view.teams_ever(payee.as_str()));
            for (_, manager) in managers {
                groups.reports.entry(manager).or_default().push(payee.as_str());
            }
            for (_, team) in teams {
                groups.teams.entry(team.as_str().to_owned()).or_default().push(payee.as_str());
            }
            groups.days.extend(view.manager_days(payee.as_str()));
            groups.days.extend(view.team_days(payee.as_str()));
        }
        groups.days.sort();
        groups.days.dedup();
        groups
    }

    /// Everybody whose shares may count for a payee on some day, the payee included.
    pub fn members_ever(&self, view: View<'k>, payee: &'k str, credit: &Credit) -> BTreeSet<&'k str> {
        let mut members = BTreeSet::from([payee]);
        match credit {
            Credit::Roles(_) => {}
            Credit::Reports => {
                let mut open = vec![payee];
                while let Some(above) = open.pop() {
                    let below = self.reports.get(above).into_iter().flatten();
                    open.extend(below.filter(|below| members.insert(below)).copied());
                }
            }
            Credit::Team => {
                let teams = view.teams_ever(payee);
                members.extend(teams.iter().flat_map(|(_, team)| self.teams.get(team.as_str())).flatten());
            }
        }
        members
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
