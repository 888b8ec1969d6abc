//! A statement for the payee: opening balances, lines by plan and component, settlement, closing balances, forfeited and
//! pending amounts.

use std::collections::BTreeSet;
use std::io::{self, Write};

use ledger::date::Month;
use ledger::exact::Exact;
use ledger::fact::Reason;
use ledger::id::{ComponentId, PlanId};
use ledger::money::Money;
use plans::entitlement::{Attainment, Pending};
use plans::plan::{Component, DrawKind};
use plans::why::Step;
use projections::lines::LineName;
use projections::posted_state::Balances;
use replay::book::Book;
use replay::statements::pending::{Lapsed, LapsedKind, line_of_pending};
use replay::statements::statement::{Cause, DrawLine, Line, Statement, SumsToDate, ToDate, positions};

use crate::payee_name::name_of;
use crate::render::amount::{amount, percent};
use crate::render::layout::shorten;
use crate::render::layout::table::{Align, INDENT, Table};
use crate::render::statement::credit;
use crate::render::statement::forfeited;
use crate::render::statement::item::{BookView, month_words};
use crate::render::statement::legend::Legend;
use crate::render::statement::settlement;
use crate::terminal::screen::Screen;

/// `lapsed` is what was waited for at the close before and does not come.
pub fn write(
    statement: &Statement,
    lapsed: Option<&Vec<Lapsed>>,
    book: &Book,
    out: &mut Screen<impl Write>,
) -> io::Result<()> {
    let figures = &statement.figures;
    let (payee, currency) = &figures.holder;
    let view = BookView::new(book, statement.known.size);
    let name =
        name_of(payee, book).map_or_else(|| payee.to_string(), |name| format!("{} ({payee})", shorten::name(&name)));
    writeln!(out, "Statement of {name} for {} in {currency}", month_words(figures.period))?;
    writeln!(out, "Book {}, as of entry {}", statement.book, statement.known.size.saturating_sub(1))?;
    if figures.lines.is_empty() && figures.draws.is_empty() && figures.settled.is_empty(*currency) {
        writeln!(out, "Nothing was due, and the close changed no balance.")?;
    }
    balances("Opening balances", &figures.opening, out)?;
    plans(statement, view, out)?;
    let mut legend = Legend::new(view);
    legend.after(figures.lines.iter().map(|line| (&line.name, line.version)), out)?;
    adjustments(statement, view, out)?;
    draws(&figures.draws, view, out)?;
    let cap = view.view.recovery_cap(payee.as_str(), figures.period.last());
    settlement::write(statement, cap, out)?;
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

/// A line and its reasons.
#[derive(Copy, Clone)]
struct LineWithReasons<'s> {
    line: &'s Line,
    why: &'s [Step],
    causes: &'s [Cause],
}

/// Everything of one component: lines of this month, and how far the payee is.
struct ComponentLines<'s> {
    plan: &'s PlanId,
    component: &'s ComponentId,
    lines: Vec<LineWithReasons<'s>>,
    attainment: Vec<&'s Attainment>,
}

/// Components that have a line, an attainment, or an amount of the year to date, in the order of statements.
fn groups(statement: &Statement) -> Vec<ComponentLines<'_>> {
    let lines = &statement.figures.lines;
    let of_line = |line: &'_ Line| line.name.plan.clone().map(|plan| (plan, line.name.component.clone()));
    let named = lines.iter().filter_map(|line| Some((line.name.plan.as_ref()?, &line.name.component)));
    let rows = statement.attainment.iter().map(|row| (&row.plan, &row.component));
    let year = statement.to_date.iter().flat_map(|to_date| to_date.year.components.keys());
    let earlier = year.filter_map(|(plan, component)| Some((plan.as_ref()?, component)));
    let names: BTreeSet<(&PlanId, &ComponentId)> = named.chain(rows).chain(earlier).collect();
    let group = |(plan, component): (&'_ PlanId, &'_ ComponentId)| (plan.clone(), component.clone());
    names
        .into_iter()
        .map(|name| ComponentLines {
            plan: name.0,
            component: name.1,
            lines: told(statement).filter(|told| of_line(told.line) == Some(group(name))).collect(),
            attainment: statement.attainment.iter().filter(|row| (&row.plan, &row.component) == name).collect(),
        })
        .collect()
}

fn told(statement: &Statement) -> impl Iterator<Item = LineWithReasons<'_>> {
    let lines = statement.figures.lines.iter().enumerate();
    lines.map(|(index, line)| LineWithReasons { line, why: &statement.whys[index], causes: &statement.causes[index] })
}

