//! `trueup history`: every entry that ever touched something, in the order recorded, with both its dates and what it
//! changed in money.

mod entry;
mod text;

use std::collections::{BTreeMap, BTreeSet};

use clap::Args;
use ledger::entry::Entry;
use ledger::fact::item_key::ItemKey;
use ledger::fact::{Body, Payload};
use ledger::id::{BookingId, ContractId, PayeeId};
use ledger::key::natural_key;
use ledger::nearest::nearest;
use projections::lines::LineName;
use projections::position::Position;
use projections::posted_state::disputes::Dispute;
use replay::book::Book;
use replay::derived::entry_names::{EVERYBODY, NameQuery};
use replay::statements::history::decisions::{concerns_everybody, decides_for_everybody};
use replay::statements::history::lines::{DrawHistory, LineHistory, draw_history, line_history, line_names};
use replay::statements::history::money::{MoneyChange, money_of_lines, money_of_plan};
use uuid::Uuid;

use crate::arguments::Format;
use crate::as_of::AsOf;
use crate::command::facts::history::entry::{HEADER, HistoryEntry, IsLater};
use crate::command::facts::history::text::text;
use crate::entries::{each_about, opened};
use crate::failure::Failure;
use crate::refusal::CommandRefusal;
use crate::session::state::{Outcome, Session};

