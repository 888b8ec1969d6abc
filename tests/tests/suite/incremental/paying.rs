//! What people do about payable amounts between closes, and what must hold after each of it.

use ledger::date::Month;
use ledger::exact::Rounding;
use ledger::fact::{DisputeOutcome, OwedOrDraw, PayoutStatus};
use ledger::field::Amount;
use ledger::id::PayeeId;
use ledger::money::{Currency, Money};
use replay::book::Book;
use replay::disputes::answer::answer;
use replay::disputes::open::{DisputeRequest, open};
use replay::disputes::refusal::DisputeError;
use replay::disputes::resolve::resolve;
use replay::disputes::summary::DisputeRecorded;
use replay::pay::approval::{approve, reject};
use replay::pay::confirmation::{ConfirmationLine, confirm};
use replay::pay::hold::{hold, release};
use replay::pay::payout::payout;
use replay::pay::refusal::PayError;
use replay::pay::repayment::{repay, write_off};
use replay::stamp::Stamp;

use crate::double_entry;
use crate::history::{Arrived, Choices, Payment, payments};

/// Does what a seed says. What is refused changes nothing.
pub fn pay(book: &mut Book, seed: &Choices, stamp: &Stamp) -> Result<(), String> {
    let posted = book.state().posted_state();
    let closed: Vec<String> = posted.closes.iter().map(|one| one.close.period.to_string()).collect();
    let mut payees: Vec<String> = book.state().knowledge().payees.keys().map(PayeeId::to_string).collect();
    let mut currencies: Vec<String> = posted.balances.keys().map(|holder| holder.1.to_string()).collect();
    currencies.dedup();
    if closed.is_empty() {
        return Ok(());
    }
    payees.extend(payees.is_empty().then(|| "nobody".to_owned()));
    currencies.extend(currencies.is_empty().then(|| "USD".to_owned()));
    for payment in payments(seed, &closed, &payees, &currencies) {
        match done(book, &payment, stamp) {
            Ok(()) | Err(PayError::Refused(_) | PayError::Confirmation(_)) => {}
            Err(error) => return Err(format!("{payment:?}: {error}")),
        }
        double_entry::judge_accounts(book.state().posted_state()).map_err(|wrong| format!("{payment:?}: {wrong}"))?;
        judge_portions(book).map_err(|wrong| format!("{payment:?}: {wrong}"))?;
    }
    Ok(())
}

fn money(amount: &str, currency: &str) -> Option<Money> {
    let currency = Currency::parse(currency).expect("a currency");
    let amount = Amount::parse(amount).expect("an amount");
    Money::round(&amount.exact(), currency, Rounding::HalfUp)
}

