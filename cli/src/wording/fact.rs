//! Refusals of `ledger` in words: texts that are no fact, and names that are not taken.

use crate::wording::problem::one_of;
use ledger::date::Day;
use ledger::date::fault::DateFault;
use ledger::fact::Body;
use ledger::id::NameFault;
use ledger::json::{DEPTH_MAX, SyntaxFault};
use ledger::refusal::{Expected, FactRefusal, ObjectKind};
use ledger::text::character;

use crate::wording::Wording;

/// A refusal in words.
pub fn refused(refusal: &FactRefusal) -> Wording {
    let (code, message, help) = match refusal {
        FactRefusal::NotJson(fault) => (
            "fact-json",
            format!("this is not JSON: {}", syntax(*fault)),
            "write one JSON object on the line".to_owned(),
        ),
        FactRefusal::KindMissing => (
            "fact-field-missing",
            "`fact`, the kind, is missing".to_owned(),
            "add `\"fact\": \"booking\"` or another kind".to_owned(),
        ),
        FactRefusal::KindUnknown { written, nearest } => {
            let help = match nearest {
                _ if written == "policy" => "`trueup policy set FILE` sets a policy".to_owned(),
                Some(near) => did_you_mean(near),
                None => format!("write {}", one_of(Body::WORDS.iter().copied())),
            };
            ("fact-kind", format!("there is no kind of fact `{written}`"), help)
        }
        FactRefusal::FieldMissing { name } => {
            ("fact-field-missing", format!("`{name}` is missing"), format!("add `\"{name}\": …`"))
        }
        FactRefusal::FieldUnknown { object, written, nearest, known } => {
            let help = match nearest {
                Some(near) => did_you_mean(near),
                None => format!("it takes {}", one_of(known.iter().copied())),
            };
            ("fact-field-unknown", format!("{} has no field `{written}`", object_words(*object)), help)
        }
        FactRefusal::TooManyFields { limit } => (
            "fact-field-unknown",
            format!("an object has more than {limit} members"),
            "leave out what the ledger does not know".to_owned(),
        ),
        FactRefusal::ValueUnexpected { written, expected: Expected::Fact } if written.starts_with('[') => {
            let message = "the line is a JSON array, and each fact has a line of its own".to_owned();
            ("fact-field-value", message, "write one object on each line, without the brackets and commas".to_owned())
        }
        FactRefusal::ValueUnexpected { written, expected } => {
            let expected = expected_words(*expected);
            let message = format!("`{}` is not {expected}", shortened(written));
            ("fact-field-value", message, format!("write {expected}"))
        }
        FactRefusal::DayUnfit { written, fault } => {
            let DateWords { what, day } = date_words(fault);
            let message = format!("`{}` {what}", shortened(written));
            let help = match day {
                Some(day) => format!("write the day: \"{day}\", if that is meant"),
                None => "write a day of the calendar, from 1900 on, like \"2027-01-31\"".to_owned(),
            };
            ("fact-field-value", message, help)
        }
        FactRefusal::NameUnfit { written, fault } => {
            let message = format!("`{}` {}", shortened(written), name_fault(fault));
            (name_code(fault).unwrap_or("fact-field-value"), message, name_help(fault))
        }
    };
    Wording::new(code, message, help)
}

/// What a text that is no date seems to be, in words.
pub struct DateWords {
    /// Behind the text: "is the number of a spreadsheet for 2026-10-25".
    pub what: String,
    /// The day in UTC that a number means.
    pub day: Option<Day>,
}

/// What a text that is no date seems to be.
pub fn date_words(fault: &DateFault) -> DateWords {
    let (what, day) = match fault {
        DateFault::Form => ("is not a date".to_owned(), None),
        DateFault::NoSuchDay { month } => (format!("does not exist: {month} has {} days", month.days()), None),
        DateFault::NoSuchMonth { month } => (format!("does not exist: there is no month {month}"), None),
        DateFault::TooEarly => ("is before 1900-01-01, the first date that counts".to_owned(), None),
        DateFault::TimeOfDay => ("has a time of day, and a date is wanted".to_owned(), None),
        DateFault::SerialNumber { day } => {
            (format!("is a number: as the serial date of a spreadsheet it means {day}"), Some(*day))
        }
        DateFault::UnixSeconds { day } => {
            (format!("is a number: as seconds since 1970 (epoch) it means {day} in UTC"), Some(*day))
        }
        DateFault::UnixMilliseconds { day } => {
            (format!("is a number: as milliseconds since 1970 (epoch) it means {day} in UTC"), Some(*day))
        }
    };
    DateWords { what, day }
}

/// The code of a refused name; none where only its shape is wrong, as any other value's may be.
pub fn name_code(fault: &NameFault) -> Option<&'static str> {
    match fault {
        NameFault::Shape => None,
        NameFault::Unseen { .. } => Some("id-invisible"),
        NameFault::Decomposed { .. } => Some("id-not-nfc"),
    }
}

