//! The template of a column: text, with fields in braces: `{payee}`, `{amount}`, `{attribute.cost-center}`.

use ledger::nearest::nearest;

/// A template, taken apart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CellTemplate(pub Vec<TemplatePart>);

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TemplatePart {
    Text(String),
    Field(OutputField),
    /// An attribute of the payee.
    Attribute(String),
}

macro_rules! fields {
    ($($word:literal $field:ident $in_journal:literal $in_payroll:literal),* $(,)?) => {
        /// A field of a row of an output.
        #[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
        pub enum OutputField { $($field),* }

        /// Each field as a template has it, and whether rows of a journal and of payments have it.
        const FIELDS: &[(&str, OutputField, [bool; 2])] = &[$(($word, OutputField::$field, [$in_journal, $in_payroll])),*];
    };
}

fields! {
    "period" Period true true,
    "year" Year true true,
    "month" Month true true,
    "from" From true true,
    "to" To true true,
    "date" Date true true,
    "payee" Payee true true,
    "payee.name" PayeeName true true,
    "payee.email" PayeeEmail true true,
    "payee.title" PayeeTitle true true,
    "payee.role" PayeeRole true true,
    "payee.team" PayeeTeam true true,
    "payee.region" PayeeRegion true true,
    "payee.manager" PayeeManager true true,
    "currency" Currency true true,
    "amount" Amount true true,
    "debit" Debit true false,
    "credit" Credit true false,
    "code" Code true false,
    "name" Name true false,
    "account" Account true false,
    "position" Position true false,
    "what" What true false,
    "reference" Reference false true,
}

/// Which rows a template is for.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum OutputKind {
    /// The movements of accounts.
    Journal = 0,
    /// What is paid to payees.
    Payroll = 1,
}

/// What is wrong with a template.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TemplateFault {
    /// A brace without its other half.
    Brace,
    /// Rows have no such field.
    Field { written: String, nearest: Option<&'static str>, known: Vec<&'static str> },
}

impl OutputField {
    /// Whether it is of one entry, and so of no sum.
    pub fn is_of_entry(self) -> bool {
        matches!(self, OutputField::Position | OutputField::What)
    }

    /// As a template has it.
    pub fn word(self) -> &'static str {
        FIELDS.iter().find(|(_, field, _)| *field == self).map_or("", |(word, _, _)| word)
    }
}

const ATTRIBUTE: &str = "attribute.";

impl CellTemplate {
    /// Takes a text apart. Braces that are meant are written twice.
    pub fn read(text: &str, kind: OutputKind) -> Result<CellTemplate, TemplateFault> {
        let (mut parts, mut plain, mut left) = (Vec::new(), String::new(), text);
        while let Some(at) = left.find(['{', '}']) {
            plain += &left[..at];
            let (brace, rest) = left[at..].split_at(1);
            if let Some(rest) = rest.strip_prefix(brace) {
                plain += brace;
                left = rest;
                continue;
            }
            let (word, rest) = rest
                .split_once('}')
                .filter(|(word, _)| brace == "{" && !word.contains('{'))
                .ok_or(TemplateFault::Brace)?;
            if !plain.is_empty() {
                parts.push(TemplatePart::Text(std::mem::take(&mut plain)));
            }
            parts.push(field(word, kind)?);
            left = rest;
        }
        plain += left;
        if !plain.is_empty() {
            parts.push(TemplatePart::Text(plain));
        }
        Ok(CellTemplate(parts))
    }

    /// The template of one field.
    pub fn of(field: OutputField) -> CellTemplate {
        CellTemplate(vec![TemplatePart::Field(field)])
    }

    /// Its fields.
    pub fn fields(&self) -> impl Iterator<Item = OutputField> {
        self.0.iter().filter_map(|part| match part {
            TemplatePart::Field(field) => Some(*field),
            TemplatePart::Text(_) | TemplatePart::Attribute(_) => None,
        })
    }
}

fn field(word: &str, kind: OutputKind) -> Result<TemplatePart, TemplateFault> {
    if let Some(attribute) = word.strip_prefix(ATTRIBUTE).filter(|attribute| !attribute.is_empty()) {
        return Ok(TemplatePart::Attribute(attribute.to_owned()));
    }
    let known = FIELDS.iter().filter(|(_, _, kinds)| kinds[kind as usize]);
    if let Some((_, field, _)) = known.clone().find(|(known, _, _)| *known == word) {
        return Ok(TemplatePart::Field(*field));
    }
    let known: Vec<&'static str> = known.map(|(word, _, _)| *word).chain(["attribute.NAME"]).collect();
    let nearest = nearest(word, known.iter().copied());
    Err(TemplateFault::Field { written: word.to_owned(), nearest, known })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Result<Vec<String>, TemplateFault> {
        let template = CellTemplate::read(text, OutputKind::Journal)?;
        let shown = |part: TemplatePart| match part {
            TemplatePart::Text(text) => text,
            TemplatePart::Field(field) => format!("<{}>", field.word()),
            TemplatePart::Attribute(name) => format!("<@{name}>"),
        };
        Ok(template.0.into_iter().map(shown).collect())
    }

    #[test]
    fn templates_are_text_and_fields() {
        assert_eq!(parts("").map(|parts| parts.len()), Ok(0));
        assert_eq!(
            parts("{payee.team}-{attribute.cost center}!"),
            Ok(["<payee.team>", "-", "<@cost center>", "!"].map(str::to_owned).to_vec())
        );
        assert_eq!(parts("{{{code}}}"), Ok(["{", "<code>", "}"].map(str::to_owned).to_vec()));
        for text in ["{", "}", "a}", "{code", "{co{de}"] {
            assert_eq!(parts(text), Err(TemplateFault::Brace), "{text}");
        }
        for (text, near) in [("{cod}", Some("code")), ("{reference}", None), ("{}", None)] {
            assert!(matches!(parts(text), Err(TemplateFault::Field { nearest, .. }) if nearest == near), "{text}");
        }
        assert!(CellTemplate::read("{reference}", OutputKind::Payroll).is_ok());
        assert!(CellTemplate::read("{debit}", OutputKind::Payroll).is_err());
    }

    #[test]
    fn the_page_has_every_field() {
        const PAGE: &str = include_str!("../../../docs/exports.md");
        for (word, _, _) in FIELDS {
            assert!(PAGE.contains(&format!("`{{{word}}}`")), "{word}");
        }
    }
}
