//! `trueup statement`: what came out of a close, for one payee or all.

use clap::Args;
use ledger::date::Month;
use ledger::id::PayeeId;
use ledger::problem::nearest;
use replay::book::Book;
use replay::statement::Statement;

use crate::arguments::{At, Format, month};
use crate::desk::{Desk, Outcome};
use crate::failure::Failure;

/// Show the statement of a payee, or of everybody, for a closed month
#[derive(Args, Debug)]
#[command(allow_missing_positional = true)]
pub struct StatementOf {
    /// Who
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    payee: Option<String>,
    /// The month, like 2027-04
    #[arg(value_parser = month)]
    period: Month,
    /// Everybody's
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    at: At,
}

impl StatementOf {
    pub fn run(self, desk: &mut Desk) -> Result<Outcome, Failure> {
        let book = desk.book()?;
        let payee = self.payee.as_deref().map(|payee| payee_of(&book, payee)).transpose()?;
        let closed = book.closed(self.period).expect("TODO");
        let statements = book.statements(closed, payee.as_ref())?;
        desk.json(|out| out.list(|out| statements.iter().for_each(|statement| statement.json(out))))?;
        Ok(Outcome::Done)
    }
}

fn payee_of(book: &Book, text: &str) -> Result<PayeeId, Failure> {
    let payees = &book.knowledge().payees;
    match PayeeId::new(text).filter(|payee| payees.contains_key(payee)) {
        Some(payee) => Ok(payee),
        None => Err(Failure::refused("payee-unknown", format!("there is no payee `{text}`"), "")),
    }
}
