//! `--as journal`: the movements of closes as a table, one row for each account of each entry.

use ledger::money::Money;
use projections::posted_state::ClosedPeriod;
use replay::book::Book;
use replay::pay::journal::{Journal, JournalPart};

use crate::failure::Failure;
use crate::session::state::Session;

const HEADER: [&str; 9] = ["period", "date", "position", "what", "payee", "account", "currency", "debit", "credit"];

pub fn write(book: &Book, asked: &[ClosedPeriod], session: &mut Session) -> Result<(), Failure> {
    session.out.row(&HEADER)?;
    Journal::of(book, asked)?.each(|part| {
        let JournalPart::Entry(entry) = part else { return Ok(()) };
        for (account, amount) in &entry.amounts {
            let [debit, credit] = sides(*amount);
            session.out.row(&[
                entry.period.to_string(),
                entry.day.to_string(),
                entry.position.to_string(),
                entry.what.clone(),
                entry.payee.to_string(),
                account.clone(),
                amount.currency.to_string(),
                debit.text(),
                credit.text(),
            ])?;
        }
        Ok(())
    })
}

/// An amount as debit and credit, of which one is 0.
pub fn sides(amount: Money) -> [Money; 2] {
    let zero = Money::zero(amount.currency);
    if amount.is_negative() { [zero, -amount] } else { [amount, zero] }
}