fn plans(statement: &Statement, view: BookView<'_>, out: &mut Screen<impl Write>) -> io::Result<()> {
    let mut last = None;
    for group in groups(statement) {
        if last != Some(group.plan) {
            let plan = view.plan(group.plan.as_str(), None);
            out.blank()?;
            writeln!(out, "{}", titled(plan.and_then(|plan| plan.title.as_deref()), group.plan.as_str()))?;
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
    let id = group.component.as_str();
    let version = group.lines.first().and_then(|told| told.line.version);
    let plan = view.plan(group.plan.as_str(), version);
    let component = plan.and_then(|plan| plan.component(id));
    let sum = Money::sum(statement.figures.holder.1, group.lines.iter().map(|told| told.line.amount));
    let earlier = to_date(statement, sum, |sums| sums.of_component(group.plan, group.component));
    let sum = match (group.lines.as_slice(), &earlier) {
        ([], None) => String::new(),
        _ => format!(": {}{}", amount(sum), earlier.unwrap_or_default()),
    };
    writeln!(out, "  {}{sum}", titled(component.and_then(|component| component.title.as_deref()), id))?;
    let mut table = Table::new(&LINE_COLUMNS).indented(2 * INDENT);
    group.lines.iter().for_each(|told| line_rows(statement, *told, view, &mut table));
    table.write(out)?;
    let rows = &group.attainment;
    rows.iter().try_for_each(|row| writeln!(out, "    {}", credit::attainment(row, rows, plan)))
}

/// What was posted in the quarter and the year to date; nothing where both are what this month posted.
fn to_date(statement: &Statement, month: Money, sum: impl Fn(&SumsToDate) -> Money) -> Option<String> {
    let ToDate { quarter, year } = statement.to_date.as_ref()?;
    let (quarter, year) = (sum(quarter), sum(year));
    let words = || format!("; quarter to date {}, year to date {}", amount(quarter), amount(year));
    (quarter != month || year != month).then(words)
}

/// `Title (id)`, or the id alone.
fn titled(title: Option<&str>, id: &str) -> String {
    title.map_or_else(|| id.to_owned(), |title| format!("{} ({id})", shorten::name(title)))
}

const LINE_COLUMNS: [Align; 3] = [Align::Right, Align::Left, Align::Left];

/// The amount, what it rests on, which part of it this is, and why it was posted again.
fn line_rows(statement: &Statement, told: LineWithReasons<'_>, view: BookView<'_>, table: &mut Table) {
    let line = told.line;
    let component = component_of(line, view);
    let item = view.item(&line.name.item, component.map(|component| &component.measure));
    let item = format!("{item}{}", credit::words(line, told.why, component, view));
    table.row([amount(line.amount), format!("due {}", line.due), item]);
    let mut more = |words: String| table.row([String::new(), String::new(), words]);
    credit::capped(told.why, line.amount.currency).into_iter().for_each(&mut more);
    if let Some(part) = view.part(&line.name, line.version, told.why) {
        more(part);
    }
    if let Some(reason) = line.reason {
        let of = Month::of(line.due);
        let of = if of == statement.figures.period { String::new() } else { format!(" for {}", month_words(of)) };
        let reason = reason_words(reason);
        let (was, now) = (amount(line.before), amount(line.entitled));
        more(format!("Retroactive adjustment{of} ({reason}): was {was}, now {now}"));
        told.causes.iter().for_each(|one| more(cause(one, told.causes.len(), view)));
    } else if !line.before.is_zero() {
        let (before, entitled) = (amount(line.before), amount(line.entitled));
        more(format!("{before} was settled before the book began, of {entitled}"));
    }
}

/// Why a closed month was adjusted, as people call it.
pub fn reason_words(reason: Reason) -> &'static str {
    match reason {
        Reason::Clawback => "clawback",
        Reason::Cancellation => "cancellation",
        Reason::CreditNote => "credit note",
        Reason::PlanChange => "plan change",
        Reason::Calculation => "calculation change",
        Reason::Correction => "correction",
        Reason::TrueUp => "true-up",
    }
}

/// The component as the version that the line was worked out under has it; an adjustment has none.
pub fn component_of<'b>(line: &Line, view: BookView<'b>) -> Option<&'b Component> {
    view.plan(line.name.plan.as_ref()?.as_str(), line.version)?.component(line.name.component.as_str())
}

/// What made the difference; how much of it, where there are several.
fn cause(cause: &Cause, count: usize, view: BookView<'_>) -> String {
    let entries = match cause.positions.as_slice() {
        [] => String::new(),
        [one] => format!(" (entry {one})"),
        list => format!(" (entries {})", positions(list).join(", ")),
    };
    let words = cause_words(&cause.kind, &cause.item, view);
    match count {
        1 => format!("because of {words}{entries}"),
        _ => format!("{} because of {words}{entries}", amount(cause.amount)),
    }
}

