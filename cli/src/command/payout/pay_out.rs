//! `trueup payout`: pays what is approved, once, and records whether it arrived.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use clap::Args;
use ledger::date::Month;
use ledger::id::PayeeId;
use ledger::money::{Currency, Money};
use replay::book::Book;
use replay::pay::payout::{PayoutDone, SecondPerson, UnpaidAmounts, payout};
use serde::Serialize;

use crate::arguments::{Format, month};
use crate::command::payout::{confirm, sums};
use crate::failure::Failure;
use crate::refusal::{CommandWarning, UnpaidCause};
use crate::render::amount::amount as shown;
use crate::render::json::AsText;
use crate::render::layout::table::{Align, INDENT, Table};
use crate::session::state::{Outcome, Session};

/// Pay what is approved and not held of a close and those before it, once
///
/// It is recorded as paid out; `trueup export --as payroll` makes the file for payroll, and `--confirm` records what payroll
/// or the bank reports. Asked again, it pays nothing. Under a policy it is signed (`--sign`) by people with the role `pay`.
#[derive(Args, Debug)]
pub struct PayOut {
    /// The closed month, like 2027-04
    #[arg(value_parser = month)]
    period: Month,
    /// Record instead whether the payouts of the month arrived: a CSV file with the columns `payee`, `currency`, `amount`,
    /// `status` (`paid`, `partly` or `returned`), `reference` and `date`
    #[arg(long, value_name = "FILE")]
    confirm: Option<PathBuf>,
}

impl PayOut {
    pub fn run(self, session: &mut Session) -> Result<Outcome, Failure> {
        if let Some(file) = self.confirm {
            return confirm::run(self.period, &file, session);
        }
        let mut book = session.book_to_write()?;
        let done = payout(&mut book, self.period, &session.stamp()?)?;
        match session.options.format {
            Format::Json => {
                let each = |((payee, currency), amount, position): &'_ ((PayeeId, Currency), Money, u64)| PayoutJson {
                    payee: AsText(payee.clone()),
                    currency: AsText(*currency),
                    amount: AsText(*amount),
                    period: AsText(done.period),
                    position: *position,
                };
                session.json(&done.payouts.iter().map(each).collect::<Vec<_>>())?
            }
            Format::Csv => {
                session.out.row(&["payee", "currency", "amount", "period", "position"])?;
                for ((payee, currency), amount, position) in &done.payouts {
                    let (period, position) = (done.period.to_string(), position.to_string());
                    session.out.row(&[payee.as_str(), currency.code(), &amount.text(), &period, &position])?;
                }
            }
            Format::Text => text(&done, session)?,
        }
        warn_of_unpaid(&done, session);
        warn_of_disputed(&book, &done, session);
        if !done.payouts.is_empty() && done.second_person == SecondPerson::NotAsked {
            session.warn_of(CommandWarning::PayoutAlone);
        }
        session.keep(&mut book)?;
        Ok(Outcome::Done)
    }
}

fn text(done: &PayoutDone, session: &mut Session) -> Result<(), Failure> {
    if done.payouts.is_empty() {
        writeln!(session.out, "Nothing to pay up to {}.", done.period)?;
        return Ok(());
    }
    let mut table = Table::new(&[Align::Left, Align::Left, Align::Right]).indented(INDENT);
    for ((payee, currency), amount, _) in &done.payouts {
        table.row([payee.to_string(), currency.to_string(), shown(*amount)]);
    }
    writeln!(session.out, "Paid out up to {}:", done.period)?;
    table.write(&mut session.out)?;
    writeln!(session.out, "In total {}. Size {}.", sums(&totals(done)), done.size)?;
    Ok(())
}

fn totals(done: &PayoutDone) -> Vec<Money> {
    let mut totals: BTreeMap<Currency, Money> = BTreeMap::new();
    for ((_, currency), amount, _) in &done.payouts {
        *totals.entry(*currency).or_insert(Money::zero(*currency)) += *amount;
    }
    totals.into_values().collect()
}

/// Warns of what is payable up to the month and was not paid, and why.
fn warn_of_unpaid(done: &PayoutDone, session: &Session) {
    type AmountOf = fn(&UnpaidAmounts) -> Money;
    let causes: [(UnpaidCause, AmountOf); 3] = [
        (UnpaidCause::NotApproved, |one| one.open),
        (UnpaidCause::Rejected, |one| one.rejected),
        (UnpaidCause::Held, |one| one.held),
    ];
    for (why, amount) in causes {
        let unpaid: Vec<_> = done.unpaid.iter().filter(|one| amount(one).is_positive()).collect();
        let mut sums: BTreeMap<Currency, Money> = BTreeMap::new();
        for one in &unpaid {
            let currency = one.holder.1;
            *sums.entry(currency).or_insert(Money::zero(currency)) += amount(one);
        }
        let mut payees: Vec<PayeeId> = unpaid.iter().map(|one| one.holder.0.clone()).collect();
        payees.dedup();
        if !payees.is_empty() {
            let (period, sums) = (done.period, sums.into_values().collect());
            session.warn_of(CommandWarning::Unpaid { why, period, sums, payees });
        }
    }
}

/// Warns of open disputes about statements up to the month, of payees who were paid.
fn warn_of_disputed(book: &Book, done: &PayoutDone, session: &Session) {
    let is_paid = |payee: &PayeeId| done.payouts.iter().any(|((paid, _), ..)| paid == payee);
    let open = book.state().disputes().open().map(|dispute| &dispute.record);
    let open: Vec<_> = open.filter(|record| record.period <= done.period && is_paid(&record.payee)).collect();
    if !open.is_empty() {
        let payees: BTreeSet<PayeeId> = open.iter().map(|record| record.payee.clone()).collect();
        let (disputes, payees) = (open.iter().map(|record| record.dispute).collect(), payees.into_iter().collect());
        session.warn_of(CommandWarning::PaidUnderDispute { disputes, payees });
    }
}

#[derive(Serialize)]
struct PayoutJson {
    payee: AsText<PayeeId>,
    currency: AsText<Currency>,
    amount: AsText<Money>,
    period: AsText<Month>,
    position: u64,
}
