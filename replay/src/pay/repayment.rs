//! Repayments in cash and write-offs: what a payee owes or has drawn becomes less.

use ledger::fact::{OwedOrDraw, PolicyRole, Record, Repayment, WriteOff};
use ledger::field::FreeText;
use ledger::money::Money;
use projections::lines::PayeeCurrency;
use projections::posted_state::Balances;

use crate::authority::{Act, must_be_allowed};
use crate::book::Book;
use crate::pay::approval::{must_be_known, stored};
use crate::pay::refusal::{PayError, PayRefusal};
use crate::stamp::Stamp;

/// A repayment or write-off.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Repaid {
    /// The position of the entry.
    pub position: u64,
    /// The size of the log afterwards.
    pub size: u64,
    /// What the clawback balance became less by.
    pub owed: Money,
    /// What the draw balance became less by.
    pub draw: Money,
    /// The balances afterwards.
    pub balances: Balances,
}

/// Records that a payee paid an amount back: of the clawback balance first and then of the draw balance, or of the one that is named.
///
/// Refused for an unknown payee, for more than there is to pay back, or if the policy does not allow it.
pub fn repay(
    book: &mut Book,
    holder: &PayeeCurrency,
    amount: Money,
    of: Option<OwedOrDraw>,
    reference: Option<&str>,
    stamp: &Stamp,
) -> Result<Repaid, PayError> {
    let before = must_be_balance(book, holder, amount, of)?;
    must_be_allowed(&book.state, stamp, &Act::of(PolicyRole::Pay, vec![amount]))?;
    let owed = match of {
        Some(OwedOrDraw::Draw) => Money::zero(holder.1),
        Some(OwedOrDraw::Owed) | None => amount.min(before.owed),
    };
    let (payee, currency) = holder.clone();
    let reference = reference.map(|reference| FreeText(reference.to_owned()));
    let draw = amount - owed;
    let record = Repayment { payee, currency, owed: stored(owed), draw: stored(draw), reference };
    done(book, holder, (owed, draw), Record::Repayment(record), stamp)
}

/// Records that a payee need not pay an amount back.
///
/// Refused without a reason, for an unknown payee, for more than there is, or if the policy does not allow it.
pub fn write_off(
    book: &mut Book,
    holder: &PayeeCurrency,
    amount: Money,
    of: OwedOrDraw,
    reason: &str,
    stamp: &Stamp,
) -> Result<Repaid, PayError> {
    if reason.trim().is_empty() {
        return Err(PayRefusal::NoReason.into());
    }
    must_be_balance(book, holder, amount, Some(of))?;
    must_be_allowed(&book.state, stamp, &Act::of(PolicyRole::Adjust, vec![amount]))?;
    let (payee, currency) = holder.clone();
    let reason = FreeText(reason.to_owned());
    let zero = Money::zero(currency);
    let parts = match of {
        OwedOrDraw::Owed => (amount, zero),
        OwedOrDraw::Draw => (zero, amount),
    };
    let record = WriteOff { payee, currency, amount: stored(amount), of, reason };
    done(book, holder, parts, Record::WriteOff(record), stamp)
}

/// The balances, if the amount is above 0 and not more than there is to pay back.
fn must_be_balance(
    book: &Book,
    holder: &PayeeCurrency,
    amount: Money,
    of: Option<OwedOrDraw>,
) -> Result<Balances, PayRefusal> {
    must_be_known(&book.state, Some(&holder.0))?;
    if !amount.is_positive() {
        return Err(PayRefusal::NotPositive { amount });
    }
    let balances = book.state.posted.balances.get(holder).copied().unwrap_or(Balances::zero(holder.1));
    let balance = match of {
        Some(OwedOrDraw::Owed) => balances.owed,
        Some(OwedOrDraw::Draw) => balances.draw,
        None => balances.owed + balances.draw,
    };
    if amount > balance {
        return Err(PayRefusal::MoreThanBalance { payee: holder.0.clone(), amount, of, balance });
    }
    Ok(balances)
}

fn done(
    book: &mut Book,
    holder: &PayeeCurrency,
    (owed, draw): (Money, Money),
    record: Record,
    stamp: &Stamp,
) -> Result<Repaid, PayError> {
    let position = book.size();
    let size = book.append(vec![record], stamp)?;
    let balances = book.state.posted.balances.get(holder).copied().unwrap_or(Balances::zero(holder.1));
    Ok(Repaid { position, size, owed, draw, balances })
}
