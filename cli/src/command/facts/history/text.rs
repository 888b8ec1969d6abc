//! A history as text: a row for each entry, and below them a row for each amount that one of them changed.

use std::collections::{BTreeMap, BTreeSet};

use ledger::date::Month;
use ledger::entry::recorded_text;
use ledger::id::PayeeId;
use ledger::money::{Currency, Money};
use projections::position::Position;
use replay::book::Book;
use replay::statements::history::lines::{DrawHistory, LineHistory};
use replay::statements::history::money::{ChangeOrigin, MoneyChange};

use crate::command::facts::history::entry::HistoryEntry;
use crate::failure::Failure;
use crate::render::amount::amount;
use crate::render::dates::{Posted, effective, posted};
use crate::render::entry::about;
use crate::render::layout::shorten::without_gaps;
use crate::render::layout::table::{Align, Table};
use crate::render::statement::forfeited::{judged_words, reasons};
use crate::render::statement::item::BookView;
use crate::render::statement::page::waits;
use crate::render::status::dispute::corrects;
use crate::session::state::Session;

/// The most changes of one entry that are shown one by one; more are summed by month.
const CHANGES_SHOWN_MAX: usize = 8;

/// Writes a history.
pub fn text(
    touches: &[HistoryEntry],
    book: &Book,
    (lines, draws): (&[LineHistory], &[DrawHistory]),
    session: &mut Session,
) -> Result<(), Failure> {
    let mut table = Table::new(&[Align::Right, Align::Left, Align::Left, Align::Left, Align::Left, Align::Left]);
    table.row(["", "recorded", "takes effect", "by", "", ""]);
    touches.iter().for_each(|touch| table.row(entry_row(touch, book)));
    table.write(&mut session.out)?;
    changed(touches, if lines.is_empty() { Totals::Shown } else { Totals::LeftOut }, session)?;
    for line in lines {
        session.out.blank()?;
        writeln!(session.out, "Posted in all to {}: {} {}", line.payee, amount(line.posted), line.posted.currency)?;
        why_not(line, book, session)?;
    }
    for draw in draws {
        session.out.blank()?;
        writeln!(session.out, "Outstanding of {}: {} {}", draw.payee, amount(draw.balance), draw.balance.currency)?;
    }
    Ok(())
}

/// Why nothing was posted of a line: what its conditions were found to be.
fn why_not(line: &LineHistory, book: &Book, session: &mut Session) -> Result<(), Failure> {
    for row in &line.pending {
        let on = row.on.map_or_else(String::new, |day| format!(" on {day}"));
        let waits = waits(&row.waiting_for);
        let waits = if waits.is_empty() { String::new() } else { format!(", {waits}") };
        writeln!(session.out, "Pending: {}{on}{waits}", amount(row.amount))?;
        for words in judged_words(row) {
            writeln!(session.out, "  {words}")?;
        }
    }
    for row in &line.forfeited {
        let on = row.on.map_or_else(String::new, |day| format!(" on {day}"));
        writeln!(session.out, "Forfeited: {}{on}", amount(row.amount))?;
        for reason in reasons(row, BookView::new(book, book.size())) {
            writeln!(session.out, "  {reason}")?;
        }
    }
    Ok(())
}

/// A posting with the amount of the line after it.
fn amounts(posted: &Posted<'_>) -> String {
    let line = posted.line;
    let reason = line.reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
    let (moved, before, after) = (amount(posted.amount), amount(posted.before), amount(posted.entitled));
    let from = if posted.before.is_zero() { String::new() } else { format!(", from {before} to {after}") };
    format!("{} {}: {} {moved} {}{from}{reason}", line.period, line.payee, posted.name, line.currency)
}

/// The cells of an entry.
fn entry_row(touch: &HistoryEntry, book: &Book) -> [String; 6] {
    let entry = &touch.entry;
    let day = match effective(&entry.payload) {
        (Some(at), Some(to)) => format!("{at}..{to}"),
        (at, _) => at.map(|day| day.to_string()).unwrap_or_default(),
    };
    // Microseconds are for programs.
    let recorded = recorded_text(entry.recorded).split('.').next().unwrap_or_default().replace('T', " ");
    let what =
        posted(&entry.payload).map_or_else(|| without_gaps(&about(entry)).into_owned(), |posted| amounts(&posted));
    let corrects = corrects(book, entry.position);
    let unposted = if touch.is_unposted() { " (not posted yet)" } else { "" };
    let (about, kind) = (format!("{what}{}{corrects}{unposted}", touch.links()), entry.payload.word().to_owned());
    [entry.position.to_string(), recorded, day, entry.author.clone(), kind, about]
}

