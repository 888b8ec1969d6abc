//! Whose personal fields may be sealed, and with which key: a key proves itself before it seals anything.
//!
//! A key of the file seals for a person only if it opens what was sealed for that person before. So a key file from elsewhere, or a
//! damaged secret, never seals what nobody can read afterwards, and no second key is made for somebody whose key is lost.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ledger::fact::Fact;
use ledger::finding::FieldPath;
use ledger::id::PayeeId;
use ledger::keyring::{Keys, KeysError};
use ledger::seal::{PersonKey, Personal};
use projections::position::Position;

use crate::error::BookError;
use crate::record::fact_error::FactError;
use crate::refusal::{KeyRefusal, Refusal, Refused};
use crate::state::State;

/// By person, the ids of the keys that sealed fields, and the first entry of each.
type SealedFor = BTreeMap<PayeeId, Vec<([u8; 16], Position)>>;

/// What is known of persons' keys while an append is made.
pub(super) struct Persons {
    /// Why the key file cannot be used.
    fault: Option<Arc<KeysError>>,
    /// A new key would lie with the others of this book.
    are_ours: bool,
    /// Those whose fields may be sealed: their key opened something, or nothing is sealed for them yet.
    ready: BTreeSet<PayeeId>,
    /// What was sealed before this append; made when first asked for.
    sealed: Option<SealedFor>,
}

impl Persons {
    pub(super) fn new(fault: Option<Arc<KeysError>>, are_ours: bool) -> Persons {
        Persons { fault, are_ours, ready: BTreeSet::new(), sealed: None }
    }

    /// Whether the personal fields of a fact can be sealed, and compared with those that are sealed.
    pub(super) fn may_seal(&mut self, fact: &Fact, keys: &Keys, state: &State) -> Result<(), FactError> {
        let Some(person) = fact.sealed_for() else { return Ok(()) };
        if self.ready.contains(person) {
            return Ok(());
        }
        if let Some(fault) = &self.fault {
            return Err(BookError::Keys(Arc::clone(fault)).into());
        }
        self.prove(person, keys, state)?;
        self.ready.insert(person.clone());
        Ok(())
    }

    fn prove(&mut self, person: &PayeeId, keys: &Keys, state: &State) -> Result<(), Refused> {
        let sealed = self.sealed.get_or_insert_with(|| by_person(state));
        match (sealed.get(person).map(Vec::as_slice), keys.of_payee(person)) {
            (None | Some([]), _) if self.are_ours => Ok(()),
            (None | Some([]), _) => Err(not_ours(person, keys)),
            (Some([(_, first), ..]), None) => Err(missing(person, *first, keys)),
            (Some(sealed @ [(_, first), ..]), Some(key)) => match sealed.iter().find(|(id, _)| *id == key.id) {
                Some((_, position)) if opens(key, *position, state) => Ok(()),
                Some((_, position)) => Err(wrong(person, *position, keys)),
                None => Err(wrong(person, *first, keys)),
            },
        }
    }
}

fn by_person(state: &State) -> SealedFor {
    let mut all = SealedFor::new();
    for (id, position) in &*state.sealed {
        let person = state.knowledge.fact_at(*position).and_then(|known| known.fact.body.person());
        if let Some(person) = person {
            all.entry(person.clone()).or_default().push((*id, *position));
        }
    }
    all
}

/// Whether a key opens what was sealed first under its id.
fn opens(key: &PersonKey, position: Position, state: &State) -> bool {
    let Some(known) = state.knowledge.fact_at(position) else { return false };
    let mut sealed =
        known.fact.personal().filter(|text| matches!(text, Personal::Sealed { key: id, .. } if *id == key.id));
    sealed.next().is_some_and(|text| text.open(key).is_some())
}

fn missing(person: &PayeeId, position: Position, keys: &Keys) -> Refused {
    let (payee, file) = (person.clone(), keys.path().to_owned());
    Refusal::from(KeyRefusal::PersonKeyMissing { payee, position, file }).at(payee_path())
}

fn not_ours(person: &PayeeId, keys: &Keys) -> Refused {
    let (payee, file) = (person.clone(), keys.path().to_owned());
    Refusal::from(KeyRefusal::KeyFileOfOtherBook { payee, file, file_exists: keys.is_there() }).at(payee_path())
}

fn wrong(person: &PayeeId, position: Position, keys: &Keys) -> Refused {
    let (payee, file) = (person.clone(), keys.path().to_owned());
    Refusal::from(KeyRefusal::PersonKeyWrong { payee, position, file }).at(payee_path())
}

/// Every fact with personal fields names its person here.
fn payee_path() -> FieldPath {
    FieldPath::of("payee")
}
