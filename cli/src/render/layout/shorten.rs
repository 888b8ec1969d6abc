//! Names, titles and reasons where they are laid out: they came from outside, may be long, and must not look like lines of ours.

use std::borrow::Cow;

use crate::terminal::inert::{shown, width};

/// The most columns that a name or a title takes on a statement. `show` has all of it.
const NAME_COLUMNS: usize = 60;
/// The most columns that a reason takes on a statement.
const REASON_COLUMNS: usize = 200;

/// A name or title.
pub fn name(text: &str) -> String {
    cut(text, NAME_COLUMNS)
}

/// A reason.
pub fn reason(text: &str) -> String {
    cut(text, REASON_COLUMNS)
}

/// Several blanks are one: with many of them, a text that a terminal breaks goes on where a line of ours would begin.
pub fn without_gaps(text: &str) -> Cow<'_, str> {
    let is_blank = |c: char| c.is_whitespace() && !c.is_control();
    let mut last = false;
    let has_gap = text.chars().any(|c| std::mem::replace(&mut last, is_blank(c)) && last);
    if !has_gap {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut was_blank = false;
    for c in text.chars() {
        let blank = is_blank(c);
        if !(blank && was_blank) {
            out.push(if blank { ' ' } else { c });
        }
        was_blank = blank;
    }
    Cow::Owned(out)
}

fn cut(text: &str, columns: usize) -> String {
    let closed = without_gaps(text);
    let whole = shown(&closed);
    // Marks that stand above and below letters take no columns; hundreds of them would cover other lines.
    if width(&whole) <= columns && whole.chars().count() <= 2 * columns {
        return whole.into_owned();
    }
    let mut out = String::new();
    for c in closed.chars() {
        let piece = shown(c.encode_utf8(&mut [0; 4])).into_owned();
        if width(&out) + width(&piece) >= columns || out.chars().count() >= 2 * columns {
            break;
        }
        out.push_str(&piece);
    }
    out.push('…');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_are_cut_and_gaps_are_closed() {
        assert_eq!(name("Ana Brandt"), "Ana Brandt");
        assert_eq!(name("Ana      \u{3000}\u{a0}TO PAY"), "Ana TO PAY");
        assert_eq!(name("a\u{a0}b"), "a\u{a0}b");
        assert_eq!(name("a\n\n b"), "a\\n\\n b");
        assert_eq!(name(&"x".repeat(NAME_COLUMNS)), "x".repeat(NAME_COLUMNS));
        assert_eq!(name(&"x".repeat(NAME_COLUMNS + 1)), "x".repeat(NAME_COLUMNS - 1) + "…");
        for text in
            ["東".repeat(200), "e\u{301}".repeat(200), "a".to_owned() + &"\u{301}".repeat(900), "\u{202e}".repeat(99)]
        {
            let cut = name(&text);
            assert!(width(&cut) <= NAME_COLUMNS && cut.chars().count() <= 3 * NAME_COLUMNS, "{cut}");
            assert!(cut.ends_with('…'), "{cut}");
        }
    }
}
