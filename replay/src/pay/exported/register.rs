//! The payroll register: from the balances of each payee before a close, through all that the close settled, to what is paid and the
//! balances after it.

use std::collections::BTreeMap;

use ledger::date::Month;
use ledger::money::{Currency, Money};
use projections::lines::PayeeCurrency;
use projections::posted_state::{Balances, ClosedPeriod};

use crate::book::Book;
use crate::error::BookError;
use crate::pay::roll_forward::{RollForwardRow, roll_forward};
use crate::statements::build::posted;

/// The sums of one payee, or of all payees, in one currency, in one closed month.
#[derive(Clone, Debug)]
pub struct RegisterSums {
    /// The balances before the close, with opening balances that entered with it.
    pub opening: Balances,
    /// What was earned.
    pub gross: Money,
    /// What was reversed, and added to what is owed.
    pub reversed: Money,
    /// The part of what is owed that was set off against payables of earlier closes.
    pub set_off: Money,
    /// The part of the gross that was kept for what is owed.
    pub recovered: Money,
    /// What guarantees added to the gross.
    pub top_up: Money,
    /// Advances.
    pub advances: Money,
    /// The part of the gross that was kept for draws.
    pub draw_recovered: Money,
    /// What was repaid or written off of the clawback balance.
    pub owed_repaid: Money,
    /// What was repaid or written off of the draw balance.
    pub draw_repaid: Money,
    /// What the close made payable: gross - recovered + top-up + advances - draw recovered.
    pub pay: Money,
    /// What was paid out before the next close.
    pub paid: Money,
    /// The balances before the next close.
    pub closing: Balances,
}

/// A closed month of the register.
#[derive(Clone, Debug)]
pub struct RegisterMonth {
    /// The month.
    pub period: Month,
    /// Everybody with a posting or a balance, by payee and currency.
    pub rows: Vec<(PayeeCurrency, RegisterSums)>,
    /// The sums of the rows, by currency.
    pub totals: BTreeMap<Currency, RegisterSums>,
}

/// The register of a closed month. Fails if the log cannot be read.
pub fn register(book: &Book, closed: &ClosedPeriod) -> Result<RegisterMonth, BookError> {
    let figures = posted(book, closed)?.into_iter();
    let mut settled: BTreeMap<PayeeCurrency, (Money, Money)> =
        figures.map(|figures| (figures.holder, (figures.settled.top_up, figures.settled.pay))).collect();
    let mut rows = Vec::new();
    let mut totals: BTreeMap<Currency, RegisterSums> = BTreeMap::new();
    for row in roll_forward(book, std::slice::from_ref(closed))? {
        let zero = Money::zero(row.holder.1);
        let (top_up, pay) = settled.remove(&row.holder).unwrap_or((zero, zero));
        let sums = RegisterSums::of(&row, top_up, pay);
        totals.entry(row.holder.1).or_insert_with(|| RegisterSums::zero(row.holder.1)).add(&sums);
        rows.push((row.holder, sums));
    }
    assert!(settled.is_empty(), "BUG: statements without a roll-forward: {settled:?}");
    Ok(RegisterMonth { period: closed.close.period, rows, totals })
}

impl RegisterSums {
    fn of(row: &RollForwardRow, top_up: Money, pay: Money) -> RegisterSums {
        RegisterSums {
            opening: row.opening,
            gross: row.earned,
            reversed: row.reversed,
            set_off: row.set_off,
            recovered: row.recovered,
            top_up,
            advances: row.advances - top_up,
            draw_recovered: row.draw_recovered,
            owed_repaid: row.owed_repaid,
            draw_repaid: row.draw_repaid,
            pay,
            paid: row.paid,
            closing: row.closing,
        }
    }

    fn zero(currency: Currency) -> RegisterSums {
        let (zero, none) = (Money::zero(currency), Balances::zero(currency));
        RegisterSums {
            opening: none,
            gross: zero,
            reversed: zero,
            set_off: zero,
            recovered: zero,
            top_up: zero,
            advances: zero,
            draw_recovered: zero,
            owed_repaid: zero,
            draw_repaid: zero,
            pay: zero,
            paid: zero,
            closing: none,
        }
    }

    fn add(&mut self, other: &RegisterSums) {
        let balances = [(&mut self.opening, &other.opening), (&mut self.closing, &other.closing)];
        for (sum, added) in balances {
            sum.payable += added.payable;
            sum.owed += added.owed;
            sum.draw += added.draw;
        }
        self.gross += other.gross;
        self.reversed += other.reversed;
        self.set_off += other.set_off;
        self.recovered += other.recovered;
        self.top_up += other.top_up;
        self.advances += other.advances;
        self.draw_recovered += other.draw_recovered;
        self.owed_repaid += other.owed_repaid;
        self.draw_repaid += other.draw_repaid;
        self.pay += other.pay;
        self.paid += other.paid;
    }
}
