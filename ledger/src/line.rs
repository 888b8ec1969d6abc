//! One line of JSON on its way to a fact: its objects are taken apart field by field, and what is wrong is collected.

use crate::date::fault::DateFault;
use crate::finding::{FieldPath, Finding, PathStep, TextLocation};
use crate::id::NameFault;
use crate::json::{JsonMember, JsonNode, JsonValue};
use crate::nearest::nearest;
use crate::refusal::{Expected, FactFinding, FactRefusal, ObjectKind, WRITTEN_CHARS_MAX};

/// A line of a file of facts.
#[derive(Copy, Clone, Debug)]
pub struct FactLine<'l> {
    /// The name of the file, for locations.
    pub file: &'l str,
    /// The number of the line, from 1.
    pub number: usize,
    /// The line without its end.
    pub text: &'l str,
}

/// A line that is being read, and what was found wrong with it.
pub struct LineReader<'l> {
    line: FactLine<'l>,
    findings: Vec<FactFinding>,
}

impl<'l> LineReader<'l> {
    pub(crate) fn new(line: FactLine<'l>) -> LineReader<'l> {
        LineReader { line, findings: Vec::new() }
    }

    /// All that was found, in the order of the fields that were looked at.
    pub(crate) fn into_findings(self) -> Vec<FactFinding> {
        self.findings
    }

    /// Refuses the bytes `start..end`. Returns `None` for a reader to return.
    pub(crate) fn refuse<T>(&mut self, (start, end): (usize, usize), refusal: FactRefusal) -> Option<T> {
        let FactLine { file, number, text } = self.line;
        let location = Some(Box::new(TextLocation::of(file, number, text, start, end)));
        self.findings.push(Finding { what: refusal, path: FieldPath::root(), location });
        None
    }

    /// Refuses a text at the bytes `start..end`. Where it is written without escapes behind a quote, only the character at
    /// fault is located.
    pub(crate) fn refuse_name<T>(&mut self, (start, end): (usize, usize), text: &str, fault: NameFault) -> Option<T> {
        let is_plain = self.line.text.get(start + 1..start + 1 + text.len()) == Some(text);
        let spot = match fault.span().filter(|_| is_plain) {
            Some((byte, length)) => (start + 1 + byte, start + 1 + byte + length),
            None => (start, end),
        };
        self.refuse(spot, FactRefusal::NameUnfit { written: beginning(text), fault })
    }

    /// Refuses the value at `node`: it is not what the field takes.
    pub fn refuse_value<T>(&mut self, node: &JsonNode<'_>, expected: Expected) -> Option<T> {
        let written = beginning(&self.line.text[node.start..node.end]);
        let refusal = match day_fault(&written, expected) {
            Some(fault) => FactRefusal::DayUnfit { written, fault },
            None => FactRefusal::ValueUnexpected { written, expected },
        };
        self.refuse((node.start, node.end), refusal)
    }

    /// Reads a field or an element: what is found wrong inside gets this step at the start of its path. Nothing is done for
    /// what is right.
    pub(crate) fn within<T>(&mut self, step: impl Fn() -> PathStep, read: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.findings.len();
        let value = read(self);
        for finding in &mut self.findings[before..] {
            finding.path.prepend(step());
        }
        value
    }
}

/// What a value seems to be that should be a date, if it is more than a text of another form.
fn day_fault(written: &str, expected: Expected) -> Option<DateFault> {
    if expected != Expected::Day {
        return None;
    }
    Some(DateFault::of(written.trim_matches('"'))).filter(|fault| *fault != DateFault::Form)
}

fn beginning(text: &str) -> String {
    text.chars().take(WRITTEN_CHARS_MAX).collect()
}

/// The members of an object, taken one by one; what is left at the end was not known.
pub(crate) struct Members<'n, 'a> {
    object: (usize, usize),
    members: &'n [JsonMember<'a>],
    taken: u64,
    known: Vec<&'static str>,
}

/// Members that one object may have: `Members::taken` has a bit for each.
const MEMBERS_MAX: usize = 64;

impl<'n, 'a> Members<'n, 'a> {
    pub(crate) fn of(node: &'n JsonNode<'a>, expected: Expected, line: &mut LineReader<'_>) -> Option<Members<'n, 'a>> {
        let JsonValue::Object(members) = &node.value else { return line.refuse_value(node, expected) };
        if members.len() > MEMBERS_MAX {
            return line.refuse((node.start, node.end), FactRefusal::TooManyFields { limit: MEMBERS_MAX });
        }
        Some(Members { object: (node.start, node.end), members, taken: 0, known: Vec::with_capacity(24) })
    }

    /// The node of a member, which counts as known and taken from then on.
    pub(crate) fn node(&mut self, name: &'static str) -> Option<&'n JsonNode<'a>> {
        self.known.push(name);
        let index = self.members.iter().position(|member| member.name == name)?;
        self.taken |= 1 << index;
        Some(&self.members[index].node)
    }

