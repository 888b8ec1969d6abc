//! Names that people give: payees, accounts, contracts, bookings, plans (facts.md).

use std::fmt;

use compact_str::CompactString;

/// 1 to 128 bytes of printable text without leading or trailing blanks. Up to 24 bytes stand in place: looking at a name, or
/// copying it, goes nowhere else in memory.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(CompactString);

impl Name {
    pub const BYTES_MAX: usize = 128;

    pub fn new(text: &str) -> Option<Name> {
        Name::allows(text).then(|| Name(text.into()))
    }

    pub fn allows(text: &str) -> bool {
        let printable = || match text.is_ascii() {
            true => text.bytes().all(|b| (b' '..=b'~').contains(&b)),
            false => !text.chars().any(|c| c.is_control() || is_invisible(c)),
        };
        (1..=Name::BYTES_MAX).contains(&text.len()) && text.trim().len() == text.len() && printable()
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Characters that show nothing, or turn what follows around: a name that looks like another is none.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

impl std::borrow::Borrow<str> for Name {
    fn borrow(&self) -> &str {
        &self.0
    }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $id:ident),* $(,)?) => { $(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $id(pub Name);

        impl $id {
            pub fn new(text: &str) -> Option<$id> { Name::new(text).map($id) }
            pub fn as_str(&self) -> &str { self.0.as_str() }
        }
        impl fmt::Display for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { fmt::Display::fmt(&self.0, f) }
        }
        impl fmt::Debug for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { fmt::Debug::fmt(&self.0, f) }
        }
        impl std::borrow::Borrow<str> for $id {
            fn borrow(&self) -> &str { self.0.as_str() }
        }
    )* };
}

ids! {
    /// Who is paid: a pseudonym, for it stands in clear in the log.
    PayeeId,
    AccountId,
    ContractId,
    BookingId,
    PlanId,
    /// A component of a plan; running totals cross versions by it.
    ComponentId,
}

/// The text with everything but letters, digits, `-`, `.`, `_` and `~` percent-encoded, so that `/`, `@` and `:` can
/// separate the parts of a key.
pub fn percent_encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// The text that was percent-encoded; `None` where it is not well formed.
pub fn percent_decoded(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        if byte == b'%' {
            let (code, tail) = tail.split_at_checked(2)?;
            if code.contains(&b'+') {
                return None;
            }
            out.push(u8::from_str_radix(std::str::from_utf8(code).ok()?, 16).ok()?);
            rest = tail;
        } else {
            out.push(byte);
            rest = tail;
        }
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_a_shortest_and_a_longest() {
        assert!(Name::new("").is_none());
        assert!(Name::new(&"x".repeat(Name::BYTES_MAX)).is_some());
        assert!(Name::new(&"x".repeat(Name::BYTES_MAX + 1)).is_none());
        for text in [" a", "a ", "a\tb", "a\nb", "\u{85}", "a\u{202e}b", "a\u{200b}"] {
            assert!(Name::new(text).is_none(), "{text:?}");
        }
        assert!(Name::new("Café No 7 / B").is_some());
    }

    #[test]
    fn what_is_percent_encoded_comes_back() {
        for text in ["B-1", "a/b@c:d", "é%", "100% sure"] {
            assert_eq!(percent_decoded(&percent_encoded(text)).as_deref(), Some(text));
        }
        assert_eq!(percent_encoded("a/b"), "a%2Fb");
        assert_eq!(percent_decoded("%2"), None);
        assert_eq!(percent_decoded("%+1"), None);
    }
}
