//! `--as payroll`: what a run of payouts pays, in the columns of another program.

use std::path::Path;

use ledger::date::Month;
use replay::book::Book;
use replay::pay::exported::payments::{Payment, PayoutRun, last_run};

use crate::command::pay::export::journal::refuse_all;
use crate::failure::Failure;
use crate::mapping::mapped::MapText;
use crate::output_map::fill::{Filler, RowFields};
use crate::output_map::read::read;
use crate::output_map::table::{OutputTable, RowCells, header};
use crate::output_map::template::{OutputField, OutputKind};
use crate::session::state::Session;

/// Writes the last run of payouts of a month; nothing unless the mapping gives all columns of all of them.
pub fn write(book: &Book, period: Month, file: &Path, session: &mut Session) -> Result<(), Failure> {
    let map = read(&MapText::read(file)?, OutputKind::Payroll)?;
    let Some(run) = last_run(book, period)? else {
        session.note(&format!("Nothing was paid out of {period} yet: `trueup payout {period}` pays what is approved."));
        return Ok(());
    };
    let mut filler = Filler::new(&map, book, book.size());
    let rows: Vec<RowCells> = run.payments.iter().map(|payment| filler.cells(&fields(&run, payment))).collect();
    refuse_all(filler.refusals())?;
    header(&map, &mut session.out)?;
    // Each payment is a row, also where another one has the same cells.
    for (cells, payment) in rows.into_iter().zip(&run.payments) {
        let mut table = OutputTable::default();
        table.add(cells, payment.amount);
        table.write(&map, &mut session.out)?;
    }
    tell_earlier(&run, session);
    Ok(())
}

fn fields<'r>(run: &PayoutRun, payment: &'r Payment) -> RowFields<'r> {
    RowFields {
        period: run.period,
        day: run.period.last(),
        date: run.day,
        payee: &payment.holder.0,
        currency: payment.holder.1.code(),
        own: vec![(OutputField::Reference, format!("{}-{}", run.period, payment.position))],
        code: None,
    }
}

/// A month can be paid in several runs, and what was in one file must not be paid again by another.
fn tell_earlier(run: &PayoutRun, session: &Session) {
    if let (Some(last), count) = (run.earlier.last(), run.earlier.len()) {
        let runs = if count == 1 { "An earlier run".to_owned() } else { format!("{count} earlier runs") };
        session.note(&format!(
            "{runs} of payouts of {} is not in this file: `--at {last}` exports the one before it.",
            run.period
        ));
    }
}
