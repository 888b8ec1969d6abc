//! One type name has one meaning over the whole workspace.

use std::collections::BTreeMap;

use syn::Item;
use syn::visit::Visit;

use super::sources::{attributes, for_tests, parse, root, rust_files, shown};

/// The crates whose types are compared.
const COMPARED: [&str; 5] = ["ledger", "projections", "plans", "replay", "cli"];

/// Names that may be defined more than once, and why.
const SHARED: [(&str, &str); 4] = [("Append", VERIFY), ("Frame", VERIFY), ("FrameHeader", VERIFY), ("Head", VERIFY)];

/// Why verification has types with names of the log.
const VERIFY: &str = "verification reads the format by code of its own, and shares none with the writer";

/// How many other names still are: a number that only gets smaller.
const AMBIGUOUS: usize = 0;

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
            _ => {}
        }
        syn::visit::visit_item(self, item);
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
    assert!(found.len() <= AMBIGUOUS, "{} names are defined more than once:\n{}", found.len(), found.join("\n"));
}
