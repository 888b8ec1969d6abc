//! `trueup balances`: what is payable to each payee, owed by it, and drawn ahead.

use clap::Args;
use projections::lines::Holder;
use projections::posted_state::{Balances, PostedState};

use crate::arguments::Format;
use crate::as_of::At;
use crate::failure::Failure;
use crate::render::amount::amount;
use crate::render::layout::table::{Align, Table};
use crate::session::state::{Desk, Outcome};

/// Show the payable, clawback and draw balances after the last close
#[derive(Args, Debug)]
pub struct BalancesOf {
    #[command(flatten)]
    at: At,
}

const HEADER: [&str; 5] = ["payee", "currency", "payable", "owed", "draw"];

impl BalancesOf {
    pub fn run(self, desk: &mut Desk) -> Result<Outcome, Failure> {
        let book = desk.book_at(&self.at)?;
        let size = self.at.size(&book)?;
        if size == book.size() {
            show(book.state().posted_state(), desk)?;
        } else {
            show(book.state_at(size)?.posted_state(), desk)?;
        }
        Ok(Outcome::Done)
    }
}

fn show(accounts: &PostedState, desk: &mut Desk) -> Result<(), Failure> {
    match desk.options.format {
        Format::Json => json(accounts, desk),
        Format::Csv => {
            desk.out.row(&HEADER)?;
            for ((payee, currency), Balances { payable, owed, draw }) in &accounts.balances {
                let amounts = [payable, owed, draw].map(|money| money.text());
                let [payable, owed, draw] = &amounts;
                desk.out.row(&[payee.as_str(), currency.code(), payable, owed, draw])?;
            }
            Ok(())
        }
        Format::Text => text(accounts, desk),
    }
}

fn json(accounts: &PostedState, desk: &mut Desk) -> Result<(), Failure> {
    desk.json(|out| {
        out.list(|out| {
            for ((payee, currency), balances) in &accounts.balances {
                out.object(|out| {
                    out.name("payee").text(payee);
                    out.name("currency").text(currency);
                    out.name("payable").text(balances.payable);
                    out.name("owed").text(balances.owed);
                    out.name("draw").text(balances.draw);
                });
            }
        })
    })
}

fn text(accounts: &PostedState, desk: &mut Desk) -> Result<(), Failure> {
    let Some(last) = accounts.last_close() else {
        desk.note(
            "Nothing is closed yet, so there are no balances. `trueup preview PERIOD` shows what a close would post.",
        );
        return Ok(());
    };
    let mut table = Table::new(&[Align::Left, Align::Left, Align::Right, Align::Right, Align::Right]);
    table.row(HEADER);
    for (holder, balances) in &accounts.balances {
        table.row(cells(holder, balances));
    }
    table.write(&mut desk.out)?;
    desk.note(&format!("After the close of {}.", last.close.period));
    Ok(())
}

fn cells((payee, currency): &Holder, balances: &Balances) -> [String; 5] {
    let Balances { payable, owed, draw } = *balances;
    [payee.to_string(), currency.to_string(), amount(payable), amount(owed), amount(draw)]
}
