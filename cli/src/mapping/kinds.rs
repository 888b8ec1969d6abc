//! The kinds of fact and their fields, as a mapping may fill them. A test holds this list against the ledger's own.

use ledger::fact::{Replaces, Role, Status};

/// What one value of a field is.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Shape {
    Day,
    Amount,
    Percent,
    Whole,
    Name,
    Text,
    Currency,
    Word(&'static [&'static str]),
    /// A UUID.
    Id,
    /// A reference, or `true`.
    Corrects,
}

/// What a field takes.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Form {
    One(Shape),
    /// A value for each name: `{ "new-logo" = … }`.
    Named(Shape),
    /// `[{ payee = …, percent = … }]`.
    Shares,
    /// `{ booking = … }`, `{ contract = … }` or `{ account = … }`.
    Target,
}

#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Field {
    pub name: &'static str,
    pub form: Form,
    pub is_needed: bool,
}

#[derive(PartialEq, Eq, Debug)]
pub struct Kind {
    pub word: &'static str,
    /// With its article.
    pub called: &'static str,
    pub fields: &'static [Field],
    /// Whether a natural key says that two of them are about the same thing.
    pub has_key: bool,
    /// In which order kinds go in: accounts and payees, assignments, bookings, most others, what is about all usage.
    pub turn: u8,
}

impl Kind {
    /// Whether a natural key says that two facts with these fields are about the same thing: an adjustment may have one.
    pub fn is_keyed<'f>(&self, mut fields: impl Iterator<Item = &'f str>) -> bool {
        self.has_key && (self.word != "adjustment" || fields.any(|field| field == "adjustment"))
    }
}

const fn need(name: &'static str, shape: Shape) -> Field {
    Field { name, form: Form::One(shape), is_needed: true }
}

const fn may(name: &'static str, shape: Shape) -> Field {
    Field { name, form: Form::One(shape), is_needed: false }
}

const fn named(name: &'static str, shape: Shape) -> Field {
    Field { name, form: Form::Named(shape), is_needed: false }
}

/// The kind with its article, as sentences name it: `an account`.
pub fn called(word: &str) -> &'static str {
    KINDS.iter().find(|kind| kind.word == word).expect("kinds are those of the ledger").called
}

use Shape::{Amount, Currency, Day, Name, Percent, Text, Whole, Word};

const STATUS: Shape = Word(Status::WORDS);
const REPLACES: Shape = Word(Replaces::WORDS);
const ROLE: Shape = Word(Role::WORDS);

/// What every fact may have.
pub const COMMON: [Field; 4] =
    [may("id", Shape::Id), may("corrects", Shape::Corrects), may("source", Text), may("note", Text)];

pub const SHARE: [Field; 3] = [need("payee", Name), may("role", ROLE), need("percent", Percent)];

pub const TARGET: [Field; 3] = [may("booking", Name), may("contract", Name), may("account", Name)];

