//! Approvals and rejections that name no payee, and whom they concern.

use ledger::date::Month;
use ledger::fact::{Payload, Record};
use ledger::id::PayeeId;
use ledger::money::Money;
use projections::lines::PayeeCurrency;
use projections::position::Position;
use projections::posted_state::PostedState;

/// Whether an entry approves or rejects what is payable to everybody.
pub fn concerns_everybody(payload: &Payload) -> bool {
    match payload {
        Payload::Record(Record::Approval(approval)) => approval.payee.is_none(),
        Payload::Record(Record::Rejection(rejection)) => rejection.payee.is_none(),
        Payload::Record(_) | Payload::Fact(_) => false,
    }
}

/// Whether an entry approves or rejects what is payable to everybody, and something of it was payable to the payee and not paid.
/// Entries about other things, and about named payees, are not meant.
pub fn decides_for_everybody(posted: &PostedState, payload: &Payload, position: u64, payee: &PayeeId) -> bool {
    let is_meant: &dyn Fn(Month) -> bool = match payload {
        Payload::Record(Record::Approval(approval)) if approval.payee.is_none() => &|month| month <= approval.period,
        Payload::Record(Record::Rejection(rejection)) if rejection.payee.is_none() => {
            &|month| month == rejection.period
        }
        Payload::Record(_) | Payload::Fact(_) => return false,
    };
    posted.holders_of(payee).any(|holder| {
        let portions = posted.payables.portions(holder).iter();
        portions.filter(|portion| is_meant(portion.period)).any(|portion| {
            // What came back was payable again.
            paid_before(posted, holder, portion.period, position) < portion.amount
        })
    })
}

/// What was paid out of the close of a month before a position, less what came back.
fn paid_before(posted: &PostedState, holder: &PayeeCurrency, period: Month, position: u64) -> Money {
    let before = |at: &Position| u64::from(*at) < position;
    let payouts = posted.payables.payouts(holder).iter().filter(|payout| before(&payout.position));
    let payouts =
        payouts.filter(|payout| !payout.results.iter().any(|(at, _)| before(at) && !payout.returned.is_zero()));
    let portions = payouts.flat_map(|payout| &payout.portions).filter(|(month, _, _)| *month == period);
    Money::sum(holder.1, portions.map(|(_, amount, _)| *amount))
}
