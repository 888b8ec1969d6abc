//! `trueup dispute answer`: what somebody says about an open dispute.

use clap::Args;
use replay::disputes::answer::answer;

use crate::arguments::Format;
use crate::command::dispute::recorded::show_recorded;
use crate::failure::Failure;
use crate::session::state::{Outcome, Session};

/// Answer an open dispute
#[derive(Args, Debug)]
pub struct AnswerDispute {
    /// The number of the dispute
    #[arg(value_name = "N")]
    dispute: u64,
    /// The answer
    text: String,
}

impl AnswerDispute {
    pub fn run(self, session: &mut Session) -> Result<Outcome, Failure> {
        let mut book = session.book_to_write()?;
        let done = answer(&mut book, self.dispute, &self.text, &session.stamp()?)?;
        let summary = show_recorded(&book, &done, session)?;
        if session.options.format == Format::Text {
            let count = summary.answers.len();
            let answers = if count == 1 { "1 answer".to_owned() } else { format!("{count} answers") };
            writeln!(session.out, "Dispute {} is open, with {answers}. Size {}.", done.dispute, done.size)?;
        }
        session.keep(&mut book)?;
        Ok(Outcome::Done)
    }
}
