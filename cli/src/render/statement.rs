//! A statement for the person whom it is about: what opened, what was earned and taken back, what is paid, what is to come.

use std::io::{self, Write};

use ledger::date::Month;
use ledger::money::Money;
use plans::entitlement::{Attainment, Pending};
use plans::settle::Settled;
use projections::accounts::Balances;
use replay::book::Book;
use replay::statement::{DrawLine, Figures, Line, Statement, two_decimals};

use crate::person::name_of;
use crate::render::amount::{amount, grouped};
use crate::render::table::{Align, Table};

const INDENT: usize = 2;

pub fn write(statement: &Statement, book: &Book, out: &mut impl Write) -> io::Result<()> {
    let figures = &statement.figures;
    let (payee, currency) = &figures.holder;
    let name = name_of(payee, book).map_or_else(|| payee.to_string(), |name| format!("{name} ({payee})"));
    writeln!(out, "Statement of {name} for {} in {currency}", figures.period)?;
    writeln!(out, "Book {}, with what was recorded in its first {} entries", statement.book, statement.known.size)?;
    balances("Opening", &figures.opening, out)?;
    lines(figures, out)?;
    draws(&figures.draws, out)?;
    settlement(&figures.settled, out)?;
    balances("Closing", &figures.settled.closing, out)?;
    attainment(&statement.attainment, out)?;
    pending(&statement.pending, out)
}

fn balances(title: &str, balances: &Balances, out: &mut impl Write) -> io::Result<()> {
    let Balances { payable, owed, draw } = *balances;
    let [payable, owed, draw] = [payable, owed, draw].map(amount);
    writeln!(out, "\n{title}\n  payable {payable}   owed {owed}   draw {draw}")
}

fn section(title: &str, table: &Table, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "\n{title}")?;
    table.write(out)
}

// Lines --------------------------------------------------------------------------------------------------------------

/// Lines stand in the order of their plan and component, so neighbours make a group.
fn lines(figures: &Figures, out: &mut impl Write) -> io::Result<()> {
    let same = |a: &Line, b: &Line| (&a.name.plan, &a.name.component) == (&b.name.plan, &b.name.component);
    for group in figures.lines.chunk_by(same) {
        let mut table =
            Table::new(&[Align::Right, Align::Left, Align::Left, Align::Left, Align::Left]).indented(INDENT);
        group.iter().for_each(|line| table.row(line_cells(figures, line)));
        section(&title(&group[0], Money::sum(figures.holder.1, group.iter().map(|line| line.amount))), &table, out)?;
    }
    Ok(())
}

fn title(line: &Line, sum: Money) -> String {
    match &line.name.plan {
        Some(plan) => format!("{plan} / {}: {}", line.name.component, amount(sum)),
        None => format!("Adjustments: {}", amount(sum)),
    }
}

fn line_cells(figures: &Figures, line: &Line) -> [String; 5] {
    let part = line.name.part.as_ref().map(ToString::to_string).unwrap_or_default();
    [amount(line.amount), format!("due {}", line.due), line.name.item.clone(), part, reason(figures, line)]
}

/// Why a line is posted again, and how it stood before.
fn reason(figures: &Figures, line: &Line) -> String {
    let Some(reason) = line.reason else { return String::new() };
    let of = Month::of(line.due);
    let of = if of == figures.period { String::new() } else { format!(" of {of}") };
    let words = reason.to_string().replace('-', " ");
    format!("{words}{of} (was {}, is {})", amount(line.before), amount(line.entitled))
}

// Draws and settlement -----------------------------------------------------------------------------------------------

fn draws(draws: &[DrawLine], out: &mut impl Write) -> io::Result<()> {
    if draws.is_empty() {
        return Ok(());
    }
    let mut table = Table::new(&[Align::Right, Align::Left, Align::Left, Align::Left]).indented(INDENT);
    for draw in draws {
        let (moved, word) = match draw.recovered.is_zero() {
            true => (draw.given, "given"),
            false => (-draw.recovered, "recovered"),
        };
        let balance =
            if draw.recoverable { format!("still to recover {}", amount(draw.balance)) } else { "to keep".into() };
        let what = format!("{} {} of {}", draw.draw, draw.trigger, draw.month);
        table.row([amount(moved), word.to_owned(), what, balance]);
    }
    section("Draws", &table, out)
}

/// A column that adds up to what is paid.
fn settlement(settled: &Settled, out: &mut impl Write) -> io::Result<()> {
    let mut table = Table::new(&[Align::Right, Align::Left]).indented(INDENT);
    table.row([amount(settled.gross), "earned".to_owned()]);
    let parts = [
        (-settled.recovered, "kept back for what was owed"),
        (-settled.draw_recovered, "draw recovered"),
        (settled.top_up, "topped up to the guarantee"),
        (settled.advance, "advance"),
    ];
    for (money, words) in parts.into_iter().filter(|(money, _)| !money.is_zero()) {
        table.row([amount(money), words.to_owned()]);
    }
    table.row([amount(settled.pay), "TO PAY".to_owned()]);
    section("Settlement", &table, out)?;
    if !settled.reversed.is_zero() {
        writeln!(out, "  {} was taken back; it adds to what is owed.", amount(settled.reversed))?;
    }
    Ok(())
}

// What stands beside -------------------------------------------------------------------------------------------------

fn attainment(rows: &[Attainment], out: &mut impl Write) -> io::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut table = Table::new(&[Align::Left, Align::Left, Align::Right, Align::Left, Align::Left]).indented(INDENT);
    for row in rows {
        let credited = grouped(&two_decimals(&row.credited));
        let quota = row.quota.as_ref().map_or_else(String::new, |quota| {
            let percent = &row.credited / quota * ledger::exact::Exact::whole(100);
            format!("of {} ({} %)", grouped(&two_decimals(quota)), two_decimals(&percent))
        });
        let earned = format!("earned so far {}", amount(row.earned_to_date));
        table.row([format!("{} / {}", row.plan, row.component), row.period.clone(), credited, quota, earned]);
    }
    section("Attainment", &table, out)
}

fn pending(rows: &[Pending], out: &mut impl Write) -> io::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut table = Table::new(&[Align::Right, Align::Left, Align::Left, Align::Left, Align::Left]).indented(INDENT);
    for row in rows {
        let on = row.on.map_or_else(String::new, |day| format!("on {day}"));
        let waits = match row.waiting_for.as_slice() {
            [] => String::new(),
            list => format!("waits for {}", list.join(" and ")),
        };
        table.row([amount(row.amount), on, row.item.clone(), row.part.to_string(), waits]);
    }
    section("Still to come", &table, out)
}
