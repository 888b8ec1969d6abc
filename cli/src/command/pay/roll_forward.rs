//! `trueup balances --roll-forward`: how the balances of each payee went from month to month.

use std::str::FromStr;

use ledger::date::Month;
use ledger::id::PayeeId;
use ledger::money::{Currency, Money};
use projections::posted_state::{Balances, ClosedPeriod};
use replay::book::Book;
use replay::pay::roll_forward::{RollForwardRow, roll_forward};
use serde::Serialize;

use crate::arguments::Format;
use crate::failure::Failure;
use crate::refusal::CommandRefusal;
use crate::render::amount::amount;
use crate::render::json::AsText;
use crate::render::layout::table::{Align, Table};
use crate::session::state::{Outcome, Session};

/// Months in a row, written `2027-01..2027-03`; or one month alone.
#[derive(Copy, Clone, Debug)]
pub struct MonthRange {
    first: Month,
    last: Month,
}

impl MonthRange {
    /// The months from the first to the last.
    pub fn new(first: Month, last: Month) -> MonthRange {
        MonthRange { first, last }
    }
}

impl FromStr for MonthRange {
    type Err = String;

    fn from_str(text: &str) -> Result<MonthRange, String> {
        let (first, last) = text.split_once("..").unwrap_or((text, text));
        let months = Month::parse(first).zip(Month::parse(last)).filter(|(first, last)| first <= last);
        let range = months.map(|(first, last)| MonthRange { first, last });
        range.ok_or_else(|| "write two months in order, like 2027-01..2027-03".to_owned())
    }
}

/// The roll-forward of the closes of some months.
pub fn show(book: &Book, months: MonthRange, session: &mut Session) -> Result<Outcome, Failure> {
    let rows = roll_forward(book, closes(book, months)?)?;
    match session.options.format {
        Format::Json => session.json(&rows.iter().map(RollForwardJson::of).collect::<Vec<_>>())?,
        Format::Csv => {
            session.out.row(&CSV_HEADER)?;
            for row in &rows {
                session.out.row(&csv(row))?;
            }
        }
        Format::Text => text(&rows, session)?,
    }
    Ok(Outcome::Done)
}

/// The closes of the months. Refused if one of them is not closed.
pub fn closes(book: &Book, months: MonthRange) -> Result<&[ClosedPeriod], Failure> {
    let known = &book.state().posted_state().closes;
    let is_closed = |month: Month| known.iter().any(|closed| closed.close.period == month);
    if let Some(period) = [months.first, months.last].into_iter().find(|month| !is_closed(*month)) {
        return Err(Failure::refused(CommandRefusal::PeriodOpen { period, closed: book.state().closed_months() }));
    }
    let first = known.partition_point(|closed| closed.close.period < months.first);
    let end = known.partition_point(|closed| closed.close.period <= months.last);
    Ok(&known[first..end])
}

fn text(rows: &[RollForwardRow], session: &mut Session) -> Result<(), Failure> {
    if rows.is_empty() {
        session.note("Nobody has a balance or a posting in these months.");
        return Ok(());
    }
    let mut columns = vec![Align::Left; 3];
    columns.extend([Align::Right; 8]);
    let mut table = Table::new(&columns);
    table.row([
        "payee",
        "month",
        "balance",
        "opening",
        "earned",
        "reversed",
        "recovered",
        "advances",
        "draw recovered",
        "paid",
        "closing",
    ]);
    let mut sorted: Vec<&RollForwardRow> = rows.iter().collect();
    sorted.sort_by(|one, other| (&one.holder, one.period).cmp(&(&other.holder, other.period)));
    let mut last = None;
    for row in sorted {
        let (payee, currency) = &row.holder;
        let name = if last == Some(&row.holder) { String::new() } else { format!("{payee} {currency}") };
        last = Some(&row.holder);
        of_payee(row, name, &mut table);
    }
    table.write(&mut session.out)?;
    session.note("recovered: from clawbacks, set-off included. paid: payouts, and what was repaid or written off.");
    Ok(())
}

