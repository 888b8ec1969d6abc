//! A contract in force and a booking on it.

use ledger::date::Day;

use super::facts::Facts;

/// A contract in force.
pub struct Slot {
    pub account: String,
    /// Left out by most: then it is the account.
    pub contract: Option<String>,
    /// The seat of the owner.
    pub owner: usize,
    pub currency: &'static str,
    pub metered: bool,
    pub arr: i64,
    /// What is used of what was bought, in thousandths, and how that grows in a month.
    pub burn: i64,
    pub drift: i64,
    pub from: Day,
    /// The last day of usage, once it is cancelled.
    pub until: Option<Day>,
    /// The last day of the contract's term, and the bookings on it.
    pub term_last: Day,
    pub deals: Vec<usize>,
}

/// A booking as it was sent, for it may be sent again.
pub struct Deal {
    pub id: String,
    pub slot: usize,
    pub account: String,
    pub contract: Option<String>,
    pub motion: &'static str,
    pub at: Day,
    pub start: Day,
    pub arr: i64,
    pub currency: &'static str,
}

impl Deal {
    pub fn send(&self, rest: &str, facts: &mut Facts) {
        let Deal { id, account, motion, start, currency, .. } = self;
        let contract =
            self.contract.as_ref().map(|contract| format!("\"contract\": \"{contract}\", ")).unwrap_or_default();
        let what = format!("\"booking\": \"{id}\", \"account\": \"{account}\", {contract}\"motion\": \"{motion}\"");
        let arr = self.arr;
        let value = format!("\"start\": \"{start}\", \"arr\": \"{arr}\", \"currency\": \"{currency}\"");
        facts.add("booking", self.at, format!("{what}, {value}{rest}"));
    }
}
