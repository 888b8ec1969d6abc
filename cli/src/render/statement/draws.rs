//! The draws of a statement: what was advanced or topped up, what was recovered of it, and how the rest will be.

use std::io::{self, Write};

use ledger::exact::Exact;
use plans::plan::DrawKind;
use replay::statements::statement::DrawLine;

use crate::render::amount::{amount, percent};
use crate::render::layout::table::{Align, INDENT, Table};
use crate::render::statement::item::{BookView, month_words};
use crate::terminal::screen::Screen;

pub fn write(draws: &[DrawLine], view: BookView<'_>, out: &mut Screen<impl Write>) -> io::Result<()> {
    if draws.is_empty() {
        return Ok(());
    }
    let mut table = Table::new(&[Align::Right, Align::Left]).indented(INDENT);
    // An opening draw of which nothing is recovered yet is told under the settlement.
    for draw in draws.iter().filter(|draw| draw.plan.is_some() || !draw.recovered.is_zero()) {
        let what = what(draw, view);
        if !draw.given.is_zero() {
            table.row([amount(draw.given), format!("{}: {what}; {}", given(draw, view), terms(draw))]);
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

/// The draw, what it was given for, and the month: `bridge, for B-1 of Globex, April 2027`.
pub fn what(draw: &DrawLine, view: BookView<'_>) -> String {
    format!("{}{}, {}", draw.draw, trigger(draw, view), month_words(draw.month))
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

/// How it was given: a guarantee tops a month up to a minimum.
pub fn given(draw: &DrawLine, view: BookView<'_>) -> &'static str {
    if is_guarantee(draw, view) { "topped up" } else { "advanced" }
}

fn is_guarantee(draw: &DrawLine, view: BookView<'_>) -> bool {
    let plan = draw.plan.as_ref().and_then(|plan| view.plan(plan.as_str(), None));
    let mut draws = plan.into_iter().flat_map(|plan| &plan.draws);
    draws.any(|known| known.id == draw.draw && known.kind == DrawKind::Guarantee)
}

/// Whether, from what and from when on it is recovered.
pub fn terms(draw: &DrawLine) -> String {
    match (draw.recoverable, &draw.rate, draw.begins) {
        (false, _, _) => "not recoverable".to_owned(),
        (true, Some(rate), Some(begins)) if *rate < Exact::ONE => {
            format!("to be recovered from {} of later pay, from {begins} on", percent(rate))
        }
        (true, _, Some(begins)) => format!("to be recovered from later pay, from {begins} on"),
        (true, _, None) => "to be recovered from later pay".to_owned(),
    }
}
