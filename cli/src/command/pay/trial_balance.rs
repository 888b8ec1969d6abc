//! `trueup trial-balance`: the accounts of the general ledger, and whether their debits equal their credits.

use std::collections::BTreeMap;

use clap::Args;
use ledger::money::{Currency, Money};
use projections::posted_state::PostedState;
use projections::posted_state::accounts::TrialRow;
use replay::pay::trial_balance::{digest, json};

use crate::arguments::Format;
use crate::as_of::AsOf;
use crate::failure::Failure;
use crate::render::amount::amount;
use crate::render::layout::table::{Align, Table};
use crate::session::state::{Outcome, Session};

/// Show the balance of every account, in the double entry of closes
///
/// Debits equal credits in each currency after every entry. Each close records the digest of its trial balance.
#[derive(Args, Debug)]
pub struct TrialBalanceOf {
    #[command(flatten)]
    at: AsOf,
}

const HEADER: [&str; 4] = ["account", "currency", "debit", "credit"];

impl TrialBalanceOf {
    pub fn run(self, session: &mut Session) -> Result<Outcome, Failure> {
        let book = session.book_at(&self.at)?;
        show(book.state().posted_state(), session)
    }
}

fn show(posted: &PostedState, session: &mut Session) -> Result<Outcome, Failure> {
    let rows = posted.accounts.trial_balance();
    match session.options.format {
        Format::Json => session.json_written(|out| json(&rows, out))?,
        Format::Csv => {
            session.out.row(&HEADER)?;
            for row in &rows {
                let (debit, credit) = (row.debit.text(), row.credit.text());
                session.out.row(&[row.account.as_str(), row.debit.currency.code(), &debit, &credit])?;
            }
        }
        Format::Text if rows.is_empty() => {
            session.note(
                "Nothing was posted yet, so every account is 0. `trueup preview PERIOD` shows what a close would post.",
            );
        }
        Format::Text => text(posted, &rows, session)?,
    }
    Ok(Outcome::Done)
}

fn text(posted: &PostedState, rows: &[TrialRow], session: &mut Session) -> Result<(), Failure> {
    let mut table = Table::new(&[Align::Left, Align::Left, Align::Right, Align::Right]);
    table.row(HEADER);
    let mut sums: BTreeMap<Currency, [Money; 2]> = BTreeMap::new();
    for row in rows {
        let currency = row.debit.currency;
        let [debit, credit] = sums.entry(currency).or_insert([Money::zero(currency); 2]);
        *debit += row.debit;
        *credit += row.credit;
        let side = |money: Money| if money.is_zero() { String::new() } else { amount(money) };
        table.row([row.account.clone(), currency.to_string(), side(row.debit), side(row.credit)]);
    }
    for (currency, [debit, credit]) in &sums {
        table.row(["total".to_owned(), currency.to_string(), amount(*debit), amount(*credit)]);
    }
    table.write(&mut session.out)?;
    if let Some(last) = posted.last_close() {
        let period = last.close.period;
        match last.close.trial_balance {
            Some(recorded) if recorded == digest(&posted.accounts) => {
                session.note(&format!("As the close of {period} recorded it."));
            }
            Some(_) => session.note(&format!("It has moved since the close of {period}, which recorded another.")),
            None => session.note(&format!("The close of {period} recorded no digest of it.")),
        }
    }
    Ok(())
}
