//! `trueup balances`: the payable, clawback and draw balance of each payee.

use clap::Args;
use ledger::id::PayeeId;
use ledger::money::{Currency, Money};
use projections::lines::PayeeCurrency;
use projections::posted_state::{Balances, PostedState};
use serde::Serialize;

use crate::arguments::Format;
use crate::as_of::AsOf;
use crate::command::pay::attainment;
use crate::command::pay::roll_forward::{self, MonthRange};
use crate::failure::Failure;
use crate::render::amount::amount;
use crate::render::json::AsText;
use crate::render::layout::table::{Align, Table};
use crate::session::state::{Outcome, Session};

/// Show the payable, clawback and draw balances after the last close
#[derive(Args, Debug)]
pub struct BalancesOf {
    /// Show the quota and attainment of everybody instead, at the end of the last closed month
    #[arg(long)]
    attainment: bool,
    /// Show how the balances went from month to month instead, over these months
    #[arg(long, value_name = "FROM..TO", conflicts_with = "attainment")]
    roll_forward: Option<MonthRange>,
    #[command(flatten)]
    at: AsOf,
}

const HEADER: [&str; 5] = ["payee", "currency", "payable", "owed", "draw"];

impl BalancesOf {
    pub fn run(self, session: &mut Session) -> Result<Outcome, Failure> {
        let book = session.book_at(&self.at)?;
        if self.attainment {
            return attainment::show(&book, session);
        }
        if let Some(months) = self.roll_forward {
            return roll_forward::show(&book, months, session);
        }
        show(book.state().posted_state(), session)?;
        Ok(Outcome::Done)
    }
}

fn show(accounts: &PostedState, session: &mut Session) -> Result<(), Failure> {
    match session.options.format {
        Format::Json => json(accounts, session),
        Format::Csv => {
            session.out.row(&HEADER)?;
            for ((payee, currency), Balances { payable, owed, draw }) in &accounts.balances {
                let amounts = [payable, owed, draw].map(|money| money.text());
                let [payable, owed, draw] = &amounts;
                session.out.row(&[payee.as_str(), currency.code(), payable, owed, draw])?;
            }
            Ok(())
        }
        Format::Text => text(accounts, session),
    }
}

fn json(accounts: &PostedState, session: &mut Session) -> Result<(), Failure> {
    let rows: Vec<BalanceRow<'_>> = accounts.balances.iter().map(BalanceRow::of).collect();
    session.json(&rows)
}

#[derive(Serialize)]
struct BalanceRow<'b> {
    payee: AsText<&'b PayeeId>,
    currency: AsText<Currency>,
    payable: AsText<Money>,
    owed: AsText<Money>,
    draw: AsText<Money>,
}

impl BalanceRow<'_> {
    fn of<'b>(((payee, currency), balances): (&'b PayeeCurrency, &Balances)) -> BalanceRow<'b> {
        let Balances { payable, owed, draw } = *balances;
        BalanceRow {
            payee: AsText(payee),
            currency: AsText(*currency),
            payable: AsText(payable),
            owed: AsText(owed),
            draw: AsText(draw),
        }
    }
}

fn text(accounts: &PostedState, session: &mut Session) -> Result<(), Failure> {
    let Some(last) = accounts.last_close() else {
        session.note(
            "Nothing is closed yet, so there are no balances. `trueup preview PERIOD` shows what a close would post.",
        );
        return Ok(());
    };
    let mut table = Table::new(&[Align::Left, Align::Left, Align::Right, Align::Right, Align::Right]);
    table.row(["payee", "currency", "payable balance", "clawback balance", "draw balance"]);
    for (holder, balances) in &accounts.balances {
        table.row(cells(holder, balances));
    }
    table.write(&mut session.out)?;
    let since = if accounts.changes_after(last).is_empty() { "" } else { ", and after what was paid or repaid since" };
    session.note(&format!("After the close of {}{since}.", last.close.period));
    Ok(())
}

fn cells((payee, currency): &PayeeCurrency, balances: &Balances) -> [String; 5] {
    let Balances { payable, owed, draw } = *balances;
    [payee.to_string(), currency.to_string(), amount(payable), amount(owed), amount(draw)]
}
