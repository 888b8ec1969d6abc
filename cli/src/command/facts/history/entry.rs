//! An entry of a history: what became of it, and what it changed in money; as JSON and as cells.

use ledger::date::{Day, Month};
use ledger::entry::{Entry, recorded_text};
use ledger::fact::{Payload, Reason, Record};
use ledger::id::PayeeId;
use ledger::money::{Currency, Money};
use projections::lines::LineName;
use projections::position::Position;
use replay::statements::history::money::{ChangeOrigin, MoneyChange};
use serde::Serialize;
use uuid::Uuid;

use crate::render::dates::{Posted, effective, posted};
use crate::render::entry::about;
use crate::render::json::AsText;

/// An entry, what became of it, and what it changed.
pub struct HistoryEntry {
    pub entry: Entry,
    pub replaced_by: Vec<Position>,
    pub retracted_by: Vec<Position>,
    /// What it changed: counted with it, or with another entry that changed it together with this one.
    pub changes: Vec<MoneyChange>,
    /// Whether no close has taken it into account yet.
    pub is_later: IsLater,
}

/// Whether an entry was recorded after what the last close took into account.
#[derive(Copy, Clone, PartialEq, Eq)]
pub enum IsLater {
    Yes,
    No,
}

/// What is said of a fact or plan that no close has taken into account.
const NOT_POSTED: &str = "not-posted-yet";
/// The first column of what an entry itself posted.
const POSTED_FROM: usize = 12;

pub const HEADER: [&str; 24] = [
    "position",
    "recorded",
    "at",
    "to",
    "author",
    "user",
    "kind",
    "id",
    "about",
    "replaces",
    "replaced_by",
    "retracted_by",
    "payee",
    "line",
    "amount",
    "entitled",
    "currency",
    "changed_payee",
    "changed_line",
    "changed",
    "changed_currency",
    "posted_in",
    "change",
    "counted_at",
];

impl HistoryEntry {
    /// Whether it is a fact or a plan that no close has taken into account yet.
    pub fn is_unposted(&self) -> bool {
        let counts = matches!(self.entry.payload, Payload::Fact(_) | Payload::Record(Record::Plan(_)));
        counts && self.is_later == IsLater::Yes
    }

    fn replaces(&self) -> Vec<Position> {
        self.entry.replaces.iter().map(|position| *position as Position).collect()
    }

    pub fn json(&self) -> HistoryEntryJson<'_> {
        let (entry, (at, to)) = (&self.entry, effective(&self.entry.payload));
        HistoryEntryJson {
            position: entry.position,
            recorded: recorded_text(entry.recorded),
            at: at.map(AsText),
            to: to.map(AsText),
            author: &entry.author,
            user: &entry.user,
            kind: entry.payload.word(),
            id: AsText(entry.id),
            about: about(entry),
            replaces: &entry.replaces,
            replaced_by: &self.replaced_by,
            retracted_by: &self.retracted_by,
            posted: posted(&entry.payload).map(PostedJson::of),
            changes: self.changes.iter().map(|change| MoneyChangeJson::of(change, entry.position)).collect(),
            not_posted_yet: self.is_unposted(),
        }
    }

    /// A row for each change, and at least one. What the entry itself posted is in the first one only, so that a column adds up.
    pub fn rows(&self) -> Vec<Vec<String>> {
        let of_entry = self.entry_cells();
        let empty = || vec![String::new(); 7];
        let mut changes: Vec<Vec<String>> = self.changes.iter().map(|change| self.change_cells(change)).collect();
        if changes.is_empty() {
            changes.push(empty());
            changes[0][5] = if self.is_unposted() { NOT_POSTED.to_owned() } else { String::new() };
        }
        let row = |(number, change): (usize, Vec<String>)| {
            let posted = of_entry.iter().enumerate().map(|(column, cell)| {
                let is_repeated = number == 0 || column < POSTED_FROM;
                if is_repeated { cell.clone() } else { String::new() }
            });
            posted.chain(change).collect()
        };
        changes.into_iter().enumerate().map(row).collect()
    }

    fn change_cells(&self, change: &MoneyChange) -> Vec<String> {
        let is_counted = u64::from(change.entry) == self.entry.position;
        vec![
            change.payee.to_string(),
            change.line.to_string(),
            if is_counted { change.amount.text() } else { String::new() },
            change.amount.currency.to_string(),
            change.period.to_string(),
            kind_of(&change.origin).to_owned(),
            change.entry.to_string(),
        ]
    }

    fn entry_cells(&self) -> [String; 17] {
        let (entry, (at, to)) = (&self.entry, effective(&self.entry.payload));
        let list = |positions: &[Position]| positions.iter().map(Position::to_string).collect::<Vec<_>>().join(" ");
        let text = |value: Option<String>| value.unwrap_or_default();
        let posted = posted(&entry.payload);
        let of = |cell: fn(&Posted<'_>) -> String| posted.as_ref().map(cell).unwrap_or_default();
        [
            entry.position.to_string(),
            recorded_text(entry.recorded),
            text(at.map(|day| day.to_string())),
            text(to.map(|day| day.to_string())),
            entry.author.clone(),
            entry.user.clone(),
            entry.payload.word().to_owned(),
            entry.id.to_string(),
            about(entry),
            list(&self.replaces()),
            list(&self.replaced_by),
            list(&self.retracted_by),
            of(|posted| posted.line.payee.to_string()),
            of(|posted| posted.name.to_string()),
            of(|posted| posted.amount.text()),
            of(|posted| posted.entitled.text()),
            of(|posted| posted.line.currency.to_string()),
        ]
    }

    /// What it took the place of, and what took its.
    pub fn links(&self) -> String {
        let retracts = self.entry.payload.word() == "retraction";
        let parts = [
            (if retracts { "retracts" } else { "in place of" }, self.replaces()),
            ("replaced by", self.replaced_by.clone()),
            ("retracted by", self.retracted_by.clone()),
        ];
        let parts = parts.into_iter().filter(|(_, list)| !list.is_empty()).map(|(words, list)| {
            format!("{words} {}", list.iter().map(Position::to_string).collect::<Vec<_>>().join(", "))
        });
        let parts: Vec<String> = parts.collect();
        if parts.is_empty() { String::new() } else { format!(" ({})", parts.join("; ")) }
    }
}

