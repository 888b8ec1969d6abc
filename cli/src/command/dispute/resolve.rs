//! `trueup dispute resolve`: how a dispute ends.

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use ledger::fact::DisputeOutcome;
use replay::disputes::resolve::resolve;

use crate::arguments::Format;
use crate::command::dispute::recorded::show_recorded;
use crate::failure::Failure;
use crate::session::state::{Outcome, Session};

/// Resolve a dispute: accepted, with the entry that corrects what was wrong; rejected; or withdrawn by whoever opened it
///
/// The correction is recorded first: a fact, a plan version, an adjustment or a write-off. The next close posts what it changes.
#[derive(Args, Debug)]
pub struct ResolveDispute {
    /// The number of the dispute
    #[arg(value_name = "N")]
    dispute: u64,
    /// How it ends
    #[arg(value_parser = PossibleValuesParser::new(DisputeOutcome::WORDS).map(|word| DisputeOutcome::parse(&word).expect("one of the words")))]
    outcome: DisputeOutcome,
    /// The position of the entry that corrects what was wrong; `accepted` needs it
    #[arg(long, value_name = "POSITION")]
    by: Option<u64>,
    /// Why it ends so
    text: String,
}

impl ResolveDispute {
    pub fn run(self, session: &mut Session) -> Result<Outcome, Failure> {
        let mut book = session.book_to_write()?;
        let done = resolve(&mut book, self.dispute, (self.outcome, self.by), &self.text, &session.stamp()?)?;
        show_recorded(&book, &done, session)?;
        if session.options.format == Format::Text {
            let by = self.by.map(|by| format!(" It is corrected by the entry at position {by}.")).unwrap_or_default();
            writeln!(session.out, "Dispute {} is {}.{by} Size {}.", done.dispute, self.outcome, done.size)?;
            if self.by.is_some() {
                let number = done.dispute;
                session.note(&format!("`trueup dispute show {number}` says what the next close posts because of it."));
            }
        }
        session.keep(&mut book)?;
        Ok(Outcome::Done)
    }
}
