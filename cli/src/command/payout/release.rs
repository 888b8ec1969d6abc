//! `trueup release`: the end of a hold.

use clap::Args;
use ledger::id::PayeeId;
use replay::pay::hold::release;

use crate::arguments::Format;
use crate::command::payout::hold::show;
use crate::command::payout::{payee, sums};
use crate::failure::Failure;
use crate::session::state::{Outcome, Session};

/// Release the holds on a payee
#[derive(Args, Debug)]
pub struct ReleasePayee {
    /// The payee
    #[arg(value_parser = payee)]
    payee: PayeeId,
    /// Release the hold at this position only
    #[arg(long, value_name = "POSITION")]
    hold: Option<u64>,
    /// The reason, for auditors
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

impl ReleasePayee {
    pub fn run(self, session: &mut Session) -> Result<Outcome, Failure> {
        let mut book = session.book_to_write()?;
        let done = release(&mut book, &self.payee, self.hold, self.reason.as_deref(), &session.stamp()?)?;
        show(&self.payee, &done, session)?;
        if session.options.format == Format::Text {
            let holds =
                if done.positions.len() == 1 { "1 hold".to_owned() } else { format!("{} holds", done.positions.len()) };
            let (payee, size) = (&self.payee, done.size);
            writeln!(session.out, "Released {holds} on {payee}. Held still: {}. Size {size}.", sums(&done.held))?;
        }
        session.keep(&mut book)?;
        Ok(Outcome::Done)
    }
}
