//! What the fields of facts and records are made of: each type once, with its JSON, its bytes and its words.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use uuid::Uuid;

use crate::date::{Day, Month};
use crate::exact::Exact;
use crate::finding::PathStep;
use crate::id::{AccountId, BookingId, ComponentId, ContractId, Name, NameFault, PayeeId, PlanId};
use crate::json::{self, JsonNode, JsonValue};
use crate::line::{LineReader, Members};
use crate::money::Currency;
use crate::refusal::{Expected, FactRefusal};
use crate::seal::Personal;
use crate::wire::{CborReader, CborWriter, Result};

/// A field as it is stored and shown.
pub trait Stored: Sized {
    /// Whether derived ids cover it (facts.md: they leave personal fields out).
    const IN_ID: bool = true;
    /// The value of a field that was left out, for fields that may be.
    fn absent() -> Option<Self> {
        None
    }
    fn is_absent(&self) -> bool {
        false
    }
    fn put(&self, writer: &mut CborWriter<'_>);
    fn get(reader: &mut CborReader<'_>) -> Result<Self>;
    fn show(&self, out: &mut json::JsonWriter);
}

/// A field that people send.
pub trait FromJson: Stored {
    fn read(node: &JsonNode<'_>, line: &mut LineReader<'_>) -> Option<Self>;
}

/// The value of the field `name` of an object, or what stands for one that was left out.
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
    #[default]
    Keep,
    Clear,
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
names!(Name, PayeeId, AccountId, ContractId, BookingId, PlanId, ComponentId);

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

/// An amount, quantity, value or rate: at most 15 digits before and 12 after the point (calculation.md 1).
#[derive(Copy, Clone, PartialEq, Eq, Debug, Hash)]
pub struct Amount(pub Decimal);

impl Amount {
    pub const WHOLE_DIGITS_MAX: u32 = 15;
    pub const DECIMALS_MAX: u32 = 12;

    pub fn parse(text: &str) -> Option<Amount> {
        decimal(text, Amount::DECIMALS_MAX).map(Amount)
    }

    pub fn exact(self) -> Exact {
        Exact::from(self.0)
    }

    pub fn is_negative(self) -> bool {
        self.0.is_sign_negative() && !self.0.is_zero()
    }

    pub fn is_zero(self) -> bool {
        self.0.is_zero()
    }

    /// Decimals that it needs.
    pub fn decimals(self) -> u32 {
        self.0.scale()
    }
}

impl std::fmt::Display for Amount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(&self.0, f)
    }
}

/// Reads a decimal without trailing zeros; `None` for what is none or has too many digits.
fn decimal(text: &str, decimals_max: u32) -> Option<Decimal> {
    let body = text.strip_prefix('-').unwrap_or(text);
    if !body.starts_with(|c: char| c.is_ascii_digit())
        || !body.ends_with(|c: char| c.is_ascii_digit())
        || body.contains('_')
    {
        return None;
    }
    let value =
        if body.contains(['e', 'E']) { Decimal::from_scientific(text) } else { Decimal::from_str_exact(text) }.ok()?;
    let value = if value.mantissa() % 10 == 0 { value.normalize() } else { value };
    let most = 10i128.pow(Amount::WHOLE_DIGITS_MAX + value.scale());
    (value.scale() <= decimals_max && value.mantissa().abs() < most).then_some(value)
}

impl Stored for Amount {
    fn put(&self, writer: &mut CborWriter<'_>) {
        writer.decimal(self.0);
    }
    fn get(reader: &mut CborReader<'_>) -> Result<Self> {
        reader.decimal().map(Amount)
    }
    fn show(&self, out: &mut json::JsonWriter) {
        out.text(self.0);
    }
}

impl FromJson for Amount {
    fn read(node: &JsonNode<'_>, line: &mut LineReader<'_>) -> Option<Self> {
        let amount = match &node.value {
            JsonValue::Text(text) => Amount::parse(text),
            JsonValue::Number(number) => Amount::parse(number),
            _ => None,
        };
        let expected =
            Expected::Amount { whole_digits_max: Amount::WHOLE_DIGITS_MAX, decimals_max: Amount::DECIMALS_MAX };
        amount.or_else(|| line.refuse_value(node, expected))
    }
}

/// A percent as written: `Percent(25)` is `25%` and means 0.25.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Hash)]
pub struct Percent(pub Decimal);

impl Percent {
    pub const DECIMALS_MAX: u32 = 9;

    /// Reads `25%`.
    pub fn parse(text: &str) -> Option<Percent> {
        decimal(text.strip_suffix('%')?, Percent::DECIMALS_MAX).map(Percent)
    }

    /// The fraction that it means.
    pub fn exact(self) -> Exact {
        Exact::from(self.0) * Exact::ratio(1, 100)
    }
}

impl std::fmt::Display for Percent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}%", self.0)
    }
}

as_text!(
    Percent,
    Expected::Percent { decimals_max: Percent::DECIMALS_MAX },
    Percent::parse,
    |percent, writer| writer.decimal(percent.0),
    |reader| reader.decimal().map(Percent)
);

/// Free text in clear: reasons and sources.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct FreeText(pub String);

