//! `trueup approve`: what closes made payable may be paid.

use clap::Args;
use ledger::date::Month;
use ledger::id::PayeeId;
use replay::pay::approval::approve;

use crate::arguments::month;
use crate::command::payout::{payee, show_decided};
use crate::failure::Failure;
use crate::session::state::{Outcome, Session};

/// Approve what a close and those before it made payable, and what is not approved yet
///
/// What was rejected of earlier months is approved with it. Under a policy the approval is signed (`--sign`) by people with
/// the role `approve`, none of whom closed the month.
#[derive(Args, Debug)]
pub struct Approve {
    /// The closed month, like 2027-04
    #[arg(value_parser = month)]
    period: Month,
    /// Approve what is payable to this payee only
    #[arg(long, value_name = "PAYEE", value_parser = payee)]
    payee: Option<PayeeId>,
    /// A comment, for auditors
    #[arg(long, value_name = "TEXT")]
    comment: Option<String>,
}

impl Approve {
    pub fn run(self, session: &mut Session) -> Result<Outcome, Failure> {
        let mut book = session.book_to_write()?;
        let done = approve(&mut book, self.period, self.payee.as_ref(), self.comment, &session.stamp()?)?;
        show_decided(done, "Approved up to", session)?;
        if book.state().authority().policy().is_none() {
            session.note("There is no policy: nobody asked whether a second person has looked at it.");
        }
        session.keep(&mut book)?;
        Ok(Outcome::Done)
    }
}
