//! Who has which share of what, on a day (calculation.md 2, and Credit in 4).

use serde_json::Value;

use super::calendar::Day;
use super::known::{Booking, Known, Signal, Split, Thing};
use super::number::{Number, one, zero};
use super::plan::{Rule, texts};

/// What an item is about: its booking, contract and account, as far as it has them.
#[derive(Clone, Default)]
pub struct Subject {
    pub booking: Option<String>,
    pub contract: Option<String>,
    pub account: Option<String>,
    /// The payee whom a signal names.
    pub payee: Option<String>,
}

impl Subject {
    pub fn booking(booking: &Booking) -> Subject {
        let (contract, account) = (booking.contract.clone(), booking.account.clone());
        Subject { booking: Some(booking.id.clone()), contract: Some(contract), account: Some(account), payee: None }
    }

    pub fn contract(known: &Known, contract: &str) -> Subject {
        let account = Some(known.account_of(contract));
        Subject { contract: Some(contract.to_owned()), account, ..Subject::default() }
    }

    /// Nothing for a signal on a booking that is not there.
    pub fn signal(known: &Known, signal: &Signal) -> Option<Subject> {
        let on = match &signal.on {
            Thing::Booking(id) => Subject::booking(known.booking(id)?),
            Thing::Contract(contract) => Subject::contract(known, contract),
            Thing::Account(account) => Subject { account: Some(account.clone()), ..Subject::default() },
            Thing::Nothing => Subject::default(),
        };
        Some(Subject { payee: signal.payee.clone(), ..on })
    }

    /// Whether a signal counts for the item.
    pub fn is_meant(&self, on: &Thing) -> bool {
        match on {
            Thing::Booking(id) => self.booking.as_ref() == Some(id),
            Thing::Contract(id) => self.contract.as_ref() == Some(id),
            Thing::Account(id) => self.account.as_ref() == Some(id),
            Thing::Nothing => false,
        }
    }
}

impl Known<'_> {
    /// The split that wins on a day: on the booking, else the contract, else the account.
    fn split(&self, subject: &Subject, day: Day) -> Option<&Split> {
        let booking = subject.booking.clone().map(Thing::Booking);
        let contract = subject.contract.clone().map(Thing::Contract);
        let account = subject.account.clone().map(Thing::Account);
        let on = |thing: Thing| {
            let there = self.splits.iter().filter(|split| split.on == thing && split.at <= day);
            there.max_by_key(|split| (split.at, split.position))
        };
        [booking, contract, account].into_iter().flatten().find_map(on)
    }

    fn share_of(&self, payee: &str, subject: &Subject, roles: &[&str], day: Day) -> Number {
        if let Some(named) = &subject.payee {
            return if named == payee && roles.contains(&"primary") { one() } else { zero() };
        }
        let shares = self.split(subject, day).map(|split| split.shares.as_slice()).unwrap_or_default();
        let own = shares.iter().filter(|share| share.payee == payee && roles.contains(&share.role.as_str()));
        own.fold(zero(), |sum, share| sum + &share.percent)
    }

    /// The payee's own primary share.
    pub fn primary_share(&self, payee: &str, subject: &Subject, day: Day) -> Number {
        self.share_of(payee, subject, &["primary"], day)
    }

    /// The share that a component credits to the payee: by roles, or of the reports, or of the team.
    pub fn share(&self, payee: &str, rule: &Rule, subject: &Subject, day: Day) -> Number {
        let group = match rule.get("credit") {
            Some(Value::String(group)) if group == "reports" => self.reports(payee, day),
            Some(Value::String(group)) if group == "team" => self.team(payee, day),
            Some(roles) => return self.share_of(payee, subject, &texts(roles), day),
            None => vec![payee.to_owned()],
        };
        group.iter().fold(zero(), |sum, member| sum + self.primary_share(member, subject, day))
    }

    /// Everyone whose manager chain reaches the payee on the day.
    fn reports(&self, payee: &str, day: Day) -> Vec<String> {
        let reaches = |other: &String| {
            let mut manager = self.field("payee", other, "manager", day);
            let mut steps = 0;
            while let Some(name) = manager {
                if name == payee {
                    return true;
                }
                steps += 1;
                manager = if steps < 100 { self.field("payee", name, "manager", day) } else { None };
            }
            false
        };
        self.payees().into_iter().filter(|other| other != payee && reaches(other)).collect()
    }

    /// Everyone in the payee's team on the day, the payee included; of no team, the payee alone.
    fn team(&self, payee: &str, day: Day) -> Vec<String> {
        match self.field("payee", payee, "team", day) {
            None => vec![payee.to_owned()],
            team => self.payees().into_iter().filter(|other| self.field("payee", other, "team", day) == team).collect(),
        }
    }

    /// Whether `where` lets an item in on its date.
    pub fn passes(&self, rule: &Rule, subject: &Subject, day: Day) -> bool {
        let Some(narrowed) = rule.get("where").and_then(Value::as_object) else { return true };
        let booking = subject.booking.as_ref().and_then(|id| self.booking(id));
        let account = subject.account.as_deref().unwrap_or_default();
        narrowed.iter().all(|(name, wanted)| {
            let found = match name.as_str() {
                "motion" => booking.map(|booking| booking.motion.as_str()),
                "product" => booking.and_then(|booking| booking.product.as_deref()),
                "segment" | "region" => self.field("account", account, name, day),
                _ => {
                    let own = booking.and_then(|booking| booking.attributes[name].as_str());
                    own.or_else(|| self.attribute("account", account, name, day))
                }
            };
            found.is_some_and(|found| texts(wanted).contains(&found))
        })
    }
}
