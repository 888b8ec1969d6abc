//! What entries changed in money, and which close posted it. Every amount that a close posted is told with one entry, so that the
//! amounts of a line add up to what was posted of it in all.

use std::collections::BTreeSet;

use ledger::date::Month;
use ledger::fact::item_key::ItemKey;
use ledger::fact::{Body, Payload, Reason, Record};
use ledger::id::PayeeId;
use ledger::money::Money;
use projections::lines::{LineName, PayeeCurrency, money, name_of};
use projections::position::Position;
use projections::posted_state::ClosedPeriod;

use crate::book::Book;
use crate::error::BookError;
use crate::state::State;
use crate::statements::build::statements_of_lines;
use crate::statements::statement::{Cause, Line};

/// A part of what a close posted of a line, and the entries that made it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MoneyChange {
    /// The payee.
    pub payee: PayeeId,
    /// The line.
    pub line: LineName,
    /// The closed month that posted it.
    pub period: Month,
    /// The amount, in the currency of the statement.
    pub amount: Money,
    /// Why it was posted.
    pub origin: ChangeOrigin,
    /// The entry that it is counted with.
    pub entry: Position,
    /// Other entries that made it together with that one: all snapshots of one contract, for instance.
    pub with: Vec<Position>,
}

/// Why an amount was posted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ChangeOrigin {
    /// The line was posted for the first time. The amount is counted with the fact that the line is about, or with the last of the
    /// entries that it was computed from.
    FirstPosted,
    /// The line was posted again for this reason, and the entry is a cause of it.
    Changed(Reason),
    /// The line was posted again for this reason, and no entry is the cause: time passed (`time`), or the engine number was raised
    /// (`engine`). It is counted with the posting.
    NoEntry(Reason, String),
    /// The amount was settled before the book began. It is counted with the entry that says so.
    Opening,
}

/// What a close posted to a payee: the changes of all of its lines. Evaluates the close again. Fails if the log cannot be read.
pub fn money_changes(book: &Book, payee: &PayeeId, closed: &ClosedPeriod) -> Result<Vec<MoneyChange>, BookError> {
    let mut changes = openings(book, payee, closed)?;
    for statement in statements_of_lines(book, closed, payee)? {
        let lines = statement.figures.lines.iter().zip(statement.whys.iter().zip(&statement.causes));
        for (line, (why, causes)) in lines {
            let from = why.iter().flat_map(|step| step.from.iter().copied()).collect();
            changes.extend(changes_of_line(book, closed, (&statement.figures.holder, line), &from, causes));
        }
    }
    Ok(changes)
}

/// The changes of one line of a statement. `from` are the positions of the entries that it was computed from.
pub(super) fn changes_of_line(
    book: &Book,
    closed: &ClosedPeriod,
    (holder, line): (&PayeeCurrency, &Line),
    from: &BTreeSet<Position>,
    causes: &[Cause],
) -> Vec<MoneyChange> {
    let posting = posting_of(book, closed, holder, &line.name);
    let change = |amount: Money, origin: ChangeOrigin, entry: Position, with: &[Position]| MoneyChange {
        payee: holder.0.clone(),
        line: line.name.clone(),
        period: closed.close.period,
        amount,
        origin,
        entry,
        with: with.to_vec(),
    };
    let Some(reason) = line.reason.filter(|_| !causes.is_empty()) else {
        let entry = entry_of_item(&book.state, &line.name, from).unwrap_or(posting);
        return vec![change(line.amount, ChangeOrigin::FirstPosted, entry, &[])];
    };
    let of_cause = |cause: &Cause| match cause.positions.split_first() {
        Some((first, others)) => change(cause.amount, ChangeOrigin::Changed(reason), *first, others),
        None => change(cause.amount, ChangeOrigin::NoEntry(reason, cause.kind.clone()), posting, &[]),
    };
    causes.iter().map(of_cause).collect()
}

/// The entry that the first posting of a line is counted with: the fact that its item is, or the last entry behind it.
fn entry_of_item(state: &State, name: &LineName, from: &BTreeSet<Position>) -> Option<Position> {
    let is_item = |position: &&Position| {
        let Some(known) = state.knowledge.fact_at(**position) else { return false };
        match (&name.item, &known.fact.body) {
            (ItemKey::Booking(booking), Body::Booking(fact)) => fact.booking == *booking,
            (ItemKey::Fact(id), _) => known.id == *id,
            (ItemKey::Booking(_) | ItemKey::ContractMonth { .. } | ItemKey::Month(_) | ItemKey::Period(_), _) => false,
        }
    };
    from.iter().rev().find(is_item).or_else(|| from.last()).copied()
}

