//! What is payable to a payee: portions of closes, what is decided about them, holds and payouts (docs/pay.md).

use std::collections::BTreeMap;

use super::calendar::Month;
use super::number::{Number, least, zero};

/// A payee and a currency.
pub type Party = (String, String);

#[derive(Copy, Clone, PartialEq)]
enum Decision {
    Open,
    Approved,
    Rejected,
}

struct Portion {
    month: i64,
    left: Number,
    decision: Decision,
}

/// Of an amount in a currency, or of everything.
type Hold = Option<(String, Number)>;

pub struct PaidOut {
    pub party: Party,
    pub period: String,
    pub amount: Number,
    pub returned: Number,
    /// Nobody has said yet whether it arrived.
    pub is_open: bool,
    parts: Vec<(i64, Number)>,
}

#[derive(Default)]
pub struct Payables {
    portions: BTreeMap<Party, Vec<Portion>>,
    holds: BTreeMap<String, Vec<Hold>>,
    pub payouts: Vec<PaidOut>,
}

impl Payables {
    /// A close makes an amount payable.
    pub fn add(&mut self, party: &Party, month: Month, amount: Number) {
        if amount > zero() {
            let portion = Portion { month: month.0, left: amount, decision: Decision::Open };
            self.portions.entry(party.clone()).or_default().push(portion);
        }
    }

    pub fn payable(&self, party: &Party) -> Number {
        self.sum(party, |_| true)
    }

    fn sum(&self, party: &Party, counts: impl Fn(&Portion) -> bool) -> Number {
        let all = self.portions.get(party).into_iter().flatten();
        all.filter(|one| counts(one)).fold(zero(), |sum, one| sum + &one.left)
    }

    fn held(&self, party: &Party) -> Number {
        let free = self.sum(party, |one| one.decision != Decision::Rejected);
        let mut held = zero();
        for hold in self.holds.get(&party.0).into_iter().flatten() {
            match hold {
                None => return free,
                Some((currency, amount)) if *currency == party.1 => held += amount,
                Some(_) => {}
            }
        }
        least(held, free)
    }

    /// What can be set off against what the payee owes.
    pub fn held_or_rejected(&self, party: &Party) -> Number {
        self.held(party) + self.sum(party, |one| one.decision == Decision::Rejected)
    }

    /// Takes an amount out of what is held or rejected, the oldest close first. A hold of an amount becomes less by it.
    pub fn set_off(&mut self, party: &Party, amount: &Number) {
        let (mut rest, mut held, mut of_held) = (amount.clone(), self.held(party), zero());
        for one in self.portions.get_mut(party).into_iter().flatten() {
            let is_rejected = one.decision == Decision::Rejected;
            let most = if is_rejected { one.left.clone() } else { least(one.left.clone(), held.clone()) };
            let taken = least(most, rest.clone());
            one.left -= &taken;
            rest -= &taken;
            if !is_rejected {
                held -= &taken;
                of_held += &taken;
            }
        }
        for (currency, amount) in self.holds.get_mut(&party.0).into_iter().flatten().flatten() {
            if *currency == party.1 {
                let taken = least(of_held.clone(), amount.clone());
                *amount -= &taken;
                of_held -= &taken;
            }
        }
    }

    pub fn approve(&mut self, period: &str, payee: Option<&str>) {
        let month = Month::parse(period).0;
        self.decide(payee, Decision::Approved, |one| match one.decision {
            Decision::Open => one.month <= month,
            Decision::Rejected => one.month < month,
            Decision::Approved => false,
        });
    }

    pub fn reject(&mut self, period: &str, payee: Option<&str>) {
        let month = Month::parse(period).0;
        self.decide(payee, Decision::Rejected, |one| one.month == month);
    }

    fn decide(&mut self, payee: Option<&str>, decision: Decision, is_meant: impl Fn(&Portion) -> bool) {
        for (party, portions) in &mut self.portions {
            if payee.is_none_or(|payee| payee == party.0) {
                portions.iter_mut().filter(|one| is_meant(one)).for_each(|one| one.decision = decision);
            }
        }
    }

    pub fn hold(&mut self, payee: &str, hold: Hold) {
        self.holds.entry(payee.to_owned()).or_default().push(hold);
    }

    pub fn release(&mut self, payee: &str) {
        self.holds.remove(payee);
    }

    /// Pays what is approved up to a month, less what is held: the oldest close first.
    pub fn payout(&mut self, period: &str) -> Vec<(Party, Number)> {
        let month = Month::parse(period).0;
        let mut paid = Vec::new();
        let parties: Vec<Party> = self.portions.keys().cloned().collect();
        for party in parties {
            let is_approved = |one: &Portion| one.decision == Decision::Approved && one.month <= month;
            let approved = self.sum(&party, is_approved);
            let amount = &approved - least(self.held(&party), approved.clone());
            if amount == zero() {
                continue;
            }
            let (mut rest, mut parts) = (amount.clone(), Vec::new());
            for one in self.portions.get_mut(&party).into_iter().flatten().filter(|one| is_approved(one)) {
                let taken = least(rest.clone(), one.left.clone());
                one.left -= &taken;
                rest -= &taken;
                parts.push((one.month, taken));
            }
            paid.push((party.clone(), amount.clone()));
            let period = period.to_owned();
            self.payouts.push(PaidOut { party, period, amount, returned: zero(), is_open: true, parts });
        }
        paid
    }

    /// An amount of a payout came back: it is payable and approved again, the latest close first.
    pub fn returned(&mut self, index: usize, amount: &Number) {
        let Payables { portions, payouts, .. } = self;
        let payout = &mut payouts[index];
        payout.is_open = false;
        payout.returned += amount;
        let mut rest = amount.clone();
        for (month, part) in payout.parts.iter_mut().rev() {
            let back = least(rest.clone(), part.clone());
            *part -= &back;
            rest -= &back;
            if back == zero() {
                continue;
            }
            let all = portions.get_mut(&payout.party).expect("what was paid was payable");
            let of_month = |one: &Portion| one.month == *month;
            let takes = |one: &Portion| of_month(one) && (one.decision == Decision::Approved || one.left == zero());
            match all.iter().position(takes) {
                Some(place) => {
                    all[place].left += &back;
                    all[place].decision = Decision::Approved;
                }
                // The rest of it was rejected meanwhile, and stays so.
                None => {
                    let place = all.iter().rposition(of_month).expect("a portion of the month") + 1;
                    all.insert(place, Portion { month: *month, left: back, decision: Decision::Approved });
                }
            }
        }
    }
}
