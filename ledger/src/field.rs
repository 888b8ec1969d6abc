//! What the fields of facts and records are made of: each type once, with its JSON, its bytes and its words.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::date::{Day, Month};
use crate::finding::PathStep;
use crate::id::{
    AccountId, AdjustmentId, BookingId, ComponentId, ContractId, CreditNoteId, Name, NameFault, PayeeId, PlanId,
};
use crate::json::{self, JsonNode, JsonValue};
use crate::line::{LineReader, Members};
use crate::money::Currency;
use crate::refusal::{Expected, FactRefusal};
use crate::seal::Personal;
use crate::wire::{CborReader, CborWriter, Result};

/// The value of the field `name` of an object, or the value of one that was left out.
pub(crate) fn take<T: FromJson>(
    members: &mut Members<'_, '_>,
    name: &'static str,
    line: &mut LineReader<'_>,
) -> Option<T> {
    let (node, brace) = (members.node(name), members.brace());
    line.within(
        || PathStep::Name(name.into()),
        |line| match (node, T::absent()) {
            (Some(node), _) => T::read(node, line),
            (None, Some(absent)) => Some(absent),
            (None, None) => line.refuse(brace, FactRefusal::FieldMissing { name }),
        },
    )
}

/// What a payee or account fact says of one field: nothing, that it is cleared, or its new value.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum FieldChange<T> {
    /// The fact does not name the field.
    #[default]
    Keep,
    /// The field has no value from then on.
    Clear,
    /// The field has this value from then on.
    Set(T),
}

impl<T: Stored> Stored for FieldChange<T> {
    const IN_ID: bool = T::IN_ID;
    fn absent() -> Option<Self> {
        Some(FieldChange::Keep)
    }
    fn is_absent(&self) -> bool {
        matches!(self, FieldChange::Keep)
    }
    fn put(&self, writer: &mut CborWriter<'_>) {
        match self {
            FieldChange::Set(value) => value.put(writer),
            FieldChange::Clear | FieldChange::Keep => writer.null(),
        }
    }
    fn get(reader: &mut CborReader<'_>) -> Result<Self> {
        if reader.null() { Ok(FieldChange::Clear) } else { T::get(reader).map(FieldChange::Set) }
    }
    fn show(&self, out: &mut json::JsonWriter) {
        match self {
            FieldChange::Set(value) => value.show(out),
            FieldChange::Clear | FieldChange::Keep => out.raw("null"),
        }
    }
}

impl<T: FromJson> FromJson for FieldChange<T> {
    fn read(node: &JsonNode<'_>, line: &mut LineReader<'_>) -> Option<Self> {
        match node.value {
            JsonValue::Null => Some(FieldChange::Clear),
            _ => T::read(node, line).map(FieldChange::Set),
        }
    }
}

impl<T: Stored> Stored for Option<T> {
    const IN_ID: bool = T::IN_ID;
    fn absent() -> Option<Self> {
        Some(None)
    }
    fn is_absent(&self) -> bool {
        self.is_none()
    }
    fn put(&self, writer: &mut CborWriter<'_>) {
        match self {
            Some(value) => value.put(writer),
            None => writer.null(),
        }
    }
    fn get(reader: &mut CborReader<'_>) -> Result<Self> {
        T::get(reader).map(Some)
    }
    fn show(&self, out: &mut json::JsonWriter) {
        match self {
            Some(value) => value.show(out),
            None => out.raw("null"),
        }
    }
}

/// `null` says the same as leaving the field out.
impl<T: FromJson> FromJson for Option<T> {
    fn read(node: &JsonNode<'_>, line: &mut LineReader<'_>) -> Option<Self> {
        match node.value {
            JsonValue::Null => Some(None),
            _ => T::read(node, line).map(Some),
        }
    }
}

/// Sorted by key, as deterministic CBOR wants it of texts of one length class; the keys are written in bytewise order of
/// their encodings.
impl<K: Stored + Ord + MapKey, V: Stored> Stored for BTreeMap<K, V> {
    fn absent() -> Option<Self> {
        Some(BTreeMap::new())
    }
    fn is_absent(&self) -> bool {
        self.is_empty()
    }
    fn put(&self, writer: &mut CborWriter<'_>) {
        let mut pairs: Vec<(&K, &V)> = self.iter().collect();
        pairs.sort_by_key(|(key, _)| (key.text().len(), key.text()));
        writer.map(pairs.len());
        for (key, value) in pairs {
            key.put(writer);
            value.put(writer);
        }
    }
    fn get(reader: &mut CborReader<'_>) -> Result<Self> {
        let count = reader.map()?;
        if count == 0 {
            return reader.wrong("an empty map, which is left out");
        }
        let mut map = BTreeMap::new();
        let mut last: Option<(usize, String)> = None;
        for _ in 0..count {
            let key = K::get(reader)?;
            let order = (key.text().len(), key.text().to_owned());
            if last.as_ref().is_some_and(|last| *last >= order) {
                return reader.wrong("map keys out of order");
            }
            last = Some(order);
            map.insert(key, V::get(reader)?);
        }
        Ok(map)
    }
    fn show(&self, out: &mut json::JsonWriter) {
        out.object(|out| {
            for (key, value) in self {
                value.show(out.name(key.text()));
            }
        });
    }
}

