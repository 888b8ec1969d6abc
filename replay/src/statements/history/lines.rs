//! The history of a line or draw: its postings, and every fact and plan that one of its amounts was computed from.

use std::collections::{BTreeMap, BTreeSet};

use ledger::id::{Name, PayeeId};
use ledger::money::Money;
use plans::entitlement::Pending;
use plans::payment::forfeited::Forfeited;
use projections::lines::{LineName, PostedLine};
use projections::position::Position;
use projections::posted_state::GivenDraw;
use projections::posted_state::draw_name::DrawName;
use projections::validity::Visibility;
use projections::view::View;

use crate::book::Book;
use crate::error::BookError;
use crate::state::State;
use crate::statements::build::{statements, statements_of_lines};
use crate::statements::history::money::{MoneyChange, changes_of_line, openings};
use crate::statements::measured::measured_lines;
use crate::statements::statement::{Line, Statement};

/// The postings of a line to one payee, and the entries that they were computed from.
pub struct LineHistory {
    /// The payee.
    pub payee: PayeeId,
    /// The name of the line.
    pub name: LineName,
    /// The sum of all postings.
    pub posted: Money,
    /// The positions of the postings, and of the facts and plans that they were computed from.
    pub positions: BTreeSet<Position>,
    /// What the entries changed in money; it adds up to the sum of all postings.
    pub changes: Vec<MoneyChange>,
    /// The line where it was never posted and is pending, with the conditions as they were judged last.
    pub pending: Vec<Pending>,
    /// The line where it was never posted and is forfeited, with its conditions.
    pub forfeited: Vec<Forfeited>,
}

/// The histories of the lines that a text names, as [`is_called`] reads it; more than one if several payees share an item. Fails if
/// the log cannot be read.
pub fn line_history(book: &Book, line: &str) -> Result<Vec<LineHistory>, BookError> {
    let mut found = Vec::new();
    for ((payee, _), lines) in &book.state.posted.lines.posted {
        for (name, posted) in lines.iter().filter(|(name, _)| is_called(name, line)) {
            let mut positions: BTreeSet<Position> = posted.positions.iter().copied().collect();
            let LineBasis { positions: behind, changes } = behind(book, payee, name, posted)?;
            positions.extend(behind);
            found.push(LineHistory {
                payee: payee.clone(),
                name: name.clone(),
                posted: posted.entitled,
                positions,
                changes,
                pending: Vec::new(),
                forfeited: Vec::new(),
            });
        }
    }
    if found.is_empty() {
        found = unposted_history(book, line);
    }
    Ok(found)
}

/// The histories of lines that were measured and never posted: what they were computed from by the last close. Only payees with an
/// assignment to the plan that the text begins with are evaluated.
fn unposted_history(book: &Book, line: &str) -> Vec<LineHistory> {
    let (Some(last), Some((plan, _))) = (book.state.posted.last_close(), line.split_once('/')) else {
        return Vec::new();
    };
    let view = View::new(&book.state.knowledge, last.close.known);
    let is_of_plan = |payee: &&PayeeId| view.assignments_ever(payee.as_str()).any(|one| one.plan.as_str() == plan);
    let payees = book.state.knowledge.payees.keys().filter(is_of_plan);
    let found = payees.flat_map(|payee| {
        let lines = measured_lines(book, last, payee, |name| is_called(name, line)).into_iter();
        lines.map(|one| {
            let positions = one.whys.iter().flatten().flat_map(|step| step.from.iter().copied()).collect();
            let (name, posted) = (one.figures.lines[0].name.clone(), one.figures.lines[0].amount);
            let Statement { pending, forfeited, .. } = one;
            LineHistory { payee: payee.clone(), name, posted, positions, changes: Vec::new(), pending, forfeited }
        })
    });
    found.collect()
}

/// A draw that a close gave to a payee, and the entries that it was computed from.
pub struct DrawHistory {
    /// The payee.
    pub payee: PayeeId,
    /// The name of the draw, as its postings have it.
    pub name: String,
    /// The booking or assignment that it was given for.
    pub trigger: Name,
    /// The amount still to be recovered.
    pub balance: Money,
    /// The positions of the facts and plans that it was computed from.
    pub positions: BTreeSet<Position>,
}

/// The histories of the draws that a text names, percent-encoded or plain; more than one if several payees were given it. Fails if
/// the log cannot be read.
pub fn draw_history(book: &Book, text: &str) -> Result<Vec<DrawHistory>, BookError> {
    let mut found = Vec::new();
    for ((payee, _), draws) in &book.state.posted.draws {
        for draw in draws.iter().filter(|draw| DrawName::from(*draw).is_called(text)) {
            found.push(DrawHistory {
                payee: payee.clone(),
                name: DrawName::from(draw).to_string(),
                trigger: draw.trigger.clone(),
                balance: draw.balance,
                positions: behind_draw(book, payee, draw)?,
            });
        }
    }
    Ok(found)
}

/// The positions of the entries that the close computed a draw from which gave it.
fn behind_draw(book: &Book, payee: &PayeeId, draw: &GivenDraw) -> Result<BTreeSet<Position>, BookError> {
    let Some(closed) = book.state.posted.closed(draw.month) else { return Ok(BTreeSet::new()) };
    let mut behind = BTreeSet::new();
    for statement in statements(book, closed, Some(payee))? {
        let lines = statement.figures.draws.iter().zip(&statement.draw_whys);
        for (_, why) in lines.filter(|(line, _)| line.name() == DrawName::from(draw)) {
            behind.extend(why.iter().flat_map(|step| step.from.iter().copied()));
        }
    }
    Ok(behind)
}

/// The names of all lines and draws that were ever posted.
pub fn line_names(state: &State) -> BTreeSet<String> {
    let lines = state.posted.lines.posted.values().flat_map(BTreeMap::keys).map(LineName::to_string);
    let draws = state.posted.draws.values().flatten().map(|draw| DrawName::from(draw).to_string());
    lines.chain(draws).collect()
}

/// The entries behind the postings of a line, and what they changed.
#[derive(Default)]
struct LineBasis {
    positions: BTreeSet<Position>,
    changes: Vec<MoneyChange>,
}

/// The entries that the postings were computed from, and those of the causes of their differences. Each close is
/// evaluated again with the facts that it was computed from.
fn behind(book: &Book, payee: &PayeeId, name: &LineName, posted: &PostedLine) -> Result<LineBasis, BookError> {
    let mut behind = LineBasis::default();
    let closes =
        book.state.posted.closes.iter().filter(|closed| {
            posted.positions.iter().any(|position| (closed.first..=closed.position).contains(position))
        });
    for closed in closes {
        behind.changes.extend(openings(book, payee, closed)?.into_iter().filter(|change| change.line == *name));
        for statement in statements_of_lines(book, closed, payee)? {
            let lines = statement.figures.lines.iter().zip(statement.whys.iter().zip(&statement.causes));
            for (line, (why, causes)) in lines.filter(|(line, _)| line.name == *name) {
                let from: BTreeSet<Position> = why.iter().flat_map(|step| step.from.iter().copied()).collect();
                behind.positions.extend(version_of(&book.state, line));
                behind.positions.extend(causes.iter().flat_map(|cause| cause.positions.iter().copied()));
                let of = (&statement.figures.holder, line);
                behind.changes.extend(changes_of_line(book, closed, of, &from, causes));
                behind.positions.extend(from);
            }
        }
    }
    Ok(behind)
}

/// The position of the plan version that a line was posted by.
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
