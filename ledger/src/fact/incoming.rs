//! A fact as somebody sent it: read from a line of JSON, with what it says about its own identity.

use uuid::Uuid;

use super::{Body, Fact, Reference};
use crate::field::{FromJson, Stored, take};
use crate::finding::PathStep;
use crate::json::{self, JsonNode, JsonValue};
use crate::line::{FactLine, LineReader, Members};
use crate::nearest::nearest;
use crate::refusal::{Expected, FactFinding, FactRefusal, ObjectKind};
use crate::wire::{CborReader, CborWriter, Result};

/// A fact as it came in, with what it says of its own identity.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Incoming {
    /// What is to be recorded.
    pub fact: Fact,
    /// The id that it was sent with.
    pub id: Option<Uuid>,
    /// What it is meant to replace.
    pub corrects: Option<Corrects>,
}

impl Incoming {
    /// Reads one line, or returns all that is wrong with it, which is at least one finding.
    pub fn read(line: FactLine<'_>) -> std::result::Result<Incoming, Vec<FactFinding>> {
        let mut reader = LineReader::new(line);
        match Incoming::read_fact(line.text, &mut reader) {
            Some(incoming) => Ok(incoming),
            None => Err(reader.into_findings()),
        }
    }

    fn read_fact(text: &str, line: &mut LineReader<'_>) -> Option<Incoming> {
        let node = match json::read(text) {
            Ok(node) => node,
            Err(error) => return line.refuse((error.at, error.at + 1), FactRefusal::NotJson(error.fault)),
        };
        let mut members = Members::of(&node, Expected::Fact, line)?;
        let (kind, brace) = (members.node("fact"), members.brace());
        let kind = line.within(|| PathStep::Name("fact".into()), |line| Incoming::read_kind(kind, brace, line))?;
        let body = Body::read(kind, &mut members, line);
        let id = take::<Option<Uuid>>(&mut members, "id", line);
        let corrects = take::<Option<Corrects>>(&mut members, "corrects", line);
        let source = take(&mut members, "source", line);
        let note = take(&mut members, "note", line);
        members.finish(ObjectKind::Fact(kind), line)?;
        let mut fact = Fact { body: body?, source: source?, note: note? };
        fact.body.leave_out_defaults();
        Some(Incoming { fact, id: id?, corrects: corrects? })
    }

    /// One of [`Body::WORDS`].
    fn read_kind(
        node: Option<&JsonNode<'_>>,
        brace: (usize, usize),
        line: &mut LineReader<'_>,
    ) -> Option<&'static str> {
        let Some(node) = node else { return line.refuse(brace, FactRefusal::KindMissing) };
        let JsonValue::Text(written) = &node.value else { return line.refuse_value(node, Expected::FactKind) };
        let known = Body::WORDS.iter().copied();
        if let Some(kind) = known.clone().find(|kind| kind == written) {
            return Some(kind);
        }
        let refusal =
            FactRefusal::KindUnknown { nearest: nearest(written, known), written: written.clone().into_owned() };
        line.refuse((node.start, node.end), refusal)
    }
}

/// What a correction replaces, as it was sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Corrects {
    /// The one in force with the same natural key.
    Same,
    /// The fact that is named.
    Named(Reference),
}

impl Stored for Corrects {
    fn put(&self, _: &mut CborWriter<'_>) {
        unreachable!("BUG: what a fact corrects is stored as positions");
    }
    fn get(reader: &mut CborReader<'_>) -> Result<Self> {
        reader.wrong("no correction is stored like this")
    }
    fn show(&self, out: &mut json::JsonWriter) {
        match self {
            Corrects::Same => out.bool(true),
            Corrects::Named(reference) => reference.show(out),
        }
    }
}

impl FromJson for Corrects {
    fn read(node: &JsonNode<'_>, line: &mut LineReader<'_>) -> Option<Self> {
        match node.value {
            JsonValue::Bool(true) => Some(Corrects::Same),
            _ => Reference::read(node, line).map(Corrects::Named),
        }
    }
}
