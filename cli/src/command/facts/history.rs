//! `trueup history`: every entry that ever touched something, in the order recorded, with both its dates.

use std::collections::{BTreeMap, BTreeSet};

use clap::Args;
use ledger::date::{Day, Month};
use ledger::entry::{Entry, recorded_text};
use ledger::fact::Reason;
use ledger::fact::item_key::ItemKey;
use ledger::id::ContractId;
use ledger::id::PayeeId;
use ledger::money::{Currency, Money};
use ledger::nearest::nearest;
use projections::lines::LineName;
use projections::position::Position;
use projections::posted_state::disputes::Dispute;
use replay::book::Book;
use replay::derived::entry_names::NameQuery;
use replay::statements::history::{DrawHistory, LineHistory, draw_history, line_history, line_names};
use serde::Serialize;
use uuid::Uuid;

use crate::arguments::Format;
use crate::as_of::AsOf;
use crate::entries::{each_about, opened};
use crate::failure::Failure;
use crate::refusal::CommandRefusal;
use crate::render::amount::amount;
use crate::render::dates::{Posted, effective, posted};
use crate::render::entry::about;
use crate::render::json::AsText;
use crate::render::layout::shorten::without_gaps;
use crate::render::layout::table::{Align, Table};
use crate::render::statement::forfeited::{judged_words, reasons};
use crate::render::statement::item::BookView;
use crate::render::statement::page::waits;
use crate::render::status::dispute::corrects;
use crate::session::state::{Outcome, Session};

/// Show every entry about a line, booking, contract, account, payee or plan
///
/// Entries stand in the order recorded, each with the time at which it was recorded and the date on which it takes effect,
/// and with what it replaced or retracted and was itself replaced or retracted by.
#[derive(Args, Debug)]
pub struct History {
    /// A line (plan/component/part/item), an id, a natural key, or the name of a booking, contract, account, payee or plan
    item: String,
    #[command(flatten)]
    at: AsOf,
}

impl History {
    pub fn run(self, session: &mut Session) -> Result<Outcome, Failure> {
        let book = session.book_at(&self.at)?;
        let wait = session.wait("looking");
        let lines = line_history(&book, &self.item)?;
        let draws = draw_history(&book, &self.item)?;
        let touches = touches(&book, &self.item, (&lines, &draws), session)?;
        drop(wait);
        if touches.is_empty() {
            return Err(self.unknown(&book));
        }
        match session.options.format {
            Format::Json => session.json(&touches.iter().map(Touch::json).collect::<Vec<_>>())?,
            Format::Csv => {
                session.out.row(&HEADER)?;
                touches.iter().try_for_each(|one| session.out.row(&one.cells()))?;
            }
            Format::Text => text(&touches, &book, (&lines, &draws), session)?,
        }
        Ok(Outcome::Done)
    }

    fn unknown(&self, book: &Book) -> Failure {
        let knowledge = book.state().knowledge();
        let names = knowledge.booking_ids().map(|id| id.to_string());
        let names = names.chain(knowledge.contracts().map(|contract| contract.id.to_string()));
        let names = names.chain(knowledge.accounts.sorted().into_iter().map(|(id, _)| id.to_string()));
        let names = names.chain(knowledge.payees.keys().map(|id| id.to_string()));
        let names = names.chain(book.state().rules().plans().map(|(id, _)| id.to_string()));
        let names: BTreeSet<String> = names.chain(line_names(book.state())).collect();
        let nearest = nearest(&self.item, names.iter().map(String::as_str)).filter(|name| *name != self.item);
        Failure::refused(CommandRefusal::ItemUnknown { item: self.item.clone(), nearest: nearest.map(str::to_owned) })
    }
}

/// An entry, and what became of it.
struct Touch {
    entry: Entry,
    replaced_by: Vec<Position>,
    retracted_by: Vec<Position>,
}

