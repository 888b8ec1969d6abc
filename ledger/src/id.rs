//! Names that people give: payees, accounts, contracts, bookings, plans (facts.md).

use std::borrow::Cow;
use std::fmt;

use compact_str::CompactString;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use unicode_normalization::{UnicodeNormalization, is_nfc};

use crate::text::{has_unseen, is_unseen};

/// 1 to 128 bytes of printable text without leading or trailing blanks. Up to 24 bytes stand in place: looking at a name, or
/// copying it, goes nowhere else in memory.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(CompactString);

impl Name {
    /// The longest name.
    pub const BYTES_MAX: usize = 128;

    /// A name that is stored already, or one to look for. What comes in from outside goes through [`Name::incoming`].
    pub fn new(text: &str) -> Option<Name> {
        Name::allows(text).then(|| Name(text.into()))
    }

    /// A name that comes in: in a fact, a plan or an argument. Unlike names that logs hold, it is in normalisation form C
    /// and has no character that nobody sees, so that two names that look the same are the same. Nothing is rewritten.
    pub fn incoming(text: &str) -> Result<Name, NameFault> {
        if text.is_ascii() && Name::allows(text) {
            return Ok(Name(text.into()));
        }
        match NameFault::of(text) {
            Some(fault) => Err(fault),
            None => Ok(Name(text.into())),
        }
    }

    /// Whether a log may hold the text as a name.
    pub fn allows(text: &str) -> bool {
        let printable = || {
            if text.is_ascii() {
                text.bytes().all(|b| (b' '..=b'~').contains(&b))
            } else {
                !text.chars().any(|c| c.is_control() || is_invisible(c))
            }
        };
        (1..=Name::BYTES_MAX).contains(&text.len()) && text.trim().len() == text.len() && printable()
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Characters that no log holds in a name. The list is as it was when the first logs were written; [`Name::incoming`] refuses
/// all that [`is_unseen`] knows.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Why a text is no name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NameFault {
    /// Empty, too long, or with blanks around it.
    Shape,
    /// A character that nobody sees, with its byte and its place among the characters, from 1.
    Unseen {
        /// The character.
        c: char,
        /// The byte of the text at which it is.
        byte: usize,
        /// The number of the character in the text, from 1.
        place: usize,
    },
    /// Not in normalisation form C, from this byte and character on; `composed` is.
    Decomposed {
        /// The byte of the text at which it is.
        byte: usize,
        /// The number of the character in the text, from 1.
        place: usize,
        /// The text as it has to be written.
        composed: String,
    },
}

impl NameFault {
    fn of(text: &str) -> Option<NameFault> {
        // Of a long text only the beginning is looked at: it is refused for its length.
        let unseen = NameFault::unseen(text);
        let is_near = |fault: &NameFault| matches!(fault, NameFault::Unseen { byte, .. } if *byte < Name::BYTES_MAX);
        unseen
            .filter(is_near)
            .or_else(|| if Name::allows(text) { NameFault::in_text(text) } else { Some(NameFault::Shape) })
    }

    /// What keeps a text of any length from being compared: characters that nobody sees, and what is not composed.
    pub fn in_text(text: &str) -> Option<NameFault> {
        if text.is_ascii() && !has_unseen(text) {
            return None;
        }
        NameFault::unseen(text).or_else(|| NameFault::decomposed(text))
    }

    fn unseen(text: &str) -> Option<NameFault> {
        let (index, (byte, c)) = text.char_indices().enumerate().find(|(_, (_, c))| is_unseen(*c))?;
        Some(NameFault::Unseen { c, byte, place: index + 1 })
    }

    fn decomposed(text: &str) -> Option<NameFault> {
        if is_nfc(text) {
            return None;
        }
        let composed: String = text.nfc().collect();
        let same = text.chars().zip(composed.chars()).take_while(|(one, other)| one == other).count();
        let byte = text.char_indices().nth(same).map_or(text.len(), |(byte, _)| byte);
        Some(NameFault::Decomposed { byte, place: same + 1, composed })
    }