/// The payable balance, and those of clawbacks and draws where they are not 0 all month.
fn of_payee(row: &RollForwardRow, name: String, table: &mut Table) {
    let some = |money: Money| if money.is_zero() { String::new() } else { amount(money) };
    let recovered = row.recovered + row.set_off;
    let none = String::new;
    table.row([
        name,
        row.period.to_string(),
        "payable".to_owned(),
        amount(row.opening.payable),
        some(row.earned),
        none(),
        some(-recovered),
        some(row.advances),
        some(-row.draw_recovered),
        some(-row.paid),
        amount(row.closing.payable),
    ]);
    if [row.opening.owed, row.reversed, row.closing.owed].iter().any(|money| !money.is_zero()) {
        table.row([
            none(),
            none(),
            "clawback".to_owned(),
            amount(row.opening.owed),
            none(),
            some(row.reversed),
            some(-recovered),
            none(),
            none(),
            some(-row.owed_repaid),
            amount(row.closing.owed),
        ]);
    }
    let drawn = row.closing.draw - row.opening.draw + row.draw_recovered + row.draw_repaid;
    if [row.opening.draw, drawn, row.closing.draw].iter().any(|money| !money.is_zero()) {
        table.row([
            none(),
            none(),
            "draw".to_owned(),
            amount(row.opening.draw),
            none(),
            none(),
            none(),
            some(drawn),
            some(-row.draw_recovered),
            some(-row.draw_repaid),
            amount(row.closing.draw),
        ]);
    }
}

const CSV_HEADER: [&str; 18] = [
    "payee",
    "currency",
    "period",
    "opening_payable",
    "opening_owed",
    "opening_draw",
    "earned",
    "reversed",
    "set_off",
    "recovered",
    "advances",
    "draw_recovered",
    "paid",
    "owed_repaid",
    "draw_repaid",
    "closing_payable",
    "closing_owed",
    "closing_draw",
];

fn csv(row: &RollForwardRow) -> [String; 18] {
    let (payee, currency) = &row.holder;
    let (opening, closing) = (&row.opening, &row.closing);
    [
        payee.to_string(),
        currency.to_string(),
        row.period.to_string(),
        opening.payable.text(),
        opening.owed.text(),
        opening.draw.text(),
        row.earned.text(),
        row.reversed.text(),
        row.set_off.text(),
        row.recovered.text(),
        row.advances.text(),
        row.draw_recovered.text(),
        row.paid.text(),
        row.owed_repaid.text(),
        row.draw_repaid.text(),
        closing.payable.text(),
        closing.owed.text(),
        closing.draw.text(),
    ]
}

#[derive(Serialize)]
struct BalancesJson {
    payable: AsText<Money>,
    owed: AsText<Money>,
    draw: AsText<Money>,
}

impl BalancesJson {
    fn of(balances: Balances) -> BalancesJson {
        let Balances { payable, owed, draw } = balances;
        BalancesJson { payable: AsText(payable), owed: AsText(owed), draw: AsText(draw) }
    }
}

#[derive(Serialize)]
struct RollForwardJson<'r> {
    payee: AsText<&'r PayeeId>,
    currency: AsText<Currency>,
    period: AsText<Month>,
    opening: BalancesJson,
    earned: AsText<Money>,
    reversed: AsText<Money>,
    set_off: AsText<Money>,
    recovered: AsText<Money>,
    advances: AsText<Money>,
    draw_recovered: AsText<Money>,
    paid: AsText<Money>,
    owed_repaid: AsText<Money>,
    draw_repaid: AsText<Money>,
    closing: BalancesJson,
}

impl RollForwardJson<'_> {
    fn of(row: &RollForwardRow) -> RollForwardJson<'_> {
        RollForwardJson {
            payee: AsText(&row.holder.0),
            currency: AsText(row.holder.1),
            period: AsText(row.period),
            opening: BalancesJson::of(row.opening),
            earned: AsText(row.earned),
            reversed: AsText(row.reversed),
            set_off: AsText(row.set_off),
            recovered: AsText(row.recovered),
            advances: AsText(row.advances),
            draw_recovered: AsText(row.draw_recovered),
            paid: AsText(row.paid),
            owed_repaid: AsText(row.owed_repaid),
            draw_repaid: AsText(row.draw_repaid),
            closing: BalancesJson::of(row.closing),
        }
    }
}
