//! Attainments that would be others, as `whatif` shows them.

use std::collections::BTreeSet;
use std::io::Write;

use ledger::id::{ComponentId, PayeeId, PlanId};
use replay::statements::attainment::PayeeAttainment;
use replay::statements::statement::percent_text;
use serde::Serialize;

use crate::failure::Failure;
use crate::render::json::AsText;
use crate::render::layout::table::{Align, Table};
use crate::terminal::screen::Screen;

/// The most rows that are shown as text.
const SHIFTS_SHOWN_MAX: usize = 20;

/// The attainment of a payee in a component and period, at both ends of a bridge; `None` where there is none.
pub struct AttainmentShift<'a> {
    of: &'a PayeeAttainment,
    before: Option<&'a PayeeAttainment>,
    after: Option<&'a PayeeAttainment>,
}

type ShiftKey<'a> = (&'a PayeeId, &'a PlanId, &'a ComponentId, &'a str);

fn key(row: &PayeeAttainment) -> ShiftKey<'_> {
    (&row.payee, &row.attainment.plan, &row.attainment.component, row.attainment.period.as_str())
}

/// The attainments that differ: credited amount or quota.
pub fn shifts<'a>(before: &'a [PayeeAttainment], after: &'a [PayeeAttainment]) -> Vec<AttainmentShift<'a>> {
    let keys: BTreeSet<ShiftKey<'a>> = before.iter().chain(after).map(key).collect();
    let find = |rows: &'a [PayeeAttainment], wanted: ShiftKey<'a>| rows.iter().find(|row| key(row) == wanted);
    let figures = |row: &PayeeAttainment| (row.attainment.credited.clone(), row.attainment.quota.clone());
    let shift = |wanted: ShiftKey<'a>| {
        let (before, after) = (find(before, wanted), find(after, wanted));
        let of = after.or(before)?;
        (before.map(figures) != after.map(figures)).then_some(AttainmentShift { of, before, after })
    };
    keys.into_iter().filter_map(shift).collect()
}

fn percent(row: &PayeeAttainment) -> Option<String> {
    let quota = row.attainment.quota.as_ref().filter(|quota| !quota.is_zero())?;
    Some(percent_text(&(&row.attainment.credited / quota)))
}

/// Writes a table of them.
pub fn write_shifts(shifts: &[AttainmentShift<'_>], out: &mut Screen<impl Write>) -> Result<(), Failure> {
    if shifts.is_empty() {
        return Ok(());
    }
    out.blank()?;
    let mut table = Table::new(&[Align::Left, Align::Left, Align::Left, Align::Right, Align::Right]);
    table.row(["attainment of", "component", "period", "is", "would be"]);
    let words = |row: Option<&PayeeAttainment>| {
        row.and_then(percent).map_or_else(|| "none".to_owned(), |percent| format!("{percent} %"))
    };
    for shift in shifts.iter().take(SHIFTS_SHOWN_MAX) {
        let of = &shift.of.attainment;
        let component = format!("{}/{}", of.plan, of.component);
        let (is, would_be) = (words(shift.before), words(shift.after));
        table.row([shift.of.payee.to_string(), component, of.period.clone(), is, would_be]);
    }
    table.write(out)?;
    if let more @ 1.. = shifts.len().saturating_sub(SHIFTS_SHOWN_MAX) {
        writeln!(out, "and {more} more (`--format json` has all)")?;
    }
    Ok(())
}

/// A shift as published JSON.
#[derive(Serialize)]
pub struct ShiftJson<'s> {
    payee: AsText<&'s PayeeId>,
    plan: AsText<&'s PlanId>,
    component: AsText<&'s ComponentId>,
    period: &'s str,
    a: Option<String>,
    b: Option<String>,
}

impl<'s> ShiftJson<'s> {
    pub fn of(shift: &AttainmentShift<'s>) -> ShiftJson<'s> {
        let of = &shift.of.attainment;
        ShiftJson {
            payee: AsText(&shift.of.payee),
            plan: AsText(&of.plan),
            component: AsText(&of.component),
            period: &of.period,
            a: shift.before.and_then(percent),
            b: shift.after.and_then(percent),
        }
    }
}