/// Whether the sums of payees are shown; below the history of a line is what was posted of it in all.
#[derive(Copy, Clone, PartialEq, Eq)]
enum Totals {
    Shown,
    LeftOut,
}

/// Writes what the entries changed in money, and which close posted it; nothing if none changed anything.
fn changed(touches: &[HistoryEntry], totals: Totals, session: &mut Session) -> Result<(), Failure> {
    let rows: Vec<[String; 6]> = touches.iter().flat_map(change_rows).collect();
    if rows.is_empty() {
        return Ok(());
    }
    let mut table = Table::new(&[Align::Right, Align::Left, Align::Right, Align::Left, Align::Left, Align::Left]);
    table.row(["", "posted in", "changed", "", "payee", "line"]);
    rows.into_iter().for_each(|row| table.row(row));
    if totals == Totals::Shown {
        for ((payee, currency), sum) in sums(touches) {
            table.row(["all", "", &amount(sum), currency.code(), payee.as_str(), ""]);
        }
    }
    session.out.blank()?;
    Ok(table.write(&mut session.out)?)
}

/// What an entry changed, row by row; many changes as sums.
fn change_rows(touch: &HistoryEntry) -> Vec<[String; 6]> {
    let (counted, with): (Vec<&MoneyChange>, Vec<&MoneyChange>) =
        touch.changes.iter().partition(|change| u64::from(change.entry) == touch.entry.position);
    let position = touch.entry.position.to_string();
    let row = |[period, changed, currency, payee, what]: [String; 5]| {
        [position.clone(), period, changed, currency, payee, what]
    };
    let mut rows: Vec<[String; 6]> = if counted.len() > CHANGES_SHOWN_MAX {
        summed(&counted).into_iter().map(row).collect()
    } else {
        counted.iter().copied().map(of_change).map(row).collect()
    };
    let with: BTreeSet<_> = with.iter().map(|change| (change.period, change.entry, &change.payee)).collect();
    let counted_with = |(period, entry, payee): (Month, Position, &PayeeId)| {
        row([period.to_string(), String::new(), String::new(), payee.to_string(), format!("counted with {entry}")])
    };
    rows.extend(with.into_iter().map(counted_with));
    rows
}

fn of_change(change: &MoneyChange) -> [String; 5] {
    let (money, what) = (change.amount, format!("{}, {}", change.line, words_of(&change.origin)));
    [change.period.to_string(), amount(money), money.currency.to_string(), change.payee.to_string(), what]
}

/// The sums of many changes, by month, what they are, and currency.
fn summed(changes: &[&MoneyChange]) -> Vec<[String; 5]> {
    let mut groups: BTreeMap<(Month, String, Currency), Vec<&MoneyChange>> = BTreeMap::new();
    for change in changes {
        let key = (change.period, words_of(&change.origin), change.amount.currency);
        groups.entry(key).or_default().push(change);
    }
    let count = |count: usize, word: &str| if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") };
    let row = |((period, words, currency), of): ((Month, String, Currency), Vec<&MoneyChange>)| {
        let payees: BTreeSet<&PayeeId> = of.iter().map(|change| &change.payee).collect();
        let who = if payees.len() == 1 { of[0].payee.to_string() } else { count(payees.len(), "payee") };
        let sum = Money::sum(currency, of.iter().map(|change| change.amount));
        let what = format!("{}, {words}", count(of.len(), "line"));
        [period.to_string(), amount(sum), currency.to_string(), who, what]
    };
    groups.into_iter().map(row).collect()
}

fn words_of(origin: &ChangeOrigin) -> String {
    match origin {
        ChangeOrigin::FirstPosted => "first posted".to_owned(),
        ChangeOrigin::Changed(reason) => reason.to_string(),
        ChangeOrigin::NoEntry(reason, kind) => format!("{reason}, by {kind}"),
        ChangeOrigin::Opening => "settled before the book began".to_owned(),
    }
}

/// What the entries changed in all, by payee and currency.
fn sums(touches: &[HistoryEntry]) -> BTreeMap<(&PayeeId, Currency), Money> {
    let mut sums = BTreeMap::new();
    for touch in touches {
        for change in touch.changes.iter().filter(|change| u64::from(change.entry) == touch.entry.position) {
            let zero = Money::zero(change.amount.currency);
            *sums.entry((&change.payee, change.amount.currency)).or_insert(zero) += change.amount;
        }
    }
    sums
}
