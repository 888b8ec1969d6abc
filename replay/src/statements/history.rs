//! Everything behind a line: its postings, and every fact and plan that an amount of it was ever worked out from.

use std::collections::{BTreeMap, BTreeSet};

use ledger::id::PayeeId;
use ledger::money::Money;
use projections::lines::{LineName, PostedLine};
use projections::position::Position;
use projections::validity::Visibility;

use crate::book::Book;
use crate::error::BookError;
use crate::state::State;
use crate::statements::build::statements;
use crate::statements::statement::Line;

/// What closes have written of a line to one payee, and what it rested on each time.
pub struct LineHistory {
    pub payee: PayeeId,
    pub name: LineName,
    /// All postings together.
    pub posted: Money,
    /// Postings, and the facts and plans behind them.
    pub positions: BTreeSet<Position>,
}

/// The lines of this name, as `statement --format csv` writes it; more than one where several payees share an item.
pub fn line_history(book: &Book, line: &str) -> Result<Vec<LineHistory>, BookError> {
    let mut found = Vec::new();
    for ((payee, _), lines) in &book.state.posted.lines.posted {
        for (name, posted) in lines.iter().filter(|(name, _)| is_called(name, line)) {
            let mut positions: BTreeSet<Position> = posted.positions.iter().copied().collect();
            positions.extend(behind(book, payee, name, posted)?);
            found.push(LineHistory { payee: payee.clone(), name: name.clone(), posted: posted.entitled, positions });
        }
    }
    Ok(found)
}

/// The names of all lines that were ever posted.
pub fn line_names(state: &State) -> BTreeSet<String> {
    let lines = state.posted.lines.posted.values();
    lines.flat_map(BTreeMap::keys).map(LineName::to_string).collect()
}

/// What each posting was worked out from, and what made it differ from the one before: told again as the close saw it.
fn behind(book: &Book, payee: &PayeeId, name: &LineName, posted: &PostedLine) -> Result<BTreeSet<Position>, BookError> {
    let mut behind = BTreeSet::new();
    let closes =
        book.state.posted.closes.iter().filter(|closed| {
            posted.positions.iter().any(|position| (closed.first..=closed.position).contains(position))
        });
    for closed in closes {
        for statement in statements(book, closed, Some(payee))? {
            let lines = statement.figures.lines.iter().zip(statement.whys.iter().zip(&statement.causes));
            for (line, (why, causes)) in lines.filter(|(line, _)| line.name == *name) {
                behind.extend(version_of(&book.state, line));
                behind.extend(why.iter().flat_map(|step| step.from.iter().copied()));
                behind.extend(causes.iter().flat_map(|cause| cause.positions.iter().copied()));
            }
        }
    }
    Ok(behind)
}

/// Where the version of the plan stands under which a line was posted.
fn version_of(state: &State, line: &Line) -> Option<Position> {
    let versions = state.rules.versions(line.name.plan.as_ref()?.as_str(), Visibility::below(state.size()));
    let mut same = versions.filter(|published| Some(published.plan.version) == line.version);
    same.next().map(|published| published.position)
}

/// Whether a text names a line: percent-encoded as statements write it, or plain as people type it.
pub fn is_called(name: &LineName, text: &str) -> bool {
    let plain = || {
        let plan = name.plan.as_ref().map_or("", |plan| plan.as_str());
        let part = name.part.as_ref().map_or("", |part| part.as_str());
        [plan, name.component.as_str(), part, &name.item.to_string()].join("/")
    };
    name.to_string() == text || plain() == text
}
