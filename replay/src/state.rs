//! The state: everything folded from a log up to a size. Facts, plans, what closes posted, and the schedule for the next close.

use std::collections::BTreeMap;
use std::sync::Arc;

use ledger::date::Month;
use ledger::entry::Entry;
use ledger::fact::{Body, BookRecord, Fact, Payload, PlanRecord, Record};
use ledger::id::Name;
use plans::plan::Plan;
use plans::rulebook::Rulebook;
use projections::authority::{Authority, is_of_authority};
use projections::knowledge::{Knowledge, LookupKeys};
use projections::position::Position;
use projections::posted_state::disputes::Disputes;
use projections::posted_state::{ClosedPeriod, PostedState};
use uuid::Uuid;

use crate::error::BookError;
use crate::evaluation::schedule::CarryForward;
use crate::stamp::{Signers, Stamp};

/// Everything that is derived from the log by folding it.
///
/// A copy is cheap, because copies share their memory: only the parts that one of them changes later are copied. So a reader keeps the
/// state of its size while a writer makes the next one, and a refused recording drops its copy.
#[derive(Clone, Default)]
pub struct State {
    pub(crate) name: Option<BookRecord>,
    pub(crate) knowledge: Knowledge,
    pub(crate) rules: Arc<Rulebook>,
    pub(crate) posted: Arc<PostedState>,
    pub(crate) authority: Arc<Authority>,
    pub(crate) schedule: Arc<CarryForward>,
    /// The time of the last entry, in microseconds since 1970.
    pub(crate) recorded: u64,
    /// The keys with which personal fields are sealed, by id, and the first entry that has such a field.
    pub(crate) sealed: Arc<BTreeMap<[u8; 16], Position>>,
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "State of {} entries", self.size())
    }
}

impl State {
    /// The number of folded entries.
    pub fn size(&self) -> u64 {
        self.knowledge.size()
    }

    /// The book's name, from its first entry.
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

    /// The keys of a stamp with the names of their owners. Fails on a key of nobody whom the book knows.
    pub(crate) fn signers<'k>(&self, stamp: &'k Stamp) -> Result<Signers<'k>, BookError> {
        Signers::of(stamp, self.book_uuid(), &self.authority)
    }

    /// The book's UUID; nil before the first entry.
    pub(crate) fn book_uuid(&self) -> Uuid {
        self.name.as_ref().map(|book| book.book).unwrap_or_default()
    }

    /// The time of the last entry, in microseconds since 1970.
    pub fn last_recorded(&self) -> u64 {
        self.recorded
    }

    /// The facts, each with the part of the log in which it was in force.
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

    /// The book's origin: the first line of its checkpoints, and the name of the key that signs them.
    pub fn origin(&self) -> &str {
        &self.name.as_ref().expect("a book without a book entry is not opened").origin.0
    }

    /// Authors, policies, and the keys and last checkpoint of the log.
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// The disputes, by number.
    pub fn disputes(&self) -> &Disputes {
        &self.posted.disputes
    }

    /// The close of a month; `None` where the month is not closed.
    pub fn closed(&self, period: Month) -> Option<&ClosedPeriod> {
        self.posted.closed(period)
    }

    /// The first and the last closed month; `None` if none is closed.
    pub fn closed_months(&self) -> Option<[Month; 2]> {
        let closes = &self.posted.closes;
        closes.first().zip(closes.last()).map(|(first, last)| [first.close.period, last.close.period])
    }

    /// Adds a plan that was published at a position.
    pub(crate) fn publish(&mut self, position: u64, published: &PlanRecord) {
        let checked = plans::check::check_published(published.plan.as_str(), &published.text.0);
        // Published texts were checked before. A text that fails now was published by a newer version.
        let plan =
            checked.plan.unwrap_or_else(|| panic!("BUG: plan `{}` was published and does not pass", published.plan));
        Arc::make_mut(&mut self.rules).publish(position as Position, plan);
    }

    /// Adds a plan at a position, as if it were published there.
    pub(crate) fn publish_plan(&mut self, position: u64, plan: Plan) {
        let position = Position::try_from(position).expect("BUG: admission lets no book grow beyond ENTRIES_MAX");
        Arc::make_mut(&mut self.rules).publish(position, plan);
        self.knowledge.skip();
    }

    /// Folds one entry. Nothing else changes the state, besides the schedule.
    pub(crate) fn fold(&mut self, entry: impl Into<FoldedEntry>) {
        let FoldedEntry { position, recorded, id, payload, replaces, keys } = entry.into();
        self.recorded = recorded;
        match payload {
            Payload::Fact(fact) => {
                let at = Position::try_from(position).expect("BUG: admission lets no book grow beyond ENTRIES_MAX");
                for key in fact.key_ids() {
                    if !self.sealed.contains_key(&key) {
                        Arc::make_mut(&mut self.sealed).insert(key, at);
                    }
                }
                self.knowledge.apply(fact, id, &replaces, keys.expect("BUG: a fact that nothing finds"));
            }
            Payload::Record(record) => {
                if let Record::Book(book) = &record {
                    self.name = Some(book.clone());
                }
                if let Record::Plan(published) = &record {
                    self.publish(position, published);
                }
                let position =
                    Position::try_from(position).expect("BUG: admission lets no book grow beyond ENTRIES_MAX");
                self.knowledge.skip();
                if is_of_authority(&record) {
                    Arc::make_mut(&mut self.authority).apply(&record, position);
                }
                Arc::make_mut(&mut self.posted).apply(record, position);
            }
        }
    }
}

