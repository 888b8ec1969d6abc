//! `trueup repay`: a payee paid back in cash.

use clap::Args;
use ledger::fact::OwedOrDraw;
use ledger::field::Amount;
use ledger::id::PayeeId;
use ledger::money::{Currency, Money};
use replay::pay::repayment::{Repaid, repay};
use serde::Serialize;

use crate::arguments::Format;
use crate::command::payout::{amount, currency, money, payee};
use crate::failure::Failure;
use crate::render::amount::amount as shown;
use crate::render::json::AsText;
use crate::session::state::{Outcome, Session};

/// Record that a payee paid an amount back in cash
///
/// It lowers the clawback balance first and then the draw balance, or the one that `--of` names.
#[derive(Args, Debug)]
pub struct RepayAmount {
    /// The payee
    #[arg(value_parser = payee)]
    payee: PayeeId,
    /// The amount
    #[arg(long, value_name = "AMOUNT", value_parser = amount)]
    amount: Amount,
    /// The currency
    #[arg(long, value_name = "CURRENCY", value_parser = currency)]
    currency: Currency,
    /// Which balance: `owed` (clawbacks) or `draw`
    #[arg(long, value_name = "BALANCE", value_parser = balance)]
    of: Option<OwedOrDraw>,
    /// What the bank calls the payment
    #[arg(long, value_name = "TEXT")]
    reference: Option<String>,
}

pub fn balance(text: &str) -> Result<OwedOrDraw, String> {
    OwedOrDraw::parse(text).ok_or_else(|| "write `owed` or `draw`".to_owned())
}

impl RepayAmount {
    pub fn run(self, session: &mut Session) -> Result<Outcome, Failure> {
        let amount = money(self.amount, self.currency)?;
        let holder = (self.payee, self.currency);
        let mut book = session.book_to_write()?;
        let done = repay(&mut book, &holder, amount, self.of, self.reference.as_deref(), &session.stamp()?)?;
        show(&holder, &done, "Repaid", session)?;
        session.keep(&mut book)?;
        Ok(Outcome::Done)
    }
}

/// Shows a repayment or write-off.
pub fn show(holder: &(PayeeId, Currency), done: &Repaid, word: &str, session: &mut Session) -> Result<(), Failure> {
    let (payee, currency) = holder;
    match session.options.format {
        Format::Json => session.json(&RepaidJson {
            payee: AsText(payee),
            currency: AsText(*currency),
            owed: AsText(done.owed),
            draw: AsText(done.draw),
            balances: BalancesLeftJson { owed: AsText(done.balances.owed), draw: AsText(done.balances.draw) },
            position: done.position,
            size: done.size,
        }),
        Format::Csv => {
            let [owed, draw] = [done.owed, done.draw].map(Money::text);
            session.out.row(&["payee", "currency", "owed", "draw"])?;
            session.out.row(&[payee.as_str(), currency.code(), &owed, &draw])?;
            Ok(())
        }
        Format::Text => {
            let [owed, draw] = [done.owed, done.draw].map(shown);
            writeln!(session.out, "{word} by {payee}: {owed} {currency} of clawbacks, {draw} {currency} of draws.")?;
            let [owed, draw] = [done.balances.owed, done.balances.draw].map(shown);
            writeln!(session.out, "Left: clawback balance {owed}, draw balance {draw}. Size {}.", done.size)?;
            Ok(())
        }
    }
}

#[derive(Serialize)]
struct RepaidJson<'r> {
    payee: AsText<&'r PayeeId>,
    currency: AsText<Currency>,
    owed: AsText<Money>,
    draw: AsText<Money>,
    balances: BalancesLeftJson,
    position: u64,
    size: u64,
}

#[derive(Serialize)]
struct BalancesLeftJson {
    owed: AsText<Money>,
    draw: AsText<Money>,
}
