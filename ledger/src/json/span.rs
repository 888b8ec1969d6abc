//! Where in a line of JSON a field is.

use std::ops::Range;

use super::{JsonNode, JsonValue, read};
use crate::finding::{FieldPath, PathStep};

/// The bytes of `line` that hold the value at `path`, quotes and brackets included.
///
/// Where a step of the path leads to nothing, it is the opening bracket of the innermost object or list that exists on the
/// path, or the whole of a value that is neither. `None` if the line is not JSON as [`read`] takes it: a name that occurs
/// twice in one object is refused there.
pub fn span_of(line: &str, path: &FieldPath) -> Option<Range<usize>> {
    let root = read(line).ok()?;
    let mut node = &root;
    for step in path.steps() {
        match child(node, step) {
            Some(child) => node = child,
            None => return Some(bracket_or_value(node)),
        }
    }
    Some(node.start..node.end)
}

fn child<'n, 'a>(node: &'n JsonNode<'a>, step: &PathStep) -> Option<&'n JsonNode<'a>> {
    match (&node.value, step) {
        (JsonValue::Object(members), PathStep::Name(name)) => {
            members.iter().find(|member| member.name == **name).map(|member| &member.node)
        }
        (JsonValue::List(items), PathStep::Index(index)) => items.get(*index),
        _ => None,
    }
}

fn bracket_or_value(node: &JsonNode<'_>) -> Range<usize> {
    match node.value {
        JsonValue::Object(_) | JsonValue::List(_) => node.start..node.start + 1,
        JsonValue::Null | JsonValue::Bool(_) | JsonValue::Number(_) | JsonValue::Text(_) => node.start..node.end,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written<'l>(line: &'l str, path: &FieldPath) -> Option<&'l str> {
        span_of(line, path).map(|range| &line[range])
    }

    #[test]
    fn a_value_is_found_in_objects_and_lists() {
        let line = r#" {"at": "2027-01-01", "credit": [{"payee":"ana"}, {"payee" : "bea", "percent": 5}], "n": -1.5 }"#;
        let credit = || FieldPath::of("credit");
        for (path, text) in [
            (FieldPath::of("at"), "\"2027-01-01\""),
            (credit().index(0), "{\"payee\":\"ana\"}"),
            (credit().index(1).then("payee"), "\"bea\""),
            (credit().index(1).then("percent"), "5"),
            (FieldPath::of("n"), "-1.5"),
            (FieldPath::root(), line.trim()),
        ] {
            assert_eq!(written(line, &path), Some(text), "{path}");
        }
    }

    #[test]
    fn names_are_compared_as_they_are_read_and_bytes_are_those_written() {
        let line = r#"{"\u0061t": "é\n\"x\"", "Zoë": {"a.b": "}"}}"#;
        assert_eq!(written(line, &FieldPath::of("at")), Some(r#""é\n\"x\"""#));
        assert_eq!(written(line, &FieldPath::of("Zoë").then("a.b")), Some("\"}\""));
    }

    #[test]
    fn what_is_missing_is_shown_at_its_nearest_parent() {
        let line = r#"{"at":"x","credit":[{"payee":"ana"}],"on":{}}"#;
        let at = |path: FieldPath| span_of(line, &path);
        assert_eq!(at(FieldPath::of("amount")), Some(0..1));
        assert_eq!(at(FieldPath::of("credit").index(1)), Some(19..20));
        assert_eq!(at(FieldPath::of("credit").index(0).then("percent").then("deeper")), Some(20..21));
        assert_eq!(at(FieldPath::of("on").then("account")), Some(42..43));
        assert_eq!(at(FieldPath::of("at").then("year")), Some(6..9));
        assert_eq!(at(FieldPath::of("credit").then("payee")), Some(19..20));
    }

    #[test]
    fn what_is_not_json_has_no_places() {
        for line in ["", "nonsense", r#"{"a":1,"a":2}"#, r#"{"a":1} x"#] {
            assert_eq!(span_of(line, &FieldPath::of("a")), None, "{line}");
        }
    }
}
