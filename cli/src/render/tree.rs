//! JSON of ours for people: names and values on lines of their own, indented.

use ledger::json::{self, Node, Value};

/// The text of a JSON object that this program wrote.
pub fn tree(json: &str) -> String {
    let mut out = String::new();
    let node = json::read(json).expect("our own JSON");
    members(&node, 0, &mut out);
    out
}

fn members(node: &Node<'_>, depth: usize, out: &mut String) {
    let Value::Object(members) = &node.value else { return };
    let width = members.iter().map(|member| member.name.chars().count()).max().unwrap_or(0);
    for member in members {
        let indent = "  ".repeat(depth);
        match (&member.node.value, plain(&member.node)) {
            (_, Some(text)) if text.contains('\n') => {
                out.push_str(&format!("{indent}{}\n", member.name));
                text.lines().for_each(|line| out.push_str(&format!("{}\n", format!("{indent}  | {line}").trim_end())));
            }
            (_, Some(text)) => out.push_str(&format!("{indent}{:<width$}  {text}\n", member.name)),
            (Value::List(items), None) => {
                out.push_str(&format!("{indent}{}\n", member.name));
                items.iter().for_each(|item| list_item(item, depth + 1, out));
            }
            (_, None) => {
                out.push_str(&format!("{indent}{}\n", member.name));
                self::members(&member.node, depth + 1, out);
            }
        }
    }
}

fn list_item(node: &Node<'_>, depth: usize, out: &mut String) {
    let Value::Object(members) = &node.value else { return };
    let parts = members.iter().filter_map(|member| Some(format!("{} {}", member.name, plain(&member.node)?)));
    out.push_str(&format!("{}- {}\n", "  ".repeat(depth), parts.collect::<Vec<_>>().join(", ")));
}

/// What fits behind a name: a word, or a list of words.
fn plain(node: &Node<'_>) -> Option<String> {
    match &node.value {
        Value::Null => Some("none".to_owned()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(number) => Some((*number).to_owned()),
        Value::Text(text) => Some(text.clone().into_owned()),
        Value::List(items) => {
            let parts: Option<Vec<String>> = items.iter().map(plain).collect();
            parts.map(|parts| parts.join(", "))
        }
        Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::tree;

    #[test]
    fn names_and_values_stand_on_lines() {
        let json = r#"{"a":1,"long":"x\u000ay","on":{"booking":"B-1"},"shares":[{"payee":"ana","percent":"100%"}],"at":[1,2]}"#;
        let text =
            "a       1\nlong\n  | x\n  | y\non\n  booking  B-1\nshares\n  - payee ana, percent 100%\nat      1, 2\n";
        assert_eq!(tree(json), text);
    }
}
