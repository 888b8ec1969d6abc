//! Characters that a reader does not see or that a terminal obeys: which they are, and what they are called.

/// Whether a character shows nothing, ends a line, or makes a terminal do something: controls (`Cc`), line and paragraph
/// separators, bidirectional controls, and everything that Unicode calls `Default_Ignorable_Code_Point`. That property
/// covers reserved code points on purpose and is not expected to grow; a test of the command line holds this list against
/// the tables of the `regex` crate. Interlinear annotations, which are invisible too, are added.
pub fn is_unseen(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_control();
    }
    matches!(c,
        '\u{80}'..='\u{9f}' | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Whether any character of the text is one of those. Nearly every text is ASCII, and is looked at by bytes.
pub fn has_unseen(text: &str) -> bool {
    if text.is_ascii() { text.bytes().any(|byte| byte.is_ascii_control()) } else { text.chars().any(is_unseen) }
}

/// A character as a message names it: `U+202E RIGHT-TO-LEFT OVERRIDE`.
pub fn character(c: char) -> String {
    let code = format!("U+{:04X}", u32::from(c));
    match unseen_name(c) {
        Some(name) => format!("{code} {name}"),
        None => code,
    }
}

/// What Unicode calls an unseen character; of a control its alias.
fn unseen_name(c: char) -> Option<String> {
    let code = u32::from(c);
    let name = match c {
        '\0'..='\u{1f}' => CONTROLS[code as usize],
        '\u{7f}' => "DELETE",
        '\u{85}' => "NEXT LINE",
        '\u{9b}' => "CONTROL SEQUENCE INTRODUCER",
        '\u{80}'..='\u{9f}' => "(a control character)",
        '\u{fe00}'..='\u{fe0f}' => return Some(format!("VARIATION SELECTOR-{}", code - 0xfe00 + 1)),
        '\u{e0100}'..='\u{e01ef}' => return Some(format!("VARIATION SELECTOR-{}", code - 0xe0100 + 17)),
        '\u{e0020}' => "TAG SPACE",
        '\u{e0021}'..='\u{e007e}' => {
            return Some(format!("(the tag character of `{}`)", char::from_u32(code - 0xe0000)?));
        }
        '\u{1bca0}'..='\u{1bca3}' => "(a shorthand format control)",
        '\u{1d173}'..='\u{1d17a}' => "(a musical format control)",
        _ => match NAMES.binary_search_by_key(&c, |(known, _)| *known) {
            Ok(index) => NAMES[index].1,
            Err(_) if is_unseen(c) => "(an invisible character)",
            Err(_) => return None,
        },
    };
    Some(name.to_owned())
}

const CONTROLS: [&str; 32] = [
    "NULL",
    "START OF HEADING",
    "START OF TEXT",
    "END OF TEXT",
    "END OF TRANSMISSION",
    "ENQUIRY",
    "ACKNOWLEDGE",
    "ALERT",
    "BACKSPACE",
    "CHARACTER TABULATION",
    "LINE FEED",
    "LINE TABULATION",
    "FORM FEED",
    "CARRIAGE RETURN",
    "SHIFT OUT",
    "SHIFT IN",
    "DATA LINK ESCAPE",
    "DEVICE CONTROL ONE",
    "DEVICE CONTROL TWO",
    "DEVICE CONTROL THREE",
    "DEVICE CONTROL FOUR",
    "NEGATIVE ACKNOWLEDGE",
    "SYNCHRONOUS IDLE",
    "END OF TRANSMISSION BLOCK",
    "CANCEL",
    "END OF MEDIUM",
    "SUBSTITUTE",
    "ESCAPE",
    "INFORMATION SEPARATOR FOUR",
    "INFORMATION SEPARATOR THREE",
    "INFORMATION SEPARATOR TWO",
    "INFORMATION SEPARATOR ONE",
];

/// In the order of their code points.
const NAMES: [(char, &str); 47] = [
    ('\u{ad}', "SOFT HYPHEN"),
    ('\u{34f}', "COMBINING GRAPHEME JOINER"),
    ('\u{61c}', "ARABIC LETTER MARK"),
    ('\u{115f}', "HANGUL CHOSEONG FILLER"),
    ('\u{1160}', "HANGUL JUNGSEONG FILLER"),
    ('\u{17b4}', "KHMER VOWEL INHERENT AQ"),
    ('\u{17b5}', "KHMER VOWEL INHERENT AA"),
    ('\u{180b}', "MONGOLIAN FREE VARIATION SELECTOR ONE"),
    ('\u{180c}', "MONGOLIAN FREE VARIATION SELECTOR TWO"),
    ('\u{180d}', "MONGOLIAN FREE VARIATION SELECTOR THREE"),
    ('\u{180e}', "MONGOLIAN VOWEL SEPARATOR"),
    ('\u{180f}', "MONGOLIAN FREE VARIATION SELECTOR FOUR"),
    ('\u{200b}', "ZERO WIDTH SPACE"),
    ('\u{200c}', "ZERO WIDTH NON-JOINER"),
    ('\u{200d}', "ZERO WIDTH JOINER"),
    ('\u{200e}', "LEFT-TO-RIGHT MARK"),
    ('\u{200f}', "RIGHT-TO-LEFT MARK"),
    ('\u{2028}', "LINE SEPARATOR"),
    ('\u{2029}', "PARAGRAPH SEPARATOR"),
    ('\u{202a}', "LEFT-TO-RIGHT EMBEDDING"),
    ('\u{202b}', "RIGHT-TO-LEFT EMBEDDING"),
    ('\u{202c}', "POP DIRECTIONAL FORMATTING"),
    ('\u{202d}', "LEFT-TO-RIGHT OVERRIDE"),
    ('\u{202e}', "RIGHT-TO-LEFT OVERRIDE"),
    ('\u{2060}', "WORD JOINER"),
    ('\u{2061}', "FUNCTION APPLICATION"),
    ('\u{2062}', "INVISIBLE TIMES"),
    ('\u{2063}', "INVISIBLE SEPARATOR"),
    ('\u{2064}', "INVISIBLE PLUS"),
    ('\u{2066}', "LEFT-TO-RIGHT ISOLATE"),
    ('\u{2067}', "RIGHT-TO-LEFT ISOLATE"),
    ('\u{2068}', "FIRST STRONG ISOLATE"),
    ('\u{2069}', "POP DIRECTIONAL ISOLATE"),
    ('\u{206a}', "INHIBIT SYMMETRIC SWAPPING"),
    ('\u{206b}', "ACTIVATE SYMMETRIC SWAPPING"),
    ('\u{206c}', "INHIBIT ARABIC FORM SHAPING"),
    ('\u{206d}', "ACTIVATE ARABIC FORM SHAPING"),
    ('\u{206e}', "NATIONAL DIGIT SHAPES"),
    ('\u{206f}', "NOMINAL DIGIT SHAPES"),
    ('\u{3164}', "HANGUL FILLER"),
    ('\u{feff}', "ZERO WIDTH NO-BREAK SPACE"),
    ('\u{ffa0}', "HALFWIDTH HANGUL FILLER"),
    ('\u{fff9}', "INTERLINEAR ANNOTATION ANCHOR"),
    ('\u{fffa}', "INTERLINEAR ANNOTATION SEPARATOR"),
    ('\u{fffb}', "INTERLINEAR ANNOTATION TERMINATOR"),
    ('\u{e0001}', "LANGUAGE TAG"),
    ('\u{e007f}', "CANCEL TAG"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unseen_characters_are_named() {
        for (c, name) in [
            ('\u{1b}', "U+001B ESCAPE"),
            ('\n', "U+000A LINE FEED"),
            ('\u{202e}', "U+202E RIGHT-TO-LEFT OVERRIDE"),
            ('\u{fe0f}', "U+FE0F VARIATION SELECTOR-16"),
            ('\u{e0041}', "U+E0041 (the tag character of `A`)"),
            ('\u{e0fff}', "U+E0FFF (an invisible character)"),
            ('é', "U+00E9"),
        ] {
            assert_eq!(character(c), name);
        }
        assert!(NAMES.is_sorted_by_key(|(c, _)| *c));
        assert!(NAMES.iter().all(|(c, _)| is_unseen(*c)));
        let unnamed = (0..=0x10_ffff).filter_map(char::from_u32).find(|c| is_unseen(*c) && unseen_name(*c).is_none());
        assert_eq!(unnamed, None);
    }

    #[test]
    fn what_people_write_is_seen() {
        for text in ["Ana Brandt", "Łukasz Żółć", "אבי כהן", "محمد", "田中 太郎", "Zoë 🦀", "a\u{301}"]
        {
            assert!(!has_unseen(text), "{text}");
        }
        for text in ["a\tb", "a\u{85}b", "a\u{202e}b", "👩\u{200d}💻", "❤\u{fe0f}"] {
            assert!(has_unseen(text), "{text:?}");
        }
    }
}