fn done(book: &mut Book, payment: &Payment, stamp: &Stamp) -> Result<(), PayError> {
    let month = |period: &str| Month::parse(period).expect("a month");
    let id = |payee: &str| PayeeId::new(payee).expect("a payee");
    match payment {
        Payment::Approve { period, payee } => {
            let payee = payee.as_deref().map(id);
            approve(book, month(period), payee.as_ref(), None, stamp).map(drop)
        }
        Payment::Reject { period, payee } => {
            let payee = payee.as_deref().map(id);
            reject(book, month(period), payee.as_ref(), "a test", stamp).map(drop)
        }
        Payment::Hold { payee, amount } => {
            let amount = amount.as_ref().and_then(|(amount, currency)| money(amount, currency));
            hold(book, &id(payee), amount, "a test", stamp).map(drop)
        }
        Payment::Release { payee } => release(book, &id(payee), None, None, stamp).map(drop),
        Payment::Payout { period } => {
            payout(book, month(period), stamp)?;
            let again = payout(book, month(period), stamp)?;
            assert!(again.payouts.is_empty(), "a payout that is asked for again pays {:?}", again.payouts);
            Ok(())
        }
        Payment::Confirm { index, arrived } => confirmed(book, *index, *arrived, stamp),
        Payment::Repay { payee, amount, currency } => {
            let Some(amount) = money(amount, currency) else { return Ok(()) };
            repay(book, &(id(payee), amount.currency), amount, None, None, stamp).map(drop)
        }
        Payment::WriteOff { payee, amount, currency, of } => {
            let Some(amount) = money(amount, currency) else { return Ok(()) };
            let of = OwedOrDraw::parse(of).expect("a balance");
            write_off(book, &(id(payee), amount.currency), amount, of, "a test", stamp).map(drop)
        }
        Payment::Dispute { payee, period } => {
            let asked = DisputeRequest {
                payee: id(payee),
                period: month(period),
                line: None,
                reason: "a test".to_owned(),
                entries: vec![0],
                files: Vec::new(),
            };
            undisputed(open(book, &asked, stamp))
        }
        Payment::Resolve { dispute, outcome, fact } => {
            undisputed(answer(book, *dispute, "a test", stamp))?;
            let outcome = DisputeOutcome::parse(outcome).expect("an outcome");
            let facts: Vec<u64> = book.state().knowledge().facts().map(|known| u64::from(known.position)).collect();
            let by = facts.iter().rev().nth(*fact).copied().filter(|_| outcome == DisputeOutcome::Accepted);
            undisputed(resolve(book, *dispute, (outcome, by), "a test", stamp))
        }
    }
}

/// What is refused of a dispute changes nothing, as what is refused of a payment.
fn undisputed(done: Result<DisputeRecorded, DisputeError>) -> Result<(), PayError> {
    match done {
        Ok(_) | Err(DisputeError::Refused(_)) => Ok(()),
        Err(DisputeError::NotAllowed(refusal)) => Err(refusal.into()),
        Err(DisputeError::Book(error)) => Err(error.into()),
    }
}

fn confirmed(book: &mut Book, index: usize, arrived: Arrived, stamp: &Stamp) -> Result<(), PayError> {
    let payouts: Vec<_> = book.state().posted_state().payables.all_payouts().collect();
    let Some((holder, payout)) = payouts.get(index % payouts.len().max(1)) else { return Ok(()) };
    let half = Money { minor: payout.amount.minor / 2, currency: holder.1 };
    let (status, amount) = match arrived {
        Arrived::All => (PayoutStatus::Paid, payout.amount),
        Arrived::Half => (PayoutStatus::Partly, half),
        Arrived::CameBack => (PayoutStatus::Returned, payout.amount - payout.returned),
    };
    let (payee, period) = (holder.0.clone(), payout.period);
    let line = ConfirmationLine { line: 2, payee, amount, status, reference: None, date: None };
    confirm(book, period, std::slice::from_ref(&line), stamp)?;
    let again = confirm(book, period, &[line], stamp)?;
    assert!(again.confirmed.is_empty() && again.known == 1, "a confirmation that is repeated changes something");
    Ok(())
}

/// Portions sum to the payable balance, and no more is held than is payable.
fn judge_portions(book: &Book) -> Result<(), String> {
    let posted = book.state().posted_state();
    for (holder, balances) in &posted.balances {
        let portions = posted.payables.portions(holder);
        let left = Money::sum(holder.1, portions.iter().map(|portion| portion.left));
        if left != balances.payable || portions.iter().any(|portion| portion.left.is_negative()) {
            return Err(format!("{holder:?}: portions {portions:?}, payable {:?}", balances.payable));
        }
        let held = posted.payables.held_or_rejected(holder);
        if held > left {
            return Err(format!("{holder:?}: {held:?} is held or rejected of {left:?}"));
        }
        if balances.owed.is_negative() || balances.draw.is_negative() {
            return Err(format!("{holder:?}: {balances:?}"));
        }
        let drawn = posted.draws.get(holder).into_iter().flatten().map(|draw| draw.balance);
        if Money::sum(holder.1, drawn) != balances.draw {
            return Err(format!("{holder:?}: the draws do not sum to {:?}", balances.draw));
        }
    }
    Ok(())
}
