//! `--as register`: the payroll register, as text, CSV or JSON.

use ledger::date::Month;
use ledger::id::PayeeId;
use ledger::money::{Currency, Money};
use projections::posted_state::{Balances, ClosedPeriod};
use replay::book::Book;
use replay::pay::exported::register::{RegisterMonth, RegisterSums, register};
use serde::Serialize;

use crate::arguments::Format;
use crate::failure::Failure;
use crate::render::amount::amount;
use crate::render::json::{AsText, json};
use crate::render::layout::table::{Align, Table};
use crate::session::state::Session;

pub fn write(book: &Book, asked: &[ClosedPeriod], session: &mut Session) -> Result<(), Failure> {
    match session.options.format {
        Format::Text => {
            for (number, closed) in asked.iter().enumerate() {
                if number > 0 {
                    session.out.blank()?;
                }
                text(&register(book, closed)?, session)?;
            }
        }
        Format::Csv => {
            session.out.row(&HEADER)?;
            for closed in asked {
                csv(&register(book, closed)?, session)?;
            }
        }
        // One month at once: a book may have many.
        Format::Json => {
            for (number, closed) in asked.iter().enumerate() {
                session.out.json_part(if number == 0 { "[" } else { "," })?;
                session.out.json_part(&json(&MonthJson::of(&register(book, closed)?)))?;
            }
            session.out.json("]")?;
        }
    }
    Ok(())
}

/// What CSV calls the figures, what text calls them, and the figure itself.
type RegisterColumn = (&'static str, &'static str, fn(&RegisterSums) -> Money);

const COLUMNS: [RegisterColumn; 17] = [
    ("opening_payable", "payable before", |sums| sums.opening.payable),
    ("opening_owed", "clawback before", |sums| sums.opening.owed),
    ("opening_draw", "draw before", |sums| sums.opening.draw),
    ("gross", "gross", |sums| sums.gross),
    ("reversed", "reversed", |sums| sums.reversed),
    ("set_off", "set off", |sums| sums.set_off),
    ("recovered", "recovered", |sums| sums.recovered),
    ("top_up", "top-up", |sums| sums.top_up),
    ("advances", "advances", |sums| sums.advances),
    ("draw_recovered", "draw recovered", |sums| sums.draw_recovered),
    ("pay", "pay", |sums| sums.pay),
    ("paid", "paid", |sums| sums.paid),
    ("owed_repaid", "clawback repaid", |sums| sums.owed_repaid),
    ("draw_repaid", "draw repaid", |sums| sums.draw_repaid),
    ("closing_payable", "payable", |sums| sums.closing.payable),
    ("closing_owed", "clawback", |sums| sums.closing.owed),
    ("closing_draw", "draw", |sums| sums.closing.draw),
];

/// Columns of the text that are there in every month.
const ALWAYS: [&str; 3] = ["gross", "pay", "closing_payable"];

// CSV ------------------------------------------------------------------------------------------------------------------

