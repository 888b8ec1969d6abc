//! What a payee is called, where the key of the person is there.

use std::sync::atomic::{AtomicBool, Ordering};

use ledger::fact::{Payee, VariantOf};
use ledger::field::FieldChange;
use ledger::id::PayeeId;
use ledger::keyring::Keys;
use ledger::seal::Personal;
use projections::view::View;
use replay::book::Book;

/// What is shown in the place of a text that cannot be opened.
pub const SEALED: &str = "(sealed)";

/// Whether a text could not be opened that was to be shown.
static SEALED_SHOWN: AtomicBool = AtomicBool::new(false);

pub fn was_sealed_shown() -> bool {
    SEALED_SHOWN.load(Ordering::Relaxed)
}

/// The name that was given last; none where none was given.
pub fn name_of(payee: &PayeeId, book: &Book) -> Option<String> {
    let facts = book.state().knowledge().payees.get(payee)?;
    let view = View::new(book.state().knowledge(), book.size());
    let changes = view.live(&facts.facts).filter_map(|known| {
        let fact = Payee::of(&known.fact.body).filter(|fact| fact.name != FieldChange::Keep)?;
        Some((fact.at, known.position, &fact.name))
    });
    match changes.max_by_key(|(at, position, _)| (*at, *position))?.2 {
        FieldChange::Set(name) => Some(opened(name, book.keys()).unwrap_or_else(|| SEALED.to_owned())),
        FieldChange::Keep | FieldChange::Clear => None,
    }
}

/// A text in clear, where the key is there that it is sealed with.
pub fn opened(text: &Personal, keys: &Keys) -> Option<String> {
    let clear = match text {
        Personal::Clear(text) => Some(text.clone()),
        Personal::Sealed { key, .. } => keys.by_id(key).and_then(|key| text.open(key)),
    };
    SEALED_SHOWN.fetch_or(clear.is_none(), Ordering::Relaxed);
    clear
}
