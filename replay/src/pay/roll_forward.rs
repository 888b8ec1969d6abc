//! The roll-forward: from the balances of a payee before a month, through what its close posted, to those after it.

use std::collections::BTreeMap;

use ledger::date::Month;
use ledger::fact::{OwedOrDraw, Payload, PayoutRecord, PayoutResult, Record, Repayment, WriteOff};
use ledger::id::PayeeId;
use ledger::money::{Currency, Money};
use projections::lines::{PayeeCurrency, money};
use projections::posted_state::{Balances, ClosedPeriod};

use crate::book::Book;
use crate::error::BookError;
use crate::statements::build::posted;

/// One payee, in one currency, in one closed month. The payable balance rolls from opening to closing by `earned` - `recovered` -
/// `set_off` + `advances` - `draw_recovered` - `paid`; what is owed by `reversed` - `recovered` - `set_off` - `owed_repaid`.
#[derive(Clone, Debug)]
pub struct RollForwardRow {
    /// The closed month.
    pub period: Month,
    /// The payee and the currency.
    pub holder: PayeeCurrency,
    /// The balances before the close, with opening balances that entered with it.
    pub opening: Balances,
    /// What was earned.
    pub earned: Money,
    /// What was reversed, and added to what is owed.
    pub reversed: Money,
    /// The part of what is owed that was set off against payables of earlier closes.
    pub set_off: Money,
    /// The part of what was earned that was kept for what is owed.
    pub recovered: Money,
    /// Advances and guarantees.
    pub advances: Money,
    /// The part of what was earned that was kept for draws.
    pub draw_recovered: Money,
    /// What was paid out before the next close, less what came back.
    pub paid: Money,
    /// What was repaid or written off of the clawback balance before the next close.
    pub owed_repaid: Money,
    /// What was repaid or written off of the draw balance before the next close.
    pub draw_repaid: Money,
    /// The balances before the next close.
    pub closing: Balances,
}

impl RollForwardRow {
    fn unchanged(period: Month, holder: &PayeeCurrency, balances: Balances) -> RollForwardRow {
        let zero = Money::zero(holder.1);
        RollForwardRow {
            period,
            holder: holder.clone(),
            opening: balances,
            earned: zero,
            reversed: zero,
            set_off: zero,
            recovered: zero,
            advances: zero,
            draw_recovered: zero,
            paid: zero,
            owed_repaid: zero,
            draw_repaid: zero,
            closing: balances,
        }
    }
}

/// The rows of some closes in a row, by month, payee and currency. A payee without a posting in a month has a row if a balance is not
/// 0. Fails if the log cannot be read.
pub fn roll_forward(book: &Book, closes: &[ClosedPeriod]) -> Result<Vec<RollForwardRow>, BookError> {
    let Some(first) = closes.first() else { return Ok(Vec::new()) };
    let mut balances = balances_before(book, first)?;
    let mut rows = Vec::new();
    for closed in closes {
        let period = closed.close.period;
        let mut of_month: BTreeMap<PayeeCurrency, RollForwardRow> = BTreeMap::new();
        for (holder, balances) in &balances {
            of_month.insert(holder.clone(), RollForwardRow::unchanged(period, holder, *balances));
        }
        for figures in posted(book, closed)? {
            let settled = figures.settled;
            let row = RollForwardRow {
                period,
                holder: figures.holder.clone(),
                opening: figures.opening,
                earned: settled.gross,
                reversed: settled.reversed,
                set_off: settled.set_off,
                recovered: settled.recovered,
                advances: settled.advance + settled.top_up,
                draw_recovered: settled.draw_recovered,
                closing: settled.closing,
                ..RollForwardRow::unchanged(period, &figures.holder, settled.closing)
            };
            of_month.insert(figures.holder, row);
        }
        for position in book.state.posted.changes_after(closed) {
            if let Payload::Record(record) = book.entry(u64::from(*position))?.payload {
                after_close(&record, period, &mut of_month);
            }
        }
        balances = of_month.iter().map(|(holder, row)| (holder.clone(), row.closing)).collect();
        balances.retain(|holder, balances| *balances != Balances::zero(holder.1));
        rows.extend(of_month.into_values());
    }
    Ok(rows)
}