impl FreeText {
    pub const BYTES_MAX: usize = 2_048;
}

impl Stored for FreeText {
    fn put(&self, writer: &mut CborWriter<'_>) {
        writer.text(&self.0);
    }
    fn get(reader: &mut CborReader<'_>) -> Result<Self> {
        reader.text().map(|text| FreeText(text.to_owned()))
    }
    fn show(&self, out: &mut json::JsonWriter) {
        out.text(&self.0);
    }
}

impl FromJson for FreeText {
    fn read(node: &JsonNode<'_>, line: &mut LineReader<'_>) -> Option<Self> {
        match &node.value {
            JsonValue::Text(text) if text.len() <= FreeText::BYTES_MAX => Some(FreeText(text.clone().into_owned())),
            _ => line.refuse_value(node, Expected::Text { bytes_max: FreeText::BYTES_MAX }),
        }
    }
}

/// The value of an attribute. Plans compare it, so what comes in follows the rule of ids: composed, and with characters that
/// are seen. It may be longer, empty, and have blanks around it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Attribute(pub FreeText);

impl Attribute {
    pub fn as_str(&self) -> &str {
        &self.0.0
    }
}

impl Stored for Attribute {
    fn put(&self, writer: &mut CborWriter<'_>) {
        self.0.put(writer);
    }
    fn get(reader: &mut CborReader<'_>) -> Result<Self> {
        FreeText::get(reader).map(Attribute)
    }
    fn show(&self, out: &mut json::JsonWriter) {
        self.0.show(out);
    }
}

impl FromJson for Attribute {
    fn read(node: &JsonNode<'_>, line: &mut LineReader<'_>) -> Option<Self> {
        let words = FreeText::read(node, line)?;
        match NameFault::in_text(&words.0) {
            Some(fault) => line.refuse_name((node.start, node.end), &words.0, fault),
            None => Some(Attribute(words)),
        }
    }
}

/// An account's name: in clear, but no part of derived ids (facts.md).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccountName(pub FreeText);

impl Stored for AccountName {
    const IN_ID: bool = false;
    fn put(&self, writer: &mut CborWriter<'_>) {
        self.0.put(writer);
    }
    fn get(reader: &mut CborReader<'_>) -> Result<Self> {
        FreeText::get(reader).map(AccountName)
    }
    fn show(&self, out: &mut json::JsonWriter) {
        self.0.show(out);
    }
}

impl FromJson for AccountName {
    fn read(node: &JsonNode<'_>, line: &mut LineReader<'_>) -> Option<Self> {
        FreeText::read(node, line).map(AccountName)
    }
}

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
        out.text(self.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
    }
}

/// A set of words that stand for themselves in JSON and for their place in the list in the log.
#[macro_export]
macro_rules! text_enum {
    ($(#[$meta:meta])* $name:ident { $($variant:ident = $code:literal $text:literal),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
        pub enum $name { $($variant),* }

        impl $name {
            pub const WORDS: &'static [&'static str] = &[$($text),*];
            pub fn parse(text: &str) -> Option<$name> { match text { $($text => Some($name::$variant),)* _ => None } }
            pub fn as_str(self) -> &'static str { match self { $($name::$variant => $text),* } }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(self.as_str()) }
        }
        impl $crate::field::Stored for $name {
            fn put(&self, writer: &mut $crate::wire::CborWriter<'_>) { writer.uint(match self { $($name::$variant => $code),* }); }
            fn get(reader: &mut $crate::wire::CborReader<'_>) -> $crate::wire::Result<Self> {
                match reader.uint()? { $($code => Ok($name::$variant),)* _ => reader.wrong(concat!("an unknown ", stringify!($name))) }
            }
            fn show(&self, out: &mut $crate::json::JsonWriter) { out.text(self.as_str()); }
        }
        impl $crate::field::FromJson for $name {
            fn read(node: &$crate::json::JsonNode<'_>, line: &mut $crate::line::LineReader<'_>) -> Option<Self> {
                let value = match &node.value { $crate::json::JsonValue::Text(text) => $name::parse(text), _ => None };
                value.or_else(|| line.refuse_value(node, $crate::refusal::Expected::OneOf($name::WORDS)))
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_have_a_most_of_digits_on_both_sides() {
        for good in ["0", "-0.5", "120000.00", "999999999999999.999999999999", "1e3", "1.5E-2"] {
            assert!(Amount::parse(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "-",
            "1.",
            ".5",
            "+1",
            "1000000000000000",
            "0.0000000000001",
            "1_000",
            "1,000",
            "0x1",
            "1e40",
            "NaN",
            " 1",
        ] {
            assert!(Amount::parse(bad).is_none(), "{bad}");
        }
        assert_eq!(Amount::parse("60000.00"), Amount::parse("60000"));
        assert!(Amount::parse("0.1000000000000").is_some(), "trailing zeros say nothing");
    }

    #[test]
    fn percents_mean_hundredths() {
        assert_eq!(Percent::parse("25%").map(Percent::exact), Some(Exact::ratio(1, 4)));
        assert_eq!(Percent::parse("25"), None);
        assert_eq!(Percent::parse("0.0000000001%"), None);
    }
}
