//! What one run of payouts pays, for a file that payroll reads.

use ledger::date::{Day, Month};
use ledger::money::Money;
use projections::lines::PayeeCurrency;
use projections::position::Position;
use projections::posted_state::payables::PaidOut;

use crate::book::Book;
use crate::error::BookError;
use crate::pay::exported::journal::{each_entry, recorded_day};

/// A payment to one payee in one currency.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Payment {
    /// The payee and the currency.
    pub holder: PayeeCurrency,
    /// What is paid.
    pub amount: Money,
    /// The position of the payout.
    pub position: u64,
}

/// The payouts of a month that were recorded in one append.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PayoutRun {
    /// The month up to which they pay.
    pub period: Month,
    /// The day on which they were recorded (UTC).
    pub day: Day,
    /// The payments, by payee and currency.
    pub payments: Vec<Payment>,
    /// The sizes of the log after earlier runs of the month, ascending.
    pub earlier: Vec<u64>,
}

/// The last run of payouts of a month; `None` if there is none. Fails if the log cannot be read.
pub fn last_run(book: &Book, period: Month) -> Result<Option<PayoutRun>, BookError> {
    let of_month = |(_, payout): &(&PayeeCurrency, &PaidOut)| payout.period == period;
    let payables = &book.state().posted_state().payables;
    let mut payouts: Vec<(&PayeeCurrency, &PaidOut)> = payables.all_payouts().filter(of_month).collect();
    payouts.sort_by_key(|(_, payout)| payout.position);
    // The entries of one append have one time and follow each other.
    let positions: Vec<Position> = payouts.iter().map(|(_, payout)| payout.position).collect();
    let mut times = Vec::with_capacity(positions.len());
    each_entry(book, &positions, |entry| times.push(entry.recorded))?;
    let mut runs: Vec<(u64, Vec<Payment>)> = Vec::new();
    for ((holder, payout), recorded) in payouts.into_iter().zip(times) {
        let position = u64::from(payout.position);
        let payment = Payment { holder: holder.clone(), amount: payout.amount, position };
        match runs.last_mut() {
            Some((time, run)) if *time == recorded && run.last().is_some_and(|last| last.position + 1 == position) => {
                run.push(payment);
            }
            Some(_) | None => runs.push((recorded, vec![payment])),
        }
    }
    let Some((recorded, mut payments)) = runs.pop() else { return Ok(None) };
    payments.sort_by(|one, other| one.holder.cmp(&other.holder));
    let end = |run: &[Payment]| run.last().map_or(0, |last| last.position + 1);
    let earlier = runs.iter().map(|(_, run)| end(run)).collect();
    Ok(Some(PayoutRun { period, day: recorded_day(recorded), payments, earlier }))
}