/// Show every entry about a line, booking, contract, account, payee or plan
///
/// Entries stand in the order recorded, each with the time at which it was recorded and the date on which it takes effect,
/// and with what it replaced or retracted and was itself replaced or retracted by. Below are the amounts that each of them changed, by payee
/// and line, with the month whose close posted it.
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
            Format::Json => session.json(&touches.iter().map(HistoryEntry::json).collect::<Vec<_>>())?,
            Format::Csv => {
                session.out.row(&HEADER)?;
                touches.iter().flat_map(HistoryEntry::rows).try_for_each(|row| session.out.row(&row))?;
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

/// Entries about the item or behind the lines and draws of that name, all that ever took the place of one of them, and those that
/// changed an amount of its lines.
fn touches(
    book: &Book,
    item: &str,
    (lines, draws): (&[LineHistory], &[DrawHistory]),
    session: &Session,
) -> Result<Vec<HistoryEntry>, Failure> {
    let behind = lines.iter().map(|line| &line.positions).chain(draws.iter().map(|draw| &draw.positions));
    let mut next: Vec<u64> = behind.flatten().map(|at| u64::from(*at)).collect();
    let mut asked = AskedItem::of(book, item);
    let names = names(book, item, (lines, draws), &asked);
    let places = session.places(book, &names)?;
    each_about(book, names, &places, |entry, _| {
        if asked.takes(book, item, &entry) {
            next.push(entry.position);
        }
        Ok(())
    })?;
    next.extend(asked.postings(book));
    let changes = changes(book, item, lines, &asked)?;
    let of_item = changes.iter().filter(|change| asked.is_line(&change.payee, &change.line) || !lines.is_empty());
    next.extend(of_item.map(|change| u64::from(change.entry)));
    let disputes = book.state().disputes().all().iter();
    next.extend(disputes.filter(|one| is_about(one, lines)).map(|one| u64::from(one.position)));
    let found = followed(book, next)?;
    Ok(with_changes(book, found, changes))
}

/// What is looked for: the item, what its lines and draws are of, and for a payee what was decided for everybody.
fn names(
    book: &Book,
    item: &str,
    (lines, draws): (&[LineHistory], &[DrawHistory]),
    asked: &AskedItem,
) -> Vec<NameQuery> {
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
    names.extend(asked.payee.iter().map(|_| NameQuery::new(EVERYBODY)));
    names
}

/// What the text names, besides lines: a payee, and the items of its lines.
#[derive(Default)]
struct AskedItem {
    payee: Option<PayeeId>,
    bookings: BTreeSet<BookingId>,
    contracts: BTreeSet<ContractId>,
    /// The ids of the entries that were found.
    ids: BTreeSet<Uuid>,
}

impl AskedItem {
    fn of(book: &Book, item: &str) -> AskedItem {
        let knowledge = book.state().knowledge();
        let contracts = knowledge.contracts();
        let mine = contracts.filter(|contract| contract.id.as_str() == item || contract.account.as_str() == item);
        let is_mine = |id: &&BookingId| {
            let mut versions = knowledge.booking_versions(id.as_str());
            id.as_str() == item
                || versions.any(|(_, booking)| booking.account.as_str() == item || booking.contract() == item)
        };
        AskedItem {
            payee: PayeeId::new(item).filter(|payee| knowledge.payees.contains_key(payee)),
            bookings: knowledge.booking_ids().filter(is_mine).cloned().collect(),
            contracts: mine.map(|contract| contract.id.clone()).collect(),
            ids: BTreeSet::new(),
        }
    }

    /// Whether an entry that was found is about the item, and what else follows from it.
    fn takes(&mut self, book: &Book, item: &str, entry: &Entry) -> bool {
        if let (Some(payee), true) = (&self.payee, concerns_everybody(&entry.payload)) {
            return decides_for_everybody(book.state().posted_state(), &entry.payload, entry.position, payee);
        }
        self.ids.insert(entry.id);
        if let Payload::Fact(fact) = &entry.payload
            && let Body::Booking(booking) = &fact.body
            && (natural_key(&fact.body).as_deref() == Some(item) || entry.id.to_string() == item)
        {
            self.bookings.insert(booking.booking.clone());
        }
        true
    }

    /// Whether a line is the payee's, or of the booking, contract, account or fact.
    fn is_line(&self, payee: &PayeeId, name: &LineName) -> bool {
        self.payee.as_ref() == Some(payee)
            || self.is_item(&name.item)
            || matches!(&name.item, ItemKey::Booking(booking) if self.bookings.contains(booking))
    }

    fn is_item(&self, key: &ItemKey) -> bool {
        match key {
            ItemKey::ContractMonth { contract, .. } => self.contracts.contains(contract),
            ItemKey::Fact(id) => self.ids.contains(id),
            ItemKey::Booking(_) | ItemKey::Month(_) | ItemKey::Period(_) => false,
        }
    }

    /// Postings whose item is a month of usage of the contract or account, or one of the facts that were found: a signal.
    fn postings(&self, book: &Book) -> Vec<u64> {
        let lines = book.state().posted_state().lines.posted.values().flatten();
        let mine = lines.filter(|(name, _)| self.is_item(&name.item));
        mine.flat_map(|(_, posted)| &posted.positions).map(|position| u64::from(*position)).collect()
    }
}

/// What was posted of the item's lines, and of others in the same statements; of a plan what its versions changed.
fn changes(book: &Book, item: &str, lines: &[LineHistory], asked: &AskedItem) -> Result<Vec<MoneyChange>, Failure> {
    if !lines.is_empty() {
        return Ok(lines.iter().flat_map(|line| line.changes.clone()).collect());
    }
    let mut changes = money_of_lines(book, |payee, name| asked.is_line(payee, name))?;
    if book.state().rules().plans().any(|(id, _)| id.as_str() == item) {
        changes.extend(money_of_plan(book, item)?);
    }
    Ok(changes)
}

/// Whether a dispute is about one of the lines.
fn is_about(dispute: &Dispute, lines: &[LineHistory]) -> bool {
    let name = dispute.record.line.as_ref().map(LineName::from);
    lines.iter().any(|line| Some(&line.name) == name.as_ref() && line.payee == dispute.record.payee)
}

/// The entries at these positions, those of their disputes, and all that took the place of one of them or that they took the place of.
fn followed(book: &Book, mut next: Vec<u64>) -> Result<BTreeMap<u64, HistoryEntry>, Failure> {
    let mut found = BTreeMap::new();
    while let Some(position) = next.pop() {
        if found.contains_key(&position) {
            continue;
        }
        let touch = touch(book, position)?;
        let ended = touch.replaced_by.iter().chain(&touch.retracted_by).map(|by| u64::from(*by));
        next.extend(touch.entry.replaces.iter().copied().chain(ended));
        next.extend(book.state().disputes().entries_around(position));
        found.insert(position, touch);
    }
    Ok(found)
}

/// The entries with what each changed.
fn with_changes(book: &Book, mut found: BTreeMap<u64, HistoryEntry>, changes: Vec<MoneyChange>) -> Vec<HistoryEntry> {
    for change in changes {
        for position in change.with.iter().chain([&change.entry]) {
            if let Some(touch) = found.get_mut(&u64::from(*position)) {
                touch.changes.push(change.clone());
            }
        }
    }
    let known = book.state().posted_state().last_close().map_or(0, |last| last.close.known);
    let mut touches: Vec<HistoryEntry> = found.into_values().collect();
    for touch in &mut touches {
        touch.is_later = if touch.entry.position >= known { IsLater::Yes } else { IsLater::No };
    }
    touches
}

fn touch(book: &Book, position: u64) -> Result<HistoryEntry, Failure> {
    let entry = opened(book.entry(position)?, book.keys());
    let validity = book.state().knowledge().validity(position as Position);
    let replaced_by = validity.map(|validity| validity.replaced_by.to_vec()).unwrap_or_default();
    let retracted_by = validity.map(|validity| validity.retracted_by.to_vec()).unwrap_or_default();
    Ok(HistoryEntry { entry, replaced_by, retracted_by, changes: Vec::new(), is_later: IsLater::No })
}
