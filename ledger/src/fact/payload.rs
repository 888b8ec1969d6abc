//! What an entry holds: a fact or a record, and their bytes.

use super::field_map::FieldMap;
use super::{Body, Fact, KEY_NOTE, KEY_SOURCE, Record};
use crate::wire::{CborReader, CborWriter, Result};

/// What an entry holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Payload {
    /// What somebody recorded.
    Fact(Fact),
    /// What the ledger itself wrote.
    Record(Record),
}

impl Payload {
    /// The kind's word in JSON.
    pub fn word(&self) -> &'static str {
        match self {
            Payload::Fact(fact) => fact.body.word(),
            Payload::Record(record) => record.word(),
        }
    }

    pub(crate) fn code(&self) -> u64 {
        match self {
            Payload::Fact(fact) => fact.body.code(),
            Payload::Record(record) => record.code(),
        }
    }

    pub(crate) fn put(&self, writer: &mut CborWriter<'_>) {
        match self {
            Payload::Fact(fact) => fact.put(writer, false),
            Payload::Record(record) => {
                writer.map(record.count(false));
                record.put(writer, false);
            }
        }
    }

    /// What [`Fact::whole`] or [`Record::content`] wrote.
    pub fn whole(bytes: &[u8]) -> Result<Payload> {
        let mut reader = CborReader::new(bytes);
        let code = reader.uint()?;
        let payload = Payload::get(code, &mut reader)?;
        reader.end().map(|()| payload)
    }

    pub(crate) fn get(code: u64, reader: &mut CborReader<'_>) -> Result<Payload> {
        let left = reader.map()?;
        let mut map = FieldMap::new(reader, left);
        let payload = if let Some(body) = Body::get(code, &mut map) {
            let (body, source, note) = (body?, map.field(KEY_SOURCE, "source")?, map.field(KEY_NOTE, "note")?);
            Payload::Fact(Fact { body, source, note })
        } else if let Some(record) = Record::get(code, &mut map) {
            Payload::Record(record?)
        } else {
            return reader.wrong(format!("an entry of the unknown kind {code}"));
        };
        map.finish()?;
        Ok(payload)
    }
}
