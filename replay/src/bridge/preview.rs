//! The bridge from what the last close left to what the next one would leave.

use projections::lines::{PostedLine, PostedLines};

use crate::bridge::diff::{BridgePoint, BridgeScope, PostedPoint, diff};
use crate::bridge::rows::{Bridge, BridgeEnd, EndAmounts};
use crate::close::Preview;
use crate::state::State;

/// The bridge of a previewed close, which is no opening. Before the first close nothing is posted.
pub fn preview_bridge(state: &State, preview: &Preview) -> Bridge {
    let last = state.posted.last_close().map(|last| (last.close.known, last.close.period));
    let (known, period) = last.unwrap_or((0, preview.period.plus(-1)));
    let from = BridgeEnd { known, period, amounts: EndAmounts::Posted };
    let to = BridgeEnd { known: preview.known, period: preview.period, amounts: EndAmounts::Previewed };
    let lines = lines_after(state, preview);
    let after = PostedPoint { lines: &lines, engine: preview.engine, freeze: state.posted.frozen(preview.known) };
    let from = BridgePoint { end: from, posted: Some(PostedPoint::of(&state.posted)) };
    diff(state, from, BridgePoint { end: to, posted: Some(after) }, &BridgeScope::default())
}

/// The posted lines as they would be after the close.
fn lines_after(state: &State, preview: &Preview) -> PostedLines {
    let mut lines = state.posted.lines.clone();
    for figures in &preview.statements {
        let of = lines.posted.entry(figures.holder.clone()).or_default();
        for line in &figures.lines {
            let positions = of.get(&line.name).map(|known| known.positions.clone()).unwrap_or_default();
            let posted = PostedLine {
                entitled: line.entitled,
                date: line.date,
                account: line.account.clone(),
                due: line.due,
                nature: line.nature,
                version: line.version,
                last: preview.period,
                positions,
            };
            of.insert(line.name.clone(), posted);
        }
    }
    lines
}
