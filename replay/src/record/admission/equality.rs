//! Whether two facts say the same (facts.md, "Recording twice").

use ledger::fact::{Body, Fact};
use ledger::key::natural_key;
use ledger::seal::Personal;

use super::context::{AdmissionContext, OpenTexts};

impl AdmissionContext<'_> {
    /// Whether a fact says the same as a recorded one. `source` and `note` count only for kinds without a natural key.
    pub(super) fn same(&self, known: &Fact, incoming: &Fact) -> bool {
        match natural_key(&known.body) {
            Some(_) => self.same_body(&known.body, &incoming.body),
            None => self.same_to_the_letter(known, incoming),
        }
    }

    /// Whether a fact says the same as a recorded one, `source` and `note` included.
    pub(super) fn same_to_the_letter(&self, known: &Fact, incoming: &Fact) -> bool {
        let note = |fact: &Fact| fact.note.as_ref().map(|note| self.texts.open(note));
        self.same_body(&known.body, &incoming.body) && known.source == incoming.source && note(known) == note(incoming)
    }

    fn same_body(&self, known: &Body, incoming: &Body) -> bool {
        match known {
            Body::Payee(_) => self.opened(known) == self.opened(incoming),
            _ => known == incoming,
        }
    }

    /// The content of a fact with its sealed texts opened, if their keys are there.
    pub(super) fn opened(&self, body: &Body) -> Body {
        opened(body, self.texts)
    }
}

/// The content of a fact with its sealed texts opened, if their keys are there.
pub fn opened(body: &Body, texts: &dyn OpenTexts) -> Body {
    let mut fact = Fact { body: body.clone(), source: None, note: None };
    for field in fact.personal_fields() {
        if let Some(text) = texts.open(field) {
            *field = Personal::Clear(text);
        }
    }
    fact.body
}
