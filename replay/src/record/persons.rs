//! Checks the key of a person before it seals a personal field.
//!
//! A key is used only if it opens a field that was sealed for the person before. So a key file of another book, or a damaged
//! key, never seals a field that cannot be opened later. A person whose key is lost gets no second key.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ledger::fact::Fact;
use ledger::finding::FieldPath;
use ledger::id::PayeeId;
use ledger::keyring::{Keys, KeysError};
use ledger::seal::{PersonKey, Personal};
use projections::position::Position;

use crate::book::Book;
use crate::error::BookError;
use crate::record::fact_error::FactError;
use crate::refusal::{KeyRefusal, Refusal, Refused};
use crate::state::State;

/// By person, the ids of the keys that sealed fields, and the first entry of each.
type SealedFor = BTreeMap<PayeeId, Vec<([u8; 16], Position)>>;

/// The state of persons' keys during one append.
pub(super) struct Persons {
    /// Why the key file cannot be used.
    fault: Option<Arc<KeysError>>,
    /// The key file is that of this book, so new keys may be added to it.
    are_ours: bool,
    /// Persons whose fields may be sealed: their key opened a field, or no field of theirs is sealed yet.
    ready: BTreeSet<PayeeId>,
    /// The fields sealed before this append; computed when first needed.
    sealed: Option<SealedFor>,
}

impl Persons {
    pub(super) fn of(book: &Book) -> Persons {
        let (fault, are_ours) = (book.keys_fault.clone(), book.keys_are_ours());
        Persons { fault, are_ours, ready: BTreeSet::new(), sealed: None }
    }

    /// Checks that the personal fields of a fact can be sealed, and compared with sealed ones. Refused if the key is missing or
    /// wrong; fails if the key file cannot be used.
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

/// Whether a key opens the first field that was sealed under its id.
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

/// The field of a fact that names its person.
fn payee_path() -> FieldPath {
    FieldPath::of("payee")
}
