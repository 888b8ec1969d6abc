//! A bridge as CSV: a row for each payee, line and cause, and one for what is unexplained, so that the amounts of a line add up to its
//! difference.

use std::io::Write;

use replay::bridge::rows::{Bridge, BridgeRow};
use replay::statements::statement::positions;

use crate::failure::Failure;
use crate::terminal::screen::Screen;

const HEADER: [&str; 11] =
    ["payee", "currency", "line", "a", "b", "difference", "group", "effect", "what", "positions", "amount"];

pub fn write(bridge: &Bridge, out: &mut Screen<impl Write>) -> Result<(), Failure> {
    out.row(&HEADER)?;
    for row in &bridge.rows {
        for cause in &row.causes {
            let positions = positions(&cause.positions).join(" ");
            let what = cause.what();
            let of = [cause.group.word(), cause.effect.word(), &what, &positions, &cause.amount.text()];
            write_row(row, of, out)?;
        }
        write_row(row, ["unexplained", "", "", "", &row.unexplained().text()], out)?;
    }
    Ok(())
}

fn write_row(row: &BridgeRow, of: [&str; 5], out: &mut Screen<impl Write>) -> Result<(), Failure> {
    let (payee, currency) = &row.holder;
    let line = [
        payee.to_string(),
        currency.to_string(),
        row.line.to_string(),
        row.a.text(),
        row.b.text(),
        row.difference().text(),
    ];
    let cells: Vec<String> = line.into_iter().chain(of.map(str::to_owned)).collect();
    Ok(out.row(&cells)?)
}