/// Entries about the item or behind the lines and draws of that name, and all that ever took the place of one of them.
fn touches(
    book: &Book,
    item: &str,
    (lines, draws): (&[LineHistory], &[DrawHistory]),
    session: &Session,
) -> Result<Vec<Touch>, Failure> {
    let behind = lines.iter().map(|line| &line.positions).chain(draws.iter().map(|draw| &draw.positions));
    let mut next: Vec<u64> = behind.flatten().map(|at| u64::from(*at)).collect();
    let mut names = vec![NameQuery::new(item)];
    names.extend(draws.iter().filter(|draw| draw.name != item).map(|draw| NameQuery::new(&draw.name)));
    // A line of a booking is touched by whatever touches the booking.
    let is_booking = |item: &&str| book.state().knowledge().booking_versions(item).next().is_some();
    let bookings = lines.iter().filter_map(|line| match &line.name.item {
        ItemKey::Booking(booking) => Some(booking.as_str()),
        ItemKey::ContractMonth { .. } | ItemKey::Month(_) | ItemKey::Period(_) | ItemKey::Fact(_) => None,
    });
    let bookings = bookings.chain(draws.iter().map(|draw| draw.trigger.as_str()));
    names.extend(bookings.filter(is_booking).map(NameQuery::new));
    let places = session.places(book, &names)?;
    let mut ids = BTreeSet::new();
    each_about(book, names, &places, |entry, _| {
        next.push(entry.position);
        ids.insert(entry.id);
        Ok(())
    })?;
    next.extend(postings(book, item, &ids));
    let disputes = book.state().disputes();
    next.extend(disputes.all().iter().filter(|one| is_about(one, lines)).map(|one| u64::from(one.position)));
    let mut found = BTreeMap::new();
    while let Some(position) = next.pop() {
        if found.contains_key(&position) {
            continue;
        }
        let touch = touch(book, position)?;
        let ended = touch.replaced_by.iter().chain(&touch.retracted_by).map(|by| u64::from(*by));
        next.extend(touch.entry.replaces.iter().copied().chain(ended));
        next.extend(disputes.entries_around(position));
        found.insert(position, touch);
    }
    Ok(found.into_values().collect())
}

/// Whether a dispute is about one of the lines.
fn is_about(dispute: &Dispute, lines: &[LineHistory]) -> bool {
    let name = dispute.record.line.as_ref().map(LineName::from);
    lines.iter().any(|line| Some(&line.name) == name.as_ref() && line.payee == dispute.record.payee)
}

/// Postings whose item is a month of usage of the contract or account, or one of the facts that were found: a signal.
fn postings(book: &Book, item: &str, ids: &BTreeSet<Uuid>) -> Vec<u64> {
    let contracts = book.state().knowledge().contracts();
    let mine = contracts.filter(|contract| contract.id.as_str() == item || contract.account.as_str() == item);
    let mine: BTreeSet<&ContractId> = mine.map(|contract| &contract.id).collect();
    let is_mine = |key: &ItemKey| match key {
        ItemKey::ContractMonth { contract, .. } => mine.contains(contract),
        ItemKey::Fact(id) => ids.contains(id),
        ItemKey::Booking(_) | ItemKey::Month(_) | ItemKey::Period(_) => false,
    };
    let lines = book.state().posted_state().lines.posted.values().flatten().filter(|(name, _)| is_mine(&name.item));
    lines.flat_map(|(_, posted)| &posted.positions).map(|position| u64::from(*position)).collect()
}

fn touch(book: &Book, position: u64) -> Result<Touch, Failure> {
    let entry = opened(book.entry(position)?, book.keys());
    let validity = book.state().knowledge().validity(position as Position);
    let replaced_by = validity.map(|validity| validity.replaced_by.to_vec()).unwrap_or_default();
    let retracted_by = validity.map(|validity| validity.retracted_by.to_vec()).unwrap_or_default();
    Ok(Touch { entry, replaced_by, retracted_by })
}

const HEADER: [&str; 17] = [
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
];

impl Touch {
    fn replaces(&self) -> Vec<Position> {
        self.entry.replaces.iter().map(|position| *position as Position).collect()
    }

    fn json(&self) -> TouchJson<'_> {
        let (entry, (at, to)) = (&self.entry, effective(&self.entry.payload));
        TouchJson {
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
        }
    }

    fn cells(&self) -> [String; 17] {
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
    fn links(&self) -> String {
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
struct TouchJson<'t> {
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

fn text(
    touches: &[Touch],
    book: &Book,
    (lines, draws): (&[LineHistory], &[DrawHistory]),
    session: &mut Session,
) -> Result<(), Failure> {
    let mut table = Table::new(&[Align::Right, Align::Left, Align::Left, Align::Left, Align::Left, Align::Left]);
    table.row(["", "recorded", "takes effect", "by", "", ""]);
    for touch in touches {
        let entry = &touch.entry;
        let (at, to) = effective(&entry.payload);
        let day = match (at, to) {
            (Some(at), Some(to)) => format!("{at}..{to}"),
            (at, _) => at.map(|day| day.to_string()).unwrap_or_default(),
        };
        // Microseconds are for programs.
        let recorded = recorded_text(entry.recorded).split('.').next().unwrap_or_default().replace('T', " ");
        let what =
            posted(&entry.payload).map_or_else(|| without_gaps(&about(entry)).into_owned(), |posted| amounts(&posted));
        let about = format!("{what}{}{}", touch.links(), corrects(book, entry.position));
        table.row([
            entry.position.to_string(),
            recorded,
            day,
            entry.author.clone(),
            entry.payload.word().to_owned(),
            about,
        ]);
    }
    table.write(&mut session.out)?;
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