/// An entry with what became of it, as it is published.
#[derive(Serialize)]
pub struct HistoryEntryJson<'t> {
    position: u64,
    recorded: String,
    at: Option<AsText<Day>>,
    to: Option<AsText<Day>>,
    author: &'t str,
    user: &'t str,
    kind: &'static str,
    id: AsText<Uuid>,
    about: String,
    replaces: &'t [u64],
    replaced_by: &'t [Position],
    retracted_by: &'t [Position],
    posted: Option<PostedJson<'t>>,
    changes: Vec<MoneyChangeJson<'t>>,
    not_posted_yet: bool,
}

/// A part of what a close posted that the entry made. The amount is with one of the entries that made it, and `null` with the others.
#[derive(Serialize)]
struct MoneyChangeJson<'t> {
    payee: AsText<&'t PayeeId>,
    line: AsText<&'t LineName>,
    period: AsText<Month>,
    amount: Option<AsText<Money>>,
    currency: AsText<Currency>,
    change: &'t str,
    reason: Option<AsText<Reason>>,
    counted_at: Position,
    with: &'t [Position],
}

impl MoneyChangeJson<'_> {
    fn of(change: &MoneyChange, position: u64) -> MoneyChangeJson<'_> {
        let is_counted = u64::from(change.entry) == position;
        let reason = match &change.origin {
            ChangeOrigin::Changed(reason) | ChangeOrigin::NoEntry(reason, _) => Some(AsText(*reason)),
            ChangeOrigin::FirstPosted | ChangeOrigin::Opening => None,
        };
        MoneyChangeJson {
            payee: AsText(&change.payee),
            line: AsText(&change.line),
            period: AsText(change.period),
            amount: is_counted.then_some(AsText(change.amount)),
            currency: AsText(change.amount.currency),
            change: kind_of(&change.origin),
            reason,
            counted_at: change.entry,
            with: &change.with,
        }
    }
}

/// What a change is called in tables for programs.
fn kind_of(origin: &ChangeOrigin) -> &str {
    match origin {
        ChangeOrigin::FirstPosted => "first-posted",
        ChangeOrigin::Changed(_) => "changed",
        ChangeOrigin::NoEntry(_, kind) => kind,
        ChangeOrigin::Opening => "opening",
    }
}

#[derive(Serialize)]
struct PostedJson<'t> {
    payee: AsText<&'t PayeeId>,
    line: AsText<LineName>,
    period: AsText<Month>,
    amount: AsText<Money>,
    entitled: AsText<Money>,
    before: AsText<Money>,
    currency: AsText<Currency>,
    reason: Option<AsText<Reason>>,
}

impl PostedJson<'_> {
    fn of(posted: Posted<'_>) -> PostedJson<'_> {
        PostedJson {
            payee: AsText(&posted.line.payee),
            line: AsText(posted.name),
            period: AsText(posted.line.period),
            amount: AsText(posted.amount),
            entitled: AsText(posted.entitled),
            before: AsText(posted.before),
            currency: AsText(posted.line.currency),
            reason: posted.line.reason.map(AsText),
        }
    }
}
