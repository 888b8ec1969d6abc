//! Texts of facts that are in clear: reasons, attributes, names of accounts.

use super::stored::{FromJson, Stored};
use crate::id::NameFault;
use crate::json::{self, JsonNode, JsonValue};
use crate::line::LineReader;
use crate::refusal::Expected;
use crate::wire::{CborReader, CborWriter, Result};

/// Free text in clear: reasons and sources.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct FreeText(pub String);

impl FreeText {
    /// The longest text.
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
    /// The text.
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