/// The position at which a close posted a line. Opening lines of a close come before its postings.
fn posting_of(book: &Book, closed: &ClosedPeriod, holder: &PayeeCurrency, name: &LineName) -> Position {
    let posted = book.state.posted.lines.posted.get(holder).and_then(|lines| lines.get(name));
    let mut positions = posted.into_iter().flat_map(|posted| posted.positions.iter().copied());
    let last = positions.rfind(|position| (closed.first..=closed.position).contains(position));
    last.unwrap_or_else(|| panic!("BUG: {name} is on a statement of {} and was not posted", closed.close.period))
}

/// What was settled before the book began, of a payee: only the first close of a book has such lines.
pub(super) fn openings(book: &Book, payee: &PayeeId, closed: &ClosedPeriod) -> Result<Vec<MoneyChange>, BookError> {
    if book.state.posted.closes.first().is_none_or(|first| first.position != closed.position) {
        return Ok(Vec::new());
    }
    let mut changes = Vec::new();
    book.entries(u64::from(closed.first), u64::from(closed.position), |entry, _| {
        let Payload::Record(Record::OpeningLine(opening)) = &entry.payload else { return };
        if opening.line.payee == *payee {
            changes.push(MoneyChange {
                payee: payee.clone(),
                line: name_of(&opening.line),
                period: closed.close.period,
                amount: money(opening.line.amount, opening.line.currency),
                origin: ChangeOrigin::Opening,
                entry: entry.position as Position,
                with: Vec::new(),
            });
        }
    })?;
    Ok(changes)
}

/// What the postings of some lines changed. `is_asked` says of which lines. Each close in which one of them was posted to a payee is
/// evaluated again for that payee, and the changes of its other lines are returned, too. Fails if the log cannot be read.
pub fn money_of_lines(
    book: &Book,
    is_asked: impl Fn(&PayeeId, &LineName) -> bool,
) -> Result<Vec<MoneyChange>, BookError> {
    let mut asked = BTreeSet::new();
    for ((payee, _), lines) in &book.state.posted.lines.posted {
        for (_, posted) in lines.iter().filter(|(name, _)| is_asked(payee, name)) {
            asked.extend(
                posted.positions.iter().filter_map(|position| Some((payee, close_of(&book.state, *position)?))),
            );
        }
    }
    let mut changes = Vec::new();
    for (payee, index) in asked {
        changes.extend(money_changes(book, payee, &book.state.posted.closes[index])?);
    }
    Ok(changes)
}

/// What the versions of a plan changed: the first postings of its lines, each counted with the version by which it was posted, and
/// the differences that a version published since the close before made. Reads the postings of all closes. Fails if the log cannot be
/// read.
pub fn money_of_plan(book: &Book, plan: &str) -> Result<Vec<MoneyChange>, BookError> {
    let versions: Vec<(Position, u32)> = book
        .state
        .rules
        .plans()
        .filter(|(id, _)| id.as_str() == plan)
        .flat_map(|(_, versions)| versions.iter().map(|one| (one.position, one.plan.version)))
        .collect();
    let (mut changes, mut known) = (Vec::new(), 0);
    for closed in &book.state.posted.closes {
        let is_new = |position: Position| (known..closed.close.known).contains(&u64::from(position));
        let mut again = BTreeSet::new();
        book.entries(u64::from(closed.first), u64::from(closed.position), |entry, _| {
            let posting = match &entry.payload {
                Payload::Record(Record::Earning(earning)) => &earning.line,
                Payload::Record(Record::Reversal(reversal)) => &reversal.line,
                Payload::Record(_) | Payload::Fact(_) => return,
            };
            if posting.plan.as_ref().is_none_or(|id| id.as_str() != plan) {
                return;
            }
            if posting.reason.is_some() {
                again.insert(posting.payee.clone());
                return;
            }
            let version = versions.iter().find(|(_, version)| Some(*version) == posting.version);
            if let Some((position, _)) = version {
                changes.push(MoneyChange {
                    payee: posting.payee.clone(),
                    line: name_of(posting),
                    period: closed.close.period,
                    amount: money(posting.amount, posting.currency),
                    origin: ChangeOrigin::FirstPosted,
                    entry: *position,
                    with: Vec::new(),
                });
            }
        })?;
        // Only a version that was published since the close before can be a cause.
        if versions.iter().any(|(position, _)| is_new(*position)) {
            for payee in &again {
                let all = money_changes(book, payee, closed)?;
                let is_of_plan = |change: &MoneyChange| versions.iter().any(|(position, _)| *position == change.entry);
                let is_changed = |change: &MoneyChange| matches!(change.origin, ChangeOrigin::Changed(_));
                changes.extend(all.into_iter().filter(|change| is_changed(change) && is_of_plan(change)));
            }
        }
        known = closed.close.known;
    }
    Ok(changes)
}

/// The number of the close whose entries have a position; `None` if none has.
fn close_of(state: &State, position: Position) -> Option<usize> {
    let closes = &state.posted.closes;
    let index = closes.partition_point(|closed| closed.position < position);
    closes.get(index).filter(|closed| closed.first <= position).map(|_| index)
}
