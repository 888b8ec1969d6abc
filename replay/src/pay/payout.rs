//! Pays what is approved, once.

use std::collections::{BTreeMap, BTreeSet};

use ledger::date::Month;
use ledger::fact::{PaidPortion, PayoutRecord, PolicyRole, Record};
use ledger::money::{Currency, Money};
use projections::lines::PayeeCurrency;

use crate::authority::makers::{act_on, entry_ref};
use crate::authority::must_be_allowed;
use crate::book::Book;
use crate::pay::approval::closed;
use crate::pay::approval::stored;
use crate::pay::refusal::PayError;
use crate::stamp::Stamp;
use crate::state::State;

/// What was paid out, and what was not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PayoutDone {
    /// The month up to which it was paid.
    pub period: Month,
    /// The payouts, by payee and currency, with the position of each entry.
    pub payouts: Vec<(PayeeCurrency, Money, u64)>,
    /// The size of the log afterwards.
    pub size: u64,
    /// What is payable up to that month and is not paid, and why.
    pub unpaid: Vec<UnpaidAmounts>,
    /// Whether a policy asked for a second person.
    pub second_person: SecondPerson,
}

/// Whether a payout needed more than one person.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum SecondPerson {
    /// A policy is in force, and who closed has not approved.
    Asked,
    /// No policy is in force.
    NotAsked,
}

/// What is payable to a payee and was not paid.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnpaidAmounts {
    /// The payee and the currency.
    pub holder: PayeeCurrency,
    /// What nobody has approved.
    pub open: Money,
    /// What was rejected.
    pub rejected: Money,
    /// What is held of what is approved.
    pub held: Money,
}

/// Pays what is approved and not held of the close of a month and all before it, in one append. Asked again, it pays nothing.
///
/// Refused if the month is not closed, or if the policy does not allow it. Nothing to pay is no refusal.
pub fn payout(book: &mut Book, period: Month, stamp: &Stamp) -> Result<PayoutDone, PayError> {
    closed(book, period)?;
    let payables = &book.state.posted.payables;
    let holders: BTreeSet<&PayeeCurrency> = payables.left().map(|(holder, _)| holder).collect();
    let mut records = Vec::new();
    let (mut totals, mut periods): (BTreeMap<Currency, Money>, _) = (BTreeMap::new(), BTreeSet::new());
    for holder in holders {
        let parts = payables.payable(holder, period);
        let amount = Money::sum(holder.1, parts.iter().map(|part| part.amount));
        if amount.is_zero() {
            continue;
        }
        let mut portions = Vec::with_capacity(parts.len());
        for part in parts {
            periods.insert(part.period);
            let approval = entry_ref(book, u64::from(part.approval))?;
            portions.push(PaidPortion { period: part.period, amount: stored(part.amount), approval });
        }
        *totals.entry(holder.1).or_insert(Money::zero(holder.1)) += amount;
        let (payee, currency) = holder.clone();
        records.push((amount, PayoutRecord { period, payee, currency, amount: stored(amount), portions }));
    }
    let is_under_policy = book.state.authority.policy().is_some();
    let second_person = if is_under_policy { SecondPerson::Asked } else { SecondPerson::NotAsked };
    let mut done = PayoutDone { period, payouts: Vec::new(), size: book.size(), unpaid: Vec::new(), second_person };
    if !records.is_empty() {
        let act = act_on(book, PolicyRole::Pay, totals.into_values().collect(), periods)?;
        must_be_allowed(&book.state, stamp, &act)?;
        let paid = |((amount, record), position): (&(Money, PayoutRecord), u64)| {
            ((record.payee.clone(), record.currency), *amount, position)
        };
        done.payouts = records.iter().zip(book.size()..).map(paid).collect();
        done.size = book.append(records.into_iter().map(|(_, record)| Record::Payout(record)).collect(), stamp)?;
    }
    done.unpaid = unpaid(&book.state, period);
    Ok(done)
}

/// What is payable up to a month and not paid, by payee and currency.
pub fn unpaid(state: &State, period: Month) -> Vec<UnpaidAmounts> {
    use projections::posted_state::payables::PortionDecision as D;
    let payables = &state.posted.payables;
    let mut all: BTreeMap<&PayeeCurrency, UnpaidAmounts> = BTreeMap::new();
    for (holder, portion) in payables.left().filter(|(_, portion)| portion.period <= period) {
        let zero = Money::zero(holder.1);
        let none = || UnpaidAmounts { holder: holder.clone(), open: zero, rejected: zero, held: zero };
        let of = all.entry(holder).or_insert_with(none);
        match portion.decision {
            D::Open => of.open += portion.left,
            D::Rejected(_) => of.rejected += portion.left,
            D::Approved(_) => of.held += portion.left,
        }
    }
    let not_payable = |mut one: UnpaidAmounts| {
        let payable = payables.payable(&one.holder, period);
        one.held -= Money::sum(one.held.currency, payable.iter().map(|part| part.amount));
        one
    };
    let is_some = |one: &UnpaidAmounts| one.open.is_positive() || one.rejected.is_positive() || one.held.is_positive();
    all.into_values().map(not_payable).filter(is_some).collect()
}
