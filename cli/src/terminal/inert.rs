//! Text of others made harmless for a terminal: what nobody sees, and what a terminal obeys, is written as an escape.

use std::borrow::Cow;

use ledger::text::{has_unseen, is_unseen};

/// The text as it is shown: what nobody sees, and what a terminal obeys, as an escape. Nothing is changed where all is seen,
/// and what was shown once is shown the same again. A backslash stays as it is: this is for eyes, JSON is for programs.
pub fn shown(text: &str) -> Cow<'_, str> {
    if !has_unseen(text) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_unseen(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// How many columns of a terminal a shown text takes.
pub fn width(shown: &str) -> usize {
    if shown.is_ascii() { shown.len() } else { console::measure_text_width(shown) }
}

/// The JSON text with every unseen character of its strings as `\u202e`.
pub fn json_shown(json: &str) -> Cow<'_, str> {
    if !has_unseen(json) {
        return Cow::Borrowed(json);
    }
    let mut out = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        if is_unseen(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_shown_is_shown_the_same_again() {
        for text in ["plain", "a\\n", "\u{202e}\n\t", "c:\\new"] {
            assert_eq!(shown(&shown(text)), shown(text));
        }
        assert_eq!(shown("אבי 東京 Zoë"), "אבי 東京 Zoë");
    }

    /// The tables of the `regex` crate are made from Unicode's own.
    #[test]
    fn unseen_is_what_unicode_says() {
        let class = regex::Regex::new(
            r"^[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}\x{fff9}-\x{fffb}]$",
        )
        .expect("a class");
        for c in (0..=0x10_ffff).filter_map(char::from_u32) {
            assert_eq!(is_unseen(c), class.is_match(c.encode_utf8(&mut [0; 4])), "{}", c.escape_unicode());
        }
    }
}
