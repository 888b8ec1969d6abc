//! `trueup hold`: a payee is not paid for now.

use clap::Args;
use ledger::field::Amount;
use ledger::id::PayeeId;
use ledger::money::{Currency, Money};
use replay::pay::hold::{HoldDone, hold};
use serde::Serialize;

use crate::arguments::Format;
use crate::command::payout::{amount, currency, money, payee, sums};
use crate::failure::Failure;
use crate::render::json::AsText;
use crate::session::state::{Outcome, Session};

/// Hold what is payable to a payee, all of it or an amount: `payout` leaves it out
///
/// Without an amount everything is held that is payable now and later, until `trueup release`. What the payee owes is set off
/// against what is held first.
#[derive(Args, Debug)]
pub struct HoldPayee {
    /// The payee
    #[arg(value_parser = payee)]
    payee: PayeeId,
    /// The amount
    #[arg(long, value_name = "AMOUNT", value_parser = amount, requires = "currency")]
    amount: Option<Amount>,
    /// The currency of the amount
    #[arg(long, value_name = "CURRENCY", value_parser = currency, requires = "amount")]
    currency: Option<Currency>,
    /// The reason, for auditors
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

impl HoldPayee {
    pub fn run(self, session: &mut Session) -> Result<Outcome, Failure> {
        let amount = self.amount.zip(self.currency).map(|(amount, currency)| money(amount, currency)).transpose()?;
        let mut book = session.book_to_write()?;
        let mut done = hold(&mut book, &self.payee, amount, &self.reason, &session.stamp()?)?;
        done.held.retain(|held| amount.is_none_or(|amount| amount.currency == held.currency));
        show(&self.payee, &done, session)?;
        if session.options.format == Format::Text {
            let what = amount.map_or_else(|| "everything".to_owned(), |amount| sums(&[amount]));
            let (payee, size) = (&self.payee, done.size);
            writeln!(
                session.out,
                "Held of {payee}: {what}. Of what is payable now: {}. Size {size}.",
                sums(&done.held)
            )?;
        }
        session.keep(&mut book)?;
        Ok(Outcome::Done)
    }
}

/// Shows a hold or a release to programs.
pub fn show(payee: &PayeeId, done: &HoldDone, session: &mut Session) -> Result<(), Failure> {
    match session.options.format {
        Format::Json => {
            let held = |amount: &Money| HeldJson { currency: AsText(amount.currency), amount: AsText(*amount) };
            let held = done.held.iter().map(held).collect();
            let positions = &done.positions;
            session.json(&HoldJson { payee: AsText(payee), positions, held, size: done.size })
        }
        Format::Csv => {
            session.out.row(&["payee", "currency", "held"])?;
            for amount in &done.held {
                session.out.row(&[payee.as_str(), amount.currency.code(), &amount.text()])?;
            }
            Ok(())
        }
        Format::Text => Ok(()),
    }
}

#[derive(Serialize)]
struct HoldJson<'h> {
    payee: AsText<&'h PayeeId>,
    positions: &'h [u64],
    held: Vec<HeldJson>,
    size: u64,
}

#[derive(Serialize)]
struct HeldJson {
    currency: AsText<Currency>,
    amount: AsText<Money>,
}
