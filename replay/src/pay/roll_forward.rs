//! The roll-forward: from the balances of a payee before a month, through what its close posted, to those after it.

use std::collections::BTreeMap;

use ledger::date::Month;
use ledger::fact::{Payload, Record};
use ledger::money::Money;
use projections::lines::{PayeeCurrency, money};
use projections::posted_state::{Balances, ClosedPeriod};

use crate::book::Book;
use crate::error::BookError;
use crate::statements::build::posted;

/// One payee, in one currency, in one closed month. The payable balance rolls from opening to closing by `earned` - `recovered` -
/// `set_off` + `advances` - `draw_recovered` - `paid`; what is owed by `reversed` - `recovered` - `set_off`.
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
    /// What was paid out before the next close.
    pub paid: Money,
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
                paid: Money::zero(figures.holder.1),
                closing: settled.closing,
            };
            of_month.insert(figures.holder, row);
        }
        balances = of_month.iter().map(|(holder, row)| (holder.clone(), row.closing)).collect();
        balances.retain(|holder, balances| *balances != Balances::zero(holder.1));
        rows.extend(of_month.into_values());
    }
    Ok(rows)
}

/// The balances that are not 0 before a close.
fn balances_before(book: &Book, closed: &ClosedPeriod) -> Result<BTreeMap<PayeeCurrency, Balances>, BookError> {
    let mut balances = BTreeMap::new();
    for (holder, statements) in &book.state.posted.statements {
        let before = statements.partition_point(|entries| entries.settlement < closed.first);
        let Some(last) = before.checked_sub(1).map(|index| statements[index]) else { continue };
        let entry = book.entry(u64::from(last.settlement))?;
        let Payload::Record(Record::Settlement(settlement)) = entry.payload else {
            unreachable!("BUG: entry {} is no settlement", last.settlement)
        };
        let of = |amount| money(amount, holder.1);
        let closing = settlement.closing;
        let after = Balances { payable: of(closing.payable), owed: of(closing.owed), draw: of(closing.draw) };
        if after != Balances::zero(holder.1) {
            balances.insert(holder.clone(), after);
        }
    }
    Ok(balances)
}