/// A key of a map in JSON.
pub trait MapKey {
    /// The key as it is written.
    fn text(&self) -> &str;
    /// The key that people write.
    fn incoming(text: &str) -> std::result::Result<Self, NameFault>
    where
        Self: Sized;
}

impl<K: Stored + Ord + MapKey, V: FromJson> FromJson for BTreeMap<K, V> {
    fn read(node: &JsonNode<'_>, line: &mut LineReader<'_>) -> Option<Self> {
        let JsonValue::Object(members) = &node.value else { return line.refuse_value(node, Expected::Map) };
        let mut fine = Some(());
        let mut map = BTreeMap::new();
        for member in members {
            let step = || PathStep::Name((&*member.name).into());
            let pair = line.within(step, |line| {
                let value = V::read(&member.node, line);
                match K::incoming(&member.name) {
                    Ok(key) => value.map(|value| (key, value)),
                    Err(fault) => line.refuse_name((member.start, member.start + 1), &member.name, fault),
                }
            });
            match pair {
                Some((key, value)) => drop(map.insert(key, value)),
                None => fine = None,
            }
        }
        fine.map(|()| map)
    }
}

impl<T: Stored> Stored for Vec<T> {
    fn put(&self, writer: &mut CborWriter<'_>) {
        writer.array(self.len());
        self.iter().for_each(|item| item.put(writer));
    }
    fn get(reader: &mut CborReader<'_>) -> Result<Self> {
        let count = reader.array()?;
        (0..count).map(|_| T::get(reader)).collect()
    }
    fn show(&self, out: &mut json::JsonWriter) {
        out.list(|out| self.iter().for_each(|item| item.show(out)));
    }
}

impl<T: FromJson> FromJson for Vec<T> {
    fn read(node: &JsonNode<'_>, line: &mut LineReader<'_>) -> Option<Self> {
        let JsonValue::List(items) = &node.value else { return line.refuse_value(node, Expected::List) };
        let read = |(index, item)| line.within(|| PathStep::Index(index), |line| T::read(item, line));
        let read: Vec<Option<T>> = items.iter().enumerate().map(read).collect();
        read.into_iter().collect()
    }
}

const NAME: Expected = Expected::Name { bytes_max: Name::BYTES_MAX };

