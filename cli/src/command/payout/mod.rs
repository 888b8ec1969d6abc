//! Commands about paying: what closes made payable is approved or rejected, held and paid, and what is owed is paid back.

pub mod approve;
pub mod confirm;
pub mod contested;
pub mod hold;
pub mod pay_out;
pub mod reject;
pub mod release;
pub mod repay;
pub mod report;
pub mod write_off;

use ledger::exact::Rounding;
use ledger::field::Amount;
use ledger::id::PayeeId;
use ledger::money::{Currency, Money};
use replay::pay::approval::PortionsDecided;
use serde::Serialize;

use crate::arguments::Format;
use crate::failure::Failure;
use crate::refusal::CommandRefusal;
use crate::render::amount::amount as shown;
use crate::render::json::AsText;
use crate::session::state::Session;

/// An amount in whole minor units. Refused if it is finer.
fn money(amount: Amount, currency: Currency) -> Result<Money, Failure> {
    let is_whole = amount.decimals() <= currency.digits();
    let money = Money::round(&amount.exact(), currency, Rounding::HalfUp).filter(|_| is_whole);
    money.ok_or_else(|| Failure::refused(CommandRefusal::AmountTooFine { amount, currency }))
}

pub fn amount(text: &str) -> Result<Amount, String> {
    Amount::parse(text).ok_or_else(|| "it is no amount; write one like 1250.00".to_owned())
}

pub fn currency(text: &str) -> Result<Currency, String> {
    Currency::parse(text).ok_or_else(|| "it is no currency; write a code like USD".to_owned())
}

pub fn payee(text: &str) -> Result<PayeeId, String> {
    PayeeId::incoming(text).map_err(|_| "it takes 1 to 128 bytes of printable text without blanks around it".to_owned())
}

/// Amounts in a sentence: `1,000.00 USD and 20.00 EUR`.
fn sums(amounts: &[Money]) -> String {
    let each: Vec<String> = amounts.iter().map(|money| format!("{} {}", shown(*money), money.currency)).collect();
    if each.is_empty() { "nothing".to_owned() } else { each.join(" and ") }
}

#[derive(Serialize)]
struct AmountJson {
    payee: AsText<PayeeId>,
    currency: AsText<Currency>,
    amount: AsText<Money>,
}

#[derive(Serialize)]
struct DecidedJson {
    period: AsText<ledger::date::Month>,
    position: u64,
    size: u64,
    totals: Vec<DecidedTotalJson>,
    amounts: Vec<AmountJson>,
}

#[derive(Serialize)]
struct DecidedTotalJson {
    currency: AsText<Currency>,
    amount: AsText<Money>,
}

/// Shows what was approved or rejected.
fn show_decided(done: PortionsDecided, word: &str, session: &mut Session) -> Result<(), Failure> {
    match session.options.format {
        Format::Json => {
            let total =
                |amount: &Money| DecidedTotalJson { currency: AsText(amount.currency), amount: AsText(*amount) };
            let totals = done.totals.iter().map(total).collect();
            let each = |((payee, currency), amount)| AmountJson {
                payee: AsText(payee),
                currency: AsText(currency),
                amount: AsText(amount),
            };
            let (period, position, size) = (AsText(done.period), done.position, done.size);
            let amounts = done.amounts.into_iter().map(each).collect();
            session.json(&DecidedJson { period, position, size, totals, amounts })
        }
        Format::Csv => {
            session.out.row(&["payee", "currency", "amount"])?;
            for ((payee, currency), amount) in &done.amounts {
                session.out.row(&[payee.as_str(), currency.code(), &amount.text()])?;
            }
            Ok(())
        }
        Format::Text => {
            let people = match done.amounts.len() {
                1 => "1 payee".to_owned(),
                count => format!("{count} payees"),
            };
            let (totals, period) = (sums(&done.totals), done.period);
            writeln!(session.out, "{word} {period}: {totals} for {people}. Size {}.", done.size)?;
            Ok(())
        }
    }
}
