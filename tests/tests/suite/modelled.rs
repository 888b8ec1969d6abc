//! The slow model gives the results of the worked examples and of the random histories of an independent program.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use crate::examples::AMENDMENTS;
use crate::model::Book;
use crate::support::{differs, shared};

const CASES: &str = include_str!("../../cases/random.jsonl");

/// Follows a `steps` text over files as the command would.
pub fn follow(steps: &str, file: &dyn Fn(&str) -> String) -> Vec<Value> {
    let mut book = Book::default();
    let mut statements = Vec::new();
    for step in steps.lines().filter(|line| !line.trim().is_empty()) {
        let (verb, what) = step.split_once(' ').expect("a verb and what to do it to");
        match verb {
            "publish" => book.publish(&file(what)),
            "record" => {
                for line in file(what).lines().filter(|line| !line.trim().is_empty()) {
                    book.record(&serde_json::from_str(line).expect("JSON"));
                }
            }
            "close" => statements.extend(book.close(what)),
            other => panic!("`{other}` is no step that this test knows"),
        }
    }
    statements
}

#[test]
fn the_model_gives_the_worked_examples() {
    let Some(examples) = shared("examples") else { return };
    let folders = std::fs::read_dir(examples).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut folders: Vec<_> = folders.filter(|folder| folder.is_dir()).collect();
    folders.sort();
    assert!(folders.len() >= 20, "only {} examples are there", folders.len());
    folders.iter().for_each(|folder| model_gives(folder));
}

#[test]
fn the_model_gives_the_cases_of_the_amendments() {
    let Some(cases) = shared("cases/amendments") else { return };
    AMENDMENTS.iter().for_each(|name| model_gives(&cases.join(name)));
}

fn model_gives(folder: &Path) {
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).expect("a file");
    let found = follow(&read("steps"), &read);
    let expected: Value = serde_json::from_str(&read("expected.json")).expect("JSON");
    if let Some(difference) = differs(&expected, &Value::Array(found), &folder.display().to_string()) {
        panic!("{difference}");
    }
}

#[test]
fn the_model_gives_the_histories_of_an_independent_program() {
    let mut wrong = Vec::new();
    for line in CASES.lines() {
        let case: Value = serde_json::from_str(line).expect("JSON");
        let files: BTreeMap<String, String> = serde_json::from_value(case["files"].clone()).expect("files");
        let mut found = follow(case["steps"].as_str().expect("steps"), &|name| files[name].clone());
        // These histories know no payments, and neither member.
        for statement in &mut found {
            statement["settlement"].as_object_mut().expect("sums").remove("set_off");
            statement["closing"].as_object_mut().expect("balances").remove("payable");
        }
        // What the model does not tell (a version that no text settles) is not compared.
        let difference = differs(&Value::Array(found), &case["expected"], "the model's ");
        wrong.extend(difference.map(|difference| format!("case {}: {difference}", case["name"])));
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}
