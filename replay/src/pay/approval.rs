//! Approves and rejects what closes made payable.

use std::collections::{BTreeMap, BTreeSet};

use ledger::date::Month;
use ledger::fact::{Approval, EntryRef, MoneyOf, PolicyRole, Record, Rejection};
use ledger::field::{Amount, FreeText};
use ledger::id::PayeeId;
use ledger::money::{Currency, Money};
use ledger::nearest::nearest;
use projections::lines::PayeeCurrency;
use projections::posted_state::ClosedPeriod;
use projections::posted_state::payables::{Portion, PortionDecision};

use crate::authority::makers::{act_on, entry_ref};
use crate::authority::must_be_allowed;
use crate::book::Book;
use crate::pay::refusal::{PayError, PayRefusal};
use crate::stamp::Stamp;
use crate::state::State;

/// What was approved or rejected.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PortionsDecided {
    /// The month.
    pub period: Month,
    /// The position of the entry.
    pub position: u64,
    /// The size of the log afterwards.
    pub size: u64,
    /// The amounts, by payee and currency.
    pub amounts: Vec<(PayeeCurrency, Money)>,
    /// Their sum in each currency.
    pub totals: Vec<Money>,
}

/// Approves what the close of a month and all before it made payable, of one payee or of all, and what is not approved yet. What was
/// rejected of earlier months is approved with it.
///
/// Refused if the month is not closed, if there is nothing to approve, or if the policy does not allow it.
pub fn approve(
    book: &mut Book,
    period: Month,
    payee: Option<&PayeeId>,
    comment: Option<String>,
    stamp: &Stamp,
) -> Result<PortionsDecided, PayError> {
    let close = u64::from(closed(book, period)?.position);
    must_be_known(&book.state, payee)?;
    let payables = &book.state.posted.payables;
    let chosen = Chosen::of(payables.approvable(period, payee));
    if chosen.amounts.is_empty() {
        let of_month = |one: &Portion| one.period == period && matches!(one.decision, PortionDecision::Rejected(_));
        let mut left = payables.left().filter(|(holder, _)| payee.is_none_or(|payee| *payee == holder.0));
        let is_rejected = left.any(|(_, one)| of_month(one));
        let refusal =
            if is_rejected { PayRefusal::Rejected { period } } else { PayRefusal::NothingToApprove { period } };
        return Err(refusal.into());
    }
    let act = act_on(book, PolicyRole::Approve, chosen.totals(), chosen.periods.clone())?;
    must_be_allowed(&book.state, stamp, &act)?;
    let close = entry_ref(book, close)?;
    let comment = comment.map(FreeText);
    let record = |totals| Record::Approval(Approval { period, close, payee: payee.cloned(), totals, comment });
    decide(book, period, chosen, record, stamp)
}

/// Rejects what the close of a month made payable, of one payee or of all, and what is not paid yet: it is not paid until a later
/// month is approved, and what the payee owes is set off against it first.
///
/// Refused without a reason, if the month is not closed, if there is nothing to reject, or if the policy does not allow it.
pub fn reject(
    book: &mut Book,
    period: Month,
    payee: Option<&PayeeId>,
    reason: &str,
    stamp: &Stamp,
) -> Result<PortionsDecided, PayError> {
    let close = u64::from(closed(book, period)?.position);
    must_be_known(&book.state, payee)?;
    if reason.trim().is_empty() {
        return Err(PayRefusal::NoReason.into());
    }
    let chosen = Chosen::of(book.state.posted.payables.rejectable(period, payee));
    if chosen.amounts.is_empty() {
        return Err(PayRefusal::NothingToReject { period }.into());
    }
    // Who closed may reject it: that pays nobody.
    let act = crate::authority::Act::of(PolicyRole::Approve, chosen.totals());
    must_be_allowed(&book.state, stamp, &act)?;
    let (close, reason): (EntryRef, _) = (entry_ref(book, close)?, FreeText(reason.to_owned()));
    let record = |totals| Record::Rejection(Rejection { period, close, payee: payee.cloned(), totals, reason });
    decide(book, period, chosen, record, stamp)
}

fn decide(
    book: &mut Book,
    period: Month,
    chosen: Chosen,
    record: impl FnOnce(Vec<MoneyOf>) -> Record,
    stamp: &Stamp,
) -> Result<PortionsDecided, PayError> {
    let (position, totals) = (book.size(), chosen.totals());
    let stored = totals.iter().map(|total| MoneyOf { currency: total.currency, amount: stored(*total) }).collect();
    let size = book.append(vec![record(stored)], stamp)?;
    Ok(PortionsDecided { period, position, size, amounts: chosen.amounts.into_iter().collect(), totals })
}

/// The portions that are approved or rejected, summed.
struct Chosen {
    amounts: BTreeMap<PayeeCurrency, Money>,
    periods: BTreeSet<Month>,
}

impl Chosen {
    fn of<'s>(portions: impl Iterator<Item = (&'s PayeeCurrency, &'s Portion)>) -> Chosen {
        let mut chosen = Chosen { amounts: BTreeMap::new(), periods: BTreeSet::new() };
        for (holder, portion) in portions {
            *chosen.amounts.entry(holder.clone()).or_insert(Money::zero(holder.1)) += portion.left;
            chosen.periods.insert(portion.period);
        }
        chosen
    }

    fn totals(&self) -> Vec<Money> {
        let mut totals: BTreeMap<Currency, Money> = BTreeMap::new();
        for ((_, currency), amount) in &self.amounts {
            *totals.entry(*currency).or_insert(Money::zero(*currency)) += *amount;
        }
        totals.into_values().collect()
    }
}

/// The close of a month. Refused if it is not closed.
pub(crate) fn closed(book: &Book, period: Month) -> Result<&ClosedPeriod, PayRefusal> {
    let closes = &book.state.posted.closes;
    let closed = closes.first().zip(closes.last()).map(|(first, last)| [first.close.period, last.close.period]);
    book.state.closed(period).ok_or(PayRefusal::NotClosed { period, closed })
}

/// Refuses a payee whom no fact and no close names.
pub(crate) fn must_be_known(state: &State, payee: Option<&PayeeId>) -> Result<(), PayRefusal> {
    let Some(payee) = payee else { return Ok(()) };
    if state.knowledge.payees.get(payee).is_some() || state.posted.holders_of(payee).next().is_some() {
        return Ok(());
    }
    let known = state.knowledge.payees.keys();
    let nearest = nearest(payee.as_str(), known.map(PayeeId::as_str)).and_then(PayeeId::new);
    Err(PayRefusal::PayeeUnknown { payee: payee.clone(), nearest })
}

pub(super) fn stored(money: Money) -> Amount {
    Amount::of_money(money).expect("a balance of the ledger fits")
}
