//! Rows on their way out: those with the same cells are put together within one entry or one month, and amounts that add up to 0 are
//! left out.

use std::collections::BTreeMap;
use std::io::{self, Write};

use ledger::money::{Currency, Money};

use crate::output_map::rules::{OutputMap, OutputRows};
use crate::terminal::screen::Screen;

/// A cell, but for its amount.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum CellPart {
    Text(String),
    Amount(AmountSide),
}

/// Which amount a cell has.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum AmountSide {
    /// With its sign.
    Signed,
    /// The debit; empty where the amount is a credit.
    Debit,
    /// The credit; empty where the amount is a debit.
    Credit,
}

/// The cells of a row.
pub type RowCells = Vec<Vec<CellPart>>;

/// The rows of one entry or month.
#[derive(Default)]
pub struct OutputTable {
    rows: Vec<(RowCells, Money)>,
    index: BTreeMap<(Currency, RowCells), usize>,
}

impl OutputTable {
    /// Adds an amount to the row with these cells.
    pub fn add(&mut self, cells: RowCells, amount: Money) {
        let known = self.index.entry((amount.currency, cells.clone()));
        let index = *known.or_insert(self.rows.len());
        match self.rows.get_mut(index) {
            Some((_, sum)) => *sum += amount,
            None => self.rows.push((cells, amount)),
        }
    }

    /// Writes the rows and forgets them: sums in the order of their cells, others as they came.
    pub fn write<W: Write>(&mut self, map: &OutputMap, out: &mut Screen<W>) -> io::Result<()> {
        let OutputTable { mut rows, .. } = std::mem::take(self);
        if map.shape.rows == OutputRows::Sums {
            rows.sort_by(|(one, a), (other, b)| (one, a.currency).cmp(&(other, b.currency)));
        }
        for (cells, sum) in rows.into_iter().filter(|(_, sum)| !sum.is_zero()) {
            let cells: Vec<String> = cells.iter().map(|cell| text(cell, sum, map.shape.decimal)).collect();
            out.separated(&cells, map.shape.delimiter)?;
        }
        Ok(())
    }
}

/// The header of a table.
pub fn header<W: Write>(map: &OutputMap, out: &mut Screen<W>) -> io::Result<()> {
    let names: Vec<&str> = map.columns.iter().map(|column| column.name.as_str()).collect();
    out.separated(&names, map.shape.delimiter)
}

fn text(cell: &[CellPart], sum: Money, decimal: char) -> String {
    let written = |money: Money| money.text().replace('.', decimal.encode_utf8(&mut [0; 4]));
    let parts = cell.iter().map(|part| match part {
        CellPart::Text(text) => text.clone(),
        CellPart::Amount(AmountSide::Signed) => written(sum),
        CellPart::Amount(AmountSide::Debit) if !sum.is_negative() => written(sum),
        CellPart::Amount(AmountSide::Credit) if sum.is_negative() => written(-sum),
        CellPart::Amount(AmountSide::Debit | AmountSide::Credit) => String::new(),
    });
    parts.collect()
}
