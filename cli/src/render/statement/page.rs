//! A statement for the payee: opening balances, lines by plan and component, settlement, closing balances, forfeited and
//! pending amounts.

use std::io::{self, Write};

use ledger::money::Money;
use plans::entitlement::Pending;
use projections::lines::LineName;
use projections::posted_state::Balances;
use replay::book::Book;
use replay::statements::pending::{Lapsed, LapsedKind, line_of_pending};
use replay::statements::statement::{Statement, SumsToDate};

use crate::render::amount::amount;
use crate::render::layout::table::{Align, INDENT, Table};
use crate::render::statement::draws;
use crate::render::statement::forfeited;
use crate::render::statement::item::BookView;
use crate::render::statement::legend::Legend;
use crate::render::statement::lines::{
    AmountsToDate, ComponentLines, LineWithReasons, LineWords, NOTHING_DUE, groups, heading, is_nothing_due,
};
use crate::render::statement::{lines, settlement};
use crate::render::status::statement as status;
use crate::terminal::screen::Screen;

/// `lapsed` is what was waited for at the close before and does not come.
pub fn write(
    statement: &Statement,
    lapsed: Option<&Vec<Lapsed>>,
    book: &Book,
    out: &mut Screen<impl Write>,
) -> io::Result<()> {
    let figures = &statement.figures;
    let view = BookView::new(book, statement.known.size);
    writeln!(out, "{}", heading(statement, view))?;
    writeln!(out, "Book {}, as of entry {}", statement.book, statement.known.size.saturating_sub(1))?;
    for line in statement.status.iter().flat_map(|found| status::lines(found, (figures.period, figures.holder.1))) {
        writeln!(out, "{line}")?;
    }
    if is_nothing_due(statement) {
        writeln!(out, "{NOTHING_DUE}")?;
    }
    balances("Opening balances", &figures.opening, out)?;
    plans(statement, view, out)?;
    let mut legend = Legend::new(view);
    legend.after(figures.lines.iter().map(|line| (&line.name, line.version)), out)?;
    adjustments(statement, view, out)?;
    draws::write(&figures.draws, view, out)?;
    settlement::write(statement, view, out)?;
    balances("Closing balances", &figures.settled.closing, out)?;
    let lapsed = lapsed.map_or(&[][..], Vec::as_slice);
    forfeited::write(statement, lapsed, &mut legend, out)?;
    no_longer_pending(lapsed, view, out)?;
    pending(&statement.pending, view, out)?;
    let waiting: Vec<LineName> = statement.pending.iter().map(line_of_pending).collect();
    legend.after(waiting.iter().map(|name| (name, None)), out)
}

fn balances(title: &str, balances: &Balances, out: &mut Screen<impl Write>) -> io::Result<()> {
    let Balances { payable, owed, draw } = *balances;
    let [payable, owed, draw] = [payable, owed, draw].map(amount);
    out.blank()?;
    writeln!(out, "{title}")?;
    writeln!(out, "  payable balance {payable}   clawback balance {owed}   draw balance {draw}")
}

// Plans and their components -----------------------------------------------------------------------------------------

fn plans(statement: &Statement, view: BookView<'_>, out: &mut Screen<impl Write>) -> io::Result<()> {
    let mut last = None;
    for group in groups(statement) {
        if last != Some(group.plan) {
            out.blank()?;
            writeln!(out, "{}", group.plan_title(view))?;
            last = Some(group.plan);
        }
        component(&group, statement, view, out)?;
    }
    Ok(())
}

fn component(
    group: &ComponentLines<'_>,
    statement: &Statement,
    view: BookView<'_>,
    out: &mut Screen<impl Write>,
) -> io::Result<()> {
    let sum = match (group.lines.as_slice(), group.to_date(statement)) {
        ([], None) => String::new(),
        (_, to_date) => format!(": {}{}", amount(group.sum(statement)), behind(to_date)),
    };
    writeln!(out, "  {}{sum}", group.title(view))?;
    let mut table = Table::new(&LINE_COLUMNS).indented(2 * INDENT);
    group.lines.iter().for_each(|told| line_rows(statement, *told, view, &mut table));
    table.write(out)?;
    group.attainment(view).iter().try_for_each(|words| writeln!(out, "    {words}"))
}

fn behind(to_date: Option<AmountsToDate>) -> String {
    to_date.map(|amounts| format!("; {}", amounts.words())).unwrap_or_default()
}

const LINE_COLUMNS: [Align; 3] = [Align::Right, Align::Left, Align::Left];

/// The amount, what it rests on, which part of it this is, and why it was posted again.
fn line_rows(statement: &Statement, told: LineWithReasons<'_>, view: BookView<'_>, table: &mut Table) {
    let LineWords { item, notes, again, settled } = LineWords::of(statement, told, view);
    let again = again.into_iter().flat_map(|again| [again.words()].into_iter().chain(again.causes));
    table.row([amount(told.line.amount), format!("due {}", told.line.due), item]);
    for words in notes.into_iter().chain(again).chain(settled) {
        table.row([String::new(), String::new(), words]);
    }
}

fn adjustments(statement: &Statement, view: BookView<'_>, out: &mut Screen<impl Write>) -> io::Result<()> {
    let lines = lines::adjustments(statement);
    let sum = Money::sum(statement.figures.holder.1, lines.iter().map(|told| told.line.amount));
    let to_date = AmountsToDate::of(statement, sum, SumsToDate::of_adjustments);
    if lines.is_empty() && to_date.is_none() {
        return Ok(());
    }
    out.blank()?;
    writeln!(out, "Adjustments: {}{}", amount(sum), behind(to_date))?;
    let mut table = Table::new(&LINE_COLUMNS).indented(INDENT);
    lines.into_iter().for_each(|told| line_rows(statement, told, view, &mut table));
    table.write(out)
}

// Forfeited and pending --------------------------------------------------------------------

/// What was pending on the last statement, and is neither paid nor forfeited nor pending now: its item or plan is gone.
pub fn gone(rows: &[Lapsed]) -> Vec<&Lapsed> {
    rows.iter().filter(|row| row.kind == LapsedKind::Gone).collect()
}

fn no_longer_pending(rows: &[Lapsed], view: BookView<'_>, out: &mut Screen<impl Write>) -> io::Result<()> {
    let gone = gone(rows);
    if gone.is_empty() {
        return Ok(());
    }
    let mut table = Table::new(&[Align::Right, Align::Left]).indented(INDENT);
    for row in gone {
        table.row([amount(row.was.amount), view.part_of(&line_of_pending(&row.was))]);
    }
    out.blank()?;
    writeln!(out, "No longer pending")?;
    table.write(out)
}

fn pending(rows: &[Pending], view: BookView<'_>, out: &mut Screen<impl Write>) -> io::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut table = Table::new(&[Align::Right, Align::Left, Align::Left, Align::Left]).indented(INDENT);
    for row in rows {
        let item = view.part_of(&line_of_pending(row));
        table.row([amount(row.amount), expected(row), item, waits(&row.waiting_for)]);
        for condition in forfeited::judged_words(row) {
            table.row([String::new(), String::new(), String::new(), condition]);
        }
    }
    out.blank()?;
    writeln!(out, "Pending (projected)")?;
    table.write(out)
}

/// When a pending amount is expected.
pub fn expected(row: &Pending) -> String {
    row.on.map_or_else(|| "no date yet".to_owned(), |day| format!("on {day}"))
}

pub fn waits(list: &[String]) -> String {
    if list.is_empty() { String::new() } else { format!("waits for {}", list.join(" and ")) }
}