/// An entry to fold, with the lookup keys of a fact.
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
    /// Whether folding it reads or changes a run of usage.
    pub(crate) fn touches_runs(&self, knowledge: &Knowledge) -> bool {
        let is_usage = matches!(&self.payload, Payload::Fact(Fact { body: Body::UsageSnapshot(_), .. }));
        let ends_usage = |replaced: &u64| Position::try_from(*replaced).is_ok_and(|at| knowledge.run_at(at).is_some());
        is_usage || self.replaces.iter().any(ends_usage)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use ledger::date::Month;
    use ledger::id::Name;
    use ledger::seal::Seed;
    use ledger::store::Memory;
    use proptest::prelude::*;

    use super::State;
    use crate::book::Book;
    use crate::close::preview;
    use crate::derived::sealing::Seals;
    use crate::derived::snapshot::format;
    use crate::record::{OnSuperseded, RecordOptions, Rejects, Source, record};
    use crate::stamp::Stamp;

    fn stamp() -> Stamp {
        let text = || "test".to_owned();
        let (seed, secret) = (Seed([1; 32]), Seed([2; 32]));
        Stamp { now: 1_900_000_000_000_000, author: text(), user: text(), seed, secret, signing: Vec::new() }
    }

    /// Facts of every kind that changes what is indexed, as often as the numbers say; some of them contradict each other.
    fn line((kind, day, number): (u8, u8, u8)) -> String {
        let (day, account) = (format!("2027-{:02}-{:02}", 1 + day % 6, 1 + day % 28), number % 3);
        let payee = ["ana", "bea", "zed"][usize::from(number % 3)];
        match kind {
            0 => format!(r#"{{"fact":"payee","payee":"{payee}","at":"{day}","team":"t{account}"}}"#),
            1 => format!(r#"{{"fact":"account","account":"a{account}","at":"{day}","segment":"s{number}"}}"#),
            2 => format!(
                r#"{{"fact":"booking","booking":"b{number}","account":"a{account}","at":"{day}","motion":"land","arr":"{number}00","currency":"USD","months":12,"corrects":true}}"#
            ),
            3 => format!(
                r#"{{"fact":"booking","booking":"b{number}","account":"a{account}","at":"{day}","motion":"land","arr":"{day}","currency":"USD","months":12}}"#
            )
            .replace(&format!(r#""arr":"{day}""#), &format!(r#""arr":"{}000""#, number + 1)),
            4 => format!(
                r#"{{"fact":"credit-split","on":{{"account":"a{account}"}},"at":"{day}","shares":[{{"payee":"{payee}","percent":"100%"}}]}}"#
            ),
            5 => format!(
                r#"{{"fact":"signal","signal":"live","account":"a{account}","at":"{day}","payee":"{payee}","source":"{number}"}}"#
            ),
            6 => format!(r#"{{"fact":"exchange-rate","from":"EUR","to":"USD","at":"{day}","rate":"1.{number}"}}"#),
            _ => format!(
                r#"{{"fact":"usage-snapshot","account":"a{account}","from":"{day}","to":"{day}","amount":"{number}.5","currency":"USD"}}"#
            ),
        }
    }

    fn recorded(book: &mut Book, lines: &[String]) -> bool {
        let text = lines.concat();
        let source = Source { name: "facts".into(), open: Box::new(|| Ok(Box::new(text.as_bytes()))) };
        let options =
            RecordOptions { superseded: OnSuperseded::Refuse, rejects: Rejects::Refuse, ..RecordOptions::default() };
        record(book, &[source], options, &stamp()).is_ok()
    }

    /// Everything in a state, as the bytes that a snapshot has of it.
    fn bytes(state: &State) -> Vec<u8> {
        let secret = ledger::keyring::BookSecret { book: [1; 16], secret: [3; 32] };
        let mut all = Vec::new();
        format(state, [0; 32], Seals::of(&secret).snapshot, &mut |part| all.extend_from_slice(part));
        all
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
        /// A state that a reader keeps does not change, one that was refused leaves no trace, and what was made from copies is
        /// what folding the log gives.
        #[test]
        fn copies_share_and_do_not_interfere(
            batches in proptest::collection::vec((proptest::collection::vec((0u8..9, any::<u8>(), 0u8..9), 1..12), any::<bool>()), 1..9)
        ) {
            let folder = tempfile::tempdir().expect("a folder");
            let name = Name::new("acme").expect("a name");
            let mut book =
                Book::init_in(Box::new(Memory::default()), folder.path().join("keys"), name, &stamp()).expect("a book");
            let mut readers: Vec<(Arc<State>, Vec<u8>)> = Vec::new();
            for (batch, is_kept) in batches {
                let before = bytes(book.state());
                let lines: Vec<String> = batch.into_iter().map(|fact| line(fact) + "\n").collect();
                if is_kept {
                    readers.push((book.shared_state(), before.clone()));
                }
                if !recorded(&mut book, &lines) {
                    prop_assert_eq!(&bytes(book.state()), &before, "a refused recording left something");
                }
                prop_assert_eq!(bytes(book.state()), bytes(&book.state_at(book.size()).expect("a state")));
                for (state, was) in &readers {
                    prop_assert_eq!(&bytes(state), was, "a reader's state has changed");
                }
                let _previewed = preview(book.state(), Month::parse("2027-03").expect("a month"), None);
            }
        }
    }
}
