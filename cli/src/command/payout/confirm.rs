//! `trueup payout --confirm`: whether payouts arrived.

use std::path::Path;

use ledger::date::Month;
use ledger::id::PayeeId;
use ledger::money::{Currency, Money};
use replay::pay::confirmation::{ConfirmationDone, confirm};
use replay::pay::refusal::PayError;
use serde::Serialize;

use crate::arguments::Format;
use crate::failure::Failure;
use crate::input::confirmation::read_confirmation;
use crate::render::amount::amount as shown;
use crate::render::json::AsText;
use crate::session::state::{Outcome, Session};

pub fn run(period: Month, file: &Path, session: &mut Session) -> Result<Outcome, Failure> {
    let lines = read_confirmation(file)?;
    let mut book = session.book_to_write()?;
    let done = match confirm(&mut book, period, &lines.lines, &session.stamp()?) {
        Err(PayError::Confirmation(refused)) => return Err(Failure::Refused(lines.problems(&refused))),
        done => done?,
    };
    match session.options.format {
        Format::Json => session.json(&ConfirmationJson::of(&done))?,
        Format::Csv => {
            session.out.row(&["payee", "currency", "status", "amount", "returned"])?;
            for one in &done.confirmed {
                let ((payee, currency), [amount, returned]) =
                    (&one.holder, [one.amount, one.returned].map(Money::text));
                session.out.row(&[payee.as_str(), currency.code(), one.status.as_str(), &amount, &returned])?;
            }
        }
        Format::Text => text(&done, session)?,
    }
    session.keep(&mut book)?;
    Ok(Outcome::Done)
}

fn text(done: &ConfirmationDone, session: &mut Session) -> Result<(), Failure> {
    let results =
        if done.confirmed.len() == 1 { "1 result".to_owned() } else { format!("{} results", done.confirmed.len()) };
    writeln!(session.out, "Recorded {results}, {} known already. Size {}.", done.known, done.size)?;
    for one in done.confirmed.iter().filter(|one| one.returned.is_positive()) {
        let (payee, currency) = &one.holder;
        writeln!(session.out, "{payee}: {} {currency} came back, and is payable again.", shown(one.returned))?;
    }
    for ((payee, currency), amount) in &done.unconfirmed {
        session.note(&format!("Not confirmed yet: {} {currency} to {payee}.", shown(*amount)));
    }
    Ok(())
}

#[derive(Serialize)]
struct ConfirmationJson<'c> {
    period: AsText<Month>,
    confirmed: Vec<ConfirmedJson<'c>>,
    known: u64,
    unconfirmed: Vec<UnconfirmedJson<'c>>,
    size: u64,
}

#[derive(Serialize)]
struct ConfirmedJson<'c> {
    payee: AsText<&'c PayeeId>,
    currency: AsText<Currency>,
    status: &'static str,
    amount: AsText<Money>,
    returned: AsText<Money>,
    payout: u64,
    position: u64,
}

#[derive(Serialize)]
struct UnconfirmedJson<'c> {
    payee: AsText<&'c PayeeId>,
    currency: AsText<Currency>,
    amount: AsText<Money>,
}

impl ConfirmationJson<'_> {
    fn of(done: &ConfirmationDone) -> ConfirmationJson<'_> {
        let confirmed = done.confirmed.iter().map(|one| ConfirmedJson {
            payee: AsText(&one.holder.0),
            currency: AsText(one.holder.1),
            status: one.status.as_str(),
            amount: AsText(one.amount),
            returned: AsText(one.returned),
            payout: one.payout,
            position: one.position,
        });
        let unconfirmed = done.unconfirmed.iter().map(|((payee, currency), amount)| UnconfirmedJson {
            payee: AsText(payee),
            currency: AsText(*currency),
            amount: AsText(*amount),
        });
        let (confirmed, unconfirmed) = (confirmed.collect(), unconfirmed.collect());
        ConfirmationJson { period: AsText(done.period), confirmed, known: done.known, unconfirmed, size: done.size }
    }
}