/// News as people call it.
pub fn cause_words(kind: &str, item: &str, view: BookView<'_>) -> String {
    match kind {
        "time" => "what took effect since the last close".to_owned(),
        "usage-snapshot" => format!("usage of {}", view.contract(item)),
        "cancellation" => format!("the cancellation of {item}"),
        "retraction" => format!("the retraction of {}", view.thing(item)),
        "signal" | "adjustment" => view.thing(item),
        "credit-split" => format!("credit split on {}", item.replacen('/', " ", 1).replacen('@', " from ", 1)),
        "plan" => match item.rsplit_once(' ') {
            Some((plan, version)) => format!("version {version} of plan {plan}"),
            None => format!("plan {item}"),
        },
        _ if item.is_empty() => kind.to_owned(),
        _ => format!("{} {}", kind.replace('-', " "), item.replacen('@', " from ", 1)),
    }
}

fn adjustments(statement: &Statement, view: BookView<'_>, out: &mut Screen<impl Write>) -> io::Result<()> {
    let lines = || told(statement).filter(|told| told.line.name.plan.is_none());
    let sum = Money::sum(statement.figures.holder.1, lines().map(|told| told.line.amount));
    let earlier = to_date(statement, sum, SumsToDate::of_adjustments);
    if lines().next().is_none() && earlier.is_none() {
        return Ok(());
    }
    out.blank()?;
    writeln!(out, "Adjustments: {}{}", amount(sum), earlier.unwrap_or_default())?;
    let mut table = Table::new(&LINE_COLUMNS).indented(INDENT);
    lines().for_each(|told| line_rows(statement, told, view, &mut table));
    table.write(out)
}

// Draws --------------------------------------------------------------------------------------------------------------

fn draws(draws: &[DrawLine], view: BookView<'_>, out: &mut Screen<impl Write>) -> io::Result<()> {
    if draws.is_empty() {
        return Ok(());
    }
    let mut table = Table::new(&[Align::Right, Align::Left]).indented(INDENT);
    // An opening draw of which nothing is recovered yet is told under the settlement.
    for draw in draws.iter().filter(|draw| draw.plan.is_some() || !draw.recovered.is_zero()) {
        let what = format!("{}{}, {}", draw.draw, trigger(draw, view), month_words(draw.month));
        if !draw.given.is_zero() {
            let given = if is_guarantee(draw, view) { "topped up" } else { "advanced" };
            table.row([amount(draw.given), format!("{given}: {what}; {}", terms(draw))]);
        }
        if !draw.recovered.is_zero() || draw.given.is_zero() {
            let left = amount(draw.balance);
            table.row([amount(-draw.recovered), format!("recovered: {what}; {left} outstanding")]);
        }
    }
    out.blank()?;
    writeln!(out, "Draws")?;
    table.write(out)
}

/// A booking, the day from which an assignment runs, or what was there before the book.
fn trigger(draw: &DrawLine, view: BookView<'_>) -> String {
    match draw.triggered {
        None => " balance".to_owned(),
        // A draw of an assignment has its date as the trigger.
        Some(day) if day.to_string() == draw.trigger.as_str() => format!(", for the assignment from {day}"),
        Some(_) => format!(", for {}", view.short_booking(draw.trigger.as_str())),
    }
}

/// Whether a draw tops a month up to a minimum.
fn is_guarantee(draw: &DrawLine, view: BookView<'_>) -> bool {
    let plan = draw.plan.as_ref().and_then(|plan| view.plan(plan.as_str(), None));
    let mut draws = plan.into_iter().flat_map(|plan| &plan.draws);
    draws.any(|known| known.id == draw.draw && known.kind == DrawKind::Guarantee)
}

fn terms(draw: &DrawLine) -> String {
    match (draw.recoverable, &draw.rate, draw.begins) {
        (false, _, _) => "not recoverable".to_owned(),
        (true, Some(rate), Some(begins)) if *rate < Exact::ONE => {
            format!("to be recovered from {} of later pay, from {begins} on", percent(rate))
        }
        (true, _, Some(begins)) => format!("to be recovered from later pay, from {begins} on"),
        (true, _, None) => "to be recovered from later pay".to_owned(),
    }
}

// Forfeited and pending --------------------------------------------------------------------

/// What was pending on the last statement, and is neither paid nor forfeited nor pending now: its item or plan is gone.
fn no_longer_pending(rows: &[Lapsed], view: BookView<'_>, out: &mut Screen<impl Write>) -> io::Result<()> {
    let gone: Vec<&Lapsed> = rows.iter().filter(|row| row.kind == LapsedKind::Gone).collect();
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
        let on = row.on.map_or_else(|| "no date yet".to_owned(), |day| format!("on {day}"));
        let item = view.part_of(&line_of_pending(row));
        table.row([amount(row.amount), on, item, waits(&row.waiting_for)]);
        for condition in forfeited::judged_words(row) {
            table.row([String::new(), String::new(), String::new(), condition]);
        }
    }
    out.blank()?;
    writeln!(out, "Pending (projected)")?;
    table.write(out)
}

pub fn waits(list: &[String]) -> String {
    if list.is_empty() { String::new() } else { format!("waits for {}", list.join(" and ")) }
}
