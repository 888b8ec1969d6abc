//! What a payee is called, where the key of the person is there.

use ledger::fact::{OneOf, Payee};
use ledger::field::Change;
use ledger::id::PayeeId;
use ledger::seal::Personal;
use projections::view::View;
use replay::book::Book;

const SEALED: &str = "(sealed)";

/// The name that was given last; none where none was given.
pub fn name_of(payee: &PayeeId, book: &Book) -> Option<String> {
    let facts = book.knowledge().payees.get(payee)?;
    let view = View::new(book.knowledge(), book.size());
    let changes = view.live(&facts.facts).filter_map(|known| {
        let fact = Payee::of(&known.fact.body).filter(|fact| fact.name != Change::Keep)?;
        Some((fact.at, known.position, &fact.name))
    });
    match changes.max_by_key(|(at, position, _)| (*at, *position))?.2 {
        Change::Set(name) => Some(opened(name, book)),
        Change::Keep | Change::Clear => None,
    }
}

fn opened(text: &Personal, book: &Book) -> String {
    let clear = match text {
        Personal::Clear(text) => Some(text.clone()),
        Personal::Sealed { key, .. } => book.keys().by_id(key).and_then(|key| text.open(key)),
    };
    clear.unwrap_or_else(|| SEALED.to_owned())
}