    /// The opening brace, at which a missing member is shown.
    pub(crate) fn brace(&self) -> (usize, usize) {
        (self.object.0, self.object.0 + 1)
    }

    /// Refuses what nobody took, with the nearest known name.
    pub(crate) fn finish(self, object: ObjectKind, line: &mut LineReader<'_>) -> Option<()> {
        let mut fine = Some(());
        for (index, member) in self.members.iter().enumerate() {
            if self.taken & (1 << index) != 0 {
                continue;
            }
            let end = member.start + member.name.len() + 2;
            let refusal = FactRefusal::FieldUnknown {
                object,
                written: member.name.clone().into_owned(),
                nearest: nearest(&member.name, self.known.iter().copied()),
                known: self.known.clone(),
            };
            let step = || PathStep::Name((&*member.name).into());
            fine = line.within(step, |line| line.refuse((member.start, end), refusal));
        }
        fine
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::Incoming;
    use crate::json::SyntaxFault;

    /// Each refusal with its path and the text that it is located at.
    fn refused(text: &str) -> Vec<(FactRefusal, String, String)> {
        let findings = Incoming::read(FactLine { file: "f", number: 3, text }).expect_err("refused");
        let each = |finding: FactFinding| {
            let place = finding.location.expect("a place in the line");
            assert_eq!((place.file.as_str(), place.line), ("f", 3));
            let spot = place.excerpt.chars().skip(place.column - 1 - place.skipped).take(place.width).collect();
            (finding.what, finding.path.to_string(), spot)
        };
        findings.into_iter().map(each).collect()
    }

    #[test]
    fn a_finding_has_the_path_of_its_field_however_deep() {
        let text = r#"{"fact":"booking","at":"2027-01-32","booking":"B-1","account":"a","arr":"1","currency":"USD","credit":[{"payee":"ana","percent":"1%"},{"payee":"b\u202eb","role":"x"}],"attributes":{"":"y"},"amont":"2"}"#;
        let found: Vec<(String, String)> = refused(text).into_iter().map(|(_, path, spot)| (path, spot)).collect();
        let expected = [
            ("at", "\"2027-01-32\""),
            ("credit[1].payee", "\"b\\u202eb\""),
            ("credit[1].role", "\"x\""),
            ("credit[1].percent", "{"),
            ("attributes.", "\""),
            ("amont", "\"amont\""),
        ];
        assert_eq!(found, expected.map(|(path, spot)| (path.to_owned(), spot.to_owned())));
    }

    #[test]
    fn a_refusal_says_what_was_written_and_what_is_expected() {
        let (refusal, path, _) =
            refused(r#"{"fact":"quota","at":"2027-01-01","payee":"a","plan":"p","component":"c","amount":{}}"#)
                .remove(0);
        let expected = Expected::Amount { whole_digits_max: 15, decimals_max: 12 };
        assert_eq!(refusal, FactRefusal::ValueUnexpected { written: "{}".to_owned(), expected });
        assert_eq!(path, "amount");
        let (refusal, path, spot) = refused("{\"fact\":\"bokking\"}").remove(0);
        assert_eq!(refusal, FactRefusal::KindUnknown { written: "bokking".to_owned(), nearest: Some("booking") });
        assert_eq!((path.as_str(), spot.as_str()), ("fact", "\"bokking\""));
        assert_eq!(refused("{}").remove(0).0, FactRefusal::KindMissing);
        let (refusal, path, spot) = refused("{\"a\":1,\"a\":2}").remove(0);
        assert_eq!(refusal, FactRefusal::NotJson(SyntaxFault::NameTwice));
        assert_eq!((path.as_str(), spot.as_str()), ("", "\""));
    }

    #[test]
    fn an_object_has_at_most_64_fields() {
        let fields = |count: usize| (0..count).map(|n| format!("\"f{n}\":1")).collect::<Vec<_>>().join(",");
        let limit = FactRefusal::TooManyFields { limit: MEMBERS_MAX };
        assert_eq!(refused(&format!("{{{}}}", fields(MEMBERS_MAX + 1))).remove(0).0, limit);
        assert_eq!(refused(&format!("{{{}}}", fields(MEMBERS_MAX))).remove(0).0, FactRefusal::KindMissing);
    }

    #[test]
    fn only_the_beginning_of_a_long_value_is_kept() {
        for (length, kept) in [(WRITTEN_CHARS_MAX, WRITTEN_CHARS_MAX), (WRITTEN_CHARS_MAX + 1, WRITTEN_CHARS_MAX)] {
            let text = format!("{{\"fact\":[\"{}\"]}}", "é".repeat(length - 4));
            let FactRefusal::ValueUnexpected { written, .. } = refused(&text).remove(0).0 else { panic!("{text}") };
            assert_eq!(written.chars().count(), kept);
        }
    }
}