/// What is wrong with a name, after the name itself: "holds U+202E RIGHT-TO-LEFT OVERRIDE as its character 3".
pub fn name_fault(fault: &NameFault) -> String {
    match fault {
        NameFault::Shape => {
            "is not a name of 1 to 128 bytes of printable text without leading or trailing blanks".to_owned()
        }
        NameFault::Unseen { c, place, .. } => format!("holds {} as its character {place}", character(*c)),
        NameFault::Decomposed { place, .. } => {
            format!("is not in Unicode normalisation form C (NFC) from its character {place} on")
        }
    }
}

/// What to do about a refused name.
pub fn name_help(fault: &NameFault) -> String {
    match fault {
        NameFault::Shape => "write 1 to 128 bytes of printable text without leading or trailing blanks".to_owned(),
        NameFault::Unseen { .. } => {
            "leave the character out: ids and attributes have only characters that are seen".to_owned()
        }
        NameFault::Decomposed { composed, .. } => {
            format!("write it composed, in Unicode normalisation form C (NFC): `{composed}`")
        }
    }
}

fn did_you_mean(nearest: &str) -> String {
    format!("did you mean `{nearest}`?")
}

fn object_words(object: ObjectKind) -> String {
    match object {
        ObjectKind::Fact(kind) if kind.starts_with(['a', 'e', 'o']) => format!("an {kind}"),
        ObjectKind::Fact(kind) => format!("a {kind}"),
        ObjectKind::Share => "a share".to_owned(),
        ObjectKind::SplitTarget => "`on`".to_owned(),
    }
}

/// What a field takes, after "is not" and after "write".
fn expected_words(expected: Expected) -> String {
    let plain = match expected {
        Expected::Fact => "an object like {\"fact\": \"booking\", …}",
        Expected::FactKind => "the kind of the fact, like \"booking\"",
        Expected::Name { bytes_max } => {
            return format!("a name of 1 to {bytes_max} bytes of printable text without leading or trailing blanks");
        }
        Expected::Day => "a date like \"2027-01-31\", from 1900 on",
        Expected::Month => "a month like \"2027-01\"",
        Expected::Currency => "an ISO 4217 currency like \"USD\"",
        Expected::Uuid => "a UUID like \"00000000-0000-4000-8000-000000000001\"",
        Expected::Amount { whole_digits_max, decimals_max } => {
            return format!(
                "a decimal like \"120000.00\", with at most {whole_digits_max} digits before and {decimals_max} after the point"
            );
        }
        Expected::Percent { decimals_max } => {
            return format!("a percent like \"25%\", with at most {decimals_max} decimals");
        }
        Expected::WholeNumber => "a whole number",
        Expected::Text { bytes_max } => return format!("a text of at most {bytes_max} bytes"),
        Expected::OneOf(words) => return one_of(words.iter().copied()),
        Expected::List => "a list like [ … ]",
        Expected::Map => "an object like {\"name\": …}",
        Expected::Share => "a share like {\"payee\": …, \"percent\": \"100%\"}",
        Expected::SplitTarget => "one of {\"booking\": id}, {\"contract\": id} or {\"account\": id}",
        Expected::Reference => "an id (a UUID) or a natural key like \"booking:B-1\"",
    };
    plain.to_owned()
}

/// Why a text is not JSON.
pub fn syntax(fault: SyntaxFault) -> String {
    let plain = match fault {
        SyntaxFault::TrailingText => "something follows the value",
        SyntaxFault::TooDeep => return format!("lists and objects are more than {DEPTH_MAX} deep in each other"),
        SyntaxFault::NoValue => "no JSON value starts like this",
        SyntaxFault::ValueMissing => "the line ends where a value should be",
        SyntaxFault::NameMissing => "a name in double quotes should be here",
        SyntaxFault::NameTwice => "this name is twice in one object",
        SyntaxFault::ColonMissing => "a colon should follow the name",
        SyntaxFault::ObjectUnfinished => "a comma or a closing brace should be here",
        SyntaxFault::ListUnfinished => "a comma or a closing bracket should be here",
        SyntaxFault::LeadingZero => "a number does not start with a zero",
        SyntaxFault::DigitMissing => "a digit should be here",
        SyntaxFault::TextUnfinished => "the line ends inside a text",
        SyntaxFault::ControlCharacter => "a control character is in a text; write it as \\u00xx",
        SyntaxFault::UnknownEscape => "no such escape in JSON",
        SyntaxFault::HalfCharacter => "the second half of a character is missing",
        SyntaxFault::NoCharacter => "no character has this number",
        SyntaxFault::HexDigitsMissing => "four hexadecimal digits should follow",
    };
    plain.to_owned()
}

/// The first 60 characters.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use ledger::id::Name;

    use super::name_fault;

    #[test]
    fn an_unseen_character_is_named() {
        let fault = Name::incoming("bo\u{202e}b").expect_err("refused");
        assert_eq!(name_fault(&fault), "holds U+202E RIGHT-TO-LEFT OVERRIDE as its character 3");
    }
}
