//! `trueup reject`: what a close made payable may not be paid.

use clap::Args;
use ledger::date::Month;
use ledger::id::PayeeId;
use replay::pay::approval::reject;

use crate::arguments::month;
use crate::command::payout::{payee, show_decided};
use crate::failure::Failure;
use crate::session::state::{Outcome, Session};

/// Reject what a close made payable and what is not paid yet
///
/// A close is never edited: correct what was wrong and close the next month. Approving that month releases what was rejected.
/// Until then, what the payee owes is set off against it first.
#[derive(Args, Debug)]
pub struct Reject {
    /// The closed month, like 2027-04
    #[arg(value_parser = month)]
    period: Month,
    /// Reject what is payable to this payee only
    #[arg(long, value_name = "PAYEE", value_parser = payee)]
    payee: Option<PayeeId>,
    /// The reason, for auditors
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

impl Reject {
    pub fn run(self, session: &mut Session) -> Result<Outcome, Failure> {
        let mut book = session.book_to_write()?;
        let done = reject(&mut book, self.period, self.payee.as_ref(), &self.reason, &session.stamp()?)?;
        show_decided(done, "Rejected", session)?;
        session.note("Correct what was wrong, close the next month and approve it: that releases this too.");
        session.keep(&mut book)?;
        Ok(Outcome::Done)
    }
}
