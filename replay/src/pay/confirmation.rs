//! Confirmations: whether payouts arrived, as payroll or a bank reports it.

use std::collections::BTreeMap;

use ledger::date::{Day, Month};
use ledger::fact::{Payload, PayoutResult, PayoutStatus, PolicyRole, Record};
use ledger::field::FreeText;
use ledger::id::PayeeId;
use ledger::money::Money;
use projections::lines::{PayeeCurrency, money};
use projections::posted_state::payables::PaidOut;

use crate::authority::makers::entry_ref;
use crate::authority::{Act, must_be_allowed};
use crate::book::Book;
use crate::error::BookError;
use crate::pay::approval::closed;
use crate::pay::approval::stored;
use crate::pay::refusal::{ConfirmationRefusal, PayError};
use crate::stamp::Stamp;

/// A line of a confirmation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConfirmationLine {
    /// The number of the line in its file, from 1.
    pub line: usize,
    /// Who was paid.
    pub payee: PayeeId,
    /// What arrived (`paid`, `partly`), or came back (`returned`).
    pub amount: Money,
    /// What became of the payout.
    pub status: PayoutStatus,
    /// What payroll or the bank calls the payment.
    pub reference: Option<String>,
    /// The day on which it arrived or came back.
    pub date: Option<Day>,
}

/// A result that was recorded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Confirmed {
    /// The payee and the currency.
    pub holder: PayeeCurrency,
    /// What became of the payout.
    pub status: PayoutStatus,
    /// What the line says arrived or came back.
    pub amount: Money,
    /// What is payable and approved again.
    pub returned: Money,
    /// The position of the payout.
    pub payout: u64,
    /// The position of the result.
    pub position: u64,
}

/// What a confirmation recorded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConfirmationDone {
    /// The month of the payouts.
    pub period: Month,
    /// The results, in the order of the lines.
    pub confirmed: Vec<Confirmed>,
    /// How many lines say what was recorded before.
    pub known: u64,
    /// The payouts of the month that nobody has confirmed.
    pub unconfirmed: Vec<(PayeeCurrency, Money)>,
    /// The size of the log afterwards.
    pub size: u64,
}

/// What makes two lines about a payout the same.
type Said = (PayoutStatus, Money, Option<String>, Option<Day>);

/// A payout that lines are compared with, and what was said about it so far.
struct PayoutToMatch {
    payout: PaidOut,
    said: Vec<Said>,
    /// The position of the last result.
    last: Option<u64>,
}

/// Records the results of a month's payouts. What came back, and what did not arrive of a payout that arrived partly, is payable and
/// approved again. A line that was recorded before changes nothing.
///
/// Refused with all lines that are about no payout or contradict what is recorded, or if the policy does not allow it; then
/// nothing is recorded.
pub fn confirm(
    book: &mut Book,
    period: Month,
    lines: &[ConfirmationLine],
    stamp: &Stamp,
) -> Result<ConfirmationDone, PayError> {
    closed(book, period)?;
    let mut candidates = candidates(book, period)?;
    let (mut records, mut confirmed, mut refused, mut known) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for line in lines {
        match result(line, period, &mut candidates) {
            Ok(None) => known += 1,
            Ok(Some((payout, returned))) => {
                let position = book.size() + records.len() as u64;
                let holder = (line.payee.clone(), line.amount.currency);
                let (status, amount) = (line.status, line.amount);
                records.push(record(book, line, (payout, returned))?);
                confirmed.push(Confirmed { holder, status, amount, returned, payout, position });
            }
            Err(refusal) => refused.push((line.line, refusal)),
        }
    }
    if !refused.is_empty() {
        return Err(PayError::Confirmation(refused));
    }
    let mut size = book.size();
    if !records.is_empty() {
        must_be_allowed(&book.state, stamp, &Act::of(PolicyRole::Pay, Vec::new()))?;
        size = book.append(records, stamp)?;
    }
    Ok(ConfirmationDone { period, confirmed, known, unconfirmed: unconfirmed(book, period), size })
}

