//! Everything that is folded from a log up to a size: knowledge, rules, what closes posted, and what the last close left.

use std::collections::BTreeMap;

use ledger::date::Month;
use ledger::entry::Entry;
use ledger::fact::{Body, Book as BookRecord, Fact, Payload, Plan as PlanRecord, Record};
use ledger::id::Name;
use plans::rulebook::Rulebook;
use projections::knowledge::{Knowledge, LookupKeys};
use projections::position::Position;
use projections::posted_state::{Closed, PostedState};
use uuid::Uuid;

use crate::evaluation::schedule::Schedule;

/// Everything that is derived from the log by folding it.
#[derive(Default)]
pub struct State {
    pub(crate) name: Option<BookRecord>,
    pub(crate) knowledge: Knowledge,
    pub(crate) rules: Rulebook,
    pub(crate) posted: PostedState,
    pub(crate) schedule: Schedule,
    /// The time of the last entry, in microseconds since 1970.
    pub(crate) recorded: u64,
    /// The keys with which personal fields are sealed, by id, and the first entry that has such a field.
    pub(crate) sealed: BTreeMap<[u8; 16], Position>,
}

impl State {
    /// How many entries were folded.
    pub fn size(&self) -> u64 {
        self.knowledge.size()
    }

    /// The book's name, wherever its folder lies.
    pub fn book_name(&self) -> &Name {
        &self.book_record().name
    }

    /// The book's UUID.
    pub fn book_id(&self) -> [u8; 16] {
        *self.book_record().book.as_bytes()
    }

    fn book_record(&self) -> &BookRecord {
        self.name.as_ref().expect("a book without a book entry is not opened")
    }

    /// The time of the last entry, in microseconds since 1970.
    pub fn last_recorded(&self) -> u64 {
        self.recorded
    }

    /// What the facts say, and from where to where in the log they said it.
    pub fn knowledge(&self) -> &Knowledge {
        &self.knowledge
    }

    /// The published plans.
    pub fn rules(&self) -> &Rulebook {
        &self.rules
    }

    /// Balances, draws, posted lines and closes.
    pub fn posted_state(&self) -> &PostedState {
        &self.posted
    }

    /// The close of a month; `None` where the month is not closed.
    pub fn closed(&self, period: Month) -> Option<&Closed> {
        self.posted.closed(period)
    }

    /// The rules of a plan that was published at a position.
    pub(crate) fn publish(&mut self, position: u64, published: &PlanRecord) {
        let checked = plans::check::check_published(published.plan.as_str(), &published.text.0);
        // What was published had been checked; a text that this version refuses is of a newer one.
        let plan =
            checked.plan.unwrap_or_else(|| panic!("BUG: plan `{}` was published and does not pass", published.plan));
        self.rules.publish(position as Position, plan);
    }

    /// Folds in one entry: the only way in which anything here changes.
    pub(crate) fn fold(&mut self, entry: impl Into<FoldedEntry>) {
        let FoldedEntry { position, recorded, id, payload, replaces, keys } = entry.into();
        self.recorded = recorded;
        match payload {
            Payload::Fact(fact) => {
                let at = Position::try_from(position).expect("BUG: admission lets no book grow beyond ENTRIES_MAX");
                for key in fact.key_ids() {
                    self.sealed.entry(key).or_insert(at);
                }
                self.knowledge.apply(fact, id, &replaces, keys.expect("BUG: a fact that nothing finds"));
            }
            Payload::Record(record) => {
                match &record {
                    Record::Book(book) => self.name = Some(book.clone()),
                    Record::Plan(published) => self.publish(position, published),
                    Record::Mapping(_)
                    | Record::Earning(_)
                    | Record::Reversal(_)
                    | Record::Draw(_)
                    | Record::Settlement(_)
                    | Record::PeriodClose(_)
                    | Record::OpeningLine(_)
                    | Record::Withheld(_)
                    | Record::Freeze(_) => {}
                }
                let position =
                    Position::try_from(position).expect("BUG: admission lets no book grow beyond ENTRIES_MAX");
                self.knowledge.skip();
                self.posted.apply(record, position);
            }
        }
    }
}

/// An entry as it is folded, with the keys under which a fact will be found.
pub(crate) struct FoldedEntry {
    position: u64,
    recorded: u64,
    id: Uuid,
    payload: Payload,
    replaces: Vec<u64>,
    keys: Option<LookupKeys>,
}

impl From<Entry> for FoldedEntry {
    fn from(entry: Entry) -> FoldedEntry {
        let Entry { position, recorded, id, payload, replaces, .. } = entry;
        let keys = match &payload {
            Payload::Fact(fact) => Some(LookupKeys::of(fact)),
            Payload::Record(_) => None,
        };
        FoldedEntry { position, recorded, id, payload, replaces, keys }
    }
}

impl FoldedEntry {
    /// Whether folding it in looks at a run of usage, or changes one.
    pub(crate) fn touches_runs(&self, knowledge: &Knowledge) -> bool {
        let is_usage = matches!(&self.payload, Payload::Fact(Fact { body: Body::UsageSnapshot(_), .. }));
        let ends_usage = |replaced: &u64| Position::try_from(*replaced).is_ok_and(|at| knowledge.run_at(at).is_some());
        is_usage || self.replaces.iter().any(ends_usage)
    }
}
