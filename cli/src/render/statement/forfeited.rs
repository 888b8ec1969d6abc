//! What will not be paid, and why: the amount, the day, and what each condition was found to be.

use std::io::{self, Write};

use ledger::money::Money;
use plans::entitlement::Pending;
use plans::payment::condition::words;
use plans::payment::condition_result::ConditionResult;
use plans::payment::forfeited::{ForfeitCause, Forfeited, JudgedCondition};
use plans::plan::Condition;
use projections::lines::LineName;
use replay::statements::pending::{Lapsed, is_line_of, line_of_forfeited};
use replay::statements::statement::{Statement, two_decimals};

use crate::render::amount::{amount, grouped, percent_beside};
use crate::render::layout::table::{Align, INDENT, Table};
use crate::render::statement::item::{BookView, bound};
use crate::render::statement::legend::Legend;
use crate::terminal::screen::Screen;

/// Shows what was forfeited in the month, or was pending on the last statement; what was forfeited before is one line.
pub fn write(
    statement: &Statement,
    lapsed: &[Lapsed],
    legend: &mut Legend<'_>,
    out: &mut Screen<impl Write>,
) -> io::Result<()> {
    let (new, earlier) = new_and_earlier(statement, lapsed);
    if new.is_empty() && earlier.is_empty() {
        return Ok(());
    }
    let view = legend.view;
    let mut table = Table::new(&[Align::Right, Align::Left, Align::Left]).indented(INDENT);
    for row in &new {
        table.row([amount(row.amount), forfeited_on(row), view.part_of(&line_of_forfeited(row))]);
        for reason in reasons(row, view) {
            table.row([String::new(), String::new(), reason]);
        }
    }
    out.blank()?;
    writeln!(out, "Forfeited")?;
    table.write(out)?;
    if !earlier.is_empty() {
        writeln!(out, "  {}; `--format json` lists all.", counted_earlier(statement, &earlier))?;
    }
    let names = judged_names(&new);
    legend.after(names.iter().map(|name| (name, None)), out)
}

/// What was forfeited in the month, or was pending on the last statement; and what was forfeited before.
pub fn new_and_earlier<'s>(statement: &'s Statement, lapsed: &[Lapsed]) -> (Vec<&'s Forfeited>, Vec<&'s Forfeited>) {
    let period = statement.figures.period;
    let is_new = |row: &Forfeited| {
        row.on.is_some_and(|on| on >= period.first()) || lapsed.iter().any(|lapsed| is_line_of(&lapsed.was, row))
    };
    statement.forfeited.iter().partition(|row| is_new(row))
}

/// The day on which it was forfeited, if there is one.
pub fn forfeited_on(row: &Forfeited) -> String {
    row.on.map_or_else(String::new, |day| format!("on {day}"))
}

/// `2 installments of 3,000.00 forfeited earlier`.
pub fn counted_earlier(statement: &Statement, earlier: &[&Forfeited]) -> String {
    let sum = Money::sum(statement.figures.holder.1, earlier.iter().map(|row| row.amount));
    let count = earlier.len();
    let noun = if count == 1 { "installment" } else { "installments" };
    format!("{count} {noun} of {} forfeited earlier", amount(sum))
}

/// The lines whose conditions are shown.
pub fn judged_names(rows: &[&Forfeited]) -> Vec<LineName> {
    let judged = rows.iter().filter(|row| !row.conditions.is_empty());
    judged.map(|row| line_of_forfeited(row)).collect()
}

/// Why it is forfeited, a line each.
pub fn reasons(row: &Forfeited, view: BookView<'_>) -> Vec<String> {
    let cause = match row.cause {
        ForfeitCause::Conditions => None,
        ForfeitCause::Late => Some("too late: the time that the plan allows is over".to_owned()),
        ForfeitCause::Ended => Some(match view.cancelled_on(&line_of_forfeited(row), row.on) {
            Some(day) => format!("the booking was cancelled on {day}"),
            None => "the payee has left".to_owned(),
        }),
    };
    let conditions = row.conditions.iter().map(|one| format!("{}{}", condition(one), awaited(one)));
    cause.into_iter().chain(conditions).collect()
}

/// What the conditions of something pending were on the day on which they were judged last.
pub fn judged_words(row: &Pending) -> Vec<String> {
    let on = row.judged_on.map_or_else(String::new, |day| format!("on {day}: "));
    row.conditions.iter().map(|one| format!("{on}{}", condition(one))).collect()
}

/// What an undecided condition waits for.
fn awaited(judged: &JudgedCondition) -> String {
    match judged.result {
        ConditionResult::Met | ConditionResult::NotMet => String::new(),
        ConditionResult::Undecided(through) => format!(", waits for usage through {through}"),
    }
}

/// `burn 90 days >= 25%: 24.999996%, not met`.
fn condition(judged: &JudgedCondition) -> String {
    let result = match judged.result {
        ConditionResult::Met => "met",
        ConditionResult::NotMet => "not met",
        ConditionResult::Undecided(_) => "undecided",
    };
    let value = match (&judged.condition, &judged.value) {
        (Condition::Burn { test, .. }, Some(value)) => {
            let of = judged.used_of.as_ref().map(|(used, committed)| {
                format!("{} used of {} committed, ", grouped(&two_decimals(used)), grouped(&two_decimals(committed)))
            });
            format!("{}{}, ", of.unwrap_or_default(), percent_beside(value, bound(test)))
        }
        (Condition::Metric { .. }, Some(value)) => format!("{}, ", value.text()),
        (Condition::Metric { .. }, None) => "none, ".to_owned(),
        (Condition::Signal(_), _) if judged.result == ConditionResult::Met => String::new(),
        (Condition::Signal(_), _) => "none, ".to_owned(),
        (Condition::Burn { .. }, None) => "nothing was committed, ".to_owned(),
    };
    format!("{}: {value}{result}", words(&judged.condition))
}
