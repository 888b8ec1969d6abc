//! The JSON that commands print: the members of a struct in its order, without blanks, amounts and ids as texts.

use std::fmt::Display;
use std::io;

use ledger::json::JsonWriter;
use serde::{Serialize, Serializer};
use serde_json::ser::{CharEscape, Formatter};
use serde_json::value::RawValue;

/// The value as JSON on one line.
pub fn json(value: &(impl Serialize + ?Sized)) -> String {
    let mut bytes = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, CanonicalEscapes);
    value.serialize(&mut serializer).expect("BUG: structs of texts and numbers are JSON, and memory takes it");
    String::from_utf8(bytes).expect("BUG: JSON is UTF-8")
}

/// JSON that a library writes, as a part of a larger value.
pub fn written(write: impl FnOnce(&mut JsonWriter)) -> Box<RawValue> {
    let mut out = JsonWriter::new();
    write(&mut out);
    RawValue::from_string(out.finish()).expect("BUG: a `JsonWriter` writes JSON")
}

/// A value that is published as the text that it displays: an id, a date, an amount.
#[derive(Copy, Clone, Debug)]
pub struct AsText<T>(pub T);

impl<T: Display> Serialize for AsText<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// Escapes as in the canonical form of `ledger::json`, so that all published JSON has one spelling of a text.
struct CanonicalEscapes;

impl Formatter for CanonicalEscapes {
    fn write_char_escape<W: ?Sized + io::Write>(&mut self, out: &mut W, escape: CharEscape) -> io::Result<()> {
        let control = match escape {
            CharEscape::Quote => return out.write_all(b"\\\""),
            CharEscape::ReverseSolidus => return out.write_all(b"\\\\"),
            CharEscape::Solidus => return out.write_all(b"/"),
            CharEscape::Backspace => 0x08,
            CharEscape::Tab => b'\t',
            CharEscape::LineFeed => b'\n',
            CharEscape::FormFeed => 0x0c,
            CharEscape::CarriageReturn => b'\r',
            CharEscape::AsciiControl(control) => control,
        };
        write!(out, "\\u{control:04x}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_spelled_as_in_the_canonical_form() {
        let text: String = (0..=0x2fff).filter_map(char::from_u32).collect();
        let canonical = written(|out| out.text(&text));
        assert_eq!(json(&text), canonical.get());
        assert_eq!(json(&AsText(&text)), canonical.get());
        assert_eq!(json(&[&canonical]), format!("[{canonical}]"));
    }
}