macro_rules! names {
    ($($name:ty),*) => { $(
        impl MapKey for $name {
            fn text(&self) -> &str { self.as_str() }
            fn incoming(text: &str) -> std::result::Result<Self, NameFault> { <$name>::incoming(text) }
        }
        impl Stored for $name {
            fn put(&self, writer: &mut CborWriter<'_>) { writer.text(self.as_str()); }
            fn get(reader: &mut CborReader<'_>) -> Result<Self> {
                let text = reader.text()?;
                match <$name>::new(text) { Some(name) => Ok(name), None => reader.wrong("a text that is no name") }
            }
            fn show(&self, out: &mut json::JsonWriter) { out.text(self.as_str()); }
        }
        impl FromJson for $name {
            fn read(node: &JsonNode<'_>, line: &mut LineReader<'_>) -> Option<Self> {
                let JsonValue::Text(text) = &node.value else { return line.refuse_value(node, NAME) };
                match <$name>::incoming(text) {
                    Ok(name) => Some(name),
                    Err(NameFault::Shape) => line.refuse_value(node, NAME),
                    Err(fault) => line.refuse_name((node.start, node.end), text, fault),
                }
            }
        }
    )* };
}
names!(Name, PayeeId, AccountId, ContractId, BookingId, CreditNoteId, AdjustmentId, PlanId, ComponentId);

/// Types that are one text in JSON: how it is read, what is expected, and how it is stored.
macro_rules! as_text {
    ($type:ty, $expected:expr, $parse:expr, |$value:ident, $writer:ident| $put:expr, |$reader:ident| $get:expr) => {
        impl Stored for $type {
            fn put(&self, $writer: &mut CborWriter<'_>) {
                let $value = self;
                $put
            }
            fn get($reader: &mut CborReader<'_>) -> Result<Self> {
                $get
            }
            fn show(&self, out: &mut json::JsonWriter) {
                out.text(self);
            }
        }
        impl FromJson for $type {
            fn read(node: &JsonNode<'_>, line: &mut LineReader<'_>) -> Option<Self> {
                let parse: fn(&str) -> Option<$type> = $parse;
                let value = match &node.value {
                    JsonValue::Text(text) => parse(text),
                    _ => None,
                };
                value.or_else(|| line.refuse_value(node, $expected))
            }
        }
    };
}

mod decimal;
mod stored;
mod text;
mod text_enum;

pub use decimal::{Amount, Percent};
pub use stored::{FromJson, Stored};
pub use text::{AccountName, Attribute, FreeText};

as_text!(Day, Expected::Day, Day::parse, |day, writer| writer.day(*day), |reader| reader.day());
as_text!(Month, Expected::Month, Month::parse, |month, writer| writer.int(i128::from(month.number())), |reader| {
    let number = reader.int()?;
    match i32::try_from(number) {
        Ok(number) if (0..120_000).contains(&number) => Ok(Month::from_number(number)),
        _ => reader.wrong("a month out of range"),
    }
});
as_text!(Currency, Expected::Currency, Currency::parse, |currency, writer| writer.text(currency.code()), |reader| {
    let code = reader.text()?;
    match Currency::parse(code) {
        Some(currency) => Ok(currency),
        None => reader.wrong("an unknown currency"),
    }
});
as_text!(
    Uuid,
    Expected::Uuid,
    |text| Uuid::try_parse(text).ok().filter(|_| text.len() == 36),
    |id, writer| writer.uuid(*id),
    |reader| reader.uuid()
);

/// Sealed: `[key id, nonce, ciphertext]`; in clear: a text.
impl Stored for Personal {
    const IN_ID: bool = false;
    fn put(&self, writer: &mut CborWriter<'_>) {
        match self {
            Personal::Clear(text) => writer.text(text),
            Personal::Sealed { key, nonce, ciphertext } => {
                writer.array(3);
                writer.bytes(key);
                writer.bytes(nonce);
                writer.bytes(ciphertext);
            }
        }
    }
    fn get(reader: &mut CborReader<'_>) -> Result<Self> {
        if let Ok(text) = reader.clone().text() {
            reader.text()?;
            return Ok(Personal::Clear(text.to_owned()));
        }
        if reader.array()? != 3 {
            return reader.wrong("a sealed text of three parts expected");
        }
        let (key, nonce, ciphertext) =
            (reader.bytes()?.try_into(), reader.bytes()?.try_into(), reader.bytes()?.to_vec());
        match (key, nonce) {
            (Ok(key), Ok(nonce)) => Ok(Personal::Sealed { key, nonce, ciphertext }),
            _ => reader.wrong("a key id of 16 and a nonce of 24 bytes expected"),
        }
    }
    fn show(&self, out: &mut json::JsonWriter) {
        match self {
            Personal::Clear(text) => out.text(text),
            Personal::Sealed { .. } => out.text("(sealed)"),
        }
    }
}

impl FromJson for Personal {
    fn read(node: &JsonNode<'_>, line: &mut LineReader<'_>) -> Option<Self> {
        FreeText::read(node, line).map(|words| Personal::Clear(words.0))
    }
}

impl Stored for bool {
    fn put(&self, writer: &mut CborWriter<'_>) {
        writer.bool(*self);
    }
    fn get(reader: &mut CborReader<'_>) -> Result<Self> {
        reader.bool()
    }
    fn show(&self, out: &mut json::JsonWriter) {
        out.bool(*self);
    }
}

macro_rules! whole {
    ($($type:ty),*) => { $(
        impl Stored for $type {
            fn put(&self, writer: &mut CborWriter<'_>) { writer.uint(u64::from(*self)); }
            fn get(reader: &mut CborReader<'_>) -> Result<Self> {
                let value = reader.uint()?;
                match <$type>::try_from(value) { Ok(value) => Ok(value), Err(_) => reader.wrong("a number out of range") }
            }
            fn show(&self, out: &mut json::JsonWriter) { out.number(*self); }
        }
    )* };
}
whole!(u16, u32, u64);

/// Whole numbers are written as JSON numbers.
impl FromJson for u16 {
    fn read(node: &JsonNode<'_>, line: &mut LineReader<'_>) -> Option<Self> {
        let value = match &node.value {
            JsonValue::Number(number) => number.parse().ok(),
            JsonValue::Text(text) => text.parse().ok(),
            _ => None,
        };
        value.or_else(|| line.refuse_value(node, Expected::WholeNumber))
    }
}

/// Bytes of any length: keys and signatures.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ByteString(pub Vec<u8>);

impl Stored for ByteString {
    fn put(&self, writer: &mut CborWriter<'_>) {
        writer.bytes(&self.0);
    }
    fn get(reader: &mut CborReader<'_>) -> Result<Self> {
        reader.bytes().map(|bytes| ByteString(bytes.to_vec()))
    }
    fn show(&self, out: &mut json::JsonWriter) {
        out.text(hex(&self.0));
    }
}

impl Stored for [u8; 32] {
    fn put(&self, writer: &mut CborWriter<'_>) {
        writer.bytes(self);
    }
    fn get(reader: &mut CborReader<'_>) -> Result<Self> {
        match reader.bytes()?.try_into() {
            Ok(bytes) => Ok(bytes),
            Err(_) => reader.wrong("32 bytes expected"),
        }
    }
    fn show(&self, out: &mut json::JsonWriter) {
        out.text(hex(self));
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