pub static KINDS: [Kind; 16] = [
    Kind {
        word: "payee",
        called: "a payee",
        fields: &[
            need("at", Day),
            need("payee", Name),
            may("name", Text),
            may("email", Text),
            may("title", Text),
            may("role", Name),
            may("manager", Name),
            may("team", Name),
            may("region", Name),
            may("currency", Currency),
            may("recovery_cap", Percent),
            may("status", STATUS),
            named("attributes", Text),
        ],
        has_key: true,
        turn: 0,
    },
    Kind {
        word: "account",
        called: "an account",
        fields: &[
            need("at", Day),
            need("account", Name),
            may("name", Text),
            may("segment", Name),
            may("region", Name),
            named("attributes", Text),
        ],
        has_key: true,
        turn: 0,
    },
    Kind {
        word: "assignment",
        called: "an assignment",
        fields: &[
            need("at", Day),
            need("payee", Name),
            need("plan", Name),
            may("until", Day),
            named("quota", Amount),
            named("rates", Percent),
            may("target", Amount),
            may("ramp_from", Day),
        ],
        has_key: true,
        turn: 1,
    },
    Kind {
        word: "assignment-end",
        called: "an assignment-end",
        fields: &[need("at", Day), need("payee", Name), need("plan", Name)],
        has_key: true,
        turn: 1,
    },
    Kind {
        word: "quota",
        called: "a quota",
        fields: &[
            need("at", Day),
            need("payee", Name),
            need("plan", Name),
            need("component", Name),
            need("amount", Amount),
        ],
        has_key: true,
        turn: 3,
    },
    Kind {
        word: "booking",
        called: "a booking",
        fields: &[
            need("at", Day),
            need("booking", Name),
            need("account", Name),
            may("contract", Name),
            may("motion", Name),
            may("product", Name),
            may("start", Day),
            may("months", Whole),
            need("arr", Amount),
            may("tcv", Amount),
            named("amounts", Amount),
            need("currency", Currency),
            Field { name: "credit", form: Form::Shares, is_needed: false },
            named("attributes", Text),
        ],
        has_key: true,
        turn: 2,
    },
    Kind {
        word: "cancellation",
        called: "a cancellation",
        fields: &[need("at", Day), need("booking", Name), may("reason", Text)],
        has_key: true,
        turn: 3,
    },
    Kind {
        word: "usage-snapshot",
        called: "a usage-snapshot",
        fields: &[
            need("account", Name),
            may("contract", Name),
            may("meter", Name),
            need("from", Day),
            need("to", Day),
            need("amount", Amount),
            may("quantity", Amount),
            need("currency", Currency),
            may("replaces", REPLACES),
        ],
        has_key: true,
        turn: 3,
    },
    Kind {
        word: "credit-split",
        called: "a credit-split",
        fields: &[
            need("at", Day),
            Field { name: "on", form: Form::Target, is_needed: true },
            Field { name: "shares", form: Form::Shares, is_needed: true },
        ],
        has_key: true,
        turn: 3,
    },
    Kind {
        word: "signal",
        called: "a signal",
        fields: &[
            need("at", Day),
            need("signal", Name),
            may("account", Name),
            may("contract", Name),
            may("booking", Name),
            may("payee", Name),
            may("value", Amount),
            may("currency", Currency),
        ],
        has_key: false,
        turn: 3,
    },
    Kind {
        word: "exchange-rate",
        called: "an exchange-rate",
        fields: &[need("at", Day), need("from", Currency), need("to", Currency), need("rate", Amount)],
        has_key: true,
        turn: 3,
    },
    Kind {
        word: "opening-balance",
        called: "an opening-balance",
        fields: &[
            need("at", Day),
            need("payee", Name),
            need("currency", Currency),
            may("owed", Amount),
            may("draw", Amount),
        ],
        has_key: true,
        turn: 3,
    },
    Kind {
        word: "adjustment",
        called: "an adjustment",
        fields: &[
            need("at", Day),
            need("payee", Name),
            need("amount", Amount),
            need("currency", Currency),
            need("reason", Text),
            may("line", Text),
            may("adjustment", Name),
        ],
        has_key: true,
        turn: 3,
    },
    Kind {
        word: "retraction",
        called: "a retraction",
        fields: &[need("retracts", Text), need("reason", Text)],
        has_key: false,
        turn: 3,
    },
    Kind {
        word: "credit-note",
        called: "a credit-note",
        fields: &[
            need("at", Day),
            need("credit_note", Name),
            need("booking", Name),
            may("arr", Amount),
            may("tcv", Amount),
            named("amounts", Amount),
            may("reason", Text),
        ],
        has_key: true,
        turn: 3,
    },
    Kind {
        word: "usage-complete",
        called: "a usage-complete",
        fields: &[need("at", Day), may("account", Name)],
        has_key: true,
        turn: 4,
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use ledger::fact::{Body, Incoming};
    use ledger::key::natural_key;
    use ledger::line::FactLine;
    use ledger::refusal::{FactFinding, FactRefusal};

    fn read(text: &str) -> Result<Incoming, Vec<FactFinding>> {
        Incoming::read(FactLine { file: "f", number: 1, text })
    }

    fn sample(shape: Shape) -> String {
        let text = match shape {
            Shape::Day => "2027-01-31",
            Amount => "12.5",
            Percent => "50%",
            Whole => "7",
            Name | Text => "n",
            Currency => "USD",
            Word(words) => words[0],
            Shape::Id => "00000000-0000-4000-8000-000000000001",
            Shape::Corrects => "true",
        };
        if shape == Shape::Corrects { text.to_owned() } else { format!("\"{text}\"") }
    }

    fn member(field: &Field) -> String {
        let value = match field.form {
            Form::One(shape) => sample(shape),
            Form::Named(shape) => format!("{{\"x\": {}}}", sample(shape)),
            Form::Shares => format!("[{{{}}}]", SHARE.iter().map(member).collect::<Vec<_>>().join(", ")),
            Form::Target => format!("{{{}}}", member(&TARGET[0])),
        };
        // A retraction names an id or a key.
        let value = if field.name == "retracts" { "\"booking:B-1\"".to_owned() } else { value };
        format!("\"{}\": {value}", field.name)
    }

    /// The fields that the ledger knows of a kind, but for the one that names the kind.
    fn known_names(word: &str) -> Vec<&'static str> {
        let findings = read(&format!("{{\"fact\": \"{word}\", \"zzzzzzzzzzzz\": 1}}")).expect_err("an unknown field");
        let known = findings.into_iter().find_map(|finding| match finding.what {
            FactRefusal::FieldUnknown { known, .. } => Some(known),
            _ => None,
        });
        known.expect("it has no such field").into_iter().filter(|name| *name != "fact").collect()
    }

    #[test]
    fn the_kinds_are_those_of_the_ledger_in_its_order() {
        assert_eq!(KINDS.iter().map(|kind| kind.word).collect::<Vec<_>>(), Body::WORDS);
    }

    #[test]
    fn the_fields_are_those_of_the_ledger() {
        for kind in &KINDS {
            let mut mine: Vec<&str> = kind.fields.iter().chain(&COMMON).map(|field| field.name).collect();
            let mut theirs = known_names(kind.word);
            mine.sort_unstable();
            theirs.sort_unstable();
            assert_eq!(mine, theirs, "{}", kind.word);
        }
    }

    #[test]
    fn the_needed_fields_are_those_of_the_ledger() {
        for kind in &KINDS {
            let findings = read(&format!("{{\"fact\": \"{}\"}}", kind.word)).expect_err("fields are missing");
            let missing: Vec<String> = findings.iter().map(|finding| finding.path.to_string()).collect();
            let needed: Vec<&str> =
                kind.fields.iter().filter(|field| field.is_needed).map(|field| field.name).collect();
            assert_eq!(needed, missing, "{}", kind.word);
        }
    }

    #[test]
    fn the_forms_are_those_of_the_ledger() {
        for kind in &KINDS {
            let members: Vec<String> = kind.fields.iter().chain(&COMMON).map(member).collect();
            let incoming = read(&format!("{{\"fact\": \"{}\", {}}}", kind.word, members.join(", ")));
            let body = incoming.unwrap_or_else(|found| panic!("{}: {found:?}", kind.word)).fact.body;
            assert_eq!(natural_key(&body).is_some(), kind.has_key, "{}", kind.word);
        }
    }
}
