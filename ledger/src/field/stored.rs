//! What every type of a field can do: be read from JSON, be stored, be shown.

use crate::json::{self, JsonNode};
use crate::line::LineReader;
use crate::wire::{CborReader, CborWriter, Result};

/// A field as it is stored and shown.
pub trait Stored: Sized {
    /// Whether derived ids cover it (facts.md: they leave personal fields out).
    const IN_ID: bool = true;
    /// The value of a field that was left out, for fields that may be.
    fn absent() -> Option<Self> {
        None
    }
    /// Whether the field was left out: it is neither stored nor shown.
    fn is_absent(&self) -> bool {
        false
    }
    /// Writes the value as it is stored.
    fn put(&self, writer: &mut CborWriter<'_>);
    /// Reads what [`Stored::put`] wrote. Fails on anything else.
    fn get(reader: &mut CborReader<'_>) -> Result<Self>;
    /// Writes the value as JSON.
    fn show(&self, out: &mut json::JsonWriter);
}

/// A field that people send.
pub trait FromJson: Stored {
    /// Reads a value. `None` after a refusal, which the line then has.
    fn read(node: &JsonNode<'_>, line: &mut LineReader<'_>) -> Option<Self>;
}
