//! What is paid, as columns that add up: gross, what is recovered, and what is added ahead of commission.

use ledger::money::Money;
use plans::payment::settle::SettlementSums;
use replay::close::TotalOf;

use crate::render::amount::amount;
use crate::render::layout::table::{Align, Table};

/// The names of the parts, in the order in which they are shown.
const NAMES: [&str; 5] = ["gross", "clawback recovered", "draw recovered", "guarantee top-up", "draw advance"];

/// The amounts that add up to what is paid.
#[derive(Copy, Clone)]
pub struct PaymentParts {
    /// In the order of [`NAMES`]. What is deducted is negative.
    parts: [Money; 5],
    /// Their sum.
    pub pay: Money,
    /// What was reversed: it is added to the clawback balance, and deducted as far as it is recovered.
    pub reversed: Money,
}

impl From<&SettlementSums> for PaymentParts {
    fn from(settled: &SettlementSums) -> PaymentParts {
        let SettlementSums { gross, reversed, recovered, top_up, advance, draw_recovered, pay, .. } = *settled;
        PaymentParts::of(TotalOf { gross, reversed, recovered, draw_recovered, top_up, advance, pay })
    }
}

impl PaymentParts {
    /// The parts of a sum of settlements.
    pub fn of(total: TotalOf) -> PaymentParts {
        let TotalOf { gross, reversed, recovered, draw_recovered, top_up, advance, pay } = total;
        PaymentParts { parts: [gross, -recovered, -draw_recovered, top_up, advance], pay, reversed }
    }

    /// The gross, and the other parts that are not 0.
    pub fn shown(&self) -> Vec<(&'static str, Money)> {
        let named = NAMES.into_iter().zip(self.parts).enumerate();
        named.filter(|(at, (_, money))| *at == 0 || !money.is_zero()).map(|(_, part)| part).collect()
    }
}

/// A row of what is paid, with cells before and behind the amounts.
pub struct PaymentRow {
    /// The cells before the amounts.
    pub names: Vec<String>,
    /// The amounts.
    pub parts: PaymentParts,
    /// The balance that is shown behind them.
    pub clawback_balance: Money,
}

/// A table of what is paid. A column of parts that is 0 in every row is left out, but for the gross.
pub fn table(header: &[&str], rows: &[PaymentRow]) -> Table {
    let is_used = |at: usize| at == 0 || rows.iter().any(|row| !row.parts.parts[at].is_zero());
    let used: Vec<usize> = (0..NAMES.len()).filter(|at| is_used(*at)).collect();
    let left = header.iter().map(|_| Align::Left);
    let columns: Vec<Align> = left.chain((0..used.len() + 3).map(|_| Align::Right)).collect();
    let mut table = Table::new(&columns);
    let titles = used.iter().map(|at| NAMES[*at]).chain(["to pay", "reversed", "clawback balance"]);
    table.row(header.iter().copied().chain(titles));
    for row in rows {
        let parts = used.iter().map(|at| row.parts.parts[*at]);
        let amounts = parts.chain([row.parts.pay, row.parts.reversed, row.clawback_balance]).map(amount);
        table.row(row.names.iter().cloned().chain(amounts));
    }
    table
}
