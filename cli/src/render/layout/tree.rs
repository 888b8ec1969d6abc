//! JSON of ours for people: names and values on lines of their own, indented.

use ledger::json::{self, JsonNode, JsonValue};

use crate::render::layout::table::{Align, padded};
use crate::terminal::inert::{shown, width};

/// The JSON object that this program wrote, line by line.
pub fn tree(json: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let node = json::read(json).expect("our own JSON");
    members(&node, 0, &mut lines);
    lines
}

fn members(node: &JsonNode<'_>, depth: usize, lines: &mut Vec<String>) {
    let JsonValue::Object(members) = &node.value else { return };
    let columns = members.iter().map(|member| width(&shown(&member.name))).max().unwrap_or(0);
    for member in members {
        let (indent, name) = ("  ".repeat(depth), shown(&member.name));
        match (&member.node.value, plain(&member.node)) {
            (_, Some(text)) if text.contains('\n') => {
                lines.push(format!("{indent}{name}"));
                lines.extend(text.lines().map(|line| format!("{indent}  | {line}").trim_end().to_owned()));
            }
            (_, Some(text)) => lines.push(format!("{indent}{}  {text}", padded(&name, Align::Left, columns))),
            (JsonValue::List(items), None) => {
                lines.push(format!("{indent}{name}"));
                lines.extend(items.iter().filter_map(|item| list_item(item, depth + 1)));
            }
            (_, None) => {
                lines.push(format!("{indent}{name}"));
                self::members(&member.node, depth + 1, lines);
            }
        }
    }
}

fn list_item(node: &JsonNode<'_>, depth: usize) -> Option<String> {
    let JsonValue::Object(members) = &node.value else { return None };
    let parts = members.iter().filter_map(|member| Some(format!("{} {}", member.name, plain(&member.node)?)));
    Some(format!("{}- {}", "  ".repeat(depth), parts.collect::<Vec<_>>().join(", ")))
}

/// What fits behind a name: a word, or a list of words.
fn plain(node: &JsonNode<'_>) -> Option<String> {
    match &node.value {
        JsonValue::Null => Some("none".to_owned()),
        JsonValue::Bool(value) => Some(value.to_string()),
        JsonValue::Number(number) => Some((*number).to_owned()),
        JsonValue::Text(text) => Some(text.clone().into_owned()),
        JsonValue::List(items) => {
            let parts: Option<Vec<String>> = items.iter().map(plain).collect();
            parts.map(|parts| parts.join(", "))
        }
        JsonValue::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::tree;

    #[test]
    fn names_and_values_stand_on_lines() {
        let json = r#"{"a":1,"long":"x\u000ay","on":{"booking":"B-1"},"shares":[{"payee":"ana","percent":"100%"}],"at":[1,2]}"#;
        let text =
            "a       1\nlong\n  | x\n  | y\non\n  booking  B-1\nshares\n  - payee ana, percent 100%\nat      1, 2";
        assert_eq!(tree(json).join("\n"), text);
    }
}