    /// The byte at which the fault begins, and how many bytes it has.
    pub fn span(&self) -> Option<(usize, usize)> {
        match self {
            NameFault::Shape => None,
            NameFault::Unseen { c, byte, .. } => Some((*byte, c.len_utf8())),
            NameFault::Decomposed { byte, .. } => Some((*byte, 1)),
        }
    }
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
            /// An id that is stored already, or one to look for; see [`Name::new`].
            pub fn new(text: &str) -> Option<$id> { Name::new(text).map($id) }
            /// An id that comes in; see [`Name::incoming`].
            pub fn incoming(text: &str) -> Result<$id, NameFault> { Name::incoming(text).map($id) }
            /// The text.
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
    /// Who is paid: a pseudonym, for it is in clear in the log.
    PayeeId,
    /// A customer.
    AccountId,
    /// A contract with an account.
    ContractId,
    /// A signed deal.
    BookingId,
    /// A partial refund or reduction of a booking.
    CreditNoteId,
    /// An adjustment that somebody made by hand.
    AdjustmentId,
    /// A plan, in all its versions.
    PlanId,
    /// A component of a plan; running totals cross versions by it.
    ComponentId,
}

/// What is percent-encoded in a part of a key: everything but letters, digits, `-`, `.`, `_` and `~` (RFC 3986, unreserved).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The text percent-encoded, so that `/`, `@` and `:` can separate the parts of a key.
pub fn percent_encoded(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// The text that was percent-encoded; `None` where it is not well formed.
pub fn percent_decoded(text: &str) -> Option<String> {
    let is_digit = |digit: Option<&u8>| digit.is_some_and(u8::is_ascii_hexdigit);
    let mut codes = text.split('%').skip(1).map(str::as_bytes);
    // The crate leaves a `%` without two digits as it is.
    let is_well_formed = codes.all(|code| is_digit(code.first()) && is_digit(code.get(1)));
    percent_decode_str(text).decode_utf8().ok().filter(|_| is_well_formed).map(Cow::into_owned)
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
    fn a_name_that_comes_in_has_only_what_is_seen() {
        let all = (0..=0x10_ffff).filter_map(char::from_u32).filter(|c| is_unseen(*c));
        for c in all {
            for (text, at) in [(format!("a{c}b"), 2), (format!("é{c}"), 2), (format!("{c}x"), 1)] {
                let fault = Name::incoming(&text).expect_err("an unseen character");
                let byte = text.find(c).expect("it is there");
                assert_eq!(fault, NameFault::Unseen { c, byte, place: at }, "{text:?}");
            }
        }
    }

    #[test]
    fn a_name_that_comes_in_is_composed() {
        for (text, place, composed) in [
            ("Cafe\u{301} 7", 4, "Caf\u{e9} 7"),
            ("10\u{212b}", 3, "10\u{c5}"),
            ("a\u{323}\u{302}", 1, "\u{1ead}"),
            ("\u{1112}\u{1161}\u{11ab}", 1, "\u{d55c}"),
        ] {
            let fault = Name::incoming(text).expect_err("refused");
            let NameFault::Decomposed { place: found, composed: other, .. } = &fault else { panic!("{fault:?}") };
            assert_eq!((*found, other.as_str()), (place, composed));
            assert_eq!(Name::incoming(other).map(|name| name.to_string()).as_deref(), Ok(composed));
            assert!(Name::new(text).is_some(), "logs may hold {text}");
        }
        for text in ["Caf\u{e9}", "Łódź", "東京", "אבי", "Москва bank", "q\u{301}"] {
            assert!(Name::incoming(text).is_ok(), "{text}");
        }
        assert_eq!(Name::incoming(&"é".repeat(65)), Err(NameFault::Shape));
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
