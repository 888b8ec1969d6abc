//! The context of admission, its decisions, and the lookups that all kinds of facts share.

use std::collections::BTreeMap;

use ledger::fact::Incoming;
use ledger::seal::Personal;
use projections::knowledge::Knowledge;
use projections::position::Position;
use projections::shared_map::SharedMap;
use projections::view::View;
use uuid::Uuid;

use crate::record::options::OnSuperseded;
use crate::refusal::{Ended, Refused};
use ledger::fact::Body;

/// The facts known before the one to decide about, earlier facts of the same append included.
pub struct AdmissionContext<'a> {
    /// The knowledge up to the fact.
    pub knowledge: &'a Knowledge,
    /// The positions of usage by its id, read from the log; `None` unless a fact names such an id. No index has them.
    pub usage_ids: Option<&'a SharedMap<Uuid, Position>>,
    /// The first position of the append. Entries from there on belong to the same command.
    pub append_first: u64,
    /// The ids that facts of this append have of their own, with their positions.
    pub own_ids: &'a BTreeMap<Uuid, Position>,
    /// What to do with a fact that equals one which was replaced since.
    pub superseded: OnSuperseded,
    /// Opens sealed texts, to compare them.
    pub texts: &'a dyn OpenTexts,
}

/// Opens the sealed texts of persons.
pub trait OpenTexts {
    /// The text in clear; `None` if its key is missing.
    fn open(&self, text: &Personal) -> Option<String>;
}

/// What to do with a fact that is not refused.
#[derive(Debug)]
pub enum Decision {
    /// Record it.
    New {
        /// The positions of the entries that it replaces or retracts, ascending.
        replaces: Vec<u64>,
        /// The facts in force that have its natural key and other content, and that it does not say it corrects. Payees,
        /// accounts and opening balances are here only where both give a field, with different values.
        contradicts: Vec<Position>,
    },
    /// It is recorded already, at this position, and in force.
    Known(Position),
    /// It equals a fact that was replaced or retracted since.
    Superseded {
        /// The position of the fact that it equals.
        equal: Position,
        /// The position of the entry that ended that fact.
        since: Position,
    },
}

/// A decision, or why the fact is refused.
pub(super) type Decided = Result<Decision, Refused>;

/// The decision to record a fact that replaces nothing.
pub(super) fn fresh() -> Decision {
    Decision::New { replaces: Vec::new(), contradicts: Vec::new() }
}

/// The decision to record a fact that takes the place of the one in force with its natural key and other content.
pub(super) fn restating(known: Position) -> Decision {
    Decision::New { replaces: vec![u64::from(known)], contradicts: vec![known] }
}

impl<'a> AdmissionContext<'a> {
    /// The knowledge as of all entries before the fact.
    pub fn view(&self) -> View<'a> {
        View::new(self.knowledge, self.knowledge.size())
    }

    /// The position of the entry with an id.
    pub fn position_of(&self, id: Uuid) -> Option<Position> {
        let own = || self.own_ids.get(&id).copied();
        self.knowledge.position_of(id).or_else(own).or_else(|| self.usage_ids?.get(&id).copied())
    }

    /// Whether a fact is to be recorded although it equals one that was replaced since: it has an id of its own, or the
    /// option to restate is given.
    pub(super) fn is_meant(&self, incoming: &Incoming) -> bool {
        incoming.id.is_some() || self.superseded == OnSuperseded::Restate
    }

    /// The last of these positions at which an equal fact was recorded and has been replaced or retracted since.
    pub(super) fn ended(&self, positions: impl Iterator<Item = Position>, incoming: &Incoming) -> Option<Decision> {
        if self.is_meant(incoming) {
            return None;
        }
        let fact = &incoming.fact;
        let visibility = self.view().visibility;
        let equal = positions
            .filter(|position| self.knowledge.fact_at(*position).is_some_and(|known| self.same(&known.fact, fact)));
        let ended = equal.filter_map(|equal| Some((equal, self.knowledge.ended_by(equal, visibility)?)));
        ended.last().map(|(equal, since)| Decision::Superseded { equal, since })
    }

    /// Whether the entry that ended a fact replaced or retracted it.
    pub fn how_ended(&self, since: Position) -> Ended {
        match self.knowledge.fact_at(since).map(|known| &known.fact.body) {
            Some(Body::Retraction(_)) => Ended::Retracted,
            Some(_) | None => Ended::Replaced,
        }
    }
}
