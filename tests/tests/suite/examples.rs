//! The worked examples, exactly, from the command line on a fresh book.

use std::path::Path;

use serde_json::Value;

use crate::audit;
use crate::explanations::check_statement;
use crate::ledger_programs;
use crate::support::{TestBook, differs, shared};

/// The worked cases of the amendments that are in the program.
pub const AMENDMENTS: &[&str] = &[
    "a1-added-dropped-first",
    "a2-leaver-and-late-start",
    "a3-refund-in-july",
    "a4-tiers-by-tcv-paid-on-arr",
    "a5-three-ends-of-a-fiscal-year",
    "a6-each-draw-begins-for-itself",
    "a7-floor-waits-for-usage",
];

fn expected(folder: &Path) -> Value {
    let text = std::fs::read_to_string(folder.join("expected.json")).expect("expected.json");
    serde_json::from_str(&text).expect("JSON")
}

#[test]
fn examples_give_what_they_say() {
    let Some(examples) = shared("examples") else { return };
    let folders = std::fs::read_dir(examples).expect("a folder").map(|entry| entry.expect("an entry").path());
    let folders: Vec<_> = folders.filter(|folder| folder.is_dir()).collect();
    assert!(folders.len() >= 20, "only {} examples are there", folders.len());
    folders.iter().for_each(|folder| gives_what_it_says(folder));
}

#[test]
fn amendments_give_what_they_say() {
    let Some(cases) = shared("cases/amendments") else { return };
    AMENDMENTS.iter().for_each(|name| gives_what_it_says(&cases.join(name)));
}

fn gives_what_it_says(folder: &Path) {
    let book = TestBook::with_book();
    let found = book.follow(folder);
    found.iter().for_each(check_statement);
    ledger_programs::accept(&book);
    audit::accept(&book);
    if let Some(difference) = differs(&expected(folder), &Value::Array(found), &folder.display().to_string()) {
        panic!("{difference}");
    }
}
