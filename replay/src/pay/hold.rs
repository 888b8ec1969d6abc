//! Holds: a payee, or an amount of what is payable to a payee, is not paid for now.

use ledger::fact::{HoldRecord, PolicyRole, Record, ReleaseRecord};
use ledger::field::FreeText;
use ledger::id::PayeeId;
use ledger::money::Money;
use projections::posted_state::payables::Hold;

use crate::authority::makers::entry_ref;
use crate::authority::{Act, must_be_allowed};
use crate::book::Book;
use crate::pay::approval::{must_be_known, stored};
use crate::pay::refusal::{PayError, PayRefusal};
use crate::stamp::Stamp;

/// A hold that was set, or holds that were released.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HoldDone {
    /// The positions of the entries.
    pub positions: Vec<u64>,
    /// The size of the log afterwards.
    pub size: u64,
    /// What is held of the payee now, in each currency in which something is payable.
    pub held: Vec<Money>,
}

/// Holds an amount of what is payable to a payee, or all of it, now and later. Returns what is held then.
///
/// Refused without a reason, for an unknown payee, for an amount that is not above 0, or if the policy does not allow it.
pub fn hold(
    book: &mut Book,
    payee: &PayeeId,
    amount: Option<Money>,
    reason: &str,
    stamp: &Stamp,
) -> Result<HoldDone, PayError> {
    must_be_known(&book.state, Some(payee))?;
    if reason.trim().is_empty() {
        return Err(PayRefusal::NoReason.into());
    }
    if let Some(amount) = amount.filter(|amount| !amount.is_positive()) {
        return Err(PayRefusal::NotPositive { amount }.into());
    }
    must_be_allowed(&book.state, stamp, &Act::of(PolicyRole::Hold, amount.into_iter().collect()))?;
    let position = book.size();
    let record = HoldRecord {
        payee: payee.clone(),
        amount: amount.map(stored),
        currency: amount.map(|amount| amount.currency),
        reason: FreeText(reason.to_owned()),
    };
    let size = book.append(vec![Record::Hold(record)], stamp)?;
    Ok(HoldDone { positions: vec![position], size, held: held(book, payee) })
}

/// Releases the hold at a position, or all holds on a payee.
///
/// Refused if there is no such hold, or if the policy does not allow it.
pub fn release(
    book: &mut Book,
    payee: &PayeeId,
    position: Option<u64>,
    reason: Option<&str>,
    stamp: &Stamp,
) -> Result<HoldDone, PayError> {
    must_be_known(&book.state, Some(payee))?;
    let holds = book.state.posted.payables.holds(payee).to_vec();
    if holds.is_empty() {
        return Err(PayRefusal::NotHeld { payee: payee.clone() }.into());
    }
    let is_meant = |hold: &&Hold| position.is_none_or(|position| u64::from(hold.position) == position);
    let released: Vec<&Hold> = holds.iter().filter(is_meant).collect();
    if let (true, Some(position)) = (released.is_empty(), position) {
        let known = holds.iter().map(|hold| u64::from(hold.position)).collect();
        return Err(PayRefusal::HoldUnknown { payee: payee.clone(), position, known }.into());
    }
    let amounts = released.iter().filter_map(|hold| hold.amount).collect();
    must_be_allowed(&book.state, stamp, &Act::of(PolicyRole::Hold, amounts))?;
    let mut records = Vec::new();
    for hold in &released {
        let hold = entry_ref(book, u64::from(hold.position))?;
        let reason = reason.map(|reason| FreeText(reason.to_owned()));
        records.push(Record::Release(ReleaseRecord { payee: payee.clone(), hold, reason }));
    }
    let first = book.size();
    let size = book.append(records, stamp)?;
    Ok(HoldDone { positions: (first..size).collect(), size, held: held(book, payee) })
}

fn held(book: &Book, payee: &PayeeId) -> Vec<Money> {
    let posted = &book.state.posted;
    posted.holders_of(payee).map(|holder| posted.payables.held(holder)).filter(|held| held.is_positive()).collect()
}