const HEADER: [&str; 21] = {
    let mut header =
        ["row", "period", "payee", "currency", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", ""];
    let mut index = 0;
    while index < COLUMNS.len() {
        header[index + 4] = COLUMNS[index].0;
        index += 1;
    }
    header
};

fn csv(month: &RegisterMonth, session: &mut Session) -> Result<(), Failure> {
    let rows = month.rows.iter().map(|((payee, currency), sums)| ("payee", payee.to_string(), *currency, sums));
    let totals = month.totals.iter().map(|(currency, sums)| ("total", String::new(), *currency, sums));
    for (row, payee, currency, sums) in rows.chain(totals) {
        let mut cells = vec![row.to_owned(), month.period.to_string(), payee, currency.to_string()];
        cells.extend(COLUMNS.iter().map(|(_, _, of)| of(sums).text()));
        session.out.row(&cells)?;
    }
    Ok(())
}

// Text -----------------------------------------------------------------------------------------------------------------

/// Columns without any amount are left out.
fn text(month: &RegisterMonth, session: &mut Session) -> Result<(), Failure> {
    writeln!(session.out, "Payroll register of {}", month.period)?;
    if month.rows.is_empty() {
        session.note(&format!("Nobody has a posting or a balance in {}.", month.period));
        return Ok(());
    }
    let is_used = |column: &&RegisterColumn| {
        let (name, _, of) = column;
        ALWAYS.contains(name) || month.rows.iter().any(|(_, sums)| !of(sums).is_zero())
    };
    let columns: Vec<&RegisterColumn> = COLUMNS.iter().filter(is_used).collect();
    let mut aligned = vec![Align::Left; 2];
    aligned.extend(vec![Align::Right; columns.len()]);
    let mut table = Table::new(&aligned);
    table.row(["payee", ""].into_iter().chain(columns.iter().map(|(_, title, _)| *title)));
    let rows = month.rows.iter().map(|((payee, currency), sums)| (payee.to_string(), *currency, sums));
    let totals = month.totals.iter().map(|(currency, sums)| ("total".to_owned(), *currency, sums));
    for (payee, currency, sums) in rows.chain(totals) {
        let amounts = columns.iter().map(|(_, _, of)| {
            let money = of(sums);
            if money.is_zero() { "-".to_owned() } else { amount(money) }
        });
        table.row([payee, currency.to_string()].into_iter().chain(amounts));
    }
    Ok(table.write(&mut session.out)?)
}

// JSON -----------------------------------------------------------------------------------------------------------------

#[derive(Serialize)]
struct MonthJson<'m> {
    period: AsText<Month>,
    rows: Vec<RegisterRowJson<'m>>,
    totals: Vec<RegisterRowJson<'m>>,
}

#[derive(Serialize)]
struct RegisterRowJson<'m> {
    #[serde(skip_serializing_if = "Option::is_none")]
    payee: Option<AsText<&'m PayeeId>>,
    currency: AsText<Currency>,
    opening: RegisterBalancesJson,
    gross: AsText<Money>,
    reversed: AsText<Money>,
    set_off: AsText<Money>,
    recovered: AsText<Money>,
    top_up: AsText<Money>,
    advances: AsText<Money>,
    draw_recovered: AsText<Money>,
    pay: AsText<Money>,
    paid: AsText<Money>,
    owed_repaid: AsText<Money>,
    draw_repaid: AsText<Money>,
    closing: RegisterBalancesJson,
}

#[derive(Serialize)]
struct RegisterBalancesJson {
    payable: AsText<Money>,
    owed: AsText<Money>,
    draw: AsText<Money>,
}

impl MonthJson<'_> {
    fn of(month: &RegisterMonth) -> MonthJson<'_> {
        let rows = month.rows.iter().map(|((payee, currency), sums)| row(Some(payee), *currency, sums));
        let totals = month.totals.iter().map(|(currency, sums)| row(None, *currency, sums));
        MonthJson { period: AsText(month.period), rows: rows.collect(), totals: totals.collect() }
    }
}

fn row<'m>(payee: Option<&'m PayeeId>, currency: Currency, sums: &RegisterSums) -> RegisterRowJson<'m> {
    let balances = |Balances { payable, owed, draw }: Balances| RegisterBalancesJson {
        payable: AsText(payable),
        owed: AsText(owed),
        draw: AsText(draw),
    };
    RegisterRowJson {
        payee: payee.map(AsText),
        currency: AsText(currency),
        opening: balances(sums.opening),
        gross: AsText(sums.gross),
        reversed: AsText(sums.reversed),
        set_off: AsText(sums.set_off),
        recovered: AsText(sums.recovered),
        top_up: AsText(sums.top_up),
        advances: AsText(sums.advances),
        draw_recovered: AsText(sums.draw_recovered),
        pay: AsText(sums.pay),
        paid: AsText(sums.paid),
        owed_repaid: AsText(sums.owed_repaid),
        draw_repaid: AsText(sums.draw_repaid),
        closing: balances(sums.closing),
    }
}