/// The payouts of a month that have no result.
fn unconfirmed(book: &Book, period: Month) -> Vec<(PayeeCurrency, Money)> {
    let all = book.state.posted.payables.all_payouts();
    let open = all.filter(|(_, payout)| payout.period == period && payout.results.is_empty());
    open.map(|(holder, payout)| (holder.clone(), payout.amount)).collect()
}

/// The payouts of a month with what was recorded about them.
fn candidates(book: &Book, period: Month) -> Result<BTreeMap<PayeeCurrency, Vec<PayoutToMatch>>, BookError> {
    let mut all: BTreeMap<PayeeCurrency, Vec<PayoutToMatch>> = BTreeMap::new();
    for (holder, payout) in book.state.posted.payables.all_payouts().filter(|(_, payout)| payout.period == period) {
        let mut said = Vec::new();
        for (position, _) in &payout.results {
            let entry = book.entry(u64::from(*position))?;
            if let Payload::Record(Record::PayoutResult(result)) = entry.payload {
                let reference = result.reference.map(|reference| reference.0);
                said.push((result.status, money(result.amount, holder.1), reference, result.date));
            }
        }
        let last = payout.results.last().map(|(position, _)| u64::from(*position));
        all.entry(holder.clone()).or_default().push(PayoutToMatch { payout: payout.clone(), said, last });
    }
    Ok(all)
}

/// The payout that a line is about and what came back of it; `None` where the line was recorded before.
fn result(
    line: &ConfirmationLine,
    period: Month,
    candidates: &mut BTreeMap<PayeeCurrency, Vec<PayoutToMatch>>,
) -> Result<Option<(u64, Money)>, ConfirmationRefusal> {
    let holder = (line.payee.clone(), line.amount.currency);
    let Some(payouts) = candidates.get_mut(&holder) else {
        let (payee, currency) = holder;
        return Err(ConfirmationRefusal::NoPayout { period, payee, currency });
    };
    let said: Said = (line.status, line.amount, line.reference.clone(), line.date);
    if payouts.iter().any(|candidate| candidate.said.contains(&said)) {
        return Ok(None);
    }
    let fits = |candidate: &&mut PayoutToMatch| {
        let (payout, is_new) = (&candidate.payout, candidate.said.is_empty());
        match line.status {
            PayoutStatus::Paid => is_new && payout.amount == line.amount,
            PayoutStatus::Partly => is_new && line.amount.is_positive() && line.amount < payout.amount,
            PayoutStatus::Returned => line.amount.is_positive() && payout.amount - payout.returned == line.amount,
        }
    };
    if let Some(candidate) = payouts.iter_mut().find(fits) {
        let returned = match line.status {
            PayoutStatus::Paid => Money::zero(holder.1),
            PayoutStatus::Partly => candidate.payout.amount - line.amount,
            PayoutStatus::Returned => line.amount,
        };
        candidate.payout.returned += returned;
        candidate.said.push(said);
        return Ok(Some((u64::from(candidate.payout.position), returned)));
    }
    let open: Vec<&PayoutToMatch> = payouts.iter().filter(|candidate| candidate.said.is_empty()).collect();
    let known = payouts.iter().rev().find_map(|candidate| Some((candidate.said.last()?.0, candidate.last?)));
    match (open.is_empty(), known) {
        (true, Some((known, position))) => {
            Err(ConfirmationRefusal::ResultKnown { status: line.status, known, position })
        }
        _ => {
            let open = open.iter().map(|candidate| candidate.payout.amount).collect();
            Err(ConfirmationRefusal::AmountDiffers { status: line.status, amount: line.amount, open })
        }
    }
}

fn record(book: &Book, line: &ConfirmationLine, (payout, returned): (u64, Money)) -> Result<Record, BookError> {
    Ok(Record::PayoutResult(PayoutResult {
        payout: entry_ref(book, payout)?,
        payee: line.payee.clone(),
        currency: line.amount.currency,
        status: line.status,
        amount: stored(line.amount),
        returned: stored(returned),
        reference: line.reference.clone().map(FreeText),
        date: line.date,
    }))
}
