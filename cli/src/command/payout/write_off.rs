//! `trueup write-off`: a payee need not pay back.

use clap::Args;
use ledger::fact::OwedOrDraw;
use ledger::field::Amount;
use ledger::id::PayeeId;
use ledger::money::Currency;
use replay::pay::repayment::write_off;

use crate::command::payout::repay::{balance, show};
use crate::command::payout::{amount, currency, money, payee};
use crate::failure::Failure;
use crate::session::state::{Outcome, Session};

/// Write off what a payee owes, or has drawn and not earned
#[derive(Args, Debug)]
pub struct WriteOffAmount {
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
    of: OwedOrDraw,
    /// The reason, for auditors
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

impl WriteOffAmount {
    pub fn run(self, session: &mut Session) -> Result<Outcome, Failure> {
        let amount = money(self.amount, self.currency)?;
        let holder = (self.payee, self.currency);
        let mut book = session.book_to_write()?;
        let done = write_off(&mut book, &holder, amount, self.of, &self.reason, &session.stamp()?)?;
        show(&holder, &done, "Written off what is owed", session)?;
        session.keep(&mut book)?;
        Ok(Outcome::Done)
    }
}
