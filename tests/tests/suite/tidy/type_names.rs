//! One type name has one meaning over the whole workspace.

use std::collections::BTreeMap;

use proc_macro2::{Delimiter, TokenTree};
use syn::visit::Visit;
use syn::{Item, ItemMacro};

use super::sources::{attributes, for_tests, parse, root, rust_files, shown};

/// The crates whose types are compared.
const COMPARED: [&str; 5] = ["ledger", "projections", "plans", "replay", "cli"];

/// Names that may be defined more than once, and why.
const SHARED: [(&str, &str); 4] = [("Append", VERIFY), ("Frame", VERIFY), ("FrameHeader", VERIFY), ("Head", VERIFY)];

/// Why verification has types with names of the log.
const VERIFY: &str = "verification reads the format by code of its own, and shares none with the writer";

/// The types that a file defines.
#[derive(Default)]
struct Types(Vec<String>);

impl<'a> Visit<'a> for Types {
    fn visit_item(&mut self, item: &'a Item) {
        if for_tests(attributes(item)) {
            return;
        }
        match item {
            Item::Enum(item) => self.0.push(item.ident.to_string()),
            Item::Struct(item) => self.0.push(item.ident.to_string()),
            Item::Trait(item) => self.0.push(item.ident.to_string()),
            Item::Type(item) => self.0.push(item.ident.to_string()),
            Item::Macro(item) => self.0.extend(of_macro(item)),
            _ => {}
        }
        syn::visit::visit_item(self, item);
    }
}

/// The types that a use of one of ledger's macros defines: `kinds!` names each in parentheses before its fields, `parts!` and
/// `text_enum!` before a brace, `ids!` before a comma.
fn of_macro(item: &ItemMacro) -> Vec<String> {
    let name = item.mac.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
    let tokens: Vec<TokenTree> = item.mac.tokens.clone().into_iter().collect();
    let ident = |token: &TokenTree| match token {
        TokenTree::Ident(ident) => Some(ident.to_string()),
        _ => None,
    };
    let before_brace = |tokens: &[TokenTree]| -> Vec<String> {
        let pairs = tokens.windows(2);
        let is_brace =
            |token: &TokenTree| matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
        pairs.filter(|pair| is_brace(&pair[1])).filter_map(|pair| ident(&pair[0])).collect()
    };
    match name.as_str() {
        "kinds" => tokens
            .iter()
            .filter_map(|token| match token {
                TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group.stream()),
                _ => None,
            })
            .flatten()
            .filter_map(|token| match token {
                TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis => Some(group.stream()),
                _ => None,
            })
            .filter_map(|inside| inside.into_iter().next().as_ref().and_then(ident))
            .collect(),
        "parts" | "text_enum" => before_brace(&tokens),
        "ids" => tokens.iter().filter_map(ident).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn types_of_macros_are_seen() {
    let mut types = Types::default();
    types.visit_file(&parse(&root().join("ledger/src/fact.rs")));
    types.visit_file(&parse(&root().join("ledger/src/id.rs")));
    for name in ["Payee", "BookRecord", "Posting", "Reason", "PayeeId"] {
        assert!(types.0.iter().any(|found| found == name), "{name}: {:?}", types.0);
    }
}

#[test]
fn one_type_name_has_one_meaning() {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in COMPARED.iter().flat_map(|name| rust_files(&root().join(name).join("src"))) {
        let mut types = Types::default();
        types.visit_file(&parse(&file));
        for name in types.0 {
            places.entry(name).or_default().push(shown(&file));
        }
    }
    places.retain(|_, files| files.len() > 1);
    for (name, why) in SHARED {
        assert!(places.remove(name).is_some(), "`{name}` is defined once: take it off `SHARED` ({why})");
    }
    let found: Vec<String> = places.iter().map(|(name, files)| format!("{name}: {}", files.join(", "))).collect();
    assert!(found.is_empty(), "{} names are defined more than once:\n{}", found.len(), found.join("\n"));
}