/// Whose balances an entry outside of a close changes.
fn holder_of(record: &Record) -> Option<PayeeCurrency> {
    BalanceEffect::of(record).map(|change| change.holder)
}

/// What an entry outside of a close changes: the payable balance, and what is owed and drawn, all of them downwards.
struct BalanceEffect {
    holder: PayeeCurrency,
    paid: Money,
    owed: Money,
    draw: Money,
}

impl BalanceEffect {
    fn of(record: &Record) -> Option<BalanceEffect> {
        let of = |payee: &PayeeId, currency: Currency| {
            let zero = Money::zero(currency);
            BalanceEffect { holder: (payee.clone(), currency), paid: zero, owed: zero, draw: zero }
        };
        match record {
            Record::Payout(PayoutRecord { payee, currency, amount, .. }) => {
                Some(BalanceEffect { paid: money(*amount, *currency), ..of(payee, *currency) })
            }
            Record::PayoutResult(PayoutResult { payee, currency, returned, .. }) => {
                Some(BalanceEffect { paid: -money(*returned, *currency), ..of(payee, *currency) })
            }
            Record::Repayment(Repayment { payee, currency, owed, draw, .. }) => {
                let [owed, draw] = [*owed, *draw].map(|amount| money(amount, *currency));
                Some(BalanceEffect { owed, draw, ..of(payee, *currency) })
            }
            Record::WriteOff(WriteOff { payee, currency, amount, of: balance, .. }) => {
                let (amount, none) = (money(*amount, *currency), of(payee, *currency));
                Some(match balance {
                    OwedOrDraw::Owed => BalanceEffect { owed: amount, ..none },
                    OwedOrDraw::Draw => BalanceEffect { draw: amount, ..none },
                })
            }
            _ => None,
        }
    }
}

/// Adds a payout, what came back of one, a repayment or a write-off to the row of its payee.
fn after_close(record: &Record, period: Month, rows: &mut BTreeMap<PayeeCurrency, RollForwardRow>) {
    let Some(BalanceEffect { holder, paid, owed, draw }) = BalanceEffect::of(record) else { return };
    let none = RollForwardRow::unchanged(period, &holder, Balances::zero(holder.1));
    let row = rows.entry(holder).or_insert(none);
    row.paid += paid;
    row.owed_repaid += owed;
    row.draw_repaid += draw;
    row.closing.payable -= paid;
    row.closing.owed -= owed;
    row.closing.draw -= draw;
}

/// The balances that are not 0 before a close.
fn balances_before(book: &Book, closed: &ClosedPeriod) -> Result<BTreeMap<PayeeCurrency, Balances>, BookError> {
    let posted = &book.state.posted;
    let mut rows = BTreeMap::new();
    let mut settled_at = BTreeMap::new();
    for (holder, statements) in &posted.statements {
        let before = statements.partition_point(|entries| entries.settlement < closed.first);
        let Some(last) = before.checked_sub(1).map(|index| statements[index]) else { continue };
        let entry = book.entry(u64::from(last.settlement))?;
        let Payload::Record(Record::Settlement(settlement)) = entry.payload else {
            unreachable!("BUG: entry {} is no settlement", last.settlement)
        };
        let of = |amount| money(amount, holder.1);
        let closing = settlement.closing;
        let after = Balances { payable: of(closing.payable), owed: of(closing.owed), draw: of(closing.draw) };
        rows.insert(holder.clone(), RollForwardRow::unchanged(settlement.period, holder, after));
        settled_at.insert(holder.clone(), last.settlement);
    }
    for position in posted.between_closes.iter().filter(|position| **position < closed.first) {
        if let Payload::Record(record) = book.entry(u64::from(*position))?.payload {
            let is_later = |holder: &PayeeCurrency| settled_at.get(holder).is_some_and(|settled| settled < position);
            if holder_of(&record).is_some_and(|holder| is_later(&holder)) {
                after_close(&record, closed.close.period, &mut rows);
            }
        }
    }
    let all = rows.into_iter().map(|(holder, row)| (holder, row.closing));
    Ok(all.filter(|(holder, balances)| *balances != Balances::zero(holder.1)).collect())
}
